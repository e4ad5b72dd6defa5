"""The log's events and their relations as integers: read once, for every process.

Ids are looked up once; what follows sorts, joins and counts numbers. Events stand in order
of time, as a snapshot holds them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.store.columns import Codes, Places, joined, parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Read = Callable[[str, list[str], tuple[str, ...]], Iterator[pa.Table]]

__all__ = ["Relations", "among"]

_BLOCK = 1 << 22
_BITS = 32
_DAY = "day"
_PASSED_ON = ("event_id", "start", "precision", "source_file", "source_line")
_ENDS = ("event_id", "object_id", "qualifier")
_FEW = ("precision", "source_file")
"""Columns of events with few distinct texts."""


@dataclass(frozen=True)
class Relations:
    """Events, and which objects they relate to.

    Attributes
    ----------
    events
        Columns of the events, in order of time.
    at
        Their stamps (UTC microseconds).
    kind
        Their types, as places in `kinds`.
    kinds
        The event types.
    order
        Where each row came from in the log's table; None where it is that order.
    objects
        Ids of the objects, in the order of the log's table.
    type, types
        Their types, as places in `types`.
    event, target, qualifier
        The relations: rows of `events` and of `objects`, place in `qualifiers`.
    """

    events: pa.Table
    at: NDArray[np.int64]
    kind: NDArray[np.int32]
    kinds: tuple[str, ...]
    order: NDArray[np.int64] | None
    objects: pa.Array
    type: NDArray[np.int32]
    types: tuple[str, ...]
    event: NDArray[np.int32]
    target: NDArray[np.int32]
    qualifier: NDArray[np.signedinteger[Any]]
    qualifiers: tuple[str, ...]

    @classmethod
    def of_folder(cls, ocel: Path) -> Relations:
        """Read them from the log in a folder."""
        return cls.of(lambda table, names, by: parts_of(ocel / f"{table}.parquet", names, by))

    @classmethod
    def of(cls, read: Read) -> Relations:
        """Read them from a log.

        Parameters
        ----------
        read
            Called with a table's name, its columns, and those to come as dictionaries;
            gives the table part by part.

        Examples
        --------
        >>> from procmine.store.columns import coded
        >>> from procmine.tables.log import LOG_TABLES
        >>> tables = {schema.name: schema.empty() for schema in LOG_TABLES}
        >>> log = Relations.of(
        ...     lambda table, names, by: iter([coded(tables[table].select(names), by)])
        ... )
        >>> len(log.event)
        0
        """
        at = np.asarray(joined(read("events", ["time"], ()), "time").cast(pa.int64()))
        order = None if bool((at[1:] >= at[:-1]).all()) else np.argsort(at, kind="stable")
        events = _events(read, order)
        kinds, kind = _codes(read, "events", "event_type")
        types, kind_of = _codes(read, "objects", "object_type")
        objects = joined(read("objects", ["object_id"], ()), "object_id")
        # Relations lie in the order of the events' table, and that one in the order of time.
        sources, targets = Places(events["event_id"].chunk(0), in_order=True), Places(objects)
        words = Codes()
        for part in read("e2o", list(_ENDS), _ENDS):
            sources.add(part["event_id"])
            targets.add(part["object_id"])
            words.add(part["qualifier"])
        event, target, qualifier = sources.cells(), targets.cells(), words.cells()
        known = (event >= 0) & (target >= 0)
        if not known.all():
            event, target, qualifier = event[known], target[known], qualifier[known]
        if order is not None:
            at, kind = at[order], kind[order]
        return cls(
            events, at, kind, kinds, order, objects, kind_of, types,
            event, target, qualifier, words.names,
        )  # fmt: skip

    def in_order(self, column: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return a column that follows the log's table of events in the order of `events`."""
        return column if self.order is None else column.take(pa.array(self.order))

    def kinds_of(self, qualifier: str = "") -> set[tuple[str, str]]:
        """Return which types of objects relate to which types of events.

        Parameters
        ----------
        qualifier
            The qualifier that counts; empty for any.
        """
        wide = len(self.kinds)
        seen = np.zeros(len(self.types) * wide, dtype=np.bool_)
        for event, target in self.blocks(qualifier):
            seen[self.type[target] * wide + self.kind[event]] = True
        found = np.flatnonzero(seen)
        return {(self.types[at // wide], self.kinds[at % wide]) for at in found.tolist()}

    def rows(
        self, kinds: Iterable[str] | None = None, types: Iterable[str] | None = None
    ) -> NDArray[np.int64]:
        """Return the relations of events and objects of some types; None for all types."""
        found = [_NONE]
        of_kind = None if kinds is None else among(self.kinds, kinds)[self.kind]
        of_type = None if types is None else among(self.types, types)[self.type]
        for begin in range(0, len(self.event), _BLOCK):
            part = slice(begin, begin + _BLOCK)
            mask = np.ones(len(self.event[part]), dtype=np.bool_)
            if of_kind is not None:
                mask &= of_kind[self.event[part]]
            if of_type is not None:
                mask &= of_type[self.target[part]]
            found.append(np.flatnonzero(mask) + begin)
        return np.concatenate(found)

    def table(self, rows: NDArray[np.int64], *names: str) -> pa.Table:
        """Return some relations with what they relate.

        Parameters
        ----------
        rows
            The relations.
        names
            Columns: ``event`` (its row), ``event_id, event_type, stamp`` (UTC
            microseconds), ``began`` (its true start, else empty), ``by_day, object_id,
            object_type, qualifier``.
        """
        return pa.table({name: self._cells(name, rows) for name in names})

    def _cells(self, name: str, rows: NDArray[np.int64]) -> pa.Array | pa.ChunkedArray:
        event, target = self.event[rows], self.target[rows]
        if name == "qualifier":
            return _named(self.qualifier[rows], self.qualifiers)
        if name in {"event_type", "object_type"}:
            own = name == "event_type"
            codes = self.kind[event] if own else self.type[target]
            return _named(codes, self.kinds if own else self.types)
        if name == "object_id":
            return self.objects.take(pa.array(target))
        if name in {"event", "stamp"}:
            return pa.array(event if name == "event" else self.at[event])
        held = {"event_id": "event_id", "began": "start", "by_day": "precision"}[name]
        cells = self.events[held].take(pa.array(event))
        if name == "began":
            return cells.cast(pa.int64())
        return cells if name == "event_id" else pc.equal(cells.cast(pa.string()), _DAY)

    def pairs(
        self, code: NDArray[np.int32], qualifier: str = ""
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the distinct pairs of code and event, sorted.

        Parameters
        ----------
        code
            A number for each object, -1 for those left out.
        qualifier
            The qualifier that counts; empty for any.
        """
        packed = _once(self._packed(code, qualifier, by_code=True))
        return packed >> _BITS, packed & ((1 << _BITS) - 1)

    def paired(self, which: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the distinct pairs of object and event, sorted, packed into one number each.

        Parameters
        ----------
        which
            For each object whether it counts.

        Returns
        -------
        array
            The object's row, 32 bits to the left of the event's.
        """
        code = np.where(which, np.arange(len(which), dtype=np.int32), np.int32(-1))
        return _once(self._packed(code, "", by_code=True))

    def by_event(
        self, code: NDArray[np.int32], qualifier: str = ""
    ) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Return where the codes of each event begin, and the codes: distinct, ascending."""
        packed = _once(self._packed(code, qualifier, by_code=False))
        number = np.bincount(packed >> _BITS, minlength=len(self.at))
        begins = np.concatenate([[0], np.cumsum(number)]).astype(np.int64)
        return begins, (packed & ((1 << _BITS) - 1)).astype(np.int32)

    def least(self, code: NDArray[np.int32], qualifier: str = "") -> NDArray[np.int32]:
        """Return the least code of each event, -1 for none; arguments as :meth:`pairs`."""
        none = np.iinfo(np.int32).max
        found = np.full(len(self.at), none, dtype=np.int32)
        for event, codes in self._coded(code, qualifier):
            np.minimum.at(found, event, codes)
        found[found == none] = -1
        return found

    def blocks(self, qualifier: str = "") -> Iterator[tuple[NDArray[np.int32], NDArray[np.int32]]]:
        """Yield events and objects of the relations, some at a time.

        Parameters
        ----------
        qualifier
            The qualifier that counts; empty for any.
        """
        wanted = among(self.qualifiers, [qualifier])
        for begin in range(0, len(self.event), _BLOCK):
            part = slice(begin, begin + _BLOCK)
            event, target = self.event[part], self.target[part]
            kept = wanted[self.qualifier[part]] if qualifier else slice(None)
            yield event[kept], target[kept]

    def _packed(
        self, code: NDArray[np.int32], qualifier: str, *, by_code: bool
    ) -> Iterator[NDArray[np.int64]]:
        for event, codes in self._coded(code, qualifier):
            one, other = (codes, event) if by_code else (event, codes)
            yield (one.astype(np.int64) << _BITS) | other

    def _coded(
        self, code: NDArray[np.int32], qualifier: str
    ) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int32]]]:
        """Yield events and codes of the relations that have one."""
        for event, target in self.blocks(qualifier):
            found = code[target]
            rows = found >= 0
            yield event[rows], found[rows]


_NONE = np.zeros(0, dtype=np.int64)


def _once(parts: Iterable[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return the distinct numbers of all parts, sorted; none is negative."""
    every = np.concatenate([_NONE, *parts])
    every.sort()
    new = np.diff(every, prepend=-1) != 0
    return every if new.all() else every[new]


def among(names: tuple[str, ...], wanted: Iterable[str]) -> NDArray[np.bool_]:
    """Return which of `names` are wanted.

    Examples
    --------
    >>> among(("a", "b"), ["b"]).tolist()
    [False, True]
    """
    chosen = frozenset(wanted)
    return np.array([name in chosen for name in names], dtype=np.bool_)


def _named(codes: NDArray[np.signedinteger[Any]], names: tuple[str, ...]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int32)), pa.array(names, pa.string())
    )


def _events(read: Read, order: NDArray[np.int64] | None) -> pa.Table:
    """Return the columns of events that are only passed on, one at a time, in order of time."""
    columns = {}
    for name in _PASSED_ON:
        column = joined(read("events", [name], (name,) if name in _FEW else ()), name)
        columns[name] = column if order is None else column.take(pa.array(order))
    return pa.table(columns)


def _codes(read: Read, table: str, name: str) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    found = Codes()
    for part in read(table, [name], (name,)):
        found.add(part[name])
    return found.names, found.cells(wide=True)
