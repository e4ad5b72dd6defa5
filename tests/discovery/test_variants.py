"""Variants: distinct sequences of activities, whatever the order and the number of names."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from procmine.discovery.flow import variants
from procmine.discovery.traces import Traces, variant_frame
from procmine.store.snapshot import Snapshot

if TYPE_CHECKING:
    from pathlib import Path

Row = tuple[str, int, str, bool]
"""Case, place, activity, and whether the step is within the case."""

STEPS: list[Row] = [
    ("c1", 0, "note", False), ("c1", 1, "ask", True), ("c1", 2, "decide", True),
    ("c2", 0, "ask", True), ("c2", 1, "decide", True), ("c2", 2, "note", False),
    ("c3", 0, "decide", True),
    ("c4", 0, "ask", True), ("c4", 1, "ask", True),
]  # fmt: skip
PEOPLE = {"c1": "p", "c2": "p", "c3": None, "c4": "q"}


def snapshot_of(
    folder: Path, steps: list[Row] = STEPS, people: dict[str, str | None] = PEOPLE
) -> Snapshot:
    place = folder / "facts" / "00-p"
    place.mkdir(parents=True)
    listed = [{"name": "p", "label": "P", "case_type": "p", "folder": "00-p"}]
    (folder / "processes.json").write_text(json.dumps({"processes": listed}), encoding="utf-8")
    case, seq, activity, inside = zip(*steps, strict=True)
    table = {
        "case_id": case, "seq": seq, "in_case": inside,
        "activity": pa.array(activity).dictionary_encode(),
    }  # fmt: skip
    # Several row groups, whose dictionaries differ.
    pq.write_table(pa.table(table), place / "steps.parquet", row_group_size=4)
    within = Counter(row[0] for row in steps if row[3])
    cases = {
        "case_id": list(people), "citizen_id": pa.array(list(people.values()), pa.string()),
        "events": [within[name] for name in people],
    }  # fmt: skip
    pq.write_table(pa.table(cases), place / "cases.parquet")
    return Snapshot(folder)


def told(snapshot: Snapshot, *, whole: bool = False) -> list[tuple[list[str], int, int]]:
    found = variants(snapshot, whole=whole)
    columns = (found[name] for name in ("trace", "cases", "citizens"))
    return [(list(trace), int(n), int(c)) for trace, n, c in zip(*columns, strict=True)]


def test_variants_count_cases_and_their_distinct_citizens(tmp_path: Path) -> None:
    """Two cases of one citizen, one without a citizen, one of another; steps outside left out."""
    found = told(snapshot_of(tmp_path))

    assert found == [(["ask", "decide"], 2, 1), (["ask", "ask"], 1, 1), (["decide"], 1, 1)]


def test_steps_outside_the_case_stand_in_the_whole_trace(tmp_path: Path) -> None:
    """Asked for whole, what came before the start and after the end is there too."""
    found = told(snapshot_of(tmp_path), whole=True)

    assert found == [
        (["ask", "ask"], 1, 1),
        (["ask", "decide", "note"], 1, 1),
        (["decide"], 1, 1),
        (["note", "ask", "decide"], 1, 1),
    ]


@pytest.mark.parametrize("whole", [False, True])
def test_the_order_of_the_rows_changes_nothing(tmp_path: Path, *, whole: bool) -> None:
    """Steps shuffled in their file give the variants of the sorted ones."""
    shuffled = [STEPS[n] for n in np.random.default_rng(3).permutation(len(STEPS))]

    found = told(snapshot_of(tmp_path / "a", shuffled), whole=whole)

    assert found == told(snapshot_of(tmp_path / "b"), whole=whole)


def test_a_case_without_a_step_of_its_own_has_no_variant(tmp_path: Path) -> None:
    """Its steps all lie outside: it is in the whole traces only."""
    steps = [*STEPS, ("c5", 0, "note", False)]
    snapshot = snapshot_of(tmp_path, steps, PEOPLE | {"c5": None})

    assert sum(n for _, n, _ in told(snapshot)) == 4
    assert sum(n for _, n, _ in told(snapshot, whole=True)) == 5


def test_many_activities_are_told_apart_and_ordered_by_name() -> None:
    """More names than a byte holds, and than the gap in the code points begins at."""
    size = 60_000
    rng = np.random.default_rng(1)
    activity = rng.integers(0, size, 3_000).astype(np.uint32)
    activity[:8] = [55_296, 57_343, 55_296, 57_343, 0, size - 1, 255, 256]
    offsets = np.arange(0, 3_001, 2)
    names = pa.array([f"n{code:05d}" for code in range(size)])
    expected: dict[tuple[str, ...], int] = defaultdict(int)
    for begin in offsets[:-1]:
        expected[tuple(f"n{code:05d}" for code in activity[begin : begin + 2])] += 1

    found = variant_frame(Traces(offsets, activity, np.arange(1_500), names))

    assert [(tuple(t), n) for t, n in zip(found["trace"], found["cases"], strict=True)] == sorted(
        expected.items(), key=lambda item: (-item[1], item[0])
    )
