"""The worked examples of design section 3, the toys of methods section 2, and edge cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.facts.toy import BARE, Ev, Toy, at, config_with, facts

AA = [Ev("udeblivelse_registreret", "AA"), Ev("haendelse_indberettet", "AA")]
JC = [Ev("partshoering_sendt", "JC"), Ev("indstilling_sendt_yc", "JC")]
RETURN = [Ev("indstilling_modtaget_yc", "YC"), Ev("returneret_til_jc", "YC")]
DECISION = [
    Ev("indstilling_modtaget_yc", "YC"),
    Ev("afgoerelse_truffet", "YC", outcome="sanktion"),
    Ev("afgoerelse_meddelt", "YC"),
    Ev("effektueret", "YC"),
]
ENDED = [Ev("ydelse_modregnet", "SYS")]
NO_MANDATES = config_with({"mandates.toml": ""})


def graded(events: list[Ev], **options: object) -> list[tuple[object, ...]]:
    """Return (to, grade, reason of redundancy) of each handover."""
    found = facts(Toy(events, **options))
    return [(r["to"], r["grade"], r["redundant_reason"]) for r in found.handovers]


def redundant(events: list[Ev], **options: object) -> tuple[object, object]:
    """Return the case's own handovers and redundant handovers."""
    (case,) = facts(Toy(events, **options)).cases
    return case["handovers"], case["redundant_handovers"]


def test_vejles_own_example() -> None:
    """AA reports, JC hears and recommends, YC only decides: 2 handovers, none redundant, G0b."""
    events = [*AA, *JC, *DECISION, *ENDED]

    assert redundant(events) == (2, 0)
    assert graded(events) == [("JC", "G5", None), ("YC", "G0b", None)]


def test_return_after_which_the_citizen_is_contacted() -> None:
    """One YC return after which the JC contacts the citizen is a safeguard (GK)."""
    events = [*AA, *JC, *RETURN, Ev("kontaktforsoeg", "JC"), *DECISION, *ENDED]

    assert redundant(events) == (4, 0)
    assert [row[1] for row in graded(events)] == ["G5", "GK", "G5", "G0b"]


def test_return_that_is_only_supplemented() -> None:
    """The same where the JC only supplements: G2, the way out and the way back redundant."""
    events = [*AA, *JC, *RETURN, Ev("suppleret_af_jc", "JC"), *DECISION, *ENDED]

    assert redundant(events) == (4, 2)
    assert graded(events)[1:] == [
        ("YC", "G2", "entered"), ("JC", None, "merged"), ("YC", "G0b", None),
    ]  # fmt: skip


def test_complaint() -> None:
    """A complaint that goes by the JC for elaboration: the JC visit is G3, none redundant."""
    complaint = [
        Ev("klage_modtaget", "YC"), Ev("sendt_til_uddybning", "YC"),
        Ev("uddybning_udarbejdet", "JC"), Ev("uddybning_modtaget", "YC"), Ev("genvurderet", "YC"),
    ]  # fmt: skip
    found = facts(Toy([*AA, *JC, *DECISION, *ENDED, *complaint]))

    assert [r["grade"] for r in found.handovers[2:]] == ["G3", "G5"]
    assert {r["phase"] for r in found.handovers[2:]} == {"efter"}
    assert found.cases[0]["handovers"] == 2
    assert not any(r["redundant"] for r in found.handovers)


def test_h1_collapse_from_the_left() -> None:
    """JC, YC (received, returned), JC (supplemented), YC (decision): 3 handovers, 2 redundant."""
    start = [Ev("udeblivelse_registreret", "JC"), *JC]
    events = [*start, *RETURN, Ev("suppleret_af_jc", "JC"), *DECISION, *ENDED]

    assert graded(events) == [
        ("YC", "G2", "entered"), ("JC", None, "merged"), ("YC", "G0b", None),
    ]  # fmt: skip
    assert redundant(events) == (3, 2)


def test_mandated_visit_with_a_product_beyond() -> None:
    """A YC visit that also talks with the citizen is G0: mandated, with a new product."""
    beyond = [*DECISION, Ev("kontaktforsoeg", "YC"), *ENDED]

    assert graded([*AA, *JC, *beyond])[-1] == ("YC", "G0", None)


def test_h2_meeting_of_several_units() -> None:
    """A, {A, B, C}, A has no handover: the current unit stays where it is among several."""
    events = [
        Ev("udeblivelse_registreret", "JC"), Ev("kontaktforsoeg", "YC JC RT"),
        Ev("rimelig_grund_vurderet", "JC"),
    ]  # fmt: skip

    assert graded(events) == []


