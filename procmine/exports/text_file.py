"""Read a CSV export as it comes, in constant memory, every line accounted for.

The fast way parses blocks with pyarrow. What it cannot split safely (an unclosed quote, a
line beyond the limit) is read the careful way, line by line.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from procmine.exports.careful import below, careful_chunks, chunk_of, fields_of
from procmine.exports.header import Header, find_header, score
from procmine.exports.rows import Chunk, Reading, drop_not_rows
from procmine.exports.survey import LINE_LIMIT, Survey, utf8_chunks

if TYPE_CHECKING:
    from pathlib import Path

    from procmine.exports.profile import TableSpec

__all__ = ["NeedsCareError", "csv_header", "read_csv"]

_BLOCK = 2 * 1024 * 1024
_HEAD_LINES = 40
_HEAD_BYTES = 262_144
_DELIMITERS = (";", ",", "\t", "|")


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
    return [fields_of(line, delimiter) for line in lines]


def read_csv(
    reading: Reading, survey: Survey, header: Header, delimiter: str, *, careful: bool = False
) -> Iterator[Chunk]:
    """Yield the rows of a CSV file; counts what is no row in `reading`.

    Raises
    ------
    NeedsCareError
        The fast way cannot split the file; begin again with `careful`.
    """
    reading.texts = tuple(
        place for name, place in header.places.items() if reading.table.column(name).kind == "text"
    )
    reading.count("title", header.row)
    reading.count("header")
    if careful or survey.longest > LINE_LIMIT:
        yield from careful_chunks(reading, survey, header, delimiter)
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


def _blocks(
    reading: Reading, survey: Survey, header: Header, delimiter: str, odd: Any
) -> Iterator[pa.RecordBatch]:
    def handle(row: Any) -> str:
        text = row.text or ""
        if "\n" in text or len(text) > LINE_LIMIT:
            return "error"  # an exception from here would be printed and forgotten
        odd(row.number, text)
        return "skip"

    names = [f"c{i}" for i in range(header.width)]
    source = _Source(below(reading.path, survey.encoding, header.row + 1))
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


def _fast(reading: Reading, survey: Survey, header: Header, delimiter: str) -> Iterator[Chunk]:
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
            fields = fields_of(text.rstrip("\r\n"), delimiter)
            cells = reading.stray(_line_of(number, numbers, lines, base + extra), fields,
                                  header.width)  # fmt: skip
            if cells is not None:
                kept.append((_line_of(number, numbers, lines, base + extra), cells))
        odd.clear()
        extra += int(inside.sum())
        yield drop_not_rows(Chunk(list(batch.columns), lines), header, reading)
    for number, text in odd:
        cells = reading.stray(base + number + extra, fields_of(text, delimiter), header.width)
        if cells is not None:
            kept.append((base + number + extra, cells))
    if kept:
        yield drop_not_rows(chunk_of(kept, header.width, trailing=True), header, reading)


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
