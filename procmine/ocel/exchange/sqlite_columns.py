"""Columns of SQLite tables as Arrow text: by the ADBC driver where it is, else row by row."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import sqlite3

__all__ = ["SqliteColumns", "quoted"]

BATCH = 50_000
TEXTUAL = frozenset(("TEXT", "VARCHAR", "CHAR", "CLOB"))


class SqliteColumns:
    """Reads columns of one database as text, null where the cell is null.

    Parameters
    ----------
    connection
        Open for reading.
    uri
        The same file for the ADBC driver, which is five times as fast as rows in Python;
        it is used where ``adbc_driver_sqlite`` is installed.

    Examples
    --------
    >>> import sqlite3
    >>> connection = sqlite3.connect(":memory:")
    >>> _ = connection.execute("create table a (x, y)")
    >>> _ = connection.execute("insert into a values (1.5, null)")
    >>> SqliteColumns(connection, "").read("a", ["x", "y", "z"]).to_pylist()
    [{'x': '1.5', 'y': None, 'z': None}]
    """

    def __init__(self, connection: sqlite3.Connection, uri: str) -> None:
        """Connect the driver where it is installed."""
        self.connection = connection
        self.driver: Any = None
        with suppress(ImportError):
            from adbc_driver_sqlite import dbapi  # type: ignore[import-not-found, unused-ignore]

            self.driver = dbapi.connect(uri) if uri else None

    def close(self) -> None:
        """Close the driver's connection; the other belongs to the caller."""
        if self.driver is not None:
            self.driver.close()

    def held(self, table: str) -> list[tuple[str, str]]:
        """Return the columns of a table and their declared types."""
        rows = self.connection.execute("select name, type from pragma_table_info(?)", (table,))
        return [(str(name), str(kind)) for name, kind in rows]

    def names(self, table: str) -> set[str]:
        """Return the names of a table's columns in lower case, as SQLite compares them."""
        return {name.lower() for name, _ in self.held(table)}

    def read(self, table: str, names: list[str]) -> pa.Table:
        """Return columns as text; a column that the table lacks is empty.

        Raises
        ------
        UnicodeError
            A text that is no UTF-8, which SQLite does not look after.
        """
        present = self.names(table)
        chosen = [name for name in names if name.lower() in present]
        present = {*chosen}
        found = self._by_driver(table, chosen) if self.driver is not None and chosen else None
        if found is None:
            found = self._by_rows(table, chosen)
        try:
            found.validate(full=True)
        except pa.ArrowInvalid as error:
            raise UnicodeError from error
        columns = {
            name: found[name] if name in present else pa.nulls(found.num_rows, pa.string())
            for name in names
        }
        return pa.table(list(columns.values()), names=list(columns))

    def _by_rows(self, table: str, names: list[str]) -> pa.Table:
        schema = pa.schema([(name, pa.string()) for name in names])
        listed = ", ".join(quoted(name) for name in names) or "null"
        cursor = self.connection.execute(f"select {listed} from {quoted(table)}")
        batches = []
        while rows := cursor.fetchmany(BATCH):
            arrays = [_texts(column) for column in zip(*rows, strict=True)][: len(names)]
            if names:
                batches.append(pa.record_batch(arrays, schema=schema))
        return pa.Table.from_batches(batches, schema)

    def _by_driver(self, table: str, names: list[str]) -> pa.Table | None:
        """Read by the driver; None where a column mixes numbers with text, or holds bytes.

        The driver guesses a column's type by its first rows, and SQLite writes numbers with
        15 digits only: nulls are replaced and told in a column of their own, and numbers
        with a fraction travel as numbers.
        """
        told = self._all_text(table, names)
        if told is not None:
            return told
        looks = self._looks(table, names)
        if looks is None:
            return None
        cells = []
        for name, (nulls, real) in zip(names, looks, strict=True):
            cell = quoted(name) if real else f"cast({quoted(name)} as text)"
            empty = "0.0" if real else "''"
            cells.append(f"coalesce({cell}, {empty}), {quoted(name)} is null" if nulls else cell)
        read = iter(self._fetch(table, cells).columns)
        columns = []
        for nulls, _ in looks:
            values = next(read).cast(pa.string())
            if nulls:
                values = pc.if_else(
                    next(read).cast(pa.bool_()), pa.scalar(None, pa.string()), values
                )
            columns.append(values)
        return pa.table(columns, names=names)

    def _all_text(self, table: str, names: list[str]) -> pa.Table | None:
        """Read columns that hold text and whole numbers, without a look at them first.

        None where one holds anything else, or the driver took one for something else, by
        rows at its head that are null.
        """
        declared = self._declared(table, names)
        unsure = [name for name in names if declared[name] not in TEXTUAL]
        cells = [f"cast({quoted(name)} as text)" for name in names]
        if unsure:
            kinds = " or ".join(f"typeof({quoted(name)}) in ('real', 'blob')" for name in unsure)
            cells.append(f"cast({kinds} as integer)")
        try:
            found = self._fetch(table, cells)
        except (self.driver.Error, OSError):
            return None
        if unsure and pc.max(found.column(len(names))).as_py():
            return None
        found = found.select(list(range(len(names))))
        as_text = all(pa.types.is_string(kind) for kind in found.schema.types)
        return found.rename_columns(names) if as_text else None

    def _declared(self, table: str, names: list[str]) -> dict[str, str]:
        """Return the declared types of columns, however their names are cased."""
        declared = {name.lower(): kind.upper() for name, kind in self.held(table)}
        return {name: declared[name.lower()] for name in names}

    def _fetch(self, table: str, cells: list[str]) -> pa.Table:
        with self.driver.cursor() as cursor:
            cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(BATCH)})
            cursor.execute(f"select {', '.join(cells)} from {quoted(table)}")
            return cursor.fetch_arrow_table()

    def _looks(self, table: str, names: list[str]) -> list[tuple[bool, bool]] | None:
        """Return of each column whether it has nulls, and numbers with a fraction.

        A column declared as text holds nothing but text, so only the others are looked at.
        """
        declared = self._declared(table, names)
        asked = ["count(*)"]
        for name in names:
            column = quoted(name)
            asked.append(f"count({column})")
            if declared[name] in TEXTUAL:
                asked.append("0, 0, 0")
            else:
                asked.append(
                    f"max(typeof({column}) = 'real'), max(typeof({column}) in ('text', 'integer')),"
                    f" max(typeof({column}) = 'blob')"
                )
        sql = f"select {', '.join(asked)} from {quoted(table)}"
        count, *flags = self.connection.execute(sql).fetchone()
        found = []
        for place in range(len(names)):
            filled, real, other, blob = flags[4 * place : 4 * place + 4]
            if blob or (real and other) or not count:
                return None
            found.append((filled < count, bool(real)))
        return found


def quoted(name: str) -> str:
    """Return a name as SQL.

    Examples
    --------
    >>> quoted('a"b')
    '"a""b"'
    """
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _texts(column: tuple[object, ...]) -> pa.Array:
    """Return cells of any SQLite type as text."""
    try:
        return pa.array(column, pa.string())
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([_cell(value) for value in column], pa.string())


def _cell(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return repr(value) if isinstance(value, float) else str(value)
