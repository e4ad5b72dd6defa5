"""Attributes of objects that change: with a date of their own, or as deliveries show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.exports.attributes import value_type
from procmine.exports.sql import literal, object_of, quoted_name

if TYPE_CHECKING:
    from procmine.exports.profile import ColumnSpec, ObjectSpec, TableSpec

__all__ = ["object_changes"]

_NONE = (
    "SELECT '' AS object_id, '' AS attribute, now() AS time, '' AS value, '' AS value_type "
    "WHERE false"
)


def object_changes(tables: list[TableSpec]) -> str:
    """Return a query for the values that attributes take, and from when."""
    parts = []
    for table in tables:
        for spec in table.objects:
            for name, source in spec.changes.items():
                parts.append(
                    _dated(table, spec, name, source)
                    if spec.changes_at
                    else _shown(table, spec, name, source)
                )
    union = " UNION ALL ".join(parts) or _NONE
    return (
        f"SELECT DISTINCT object_id, attribute, time, value, value_type FROM ({union}) "
        "ORDER BY object_id, attribute, time, value, value_type"
    )


def _dated(table: TableSpec, spec: ObjectSpec, name: str, source: str) -> str:
    ident = object_of(table.column(spec.column))
    value = _text(table.column(source))
    at = quoted_name(spec.changes_at)
    kind = literal(value_type(table.column(source).kind))
    return (
        f"SELECT {ident} AS object_id, {literal(name)} AS attribute, {at} AS time, "
        f"{value} AS value, {kind} AS value_type FROM current_{table.name} "
        f"WHERE {ident} IS NOT NULL AND {at} IS NOT NULL AND {value} IS NOT NULL"
    )


def _shown(table: TableSpec, spec: ObjectSpec, name: str, source: str) -> str:
    """Return the values, each from the cut of the first delivery that shows it."""
    ident = object_of(table.column(spec.column))
    value = _text(table.column(source))
    kind = literal(value_type(table.column(source).kind))
    return (
        f"SELECT object_id, {literal(name)} AS attribute, time, value, {kind} AS value_type "
        f"FROM (SELECT {ident} AS object_id, _cut AS time, {value} AS value, lag({value}) OVER "
        f"(PARTITION BY {ident} ORDER BY _cut, _id, _content) AS earlier, row_number() OVER "
        f"(PARTITION BY {ident} ORDER BY _cut, _id, _content) AS version "
        f"FROM versions_{table.name} WHERE {ident} IS NOT NULL) "
        "WHERE value IS DISTINCT FROM earlier AND (value IS NOT NULL OR version > 1)"
    )


def _text(spec: ColumnSpec) -> str:
    name = quoted_name(spec.name)
    if spec.kind == "time":
        return f"strftime({name} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ')"
    if spec.kind in ("number", "integer", "flag"):
        return f"{name}::VARCHAR"
    return object_of(spec) if spec.is_object else name
