"""The same questions to pm4py, r4pm and pandas."""

from __future__ import annotations

import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.log import exchange_file
from benchmarks.ours import Asked, pairs, snapshot_of

DAY = 86_400


def pm4py_module() -> Any:
    """Import pm4py quietly."""
    from procmine.discovery.bridge import pm4py_module as quiet

    return quiet()


def flat(events: int, folder: Path) -> Any:
    """Return the cases as pm4py's frame."""
    from procmine.discovery.flow import flat_log

    return flat_log(snapshot_of(events, folder), "case")


def ocdfg_pm4py(events: int, folder: Path) -> Asked:
    """Ask for pm4py's graph, with the seconds of every use of an edge."""
    from procmine.discovery.ocel_bridge import ocel_to_pm4py
    from procmine.ocel.log import Ocel

    pm4py = pm4py_module()
    log = ocel_to_pm4py(Ocel.read(snapshot_of(events, folder).path / "ocel"))

    def told(found: Any) -> list[Any]:
        from statistics import fmean, median

        uses = [len(v) for t in found["edges"]["total_objects"].values() for v in t.values()]
        spans = [v for t in found["edges_performance"]["total_objects"].values()
                 for v in t.values()]  # fmt: skip
        times = [round(sum(each(v) for v in spans) / 3600, 1) for each in (fmean, median)]
        return [len(uses), sum(uses), *times]

    return partial(pm4py.discover_ocdfg, log), told


def _linked(file: Path) -> str:
    import r4pm

    found: str = r4pm.bindings.slim_link_ocel(r4pm.import_item("OCEL", str(file)))
    return found


def _counted(linked: str) -> list[Any]:
    from r4pm import bindings

    kinds = bindings.locel_get_ob_types(linked)
    return [use for kind in kinds for use in bindings.get_dfg_of_object_type(linked, kind)]


def _uses(found: list[Any]) -> list[int]:
    return [len(found), sum(n for _, n in found)]


def counts_r4pm(events: int, folder: Path) -> Asked:
    """Ask r4pm type by type; import and linking are not timed."""
    return partial(_counted, _linked(exchange_file(events, folder, "sqlite"))), _uses


def from_sqlite_r4pm(events: int, folder: Path) -> Asked:
    """Import a SQLite file, link it, and ask."""
    file = exchange_file(events, folder, "sqlite")
    return lambda: _counted(_linked(file)), _uses


def handovers_pandas(events: int, folder: Path) -> Asked:
    """Count handovers, times and returns as one writes it in pandas.

    The frame lies by time, as the events of a log do.
    """
    log = flat(events, folder).sort_values("time:timestamp", kind="stable", ignore_index=True)

    def ask() -> Any:
        case = "case:concept:name"
        ordered = log.sort_values([case, "time:timestamp"], kind="stable")
        before = ordered.groupby(case, sort=False)[["org:group", "time:timestamp"]].shift()
        passed = before["org:group"].notna() & (before["org:group"] != ordered["org:group"])
        rows = ordered.loc[passed, [case, "org:group", "time:timestamp"]]
        rows["origin"] = before.loc[passed, "org:group"]
        rows["gap"] = rows["time:timestamp"] - before.loc[passed, "time:timestamp"]
        rows["back"] = rows.groupby(case, sort=False)["origin"].shift() == rows["org:group"]
        ways = rows.groupby(["origin", "org:group"])
        return ways.agg(n=("gap", "count"), mean=("gap", "mean"), median=("gap", "median"),
                        back=("back", "sum"))  # fmt: skip

    def told(found: Any) -> list[Any]:
        days = [(found[name].dt.total_seconds() / DAY * found["n"]).sum()
                for name in ("mean", "median")]  # fmt: skip
        return [len(found), int(found["n"].sum()), int(found["back"].sum()),
                *(round(float(each), 3) for each in days)]  # fmt: skip

    return ask, told


def handovers_pm4py(events: int, folder: Path) -> Asked:
    """Ask for pm4py's network of handovers, which has neither times nor returns."""
    pm4py, log = pm4py_module(), flat(events, folder)
    network = partial(pm4py.discover_handover_of_work_network, log, resource_key="org:group")
    return network, lambda _: None


def working_pm4py(events: int, folder: Path) -> Asked:
    """Measure the same waits by pm4py's business hours, pair by pair, in local time."""
    import pandas as pd

    pm4py_module()
    from pm4py.util.business_hours import BusinessHours

    def local(instants: Any) -> list[Any]:
        stamps = pd.to_datetime(instants, unit="us", utc=True).tz_convert("Europe/Copenhagen")
        return list(stamps.tz_localize(None).to_pydatetime())

    begins, ends = (local(each) for each in pairs(events, folder))
    slots = [(day * DAY + 8 * 3600, day * DAY + 16 * 3600) for day in range(5)]

    def ask() -> list[float]:
        return [
            BusinessHours(begin, end, business_hour_slots=slots).get_seconds()
            for begin, end in zip(begins, ends, strict=True)
        ]

    return ask, lambda found: [len(found), round(sum(found))]


def variants_pm4py(events: int, folder: Path) -> Asked:
    """List the variants of pm4py's frame, which is not timed."""
    ask = partial(pm4py_module().get_variants, flat(events, folder))
    return ask, lambda found: [len(found), sum(found.values())]


def dfg_pm4py(events: int, folder: Path) -> Asked:
    """Ask for pm4py's performance graph of its frame."""
    pm4py, log = pm4py_module(), flat(events, folder)

    def told(found: Any) -> list[Any]:
        return [len(found[0]), sum(pm4py.discover_dfg(log)[0].values())]

    return partial(pm4py.discover_performance_dfg, log), told


def reading_pm4py(ending: str, events: int, folder: Path, *, alone: bool) -> Asked:
    """Read an exchange file with pm4py, which takes r4pm's reader where that is installed."""
    if alone:
        sys.modules["r4pm"] = None  # type: ignore[assignment]
    pm4py, file = pm4py_module(), exchange_file(events, folder, ending)
    ask = partial(pm4py.read_ocel2, str(file))
    return ask, lambda found: [len(found.events), len(found.relations)]


def writing_pm4py(ending: str, events: int, folder: Path, *, alone: bool) -> Asked:
    """Write the log with pm4py, which takes r4pm's writer where that is installed."""
    from procmine.discovery.ocel_bridge import ocel_to_pm4py
    from procmine.ocel.log import Ocel

    if alone:
        sys.modules["r4pm"] = None  # type: ignore[assignment]
    pm4py = pm4py_module()
    log = ocel_to_pm4py(Ocel.read(snapshot_of(events, folder).path / "ocel"))
    file = Path(tempfile.mkdtemp(dir=folder)) / f"log.{ending}"

    def told(_: Any) -> list[int]:
        shutil.rmtree(file.parent)
        return [len(log.events), len(log.relations)]

    return partial(pm4py.write_ocel2, log, str(file)), told


def reading_r4pm(ending: str, events: int, folder: Path) -> Asked:
    """Import an exchange file with r4pm and link it, without which nothing can be asked."""
    from r4pm import bindings

    file = exchange_file(events, folder, ending)

    def told(linked: str) -> list[int]:
        counts = bindings.locel_event_object_type_counts(linked)
        return [bindings.num_events(linked), sum(row[2] for row in counts)]

    return partial(_linked, file), told
