"""Read a CSV line by line: slower, and an unclosed quote costs its own line only."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from procmine.exports.header import Header
from procmine.exports.rows import Chunk, Reading, drop_not_rows
from procmine.exports.survey import LINE_LIMIT, Survey, utf8_chunks

__all__ = ["below", "careful_chunks", "chunk_of", "fields_of", "rows_of"]

_QUOTED_LINES = 200
_HEAD_LINES = 10
_CAREFUL_ROWS = 50_000


def fields_of(line: str, delimiter: str) -> list[str]:
    """Return the fields of one line.

    Examples
    --------
    >>> fields_of('a;"b;c"', ";")
    ['a', 'b;c']
    """
    try:
        rows = list(csv.reader([line], delimiter=delimiter))
    except csv.Error:
        return line.split(delimiter)
    return rows[0] if rows else [""]


def rows_of(lines: list[str], delimiter: str) -> list[list[str]]:
    r"""Return the fields of each line; a text over several lines ends the row at its last one.

    The lines before it are without fields, so that rows count as lines do. A quote that no
    line near it closes is a letter.

    Examples
    --------
    >>> rows_of(['a;"b', 'c";d', '1;2;3'], ";")
    [[], ['a', 'b\nc', 'd'], ['1', '2', '3']]
    """
    rows: list[list[str]] = []
    place = 0
    while place < len(lines):
        more = 0
        if _quoted(lines[place], delimiter):
            near = lines[place + 1 : place + 1 + _HEAD_LINES]
            inside = (_quoted(line, delimiter, inside=True) for line in near)
            more = next((k for k, still in enumerate(inside, start=1) if not still), 0)
        text = "\n".join(lines[place : place + more + 1])
        rows += [[] for _ in range(more)]
        rows.append(_joined([text], delimiter) if more else fields_of(text, delimiter))
        place += more + 1
    return rows


def below(chunks: Iterable[bytes], lines: int) -> Iterator[bytes]:
    """Yield a file's bytes from line `lines` (counted from 0) on."""
    skip = lines
    for chunk in chunks:
        place = 0
        while skip:
            end = chunk.find(b"\n", place)
            if end < 0:
                break
            place, skip = end + 1, skip - 1
        else:
            if place < len(chunk):
                yield chunk[place:]


def chunk_of(rows: list[tuple[int, list[str]]], width: int, *, trailing: bool = False) -> Chunk:
    """Return rows of (line, cells) as a chunk."""
    columns = [pa.array([cells[i] for _, cells in rows], pa.string()) for i in range(width)]
    lines = np.array([line for line, _ in rows], np.int64)
    return Chunk(columns, lines, np.ones(len(rows), np.bool_) if trailing else None)


def careful_chunks(
    reading: Reading, survey: Survey, header: Header, delimiter: str
) -> Iterator[Chunk]:
    """Read line by line: an unclosed quote costs its own line, not the rest of the file."""
    rows: list[tuple[int, list[str]]] = []
    trailing: list[tuple[int, list[str]]] = []
    for line, fields in _careful_rows(reading, survey, header, delimiter):
        if len(fields) == header.width:
            rows.append((line, fields))
        else:
            cells = reading.stray(line, fields, header.width)
            if cells is not None:
                trailing.append((line, cells))
        if len(rows) >= _CAREFUL_ROWS:
            yield drop_not_rows(chunk_of(rows, header.width), header, reading)
            rows = []
    if rows:
        yield drop_not_rows(chunk_of(rows, header.width), header, reading)
    if trailing:
        yield drop_not_rows(chunk_of(trailing, header.width, trailing=True), header, reading)


class _Ahead(deque[tuple[int, str | None]]):
    """Lines read ahead, in order, and how many letters they hold."""

    def __init__(self, lines: Iterator[tuple[int, str | None]]) -> None:
        super().__init__()
        self.lines = lines
        self.size = 0

    def more(self) -> bool:
        """Read one line more; False at the end of the file."""
        item = next(self.lines, None)
        if item is not None:
            self.append(item)
            self.size += len(item[1] or "")
        return item is not None

    def take(self) -> tuple[int, str | None] | None:
        """Take the first line away."""
        if not self and not self.more():
            return None
        item = self.popleft()
        self.size -= len(item[1] or "")
        return item


def _careful_rows(
    reading: Reading, survey: Survey, header: Header, delimiter: str
) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, fields); a quote that nothing closes is taken as a letter."""
    text = below(utf8_chunks(reading.path, survey), header.row + 1)
    ahead = _Ahead(_numbered(text, header.row + 2))
    inside = 0
    while (item := ahead.take()) is not None:
        number, line = item
        if line is None:
            reading.refuse(number, "too_large")
        elif not _quoted(line, delimiter):
            yield number, _joined([line], delimiter)
        else:
            more, inside = _closing(number, ahead, inside, delimiter)
            taken = [one[1] or "" for _ in range(more) if (one := ahead.take())]
            yield number, _joined([line, *taken], delimiter) if more else line.split(delimiter)


def _closing(number: int, ahead: _Ahead, inside: int, delimiter: str) -> tuple[int, int]:
    """Return how many lines more the text that line `number` leaves open takes, 0 for none.

    Lines up to `inside` are known not to close a text that is open where they begin: no
    line is looked at again for each of those before it. How far that is known is returned.
    """
    place = max(inside - number, 0)
    while place < _QUOTED_LINES - 1 and ahead.size <= LINE_LIMIT:
        if place == len(ahead) and not ahead.more():
            break
        text = ahead[place][1]
        if text is None:
            break
        place += 1
        if not _quoted(text, delimiter, inside=True):
            return place, number + place
    return 0, number + place


def _quoted(line: str, delimiter: str, *, inside: bool = False) -> bool:
    """Whether a line ends within quotes; a quote opens them only at a field's start."""
    place = 0
    while True:
        if not inside:
            while not line.startswith('"', place):
                place = line.find(delimiter, place) + 1
                if not place:
                    return False
            place += 1
        close = line.find('"', place)
        while close >= 0 and line.startswith('""', close):
            close = line.find('"', close + 2)
        if close < 0:
            return True
        place = line.find(delimiter, close + 1) + 1
        if not place:
            return False
        inside = False


def _joined(taken: list[str], delimiter: str) -> list[str]:
    rows = list(csv.reader(io.StringIO("\n".join(taken), newline=""), delimiter=delimiter))
    return [field for row in rows for field in row] if rows else [""]


def _numbered(chunks: Iterator[bytes], first: int) -> Iterator[tuple[int, str | None]]:
    """Yield (line number, text); None for a line beyond the limit, which is not kept."""
    held, number, dropping = b"", first, False
    for chunk in chunks:
        parts = chunk.split(b"\n")
        for part in parts[:-1]:
            whole = held + part
            too_long = dropping or len(whole) > LINE_LIMIT
            yield number, None if too_long else whole.rstrip(b"\r").decode("utf-8", "replace")
            held, dropping, number = b"", False, number + 1
        held += parts[-1]
        if len(held) > LINE_LIMIT:
            held, dropping = b"", True
    if held or dropping:
        yield number, None if dropping else held.rstrip(b"\r").decode("utf-8", "replace")