def test_several_units_without_the_current() -> None:
    """Where the current unit is not among them, the least id takes over."""
    found = facts(Toy([Ev("udeblivelse_registreret", "JC"), Ev("kontaktforsoeg", "YC RT AST")]))

    assert found.column("steps", "unit") == ["JC", "AST"]


def test_several_units_with_a_skipped_one() -> None:
    """The citizen beside a unit is no hand and gives way, though the id is less."""
    found = facts(Toy([Ev("udeblivelse_registreret", "JC"), Ev("kontaktforsoeg", "BO YC")]))

    assert found.column("steps", "unit") == ["JC", "YC"]


def test_h3_case_shift_is_not_a_handover() -> None:
    """A colleague's step in the same unit is no handover, whoever is responsible."""
    events = [
        Ev("udeblivelse_registreret", "JC", by="P1"), Ev("kontaktforsoeg", "JC", by="P2"),
        Ev("rimelig_grund_vurderet", "JC", by="P1"),
    ]  # fmt: skip

    assert graded(events) == []


def test_pass_through() -> None:
    """A visit without product that goes on to a unit of another kind is G1."""
    events = [*AA, *JC, Ev("indstilling_modtaget_yc", "RT"), *DECISION, *ENDED]

    assert graded(events)[1:] == [("RT", "G1", "entered"), ("YC", "G0b", None)]
    assert redundant(events) == (3, 1)


def test_return_to_another_unit_of_the_kind() -> None:
    """Back to another unit of the previous unit's known kind is a return too (G2)."""
    events = [
        Ev("udeblivelse_registreret", "JC-Nord"), Ev("indstilling_modtaget_yc", "YC"),
        Ev("rimelig_grund_vurderet", "JC-Syd"),
    ]  # fmt: skip

    assert graded(events) == [("YC", "G2", "entered"), ("JC-Syd", "G5", None)]


def test_unknown_kinds_are_hands_and_never_the_same() -> None:
    """Two units of unknown kind are not of one kind: going on to the other is G1."""
    events = [
        Ev("udeblivelse_registreret", "Alfa"), Ev("indstilling_modtaget_yc", "YC"),
        Ev("rimelig_grund_vurderet", "Beta"),
    ]  # fmt: skip

    assert graded(events) == [("YC", "G1", "entered"), ("Beta", "G5", None)]
    back = [events[0], events[1], replace(events[2], unit="Alfa")]
    assert graded(back) == [("YC", "G2", "entered"), ("Alfa", None, "merged")]


def test_adjacent_redundant_visits() -> None:
    """A, B, C, A with empty B and C: both vanish, and the way back with them."""
    events = [
        Ev("udeblivelse_registreret", "JC"), Ev("indstilling_modtaget_yc", "YC"),
        Ev("indstilling_modtaget_yc", "RT"), Ev("rimelig_grund_vurderet", "JC"),
    ]  # fmt: skip

    assert graded(events) == [
        ("YC", "G1", "entered"), ("RT", "G2", "entered"), ("JC", None, "merged"),
    ]  # fmt: skip
    assert redundant(events) == (3, 3)


def test_open_case_whose_return_is_not_told_yet() -> None:
    """In an open case a return whose next visit is the last has no grade and is kept."""
    events = [*AA, *JC, *RETURN, Ev("suppleret_af_jc", "JC")]
    found = facts(Toy(events))

    assert [(r["grade"], r["grade_reason"], r["redundant"]) for r in found.handovers[1:]] == [
        (None, "open", False), ("G5", "last_visit", False),
    ]  # fmt: skip
    assert found.cases[0]["not_assessable_handovers"] == 1
    assert found.cases[0]["open"] is True


def test_the_same_return_in_a_case_that_ended() -> None:
    """Once the case has ended, the return that changed nothing is G2."""
    events = [*AA, *JC, *RETURN, Ev("suppleret_af_jc", "JC"), *ENDED]

    assert graded(events)[1:] == [("YC", "G2", "entered"), ("JC", None, "merged")]


def test_answer_of_the_citizen_counts_to_the_unit_that_asked() -> None:
    """An answer that comes while another unit has the case counts to the asker's next visit."""
    answer = Ev("partshoeringssvar_modtaget", "BO")
    events = [*AA, *JC, *RETURN[:1], answer, *RETURN[1:], Ev("suppleret_af_jc", "JC"), *DECISION]
    found = facts(Toy(events))

    assert found.column("visits", "product") == ["new", "new", "none", "new", "new"]
    assert [r["grade"] for r in found.handovers] == ["G5", "GK", "G5", "G0b"]


