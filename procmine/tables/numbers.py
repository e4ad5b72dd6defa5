"""Columns of Arrow tables as numbers: codes, yes and no, instants, amounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Codes = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]

__all__ = ["coded", "different", "equals", "flags", "floats", "micros", "placed"]


def coded(column: pa.ChunkedArray) -> tuple[Codes, pa.Array]:
    """Return a column as codes and their labels; a null has the code after the last label.

    Examples
    --------
    >>> codes, labels = coded(pa.chunked_array([["a", None, "a"]]))
    >>> codes.tolist(), labels.to_pylist()
    ([0, 1, 0], ['a'])
    """
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    whole = column.unify_dictionaries().combine_chunks()
    labels = whole.dictionary
    indices = whole.indices
    filled = indices.fill_null(len(labels)) if indices.null_count else indices
    return np.asarray(filled, dtype=np.int64), labels


def floats(column: pa.ChunkedArray) -> Floats:
    """Return a column of numbers; NaN where there is none.

    Examples
    --------
    >>> floats(pa.chunked_array([[1, None]])).tolist()
    [1.0, nan]
    """
    return np.asarray(column.cast(pa.float64()).fill_null(float("nan")), dtype=np.float64)


def flags(column: pa.ChunkedArray | pa.Array, *, empty: bool = False) -> Flags:
    """Return a column of yes and no; `empty` where there is neither.

    Examples
    --------
    >>> flags(pa.chunked_array([[True, None]])).tolist()
    [True, False]
    """
    return np.asarray(column.cast(pa.bool_()).fill_null(empty), dtype=np.bool_)


def different(numbers: Codes) -> int:
    """Count the distinct ones of numbers from 0.

    Examples
    --------
    >>> different(np.array([4, 1, 4]))
    2
    """
    return int(np.count_nonzero(np.bincount(numbers)))


def equals(column: pa.ChunkedArray, value: str) -> Flags:
    """Say which rows of a column of names hold this one.

    Examples
    --------
    >>> equals(pa.chunked_array([["a", None, "b"]]), "a").tolist()
    [True, False, False]
    """
    codes, labels = coded(column)
    hits = flags(pc.equal(labels, value))
    found: Flags = np.append(hits, [False])[codes]
    return found


def micros(column: pa.ChunkedArray) -> Codes:
    """Return instants as microseconds since 1970; there must be one in every row.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> micros(pa.chunked_array([[datetime(1970, 1, 2, tzinfo=UTC)]])).tolist()
    [86400000000]
    """
    return np.asarray(column.cast(pa.timestamp("us", "UTC")).cast(pa.int64()), dtype=np.int64)


def placed(names: pa.ChunkedArray, among: pa.Array) -> Codes:
    """Return the place of each name in a list of distinct ones; -1 where it is not there.

    Examples
    --------
    >>> placed(pa.chunked_array([["b", "x", None]]), pa.array(["a", "b"])).tolist()
    [1, -1, -1]
    """
    if pa.types.is_dictionary(names.type):
        codes, labels = coded(names)
        return np.append(_places(labels.cast(pa.string()), among), [-1])[codes]
    return _places(names.cast(pa.string()), among)


def _places(names: pa.Array | pa.ChunkedArray, among: pa.Array) -> Codes:
    found = pc.index_in(names, value_set=among, skip_nulls=True).fill_null(-1)
    return np.asarray(found, dtype=np.int64)
