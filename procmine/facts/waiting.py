"""Write the tables of waits and documents of a process, some cases at a time."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

import pyarrow as pa
import pyarrow.parquet as pq

from procmine.facts.document_source import listed, prepare_documents
from procmine.facts.documents import document_table
from procmine.facts.late import LATE, late_requests
from procmine.facts.timeline import Timeline
from procmine.facts.wait_documents import caused_hours
from procmine.facts.wait_source import WaitSource
from procmine.facts.wait_sums import BY_CASE
from procmine.facts.waits import wait_tables
from procmine.facts.writer import Writer
from procmine.store.engine import quoted
from procmine.tables.facts import DOCUMENTS, STEPS, WAITS

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from procmine.config.worktime import WorkTime
    from procmine.facts.source import Source
    from procmine.facts.waits import WaitTables
    from procmine.store.snapshot import Process

__all__ = ["Waiting", "prepare", "write_documents"]


def prepare(source: Source) -> None:
    """Read the log's documents; once, before the processes."""
    if source.roles.document:
        prepare_documents(source)


class Waiting:
    """Labels the time of a process's cases, some at a time, and writes what it finds.

    Writes ``waits``, their sums by case and late requests.

    Parameters
    ----------
    source
        The log, after :func:`prepare`.
    process
        The process.
    folder
        Its fact tables.
    time
        Working calendars.
    starts_known
        Whether the log holds true starts of the process's steps at all.
    """

    def __init__(
        self, source: Source, process: Process, folder: Path, time: WorkTime, *, starts_known: bool
    ) -> None:
        self._shared = WaitSource.of(source, process)
        self._cut, self._time, self._starts_known = source.cut_us, time, starts_known
        self._writers = [Writer(_file(folder, s.name), s) for s in (WAITS, BY_CASE, LATE)]
        self._caused: list[pa.Table] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Begin; nothing is written yet."""
        for writer in self._writers:
            self._stack.enter_context(writer)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the files their names."""
        self._stack.__exit__(kind, error, trace)

    def add(self, steps: pa.Table, cases: pa.Table) -> WaitTables:
        """Label the time of some cases; both tables in order of the cases."""
        line = Timeline.of(steps, cases, self._cut)
        given, documents = self._shared.given(line, cases, starts_known=self._starts_known)
        tables = wait_tables(
            line, given, self._time, documents=documents, starts_known=self._starts_known
        )
        found = (tables.rows, tables.by_case, late_requests(line, tables, documents))
        for writer, table in zip(self._writers, found, strict=True):
            writer.add(table)
        self._caused.append(caused_hours(tables.segments, tables.intervals, documents))
        return tables

    @property
    def caused(self) -> pa.Table:
        """Hours waited for each document filed on one of the cases."""
        return pa.concat_tables(self._caused) if self._caused else _NOTHING


def write_documents(
    source: Source, process: Process, folder: Path, cases: pa.Table, caused: pa.Table
) -> pa.Table | None:
    """Judge the documents of the process and write them with their coverage; return them.

    A log without documents gets no table of them, so that pages can say so. The steps lie
    in `folder`.
    """
    if not source.roles.document:
        return None
    marked = process.catalogue.steps if process.catalogue else ()
    types = [s.type for s in marked if s.has("rests_on_documents") or s.has("opens", "appeal")]
    steps = source.connection.sql(
        "SELECT case_id, event_id, seq, activity, time, precision "
        f"FROM read_parquet({quoted(_file(folder, STEPS.name))}) "
        f"WHERE CAST(activity AS VARCHAR) IN ({listed(types)})"
    ).to_arrow_table()
    documents, rates = document_table(source, process, steps, cases, caused)
    with Writer(_file(folder, DOCUMENTS.name), DOCUMENTS) as writer:
        writer.add(documents)
    pq.write_table(rates, _file(folder, "coverage"))
    return documents


_NOTHING = pa.table({"object_id": pa.array([], pa.string()), "hours": pa.array([], pa.float64())})


def _file(folder: Path, kind: str) -> Path:
    return folder / f"{kind}.parquet"
