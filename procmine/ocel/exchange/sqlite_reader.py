"""OCEL 2.0 SQLite: each table read in batches straight into Arrow columns."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.errors import Fault, LogError
from procmine.ocel.exchange.assemble import assemble
from procmine.ocel.exchange.attributes import one_chunk
from procmine.ocel.exchange.raw import EVENT_VALUES, OBJECT_VALUES, RawLog
from procmine.ocel.exchange.sqlite_columns import SqliteColumns, quoted
from procmine.ocel.exchange.tally import Tally
from procmine.ocel.exchange.times import ZONE
from procmine.ocel.order import places
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from procmine.ocel.exchange.result import ReadResult

__all__ = ["read_sqlite"]

MAGIC = b"SQLite format 3\x00"
NEEDED = {
    "event": ("ocel_id", "ocel_type"),
    "object": ("ocel_id", "ocel_type"),
    "event_object": ("ocel_event_id", "ocel_object_id"),
    "event_map_type": ("ocel_type", "ocel_type_map"),
    "object_map_type": ("ocel_type", "ocel_type_map"),
}
ACTIVITY = "ocel:activity"
OWN = ("ocel_id", "ocel_time", "ocel_changed_field")


def read_sqlite(path: Path, *, zone: str = "") -> ReadResult:
    """Read an OCEL 2.0 SQLite file, without writing to it or waiting for a lock.

    Parameters
    ----------
    path
        The file.
    zone
        Zone of stamps that name none; where it is not given, local time, but UTC in a file
        that pm4py wrote, which drops the zone where r4pm stands beside it.

    Raises
    ------
    LogError
        The file is no SQLite database, is damaged, or lacks a table of the standard.
    """
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            _refuse("not_sqlite", path.name)
    tally = Tally()
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            connection.execute("pragma trusted_schema = off")
            cells = SqliteColumns(connection, uri)
            with closing(cells):
                reader = _Reader(cells, path.name, tally)
                raw = reader.read()
    except sqlite3.DatabaseError as error:
        raise LogError(
            t("ocel.not_sqlite", file=path.name), (Fault("not_sqlite", path.name),)
        ) from error
    meant = zone or ("UTC" if reader.of_pm4py else ZONE)
    return assemble(raw, tally, source=path.name, zone=meant)


class _Reader:
    """Reads the tables of one file."""

    def __init__(self, cells: SqliteColumns, name: str, tally: Tally) -> None:
        self.cells = cells
        self.tally = tally
        self.of_pm4py = False
        listed = cells.connection.execute("select lower(name), type from sqlite_master").fetchall()
        self.tables = {table for table, kind in listed if kind == "table"}
        absent = [table for table in NEEDED if table not in self.tables]
        # A view computes, and what it computes need not end: none is ever read.
        for code, names in (
            ("has_views", [v for v, kind in listed if kind == "view" and v in absent]),
            ("missing_table", absent),
            ("lacking", self._lacking()),
        ):
            if names:
                faults = tuple(Fault(code, name, one) for one in names)
                raise LogError(t(f"ocel.{code}", file=name, names=", ".join(names)), faults)

    def read(self) -> RawLog:
        """Return what the file says."""
        events = self.columns("event", ["ocel_id", "ocel_type"], ["id", "type"])
        objects = self.columns("object", ["ocel_id", "ocel_type"], ["id", "type"])
        times = pa.nulls(events.num_rows, pa.string())
        ends = ["from", "to", "qualifier"]
        e2o = self.columns(
            "event_object", ["ocel_event_id", "ocel_object_id", "ocel_qualifier"], ends
        )
        if "object_object" in self.tables:
            o2o = self.columns(
                "object_object", ["ocel_source_id", "ocel_target_id", "ocel_qualifier"], ends
            )
        else:
            o2o = e2o.slice(0, 0)
        raw = RawLog(
            events.append_column("time", times),
            objects,
            e2o,
            o2o,
            EVENT_VALUES.empty_table(),
            OBJECT_VALUES.empty_table(),
        )
        self._event_tables(raw)
        self._object_tables(raw)
        return raw

    def columns(self, table: str, names: list[str], called: list[str]) -> pa.Table:
        """Return columns of a table as text under other names."""
        return self.cells.read(table, names).rename_columns(called)

    def _lacking(self) -> list[str]:
        """Return the columns without which the tables that bind say nothing."""
        return [
            f"{table}.{column}"
            for table, columns in NEEDED.items()
            for column in columns
            if column not in self.cells.names(table)
        ]

    def typed_tables(self, owner: str) -> Iterator[tuple[str, str]]:
        """Yield each type and the table that holds its rows."""
        sql = f"select ocel_type, ocel_type_map from {owner}_map_type"
        for kind, mapped in self.cells.connection.execute(sql).fetchall():
            table = f"{owner}_{mapped}"
            if table.lower() in self.tables:
                if "ocel_id" not in self.cells.names(table):
                    self.tally.add("lacking", table, "ocel_id", detail=str(kind))
                yield str(kind), table
            else:
                self.tally.add("missing_table", table, detail=str(kind))

    def _repeats_type(self, kind: str, table: str) -> bool:
        """Say whether a column holds nothing but the type again, as pm4py writes it."""
        if ACTIVITY not in self.cells.names(table):
            return False
        sql = f"select 1 from {quoted(table)} where {quoted(ACTIVITY)} is not ? limit 1"
        same = self.cells.connection.execute(sql, (kind,)).fetchone() is None
        self.of_pm4py |= same
        return same

    def _event_tables(self, raw: RawLog) -> None:
        rows, stamps, values = [], [], [raw.event_values]
        tables, met = [], np.zeros(raw.events.num_rows, dtype=np.bool_)
        for kind, table in self.typed_tables("event"):
            own = {*OWN, ACTIVITY} if self._repeats_type(kind, table) else {*OWN}
            named = [(n, d) for n, d in self.cells.held(table) if n.lower() not in own]
            raw.event_types[kind] = {name: declared or "TEXT" for name, declared in named}
            held = self.columns(
                table,
                [*OWN[:2], *(n for n, _ in named)],
                ["ocel_id", "ocel_time", *(f"a{i}" for i in range(len(named)))],
            )
            tables.append((table, named, held))
        found = _rows_of([held["ocel_id"] for _, _, held in tables], raw.events["id"])
        if _each_once(found, raw.events.num_rows):
            raw.distinct.add("events")
        for (table, named, held), at in zip(tables, found, strict=True):
            self.tally.add_rows("dangling_event", table, np.flatnonzero(at < 0), "ocel_id")
            self.tally.add_rows("repeated_id", table, _first_only(at, met), "ocel_id")
            rows.append(at)
            stamps.append(held["ocel_time"])
            for index, (name, _) in enumerate(named):
                values.append(_long(at, name, held[f"a{index}"]).cast(EVENT_VALUES))
        raw.event_values = pa.concat_tables(values)
        raw.events = raw.events.set_column(2, "time", _times(raw.events.num_rows, rows, stamps))

    def _object_tables(self, raw: RawLog) -> None:
        values, tables = [raw.object_values], []
        for kind, table in self.typed_tables("object"):
            named = [(n, d) for n, d in self.cells.held(table) if n.lower() not in OWN]
            raw.object_types[kind] = {name: declared or "TEXT" for name, declared in named}
            held = self.columns(
                table, [*OWN, *(n for n, _ in named)], [*OWN, *(f"a{i}" for i in range(len(named)))]
            )
            tables.append((table, named, held))
        found = _rows_of([held["ocel_id"] for _, _, held in tables], raw.objects["id"])
        if _each_once(found, raw.objects.num_rows):
            raw.distinct.add("objects")
        for (table, named, held), at in zip(tables, found, strict=True):
            self.tally.add_rows("dangling_object", table, np.flatnonzero(at < 0), "ocel_id")
            changed = pc.fill_null(held["ocel_changed_field"], "")
            known = pc.is_in(changed, value_set=pa.array(["", *(n for n, _ in named)]))
            strange = ~np.asarray(one_chunk(known).to_numpy(zero_copy_only=False)) & (at >= 0)
            where = "ocel_changed_field"
            self.tally.add_rows("unknown_change", table, np.flatnonzero(strange), where)
            for index, (name, _) in enumerate(named):
                whole = np.asarray(one_chunk(pc.equal(changed, "")))
                one = np.asarray(one_chunk(pc.equal(changed, name)))
                column = held[f"a{index}"]
                values.append(_long(at, name, column, held["ocel_time"], whole, one))
        raw.object_values = pa.concat_tables([v.cast(OBJECT_VALUES) for v in values])


def _rows_of(columns: list[pa.ChunkedArray], among: pa.ChunkedArray) -> list[np.ndarray]:
    """Return for each column the rows of its ids, from one index over all of `among`."""
    if not columns:
        return []
    ids = pa.chunked_array([chunk for column in columns for chunk in column.chunks], pa.string())
    return np.split(places(ids, among), np.cumsum([len(column) for column in columns])[:-1])


def _first_only(at: np.ndarray, met: np.ndarray) -> np.ndarray:
    """Keep the first mention of each event in `at`, -1 for the others; return their rows."""
    counts = np.bincount(at[at >= 0], minlength=len(met))
    if not ((counts > 1) | ((counts > 0) & met)).any():
        met |= counts > 0
        return np.zeros(0, dtype=np.int64)
    _, first = np.unique(at, return_index=True)
    again = np.ones(len(at), dtype=np.bool_)
    again[first] = False
    again |= met[np.maximum(at, 0)]
    again &= at >= 0
    met |= counts > 0
    at[again] = -1
    return np.flatnonzero(again)


def _each_once(found: list[np.ndarray], size: int) -> bool:
    """Say whether every row was found: a look-up finds the first of equal ids only."""
    seen = np.zeros(size, dtype=np.bool_)
    for rows in found:
        seen[rows[rows >= 0]] = True
    return bool(seen.all())


def _long(
    at: np.ndarray,
    name: str,
    column: pa.ChunkedArray,
    times: pa.ChunkedArray | None = None,
    whole: np.ndarray | None = None,
    one: np.ndarray | None = None,
) -> pa.Table:
    """Return the filled cells of a column as values; a change may empty a cell."""
    filled = np.asarray(one_chunk(pc.is_valid(column)))
    keep = (at >= 0) & (filled if whole is None else (filled & whole) | one)
    kept = pa.array(np.flatnonzero(keep))
    count = len(kept)
    columns = {
        "row": pa.array(at[keep], pa.int64()),
        "attribute": pa.repeat(pa.scalar(name, pa.string()), count),
        "value": column.take(kept),
        "kind": pa.repeat(pa.scalar("s", pa.string()), count),
    }
    if times is not None:
        columns["time"] = times.take(kept)
    return pa.table(columns)


def _times(length: int, rows: list[np.ndarray], stamps: list[pa.ChunkedArray]) -> pa.Array:
    if not rows:
        return pa.nulls(length, pa.string())
    at = np.concatenate(rows)
    values = pa.concat_arrays([one_chunk(column) for column in stamps])
    index = np.full(length, -1, dtype=np.int64)
    index[at[at >= 0]] = np.flatnonzero(at >= 0)
    return values.take(pa.array(index, mask=index < 0))


def _refuse(code: str, name: str) -> NoReturn:
    raise LogError(t(f"ocel.{code}", file=name), (Fault(code, name),))
