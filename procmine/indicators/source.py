"""From a snapshot to what indicators are measured from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow.parquet as pq

from procmine.effects.events import OutsideEvent, read_events
from procmine.effects.windows import CASE_COLUMNS, utc
from procmine.facts.standing import standing
from procmine.indicators.definitions import Definitions, read_definitions
from procmine.indicators.inputs import Inputs
from procmine.store.stored import StoredTable

if TYPE_CHECKING:
    from procmine.config.load import Config
    from procmine.store.snapshot import Process, Snapshot

__all__ = ["definitions_of", "events_of", "horizon_of", "inputs_of", "main_process"]

_KINDS = ("cases", "steps", "handovers", "waits", "documents")
_OF_CASES = (*CASE_COLUMNS, "no_start_step", "unit", "target_group")


def inputs_of(snapshot: Snapshot, process: str | None = None) -> Inputs:
    """Return the fact tables of a process as indicators take them.

    A table that was not made is left out: what needs it cannot be measured.

    Raises
    ------
    StoreError
        The cases themselves were not made.

    Examples
    --------
    >>> import procmine
    >>> inputs_of(procmine.open("STORE").snapshot, "sanktion").citizens  # doctest: +SKIP
    """
    found = snapshot.process(process)
    tables: dict[str, Any] = {}
    for kind in _KINDS:
        file = snapshot.facts_file(found.name, kind)
        if kind == "cases" or file.exists():
            tables[kind] = StoredTable(file)
    cases = tables["cases"]
    tables["cases"] = cases.select([c for c in _OF_CASES if c in cases.column_names]).to_pandas()
    return Inputs(
        process=found.name,
        label=found.label,
        tables=tables,
        cut=utc(snapshot.cut),
        log_start=utc(snapshot.log_start),
        horizon_days=horizon_of(found, tables["cases"], utc(snapshot.cut)),
        standing=standing(snapshot, found) if "handovers" in tables else "",
    )


def main_process(snapshot: Snapshot) -> Process:
    """Return the process with most cases, the first of equals.

    Examples
    --------
    >>> import procmine
    >>> main_process(procmine.open("STORE").snapshot).name  # doctest: +SKIP
    """
    return max(snapshot.processes, key=lambda process: _cases(snapshot, process))


def _cases(snapshot: Snapshot, process: Process) -> int:
    file = snapshot.facts_file(process.name, "cases")
    return int(pq.read_metadata(file).num_rows) if file.exists() else 0


def horizon_of(process: Process, cases: pd.DataFrame, cut: pd.Timestamp) -> float:
    """Return the horizon of durations in days: the catalogue's, else the longest duration.

    Examples
    --------
    >>> from procmine.store import Process
    >>> start = pd.to_datetime(["2026-01-01"], utc=True)
    >>> cases = pd.DataFrame({"start": start, "end": [pd.NaT]})
    >>> horizon_of(Process("p", "P", "case", "00"), cases, pd.Timestamp("2026-01-31", tz="UTC"))
    30.0
    """
    if process.catalogue is not None and process.catalogue.horizon_days:
        return float(process.catalogue.horizon_days)
    if cases.empty:
        return 1.0
    ends = pd.to_datetime(cases["end"], utc=True).fillna(cut)
    longest = (ends - pd.to_datetime(cases["start"], utc=True)).max() / pd.Timedelta(days=1)
    return max(1.0, float(longest))


def definitions_of(config: Config) -> Definitions:
    """Return the indicators of a configuration.

    Examples
    --------
    >>> from procmine.config import load_config
    >>> definitions_of(load_config()).indicators[0].primary
    True
    """
    return read_definitions(config.files.get("indikatorer", {}))


def events_of(config: Config, process: str) -> tuple[OutsideEvent, ...]:
    """Return the dated outside events that touch a process.

    Examples
    --------
    >>> from procmine.config import load_config
    >>> len(events_of(load_config(), "no such process")) >= 0
    True
    """
    found = read_events(config.files.get("haendelser", {}))
    return tuple(e for e in found if not e.processes or process in e.processes)
