"""Read a CSV export as it comes, in constant memory, every line accounted for.

The fast way parses blocks with pyarrow. What it cannot split safely (an unclosed quote, a
line beyond the limit) is read the careful way, line by line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from procmine.exports.header import Header, find_header, score
from procmine.exports.rows import Chunk, Reading, drop_not_rows
from procmine.exports.survey import LINE_LIMIT, Survey, utf8_chunks

if TYPE_CHECKING:
    from pathlib import Path

    from procmine.exports.profile import TableSpec

__all__ = ["NeedsCareError", "csv_header", "read_csv"]

_BLOCK = 8 * 1024 * 1024
_HEAD_LINES = 40
_HEAD_BYTES = 262_144
_DELIMITERS = (";", ",", "\t", "|")
_QUOTED_LINES = 200
_CAREFUL_ROWS = 50_000


class NeedsCareError(Exception):
    """The fast way met something that it cannot split safely."""


def csv_header(path: Path, table: TableSpec, survey: Survey, shown: str) -> tuple[Header, str]:
    """Find the header of a CSV file, and the delimiter under which it is one.

    Raises
    ------
    ExportError
        No header, or a required column is missing.
    """
    head = b""
    for chunk in utf8_chunks(path, survey.encoding):
        head += chunk
        if len(head) >= _HEAD_BYTES:
            break
    text = head[:_HEAD_BYTES].decode("utf-8", "ignore")
    lines = io.StringIO(text, newline="").read().replace("\r\n", "\n").split("\n")[:_HEAD_LINES]
    said = table.file.delimiter
    best, best_rows, best_score = said, _split(lines, said), -1
    for delimiter in dict.fromkeys((said, *_DELIMITERS)):
        rows = _split(lines, delimiter)
        found = score(rows, table)[1]
        if found > best_score:
            best, best_rows, best_score = delimiter, rows, found
    return find_header(best_rows, table, shown), best


def _split(lines: list[str], delimiter: str) -> list[list[str]]:
    return [_fields(line, delimiter) for line in lines]


def _fields(line: str, delimiter: str) -> list[str]:
    try:
        rows = list(csv.reader([line], delimiter=delimiter))
    except csv.Error:
        return line.split(delimiter)
    return rows[0] if rows else [""]


def read_csv(
    reading: Reading, survey: Survey, header: Header, delimiter: str, *, careful: bool = False
) -> Iterator[Chunk]:
    """Yield the rows of a CSV file; counts what is no row in `reading`.

    Raises
    ------
    NeedsCareError
        The fast way cannot split the file; begin again with `careful`.
    """
    reading.count("title", header.row)
    reading.count("header")
    if careful or survey.longest > LINE_LIMIT:
        yield from _careful(reading, survey, header, delimiter)
    else:
        yield from _fast(reading, survey, header, delimiter)


class _Source(io.RawIOBase):
    """The UTF-8 bytes of a file below its header, for pyarrow to read."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._held = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        parts, total = [self._held], len(self._held)
        while size < 0 or total < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            parts.append(chunk)
            total += len(chunk)
        block = b"".join(parts)
        if size < 0:
            size = len(block)
        self._held = block[size:]
        return block[:size]


def _below(path: Path, encoding: str, lines: int) -> Iterator[bytes]:
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


def _blocks(
    reading: Reading, survey: Survey, header: Header, delimiter: str, odd: Any  # noqa: ANN401
) -> Iterator[pa.RecordBatch]:
    def handle(row: Any) -> str:  # noqa: ANN401 - pyarrow has no types
        text = row.text or ""
        if "\n" in text or len(text) > LINE_LIMIT:
            raise NeedsCareError
        odd(row.number, text)
        return "skip"

    names = [f"c{i}" for i in range(header.width)]
    source = _Source(_below(reading.path, survey.encoding, header.row + 1))
    try:
        yield from pacsv.open_csv(
            source,
            read_options=pacsv.ReadOptions(
                column_names=names, block_size=_BLOCK, use_threads=False
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter, newlines_in_values=survey.quotes,
                ignore_empty_lines=False, invalid_row_handler=handle,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )  # fmt: skip
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            return
        raise NeedsCareError from error


def _fast(
    reading: Reading, survey: Survey, header: Header, delimiter: str
) -> Iterator[Chunk]:
    odd: list[tuple[int, str]] = []
    known = {0}
    base, logical, extra = header.row + 1, 1, 0
    kept: list[tuple[int, list[str]]] = []

    def note(number: int, text: str) -> None:
        odd.append((number, text))
        known.add(number)

    for batch in _blocks(reading, survey, header, delimiter, note):
        size = batch.num_rows
        numbers = np.arange(logical, logical + size + len(known) + 1)
        numbers = numbers[~np.isin(numbers, np.fromiter(known, np.int64))][:size]
        logical = int(numbers[-1]) + 1 if size else logical
        inside = _newlines(batch) if survey.quotes else np.zeros(size, np.int64)
        before = np.concatenate(([0], np.cumsum(inside)[:-1])) if size else inside
        lines = base + numbers + extra + before
        for number, text in odd:
            fields = _fields(text.rstrip("\r\n"), delimiter)
            cells = reading.stray(_line_of(number, numbers, lines, base + extra), fields,
                                  header.width)  # fmt: skip
            if cells is not None:
                kept.append((_line_of(number, numbers, lines, base + extra), cells))
        odd.clear()
        extra += int(inside.sum())
        yield drop_not_rows(Chunk(list(batch.columns), lines), header, reading)
    for number, text in odd:
        cells = reading.stray(base + number + extra, _fields(text, delimiter), header.width)
        if cells is not None:
            kept.append((base + number + extra, cells))
    if kept:
        yield drop_not_rows(_chunk(kept, header.width, trailing=True), header, reading)


def _line_of(number: int, numbers: np.ndarray, lines: np.ndarray, base: int) -> int:
    place = int(np.searchsorted(numbers, number))
    if not len(numbers) or place == 0:
        return base + number
    return int(lines[place - 1] + (number - numbers[place - 1]))


def _newlines(batch: pa.RecordBatch) -> np.ndarray:
    total = np.zeros(batch.num_rows, np.int64)
    for column in batch.columns:
        total += pc.count_substring(column, "\n").to_numpy(zero_copy_only=False)
    return total


def _chunk(rows: list[tuple[int, list[str]]], width: int, *, trailing: bool = False) -> Chunk:
    columns = [pa.array([cells[i] for _, cells in rows], pa.string()) for i in range(width)]
    lines = np.array([line for line, _ in rows], np.int64)
    return Chunk(columns, lines, np.ones(len(rows), np.bool_) if trailing else None)


def _careful(
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
            yield drop_not_rows(_chunk(rows, header.width), header, reading)
            rows = []
    if rows:
        yield drop_not_rows(_chunk(rows, header.width), header, reading)
    if trailing:
        yield drop_not_rows(_chunk(trailing, header.width, trailing=True), header, reading)


def _careful_rows(
    reading: Reading, survey: Survey, header: Header, delimiter: str
) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, fields); a quote that nothing closes is taken as a letter."""
    ahead: list[tuple[int, str]] = []
    lines = _numbered(_below(reading.path, survey.encoding, header.row + 1), header.row + 2)
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