def test_value_step_of_a_skipped_unit_counts_where_it_falls() -> None:
    """Information from the citizen that closes nothing counts to the visit it falls in."""
    told = [Ev("vejledning_givet", "BO"), Ev("kontaktforsoeg", "RT")]
    found = facts(Toy([*AA, *JC, *RETURN, *told]))

    assert found.column("visits", "product") == ["new", "new", "new", "new"]


LOCAL = """
[[mandate]]
id = "law"
process = "sanktion"
from_kind = "JC"
to_kind = "YC"
purpose = ["indstilling_modtaget_yc"]
basis = "{basis}"
valid_from = {begin}
valid_to = {end}
"""


@pytest.mark.parametrize(
    ("basis", "begin", "end", "grade", "rule"),
    [
        ("law", "2026-03-02", "2026-03-02", "G0b", "law"),
        ("law", "2026-03-03", "2026-03-31", "G5", "law"),
        ("law", "2026-01-01", "2026-03-01", "G5", "law"),
        ("local", "2026-01-01", "2026-12-31", "G5", "law"),
    ],
)
def test_validity_and_basis(basis: str, begin: str, end: str, grade: str, rule: str) -> None:
    """A law row holds on both its days; outside them, or local, the visit is G5."""
    config = config_with({"mandates.toml": LOCAL.format(basis=basis, begin=begin, end=end)})
    found = facts(Toy([*AA, *JC, *RETURN, Ev("kontaktforsoeg", "RT")], config=config))

    row = found.handovers[1]
    assert (row["grade"], row["rule"], row["mandated"]) == (grade, rule, grade == "G0b")


def test_after_names_the_senders_last_step() -> None:
    """A row with a last step of the sender holds only where that was it."""
    rule = LOCAL.format(basis="law", begin="2026-01-01", end="2026-12-31").replace(
        'purpose = ["indstilling_modtaget_yc"]', 'after = ["indstilling_sendt_yc"]'
    )
    config = config_with({"mandates.toml": rule})
    tail = [*RETURN, Ev("kontaktforsoeg", "RT")]

    assert graded([*AA, *JC, *tail], config=config)[1][1] == "G0b"
    assert graded([*AA, *JC[::-1], *tail], config=config)[1][1] == "G1"


def test_without_mandates() -> None:
    """With an empty rule table nothing is mandated; the last visit is G5."""
    assert [row[1] for row in graded([*AA, *JC, *DECISION], config=NO_MANDATES)] == ["G5", "G5"]


def test_day_order() -> None:
    """A visit on one day with day stamps has no grade, is kept, and counts as not assessable."""
    day = date(2026, 3, 3)
    returned = [replace(ev, time=day) for ev in RETURN]
    later = [replace(ev, time=at(4, 9 + n)) for n, ev in enumerate(DECISION)]
    found = facts(Toy([*AA, *JC, *returned, Ev("suppleret_af_jc", "JC", at(4, 8)), *later]))

    assert [(r["grade"], r["grade_reason"], r["redundant"]) for r in found.handovers[1:2]] == [
        (None, "day_order", False)
    ]
    assert found.handovers[1]["gap_business_hours"] is None
    assert found.handovers[1]["gap_days"] == 1.0
    assert found.cases[0]["not_assessable_handovers"] == 1


def test_neighbours_day_stamp_of_that_day() -> None:
    """A day stamp of the next visit on the same day leaves the visit before it without a grade."""
    events = [
        Ev("udeblivelse_registreret", "JC", at(2)), Ev("indstilling_modtaget_yc", "YC", at(3)),
        Ev("rimelig_grund_vurderet", "RT", date(2026, 3, 3)), Ev("kontaktforsoeg", "JC", at(4)),
    ]  # fmt: skip
    found = facts(Toy(events))

    # The day stamp's rank is below that of the step at 09:00, so it comes first that day.
    assert found.column("steps", "activity")[1:3] == [
        "rimelig_grund_vurderet", "indstilling_modtaget_yc",
    ]  # fmt: skip
    assert [r["grade_reason"] for r in found.handovers] == ["day_order", "day_order", "last_visit"]


def test_without_a_catalogue() -> None:
    """An imported log has visits and handovers, but neither grades nor redundant ones."""
    config = config_with({}, defaults=False)
    toy = Toy(
        [Ev("a", "Alfa"), Ev("b", "Beta"), Ev("c", "Alfa")],
        case_type="claim", process="claim", config=config, roles=BARE,
    )  # fmt: skip
    found = facts(toy)

    assert [(r["from"], r["to"]) for r in found.handovers] == [("Alfa", "Beta"), ("Beta", "Alfa")]
    for row in found.handovers:
        assert (row["grade"], row["redundant"], row["grade_reason"]) == (None, None, "no_catalogue")
    (case,) = found.cases
    assert (case["handovers"], case["redundant_handovers"]) == (2, None)
    assert case["not_assessable_handovers"] == 2
    assert case["open"] is None


