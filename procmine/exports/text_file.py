"""Read a CSV export as it comes, in constant memory, every line accounted for.

The fast way parses blocks with pyarrow. What it cannot split safely (an unclosed quote, a
line beyond the limit) is read the careful way, line by line.
"""

from __future__ import annotations

import io
from collections.abc import Generator, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from procmine.exports.ahead import ahead
from procmine.exports.careful import below, careful_chunks, chunk_of, fields_of, rows_of
from procmine.exports.cells import BY_TEXT
from procmine.exports.header import Header, find_header, score
from procmine.exports.rows import Chunk, Reading, drop_not_rows
from procmine.exports.survey import (
    LINE_LIMIT,
    Survey,
    from_cp1252,
    raw_chunks,
    utf8_chunks,
)
from procmine.exports.texts import decoded, plain

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
    for chunk in utf8_chunks(path, survey, _HEAD_BYTES):
        head += chunk
        if len(head) >= _HEAD_BYTES:
            break
    text = head[:_HEAD_BYTES].decode("utf-8", "ignore")
    lines = io.StringIO(text, newline="").read().replace("\r\n", "\n").split("\n")[:_HEAD_LINES]
    said = table.file.delimiter
    best, best_rows, best_score = said, rows_of(lines, said), -1
    for delimiter in dict.fromkeys((said, *_DELIMITERS)):
        rows = rows_of(lines, delimiter)
        found = score(rows, table)[1]
        if found > best_score:
            best, best_rows, best_score = delimiter, rows, found
    return find_header(best_rows, table, shown), best


def read_csv(
    reading: Reading, survey: Survey, header: Header, delimiter: str, *, careful: bool = False
) -> Generator[Chunk, None, None]:
    """Yield the rows of a CSV file; counts what is no row in `reading`.

    A block is read in a thread while the one before is used: what `reading` holds is
    whole, and not to be looked at earlier, once all rows are read.

    Raises
    ------
    NeedsCareError
        The fast way cannot split the file; begin again with `careful`.
    """
    reading.kinds = {place: reading.table.column(n).kind for n, place in header.places.items()}
    reading.texts = tuple(place for place, kind in reading.kinds.items() if kind == "text")
    reading.count("title", header.row)
    reading.count("header")
    if careful or survey.longest > LINE_LIMIT:
        yield from careful_chunks(reading, survey, header, delimiter)
    else:
        yield from ahead(_fast(reading, survey, header, delimiter))


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
    source: Any, reading: Reading, survey: Survey, header: Header, delimiter: str, odd: Any = None,
    places: Sequence[int] = (),
) -> Iterator[pa.RecordBatch]:  # fmt: skip
    """Parse a stream of lines; without `odd` as bytes, each line with all of its fields.

    `places` are the columns to read, all of them where none is named.

    Raises
    ------
    pyarrow.ArrowInvalid
        It cannot be split.
    """

    def handle(row: Any) -> str:
        text = row.text or ""
        if "\n" in text or len(text) > LINE_LIMIT:
            return "error"  # an exception from here would be printed and forgotten
        odd(row.number, text)
        return "skip"

    names = [f"c{i}" for i in range(header.width)]
    letters = pa.string() if odd else pa.binary()
    types = dict.fromkeys(names, letters)
    by_text = {c.name for c in reading.table.columns if c.kind in BY_TEXT}
    for name, place in header.places.items():
        if name in by_text:
            types[names[place]] = pa.dictionary(pa.int32(), letters)
    yield from pacsv.open_csv(
        source,
        read_options=pacsv.ReadOptions(
            column_names=names, block_size=_BLOCK if odd else 4 * _BLOCK, use_threads=False
        ),
        parse_options=pacsv.ParseOptions(
            delimiter=delimiter, newlines_in_values=survey.quotes,
            ignore_empty_lines=False, invalid_row_handler=handle if odd else None,
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=types, strings_can_be_null=False,
            include_columns=[names[place] for place in places],
        ),
    )  # fmt: skip


def _fast(
    reading: Reading, survey: Survey, header: Header, delimiter: str
) -> Generator[Chunk, None, None]:
    split_first = survey.encoding == "cp1252" and not (survey.quotes or survey.returns)
    lines = _Lines(reading, survey, header, delimiter)
    try:
        yield from (lines.blocks() if split_first else lines.stream())
    except pa.ArrowInvalid as error:
        if "Empty CSV" not in str(error):
            raise NeedsCareError from error
    if lines.kept:
        yield drop_not_rows(chunk_of(lines.kept, header.width, trailing=True), header, reading)


