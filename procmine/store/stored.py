"""A fact table on disk, of which a column is read when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from procmine.errors import Fault, StoreError
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["StoredTable"]

_REPEATED = frozenset({"case_id"})
"""Texts that stand in many rows: read as the codes that they are stored as."""


class StoredTable:
    """A fact table of a snapshot; what was read once is kept.

    It answers as an Arrow table does to ``column_names``, ``num_rows``, ``select`` and the
    name of a column in brackets.

    Parameters
    ----------
    file
        The Parquet file; it never changes.

    Raises
    ------
    StoreError
        The table was not computed.
    """

    def __init__(self, file: Path) -> None:
        if not file.exists():
            raise StoreError(t("store.no_facts", kind=file.stem), (Fault("no_facts", file.stem),))
        self._file = file
        with pq.ParquetFile(file) as opened:
            self.column_names: list[str] = opened.schema_arrow.names
            self.num_rows: int = opened.metadata.num_rows
        self._read: dict[str, pa.ChunkedArray] = {}

    def __getitem__(self, column: str) -> pa.ChunkedArray:
        """Return one column."""
        return self.select([column])[column]

    def select(self, columns: Iterable[str]) -> pa.Table:
        """Return some of the columns.

        Raises
        ------
        StoreError
            The table was computed by a version that did not know one of them.
        """
        wanted = list(columns)
        absent = [name for name in wanted if name not in self._read]
        if not {*absent} <= {*self.column_names}:
            kind = self._file.stem
            raise StoreError(t("store.no_facts", kind=kind), (Fault("no_facts", kind),))
        if absent:
            coded = [name for name in absent if name in _REPEATED]
            with pq.ParquetFile(self._file, read_dictionary=coded) as opened:
                found = opened.read(columns=absent)
            self._read |= {name: found[name] for name in absent}
        return pa.table({name: self._read[name] for name in wanted})
