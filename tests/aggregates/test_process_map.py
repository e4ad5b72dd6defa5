"""The process map's counts and waiting, worked out by hand."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
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


def test_one_open_case_cannot_be_subtracted() -> None:
    """160 come, 159 go on and end, one is open: no sum of what is shown gives the one."""
    log = many(["a", "b"], 159) | many(["a"], 1, "o")
    steps, cases = tables(log, still_open=frozenset({"o0"}))
    found = process_map(steps, cases)
    assert found.edges["approximate"].all()
    assert found.edges["n"].tolist() == [160, 160, 160]
    assert found.edges["cases"].isna().all()


def test_counts_that_give_nothing_away_stay_exact() -> None:
    """Ten open cases and no rare way: every count is exact."""
    log = many(["a", "b"], 20) | many(["a"], 10, "o")
    steps, cases = tables(log, still_open=frozenset(f"o{i}" for i in range(10)))
    found = process_map(steps, cases)
    assert not found.nodes["approximate"].any()
    assert not found.edges["approximate"].any()


def hidden_parts(full: ProcessMap, shown: ProcessMap) -> list[tuple[list[Any], list[float]]]:
    """Return what a reader does not know: for each the sums it is in, and its true count.

    A sum is an activity with `in` or `out`; exact counts are known and so are no unknowns.
    """
    exact = {
        (row["from"], row["to"])
        for row in shown.edges.fillna({"from": "", "to": ""}).to_dict("records")
        if not row["approximate"]
    }
    still = int(full.nodes["last_in_open"].sum())
    kept = dict(zip(shown.nodes["activity"], shown.nodes["approximate"], strict=True))
    parts: list[tuple[list[Any], list[float]]] = []
    for row in full.edges.fillna({"from": "", "to": ""}).to_dict("records"):
        ends = (row["from"], row["to"])
        if ends not in exact:
            sums = [("out", ends[0])] * (ends[0] in kept) + [("in", ends[1])] * (ends[1] in kept)
            sums += [("all", "begin")] * (not ends[0]) + [("all", "end")] * (not ends[1])
            parts.append((sums, [1.0] * len(sums) + [float(row["n"])]))
    for row in full.nodes.to_dict("records"):
        known = shown.nodes.loc[shown.nodes["activity"] == row["activity"], "last_in_open"]
        if row["last_in_open"] and not known.notna().any():
            sums = [("out", row["activity"])] * (row["activity"] in kept)
            sums += [("all", "end" if 0 < still < 5 else "open")]
            parts.append((sums, [1.0] * len(sums) + [float(row["last_in_open"])]))
        if kept.get(row["activity"]):
            both = [("in", row["activity"]), ("out", row["activity"])]
            parts.append((both, [-1.0, -1.0, float(row["n"])]))
    return parts


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from("abcd"), min_size=1, max_size=4),
            st.integers(1, 12),
            st.booleans(),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_no_small_count_solves_from_the_map(world: list[tuple[list[str], int, bool]]) -> None:
    """No hidden count of 1 to 4 has one value only that fits the sums of what is shown."""
    log: dict[str, list[tuple[str, float]]] = {}
    still: set[str] = set()
    for i, (path, times, is_open) in enumerate(world):
        cases = many(path, times, f"v{i}-")
        log |= cases
        still |= set(cases) if is_open else set()
    # How many cases, and how many of them ended, is told elsewhere and not the map's to hide.
    assume(len(log) >= 5 and (len(log) == len(still) or len(log) - len(still) >= 5))
    steps, cases_table = tables(log, still_open=frozenset(still))
    full, shown = process_map(steps, cases_table, disclose=True), process_map(steps, cases_table)
    parts = hidden_parts(full, shown)
    names = sorted({name for sums, _ in parts for name in sums})
    if not names:
        return
    matrix = np.zeros((len(names), len(parts)))
    for j, (sums, weights) in enumerate(parts):
        for name, weight in zip(sums, weights, strict=False):
            matrix[names.index(name), j] += weight
    rank = np.linalg.matrix_rank(matrix)
    for j, (sums, weights) in enumerate(parts):
        if sums and 0 < weights[-1] < 5:
            unit = np.zeros((1, len(parts)))
            unit[0, j] = 1.0
            assert np.linalg.matrix_rank(np.vstack([matrix, unit])) > rank
