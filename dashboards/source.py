"""Where the pages get their numbers: the current snapshot, and what is made of it once."""

from __future__ import annotations

from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING

from procmine.store.store import Store
from procmine.store.stored import StoredTable

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

    from dashboards.page import Page
    from procmine.aggregates import ProcessMap
    from procmine.aggregates.casework import CaseTime, CaseTotals
    from procmine.config.load import Config
    from procmine.effects.events import OutsideEvent
    from procmine.indicators.baseline import Baseline
    from procmine.indicators.definitions import Definitions
    from procmine.indicators.inputs import Inputs
    from procmine.store.snapshot import Process, Snapshot

__all__ = ["Source", "View"]


class View:
    """One process of a snapshot: each column of its facts read once, aggregates made once."""

    def __init__(self, snapshot: Snapshot, process: Process) -> None:
        self.snapshot = snapshot
        self.process = process
        self.lock = RLock()
        self.pages: dict[tuple[object, ...], Page] = {}
        self._facts: dict[str, pa.Table | None] = {}

    @property
    def config(self) -> Config:
        """The definitions that the figures were made with."""
        return self.snapshot.config

    @property
    def minimum(self) -> int:
        """Fewest citizens that a shown number may stand for."""
        return int(self.config.setting("min_count"))

    @property
    def aside(self) -> tuple[str, ...]:
        """Phases whose steps are not the case's own."""
        from procmine.aggregates.handovers import aside

        return aside(self.process)

    @property
    def approved(self) -> bool:
        """Whether someone has approved both the catalogue and the rule table."""
        catalogue = self.process.catalogue
        rules = self.config.mandates_approval.given
        return bool(catalogue and catalogue.approval.given and rules)

    def facts(self, kind: str) -> pa.Table | None:
        """Return a fact table, or None where it was not made or has no rows.

        A column of it is read when an aggregate first asks for it.
        """
        with self.lock:
            if kind not in self._facts:
                file = self.snapshot.facts_file(self.process.name, kind)
                table = StoredTable(file) if file.exists() else None
                self._facts[kind] = table if table is not None and table.num_rows else None
            return self._facts[kind]

    @cached_property
    def totals(self) -> CaseTotals | None:
        """Counts of cases."""
        from procmine.aggregates.casework import case_totals

        cases = self.facts("cases")
        return None if cases is None else case_totals(cases)

    @cached_property
    def case_time(self) -> CaseTime | None:
        """The curve of case time."""
        from procmine.aggregates.casework import case_time

        cases = self.facts("cases")
        catalogue = self.process.catalogue
        horizon = catalogue.horizon_days if catalogue else None
        if cases is None:
            return None
        return case_time(cases, self.snapshot.cut, horizon=horizon, minimum=self.minimum)

    @cached_property
    def inputs(self) -> Inputs | None:
        """What indicators and effects of this process are measured from."""
        from procmine.indicators.source import inputs_of

        return None if self.facts("cases") is None else inputs_of(self.snapshot, self.process.name)

    @cached_property
    def events(self) -> tuple[OutsideEvent, ...]:
        """Dated events outside the effort that touch this process."""
        from procmine.indicators.source import events_of

        return events_of(self.config, self.process.name)

    @cached_property
    def definitions(self) -> Definitions | None:
        """What is measured; None where the configuration has no indicators."""
        from procmine.indicators.source import definitions_of

        return definitions_of(self.config) if self.config.files.get("indikatorer") else None

    @cached_property
    def map(self) -> ProcessMap | None:
        """The process map, suppressed, with all that may be shown."""
        from procmine.aggregates import process_map

        steps, cases = self.facts("steps"), self.facts("cases")
        if steps is None or cases is None:
            return None
        return process_map(
            steps, cases, self.config, process=self.process.name, minimum=self.minimum
        )

    @cached_property
    def drawings(self) -> dict[tuple[str, bool], tuple[ProcessMap, str]]:
        """Maps that have been drawn, by what they show."""
        return {}

    @property
    def knows_citizens(self) -> bool:
        """Whether the log tells whose case it is; else counts are of cases alone."""
        return self.totals is None or self.totals.knows_citizens

    def columns(self, frame: pd.DataFrame) -> list[str]:
        """Return the columns of a table that people are shown."""
        aside = {"suppressed"} if self.knows_citizens else {"suppressed", "citizens"}
        return [str(name) for name in frame.columns if name not in aside]

    def label(self, activity: object) -> str:
        """Return what people call an activity."""
        return self.config.label(str(activity), self.process.name)

    def kinds(self) -> dict[str, str]:
        """Return what people call each kind of unit."""
        return {kind: row.get("label", kind) for kind, row in self.config.unit_kinds().items()}


class Source:
    """A store as the pages see it; a new snapshot is noticed at the next page.

    Raises
    ------
    StoreError
        There is no store at `path`.
    """

    def __init__(self, path: Path, baseline: Path | None = None) -> None:
        self.store = Store(path)
        self.baseline = baseline
        self._lock = RLock()
        self._views: dict[tuple[str, str], View] = {}
        self._sealed: Baseline | None = None
        self._main: tuple[Path, str] | None = None
        self._snapshot = self.store.current()

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot that is current now."""
        found = self.store.current()
        with self._lock:
            if found.path != self._snapshot.path:
                self._snapshot = found
                self._views.clear()
            return self._snapshot

    @property
    def main(self) -> str:
        """The process that the pages open on: the one with most cases."""
        from procmine.indicators.source import main_process

        snapshot = self.snapshot
        with self._lock:
            if self._main is None or self._main[0] != snapshot.path:
                self._main = (snapshot.path, main_process(snapshot).name)
            return self._main[1]

    @property
    def sealed(self) -> Baseline | None:
        """The baseline, read once; None where none was given."""
        if self.baseline is not None and self._sealed is None:
            from procmine.indicators.baseline import read_baseline

            self._sealed = read_baseline(self.baseline)
        return self._sealed

    def view(self, process: str | None) -> View:
        """Return the view of a process by name; of the main one where the name is not known."""
        snapshot = self.snapshot
        known = process in {p.name for p in snapshot.processes}
        name = process if process is not None and known else self.main
        key = (str(snapshot.path), name)
        with self._lock:
            if key not in self._views:
                self._views[key] = View(snapshot, snapshot.process(name))
            return self._views[key]
