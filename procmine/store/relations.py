"""The log's events and their relations as integers: read once, for every process.

Ids are looked up once; what follows sorts, joins and counts numbers. Events stand in order
of time, as a snapshot holds them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Read = Callable[[str, list[str], tuple[str, ...]], pa.Table]

__all__ = ["Relations", "among", "coded", "read_columns"]

_BLOCK = 1 << 22
_BITS = 32
_DAY = "day"
_EVENTS = ["event_id", "event_type", "time", "start", "precision", "source_file", "source_line"]


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
    qualifier: NDArray[np.int16]
    qualifiers: tuple[str, ...]

    @classmethod
    def of_folder(cls, ocel: Path) -> Relations:
        """Read them from the log in a folder."""
        return cls.of(lambda table, names, by: read_columns(ocel / f"{table}.parquet", names, by))

    @classmethod
    def of(cls, read: Read) -> Relations:
        """Read them from a log.

        Parameters
        ----------
        read
            Called with a table's name, its columns, and those to come as dictionaries.

        Examples
        --------
        >>> from procmine.tables.log import LOG_TABLES
        >>> tables = {schema.name: schema.empty() for schema in LOG_TABLES}
        >>> log = Relations.of(lambda table, names, by: coded(tables[table].select(names), by))
        >>> len(log.event)
        0
        """
        events = read("events", _EVENTS, ("precision", "source_file"))
        at = events["time"].cast(pa.int64()).to_numpy()
        order = None
        if not bool((at[1:] >= at[:-1]).all()):
            order = np.argsort(at, kind="stable")
            events, at = events.take(pa.array(order)), at[order]
        events = events.unify_dictionaries().combine_chunks()
        ids = _array(events["event_id"])
        kinds, kind = _coded(events["event_type"])
        table = read("objects", ["object_id", "object_type"], ())
        objects = _array(table["object_id"])
        types, kind_of = _coded(table["object_type"])
        # One column at a time: the ids of all relations are the largest thing there is.
        event = _places(_column(read, "event_id"), ids)
        target = _places(_column(read, "object_id"), objects)
        qualifiers, qualifier = _coded(_column(read, "qualifier"))
        known = (event >= 0) & (target >= 0)
        if not known.all():
            event, target, qualifier = event[known], target[known], qualifier[known]
        return cls(
            events.drop_columns(["event_type", "time"]), at, kind, kinds, order, objects,
            kind_of, types, event, target, qualifier.astype(np.int16), qualifiers,
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
        wanted = among(self.qualifiers, [qualifier])
        for begin in range(0, len(self.event), _BLOCK):
            part = slice(begin, begin + _BLOCK)
            pairs = self.type[self.target[part]] * wide + self.kind[self.event[part]]
            seen[pairs[wanted[self.qualifier[part]]] if qualifier else pairs] = True
        found = np.flatnonzero(seen)
        return {(self.types[at // wide], self.kinds[at % wide]) for at in found.tolist()}

    def counts(self) -> pa.Table:
        """Return how many relations each object has that has any: ``object_id, relations``."""
        number = np.bincount(self.target, minlength=len(self.objects))
        rows = np.flatnonzero(number)
        return pa.table({"object_id": self.objects.take(pa.array(rows)), "relations": number[rows]})

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
        packed = np.sort(np.concatenate([_NONE, *self._packed(code, qualifier, by_code=True)]))
        packed = packed[np.diff(packed, prepend=-1) != 0]
        return packed >> _BITS, packed & ((1 << _BITS) - 1)

    def by_event(
        self, code: NDArray[np.int32], qualifier: str = ""
    ) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Return where the codes of each event begin, and the codes: distinct, ascending."""
        packed = np.sort(np.concatenate([_NONE, *self._packed(code, qualifier, by_code=False)]))
        packed = packed[np.diff(packed, prepend=-1) != 0]
        number = np.bincount(packed >> _BITS, minlength=len(self.at))
        begins = np.concatenate([[0], np.cumsum(number)]).astype(np.int64)
        return begins, (packed & ((1 << _BITS) - 1)).astype(np.int32)

    def _packed(
        self, code: NDArray[np.int32], qualifier: str, *, by_code: bool
    ) -> Iterator[NDArray[np.int64]]:
        if qualifier and qualifier not in self.qualifiers:
            return
        wanted = self.qualifiers.index(qualifier) if qualifier else -1
        for begin in range(0, len(self.event), _BLOCK):
            part = slice(begin, begin + _BLOCK)
            found = code[self.target[part]]
            rows = found >= 0
            if wanted >= 0:
                rows &= self.qualifier[part] == wanted
            one, other = found[rows].astype(np.int64), self.event[part][rows].astype(np.int64)
            yield (one << _BITS) | other if by_code else (other << _BITS) | one


