"""What a file says before anything is checked: columns of text, filled in bounded batches."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable

    from procmine.ocel.exchange.tally import Tally

__all__ = ["RawBuilder", "RawLog", "Sink", "value_text"]

BATCH = 1 << 16

EVENTS = pa.schema([("id", pa.string()), ("type", pa.string()), ("time", pa.string())])
OBJECTS = pa.schema([("id", pa.string()), ("type", pa.string())])
RELATIONS = pa.schema([("from", pa.string()), ("to", pa.string()), ("qualifier", pa.string())])
EVENT_VALUES = pa.schema(
    [("row", pa.int64()), ("attribute", pa.string()), ("value", pa.string()), ("kind", pa.string())]
)
OBJECT_VALUES = pa.schema([*EVENT_VALUES, ("time", pa.string())])


@dataclass(slots=True)
class RawLog:
    """A log as the file tells it.

    `events` and `objects` have one row a mention; `event_values` and `object_values` name
    the row of their owner there, and the kind of the value (``s`` text, ``i`` whole number,
    ``f`` number, ``b`` truth). Declarations map type to attribute to declared value type.
    `distinct` names the tables whose ids are known not to repeat.
    """

    events: pa.Table
    objects: pa.Table
    e2o: pa.Table
    o2o: pa.Table
    event_values: pa.Table
    object_values: pa.Table
    event_types: dict[str, dict[str, str]] = field(default_factory=dict)
    object_types: dict[str, dict[str, str]] = field(default_factory=dict)
    distinct: set[str] = field(default_factory=set)


class Sink:
    """Collects rows and turns them into Arrow batches as they come.

    Examples
    --------
    >>> sink = Sink(OBJECTS)
    >>> sink.add(("o1", "case"))
    >>> sink.table().num_rows
    1
    """

    def __init__(self, schema: pa.Schema) -> None:
        """Start without rows."""
        self.schema = schema
        self.count = 0
        self._rows: list[tuple[object, ...]] = []
        self._batches: list[pa.RecordBatch] = []

    def add(self, row: tuple[object, ...]) -> None:
        """Take one row."""
        self._rows.append(row)
        self.count += 1
        if len(self._rows) >= BATCH:
            self._flush()

    def extend(self, rows: list[tuple[object, ...]]) -> None:
        """Take several rows."""
        self._rows += rows
        self.count += len(rows)
        if len(self._rows) >= BATCH:
            self._flush()

    def table(self) -> pa.Table:
        """Return all rows as a table."""
        self._flush()
        return pa.Table.from_batches(self._batches, self.schema)

    def _flush(self) -> None:
        if self._rows:
            columns = zip(*self._rows, strict=True)
            arrays = [
                pa.array(column, field.type)
                for column, field in zip(columns, self.schema, strict=True)
            ]
            self._batches.append(pa.record_batch(arrays, schema=self.schema))
            self._rows = []


class RawBuilder:
    """Fills a :class:`RawLog` from a reader that meets one event or object at a time."""

    def __init__(self, tally: Tally) -> None:
        """Start empty; breaches of form go to `tally`."""
        self.tally = tally
        self.event_types: dict[str, dict[str, str]] = {}
        self.object_types: dict[str, dict[str, str]] = {}
        self._events = Sink(EVENTS)
        self._objects = Sink(OBJECTS)
        self._e2o = Sink(RELATIONS)
        self._o2o = Sink(RELATIONS)
        self._event_values = Sink(EVENT_VALUES)
        self._object_values = Sink(OBJECT_VALUES)

    def event(
        self,
        key: str | None,
        kind: str | None,
        time: str | None,
        values: Iterable[tuple[str, str, str]],
        related: Iterable[tuple[str | None, str | None]],
    ) -> None:
        """Take an event: `values` are (attribute, text, kind), `related` (object, qualifier)."""
        row = self._events.count
        self._events.add((key, kind, time))
        self._event_values.extend([(row, *value) for value in values])
        self._e2o.extend([(key, target, qualifier) for target, qualifier in related])

    def object(
        self,
        key: str | None,
        kind: str | None,
        values: Iterable[tuple[str, str, str, str | None]],
        related: Iterable[tuple[str | None, str | None]],
    ) -> None:
        """Take an object: `values` are (attribute, text, kind, from when)."""
        row = self._objects.count
        self._objects.add((key, kind))
        self._object_values.extend([(row, *value) for value in values])
        self._o2o.extend([(key, target, qualifier) for target, qualifier in related])

    def declare(self, owner: str, kind: str, attributes: Iterable[tuple[str, str]]) -> None:
        """Take the declaration of an event or object type."""
        types = self.event_types if owner == "event" else self.object_types
        if kind in types:
            self.tally.add("repeated_type", f"{owner}_types", kind)
        known = types.setdefault(kind, {})
        for name, value_type in attributes:
            if known.get(name, value_type) != value_type:
                self.tally.add("two_types", f"{owner}_types", name, detail=kind)
                known[name] = "string"
            else:
                known[name] = value_type

    def log(self) -> RawLog:
        """Return what was taken."""
        return RawLog(
            self._events.table(),
            self._objects.table(),
            self._e2o.table(),
            self._o2o.table(),
            self._event_values.table(),
            self._object_values.table(),
            self.event_types,
            self.object_types,
        )


def value_text(value: object) -> tuple[str, str] | None:
    """Return a JSON value as (text, kind); None for null.

    Examples
    --------
    >>> value_text(True), value_text(2), value_text("x"), value_text(None)
    (('true', 'b'), ('2', 'i'), ('x', 's'), None)
    """
    if value is None:
        return None
    if isinstance(value, str):
        return value, "s"
    if isinstance(value, bool):
        return ("true" if value else "false"), "b"
    if isinstance(value, int):
        return str(value), "i"
    if isinstance(value, float):
        return repr(value), "f"
    return json.dumps(value, ensure_ascii=False, sort_keys=True), "s"