class _Lines:
    """The lines of a file; `passed` of them are read, `kept` are those mended of odd ones."""

    def __init__(self, reading: Reading, survey: Survey, header: Header, delimiter: str) -> None:
        self.reading, self.survey = reading, survey
        self.header, self.delimiter = header, delimiter
        self.kept: list[tuple[int, list[str]]] = []
        self.passed = header.row + 1

    def blocks(self) -> Iterator[Chunk]:
        """Split the bytes first and decode what is kept of them; not for lines with quotes.

        A block with an odd line is decoded first, so that the line can be judged. Free
        texts are read only where they tell whether a line is a row.
        """
        for block in raw_chunks(self.reading.path, self.passed):
            try:
                cells = self._cells(block, self.reading.texts)
            except pa.ArrowInvalid:
                text = from_cp1252(bytes(block))
                yield from self._judged(pa.BufferReader(text.encode()))
                continue
            lines = np.arange(self.passed + 1, self.passed + 1 + len(cells[0]))
            self.passed += len(lines)
            chunk = Chunk(cells, lines, whole=partial(self._cells, block))
            yield drop_not_rows(chunk, self.header, self.reading)

    def _cells(self, block: memoryview, without: tuple[int, ...] = ()) -> list[pa.Array]:
        """Return the cells of a block; of the columns `without`, nothing."""
        left = [place for place in range(self.header.width) if place == 0 or place not in without]
        rows = pa.Table.from_batches(
            _blocks(pa.BufferReader(pa.py_buffer(block)), self.reading, self.survey, self.header,
                    self.delimiter, places=left)
        ).combine_chunks()  # fmt: skip
        read = {place: decoded(rows[f"c{place}"].chunk(0)) for place in left}
        none = pa.nulls(rows.num_rows, pa.string())
        return [read.get(place, none) for place in range(self.header.width)]

    def stream(self) -> Iterator[Chunk]:
        """Decode all of the file, and split it then."""
        chunks = utf8_chunks(self.reading.path, self.survey)
        yield from self._judged(_Source(below(chunks, self.passed)))

    def _judged(self, source: Any) -> Iterator[Chunk]:
        """Yield the rows of a stream; its odd lines are judged."""
        base = self.passed
        odd: list[tuple[int, str]] = []
        known = {0}
        logical, extra = 1, 0

        def note(number: int, text: str) -> None:
            odd.append((number, text))
            known.add(number)

        for batch in _blocks(source, self.reading, self.survey, self.header, self.delimiter, note):
            size = batch.num_rows
            numbers = np.arange(logical, logical + size + len(known) + 1)
            numbers = numbers[~np.isin(numbers, np.fromiter(known, np.int64))][:size]
            logical = int(numbers[-1]) + 1 if size else logical
            inside = _newlines(batch) if self.survey.quotes else np.zeros(size, np.int64)
            before = np.concatenate(([0], np.cumsum(inside)[:-1])) if size else inside
            lines = base + numbers + extra + before
            for number, text in odd:
                self._odd(_line_of(number, numbers, lines + inside, base + extra), text)
            odd.clear()
            extra += int(inside.sum())
            yield drop_not_rows(Chunk(list(batch.columns), lines), self.header, self.reading)
        for number, text in odd:
            self._odd(base + number + extra, text)
        self.passed = base + max(logical - 1, *known) + extra

    def _odd(self, line: int, text: str) -> None:
        fields = fields_of(text.rstrip("\r\n"), self.delimiter)
        cells = self.reading.stray(line, fields, self.header.width)
        if cells is not None:
            self.kept.append((line, cells))


def _line_of(number: int, numbers: np.ndarray, lasts: np.ndarray, base: int) -> int:
    """Return the line of an odd row: those before it have their last lines in `lasts`."""
    place = int(np.searchsorted(numbers, number))
    if not len(numbers) or place == 0:
        return base + number
    return int(lasts[place - 1] + (number - numbers[place - 1]))


def _newlines(batch: pa.RecordBatch) -> np.ndarray:
    total = np.zeros(batch.num_rows, np.int64)
    for column in batch.columns:
        total += pc.count_substring(plain(column), "\n").to_numpy(zero_copy_only=False)
    return total
