"""Attributes of events and objects: their columns, their types, what declares them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.exports.births import BIRTH_BAND
from procmine.exports.sql import literal, object_of, quoted_name

if TYPE_CHECKING:
    from typing import Any

    from procmine.exports.delivery import Delivery
    from procmine.exports.profile import Profile, TableSpec
    from procmine.exports.settle import Settlement

__all__ = [
    "VALUE_TYPES",
    "EventColumns",
    "event_attributes",
    "lacking_columns",
    "object_attributes",
    "value_type",
]

VALUE_TYPES = {"time": "time", "number": "float", "integer": "integer", "flag": "boolean"}
_SQL_TYPES = {
    "time": "TIMESTAMPTZ", "float": "DOUBLE", "integer": "BIGINT", "boolean": "BOOLEAN",
    "string": "VARCHAR",
}  # fmt: skip


def value_type(kind: str) -> str:
    """Return the OCEL type of a kind of column.

    Examples
    --------
    >>> value_type("time"), value_type("code")
    ('time', 'string')
    """
    return VALUE_TYPES.get(kind, "string")


def lacking_columns(
    profile: Profile, delivery: Delivery, meta: dict[str, Any]
) -> dict[str, set[str]]:
    """Return the optional columns of each table that neither delivery nor store has had.

    An attribute that no file could give is not declared: the log does not have it, which
    is another thing than having it empty.
    """
    seen = {table: set(names) for table, names in meta.get("columns", {}).items()}
    for source in delivery.sources:
        for header in source.headers:
            seen.setdefault(source.table.name, set()).update(header.places)
    return {
        table.name: {c.name for c in table.columns if c.optional} - seen.get(table.name, set())
        for table in profile.tables
    }


class EventColumns:
    """The attribute columns of events: one a name, further ones where types differ."""

    def __init__(self, tables: list[TableSpec]) -> None:
        """Collect the attributes of every event of the tables."""
        self.columns: dict[str, str] = {"attr.system": "string"}
        for table in tables:
            for event in table.events:
                for name, column in event.attributes.items():
                    kind = value_type(table.column(column).kind)
                    self.columns.setdefault(self.of(name, kind), kind)

    def of(self, name: str, kind: str) -> str:
        """Return the column of an attribute of that type."""
        plain = f"attr.{name}"
        return plain if self.columns.get(plain, kind) == kind else f"{plain}:{kind}"

    def select(self, table: TableSpec, attributes: dict[str, str]) -> str:
        """Return the attribute columns of one event, all of them, in order."""
        filled = {"attr.system": literal(table.system)}
        for name, column in attributes.items():
            kind = value_type(table.column(column).kind)
            filled[self.of(name, kind)] = quoted_name(column)
        return ", ".join(
            f"{filled.get(name, 'NULL')}::{_SQL_TYPES[kind]} AS {quoted_name(name)}"
            for name, kind in sorted(self.columns.items())
        )


def event_attributes(
    work: Settlement, tables: list[TableSpec], declared: list[tuple[str, ...]]
) -> None:
    """Add to `declared` which event types have which attributes."""
    columns = EventColumns(tables)
    found = work.con.execute("SELECT DISTINCT event_type, _yield FROM events").fetchall()
    declared.extend(
        ("event", event_type, "system", "string", "attr.system")
        for event_type in sorted({row[0] for row in found})
    )
    for number, (table, event) in enumerate((t, e) for t in tables for e in t.events):
        types = sorted(event_type for event_type, kind in found if kind == number)
        for name, column in event.attributes.items():
            if column in work.lacking.get(table.name, ()):
                continue
            kind = value_type(table.column(column).kind)
            full = columns.of(name, kind)
            declared.extend(("event", one, name, kind, full) for one in types)


def object_attributes(
    work: Settlement, tables: list[TableSpec], declared: list[tuple[str, ...]]
) -> tuple[list[str], list[str]]:
    """Make a table of attributes for each description of objects; return columns and joins.

    Where several rows describe one object (a wide file), the latest delivery's greatest
    value holds, whatever the order of rows.
    """
    columns: dict[str, tuple[str, list[str]]] = {}
    joins = []
    described = [(t, o) for t in tables for o in t.objects if o.attributes]
    for number, (table, spec) in enumerate(described):
        column = table.column(spec.column)
        values = []
        for name, source in spec.attributes.items():
            if source in work.lacking.get(table.name, ()):
                continue
            kind = value_type(table.column(source).kind)
            full = f"attr.{name}"
            if columns.setdefault(full, (kind, []))[0] != kind:
                full = f"{full}:{kind}"
                columns.setdefault(full, (kind, []))
            columns[full][1].append(f"a{number}.{quoted_name(full)}")
            key = quoted_name(source)
            values.append(f"max({key}) AS {quoted_name(full)}")
            declared.append(("object", column.to, name, kind, full))
        ident = object_of(column)
        work.con.execute(
            f"CREATE TEMP TABLE described_{number} AS SELECT "
            f"{', '.join([f'{ident} AS object_id', *values])} "
            f"FROM current_{table.name} WHERE {ident} IS NOT NULL GROUP BY {ident}"
        )
        joins.append(f"LEFT JOIN described_{number} a{number} ON a{number}.object_id = o.object_id")
    if work.births:
        full = f"attr.{BIRTH_BAND}"
        declared.extend(("object", kind, BIRTH_BAND, "string", full) for kind in work.births)
        columns.setdefault(full, ("string", []))[1].append("b.band")
        joins.append("LEFT JOIN births b ON b.object_id = o.object_id")
    _changing(work, tables, declared, columns)
    select = [
        f"coalesce({', '.join([*sources, 'NULL'])})::{_SQL_TYPES[kind]} AS {quoted_name(full)}"
        for full, (kind, sources) in sorted(columns.items())
    ]
    return select, joins


def _changing(
    work: Settlement,
    tables: list[TableSpec],
    declared: list[tuple[str, ...]],
    columns: dict[str, tuple[str, list[str]]],
) -> None:
    """Declare the attributes that only change, too; from the beginning they have no value."""
    known = {(row[1], row[2]) for row in declared if row[0] == "object"}
    for table in tables:
        for spec in table.objects:
            owner = table.column(spec.column).to
            for name, source in spec.changes.items():
                if source in work.lacking.get(table.name, ()) or (owner, name) in known:
                    continue
                kind = value_type(table.column(source).kind)
                full = f"attr.{name}"
                if columns.setdefault(full, (kind, []))[0] != kind:
                    full = f"{full}:{kind}"
                    columns.setdefault(full, (kind, []))
                known.add((owner, name))
                declared.append(("object", owner, name, kind, full))
