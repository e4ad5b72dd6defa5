"""The tasks: each asks a tool one question and returns seconds and a checksum.

Run as ``python -m benchmarks.tasks TASK TOOL EVENTS FOLDER``; a fresh process each time,
so that nobody's caches or imports count for another.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.log import cached, exchange_file

Timed = tuple[float, Any]


def _snapshot(events: int, folder: Path) -> Any:
    from procmine.store import Store

    return Store(cached(events, folder)).current()


def _flat(events: int, folder: Path) -> Any:
    from procmine.discovery.flow import flat_log

    return flat_log(_snapshot(events, folder), "case")


def ocdfg_procmine(events: int, folder: Path) -> Timed:
    from procmine.discovery.ocdfg import object_centric_flow

    snapshot = _snapshot(events, folder)
    begin = time.perf_counter()
    found = object_centric_flow(snapshot)
    return time.perf_counter() - begin, [len(found), int(found["n"].sum())]


def ocdfg_pm4py(events: int, folder: Path) -> Timed:
    from procmine.discovery.bridge import pm4py_module
    from procmine.discovery.ocel_bridge import ocel_to_pm4py
    from procmine.ocel.log import Ocel

    pm4py = pm4py_module()
    log = ocel_to_pm4py(Ocel.read(_snapshot(events, folder).path / "ocel"))
    begin = time.perf_counter()
    edges = pm4py.discover_ocdfg(log)["edges"]["total_objects"]
    spent = time.perf_counter() - begin
    uses = [len(v) for by_type in edges.values() for v in by_type.values()]
    return spent, [len(uses), sum(uses)]


def counts_procmine(events: int, folder: Path) -> Timed:
    from procmine.discovery.ocdfg import object_centric_flow

    snapshot = _snapshot(events, folder)
    begin = time.perf_counter()
    found = object_centric_flow(snapshot, times=False)
    return time.perf_counter() - begin, [len(found), int(found["n"].sum())]


def variants_procmine(events: int, folder: Path) -> Timed:
    from procmine.discovery.flow import variants

    snapshot = _snapshot(events, folder)
    begin = time.perf_counter()
    found = variants(snapshot, "case")
    return time.perf_counter() - begin, [len(found), int(found["cases"].sum())]


def variants_pm4py(events: int, folder: Path) -> Timed:
    from procmine.discovery.bridge import pm4py_module

    pm4py, flat = pm4py_module(), _flat(events, folder)
    begin = time.perf_counter()
    found = pm4py.get_variants(flat)
    return time.perf_counter() - begin, [len(found), sum(found.values())]


def dfg_procmine(events: int, folder: Path) -> Timed:
    from procmine.discovery.flow import directly_follows

    snapshot = _snapshot(events, folder)
    begin = time.perf_counter()
    found = directly_follows(snapshot, "case")
    return time.perf_counter() - begin, [len(found), int(found["n"].sum())]


def dfg_pm4py(events: int, folder: Path) -> Timed:
    from procmine.discovery.bridge import pm4py_module

    pm4py, flat = pm4py_module(), _flat(events, folder)
    begin = time.perf_counter()
    found, _, _ = pm4py.discover_performance_dfg(flat)
    spent = time.perf_counter() - begin
    counts, _, _ = pm4py.discover_dfg(flat)
    return spent, [len(found), sum(counts.values())]


def handovers_procmine(events: int, folder: Path) -> Timed:
    """Sum the stored fact table by pair of units: what every later question costs."""
    snapshot = _snapshot(events, folder)
    begin = time.perf_counter()
    with snapshot.connect("case") as connection:
        rows = connection.execute(
            'SELECT "from", "to", count(*), avg(gap_business_hours), median(gap_days) '
            'FROM handovers GROUP BY "from", "to"'
        ).fetchall()
    return time.perf_counter() - begin, [len(rows), sum(row[2] for row in rows)]


def handovers_pandas(events: int, folder: Path) -> Timed:
    flat = _flat(events, folder)
    begin = time.perf_counter()
    ordered = flat.sort_values(["case:concept:name", "time:timestamp"], kind="stable")
    before = ordered.groupby("case:concept:name", sort=False)[
        ["org:group", "time:timestamp"]
    ].shift()
    passed = before["org:group"].notna() & (before["org:group"] != ordered["org:group"])
    gap = ordered["time:timestamp"] - before["time:timestamp"]
    pairs = gap[passed].groupby([before["org:group"][passed], ordered["org:group"][passed]])
    found = pairs.agg(["count", "mean", "median"])
    return time.perf_counter() - begin, [len(found), int(found["count"].sum())]


def import_procmine(events: int, folder: Path) -> Timed:
    from procmine.ocel.exchange import read

    file = exchange_file(events, folder)
    begin = time.perf_counter()
    log = read(file).ocel
    return time.perf_counter() - begin, [log.events.num_rows, log.e2o.num_rows]


def import_pm4py(events: int, folder: Path) -> Timed:
    from procmine.discovery.bridge import pm4py_module

    pm4py, file = pm4py_module(), exchange_file(events, folder)
    begin = time.perf_counter()
    log = pm4py.read_ocel2(str(file))
    return time.perf_counter() - begin, [len(log.events), len(log.relations)]


def facts_procmine(events: int, folder: Path) -> Timed:
    from procmine import facts

    snapshot = _snapshot(events, folder)
    begin = time.perf_counter()
    facts.compute(snapshot)
    return time.perf_counter() - begin, [events]


TASKS: dict[str, dict[str, Callable[[int, Path], Timed]]] = {
    "ocdfg": {"procmine": ocdfg_procmine, "pm4py": ocdfg_pm4py},
    "ocdfg counts": {"procmine": counts_procmine},
    "dfg with times": {"procmine": dfg_procmine, "pm4py": dfg_pm4py},
    "variants": {"procmine": variants_procmine, "pm4py": variants_pm4py},
    "handovers": {"procmine": handovers_procmine, "pandas": handovers_pandas},
    "read JSON": {"procmine": import_procmine, "pm4py": import_pm4py},
    "all facts": {"procmine": facts_procmine},
}


def _peak_mib() -> float:
    """Return this process's own peak memory; a child's ru_maxrss begins at its parent's."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


def main() -> None:
    """Run one task with one tool and print what it cost as a line of JSON."""
    task, tool, events, folder = sys.argv[1:5]
    warnings.simplefilter("ignore")
    seconds, checksum = TASKS[task][tool](int(events), Path(folder))
    peak = _peak_mib()
    sys.stdout.write(json.dumps({"s": seconds, "mb": peak, "sum": checksum}) + "\n")


if __name__ == "__main__":
    main()
