"""Columns of texts as the bytes they are: what most columns need none of costs next to nothing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from procmine.exports.survey import from_cp1252

__all__ = [
    "compact",
    "decoded",
    "empty_as_null",
    "ends",
    "lengths",
    "places_of",
    "plain",
    "trimmed",
    "with_nulls",
]

Ints = npt.NDArray[np.int64]
Offsets = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
_BEFORE, _GRAPHIC = 33, 95
_BEYOND = 0x80


def places_of(cells: pa.Array) -> tuple[Offsets, Bytes]:
    """Return where each text begins (and the last ends) among the bytes, and the bytes.

    Examples
    --------
    >>> places_of(pa.array(["ab", "", "c"]))[0].tolist()
    [0, 2, 2, 3]
    """
    _, places, data = cells.buffers()
    if places is None or not len(cells):
        return np.zeros(len(cells) + 1, np.int32), np.zeros(0, np.uint8)
    offsets = np.frombuffer(places, np.int32)[cells.offset : cells.offset + len(cells) + 1]
    return offsets, np.frombuffer(data if data is not None else b"", np.uint8)


def lengths(cells: pa.Array) -> Offsets:
    """Return the length of each text in bytes.

    Examples
    --------
    >>> lengths(pa.array(["ab", "", "c"])).tolist()
    [2, 0, 1]
    """
    return np.diff(places_of(cells)[0])


def ends(cells: pa.Array) -> tuple[Bytes, Bytes]:
    """Return the first and the last byte of each text; of an empty one, another's.

    Examples
    --------
    >>> [bytes(part) for part in ends(pa.array(["ab", "cd"]))]
    [b'ac', b'bd']
    """
    offsets, data = places_of(cells)
    low, high = int(offsets[0]), int(offsets[-1])
    if low == high:
        none = np.zeros(len(cells), np.uint8)
        return none, none
    starts = np.minimum(offsets[:-1], high - 1)
    return data[starts], data[np.maximum(offsets[1:] - 1, low)]


def plain(cells: pa.Array) -> pa.Array:
    """Return texts that may come as a dictionary as plain ones.

    Examples
    --------
    >>> plain(pa.array(["a", "a"]).dictionary_encode()).type
    DataType(string)
    """
    return cells.dictionary_decode() if pa.types.is_dictionary(cells.type) else cells


def compact(cells: pa.DictionaryArray) -> pa.DictionaryArray:
    """Return texts whose dictionary holds only those that occur.

    Examples
    --------
    >>> compact(pa.array(["a", "b"]).dictionary_encode()[1:]).dictionary.to_pylist()
    ['b']
    """
    codes = cells.indices
    used = np.zeros(len(cells.dictionary), np.bool_)
    used[codes.drop_null().to_numpy()] = True
    if used.all():
        return cells
    places = pa.array(np.cumsum(used, dtype=np.int32) - 1)
    words = cells.dictionary.filter(pa.array(used))
    return pa.DictionaryArray.from_arrays(places.take(codes), words)


def decoded(cells: pa.Array) -> pa.Array:
    r"""Return bytes in Windows-1252 as texts.

    Examples
    --------
    >>> decoded(pa.array([b"\x80", b"a"])).to_pylist() == ["\u20ac", "a"]
    True
    """
    if pa.types.is_dictionary(cells.type):
        return pa.DictionaryArray.from_arrays(cells.indices, decoded(cells.dictionary))
    offsets, data = places_of(cells)
    part = data[offsets[0] : offsets[-1]]
    if part.size and part.max() >= _BEYOND:
        coded = cells.dictionary_encode()
        words = [from_cp1252(word) for word in coded.dictionary.to_pylist()]
        return pa.array(words, pa.string()).take(coded.indices)
    _, places, letters = cells.buffers()
    return pa.Array.from_buffers(pa.string(), len(cells), [None, places, letters], 0, cells.offset)


def trimmed(cells: pa.Array) -> pa.Array:
    """Return texts without the blanks around them.

    Texts that begin and end with an ASCII letter, digit or sign are let be.

    Examples
    --------
    >>> trimmed(pa.array(["a", " b "])).to_pylist()
    ['a', 'b']
    """
    first, last = ends(cells)
    if not places_of(cells)[1].size:
        return cells
    if ((first - _BEFORE) < _GRAPHIC).all() and ((last - _BEFORE) < _GRAPHIC).all():
        return cells
    return pc.utf8_trim_whitespace(cells)


def empty_as_null(cells: pa.Array) -> pa.Array:
    """Return texts without nulls as they are, empty ones as null; nothing is copied.

    Examples
    --------
    >>> empty_as_null(pa.array(["a", ""])).to_pylist()
    ['a', None]
    """
    filled = lengths(cells) > 0
    count = len(cells) - int(np.count_nonzero(filled))
    if not count:
        return cells
    if count == len(cells):
        return pa.nulls(count, pa.string())
    _, places, data = cells.buffers()
    bits = np.packbits(np.concatenate((np.zeros(cells.offset, np.bool_), filled)),
                       bitorder="little")  # fmt: skip
    return pa.Array.from_buffers(
        cells.type, len(cells), [pa.py_buffer(bits), places, data], count, cells.offset
    )


def with_nulls(numbers: npt.NDArray[np.generic], gone: Flags, kind: pa.DataType) -> pa.Array:
    """Return numbers as an array of a type as wide, null where they are `gone`.

    Examples
    --------
    >>> with_nulls(np.array([1, 2]), np.array([False, True]), pa.int64()).to_pylist()
    [1, None]
    """
    count = int(np.count_nonzero(gone))
    bits = pa.py_buffer(np.packbits(~gone, bitorder="little")) if count else None
    return pa.Array.from_buffers(kind, len(numbers), [bits, pa.py_buffer(numbers)], count)
