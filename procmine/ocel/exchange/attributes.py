"""Attributes as read: typed by their declaration, one column a name and type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.ocel.exchange.times import INSTANT, parse_stamps
from procmine.ocel.exchange.values import as_text, spread, standard_type, typed
from procmine.ocel.log import VALUE_TYPES
from procmine.tables.log import ATTR_PREFIX, OBJECT_CHANGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from procmine.ocel.exchange.raw import RawLog
    from procmine.ocel.exchange.tally import Tally

__all__ = [
    "OWN",
    "PRECISION",
    "Attributes",
    "column_names",
    "event_attributes",
    "object_attributes",
    "one_chunk",
]

PRECISION = ("second", "minute", "day")
OWN = {
    "start_timestamp": ("start", "time"),
    "procmine:precision": ("precision", "string"),
    "procmine:number": ("number", "string"),
}
"""Attributes that hold a named column of the log in an exchange file, and their type."""

HALF_DAY = 14 * 3_600_000_000
_KINDS = {"b": "boolean", "i": "integer", "f": "float", "fi": "float"}


@dataclass(slots=True)
class Attributes:
    """Columns to append, declarations, the log's own columns, and changes of objects."""

    columns: dict[str, pa.Array] = field(default_factory=dict)
    declarations: list[dict[str, str]] = field(default_factory=list)
    own: dict[str, pa.Array] = field(default_factory=dict)
    changes: pa.Table = field(default_factory=OBJECT_CHANGES.empty)


@dataclass(slots=True)
class _Part:
    """The values of one attribute in one event or object type."""

    owner: str
    attribute: str
    value_type: str
    at: NDArray[np.int64]
    rows: NDArray[np.int64]
    values: pa.Array


def event_attributes(
    raw: RawLog, new_rows: NDArray[np.int64], tally: Tally, zone: str
) -> Attributes:
    """Return the columns of the events' attributes.

    Parameters
    ----------
    raw
        What the file says.
    new_rows
        For each raw event its row in the log, -1 where it was left out.
    tally
        Takes the breaches.
    zone
        Zone of stamps without one.
    """
    length = int((new_rows >= 0).sum())
    parts = [_once(p, "events", tally) for p in _parts("event", raw, new_rows, tally, zone)]
    return _columns("event", parts, raw.event_types, length)


def object_attributes(
    raw: RawLog,
    new_rows: NDArray[np.int64],
    ids: pa.ChunkedArray,
    tally: Tally,
    zone: str,
) -> Attributes:
    """Return the columns of the objects' attributes from the beginning, and the changes.

    A value without a time, or with that of 1970-01-01, holds from the beginning; every
    other is a change. See :func:`event_attributes`.
    """
    length = int((new_rows >= 0).sum())
    stamps = parse_stamps(raw.object_values["time"], zone)
    micros = np.asarray(pc.fill_null(stamps.instants.cast(pa.int64()), 0))
    naive_epoch = stamps.naive & (np.abs(micros) <= HALF_DAY)
    initial = (micros == 0) | naive_epoch
    tally.add_rows("bad_time", "object_changes", np.flatnonzero(stamps.bad), "time")
    undated = stamps.naive & ~initial
    if undated.any():
        tally.add("naive_time", "object_changes", "time", detail=zone, count=int(undated.sum()))
    if stamps.cut:
        tally.add("finer_time", "object_changes", "time", count=stamps.cut)
    first: list[_Part] = []
    later: list[pa.Table] = []
    for part in _parts("object", raw, new_rows, tally, zone):
        begin = initial[part.at] & ~stamps.bad[part.at]
        first.append(_once(_pick(part, begin), "objects", tally))
        change = _pick(part, ~initial[part.at] & ~stamps.bad[part.at])
        if len(change.at):
            later.append(_changes(change, ids, stamps.instants))
    found = _columns("object", first, raw.object_types, length)
    if later:
        found.changes = pa.concat_tables(later)
        keys = found.changes.group_by(["object_id", "attribute", "time"]).aggregate([]).num_rows
        if keys < found.changes.num_rows:
            again = found.changes.num_rows - keys
            tally.add("repeated_change", "object_changes", "time", count=again)
    return found


