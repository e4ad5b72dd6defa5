"""OCEL 2.0 SQLite, with the primary and foreign keys that the standard asks for."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from procmine.errors import Fault, LogError
from procmine.ocel.exchange.attributes import one_chunk
from procmine.ocel.exchange.rows import EPOCH, Declared, declarations
from procmine.ocel.exchange.times import canonical_text
from procmine.ocel.exchange.values import typed
from procmine.ocel.exchange.whole import whole_file
from procmine.ocel.log import plain
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from procmine.ocel.log import Ocel

__all__ = ["write_sqlite"]

BATCH = 50_000
SQL_TYPES = {
    "string": "TEXT",
    "integer": "INTEGER",
    "float": "REAL",
    "boolean": "BOOLEAN",
    "time": "TIMESTAMP",
}
OWN = ("ocel_id", "ocel_time", "ocel_changed_field")
TABLES = """
create table event_map_type (ocel_type text primary key, ocel_type_map text);
create table object_map_type (ocel_type text primary key, ocel_type_map text);
create table event (ocel_id text primary key, ocel_type text,
  foreign key (ocel_type) references event_map_type (ocel_type));
create table object (ocel_id text primary key, ocel_type text,
  foreign key (ocel_type) references object_map_type (ocel_type));
create table event_object (ocel_event_id text, ocel_object_id text, ocel_qualifier text,
  primary key (ocel_event_id, ocel_object_id, ocel_qualifier),
  foreign key (ocel_event_id) references event (ocel_id),
  foreign key (ocel_object_id) references object (ocel_id));
create table object_object (ocel_source_id text, ocel_target_id text, ocel_qualifier text,
  primary key (ocel_source_id, ocel_target_id, ocel_qualifier),
  foreign key (ocel_source_id) references object (ocel_id),
  foreign key (ocel_target_id) references object (ocel_id));