def test_log_without_units() -> None:
    """Without a single unit handovers cannot be counted: empty, not none."""
    (case,) = facts(Toy([Ev("udeblivelse_registreret"), Ev("partshoering_sendt")])).cases

    assert case["handovers"] is None
    assert case["redundant_handovers"] is None


def test_step_in_no_catalogue() -> None:
    """A visit of which the only step stands in no catalogue cannot be assessed, and is kept."""
    found = facts(Toy([*AA, *JC, Ev("noget_lokalt", "RT"), *DECISION, *ENDED]))

    assert [(r["grade"], r["grade_reason"], r["redundant"]) for r in found.handovers[1:]] == [
        (None, "no_catalogue", None), ("G5", "last_visit", False),
    ]  # fmt: skip


def test_step_without_a_unit_beside_a_visit() -> None:
    """Whose the assessment is cannot be told: redundant by the rule, and marked as in doubt."""
    lost = [Ev("rimelig_grund_vurderet"), *RETURN, Ev("suppleret_af_jc", "JC")]
    found = facts(Toy([*AA, *JC, *lost, *DECISION, *ENDED]))

    assert [(r["grade"], r["redundant"], r["doubtful"]) for r in found.handovers[1:]] == [
        ("G2", True, True), (None, True, True), ("G0b", False, False),
    ]  # fmt: skip
    (case,) = found.cases
    assert (case["redundant_handovers"], case["not_assessable_handovers"]) == (2, 0)
    assert "Tvivl:" in found.handovers[1]["explanation"]


def test_step_of_citizens_or_systems_leaves_no_doubt() -> None:
    """A deadline that ran out is nobody's product, unit or not."""
    events = [*AA, *JC, Ev("partshoeringsfrist_udloebet"), *RETURN, Ev("suppleret_af_jc", "JC")]
    found = facts(Toy([*events, *DECISION, *ENDED]))

    assert [(r["redundant"], r["doubtful"]) for r in found.handovers] == [
        (False, False), (True, False), (True, False), (False, False),
    ]  # fmt: skip


def test_outcome_changed() -> None:
    """The last outcome before a visit against the first in or after it; else empty."""
    events = [
        *AA, *JC, *DECISION,
        Ev("klage_modtaget", "BO"), Ev("uddybning_udarbejdet", "JC"),
        Ev("genvurderet", "YC", outcome="aendret"),
    ]  # fmt: skip

    assert facts(Toy(events)).column("handovers", "outcome_changed") == [None, None, True, True]


def test_steps_without_unit_are_no_hands() -> None:
    """A step without a unit between two of one unit makes no visit of its own."""
    assert graded([Ev("udeblivelse_registreret", "JC"), Ev("kontaktforsoeg"), Ev("x", "JC")]) == []


def test_unit_names_mean_nothing() -> None:
    """Units by other names, kinds swapped together with the rule table: the same grades."""
    events = [*AA, *JC, *RETURN, Ev("suppleret_af_jc", "JC"), *DECISION, *ENDED]
    swap = {"JC": "YC", "YC": "JC", "AA": "AA", "SYS": "SYS"}
    swapped = [replace(ev, unit=swap[ev.unit]) for ev in events]
    rules = load_rules()
    for old, new in (("JC", "@"), ("YC", "JC"), ("@", "YC")):
        rules = rules.replace(f'kind = "{old}"', f'kind = "{new}"')
    config = config_with({"mandates.toml": rules})

    assert [row[1:] for row in graded(events)] == [
        row[1:] for row in graded(swapped, config=config)
    ]


def load_rules() -> str:
    return config_with({}).sources["mandates.toml"]


def test_explanation_names_who_when_and_what() -> None:
    """The sentence names both units, the day, the number of steps and the first and last."""
    events = [*AA, *JC, *RETURN, Ev("suppleret_af_jc", "JC"), *DECISION, *ENDED]
    text = str(facts(Toy(events)).handovers[1]["explanation"])

    assert text == (
        "YC fik sagen fra JC den 2. marts 2026 og gav den tilbage til JC uden noget nyt: retur "
        "uden produkt. Besøget har 2 trin, fra 'Indstilling modtaget i Ydelsescenter' til "
        "'Sag returneret til jobcenter'."
    )
