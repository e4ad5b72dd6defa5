"""Compute every fact table of a snapshot and write it beside the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from procmine.facts.cases import case_table, find_cases
from procmine.facts.lifelines import plan
from procmine.facts.source import Source
from procmine.facts.steps import step_table
from procmine.tables.facts import CASES, STEPS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from procmine.store.snapshot import Process, Snapshot
    from procmine.tables.schema import Schema

__all__ = ["compute"]

_ROW_GROUP = 120_000


def compute(snapshot: Snapshot, *, progress: Callable[[str], None] | None = None) -> None:
    """Compute and write the fact tables of every process of `snapshot`.

    Parameters
    ----------
    snapshot
        A snapshot, or one in the making (:meth:`procmine.store.Staging.snapshot`).
    progress
        Called with the name of each process before its turn.
    """
    source = Source.of_snapshot(snapshot)
    try:
        for process in snapshot.processes:
            if progress is not None:
                progress(process.label)
            _process(snapshot, source, process)
    finally:
        source.connection.close()


def _process(snapshot: Snapshot, source: Source, process: Process) -> None:
    def file(schema: Schema) -> Path:
        return snapshot.facts_file(process.name, schema.name)

    file(STEPS).parent.mkdir(parents=True, exist_ok=True)
    with Writer(file(STEPS), STEPS) as steps, Writer(file(CASES), CASES) as cases:
        for chunk in plan(source, process):
            found = find_cases(chunk)
            visit = np.full(len(chunk.activity), -1)
            steps.add(step_table(chunk, found, visit))
            cases.add(_with_empty(case_table(chunk, found), CASES))


def _with_empty(table: pa.Table, schema: Schema) -> pa.Table:
    for field in schema.arrow():
        if field.name not in table.column_names:
            table = table.append_column(field.name, pa.nulls(table.num_rows, field.type))
    return table


class Writer:
    """Write a fact table chunk by chunk; a table without rows is a file too."""

    def __init__(self, file: Path, schema: Schema) -> None:
        self._file, self._schema = file, schema
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> Writer:
        """Begin; the file appears with the first chunk."""
        return self

    def add(self, table: pa.Table) -> None:
        """Check a chunk and write it."""
        checked = self._schema.check(table)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._file, checked.schema, compression="zstd")
        self._writer.write_table(checked, row_group_size=_ROW_GROUP)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file; without any chunk, write the empty table."""
        if self._writer is not None:
            self._writer.close()
        elif error is None:
            pq.write_table(self._schema.empty(), self._file)
