"""Months, curves, handovers, waits and documents as aggregates, worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from procmine.aggregates.casework import case_time, case_totals, cases_per_month
from procmine.aggregates.documents import document_coverage, document_statuses
from procmine.aggregates.handovers import (
    handover_grades,
    handover_matrix,
    handover_totals,
    ping_pong,
)
from procmine.aggregates.hands import hands_per_case
from procmine.aggregates.waits import unexplained_ways, wait_totals, waits_by_cause

DAY = timedelta(days=1)


def at(day: int, month: int = 3) -> datetime:
    """Return nine o'clock UTC of a day in 2026."""
    return datetime(2026, month, day, 9, tzinfo=UTC)


def case_rows(rows: list[tuple]) -> pd.DataFrame:
    """Return cases of (id, start, decided, end, open)."""
    frame = pd.DataFrame(rows, columns=["case_id", "start", "decided", "end", "open"])
    for name in ("start", "decided", "end"):
        frame[name] = pd.to_datetime(frame[name], utc=True).dt.as_unit("us")
    return frame.assign(citizen_id=frame["case_id"], no_start_step=False)


def test_the_curve_counts_open_cases_for_as_long_as_they_lasted() -> None:
    """Waits 5 and 7 days, one open since 9: the median is 7, where closed cases say 6."""
    rows = [(f"a{i}", at(1), at(6), at(6), False) for i in range(10)]
    rows += [(f"b{i}", at(1), at(8), at(8), False) for i in range(10)]
    rows += [(f"c{i}", at(1), None, None, True) for i in range(10)]
    found = case_time(case_rows(rows), at(10))
    assert (found.n, found.ended, found.median) == (30, 20, 7.0)


def test_a_case_that_ends_undecided_ends_there() -> None:
    """A case without a decision counts up to its end."""
    found = case_time(case_rows([("1", at(1), None, at(4), False)]), at(20), disclose=True)
    assert found.median == 3.0


def test_months_are_danish() -> None:
    """Half past eleven in the evening UTC on 31 March is 1 April in Denmark."""
    late = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
    rows = [(str(i), late, None, None, True) for i in range(6)]
    months = cases_per_month(case_rows(rows))
    assert [str(m)[:10] for m in months["month"]] == ["2026-04-01"]


def test_small_months_are_hidden_and_one_more_with_them() -> None:
    """A month of two cases is hidden, and the least of the others, for totals are shown."""
    rows = [(f"a{i}", at(2, 1), None, None, True) for i in range(2)]
    rows += [(f"b{i}", at(2, 2), None, None, True) for i in range(9)]
    rows += [(f"c{i}", at(2, 3), None, None, True) for i in range(30)]
    months = cases_per_month(case_rows(rows))
    assert months["suppressed"].tolist() == [True, True, False]
    assert months["n"].isna().tolist() == [True, True, False]


def test_a_log_without_ends_has_no_open_cases() -> None:
    """Where every case's open is empty the total of open ones is None, not 0."""
    cases = case_rows([("1", at(1), None, at(4), None)])
    assert case_totals(cases).open is None


