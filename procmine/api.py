"""What analysts hold in their hands: a log, opened, with its tables as DataFrames."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from procmine.store.store import Store
from procmine.tables.facts import DOCUMENTS
from procmine.tables.output import OUTPUT
from procmine.text import t
from procmine.text.formats import day, number

# What a call needs is imported in it: opening a log and drawing its first figure shall not
# wait for the machinery that loads deliveries or discovers models.
if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import plotly.graph_objects as go
    import pyarrow as pa

    from procmine.ocel.log import Ocel
    from procmine.store.snapshot import Snapshot

__all__ = ["Log", "from_pm4py", "import_log", "load", "open_store", "to_frame"]

LOCAL = "Europe/Copenhagen"
_SHOWN = 20
Model = Literal[
    "dfg", "variants", "process_tree", "petri_net", "bpmn", "ocdfg", "ocpn", "handovers"
]


class Log:
    """A log in a store, with the facts made from it.

    Parameters
    ----------
    snapshot
        The snapshot it is read from; see :func:`open_store`.

    Examples
    --------
    >>> import procmine
    >>> log = procmine.open("STORE")  # doctest: +SKIP
    >>> log.handovers("sanktion").groupby("grade").size()  # doctest: +SKIP
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    @property
    def processes(self) -> tuple[str, ...]:
        """Names of the processes."""
        return tuple(process.name for process in self.snapshot.processes)

    def cases(self, process: str | None = None) -> pd.DataFrame:
        """One row a case (columns of spec cli.md). Open cases are there, with an empty end."""
        return self._facts(process, "cases")

    def steps(self, process: str | None = None) -> pd.DataFrame:
        """One row a step of a case, in the order that binds."""
        return self._facts(process, "steps")

    def visits(self, process: str | None = None) -> pd.DataFrame:
        """One row a visit of a unit to a case, with its grade."""
        return self._facts(process, "visits")

    def handovers(self, process: str | None = None) -> pd.DataFrame:
        """One row a handover: the boundary between two visits (design section 3)."""
        return self._facts(process, "handovers")

    def waits(
        self, process: str | None = None, by: Literal["interval", "case"] = "interval"
    ) -> pd.DataFrame:
        """One row a labelled interval, or a case with hours per cause (design section 4)."""
        if by == "interval":
            return self._facts(process, "waits")
        from procmine.facts.waits import waits_by_case

        return to_frame(waits_by_case(self.snapshot, process))

    def documents(self, process: str | None = None) -> pd.DataFrame:
        """One row a document of the process, with status and flags (design section 5).

        A log without documents gives a table without rows.
        """
        if not self.snapshot.roles.document:
            self.snapshot.process(process)
            return to_frame(DOCUMENTS.empty().select(list(OUTPUT["documents"])))
        return self._facts(process, "documents")

    def story(self, case_id: str, process: str | None = None) -> pd.DataFrame:
        """One case told in Danish, a row a line; see `aggregates.story`."""
        from procmine.aggregates.story import story

        return story(self.snapshot, case_id, process)

    def timeline(self, case_id: str, process: str | None = None) -> go.Figure:
        """One case drawn: visits by unit, waits by cause, documents. For the analyst alone."""
        from procmine.aggregates.story import case_tables
        from procmine.figures.timeline import case_timeline

        found, tables = case_tables(self.snapshot, case_id, process)
        config = self.snapshot.config
        return case_timeline(case_id, **tables, config=config, process=found.name, disclose=True)

    def caseload(self, process: str | None = None) -> pd.DataFrame:
        """Open cases of each unit at the end of its days, by month; small counts hidden."""
        from procmine.aggregates.workload import caseload_by_month

        found = self.snapshot.process(process).name
        visits, cases = (self.snapshot.facts(found, kind) for kind in ("visits", "cases"))
        return caseload_by_month(visits, cases, self.snapshot.cut, minimum=self._minimum)

    def staff_load(self, process: str | None = None) -> pd.DataFrame:
        """Cases a month for staff in groups of at least five, where that is approved."""
        from procmine.aggregates.workload import staff_load

        found = self.snapshot.process(process).name
        steps, cases = (self.snapshot.facts(found, kind) for kind in ("steps", "cases"))
        return staff_load(steps, cases, self.snapshot.config, minimum=self._minimum)

    def promises(self) -> pd.DataFrame:
        """How often each promise of ``loefter.toml`` was kept; small counts hidden."""
        from procmine.aggregates.workload import promises_kept
        from procmine.config.promises import read_promises

        snapshot = self.snapshot
        promises, _ = read_promises(snapshot.config.files.get("loefter", {}))
        with snapshot.connect() as log:
            return promises_kept(log, promises, snapshot.roles, snapshot.cut, minimum=self._minimum)

    @property
    def _minimum(self) -> int:
        return int(self.snapshot.config.setting("min_count"))

    def directly_follows(self, process: str | None = None, *, whole: bool = False) -> pd.DataFrame:
        """Edges of the process map with counts and waiting; see `discovery.flow`."""
        from procmine.discovery.flow import directly_follows

        return directly_follows(self.snapshot, process, whole=whole)

    def handover_network(self, process: str | None = None, *, whole: bool = False) -> pd.DataFrame:
        """Count handovers from unit to unit, with their gaps and the returns (A to B to A)."""
        from procmine.discovery.handovers import handover_network

        return handover_network(self.snapshot, process, whole=whole)

    def variants(self, process: str | None = None, *, whole: bool = False) -> pd.DataFrame:
        """Variants with their share of the cases."""
        from procmine.discovery.flow import variants

        return variants(self.snapshot, process, whole=whole)

    def discover(self, process: str | None = None, model: Model = "dfg", **options: Any) -> Any:
        """Discover a model: a table, or pm4py's own object; see `discovery.models`."""
        from procmine.discovery.models import discover

        return discover(self.snapshot, process, model, **options)

    @property
    def ocel(self) -> Ocel:
        """The log's five tables with their attribute declarations, as Arrow."""
        from procmine.ocel.log import Ocel

        return Ocel.read(self.snapshot.path / "ocel")

    @property
    def events(self) -> pd.DataFrame:
        """Events with their attributes."""
        return to_frame(self.snapshot.table("events"))

    @property
    def objects(self) -> pd.DataFrame:
        """Objects with their attributes from the beginning."""
        return to_frame(self.snapshot.table("objects"))

    @property
    def e2o(self) -> pd.DataFrame:
        """Relations of events to objects."""
        return to_frame(self.snapshot.table("e2o"))

    @property
    def o2o(self) -> pd.DataFrame:
        """Relations of objects to objects."""
        return to_frame(self.snapshot.table("o2o"))

    @property
    def object_changes(self) -> pd.DataFrame:
        """Values that attributes of objects take from a time on."""
        return to_frame(self.snapshot.table("object_changes"))

    def duckdb(self, process: str | None = None) -> duckdb.DuckDBPyConnection:
        """Open DuckDB with a view on each table, nothing copied."""
        return self.snapshot.connect(process)

    def to_pm4py(self) -> Any:
        """Return the log as pm4py's own OCEL object."""
        from procmine.discovery.ocel_bridge import ocel_to_pm4py

        return ocel_to_pm4py(self.ocel)

    def _facts(self, process: str | None, kind: str) -> pd.DataFrame:
        columns = list(OUTPUT[kind])
        return to_frame(self.snapshot.facts(process, kind, columns))

    def __repr__(self) -> str:
        """Return sizes and period in one line."""
        counts = self.snapshot.manifest.get("counts", {})
        return f"<Log {counts.get('events', 0)} events, {len(self.processes)} processes>"

    def _types(self, kind: str) -> str:
        """Return the names of the event or object types, the first of many."""
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        column = pq.read_table(self.snapshot.file(f"{kind}s"), columns=[f"{kind}_type"])[0]
        names = sorted(pc.unique(column.cast(pa.string())).to_pylist())
        more = [t("log.more", n=number(len(names) - _SHOWN))] if len(names) > _SHOWN else []
        return ", ".join([*names[:_SHOWN], *more])

    def _repr_html_(self) -> str:
        """Show sizes, types, period and processes in Danish, for notebooks."""
        counts = self.snapshot.manifest.get("counts", {})
        rows = [
            (t(f"log.{name}"), number(counts.get(name, 0)))
            for name in ("events", "objects", "e2o", "o2o", "object_changes")
        ]
        rows.extend((t(f"log.{kind}_types"), self._types(kind)) for kind in ("event", "object"))
        rows.append(
            (t("log.period"), f"{day(self.snapshot.log_start)} \u2013 {day(self.snapshot.cut)}")
        )
        rows.append((t("log.processes"), ", ".join(p.label for p in self.snapshot.processes)))
        from html import escape

        body = "".join(f"<tr><th>{escape(a)}</th><td>{escape(b)}</td></tr>" for a, b in rows)
        return f"<table><caption>{t('log.caption')}</caption>{body}</table>"


