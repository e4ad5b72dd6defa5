"""From what a file says to a checked log: every breach counted, nothing silently dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.ocel.exchange.attributes import (
    PRECISION,
    Attributes,
    event_attributes,
    object_attributes,
    one_chunk,
)
from procmine.ocel.exchange.relations import relations
from procmine.ocel.exchange.result import ReadResult
from procmine.ocel.exchange.times import ZONE, at_local_midnight, parse_stamps
from procmine.ocel.log import BARE_TYPES, Ocel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from procmine.ocel.exchange.raw import RawLog
    from procmine.ocel.exchange.tally import Tally
    from procmine.ocel.roles import Roles

__all__ = ["assemble", "import_meta"]


def assemble(
    raw: RawLog,
    tally: Tally,
    *,
    source: str = "",
    zone: str = ZONE,
    roles: Roles | None = None,
) -> ReadResult:
    """Check what a file says, type it, and make the log.

    Parameters
    ----------
    raw
        What the reader met.
    tally
        Breaches met so far; those found here are added.
    source
        Name of the file, for the log's origin.
    zone
        Zone of stamps that name none.
    roles
        Roles known from the file's format.
    """
    events, event_rows = _events(raw, tally, zone)
    objects, object_rows = _objects(raw, tally)
    about_events = event_attributes(raw, event_rows, tally, zone)
    about_objects = object_attributes(raw, object_rows, objects["object_id"], tally, zone)
    events = _with_own(events, about_events)
    for name, column in about_events.columns.items():
        events = events.append_column(name, column)
    for name, column in about_objects.columns.items():
        objects = objects.append_column(name, column)
    number = about_objects.own.get("number", pa.nulls(objects.num_rows, pa.string()))
    objects = objects.append_column("number", number)
    ids = events["event_id"], objects["object_id"]
    e2o, of_e2o = relations(raw.e2o, *ids, "e2o", tally)
    o2o, of_o2o = relations(raw.o2o, ids[1], ids[1], "o2o", tally)
    tables = {
        "events": events,
        "objects": _with_lineage(objects),
        "e2o": e2o,
        "o2o": o2o,
        "object_changes": about_objects.changes,
        "attributes": pa.Table.from_pylist(
            [*about_events.declarations, *about_objects.declarations],
            schema=pa.schema(
                [(n, pa.string()) for n in ("owner", "type", "attribute", "value_type", "column")]
            ),
        ),
    }
    ends = {"e2o": of_e2o, "o2o": of_o2o}
    meta = import_meta(events["time"], source)
    bare = {
        "event": _bare(raw.event_types, events["event_type"]),
        "object": _bare(raw.object_types, objects["object_type"]),
    }
    if any(bare.values()):
        meta[BARE_TYPES] = bare
    ocel = Ocel.build(tables, roles, meta, ends=ends)
    return ReadResult(ocel, tally.faults())


def _bare(declared: Mapping[str, Mapping[str, str]], occurring: pa.ChunkedArray) -> list[str]:
    """Return the declared types that have neither attributes nor instances."""
    empty = {kind for kind, attributes in declared.items() if not attributes}
    return sorted(empty - {*pc.unique(occurring).to_pylist()}) if empty else []


def import_meta(times: pa.ChunkedArray, source: str) -> dict[str, Any]:
    """Return the origin of an imported log for ``log.json``: sources, start, cut.

    The cut is the latest stamp that is not after now; the pipeline may set another.

    Examples
    --------
    >>> import_meta(pa.chunked_array([pa.array([0], pa.timestamp("us", tz="UTC"))]), "a")["cut"]
    '1970-01-01T00:00:00+00:00'
    """
    now = pa.scalar(np.datetime64("now", "us").astype(np.int64), pa.int64())
    micros = times.cast(pa.int64())
    past = micros.filter(pc.less_equal(micros, now))
    first = pc.min(times).as_py()
    last = pc.max(past.cast(pa.timestamp("us", tz="UTC"))).as_py() or first
    return {
        "origin": "import",
        "synthetic": False,
        "cut": last.isoformat() if last else None,
        "cut_source": "latest",
        "log_start": first.isoformat() if first else None,
        "sources": [{"code": source, "delivery": "", "file": source}] if source else [],
        "missing_markers": [],
    }


def _events(raw: RawLog, tally: Tally, zone: str) -> tuple[pa.Table, NDArray[np.int64]]:
    """Return the events kept, and for each raw row its new row (-1: left out)."""
    table = raw.events
    stamps = parse_stamps(table["time"], zone)
    keep = _keep(table, "events", tally)
    absent = np.asarray(pc.is_null(stamps.instants).to_numpy(zero_copy_only=False))
    tally.add_rows("bad_time", "events", np.flatnonzero(stamps.bad), "time")
    tally.add_rows("empty_time", "events", np.flatnonzero(absent & ~stamps.bad), "time")
    keep &= ~absent
    keep = _first(table["id"], keep, "events", tally, distinct="events" in raw.distinct)
    undated = stamps.naive & ~stamps.day & keep
    if undated.any():
        tally.add("naive_time", "events", "time", detail=zone, count=int(undated.sum()))
    if stamps.cut:
        tally.add("finer_time", "events", "time", count=stamps.cut)
    kept = pa.array(np.flatnonzero(keep))
    day = stamps.day[keep]
    instants = stamps.instants.take(kept)
    events = pa.table(
        {
            "event_id": table["id"].take(kept),
            "event_type": table["type"].take(kept),
            "time": instants,
            "start": pa.nulls(len(kept), instants.type),
            "precision": _precision(instants, day, tally, zone),
        }
    )
    _undeclared(events["event_type"], raw.event_types, "events", tally)
    return _with_lineage(events), _new_rows(keep)


def _objects(raw: RawLog, tally: Tally) -> tuple[pa.Table, NDArray[np.int64]]:
    table = raw.objects
    keep = _keep(table, "objects", tally)
    keep = _first(table["id"], keep, "objects", tally, distinct="objects" in raw.distinct)
    kept = pa.array(np.flatnonzero(keep))
    objects = pa.table(
        {
            "object_id": table["id"].take(kept),
            "object_type": table["type"].take(kept),
        }
    )
    _undeclared(objects["object_type"], raw.object_types, "objects", tally)
    return objects, _new_rows(keep)


def _precision(instants: pa.Array, day: NDArray[np.bool_], tally: Tally, zone: str) -> pa.Array:
    if len(day) and not day.all() and at_local_midnight(instants, zone).all():
        day = np.ones(len(day), dtype=np.bool_)
    if day.any():
        tally.add("day_precision", "events", "time", count=int(day.sum()))
    return pc.if_else(pa.array(day), "day", "second")


def _with_own(events: pa.Table, about: Attributes) -> pa.Table:
    """Put the columns that procmine itself wrote as attributes back in their place."""
    if "start" in about.own:
        where = events.column_names.index("start")
        events = events.set_column(where, "start", about.own["start"])
    if "precision" in about.own:
        where = events.column_names.index("precision")
        known = pc.is_in(about.own["precision"], value_set=pa.array(PRECISION))
        given = pc.if_else(known, about.own["precision"], pa.scalar(None, pa.string()))
        column = pc.coalesce(given, events["precision"].combine_chunks())
        events = events.set_column(where, "precision", column)
    return events


def _keep(table: pa.Table, where: str, tally: Tally) -> NDArray[np.bool_]:
    keep = np.ones(table.num_rows, dtype=np.bool_)
    for column, code in (("id", "empty_id"), ("type", "empty_type")):
        bare = pc.fill_null(pc.equal(table[column], ""), fill_value=True)
        empty = np.asarray(bare.to_numpy())
        tally.add_rows(code, where, np.flatnonzero(empty), column)
        keep &= ~empty
    return keep


def _first(
    ids: pa.ChunkedArray, keep: NDArray[np.bool_], where: str, tally: Tally, *, distinct: bool
) -> NDArray[np.bool_]:
    """Keep the first of each id; nothing is looked at where they are known to be distinct."""
    if distinct or pc.count_distinct(ids).as_py() == int(keep.sum()) == len(ids):
        return keep
    rows = np.flatnonzero(keep)
    codes = np.asarray(one_chunk(ids.take(pa.array(rows))).dictionary_encode().indices)
    _, first = np.unique(codes, return_index=True)
    again = np.setdiff1d(np.arange(len(rows)), first)
    tally.add_rows("repeated_id", where, rows[again], "id")
    kept = keep.copy()
    kept[rows[again]] = False
    return kept


def _new_rows(keep: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.where(keep, np.cumsum(keep) - 1, -1).astype(np.int64)


def _undeclared(
    types: pa.ChunkedArray, declared: dict[str, dict[str, str]], where: str, tally: Tally
) -> None:
    for entry in pc.value_counts(types).to_pylist():
        name, count = entry["values"], entry["counts"]
        if name not in declared:
            tally.add("undeclared_type", where, "type", detail=name, count=count)
            declared[name] = {}


def _with_lineage(table: pa.Table) -> pa.Table:
    table = table.append_column("source_file", pa.nulls(table.num_rows, pa.string()))
    return table.append_column("source_line", pa.nulls(table.num_rows, pa.int64()))