def hand_rows(pairs: list[tuple]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return handovers of (case, from, to, redundant) and their cases."""
    frame = pd.DataFrame(pairs, columns=["case_id", "from", "to", "redundant"])
    frame["redundant"] = frame["redundant"].astype("boolean")
    frame = frame.assign(
        from_kind=None, to_kind=None, phase=None, gap_days=1.0, grade=None, outcome_changed=None,
        avoidable_business_hours=0.0,
    )  # fmt: skip
    frame["outcome_changed"] = frame["outcome_changed"].astype("boolean")
    for name in ("from_kind", "to_kind", "phase", "grade"):
        frame[name] = frame[name].astype("string")
    names = sorted(set(frame["case_id"]))
    return frame, case_rows([(n, at(1), at(2), at(2), False) for n in names])


def test_handovers_are_counted_by_pair_with_the_redundant_ones() -> None:
    """Twelve cases A-B, six of them redundant: 12 and 6; per 100 cases 50."""
    handovers, cases = hand_rows([(str(i), "A", "B", i < 6) for i in range(12)])
    matrix = handover_matrix(handovers, cases)
    assert matrix[["n", "redundant"]].iloc[0].tolist() == [12, 6]
    assert handover_totals(handovers, cases).per_hundred == 50.0


@pytest.mark.parametrize("few", [2, 10])
def test_few_redundant_or_few_others_are_hidden_in_a_cell_that_is_shown(few: int) -> None:
    """Of twelve cases A-B two are redundant, or all but two: only the twelve are told."""
    handovers, cases = hand_rows([(str(i), "A", "B", i < few) for i in range(12)])
    row = handover_matrix(handovers, cases).iloc[0]
    assert row["n"] == 12
    assert pd.isna(row["redundant"])
    assert not row["suppressed"]
    grade = handover_grades(handovers, cases).iloc[0]
    assert pd.isna(grade["redundant"])


def test_ungraded_handovers_are_counted_and_not_called_needed() -> None:
    """Without grades the number of redundant ones is None."""
    handovers, cases = hand_rows([("1", "A", "B", None)])
    totals = handover_totals(handovers, cases)
    assert (totals.handovers, totals.redundant, totals.per_hundred) == (1, None, None)


def test_phases_after_the_end_are_apart() -> None:
    """A handover in a phase that is not the case's own is not counted."""
    handovers, cases = hand_rows([("1", "A", "B", None)])
    handovers["phase"] = "efter"
    assert handover_totals(handovers, cases, aside=("efter",)).handovers == 0


def visit_rows(case: str, units: str) -> pd.DataFrame:
    """Return the visits of a case, one letter a unit."""
    return pd.DataFrame(
        {"case_id": case, "visit": range(len(units)), "unit": list(units), "phase": None}
    ).astype({"phase": "string"})


def test_ping_pong_is_the_longest_run_back_and_forth() -> None:
    """JC, YC, JC, YC is one episode of depth 3 (methods, toy H1)."""
    cases = case_rows([("1", at(1), None, None, True)])
    found = ping_pong(visit_rows("1", "JYJY"), cases, disclose=True).iloc[0]
    assert (found["one"], found["other"], found["episodes"], found["deepest"]) == ("J", "Y", 1, 3)


def test_two_episodes_are_told_apart() -> None:
    """A, B, A, C, A is one episode with B and one with C, each of depth 2."""
    cases = case_rows([("1", at(1), None, None, True)])
    found = ping_pong(visit_rows("1", "ABACA"), cases, disclose=True)
    assert found[["one", "other", "episodes", "deepest"]].values.tolist() == [
        ["A", "B", 1, 2], ["A", "C", 1, 2],
    ]  # fmt: skip


def test_no_ping_pong_without_a_return() -> None:
    """A, B, C is no episode."""
    cases = case_rows([("1", at(1), None, None, True)])
    assert ping_pong(visit_rows("1", "ABC"), cases, disclose=True).empty


def wait_rows(rows: list[tuple]) -> pd.DataFrame:
    """Return waits of (case, cause, nature, days)."""
    frame = pd.DataFrame(rows, columns=["case_id", "cause", "nature", "days"])
    return frame.assign(
        from_event="e", to_event="f", from_activity="a", to_activity="b", holder="U",
        days_low=frame["days"], days_high=frame["days"], business_hours=frame["days"] * 5,
        assumed_deadline=False, censored=False,
    )  # fmt: skip


def test_causes_sum_to_the_whole() -> None:
    """Citizen 14, document 7, unexplained 2 (design section 4): 23 days for each case."""
    rows = []
    for i in range(6):
        rows += [(str(i), "citizen", "v", 14.0), (str(i), "document", "ekstern", 7.0)]
        rows += [(str(i), "unexplained", "ukendt", 2.0)]
    cases = case_rows([(str(i), at(2), at(25), at(25), False) for i in range(6)])
    causes = waits_by_cause(wait_rows(rows), cases)
    assert dict(zip(causes["cause"], causes["days"], strict=True)) == {
        "citizen": 84.0, "document": 42.0, "unexplained": 12.0,
    }  # fmt: skip
    assert wait_totals(wait_rows(rows), cases).days == 138.0


def test_ways_without_a_cause_are_ranked_by_their_days() -> None:
    """Only time without a cause is listed; a way of one citizen is left out."""
    rows = [(str(i), "unexplained", "ukendt", 2.0) for i in range(6)]
    cases = case_rows([(str(i), at(2), at(25), at(25), False) for i in range(6)])
    assert unexplained_ways(wait_rows(rows), cases)["days"].tolist() == [12.0]
    assert unexplained_ways(wait_rows(rows[:1]), cases).empty


def test_documents_are_counted_by_status() -> None:
    """Six documents of one status in six citizens' cases are six."""
    documents = pd.DataFrame(
        {
            "document_id": [f"d{i}" for i in range(6)],
            "case_id": [str(i) for i in range(6)],
            "kind": "K",
            "status": "used",
            "flags": "",
            "first_used": pd.to_datetime([at(3)] * 3 + [None] * 3, utc=True),
            "wait_caused_hours": 24.0,
        }
    )
    cases = case_rows([(str(i), at(2), at(25), at(25), False) for i in range(6)])
    assert document_statuses(documents, cases)["n"].tolist() == [6]


def test_the_coverage_of_few_cases_is_hidden() -> None:
    """Six of twelve decided cases are linked: 50 %; of three cases nothing is said."""
    rows = pd.DataFrame(
        {
            "year": [2026, 2026],
            "unit": pd.Series([None, "U"], dtype="string"),
            "decided": [12, 3],
            "linked": [6, 3],
            "share": [0.5, 1.0],
            "assessable": [False, True],
        }
    )
    coverage = document_coverage(rows)
    assert coverage["coverage"].iloc[0] == 0.5
    assert coverage["suppressed"].tolist() == [False, True]


def test_redundant_handovers_that_cannot_be_told_are_not_none() -> None:
    """Without grades a cell says nothing of redundant handovers; 0 would be a finding."""
    cases = [{"case_id": f"c{n}", "citizen_id": None} for n in range(9)]
    moved = [
        {"case_id": f"c{n}", "from": "A", "to": "B", "from_kind": None, "to_kind": None,
         "redundant": None, "gap_days": 1.0, "phase": None}
        for n in range(9)
    ]  # fmt: skip
    types = {"redundant": "boolean"}
    found = handover_matrix(pd.DataFrame(moved).astype(types), pd.DataFrame(cases))

    assert found["n"].tolist() == [9]
    assert found["redundant"].isna().all()


def test_what_a_case_goes_through_on_average() -> None:
    """Means over the cases; one that only few citizens have anything of is hidden."""
    cases = pd.DataFrame({
        "case_id": [f"c{n}" for n in range(12)], "citizen_id": [f"p{n}" for n in range(12)],
        "hands": [2] * 6 + [3] * 6, "returns": [1] * 6 + [0] * 6, "unit_shifts": [1] + [0] * 11,
        "legal_minimum": [None] * 12,
    })  # fmt: skip
    found = hands_per_case(cases).set_index("measure")["mean"]

    assert list(found.index) == ["hands", "returns", "unit_shifts"]
    assert found[["hands", "returns"]].tolist() == [2.5, 0.5]
    assert pd.isna(found["unit_shifts"])
