"""What handovers cost: gaps around a visit, less the usual gap, each gap once a case."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from procmine.facts.complete import Completion
from procmine.facts.lifelines import plan
from procmine.facts.run import chunk_facts
from tests.facts.toy import Ev, Toy, _worktime, at

if TYPE_CHECKING:
    from pathlib import Path

    from procmine.config.worktime import WorkTime

H4 = [
    Ev("udeblivelse_registreret", "JC", at(2, 9)), Ev("indstilling_sendt_yc", "JC", at(2, 15)),
    Ev("indstilling_modtaget_yc", "YC", at(5, 9)), Ev("returneret_til_jc", "YC", at(5, 10)),
    Ev("suppleret_af_jc", "JC", at(9, 9)), Ev("indstilling_sendt_yc", "JC", at(9, 11)),
    Ev("afgoerelse_truffet", "YC", at(12, 9), outcome="ingen_sanktion"),
]  # fmt: skip


def completed(
    folder: Path, events: list[Ev], causes: dict[str, str] | None = None, chunk_rows: int = 1000
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Compute handovers and cases with one wait a gap; causes by the gap's first event."""
    toy = Toy(events)
    time = _worktime(toy.config)
    with Completion(folder) as completion:
        for chunk in plan(toy.source(), toy.the_process(), chunk_rows=chunk_rows):
            facts = chunk_facts(chunk, time)
            waits, after = _waits(facts.steps, causes or {}, time)
            completion.add(facts.steps, facts.cases, facts.handovers, waits, after)
        completion.finish(None)
    handovers = pq.read_table(folder / "handovers.parquet").to_pylist()
    return handovers, pq.read_table(folder / "cases.parquet").to_pylist()


def _waits(
    steps: pa.Table, causes: dict[str, str], time: WorkTime
) -> tuple[pa.Table, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    rows = steps.to_pylist()
    waits, after = [], []
    for place, (first, second) in enumerate(pairwise(rows)):
        if first["case_id"] != second["case_id"] or first["placed"] == second["placed"]:
            continue
        ends = pa.array([first["placed"], second["placed"]]).cast(pa.int64()).to_numpy()
        by_day = "day" in (first["precision"], second["precision"])
        after.append(place)
        waits.append(
            {
                "cause": causes.get(first["event_id"], "unexplained"),
                "hours": None if by_day else (ends[1] - ends[0]) / 3.6e9,
                "business_hours": None if by_day else float(time.between(ends[:1], ends[1:])[0]),
                "in_case": first["in_case"] and second["in_case"],
            }
        )
    return pa.Table.from_pylist(waits), np.array(after, dtype=np.int64)


def test_h4(tmp_path: Path) -> None:
    """The toy of methods 2.3: gaps of 18, 15 and 22 working hours around a return.

    Inside the units lie 6 (2 March 9 to 15), 1 (5 March) and 2 hours (9 March): the usual
    gap is 2. The return costs 18 + 15 - 2 = 31, the merged way back nothing, the last
    visit 22 - 2 = 20. The case's redundant visit costs 31.
    """
    handovers, (case,) = completed(tmp_path, H4)

    assert [row["gap_business_hours"] for row in handovers] == [18.0, 15.0, 22.0]
    assert [row["grade"] for row in handovers] == ["G2", None, "G0b"]
    assert [row["avoidable_business_hours"] for row in handovers] == [31.0, 0.0, 20.0]
    assert case["avoidable_business_hours"] == 31.0
    assert case["wait_hours"] == pytest.approx(240.0)
    assert case["work_hours"] is None


def test_time_of_others_costs_nothing(tmp_path: Path) -> None:
    """Hours of a citizen's reply period in the gap are not the visit's cost."""
    handovers, _ = completed(tmp_path, H4, {"e001": "citizen"})

    assert [row["avoidable_business_hours"] for row in handovers] == [13.0, 0.0, 20.0]


def test_gaps_between_adjacent_redundant_visits_count_once(tmp_path: Path) -> None:
    """Two empty visits side by side share a gap: 26 and 16 hours by row, 34 by case.

    JC ends Monday 15:00, YC and RT look in on Thursday and Friday at 09:00, JC goes on on
    Monday at 09:00: gaps of 18, 8 and 8 working hours, and no gap within a unit.
    """
    events = [
        Ev("udeblivelse_registreret", "JC", at(2, 15)), Ev("indstilling_modtaget_yc", "YC", at(5)),
        Ev("indstilling_modtaget_yc", "RT", at(6)), Ev("rimelig_grund_vurderet", "JC", at(9)),
    ]  # fmt: skip
    handovers, (case,) = completed(tmp_path, events)

    assert [row["avoidable_business_hours"] for row in handovers] == [26.0, 16.0, 0.0]
    assert case["avoidable_business_hours"] == 34.0


def test_day_stamps_leave_the_cost_empty(tmp_path: Path) -> None:
    """Where an end of a gap is a day stamp, the cost cannot be told."""
    events = [*H4[:2], Ev("kontaktforsoeg", "YC", at(5).date()), Ev("effektueret", "JC", at(9))]
    handovers, (case,) = completed(tmp_path, events)

    assert [row["avoidable_business_hours"] for row in handovers] == [None, None]
    assert case["wait_hours"] is None


def test_day_stamps_at_one_instant_leave_it_empty_too(tmp_path: Path) -> None:
    """Two day stamps of one day leave no interval, and still no cost that could be told."""
    day = at(5).date()
    events = [
        *H4[:2], Ev("indstilling_sendt_yc", "JC", day), Ev("indstilling_modtaget_yc", "YC", day),
        Ev("effektueret", "RT", at(9)),
    ]  # fmt: skip
    handovers, _ = completed(tmp_path, events)

    assert [row["gap_days"] for row in handovers] == [0.0, 4.0]
    assert [row["avoidable_business_hours"] for row in handovers] == [None, None]


def test_ranges_change_nothing(tmp_path: Path) -> None:
    """However few cases are worked on at a time, the tables are the same."""
    events = [
        Ev(ev.activity, ev.unit, ev.time, case=f"C{n}", outcome=ev.outcome)
        for n in range(4)
        for ev in H4
    ]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    assert completed(tmp_path / "a", events, chunk_rows=1) == completed(tmp_path / "b", events)
