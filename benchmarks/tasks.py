"""The tasks: each asks a tool one question and says what that cost and what it answered.

Run as ``python -m benchmarks.tasks TASK TOOL EVENTS FOLDER``; a fresh process each time,
so that nobody's caches or imports count for another.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import ingest, others, ours

Timed = tuple[float, Any]
"""Seconds and answer of a task that keeps its own clock."""
Task = dict[str, Callable[[int, Path], ours.Asked | Timed]]

TASKS: dict[str, Task] = {
    "OC-DFG": {
        "procmine": partial(ours.ocdfg, working=False),
        "floor": ours.floor,
        "pm4py": others.ocdfg_pm4py,
    },
    "OC-DFG counts": {
        "procmine": partial(ours.ocdfg, times=False),
        "r4pm": others.counts_r4pm,
    },
    "SQLite to OC-DFG": {"procmine": ours.from_sqlite, "r4pm": others.from_sqlite_r4pm},
    "later OC-DFG": {"procmine": ours.later, "r4pm": others.from_sqlite_r4pm},
    "handovers": {
        "procmine": ours.handovers,
        "pandas": others.handovers_pandas,
        "pm4py": others.handovers_pm4py,
    },
    "working time": {"procmine": ours.working, "pm4py": others.working_pm4py},
    "variants": {"procmine": ours.variants, "pm4py": others.variants_pm4py},
    "DFG with times": {"procmine": ours.dfg, "pm4py": others.dfg_pm4py},
    **{
        f"read {name}": {
            "procmine": partial(ours.reading, ending),
            "pm4py": partial(others.reading_pm4py, ending, alone=True),
            "pm4py+r4pm": partial(others.reading_pm4py, ending, alone=False),
            "r4pm": partial(others.reading_r4pm, ending),
        }
        for name, ending in (("JSON", "jsonocel"), ("XML", "xmlocel"), ("SQLite", "sqlite"))
    },
    **{
        f"write {name}": {
            "procmine": partial(ours.writing, ending),
            "pm4py": partial(others.writing_pm4py, ending, alone=True),
            "pm4py+r4pm": partial(others.writing_pm4py, ending, alone=False),
        }
        for name, ending in (("JSON", "jsonocel"), ("XML", "xmlocel"), ("SQLite", "sqlite"))
    },
    "all facts": {"procmine": ours.facts},
    "first figure": {"procmine": ours.first_figure},
    **ingest.TASKS,
}
"""Per task the tools that are asked; the first is procmine, to which ratios are taken."""

GOALS: dict[tuple[str, str], float] = {
    ("OC-DFG", "pm4py"): 400,
    ("OC-DFG", "floor"): 1 / 2.5,
    ("OC-DFG counts", "r4pm"): 4,
    ("SQLite to OC-DFG", "r4pm"): 1 / 0.7,
    ("later OC-DFG", "r4pm"): 20,
    ("handovers", "pm4py"): 30,
    ("handovers", "pandas"): 13,
    ("working time", "pm4py"): 100,
    ("variants", "pm4py"): 10,
    **ingest.GOALS,
}
"""How many times procmine's time another tool should need, at a million events.

By the clock on a quiet machine; by CPU time where other work runs beside.
"""


IMPORTED: dict[str, tuple[str, ...]] = {
    "procmine": (
        "adbc_driver_sqlite.dbapi",
        "pyarrow.compute",
        "pyarrow.dataset", "pandas", "pyarrow.parquet", "procmine.facts",
        "procmine.ocel.exchange.json_reader", "procmine.ocel.exchange.sqlite_reader",
        "procmine.ocel.exchange.xml_reader", "procmine.discovery.flow",
        "procmine.discovery.handovers",
    ),
    "floor": ("pyarrow.dataset", "pyarrow.parquet"),
    "pm4py": (),
    "pm4py+r4pm": (),
    "r4pm": ("r4pm",),
    "pandas": ("pandas", "pyarrow.parquet"),
    "openpyxl": ("openpyxl",),
}  # fmt: skip
"""Imported before the clock starts; pm4py is imported, quietly, by each of its tasks."""
LOADING = ("pandas", "pyarrow.compute", "pyarrow.parquet", "procmine.exports.load")
"""What a load imports: other parts of procmine would count in its memory."""


def imported(task: str, tool: str) -> tuple[str, ...]:
    """Return what a tool imports for a task before the clock starts."""
    return LOADING if tool == "procmine" and task in ingest.TASKS else IMPORTED[tool]


def needs(tool: str) -> tuple[str, ...]:
    """Return the packages without which a tool is skipped."""
    return {"floor": (), "pm4py+r4pm": ("pm4py", "r4pm", "polars")}.get(tool, (tool,))


def _cpu() -> float:
    """Return the CPU seconds of this process and of the children it waited for."""
    return time.process_time() + sum(os.times()[2:4])


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
    for name in imported(task, tool):
        importlib.import_module(name)
    ask, told = TASKS[task][tool](int(events), Path(folder))
    if isinstance(ask, float):
        line = {"s": ask, "cpu": ask, "mb": _peak_mib(), "sum": told}
    else:
        begin, used = time.perf_counter(), _cpu()
        found = ask()
        seconds, cpu = time.perf_counter() - begin, _cpu() - used
        line = {"s": seconds, "cpu": cpu, "mb": _peak_mib(), "sum": told(found)}
    sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
