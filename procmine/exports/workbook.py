"""Read an XLSX export: sheets by header, hidden rows marked, zip bombs refused."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from procmine.errors import ExportError, Fault
from procmine.exports.header import Header, find_header, score
from procmine.exports.packed import look_over, sheet_files
from procmine.exports.persons import shown_name
from procmine.exports.rows import Chunk, Reading, drop_not_rows
from procmine.exports.sheet_cells import cell_text, text_columns
from procmine.exports.unmerged import unmerged
from procmine.text import t

if TYPE_CHECKING:
    from procmine.exports.profile import TableSpec

__all__ = ["Book", "first_rows", "open_book", "read_book", "sheet_rows"]

_HEAD_ROWS = 40
_PART, _PARTS = 500, 40
_CELL_LIMIT = 1024 * 1024
# A runtime error is what zipfile says of a member that is encrypted or packed unheard of.
_UNREADABLE = (zipfile.BadZipFile, CalamineError, zlib.error, KeyError, OSError, RuntimeError)


class Book:
    """An XLSX file whose size is known to be bounded, and the sheets that hold the table."""

    def __init__(
        self, path: Path, table: TableSpec, shown: str, hidden: dict[str, set[int]]
    ) -> None:
        """Open the file and find the header on its sheets; `hidden` are rows by sheet's file."""
        with zipfile.ZipFile(path) as archive:
            files = sheet_files(archive)
            self.weight = sum(archive.getinfo(name).file_size for name in files)
        self.path = path
        self.hidden = [hidden.get(name, set()) for name in files]
        self.headers: dict[str, Header] = {}
        book = _parser(path)
        self.names = tuple(book.sheet_names)
        if len(set(self.names)) < len(self.names):  # the parser gives the first of them twice
            message = t("exports.bad_workbook", file=shown)
            raise ExportError(message, (Fault("bad_workbook", shown),))
        self._sheets = {name: book.get_sheet_by_name(name) for name in self.names}
        heads = {name: _first(sheet, _HEAD_ROWS) for name, sheet in self._sheets.items()}
        ranked = sorted(heads, key=lambda name: -score(heads[name], table)[1])
        first: ExportError | None = None
        for name in ranked:
            try:
                self.headers[name] = find_header(heads[name], table, shown)
            except ExportError as error:
                first = first or error
        if not self.headers:  # or there is no sheet at all
            message = t("exports.no_header", file=shown, table=table.name)
            raise first or ExportError(message, (Fault("no_header", shown),))
        self.others = [name for name in heads if name not in self.headers and heads[name]]
        self._sheets = {name: self._sheets[name] for name in self.headers}

    @property
    def places(self) -> list[int]:
        """Which of the workbook's sheets hold the table."""
        return [place for place, name in enumerate(self.names) if name in self.headers]

    def let_go(self) -> None:
        """Forget the sheets that were read for their headers: they are read again."""
        self._sheets.clear()

    def take(self, name: str) -> CalamineSheet:
        """Return a sheet; the one that was read for its header, where it is still held."""
        return self._sheets.pop(name, None) or _parser(self.path).get_sheet_by_name(name)


def open_book(path: Path, table: TableSpec) -> Book:
    """Open an XLSX file after its unpacked size has been bounded.

    Raises
    ------
    ExportError
        No XLSX file, a zip bomb, or no header on any sheet.
    """
    shown = shown_name(path.name)
    try:
        hidden = look_over(path, shown)
        return Book(path, table, shown, hidden)
    except _UNREADABLE as error:
        message = t("exports.bad_workbook", file=shown)
        raise ExportError(message, (Fault("bad_workbook", shown),)) from error


def first_rows(path: Path, count: int) -> list[list[str]]:
    """Return the first rows of a workbook's first sheet, as text.

    Raises
    ------
    ExportError
        No XLSX file, or a zip bomb.
    """
    return next((rows for _, rows in _heads(path, count, first=True)), [])


