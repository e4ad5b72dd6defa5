"""The process map's counts and waiting, worked out by hand."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procmine.aggregates import ProcessMap, process_map, simplified
from tests.figures.toymap import many, tables


def edge(found: ProcessMap, source: str | None, target: str | None) -> Any:
    """Return the row of a way."""
    edges = found.edges
    rows = edges[
        (edges["from"].isna() if source is None else edges["from"] == source)
        & (edges["to"].isna() if target is None else edges["to"] == target)
    ]
    return None if rows.empty else rows.iloc[0]


def test_ways_carry_counts_and_waiting() -> None:
    """Two cases a-b after 1 and 3 days: two passages, median and mean 2 days, 48 hours."""
    steps, cases = tables({"1": [("a", 0), ("b", 1)], "2": [("a", 0), ("b", 3)]})
    found = process_map(steps, cases, disclose=True)
    way = edge(found, "a", "b")
    assert (way["n"], way["cases"], way["citizens"]) == (2, 2, 2)
    assert (way["median_days"], way["mean_days"], way["median_hours"]) == (2.0, 2.0, 48.0)
    assert edge(found, None, "a")["n"] == 2
    assert edge(found, "b", None)["n"] == 2


def test_an_open_case_leads_nowhere() -> None:
    """The last step of an open case has no way to the end, and is counted at its activity."""
    steps, cases = tables({"1": [("a", 0), ("b", 1)]}, still_open=frozenset({"1"}))
    found = process_map(steps, cases, disclose=True)
    assert edge(found, "b", None) is None
    assert found.nodes.set_index("activity").loc["b", "last_in_open"] == 1


def test_two_cases_of_one_citizen_are_one_citizen() -> None:
    """Citizens are counted once, however many cases they have."""
    steps, cases = tables(
        {"1": [("a", 0), ("b", 1)], "2": [("a", 0), ("b", 1)]}, citizens={"1": "p", "2": "p"}
    )
    assert edge(process_map(steps, cases, disclose=True), "a", "b")["citizens"] == 1


def test_day_stamps_give_whole_days_and_no_hours() -> None:
    """Where a stamp is a day only, the wait is whole days and has no hours."""
    steps, cases = tables({"1": [("a", 0), ("b", 2.04)]}, precision="day")
    way = edge(process_map(steps, cases, disclose=True), "a", "b")
    assert way["median_days"] == 2.0
    assert way["median_hours"] != way["median_hours"]


def test_rare_ways_and_activities_are_left_out() -> None:
    """A way of four citizens is not shown, nor an activity that only they reached."""
    log = many(["a", "b"], 20) | many(["a", "x", "b"], 4, "r")
    found = process_map(*tables(log))
    assert found.nodes["activity"].tolist() == ["a", "b"]
    assert (found.hidden_nodes, found.hidden_edges) == (1, 2)


def test_a_count_that_would_give_a_hidden_way_away_is_rounded() -> None:
    """The way a-x of four is hidden, so the count of a is shown as about."""
    log = many(["a", "b"], 20) | many(["a", "x", "b"], 4, "r")
    nodes = process_map(*tables(log)).nodes.set_index("activity")
    assert bool(nodes.loc["a", "approximate"])


def test_no_setting_goes_under_the_floor() -> None:
    """A minimum of one still hides what two citizens did."""
    log = many(["a", "b"], 20) | many(["a", "x", "b"], 2, "r")
    assert "x" not in set(process_map(*tables(log), minimum=1).nodes["activity"])


def test_the_simplified_map_keeps_each_activitys_strongest_ways() -> None:
    """Every kept activity keeps a way in and a way out."""
    log = many(list("abcdef"), 9) | many(list("acbfde"), 5, "s")
    small = simplified(process_map(*tables(log), disclose=True), nodes=4)
    kept = set(small.nodes["activity"])
    assert len(kept) == 4
    assert kept <= set(small.edges["to"].dropna()) | set(small.edges["from"].dropna())


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=6), min_size=1, max_size=8))
def test_counts_equal_a_plain_loop(traces: list[list[str]]) -> None:
    """Counts of ways equal those of a loop over the cases, whatever the log."""
    log = {str(i): [(a, float(d)) for d, a in enumerate(t)] for i, t in enumerate(traces)}
    expected: dict[tuple[str, str], int] = {}
    for trace in traces:
        for pair in pairwise(trace):
            expected[pair] = expected.get(pair, 0) + 1
    edges = process_map(*tables(log), disclose=True).edges
    inner = edges.dropna(subset=["from", "to"])
    got = {(r["from"], r["to"]): int(r["n"]) for r in inner.to_dict("records")}
    assert got == expected


def test_real_log_has_its_known_counts(real_logs: Any) -> None:
    """The Dutch permit log: 27 activities, 8,577 events, 7,143 passages in 1,434 cases."""
    pytest.importorskip("pandas")
    steps, cases = real_logs("receipt.csv")
    found = process_map(steps, cases, disclose=True)
    inner = found.edges.dropna(subset=["from", "to"])
    assert (len(found.nodes), int(found.nodes["n"].sum())) == (27, 8577)
    assert int(inner["n"].sum()) == 8577 - 1434