"""


def write_sqlite(log: Ocel, path: Path) -> None:
    """Write the log as OCEL 2.0 SQLite, all instants in UTC.

    Parameters
    ----------
    log
        The log.
    path
        The file; one that is there is replaced, whole or not at all.

    Raises
    ------
    LogError
        Two attributes of a type whose names SQLite cannot tell apart (it ignores case), one
        named as a column of the standard, or more of them than a table can have.
    """
    try:
        with whole_file(path) as place, closing(sqlite3.connect(place)) as connection:
            connection.execute("pragma journal_mode = off")
            connection.execute("pragma synchronous = off")
            connection.executescript(TABLES)
            for owner in ("event", "object"):
                _owner(connection, log, owner)
            _fill(connection, "event_object", log.e2o)
            _fill(connection, "object_object", log.o2o)
            connection.commit()
    except (sqlite3.Error, OverflowError) as error:  # its limits: columns, lengths of cells
        raise LogError(t("ocel.sqlite_limit"), (Fault("sqlite_limit", path.name),)) from error


def _owner(connection: sqlite3.Connection, log: Ocel, owner: str) -> None:
    table = log.events if owner == "event" else log.objects
    declared = declarations(log, owner)
    _check_names(owner, declared)
    mapped = _mapped(declared)
    rows = pa.table(
        {"type": list(mapped), "map": list(mapped.values())},
        schema=pa.schema([("type", pa.string()), ("map", pa.string())]),
    )
    _fill(connection, f"{owner}_map_type", rows)
    _fill(connection, owner, table.select([f"{owner}_id", f"{owner}_type"]))
    kinds = plain(table[f"{owner}_type"])
    for kind, attributes in declared.items():
        mine = table.filter(pc.equal(kinds, kind))
        if owner == "event":
            _event_type(connection, f"event_{mapped[kind]}", mine, attributes)
        else:
            changes = _changes_of(log, mine)
            _object_type(connection, f"object_{mapped[kind]}", mine, attributes, changes)


def _event_type(
    connection: sqlite3.Connection,
    name: str,
    mine: pa.Table,
    attributes: dict[str, tuple[str, str]],
) -> None:
    listed = "".join(f", {_quoted(n)} {SQL_TYPES[v]}" for n, (v, _) in attributes.items())
    connection.execute(
        f"create table {_quoted(name)} (ocel_id text primary key, ocel_time timestamp{listed}, "
        "foreign key (ocel_id) references event (ocel_id))"
    )
    columns = {"ocel_id": mine["event_id"], "ocel_time": mine["time"]}
    columns.update({attribute: mine[column] for attribute, (_, column) in attributes.items()})
    _fill(connection, name, pa.table(list(columns.values()), names=list(columns)))


def _object_type(
    connection: sqlite3.Connection,
    name: str,
    mine: pa.Table,
    attributes: dict[str, tuple[str, str]],
    changes: pa.Table,
) -> None:
    listed = "".join(f", {_quoted(n)} {SQL_TYPES[v]}" for n, (v, _) in attributes.items())
    connection.execute(
        f"create table {_quoted(name)} (ocel_id text, ocel_time timestamp, "
        f"ocel_changed_field text{listed}, foreign key (ocel_id) references object (ocel_id))"
    )
    count = mine.num_rows
    columns = [
        mine["object_id"],
        pa.array([EPOCH] * count, pa.string()),
        pa.nulls(count, pa.string()),
    ]
    columns.extend(mine[column] for _, column in attributes.values())
    names = [*OWN, *attributes]
    _fill(connection, name, pa.table(columns, names=names))
    for attribute, (value_type, _) in attributes.items():
        part = changes.filter(pc.equal(plain(changes["attribute"]), attribute))
        if not part.num_rows:
            continue
        texts = one_chunk(part["value"])
        values = typed(texts, value_type)
        cells = pa.table(
            {
                "ocel_id": part["object_id"],
                "ocel_time": part["time"],
                "ocel_changed_field": plain(part["attribute"]),
                "value": texts if values is None else values,
            }
        )
        _fill(connection, name, cells, (*OWN, attribute))


def _changes_of(log: Ocel, mine: pa.Table) -> pa.Table:
    changes = log.object_changes
    if not changes.num_rows:
        return changes
    ids = one_chunk(mine["object_id"])
    return changes.filter(pc.is_in(changes["object_id"], value_set=ids))


def _fill(
    connection: sqlite3.Connection,
    name: str,
    table: pa.Table,
    columns: tuple[str, ...] | None = None,
) -> None:
    marks = ", ".join("?" * table.num_columns)
    into = f" ({', '.join(_quoted(column) for column in columns)})" if columns else ""
    sql = f"insert into {_quoted(name)}{into} values ({marks})"
    for begin in range(0, table.num_rows, BATCH):
        connection.executemany(sql, _cells(table.slice(begin, BATCH)))


def _cells(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    lists = []
    for column in table.columns:
        values = plain(column)
        if pa.types.is_timestamp(values.type):
            values = canonical_text(values)
        elif pa.types.is_boolean(values.type):
            values = values.cast(pa.int8())
        elif pa.types.is_floating(values.type) and pc.any(pc.is_nan(values)).as_py():
            # SQLite stores what is no number as nothing: it is told as text.
            lists.append([str(v) if v != v else v for v in values.to_pylist()])  # noqa: PLR0124
            continue
        lists.append(values.to_pylist())
    return zip(*lists, strict=True)


def _mapped(declared: Declared) -> dict[str, str]:
    """Return for each type a name fit for a table; SQLite ignores case in names."""
    taken: set[str] = set()
    mapped = {}
    for kind in declared:
        base = re.sub(r"\W", "", kind.title() if " " in kind else kind, flags=re.ASCII) or "type"
        name, number = base, 1
        while name.casefold() in taken:
            number += 1
            name = f"{base}_{number}"
        taken.add(name.casefold())
        mapped[kind] = name
    return mapped


def _check_names(owner: str, declared: Declared) -> None:
    faults = []
    for kind, attributes in declared.items():
        taken = {name.casefold() for name in OWN}
        for name in attributes:
            if name.casefold() in taken or "\x00" in name or not name:
                faults.append(Fault("sqlite_name", f"{owner}_types", name, detail=kind))
            taken.add(name.casefold())
    if faults:
        names = ", ".join(fault.column for fault in faults)
        raise LogError(t("ocel.sqlite_name", names=names), tuple(faults))


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
