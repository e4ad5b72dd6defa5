"""Cells of a sheet as columns of texts: a column of one kind is written all at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from itertools import islice

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["cell_text", "text_columns"]

_SECOND, _HALF_SECOND = 1_000_000, 500_000
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_TO_DAY, _TO_MINUTE, _TO_SECOND = (
    len(text) for text in ("2026-01-31", "2026-01-31 08:00", "2026-01-31 08:00:00")
)
_EXACT = float(2**53)
_STAMP = pa.timestamp("us")
_PAIRS = np.frombuffer("".join(f"{k:02d}" for k in range(60)).encode(), np.uint8).reshape(60, 2)
Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]


def text_columns(
    parts: Iterable[Sequence[Sequence[object]]], width: int, decimal: str
) -> list[pa.Array]:
    """Return the cells of runs of rows, all of them as long, as `width` columns of texts.

    Whole numbers are written without a decimal, others with the sign `decimal`; stamps as
    finely as they say: a midnight is a day, no seconds a minute. One run at a time is held
    as objects. Without rows there are no columns.

    Examples
    --------
    >>> from datetime import datetime
    >>> rows = [["a", 1.0, datetime(2026, 1, 31, 8)], ["b", 2.5, datetime(2026, 2, 1)]]
    >>> [column.to_pylist() for column in text_columns([rows], 3, ",")]
    [['a', 'b'], ['1', '2,5'], ['2026-01-31 08:00', '2026-02-01']]
    """
    runs = [
        [_column(cells, decimal) for cells in islice(zip(*rows, strict=True), width)]
        for rows in parts
    ]
    columns = [_joined(pieces, decimal) for pieces in zip(*runs, strict=True)]
    if columns and len(columns) < width:
        columns += [pa.array([""] * len(columns[0]), pa.string())] * (width - len(columns))
    return columns


def cell_text(cell: object, decimal: str = ".") -> str:
    """Write a cell as the text that the rest of the reader expects.

    Examples
    --------
    >>> cell_text(2.5, ","), cell_text(3.0), cell_text(True)
    ('2,5', '3', '1')
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell).replace(".", decimal)
    if isinstance(cell, datetime):
        text: str = _stamps(pa.array([cell], _STAMP))[0].as_py()
        return text
    if isinstance(cell, date | time):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _column(cells: Sequence[object], decimal: str) -> pa.Array:
    """Return cells of one kind as that kind, of several as texts."""
    kinds = set(map(type, cells))
    if kinds == {str}:
        return pa.array(cells, pa.string())
    if kinds == {datetime}:
        return pa.array(cells, _STAMP)
    if kinds == {float}:
        return pa.array(cells, pa.float64())
    if datetime not in kinds:
        return pa.array([cell_text(cell, decimal) for cell in cells], pa.string())
    dated = pa.array([cell for cell in cells if type(cell) is datetime], _STAMP)
    stamps = iter(_stamps(dated).to_pylist())
    texts = [next(stamps) if type(cell) is datetime else cell_text(cell, decimal)
             for cell in cells]  # fmt: skip
    return pa.array(texts, pa.string())


def _joined(pieces: Sequence[pa.Array], decimal: str) -> pa.Array:
    """Write the pieces of a column as texts: all at once, where they are of one kind."""
    if len({piece.type for piece in pieces}) > 1:
        pieces = [_joined([piece], decimal) for piece in pieces]
    column = pa.concat_arrays(pieces)
    if column.type == _STAMP:
        return _stamps(column)
    return column if column.type == pa.string() else _numbers(column, decimal)


def _numbers(cells: pa.Array, decimal: str) -> pa.Array:
    """Write numbers; whole ones that a float tells apart need no look of their own."""
    numbers = cells.to_numpy()
    if (np.abs(numbers) < _EXACT).all() and (numbers == np.floor(numbers)).all():
        return pa.array(numbers.astype(np.int64)).cast(pa.string())
    return pa.array([cell_text(cell, decimal) for cell in cells.to_pylist()], pa.string())


def _stamps(cells: pa.Array) -> pa.Array:
    """Write stamps, rounded to the second, as finely as they say."""
    us = cells.cast(pa.int64()).to_numpy()
    seconds: Ints = (us + _HALF_SECOND) // _SECOND
    days, codes = np.unique(seconds // _DAY, return_inverse=True)
    names = np.datetime_as_string(days.astype("M8[D]")).astype(f"S{_TO_DAY}")
    letters = np.empty((len(seconds), _TO_SECOND), np.uint8)
    letters[:, :_TO_DAY] = names.view(np.uint8).reshape(-1, _TO_DAY)[codes]
    rest = seconds % _DAY
    for sign, place, number in (
        (" ", _TO_DAY, rest // _HOUR),
        (":", _TO_MINUTE - 3, rest % _HOUR // _MINUTE),
        (":", _TO_MINUTE, rest % _MINUTE),
    ):
        letters[:, place] = ord(sign)
        letters[:, place + 1 : place + 3] = _PAIRS[number]
    ends = np.where(rest % _MINUTE == 0, _TO_MINUTE, _TO_SECOND)
    ends[rest == 0] = _TO_DAY
    return _texts(letters, ends)


def _texts(letters: Bytes, ends: Ints) -> pa.Array:
    """Return the beginning of each row of letters as a text."""
    places = np.zeros(len(ends) + 1, np.int32)
    np.cumsum(ends, out=places[1:])
    first = int(ends[0]) if len(ends) else 0
    if (ends == first).all():
        data = np.ascontiguousarray(letters[:, :first])
    else:
        data = letters[np.arange(letters.shape[1]) < ends[:, None]]
    return pa.Array.from_buffers(
        pa.string(), len(ends), [None, pa.py_buffer(places), pa.py_buffer(data)]
    )
