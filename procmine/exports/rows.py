"""Rows of a file as they are read: cells as text, their lines, and what is no row."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from procmine.exports.names import fold

if TYPE_CHECKING:
    from procmine.exports.header import Header
    from procmine.exports.profile import TableSpec

__all__ = ["Chunk", "Reading", "drop_not_rows"]

Lines = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Chunk:
    """A run of rows: one text array for each header cell, the line of each row.

    `trailing` marks rows with empty fields too many; `hidden` rows hidden in a sheet.
    """

    cells: list[pa.Array]
    lines: Lines
    trailing: Flags | None = None
    hidden: Flags | None = None
    header: Header | None = None
    """The header of its own sheet, where a file has several."""


@dataclass(slots=True)
class Reading:
    """What was met in one file beside its rows."""

    path: Path
    shown: str
    table: TableSpec
    not_rows: dict[str, int] = field(default_factory=dict)
    strays: list[tuple[int, str]] = field(default_factory=list)
    """Lines that could not be split into cells: (line, fate)."""
    footer: int | None = None
    warnings: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    rows: int = 0
    texts: tuple[int, ...] = ()
    """Places of the free texts: a delimiter in one of them shifts what stands behind it."""

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
            self.strays.append((line, "field_count"))
        return None

    def _shifted(self, fields: list[str], width: int) -> bool:
        """Tell whether a line with fields too many may be a text with a delimiter in it.

        Empty fields at the end do no harm, unless a free text may have spilled into the
        columns behind it.
        """
        if any(f.strip() for f in fields[width:]):
            return True
        told = [place for place in self.texts if fields[place].strip()]
        return bool(told) and any(f.strip() for f in fields[min(told) + 1 : width])

    def not_a_row(self, first: str, filled: list[str]) -> str:
        """Return why a line is no row: ``footer``, ``totals`` or nothing."""
        head = fold(first)
        for word in self.table.file.footer:
            if head.startswith(fold(word)):
                digits = "".join(ch for ch in " ".join(filled) if ch.isdigit())
                self.footer = int(digits) if digits and len(digits) < 12 else None
                return "footer"
        if any(head == fold(w) or head.startswith((f"{fold(w)} ", f"{fold(w)}:"))
               for w in self.table.file.totals):  # fmt: skip
            return "totals"
        return ""


def drop_not_rows(chunk: Chunk, header: Header, reading: Reading) -> Chunk:
    """Take blank lines, repeated headers, totals and footers out of a chunk, and count them."""
    first = pc.utf8_trim_whitespace(chunk.cells[0])
    size = len(first)
    out = np.zeros(size, np.bool_)
    empty_first = pc.equal(first, "").to_numpy(zero_copy_only=False)
    if empty_first.any():
        _drop_blank(chunk, empty_first, out, reading)
    words = (*reading.table.file.footer, *reading.table.file.totals, header.cells[0])
    heads = {fold(w)[:4] for w in words if w}
    start = pc.utf8_lower(pc.utf8_slice_codeunits(first, 0, 4))
    wanted = pa.array(sorted(heads | {h.replace("\u00a0", " ") for h in heads}))
    suspects = pc.is_in(start, wanted).to_numpy(zero_copy_only=False)
    for row in np.flatnonzero(suspects & ~out):
        cells = [cell[int(row)].as_py() or "" for cell in chunk.cells]
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


def _drop_blank(chunk: Chunk, empty_first: Flags, out: Flags, reading: Reading) -> None:
    rows = pa.array(np.flatnonzero(empty_first))
    blank = np.ones(len(rows), np.bool_)
    for cells in chunk.cells:
        part = pc.utf8_trim_whitespace(pc.fill_null(cells.take(rows), ""))
        blank &= pc.equal(part, "").to_numpy(zero_copy_only=False)
    places = rows.to_numpy()
    out[places[blank]] = True
    reading.count("blank", int(blank.sum()))
    for row in places[~blank]:
        cells_of = [cell[int(row)].as_py() or "" for cell in chunk.cells]
        filled = [c for c in cells_of if c.strip()]
        code = reading.not_a_row(filled[0], filled)
        if code:
            reading.count(code)
            out[row] = True


def _repeats(cells: list[str], header: Header) -> bool:
    same = [fold(a) == fold(b) for a, b in zip(cells, header.cells, strict=False)]
    return all(same)


def _take(chunk: Chunk, keep: Flags) -> Chunk:
    mask = pa.array(keep)
    return Chunk(
        [cells.filter(mask) for cells in chunk.cells],
        chunk.lines[keep],
        None if chunk.trailing is None else chunk.trailing[keep],
        None if chunk.hidden is None else chunk.hidden[keep],
        chunk.header,
    )