def column_names(counts: Mapping[str, Mapping[str, tuple[int, int]]]) -> dict[tuple[str, str], str]:
    """Choose a column for each attribute and value type.

    Parameters
    ----------
    counts
        Attribute to value type to (filled cells, types that declare it).

    Examples
    --------
    >>> column_names({"a": {"integer": (2, 1), "string": (5, 1)}})
    {('a', 'string'): 'attr.a', ('a', 'integer'): 'attr.a:integer'}
    """
    names: dict[tuple[str, str], str] = {}
    for attribute in sorted(counts):
        by_type = counts[attribute]
        ranked = sorted(by_type, key=lambda kind: (-by_type[kind][0], -by_type[kind][1], kind))
        for place, value_type in enumerate(ranked):
            suffix = "" if place == 0 else f":{value_type}"
            names[attribute, value_type] = f"{ATTR_PREFIX}{attribute}{suffix}"
    taken: set[str] = set()
    for key, name in list(names.items()):
        free = name
        while free in taken:
            free += ":"
        taken.add(free)
        names[key] = free
    return names


def _parts(
    owner: str, raw: RawLog, new_rows: NDArray[np.int64], tally: Tally, zone: str
) -> Iterator[_Part]:
    values = raw.event_values if owner == "event" else raw.object_values
    owners = raw.events if owner == "event" else raw.objects
    declared = raw.event_types if owner == "event" else raw.object_types
    if not values.num_rows:
        return
    types, type_codes = _coded(owners["type"])
    names, name_codes = _coded(values["attribute"])
    rows = new_rows[np.asarray(values["row"])]
    at = np.flatnonzero((rows >= 0) & (name_codes >= 0))
    group = type_codes[np.asarray(values["row"])[at]] * len(names) + name_codes[at]
    order = np.argsort(group, kind="stable")
    at, group = at[order], group[order]
    if not len(at):
        return
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    for begin, end in zip(starts, [*starts[1:], len(at)], strict=True):
        type_code, name_code = divmod(int(group[begin]), len(names))
        picked = at[begin:end]
        part = values.take(pa.array(picked))
        yield _typed_part(
            owner,
            types[type_code],
            names[name_code],
            part,
            declared,
            tally,
            zone,
            at=picked,
            rows=rows[picked],
        )


def _typed_part(
    owner: str,
    kind: str,
    name: str,
    part: pa.Table,
    declared: dict[str, dict[str, str]],
    tally: Tally,
    zone: str,
    *,
    at: NDArray[np.int64],
    rows: NDArray[np.int64],
) -> _Part:
    where = f"{owner}s"
    known = declared.setdefault(kind, {})
    value_type = standard_type(known[name]) if name in known else None
    if name not in known:
        tally.add("undeclared_attribute", where, name, detail=kind, count=len(at))
    elif value_type is None:
        tally.add("unknown_value_type", where, name, detail=kind, count=len(at))
    value_type = value_type or _by_kind(part["kind"])
    texts = one_chunk(part["value"])
    if value_type != "string":
        blank = pc.equal(pc.utf8_trim_whitespace(texts), "")
        blank = pc.fill_null(blank, fill_value=False)
        texts = pc.if_else(blank, pa.scalar(None, pa.string()), texts)
    cells = typed(texts, value_type, zone)
    if cells is None:
        tally.add("bad_value", where, name, detail=f"{kind}: {value_type}", count=len(at))
        value_type, cells = "string", texts
    known[name] = value_type
    return _Part(kind, name, value_type, at, rows, cells)


def _by_kind(kinds: pa.ChunkedArray) -> str:
    return _KINDS.get("".join(sorted(pc.unique(kinds).to_pylist())), "string")


