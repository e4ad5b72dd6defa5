"""Rows of a file as they are read: cells as text, their lines, and what is no row."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from procmine.errors import ExportError, Fault
from procmine.exports.names import fold
from procmine.exports.texts import ends, lengths, places_of, plain, trimmed
from procmine.text import t
from procmine.text.formats import number

if TYPE_CHECKING:
    from collections.abc import Callable

    from procmine.exports.header import Header
    from procmine.exports.profile import FileSpec, TableSpec

__all__ = ["Chunk", "Reading", "drop_not_rows"]

Lines = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_HEAD = 4
_WORD = 1024
_MOST_STRAYS, _MANY_STRAYS = 1_000_000, 100_000
"""How many odd lines no table has, and how many only one that has more rows than those."""
_FIGURES = 10
"""A footer's count has fewer: as many are no count, and may be the number of a person."""
_FORMS = {
    "time": re.compile(r"[\W\dTZAPMapm]*"), "citizen": re.compile(r"\D*|\W*(?:\d\W*){9,10}"),
    "number": re.compile(r"\s*[-+]?[\d.,\s]*"), "integer": re.compile(r"\s*[-+]?[\d.,\s]*"),
}  # fmt: skip
"""How a cell of some kinds is written, at least."""
_CODED = (pa.dictionary(pa.int32(), pa.string()),)


@dataclass(slots=True)
class Chunk:
    """A run of rows: one text array for each header cell, the line of each row.

    Texts may come as dictionaries, as long as these hold no text that no row has.

    `trailing` marks rows with empty fields too many; `hidden` rows hidden in a sheet.
    """

    cells: list[pa.Array]
    lines: Lines
    trailing: Flags | None = None
    hidden: Flags | None = None
    header: Header | None = None
    """The header of its own sheet, where a file has several."""
    sheet: int = 0
    """Which of the sheets that hold the table it is of: two sheets have the same lines."""
    whole: Callable[[], list[pa.Array]] | None = None
    """Reads all cells, where those of free texts were left out."""


@dataclass(slots=True)
class Reading:
    """What was met in one file beside its rows."""

    path: Path
    shown: str
    table: TableSpec
    not_rows: dict[str, int] = field(default_factory=dict)
    strays: list[tuple[int, int, str]] = field(default_factory=list)
    """Lines that could not be split into cells: (sheet, line, fate)."""
    sheet: int = 0
    """The sheet that is being read, counted among those that hold the table."""
    footer: int | None = None
    warnings: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    rows: int = 0
    texts: tuple[int, ...] = ()
    """Places of the free texts: a delimiter in one of them shifts what stands behind it."""
    kinds: dict[int, str] = field(default_factory=dict)
    """What the column in each place holds."""

    def count(self, code: str, n: int = 1) -> None:
        """Count what is no row."""
        if n:
            self.not_rows[code] = self.not_rows.get(code, 0) + n

    def stray(self, line: int, fields: list[str], width: int) -> list[str] | None:
        """Judge a line with the wrong number of fields; return its cells where it is a row."""
        filled = [f for f in fields if f.strip()]
        if not filled:
            self.count("blank")
            return None
        if len(fields) > width and not self._shifted(fields, width):
            return fields[:width]
        code = self.not_a_row(filled[0], filled)
        if code:
            self.count(code)
        else:
            self.refuse(line, "field_count")
        return None

    def refuse(self, line: int, code: str) -> None:
        """Note a line that cannot be split into cells.

        Raises
        ------
        ExportError
            There are so many of them that the file cannot be the table.
        """
        self.strays.append((self.sheet, line, code))
        odd = len(self.strays)
        if odd > _MOST_STRAYS or odd > max(_MANY_STRAYS, self.rows):
            fault = Fault("not_the_table", self.shown, rows=(line,), count=odd - 1)
            message = t("exports.not_the_table", file=self.shown, n=number(odd - 1),
                        line=number(line))  # fmt: skip
            raise ExportError(message, (fault,))

    def _shifted(self, fields: list[str], width: int) -> bool:
        """Tell whether a line with fields too many may be a text with a delimiter in it.

        Empty fields at the end do no harm, unless a free text may have spilled into the
        columns behind it, or a cell cannot be what its column holds.
        """
        if any(f.strip() for f in fields[width:]):
            return True
        if any(not _FORMS[kind].fullmatch(fields[place])
               for place, kind in self.kinds.items() if kind in _FORMS):  # fmt: skip
            return True
        told = [place for place in self.texts if fields[place].strip()]
        return bool(told) and any(f.strip() for f in fields[min(told) + 1 : width])

    def not_a_row(self, first: str, filled: list[str]) -> str:
        """Return why a line is no row: ``footer``, ``totals`` or nothing."""
        footers, totals = _words(self.table.file)
        head = fold(first[:_WORD])
        for word in footers:
            if head.startswith(word):
                digits = "".join(ch for ch in " ".join(filled) if ch.isdecimal())
                self.footer = int(digits) if digits and len(digits) < _FIGURES else None
                return "footer"
        if any(head == word or head.startswith((f"{word} ", f"{word}:")) for word in totals):
            return "totals"
        return ""


