"""Columns of a log's tables, read part by part; ids and names become numbers as they come.

The ids of all relations are the largest thing there is in a log: no more of them is in memory
than a part of the file, beside those still to be looked up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["Codes", "Places", "coded", "joined", "parts_of"]

_BY_ARROW = "parquet-cpp-arrow"
_AT_ONCE = 1 << 22
"""Ids that wait, at least, until they are looked up: looking up begins with a look at all."""


def parts_of(file: Path, columns: list[str], by: tuple[str, ...]) -> Iterator[pa.Table]:
    """Yield columns of a Parquet file part by part; those in `by` as dictionaries.

    Yields at least one part, so that the columns of a table without rows have their types.
    """
    # As it lies in the file where Arrow wrote it: pyarrow 26 misreads DuckDB's dictionaries.
    as_written = list(by) if _writer(file).startswith(_BY_ARROW) else []
    with pq.ParquetFile(file, read_dictionary=as_written) as opened:
        for group in range(opened.num_row_groups):
            yield coded(opened.read_row_group(group, columns), by)
        if not opened.num_row_groups:
            yield coded(opened.read(columns), by)


def _writer(file: Path) -> str:
    return pq.read_metadata(file).created_by or ""


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


def joined(parts: Iterable[pa.Table], name: str) -> pa.Array:
    """Return one column of all parts as a single array; a dictionary has each name once.

    Examples
    --------
    >>> joined([pa.table({"a": ["x"]}), pa.table({"a": ["y"]})], "a").to_pylist()
    ['x', 'y']
    """
    chunks = [chunk for part in parts for chunk in part[name].chunks]
    if not chunks:
        return pa.array([], pa.string())
    if pa.types.is_dictionary(chunks[0].type):
        chunks = pa.chunked_array(chunks).unify_dictionaries().chunks
    return chunks[0] if len(chunks) == 1 else pa.concat_arrays(chunks)


class Codes:
    """Number the distinct names of a column in order of their first part.

    Examples
    --------
    >>> found = Codes()
    >>> found.add(pa.chunked_array([["b", "a"], ["a"]]).dictionary_encode())
    >>> found.names, found.cells().tolist()
    (('b', 'a'), [0, 1, 1])
    """

    def __init__(self) -> None:
        self._number: dict[str, int] = {}
        self._cells: list[NDArray[Any]] = [np.zeros(0, dtype=np.int8)]

    def add(self, column: pa.ChunkedArray) -> None:
        """Take the next part, in dictionaries."""
        for chunk in column.chunks:
            cells = np.asarray(chunk.indices, dtype=np.int32)
            # A file's dictionary may hold names that no row has: those are not the log's.
            seen = np.bincount(cells, minlength=len(chunk.dictionary)) > 0
            places = np.full(len(seen), -1, dtype=np.int32)
            for at in np.flatnonzero(seen).tolist():
                name = chunk.dictionary[at].as_py()
                places[at] = self._number.setdefault(name, len(self._number))
            self._cells.append(places.astype(_narrow(len(self._number)))[cells])

    @property
    def names(self) -> tuple[str, ...]:
        """The names, by their numbers."""
        return tuple(self._number)

    def cells(self, *, wide: bool = False) -> NDArray[Any]:
        """Return the number of each row's name, in as few bytes as hold it unless `wide`."""
        found = np.concatenate(self._cells)
        return found.astype(np.int32) if wide else found


def _narrow(size: int) -> type[np.signedinteger[Any]]:
    """Return the smallest integers that number `size` names."""
    fitting = (kind for kind in (np.int8, np.int16) if size <= np.iinfo(kind).max)
    return next(fitting, np.int32)


class Places:
    """Find the cells of a column among distinct ids: the place of each, -1 for none.

    Parameters
    ----------
    among
        The ids.
    in_order
        Whether the cells are likely to come in the order of `among`. They are then looked
        for close to where the part before them ended.

    Examples
    --------
    >>> found = Places(pa.array(["a", "b", "c"]))
    >>> found.add(pa.chunked_array([["c", "x", "c"], ["a"]]).dictionary_encode())
    >>> found.cells().tolist()
    [2, -1, 2, 0]
    """

    def __init__(self, among: pa.Array, *, in_order: bool = False) -> None:
        self._among, self._in_order, self._next = among, in_order, 0
        self._cells: list[NDArray[np.int32]] = [np.zeros(0, dtype=np.int32)]
        self._waiting: list[tuple[int, pa.Array]] = []

    def add(self, column: pa.ChunkedArray) -> None:
        """Take the next part, in dictionaries."""
        for chunk in column.chunks:
            names = chunk.dictionary.cast(pa.string())
            cells = np.asarray(chunk.indices, dtype=np.int32)
            near = self._near(names) if self._in_order and len(names) else None
            if near is not None:
                self._cells.append(near[cells])
                continue
            self._waiting.append((len(self._cells), names))
            self._cells.append(cells)
            if sum(len(each) for _, each in self._waiting) >= max(_AT_ONCE, len(self._among)):
                self._look_up()

    def cells(self) -> NDArray[np.int32]:
        """Return the place of each row's id."""
        self._look_up()
        found = np.concatenate(self._cells)
        self._cells = [found]
        return found

    def _near(self, names: pa.Array) -> NDArray[np.int32] | None:
        """Return the places of names that all lie close behind those of the last part."""
        for begin in (self._next, max(self._next - 1, 0)):
            if names.equals(self._among.slice(begin, len(names))):
                self._next = begin + len(names)
                return np.arange(begin, self._next, dtype=np.int32)
        found = pc.index_in(names, value_set=self._among.slice(begin, 2 * len(names) + 1))
        if found.null_count:
            return None
        places = np.asarray(found, dtype=np.int32) + np.int32(begin)
        self._next = int(places.max()) + 1
        return places

    def _look_up(self) -> None:
        """Look up the names that wait, and put places for the numbers of their parts."""
        if not self._waiting:
            return
        names = pa.concat_arrays([pa.array([], pa.string()), *(n for _, n in self._waiting)])
        if len(self._among):
            looked = pc.fill_null(pc.index_in(names, value_set=self._among), -1)
            found = np.asarray(looked, dtype=np.int32)
        else:
            found = np.full(len(names), -1, dtype=np.int32)
        begin = 0
        for at, each in self._waiting:
            self._cells[at] = found[begin + self._cells[at]]
            begin += len(each)
        self._waiting = []