_NONE = np.zeros(0, dtype=np.int64)


def among(names: tuple[str, ...], wanted: Iterable[str]) -> NDArray[np.bool_]:
    """Return which of `names` are wanted.

    Examples
    --------
    >>> among(("a", "b"), ["b"]).tolist()
    [False, True]
    """
    chosen = frozenset(wanted)
    return np.array([name in chosen for name in names], dtype=np.bool_)


def _named(
    codes: NDArray[np.int32] | NDArray[np.int16], names: tuple[str, ...]
) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int32)), pa.array(names, pa.string())
    )


def read_columns(file: Path, columns: list[str], by: tuple[str, ...]) -> pa.Table:
    """Read columns of a Parquet file; those in `by` come as dictionaries, one a chunk."""
    # Not by read_dictionary: pyarrow 26 misreads dictionaries that DuckDB wrote.
    with pq.ParquetFile(file) as opened:
        groups = [
            coded(opened.read_row_group(group, columns), by)
            for group in range(opened.num_row_groups)
        ]
        return pa.concat_tables(groups) if groups else opened.read(columns)


def coded(table: pa.Table, names: tuple[str, ...]) -> pa.Table:
    """Return a table with some columns as dictionaries.

    Examples
    --------
    >>> coded(pa.table({"a": ["x"]}), ("a",))["a"].type
    DictionaryType(dictionary<values=string, indices=int32, ordered=0>)
    """
    for name in names:
        if not pa.types.is_dictionary(table.schema.field(name).type):
            place = table.column_names.index(name)
            table = table.set_column(place, name, table[name].dictionary_encode())
    return table


def _column(read: Read, name: str) -> pa.ChunkedArray:
    return read("e2o", [name], (name,))[name]


def _array(column: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.cast(pa.string())
    if column.num_chunks == 1:
        return column.chunk(0)
    joined = column.combine_chunks()
    return joined if isinstance(joined, pa.Array) else pa.concat_arrays(joined.chunks)


def _coded(column: pa.ChunkedArray) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Return the distinct values of a column, and the place of each cell among them."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    column = column.unify_dictionaries()
    codes = [np.asarray(chunk.indices, dtype=np.int32) for chunk in column.chunks]
    names = column.chunk(0).dictionary.to_pylist() if column.num_chunks else []
    return tuple(names), np.concatenate([np.zeros(0, np.int32), *codes])


def _places(column: pa.ChunkedArray, among: pa.Array) -> NDArray[np.int32]:
    """Return the row in `among` of each cell of a column in dictionaries, -1 for none.

    Only the distinct ids of each chunk are looked up; where they follow each other as they
    do in `among`, as those of sorted relations do, not even those.
    """
    if not pa.types.is_dictionary(column.type):  # a file without rows has none to give
        column = column.dictionary_encode()
    names = [chunk.dictionary for chunk in column.chunks]
    sizes = [len(each) for each in names]
    every = pa.concat_arrays([pa.array([], pa.string()), *(n.cast(pa.string()) for n in names)])
    rows = _consecutive(every, sizes, among)
    if rows is None:
        rows = _looked_up(every, among)
    found = np.empty(len(column), dtype=np.int32)
    at = 0
    for chunk, row in zip(column.chunks, np.split(rows, np.cumsum(sizes)[:-1]), strict=False):
        found[at : at + len(chunk)] = row[np.asarray(chunk.indices)] if len(chunk) else 0
        at += len(chunk)
    return found


def _consecutive(every: pa.Array, sizes: list[int], among: pa.Array) -> NDArray[np.int32] | None:
    """Return the rows of ids that follow each other as in `among`; else None."""
    if len(every) < len(among) or not len(among):
        return None
    new = np.ones(len(every), dtype=np.bool_)
    for begin in np.cumsum(sizes)[:-1].tolist():
        if 0 < begin < len(every):
            new[begin] = every[begin] != every[begin - 1]
    if int(new.sum()) != len(among):
        return None
    kept = every if new.all() else every.filter(pa.array(new))
    return (np.cumsum(new) - 1).astype(np.int32) if kept.equals(among) else None


def _looked_up(every: pa.Array, among: pa.Array) -> NDArray[np.int32]:
    if not len(among):
        return np.full(len(every), -1, dtype=np.int32)
    found = pc.fill_null(pc.index_in(every, value_set=among), -1)
    return np.asarray(found, dtype=np.int32)
