"""No table of a page lets a count of 1 to 4 be had from its totals by subtraction."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from procmine.aggregates.casework import cases_per_month
from procmine.aggregates.documents import document_statuses
from procmine.aggregates.handovers import handover_grades, handover_matrix

UNITS = ("A", "B", "C")
GRADES = ("needed", "useful", None)
# A case of its own citizen each: month, where it goes, grade, redundant, status of its document.
CASE = st.tuples(
    st.integers(1, 4),
    st.sampled_from(UNITS),
    st.sampled_from(UNITS),
    st.sampled_from(GRADES),
    st.sampled_from([True, False, None]),
    st.sampled_from(["used", "unused", "duplicate"]),
)
WORLD = st.lists(st.tuples(CASE, st.integers(1, 9)), min_size=1, max_size=10)
KIND = {"A": "near", "B": "near", "C": "far"}


def world_of(rows: list[tuple]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return cases, handovers and documents of the drawn cases."""
    each = [row for row, times in rows for _ in range(times)]
    names = [f"c{i}" for i in range(len(each))]
    start = pd.Series([datetime(2026, row[0], 5, tzinfo=UTC) for row in each]).dt.as_unit("us")
    cases = pd.DataFrame(
        {
            "case_id": names, "citizen_id": names, "start": start, "decided": start,
            "end": start, "open": False, "no_start_step": False,
        }
    )  # fmt: skip
    hands = pd.DataFrame(
        {
            "case_id": names,
            "from": [row[1] for row in each],
            "to": [row[2] for row in each],
            "from_kind": [KIND[row[1]] for row in each],
            "to_kind": [KIND[row[2]] for row in each],
            "grade": pd.array([row[3] for row in each], dtype="string"),
            "redundant": pd.array([row[4] for row in each], dtype="boolean"),
            "outcome_changed": pd.array([row[4] for row in each], dtype="boolean"),
            "phase": pd.array([None] * len(each), dtype="string"),
            "gap_days": 1.0,
            "avoidable_business_hours": 0.0,
        }
    )
    papers = pd.DataFrame(
        {
            "document_id": names, "case_id": names, "status": [row[5] for row in each],
            "kind": "k", "flags": "", "wait_caused_hours": 0.0,
        }
    )  # fmt: skip
    return cases, hands, papers


def small(number: float) -> bool:
    return 0 < number < 5


def left(table: pd.DataFrame, column: str, total: float) -> bool:
    """Say whether what the hidden cells of a column add up to is small."""
    return small(total - float(table[column].fillna(0).sum()))


@settings(max_examples=20, deadline=None)
@given(WORLD)
def test_what_a_total_leaves_is_nobody_or_not_few(rows: list[tuple]) -> None:
    """Months, grades, matrix and statuses, each against every total that is shown of it."""
    cases, hands, papers = world_of(rows)
    size = len(cases)
    if size < 5:
        return

    months = cases_per_month(cases)
    for _, part in months.groupby("what"):
        assert not left(part, "n", size)
    assert not left(document_statuses(papers, cases), "n", size)

    grades = handover_grades(hands, cases)
    redundant = int(hands["redundant"].fillna(value=False).sum())
    assert not left(grades, "n", size)
    if not small(redundant) and not small(size - redundant):
        assert not left(grades, "redundant", redundant)
    for table in (grades, handover_matrix(hands, cases)):
        known = table.dropna(subset=["redundant"])
        assert not known["redundant"].map(small).any()
        assert not (known["n"] - known["redundant"]).map(small).any()


@settings(max_examples=20, deadline=None)
@given(WORLD)
def test_units_and_their_kinds_do_not_give_each_other_away(rows: list[tuple]) -> None:
    """The cells of units add up to the cells of kinds, which stand on the same page."""
    cases, hands, _ = world_of(rows)
    units, kinds = (handover_matrix(hands, cases, by=by) for by in ("unit", "kind"))  # type: ignore[arg-type]  # the two words
    assert len(units) == len(hands.groupby(["from", "to"]))
    if len(cases) >= 5:
        assert not left(units, "n", len(cases))
        assert not left(kinds, "n", len(cases))
    pairs = units.assign(
        pair=[(KIND[a], KIND[b]) for a, b in zip(units["from"], units["to"], strict=True)]
    )
    for row in kinds.dropna(subset=["n"]).to_dict("records"):
        inside = pairs[pairs["pair"] == (row["from"], row["to"])]
        assert not left(inside, "n", float(row["n"]))
