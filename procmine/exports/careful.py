"""Read a CSV line by line: slower, and an unclosed quote costs its own line only."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from procmine.exports.header import Header
from procmine.exports.rows import Chunk, Reading, drop_not_rows
from procmine.exports.survey import LINE_LIMIT, Survey, utf8_chunks

__all__ = ["below", "careful_chunks", "chunk_of", "fields_of"]

_QUOTED_LINES = 200
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


def below(path: Path, encoding: str, lines: int) -> Iterator[bytes]:
    """Yield a file's bytes from line `lines` (counted from 0) on."""
    skip = lines
    for chunk in utf8_chunks(path, encoding):
        place = 0
        while skip:
            end = chunk.find(b"\n", place)
            if end < 0:
                break
            place, skip = end + 1, skip - 1
        else:
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


def _careful_rows(
    reading: Reading, survey: Survey, header: Header, delimiter: str
) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, fields); a quote that nothing closes is taken as a letter."""
    ahead: list[tuple[int, str | None]] = []
    lines = _numbered(below(reading.path, survey.encoding, header.row + 1), header.row + 2)
    while True:
        item = ahead.pop(0) if ahead else next(lines, None)
        if item is None:
            return
        number, line = item
        if line is None:
            reading.strays.append((number, "too_large"))
            continue
        taken = [line]
        size = len(line)
        while _open(taken, delimiter) and len(taken) < _QUOTED_LINES and size <= LINE_LIMIT:
            more = ahead.pop(0) if ahead else next(lines, None)
            if more is None or more[1] is None:
                if more is not None:
                    ahead.insert(0, more)
                break
            taken.append(more[1])
            size += len(more[1])
        if len(taken) > 1 and _open(taken, delimiter):
            ahead[:0] = [(number + k, text) for k, text in enumerate(taken[1:], 1)]
            taken = taken[:1]
        if _open(taken, delimiter):
            yield number, line.split(delimiter)
        else:
            yield number, _joined(taken, delimiter)


def _open(taken: list[str], delimiter: str) -> bool:
    """Whether the text ends within a quoted field; a quote opens one only at its start."""
    if not any('"' in line for line in taken):
        return False
    state = "start"
    for char in "\n".join(taken):
        if state == "quoted":
            state = "closed" if char == '"' else state
        elif char == '"' and state in ("start", "closed"):
            state = "quoted"
        else:
            state = "start" if char in (delimiter, "\n") else "plain"
    return state == "quoted"


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
