"""Write the tables of waits and documents of a process, some cases at a time."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

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
from procmine.facts.writer import Writer, case_ranges
from procmine.store.engine import quoted
from procmine.tables.facts import CASES, DOCUMENTS, STEPS, WAITS

if TYPE_CHECKING:
    from pathlib import Path

    from procmine.config.worktime import WorkTime
    from procmine.facts.source import Source
    from procmine.store.snapshot import Process

__all__ = ["prepare", "write_documents", "write_waits"]

_RANGE_STEPS = 500_000
_STEP_COLUMNS = ["case_id", "seq", "event_id", "activity", "time", "placed", "start", "precision",
                 "unit", "hand", "phase", "deadline", "in_case", "resource"]  # fmt: skip
_CASE_COLUMNS = ["case_id", "object_id", "start", "end", "open", "start_precision",
                 "end_precision", "events"]  # fmt: skip


def prepare(source: Source) -> None:
    """Read the log's documents; once, before the processes."""
    if source.roles.document:
        prepare_documents(source)


def write_waits(source: Source, process: Process, folder: Path, time: WorkTime) -> pa.Table:
    """Label the time of the cases in `folder` and write ``waits``, its sums and late requests.

    Parameters
    ----------
    source
        The log, after :func:`prepare`.
    process
        The process whose steps and cases lie in `folder`.
    folder
        Its fact tables.
    time
        Working calendars.

    Returns
    -------
    table
        Hours waited for each document filed on one of the cases.
    """
    cases = pq.read_table(_file(folder, CASES.name), columns=_CASE_COLUMNS)
    shared = WaitSource.of(source, process)
    starts_known = _starts_known(source, folder)
    caused = []
    with ExitStack() as stack:
        rows, sums, late = (
            stack.enter_context(Writer(_file(folder, schema.name), schema))
            for schema in (WAITS, BY_CASE, LATE)
        )
        for low, high in case_ranges(cases, _RANGE_STEPS):
            within = [("case_id", ">=", low), ("case_id", "<=", high)]
            file = _file(folder, STEPS.name)
            steps = pq.read_table(file, columns=_STEP_COLUMNS, filters=within)
            ours = pq.read_table(_file(folder, CASES.name), columns=_CASE_COLUMNS, filters=within)
            line = Timeline.of(steps, ours, source.cut_us)
            given, documents = shared.given(line, ours)
            tables = wait_tables(line, given, time, documents=documents, starts_known=starts_known)
            rows.add(tables.rows)
            sums.add(tables.by_case)
            late.add(late_requests(line, tables, documents))
            caused.append(caused_hours(tables.segments, tables.intervals, documents))
    return pa.concat_tables(caused) if caused else _NOTHING


def write_documents(source: Source, process: Process, folder: Path, caused: pa.Table) -> None:
    """Judge the documents of the process and write them with their coverage.

    A log without documents gets no table of them, so that pages can say so.
    """
    if not source.roles.document:
        return
    marked = process.catalogue.steps if process.catalogue else ()
    types = [s.type for s in marked if s.has("rests_on_documents") or s.has("opens", "appeal")]
    steps = source.connection.sql(
        "SELECT case_id, event_id, activity, time, precision "
        f"FROM read_parquet({quoted(_file(folder, STEPS.name))}) "
        f"WHERE CAST(activity AS VARCHAR) IN ({listed(types)})"
    ).to_arrow_table()
    cases = pq.read_table(_file(folder, CASES.name))
    documents, rates = document_table(source, process, steps, cases, caused)
    with Writer(_file(folder, DOCUMENTS.name), DOCUMENTS) as writer:
        writer.add(documents)
    pq.write_table(rates, _file(folder, "coverage"))


_NOTHING = pa.table({"object_id": pa.array([], pa.string()), "hours": pa.array([], pa.float64())})


def _starts_known(source: Source, folder: Path) -> bool:
    row = source.connection.execute(
        "SELECT coalesce(bool_or(start < placed), false) "
        f"FROM read_parquet({quoted(_file(folder, STEPS.name))})"
    ).fetchall()
    return bool(row[0][0])


def _file(folder: Path, kind: str) -> Path:
    return folder / f"{kind}.parquet"