def open_store(path: str | Path) -> Log:
    """Open the current snapshot of a store (exported as ``procmine.open``).

    Raises
    ------
    StoreError
        There is no store.

    Examples
    --------
    >>> open_store("no-such-store")
    Traceback (most recent call last):
        ...
    procmine.errors.StoreError: Der er intet lager i no-such-store.
    """
    return Log(Store(Path(path)).current())


def load(folder: str | Path, profile: str, store: str | Path, **options: Any) -> Log:
    """Load a delivery and open it; see :func:`procmine.pipeline.load` for the options."""
    from procmine import pipeline

    return Log(pipeline.load(Path(folder), profile, Path(store), **options).snapshot)


def import_log(file: str | Path, store: str | Path, **options: Any) -> Log:
    """Import an event log and open it; see :func:`procmine.pipeline.import_log`."""
    from procmine import pipeline

    return Log(pipeline.import_log(Path(file), Path(store), **options).snapshot)


def from_pm4py(ocel: Any, store: str | Path) -> Log:
    """Put a pm4py OCEL into a store and open it."""
    from procmine import pipeline
    from procmine.discovery.ocel_bridge import ocel_from_pm4py

    return Log(pipeline.import_ocel(ocel_from_pm4py(ocel), Path(store)).snapshot)


def to_frame(table: pa.Table) -> pd.DataFrame:
    """Return an Arrow table as pandas: categories, nullable types, Danish local time.

    Examples
    --------
    >>> import pyarrow as pa
    >>> to_frame(pa.table({"open": pa.array([True, None])})).dtypes["open"]
    BooleanDtype
    """
    import pandas as pd
    import pyarrow as pa

    types = {pa.bool_(): pd.BooleanDtype(), pa.int64(): pd.Int64Dtype()}
    local = []
    for column in table.columns:
        if pa.types.is_timestamp(column.type) and column.type.tz:
            local.append(column.cast(pa.timestamp("us", tz=LOCAL)))
        else:
            local.append(column)
    renamed = pa.table(local, names=table.column_names)
    frame: pd.DataFrame = renamed.to_pandas(types_mapper=types.get)
    return frame
