"""The questions as procmine answers them; each returns how to ask, and what was answered."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from benchmarks.log import cached, exchange_file

Asked = tuple[Callable[[], Any], Callable[[Any], Any]]
SAMPLE = 20_000

FIGURE = """
import sys, procmine
log = procmine.open(sys.argv[1])
print(len(procmine.figures.months_figure(log.cases("case")).to_json()) > 0)
"""


def snapshot_of(events: int, folder: Path) -> Any:
    """Open the store that holds the log."""
    from procmine.store import Store

    return Store(cached(events, folder)).current()


def edges(found: Any) -> list[Any]:
    """Return edges, uses, and the sums of mean and median hours where there are any."""
    sums: list[Any] = [len(found), int(found["n"].sum())]
    if "mean_hours" in found:
        sums += [round(float(found[name].sum()), 1) for name in ("mean_hours", "median_hours")]
    return sums


def ocdfg(events: int, folder: Path, **options: bool) -> Asked:
    """Ask for the object-centric graph from the store."""
    from procmine.discovery.ocdfg import object_centric_flow

    return partial(object_centric_flow, snapshot_of(events, folder), **options), edges


def floor(events: int, folder: Path) -> Asked:
    """Decode the columns that the graph needs and sort one key: less cannot be done."""
    files = sorted((snapshot_of(events, folder).path / "lifelines").glob("*.parquet"))

    def ask() -> int:
        rows = 0
        for file in files:
            table = pq.read_table(file, columns=["activity", "next_activity", "dt"])
            keys = table["dt"].fill_null(0).to_numpy().copy()
            keys.sort()
            rows += len(keys)
        return rows

    return ask, lambda _: None


def from_sqlite(events: int, folder: Path) -> Asked:
    """Read a SQLite file, write the log and its lifelines, ask for the first graph."""
    from procmine.config.load import load_config
    from procmine.discovery.ocdfg import object_centric_flow
    from procmine.ocel.exchange import read
    from procmine.store.lifelines import write_lifelines
    from procmine.store.snapshot import Snapshot

    file = exchange_file(events, folder, "sqlite")
    place = Path(tempfile.mkdtemp(dir=folder))

    def ask() -> Any:
        read(file).ocel.write(place / "ocel")
        write_lifelines(place, load_config(None, defaults=False))
        return object_centric_flow(Snapshot(place), times=False)

    def told(found: Any) -> list[Any]:
        shutil.rmtree(place)
        return edges(found)

    return ask, told


def later(events: int, folder: Path) -> Asked:
    """Open the store anew and ask for the graph's counts."""
    from procmine.discovery.ocdfg import object_centric_flow

    return lambda: object_centric_flow(snapshot_of(events, folder), times=False), edges


def handovers(events: int, folder: Path) -> Asked:
    """Count handovers, their times and returns (A to B to A) from the stored facts."""
    from procmine.discovery.handovers import handover_network

    ask = partial(handover_network, snapshot_of(events, folder), "case")
    return ask, lambda found: [
        len(found), int(found["n"].sum()), int(found["returns"].sum()),
        *(round(float((found[name] * found["n"]).sum()), 3)
          for name in ("mean_gap_days", "median_gap_days")),
    ]  # fmt: skip


def pairs(events: int, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return a sample of waits: begin and end in whole seconds, as UTC microseconds."""
    file = snapshot_of(events, folder).path / "lifelines" / "000.parquet"
    table = pq.read_table(file, columns=["at_us", "dt"]).drop_null().slice(0, SAMPLE)
    begin = table["at_us"].to_numpy()
    end = begin + table["dt"].to_numpy()
    return begin // 10**6 * 10**6, end // 10**6 * 10**6


def working(events: int, folder: Path) -> Asked:
    """Measure waits in working time."""
    from procmine.config.hours import Hours
    from procmine.config.worktime import WorkTime

    time = WorkTime.of([Hours.plain("08:00-16:00", holidays="none")])
    begin, end = pairs(events, folder)
    ask = partial(time.between, begin, end)
    return ask, lambda found: [len(found), round(float(found.sum()) * 3600)]


def variants(events: int, folder: Path) -> Asked:
    """List the variants of the cases."""
    from procmine.discovery.flow import variants as list_variants

    ask = partial(list_variants, snapshot_of(events, folder), "case")
    return ask, lambda found: [len(found), int(found["cases"].sum())]


def dfg(events: int, folder: Path) -> Asked:
    """Count the directly-follows pairs of one process, with times and citizens."""
    from procmine.discovery.flow import directly_follows

    ask = partial(directly_follows, snapshot_of(events, folder), "case")
    return ask, lambda found: [len(found), int(found["n"].sum())]


def reading(ending: str, events: int, folder: Path) -> Asked:
    """Read an exchange file."""
    from procmine.ocel.exchange import read

    ask = partial(read, exchange_file(events, folder, ending))
    return ask, lambda found: [found.ocel.events.num_rows, found.ocel.e2o.num_rows]


def writing(ending: str, events: int, folder: Path) -> Asked:
    """Write the log, which is in memory, as an exchange file."""
    from procmine.ocel.exchange import write
    from procmine.ocel.log import Ocel

    log = Ocel.read(snapshot_of(events, folder).path / "ocel")
    file = Path(tempfile.mkdtemp(dir=folder)) / f"log.{ending}"

    def told(_: Any) -> list[Any]:
        shutil.rmtree(file.parent)
        return [log.events.num_rows, log.e2o.num_rows]

    return partial(write, log, file), told


def facts(events: int, folder: Path) -> Asked:
    """Compute every fact table of the log's two processes anew, beside a copy."""
    from procmine.facts import compute
    from procmine.store.snapshot import Snapshot

    place = Path(tempfile.mkdtemp(dir=folder))
    source = snapshot_of(events, folder).path
    shutil.copytree(source, place / "copy", ignore=shutil.ignore_patterns("facts"))

    def told(_: Any) -> list[Any]:
        shutil.rmtree(place)
        return [events]

    return partial(compute, Snapshot(place / "copy")), told


def first_figure(events: int, folder: Path) -> Asked:
    """Start Python, open the store, draw cases by month."""
    command = [sys.executable, "-c", FIGURE, str(cached(events, folder))]
    ask = partial(subprocess.run, command, capture_output=True, text=True, check=True)
    return ask, lambda done: done.stdout.strip()
