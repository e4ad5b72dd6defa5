"""The network of handovers: pairs of units, their gaps, and what goes straight back."""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import pairwise
from statistics import fmean, median
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from procmine.discovery.handovers import handover_network
from procmine.errors import StoreError
from procmine.store.snapshot import Snapshot

if TYPE_CHECKING:
    from pathlib import Path

Hand = tuple[int, str, str, float, bool]
"""Number of the visit, from, to, days, and whether it counts."""

HANDS: list[Hand] = [
    (1, "J", "Y", 2.0, True), (2, "Y", "J", 5.0, True), (3, "J", "Y", 4.0, True),
    (1, "J", "Y", 9.0, True), (2, "Y", "K", 1.0, True), (3, "K", "Y", 1.0, False),
]  # fmt: skip


def snapshot_of(folder: Path, hands: list[Hand]) -> Snapshot:
    place = folder / "facts" / "00-p"
    place.mkdir(parents=True)
    listed = [{"name": "p", "label": "P", "case_type": "p", "folder": "00-p"}]
    (folder / "processes.json").write_text(json.dumps({"processes": listed}), encoding="utf-8")
    visit, giving, taking, days, counted = zip(*hands, strict=True) if hands else [()] * 5
    table = {
        "visit": pa.array(visit, pa.int64()),
        "from": pa.array(giving, pa.string()).dictionary_encode(),
        "to": pa.array(taking, pa.string()).dictionary_encode(),
        "gap_days": pa.array(days, pa.float64()),
        "counted": pa.array(counted, pa.bool_()),
    }
    pq.write_table(pa.table(table), place / "handovers.parquet", row_group_size=1_000)
    return Snapshot(folder)


def test_pairs_with_gaps_and_returns(tmp_path: Path) -> None:
    """J to Y three times (2, 4, 9 days), once as a return; the one after the end left out."""
    found = handover_network(snapshot_of(tmp_path, HANDS))

    assert found.to_numpy().tolist() == [
        ["J", "Y", 3, 1, 5.0, 4.0],
        ["Y", "J", 1, 1, 5.0, 5.0],
        ["Y", "K", 1, 0, 1.0, 1.0],
    ]


def test_phases_aside_are_counted_on_request(tmp_path: Path) -> None:
    """Asked for whole, K to Y is there, and goes back to where the case came from."""
    found = handover_network(snapshot_of(tmp_path, HANDS), whole=True)

    assert found[found["from"] == "K"].to_numpy().tolist() == [["K", "Y", 1, 1, 1.0, 1.0]]


def test_a_case_does_not_return_to_the_unit_of_the_case_before(tmp_path: Path) -> None:
    """The last handover of one case and the first of the next are none of each other's."""
    found = handover_network(
        snapshot_of(tmp_path, [(1, "J", "Y", 1.0, True), (1, "Y", "J", 1.0, True)])
    )

    assert found["returns"].tolist() == [0, 0]


def test_a_process_without_handovers_has_an_empty_network(tmp_path: Path) -> None:
    """No rows, with the columns."""
    found = handover_network(snapshot_of(tmp_path, []))

    assert found.empty
    assert list(found) == ["from", "to", "n", "returns", "mean_gap_days", "median_gap_days"]


@pytest.mark.parametrize("units", [7, 300])
def test_the_network_is_that_of_a_loop_over_the_handovers(tmp_path: Path, units: int) -> None:
    """Few units and more than pairs have places for, some of which only give or only take."""
    rng = np.random.default_rng(units)
    hands: list[Hand] = []
    for _ in range(400):
        way = rng.integers(0, units, rng.integers(2, 9))
        for visit, (a, b) in enumerate(pairwise(way.tolist()), 1):
            hands.append((visit, f"u{a:03d}", f"u{b:03d}", float(rng.integers(0, 50)), True))
    days: dict[tuple[str, str], list[float]] = defaultdict(list)
    returns: dict[tuple[str, str], int] = defaultdict(int)
    before = ""
    for visit, a, b, gap, _ in hands:
        days[a, b].append(gap)
        returns[a, b] += visit > 1 and before == b
        before = a
    expected = [
        [a, b, len(gaps), returns[a, b], pytest.approx(fmean(gaps)), median(gaps)]
        for (a, b), gaps in sorted(days.items(), key=lambda item: (-len(item[1]), item[0]))
    ]

    assert handover_network(snapshot_of(tmp_path, hands)).to_numpy().tolist() == expected


def test_where_all_count_none_is_left_out(tmp_path: Path) -> None:
    """The footer tells that every handover counts; asked for whole, the answer is the same."""
    snapshot = snapshot_of(tmp_path, [(*hand[:4], True) for hand in HANDS])

    found = handover_network(snapshot)

    assert found["n"].sum() == len(HANDS)
    pd.testing.assert_frame_equal(found, handover_network(snapshot, whole=True))


def test_facts_of_an_older_version_ask_to_be_made_anew(tmp_path: Path) -> None:
    """A table without the column that says what counts is not guessed at."""
    snapshot = snapshot_of(tmp_path, HANDS)
    file = snapshot.facts_file("p", "handovers")
    pq.write_table(pq.read_table(file).drop_columns(["counted"]), file)

    with pytest.raises(StoreError, match="recompute"):
        handover_network(snapshot)