@cache
def _words(file: FileSpec) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return how a footer and a line of totals begin; a file may be nothing but odd lines."""
    return tuple(map(fold, file.footer)), tuple(map(fold, file.totals))


def drop_not_rows(chunk: Chunk, header: Header, reading: Reading) -> Chunk:
    """Take blank lines, repeated headers, totals and footers out of a chunk, and count them."""
    first = trimmed(plain(chunk.cells[0]))
    out = np.zeros(len(first), np.bool_)
    empty_first = lengths(first) == 0
    cells_of = _Cells(chunk)
    if empty_first.any():
        _drop_blank(cells_of, empty_first, out, reading)
    words = (*reading.table.file.footer, *reading.table.file.totals, header.cells[0])
    heads = {fold(w)[:_HEAD] for w in words if w}
    suspects = _beginning_with(first, heads | {h.replace("\u00a0", " ") for h in heads})
    for row in suspects[~out[suspects]]:
        cells = cells_of.row(row)
        if _repeats(cells, header):
            reading.count("repeated_header")
        else:
            code = reading.not_a_row(cells[0], [c for c in cells if c.strip()])
            if not code:
                continue
            reading.count(code)
        out[row] = True
    if not out.any():
        return chunk
    return _take(chunk, ~out)


def _beginning_with(cells: pa.Array, heads: set[str]) -> npt.NDArray[np.int64]:
    """Return the rows whose text begins with one of the words, without regard to case.

    Only texts whose first two bytes may be those of a word are looked at closely.
    """
    offsets, data = places_of(cells)
    if not data.size:
        return np.zeros(0, np.int64)
    after = data[np.minimum(offsets[:-1] + 1, len(data) - 1)]
    may = _bytes_of(heads, 0)[ends(cells)[0]]
    may &= _bytes_of(heads, 1)[after] | (lengths(cells) < _HEAD)
    rows = np.flatnonzero(may)
    start = pc.utf8_lower(pc.utf8_slice_codeunits(cells.take(pa.array(rows)), 0, _HEAD))
    found = pc.is_in(start, pa.array(sorted(heads), pa.string()))
    hit: npt.NDArray[np.int64] = rows[found.to_numpy(zero_copy_only=False)]
    return hit


def _bytes_of(heads: set[str], place: int) -> Flags:
    """Return which bytes may stand at a place of one of the words, in any case."""
    may = np.zeros(256, np.bool_)
    may[128:] = True
    for head in heads:
        letter = head[place : place + 1]
        if letter.isascii():
            may[list(f"{letter.lower()}{letter.upper()}".encode())] = True
    return may


class _Cells:
    """All cells of a chunk, free texts too, once they are asked for."""

    def __init__(self, chunk: Chunk) -> None:
        self.chunk = chunk
        self.known: list[pa.Array] | None = None

    def columns(self) -> list[pa.Array]:
        if self.known is None:
            self.known = self.chunk.whole() if self.chunk.whole else self.chunk.cells
        return self.known

    def row(self, row: int) -> list[str]:
        return [cells[int(row)].as_py() or "" for cells in self.columns()]


def _drop_blank(cells: _Cells, empty_first: Flags, out: Flags, reading: Reading) -> None:
    rows = pa.array(np.flatnonzero(empty_first))
    blank = np.ones(len(rows), np.bool_)
    for column in cells.columns():
        part = pc.utf8_trim_whitespace(plain(column.take(rows)))
        blank &= pc.equal(part, "").to_numpy(zero_copy_only=False)
    places = rows.to_numpy()
    out[places[blank]] = True
    reading.count("blank", int(blank.sum()))
    for row in places[~blank]:
        filled = [c for c in cells.row(row) if c.strip()]
        code = reading.not_a_row(filled[0], filled)
        if code:
            reading.count(code)
            out[row] = True


def _repeats(cells: list[str], header: Header) -> bool:
    same = [fold(a) == fold(b) for a, b in zip(cells, header.cells, strict=False)]
    return all(same)


def _take(chunk: Chunk, keep: Flags) -> Chunk:
    mask = pa.array(keep)
    kept = (cells.filter(mask) for cells in chunk.cells)
    return Chunk(
        [plain(cells).dictionary_encode() if cells.type in _CODED else cells for cells in kept],
        chunk.lines[keep],
        None if chunk.trailing is None else chunk.trailing[keep],
        None if chunk.hidden is None else chunk.hidden[keep],
        chunk.header,
        chunk.sheet,
    )
