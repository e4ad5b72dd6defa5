"""Pieces of SQL for names that come from profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from procmine.exports.fates import PRECISION

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import duckdb

    from procmine.exports.profile import Chosen, ColumnSpec, TableSpec

__all__ = [
    "chosen", "content", "fill", "letters", "listed", "literal", "object_of", "quoted_name",
]  # fmt: skip

_FROM_DIGITS = "'0123456789abcdef', 'ghjkmnpqrsabcdef'"


def quoted_name(name: str) -> str:
    """Return a column or table name as a SQL identifier.

    Examples
    --------
    >>> quoted_name("Sider") == chr(34) + "Sider" + chr(34)
    True
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as a SQL literal.

    Examples
    --------
    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def listed(texts: Iterable[str]) -> str:
    """Return texts as a list for ``IN``.

    Examples
    --------
    >>> listed(["a", "b"])
    "('a', 'b')"
    """
    return "(" + ", ".join(map(literal, texts)) + ")"


def fill(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Put rows into a table, all at once: one by one each costs the engine a query."""
    if rows:
        columns = [pa.array(column) for column in zip(*rows, strict=True)]
        con.register("given_rows", pa.table(columns, [f"c{i}" for i in range(len(columns))]))
        con.execute(f"INSERT INTO {table} SELECT * FROM given_rows")
        con.unregister("given_rows")


def letters(number: str) -> str:
    """Return an expression that writes a 64-bit number in letters only."""
    return f"translate(lower(hex({number})), {_FROM_DIGITS})"


def content(table: TableSpec, held: Iterable[str] | None = None) -> str:
    """Return an expression for the hash of a row's kept columns.

    `held` names the columns that are there, where some may not be. The hash is DuckDB's
    own: what is stored is hashed anew where another version, or other columns, made it.
    """
    there = None if held is None else set(held)
    parts = []
    for spec in table.kept:
        name = quoted_name(spec.name)
        if there is not None and spec.name not in there:
            parts.extend(["NULL"] * (2 if spec.kind == "time" else 1))
        elif spec.kind == "time":
            parts.extend((name, quoted_name(spec.name + PRECISION)))
        elif spec.kind == "unit":
            parts.append(f"lower({name})")
        else:
            parts.append(name)
    return f"hash({', '.join(parts)})"


def object_of(spec: ColumnSpec, alias: str = "") -> str:
    """Return an expression for the id of the object that a column names.

    Units are expected in their one spelling, persons as full ids.
    """
    name = f"{alias}.{quoted_name(spec.name)}" if alias else quoted_name(spec.name)
    if spec.kind in ("citizen", "staff"):
        return name
    return f"({literal(spec.to + ':')} || {name})"


def chosen(choice: Chosen, alias: str = "") -> str:
    """Return an expression for a name that is fixed or chosen by a column's value."""
    if choice.fixed:
        return literal(choice.fixed)
    name = f"{alias}.{quoted_name(choice.column)}" if alias else quoted_name(choice.column)
    if not choice.map:
        return f"coalesce({name}, {literal(choice.otherwise)})" if choice.otherwise else name
    cases = " ".join(
        f"WHEN lower({name}) = lower({literal(key)}) THEN {literal(value)}"
        for key, value in choice.map.items()
    )
    return f"CASE {cases} ELSE {literal(choice.otherwise)} END"
