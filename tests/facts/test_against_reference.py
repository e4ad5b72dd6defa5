"""Grades column by column equal the plain reference on small random logs."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.facts import reference
from tests.facts.toy import Ev, Toy, config_with, facts

ACTIVITIES = (
    "udeblivelse_registreret", "partshoering_sendt", "partshoeringssvar_modtaget",
    "indstilling_sendt_yc", "indstilling_modtaget_yc", "returneret_til_jc", "suppleret_af_jc",
    "kontaktforsoeg", "afgoerelse_truffet", "afgoerelse_meddelt", "effektueret",
    "ydelse_modregnet", "klage_modtaget", "sendt_til_uddybning", "uddybning_udarbejdet",
    "genvurderet", "ukendt_trin",
)  # fmt: skip
UNITS = ("JC-1", "JC-2", "YC-1", "RT-1", "X1", "X2", "BO", "", "JC-1 YC-1", "BO JC-2",
         "YC-1 X1 RT-1")  # fmt: skip
MANDATES = """
[[mandate]]
id = "law"
process = "sanktion"
from_kind = "JC"
to_kind = "YC"
purpose = ["afgoerelse_truffet", "effektueret"]
basis = "law"
valid_to = 2026-03-03
[[mandate]]
id = "after"
process = "sanktion"
from_kind = "YC"
to_kind = "RT"
after = ["indstilling_sendt_yc"]
basis = "law"
[[mandate]]
id = "local"
process = "*"
from_kind = "*"
to_kind = "RT"
purpose = ["kontaktforsoeg"]
basis = "local"
[[mandate]]
id = "any"
process = "*"
from_kind = "JC"
to_kind = "*"
after = ["klage_modtaget"]
purpose = ["genvurderet"]
basis = "law"
valid_from = 2026-03-03
"""
COLUMNS = (
    "case_id", "from_event", "to_event", "from", "to", "grade", "grade_reason", "redundant",
    "doubtful", "mandated", "rule",
)  # fmt: skip
CONFIG = config_with({"mandates.toml": MANDATES})


def handovers(toy: Toy, **options: int) -> list[tuple[object, ...]]:
    """Return the computed handovers in the reference's form."""
    return [tuple(row[name] for name in COLUMNS) for row in facts(toy, **options).handovers]


@st.composite
def events(draw: st.DrawFn) -> list[Ev]:
    size = draw(st.integers(1, 24))
    found = []
    hour = 8
    for number in range(size):
        hour += draw(st.sampled_from((0, 1, 1, 5, 24)))
        stamp = reference.moment(hour)
        by_day = draw(st.integers(0, 9)) == 0
        found.append(
            Ev(
                draw(st.sampled_from(ACTIVITIES)),
                draw(st.sampled_from(UNITS)),
                stamp.date() if by_day else stamp,
                case=draw(st.sampled_from(("C1", "C1", "C2", "C3", "C1 C2"))),
                outcome=draw(st.sampled_from((None, "ingen_sanktion", "sanktion"))),
                id=f"e{number * 7 % 25:02d}",
            )
        )
    return found


def toy_of(listed: list[Ev]) -> Toy:
    return Toy(listed, config=CONFIG, units={"JC-1": "JC", "JC-2": "JC", "X1": None, "X2": None})


@settings(max_examples=25, deadline=None)
@given(events())
def test_equals_the_reference(listed: list[Ev]) -> None:
    """Every grade, reason, rule and redundancy is what the rules written plainly give."""
    toy = toy_of(listed)

    assert reference.rows(toy) == handovers(toy)


def test_equals_the_reference_on_fixed_logs() -> None:
    """The same on logs drawn once, so that every reason is seen on each run."""
    seen = set()
    for seed in range(24):
        toy = toy_of(_drawn(random.Random(seed)))  # noqa: S311 - no secret
        expected = reference.rows(toy)
        seen |= {row[6] for row in expected}
        assert expected == handovers(toy, chunk_rows=1_000 if seed else 20), seed

    wanted = {
        "merged", "day_order", "mandated_new", "mandated_none", "last_visit", "appeal_new", "local",
        "appeal", "elaboration", "changed_something", "return_without_product",
        "pass_through", "no_catalogue", "other",
    }  # fmt: skip
    assert wanted <= seen


def _drawn(rng: random.Random) -> list[Ev]:
    found, hour = [], 8
    for number in range(60):
        hour += rng.choice((0, 1, 1, 3, 9))
        stamp = reference.moment(hour)
        day = rng.random() < 0.05
        found.append(
            Ev(
                rng.choice(ACTIVITIES), rng.choice(UNITS), stamp.date() if day else stamp,
                case=rng.choice(("C1", "C2", "C3", "C4", "C5")),
                outcome="ingen_sanktion" if rng.random() < 0.1 else None, id=f"e{number:02d}",
            )
        )  # fmt: skip
    return found


@settings(max_examples=8, deadline=None)
@given(events(), st.randoms(use_true_random=False))
def test_order_of_rows_is_nothing(listed: list[Ev], rng: random.Random) -> None:
    """Shuffling the rows of the log changes no handover."""
    shuffled = list(listed)
    rng.shuffle(shuffled)

    assert handovers(toy_of(listed)) == handovers(toy_of(shuffled))


@settings(max_examples=8, deadline=None)
@given(events())
def test_another_case_is_nothing(listed: list[Ev]) -> None:
    """An unrelated case changes nothing elsewhere."""
    other = [replace(ev, case="Z9", id=f"z{ev.id}") for ev in listed]
    both = handovers(toy_of([*listed, *other]))

    assert handovers(toy_of(listed)) == [row for row in both if row[0] != "Z9"]


@settings(max_examples=8, deadline=None)
@given(events())
def test_names_of_cases_are_nothing(listed: list[Ev]) -> None:
    """Renaming cases, in another alphabetical order too, changes only the names."""
    names = {"C1": "Z", "C2": "A", "C3": "M"}
    renamed = [replace(ev, case=" ".join(names[case] for case in ev.case.split())) for ev in listed]
    back = {new: old for old, new in names.items()}
    found = [(back[str(row[0])], *row[1:]) for row in handovers(toy_of(renamed))]

    # Sorted stably by case alone: the order within a case must be the same.
    assert handovers(toy_of(listed)) == sorted(found, key=lambda row: str(row[0]))


@pytest.mark.soak
def test_equals_the_reference_on_larger_logs() -> None:
    """The same on a hundred logs of 400 events and 40 cases, events in two cases among them."""
    for seed in range(1000, 1100):
        rng = random.Random(seed)  # noqa: S311 - no secret
        found, hour = [], 8
        for number in range(400):
            hour += rng.choice((0, 0, 1, 1, 2))
            stamp = reference.moment(hour)
            cases = {f"C{rng.randrange(40):02d}" for _ in range(rng.choice((1, 1, 1, 2)))}
            found.append(
                Ev(
                    rng.choice(ACTIVITIES), rng.choice(UNITS),
                    stamp.date() if rng.random() < 0.04 else stamp,
                    case=" ".join(sorted(cases)), id=f"e{number * 37 % 401:03d}",
                    outcome="ingen_sanktion" if rng.random() < 0.05 else None,
                )
            )  # fmt: skip
        toy = toy_of(found)
        assert reference.rows(toy) == handovers(toy), seed
