"""A share tells of those it counts and of those it does not: neither may be few."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procmine.effects.windows import utc
from procmine.indicators.baseline import freeze
from procmine.indicators.inputs import Inputs, Span
from procmine.indicators.judged import judged
from procmine.indicators.measure import change, figure
from procmine.indicators.overblik import overview
from procmine.indicators.told import value_of
from procmine.indicators.values import values
from tests.indicators.worlds import DEFINITIONS

if TYPE_CHECKING:
    from pathlib import Path

    from procmine.indicators.definitions import Indicator

YEAR = Span.of("2026-01-01", "2026-12-31")
SPRING, AUTUMN = Span.of("2026-01-01", "2026-06-30"), Span.of("2026-07-01", "2026-12-31")


def heard(
    done: list[bool], units: list[str | None] | None = None, months: list[int] | None = None
) -> Inputs:
    """Return a sanction case a citizen, decided on the 20th; `done`: heard before that."""
    months = months or [1] * len(done)
    start = pd.to_datetime([f"2026-{m:02d}-01" for m in months], utc=True)
    decided = pd.Series(start + pd.Timedelta(days=19))
    cases = pd.DataFrame(
        {
            "case_id": [f"s{i}" for i in range(len(done))],
            "citizen_id": [f"p{i}" for i in range(len(done))],
            "start": start,
            "decided": decided,
            "end": decided,
            "open": False,
            "unit": units or ["N"] * len(done),
        }
    )
    rows = []
    for i, yes in enumerate(done):
        if yes:
            rows.append((f"s{i}", 0, "partshoering_sendt", decided[i], None))
        rows.append((f"s{i}", 1, "afgoerelse_truffet", decided[i], "sanktion"))
    steps = pd.DataFrame(rows, columns=["case_id", "seq", "activity", "time", "outcome"])
    tables = {"cases": cases, "steps": steps}
    return Inputs("sanktion", "Sanktion", tables, utc("2027-01-01"), utc("2026-01-01"), 120)


def hearing() -> Indicator:
    found = DEFINITIONS.get("partshoering_foer_afgoerelse")
    assert found is not None
    return found


def row_of(inputs: Inputs) -> pd.Series:
    table = values(DEFINITIONS, inputs, YEAR)
    return table[table["indicator"] == hearing().id].iloc[0]


@pytest.mark.parametrize(
    ("hits", "text"),
    [
        (0, "0\u00a0% (0 af 141)"),
        (3, "under 5 af 141"),
        (5, "4\u00a0% (5 af 141)"),
        (136, "96\u00a0% (136 af 141)"),
        (138, "over 136 af 141"),
        (141, "100\u00a0% (141 af 141)"),
    ],
)
def test_small_parts_are_bounds(hits: int, text: str) -> None:
    """1 to 4 that count, or do not, are told as a bound; none and all are told."""
    inputs = heard([i < hits for i in range(141)])
    found = figure(hearing(), inputs, YEAR)
    row = row_of(inputs)
    few = hits in (3, 138)

    assert value_of(found, 5)[0] == text
    assert bool(row["suppressed"]) is few
    assert bool(pd.isna(row["value"])) is few
    assert bool(pd.isna(row["lower"])) is few
    assert row["n"] == 141


def test_of_8_neither_is_shown() -> None:
    """4 of 8 tell of two small numbers: no bound is left."""
    found = figure(hearing(), heard([True] * 4 + [False] * 4), YEAR)

    assert value_of(found, 5) == ("for få til at vise", "\u2013")


def test_cards_safeguards_and_baseline_hide_it(tmp_path: Path) -> None:
    """3 of 141 not heard: the safeguard is a bound, the file has counts but no value."""
    inputs = heard([i >= 3 for i in range(141)])

    told = overview(DEFINITIONS, inputs)
    file = tmp_path / "baseline.toml"
    sealed = freeze(file, DEFINITIONS, [inputs], YEAR, registered=YEAR.last, config={})
    rows = {row["indicator"]: row for row in sealed.document["figure"]}

    assert told.safeguards[0] == "Partshøring sendt før afgørelse: over 136 af 141."
    assert rows[hearing().id]["hidden"]
    assert rows[hearing().id]["cases"] == 141
    assert not {"value", "lower", "upper", "se"} & set(rows[hearing().id])


def test_a_change_with_a_small_side_has_no_numbers() -> None:
    """20 of 40 before, 3 of 40 now: neither sentence nor record tells the 3."""
    inputs = heard(
        [i < 20 for i in range(40)] + [i < 3 for i in range(40)], months=[2] * 40 + [8] * 40
    )
    found = change(hearing(), inputs, SPRING, AUTUMN)
    told = judged(found, inputs)
    assert told is not None
    row = told.record()
    table = values(DEFINITIONS, inputs, AUTUMN, before=SPRING)
    line = table[table["indicator"] == hearing().id].iloc[0]

    assert row["sentence"] == (
        "Partshøring sendt før afgørelse: før 50\u00a0% (20 af 40); efter under 5 af 40. "
        "Tallene er for små til en vurdering."
    )
    assert row["verdict"] == "FOR_LIDT_DATA"
    assert row["word"] == "for lidt data til at afgøre"
    assert row["value"] is None
    assert row["change"] is None
    assert line[["value", "change", "change_lower"]].isna().all()


def test_a_small_side_before_hides_the_baseline_and_the_change() -> None:
    """3 of 40 before, 20 of 40 now: the level now is shown, what tells of before is not."""
    inputs = heard(
        [i < 3 for i in range(40)] + [i < 20 for i in range(40)], months=[2] * 40 + [8] * 40
    )
    table = values(DEFINITIONS, inputs, AUTUMN, before=SPRING)
    line = table[table["indicator"] == hearing().id].iloc[0]

    assert line["value"] == 50.0
    assert line[["baseline", "change", "change_lower", "change_upper"]].isna().all()


def test_cases_of_no_unit_cannot_be_subtracted() -> None:
    """Two cases without a unit are no row, so another row is hidden with them."""
    units: list[str | None] = ["N"] * 40 + ["S"] * 12 + [None] * 2
    table = values(DEFINITIONS, heard([True] * 54, units), YEAR, by=["unit"])
    rows = table[(table["indicator"] == hearing().id) & (table["by"] == "unit")]

    assert rows.set_index("group")["n"].isna().to_dict() == {"N": False, "S": True}


def counts(row: pd.Series) -> tuple[float, float]:
    """Return what a row tells: how many, and how many of them were heard."""
    return float(row["n"]), float(row["n"]) * float(row["value"]) / 100


def small(number: float) -> bool:
    return 0.5 < number < 4.5


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from(["N", "S", "T", None]), st.integers(1, 4)),
        min_size=1,
        max_size=60,
    )
)
def test_no_small_number_by_subtraction(world: list[tuple[bool, str | None, int]]) -> None:
    """What is left of a total when all shown rows are taken from it is nobody or not few."""
    done, units, months = (list(part) for part in zip(*world, strict=True))
    table = values(DEFINITIONS, heard(done, units, months), YEAR, by=["unit", "month"])
    mine = table[table["indicator"] == hearing().id]
    total = mine[mine["by"] == ""].iloc[0]
    if pd.isna(total["n"]):
        assert mine["n"].isna().all() or (mine["n"].fillna(0) == 0).all()
        return
    for by in ("unit", "month"):
        rows = mine[(mine["by"] == by)]
        shown = rows[rows["n"].notna()]
        assert not small(total["n"] - shown["n"].astype(float).sum())
        if pd.isna(total["value"]):
            continue
        known = [counts(row) for _, row in rows.iterrows() if pd.notna(row["value"])]
        n, hits = counts(total)
        left = hits - sum(h for _, h in known)
        assert not small(left)
        assert not small((n - hits) - sum(b - h for b, h in known))