def _once(part: _Part, where: str, tally: Tally) -> _Part:
    """Keep the first filled value of each row."""
    filled = np.asarray(pc.is_valid(part.values).to_numpy(zero_copy_only=False))
    if not filled.all():
        part = _pick(part, filled)
    _, first = np.unique(part.rows, return_index=True)
    if len(first) < len(part.rows):
        again = np.ones(len(part.rows), dtype=np.bool_)
        again[first] = False
        tally.add(
            "repeated_attribute", where, part.attribute, detail=part.owner, count=int(again.sum())
        )
        part = _pick(part, ~again)
    return part


def _pick(part: _Part, mask: NDArray[np.bool_]) -> _Part:
    values = part.values.filter(pa.array(mask))
    return _Part(
        part.owner, part.attribute, part.value_type, part.at[mask], part.rows[mask], values
    )


def _changes(part: _Part, ids: pa.ChunkedArray, instants: pa.Array) -> pa.Table:
    count = len(part.at)
    return pa.table(
        {
            "object_id": one_chunk(ids.take(pa.array(part.rows))),
            "attribute": pa.array([part.attribute] * count, pa.string()),
            "time": instants.take(pa.array(part.at)).cast(INSTANT),
            "value": as_text(part.values),
            "value_type": pa.array([part.value_type] * count, pa.string()),
        }
    )


def _columns(
    owner: str, parts: list[_Part], declared: Mapping[str, Mapping[str, str]], length: int
) -> Attributes:
    found = Attributes()
    for part in [part for part in parts if _own(part.attribute, part.value_type, owner)]:
        # Several types share the column; each row has one type, so the pieces do not meet.
        name = OWN[part.attribute][0]
        column = spread(length, {name: [(part.rows, part.values)]})[name]
        found.own[name] = pc.coalesce(found.own[name], column) if name in found.own else column
    kept = [
        (kind, name, standard_type(raw_type) or "string")
        for kind, attributes in declared.items()
        for name, raw_type in attributes.items()
    ]
    kept = [row for row in kept if not _own(row[1], row[2], owner)]
    names = column_names(_counts(parts, kept))
    found.declarations = [
        {
            "owner": owner,
            "type": kind,
            "attribute": name,
            "value_type": value_type,
            "column": names[name, value_type],
        }
        for kind, name, value_type in kept
    ]
    for (name, value_type), column in names.items():
        ours = [
            (part.rows, part.values)
            for part in parts
            if part.attribute == name and part.value_type == value_type
        ]
        found.columns[column] = (
            spread(length, {column: ours})[column]
            if ours
            else pa.nulls(length, VALUE_TYPES[value_type])
        )
    return found


def _counts(
    parts: list[_Part], kept: list[tuple[str, str, str]]
) -> dict[str, dict[str, tuple[int, int]]]:
    """Count for each attribute and value type the filled cells and the declaring types."""
    cells = {(part.owner, part.attribute): len(part.rows) for part in parts}
    counts: dict[str, dict[str, tuple[int, int]]] = {}
    for kind, name, value_type in kept:
        by_type = counts.setdefault(name, {})
        filled, types = by_type.get(value_type, (0, 0))
        by_type[value_type] = (filled + cells.get((kind, name), 0), types + 1)
    return counts


def _own(name: str, value_type: str, owner: str) -> bool:
    column, wanted = OWN.get(name, ("", ""))
    return bool(column) and value_type == wanted and (column == "number") == (owner == "object")


def _coded(array: pa.ChunkedArray) -> tuple[list[str], NDArray[np.int64]]:
    encoded = one_chunk(array).dictionary_encode()
    codes = pc.fill_null(encoded.indices, -1)
    return encoded.dictionary.to_pylist(), np.asarray(codes, dtype=np.int64)


def one_chunk(array: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Return a column as one array.

    Examples
    --------
    >>> one_chunk(pa.chunked_array([[1], [2]])).to_pylist()
    [1, 2]
    """
    if isinstance(array, pa.Array):
        return array
    combined = array.combine_chunks()
    if isinstance(combined, pa.Array):
        return combined
    return pa.concat_arrays(combined.chunks) if combined.num_chunks else pa.array([], array.type)
