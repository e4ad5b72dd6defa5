"""Fact tables on disk: written chunk by chunk, read range by range, replaced whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future
    from pathlib import Path
    from types import TracebackType

    from procmine.tables.schema import Schema

__all__ = ["ROW_GROUP", "Writer", "case_ranges", "read_range", "with_empty"]

ROW_GROUP = 120_000
_SAMPLE, _MOSTLY = 4_096, 0.9
"""Of so many rows such a share differs in a column whose values hardly repeat."""


class Writer:
    """Write a fact table chunk by chunk; a table without rows is a file too.

    Chunks are written beside what the caller does next, one at a time. The file appears
    whole at the end, under its name.
    """

    def __init__(self, file: Path, schema: Schema) -> None:
        self._file, self._schema = file, schema
        self._part = file.with_name(f".{file.name}.part")
        self._writer: pq.ParquetWriter | None = None
        self._beside = ThreadPoolExecutor(1)
        self._last: Future[None] | None = None

    def __enter__(self) -> Self:
        """Begin; nothing is written yet."""
        return self

    def add(self, table: pa.Table) -> None:
        """Write a checked chunk; what went wrong with one before is raised here."""
        self._wait()
        self._last = self._beside.submit(self._write, table)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file and give it its name; without any chunk, write the empty table."""
        try:
            with self._beside:
                if error is None:
                    self._wait()
            if self._writer is not None:
                self._writer.close()
            if error is None:
                if self._writer is None:
                    pq.write_table(self._schema.empty(), self._part)
                self._part.replace(self._file)
        finally:
            self._part.unlink(missing_ok=True)

    def _wait(self) -> None:
        """Wait for the chunk that is being written."""
        last, self._last = self._last, None
        if last is not None:
            last.result()

    def _write(self, table: pa.Table) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._part, table.schema, **_layout(table))
        self._writer.write_table(table, row_group_size=ROW_GROUP)


def _layout(table: pa.Table) -> dict[str, Any]:
    """Return how columns are encoded: what hardly repeats is not looked up.

    A dictionary of distinct ids, numbers or instants makes the file larger and both ways
    slower; floats shrink little, so that they are packed by what unpacks fastest.
    """
    schema = table.schema
    floats = {f.name for f in schema if pa.types.is_floating(f.type)}
    distinct = floats | {f.name for f in schema if pa.types.is_timestamp(f.type)}
    few = table.slice(0, _SAMPLE)
    distinct |= {
        name for name in schema.names
        if pa.types.is_string(few[name].type) or pa.types.is_integer(few[name].type)
        if pc.count_distinct(few[name]).as_py() > _MOSTLY * few.num_rows
    }  # fmt: skip
    return {
        "compression": {name: "snappy" if name in floats else "zstd" for name in schema.names},
        "use_dictionary": [name for name in schema.names if name not in distinct],
    }


def with_empty(table: pa.Table, schema: Schema) -> pa.Table:
    """Return `table` with the columns of `schema` that it lacks, empty."""
    for field in schema.arrow():
        if field.name not in table.column_names:
            table = table.append_column(field.name, pa.nulls(table.num_rows, field.type))
    return table


def case_ranges(cases: pa.Table, rows: int) -> Iterator[tuple[str, str]]:
    """Yield first and last case id of ranges with about `rows` steps each.

    Parameters
    ----------
    cases
        Cases in order of their ids, with the number of steps in ``events``.
    rows
        Steps a range.
    """
    ids = cases["case_id"].combine_chunks()
    if not len(ids):
        return
    part = np.cumsum(cases["events"].to_numpy() + 1) // rows
    cuts = [0, *(np.flatnonzero(part[1:] != part[:-1]) + 1).tolist(), len(ids)]
    for begin, end in pairwise(cuts):
        yield ids[begin].as_py(), ids[end - 1].as_py()


def read_range(file: Path, cases: tuple[str, str]) -> pa.Table:
    """Read the rows of a fact table for a range of case ids."""
    low, high = cases
    return pq.read_table(file, filters=[("case_id", ">=", low), ("case_id", "<=", high)])
