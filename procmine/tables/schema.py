"""Typed schemas: each column with its meaning and unit, checked at every border.

The reference pages in ``docs/tabeller.md`` are generated from these schemas.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import pyarrow as pa

from procmine.errors import Fault, TableError

__all__ = ["TYPES", "Column", "Kind", "Schema"]

Kind = Literal["string", "code", "int", "float", "bool", "instant", "date", "strings"]

TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "code": pa.dictionary(pa.int32(), pa.string()),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "instant": pa.timestamp("us", tz="UTC"),
    "date": pa.date32(),
    "strings": pa.list_(pa.string()),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, kind, what it means and in which unit.

    ``code`` is a string with few distinct values, stored as a dictionary. A column that
    is not ``nullable`` must be filled in every row.

    Examples
    --------
    >>> Column("hours", "float", "elapsed time of the interval", unit="h").unit
    'h'
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    nullable: bool = False
    key: bool = False


@dataclass(frozen=True, slots=True)
class Schema:
    """A table's promise: its columns in order, and which of them make a row unique.

    Examples
    --------
    >>> schema = Schema("toy", "a toy table", (Column("id", "string", "its id", key=True),))
    >>> schema.check(pa.table({"id": ["a", "b"]})).num_rows
    2
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    open: bool = False
    """Whether further columns (attributes) may follow those named here."""

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)

    def arrow(self) -> pa.Schema:
        """Return the Arrow schema of the named columns."""
        return pa.schema([pa.field(c.name, TYPES[c.kind], c.nullable) for c in self.columns])

    def empty(self) -> pa.Table:
        """Return the table without rows."""
        return self.arrow().empty_table()

    def without_keys(self) -> Schema:
        """Return the schema without its promise of distinct rows, for tables made so.

        Examples
        --------
        >>> schema = Schema("toy", "a toy table", (Column("id", "string", "its id", key=True),))
        >>> schema.without_keys().check(pa.table({"id": ["a", "a"]})).num_rows
        2
        """
        return replace(self, columns=tuple(replace(c, key=False) for c in self.columns))

    def check(self, table: pa.Table) -> pa.Table:
        """Return `table` with columns in order and cast; raise with every fault at once.

        Raises
        ------
        TableError
            Columns that are missing, of the wrong type, unknown, empty where they must be
            filled, or keys that repeat. Faults hold column and row numbers, never cells.
        """
        faults = self._unknown(table)
        arrays: dict[str, pa.ChunkedArray] = {}
        for column in self.columns:
            if column.name not in table.column_names:
                faults.append(Fault("missing_column", self.name, column.name))
                continue
            array = self._cast(table[column.name], column, faults)
            if array is not None:
                arrays[column.name] = array
        self._check_key(arrays, faults)
        if faults:
            raise TableError("\n".join(fault.line() for fault in faults), tuple(faults))
        extra = [name for name in table.column_names if name not in arrays]
        checked = pa.table(arrays)
        for name in extra:
            checked = checked.append_column(name, table[name])
        return checked

    def _unknown(self, table: pa.Table) -> list[Fault]:
        if self.open:
            return []
        unknown = [name for name in table.column_names if name not in self.names]
        return [Fault("unknown_column", self.name, name) for name in unknown]

    def _cast(
        self, array: pa.ChunkedArray, column: Column, faults: list[Fault]
    ) -> pa.ChunkedArray | None:
        target = TYPES[column.kind]
        try:
            if array.type != target:
                array = array.cast(target)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            faults.append(Fault("wrong_type", self.name, column.name, detail=str(target)))
            return None
        if not column.nullable and array.null_count:
            import pyarrow.compute as pc

            rows = pc.indices_nonzero(pc.is_null(array)).slice(0, 5).to_pylist()
            numbers = tuple(row + 1 for row in rows)
            faults.append(Fault("empty_cell", self.name, column.name, numbers, array.null_count))
        return array

    def _check_key(self, arrays: dict[str, pa.ChunkedArray], faults: list[Fault]) -> None:
        key = [column.name for column in self.columns if column.key]
        if not key or any(name not in arrays for name in key):
            return
        table = pa.table({name: _plain(arrays[name]) for name in key})
        distinct = table.group_by(key).aggregate([]).num_rows
        if distinct < table.num_rows:
            extra = table.num_rows - distinct
            faults.append(Fault("repeated_key", self.name, "+".join(key), count=extra))


def _plain(array: pa.ChunkedArray) -> pa.ChunkedArray:
    return array.cast(pa.string()) if pa.types.is_dictionary(array.type) else array