def sheet_rows(path: Path, count: int, name: str = "") -> list[tuple[str, list[list[str]]]]:
    """Return the first rows of each of a workbook's sheets, or of the one named, as text.

    Raises
    ------
    ExportError
        No XLSX file, or a zip bomb.
    """
    return _heads(path, count, name)


def _heads(
    path: Path, count: int, name: str = "", *, first: bool = False
) -> list[tuple[str, list[list[str]]]]:
    shown = shown_name(path.name)
    try:
        look_over(path, shown)
        book = _parser(path)
        names = [name] if name else list(book.sheet_names)[: 1 if first else None]
        return [(one, _first(book.get_sheet_by_name(one), count)) for one in names]
    except _UNREADABLE as error:
        message = t("exports.bad_workbook", file=shown)
        raise ExportError(message, (Fault("bad_workbook", shown),)) from error


def _parser(path: Path) -> CalamineWorkbook:
    """Return a workbook that was looked over, its sheets not parsed yet."""
    with zipfile.ZipFile(path) as archive:
        sheets = set(sheet_files(archive))
    with path.open("rb") as file:
        light = unmerged(file, sheets)
    if light is None:
        return CalamineWorkbook.from_path(str(path))
    return CalamineWorkbook.from_filelike(light)


def _first(sheet: CalamineSheet, count: int) -> list[list[str]]:
    rows = sheet.to_python(skip_empty_area=False, nrows=count)
    return [[cell_text(cell) for cell in row] for row in rows]


def read_book(book: Book, reading: Reading) -> Iterator[Chunk]:
    """Yield the rows of every sheet that holds the table; lines are the sheet's rows."""
    hidden = dict(enumerate(book.hidden))  # of sheets that say oddly where they are: nothing
    said: list[int] = []
    for sheet, place in enumerate(book.places):
        name = book.names[place]
        header = book.headers[name]
        reading.sheet, reading.footer = sheet, None
        rows = islice(_rows(book.take(name)), header.row + 1, None)
        reading.count("title", header.row)
        reading.count("header")
        marks = np.array(sorted(hidden.get(place, ())), np.int64)
        start = header.row + 1
        for columns in _columns(rows, header.width, reading.table.file.decimal):
            lines = np.arange(start + 1, start + 1 + len(columns[0]))
            start += len(lines)
            _drop_large(columns, lines, reading)
            chunk = Chunk(columns, lines, None, np.isin(lines, marks), header, sheet)
            yield drop_not_rows(chunk, header, reading)
        said += [reading.footer] if reading.footer is not None else []
    reading.footer = sum(said) if said else None


def _rows(sheet: CalamineSheet) -> Iterator[Sequence[object]]:
    """Return a sheet's rows from its corner on; those made one by one begin at the first cell."""
    if sheet.start is None or sheet.start[1]:
        return iter(sheet.to_python(skip_empty_area=False))
    return sheet.iter_rows()


def _columns(
    rows: Iterator[Sequence[object]], width: int, decimal: str
) -> Iterator[list[pa.Array]]:
    """Yield columns of texts; few rows at a time are held as objects, which cost most."""
    parts = iter(lambda: list(islice(rows, _PART)), [])
    while columns := text_columns(islice(parts, _PARTS), width, decimal):
        yield columns


def _drop_large(columns: list[pa.Array], lines: np.ndarray, reading: Reading) -> None:
    """Take out rows with a cell that no sheet can hold (32,767 letters at most)."""
    large = np.zeros(len(lines), np.bool_)
    for column in columns:
        if column.nbytes > _CELL_LIMIT:
            sizes = pa.compute.binary_length(column).to_numpy(zero_copy_only=False)
            large |= sizes > _CELL_LIMIT
    for line in lines[large]:
        reading.refuse(int(line), "too_large")
    if large.any():
        blank = pa.array(large)
        for place, column in enumerate(columns):
            columns[place] = pa.compute.if_else(blank, "", column)
