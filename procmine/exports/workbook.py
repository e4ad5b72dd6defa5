"""Read an XLSX export: sheets by header, hidden rows marked, zip bombs refused."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from procmine.errors import ExportError, Fault
from procmine.exports.header import Header, find_header, score
from procmine.exports.persons import shown_name
from procmine.exports.rows import Chunk, Reading, drop_not_rows
from procmine.text import t

if TYPE_CHECKING:
    from procmine.exports.profile import TableSpec

__all__ = ["Book", "first_rows", "open_book", "read_book"]

_HEAD_ROWS = 40
_SHEETS = "xl/worksheets/"
_REFERENCE = 24
_ROWS = 20_000
_UNPACKED_LIMIT = 3 * 1024**3
_DEFLATE_MOST = 1032
_PIECE = 1024 * 1024
_HIDDEN = re.compile(rb"<row\b[^>]*?\br=\"(\d+)\"[^>]*?\bhidden=\"(?:1|true)\"")
_HIDDEN_FIRST = re.compile(rb"<row\b[^>]*?\bhidden=\"(?:1|true)\"[^>]*?\br=\"(\d+)\"")
_WIDE = re.compile(rb"r\s*=\s*[\"']([A-Za-z]{2,7})\d")
_HIGH = re.compile(rb"r\s*=\s*[\"'][A-Za-z]*(\d+)")
_MOST_CELLS = 50_000_000
_CELL_LIMIT = 1024 * 1024
_HALF_SECOND = timedelta(microseconds=500_000)


class Book:
    """An XLSX file whose size is known to be bounded, and the sheets that hold the table."""

    def __init__(self, path: Path, table: TableSpec, shown: str) -> None:
        """Open the file and find the header on its sheets."""
        self.path = path
        self.book = CalamineWorkbook.from_path(str(path))
        self.headers: dict[str, Header] = {}
        heads = {
            name: [[_text(cell) for cell in row] for row in self._head(name)]
            for name in self.book.sheet_names
        }
        ranked = sorted(heads, key=lambda name: -score(heads[name], table)[1])
        first: ExportError | None = None
        for name in ranked:
            try:
                self.headers[name] = find_header(heads[name], table, shown)
            except ExportError as error:
                first = first or error
        if first is not None and not self.headers:
            raise first
        self.others = [name for name in heads if name not in self.headers and heads[name]]

    def _head(self, name: str) -> list[list[object]]:
        sheet = self.book.get_sheet_by_name(name)
        rows: list[list[object]] = [
            list(row) for row in sheet.to_python(skip_empty_area=False, nrows=_HEAD_ROWS)
        ]
        return rows


def open_book(path: Path, table: TableSpec) -> Book:
    """Open an XLSX file after its unpacked size has been bounded.

    Raises
    ------
    ExportError
        No XLSX file, a zip bomb, or no header on any sheet.
    """
    shown = shown_name(path.name)
    try:
        _check_size(path, shown)
        return Book(path, table, shown)
    except (zipfile.BadZipFile, CalamineError, zlib.error, KeyError, OSError) as error:
        message = t("exports.bad_workbook", file=shown)
        raise ExportError(message, (Fault("bad_workbook", shown),)) from error


def first_rows(path: Path, count: int) -> list[list[str]]:
    """Return the first rows of a workbook's first sheet, as text.

    Raises
    ------
    ExportError
        No XLSX file, or a zip bomb.
    """
    shown = shown_name(path.name)
    try:
        _check_size(path, shown)
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False, nrows=count)
    except (zipfile.BadZipFile, CalamineError, zlib.error, KeyError, OSError) as error:
        message = t("exports.bad_workbook", file=shown)
        raise ExportError(message, (Fault("bad_workbook", shown),)) from error
    return [[_text(cell) for cell in row] for row in rows]


def _check_size(path: Path, shown: str) -> None:
    """Refuse a file that unpacks beyond the limit, whatever its directory says."""
    with zipfile.ZipFile(path) as archive:
        total = sum(max(info.file_size, 0) for info in archive.infolist())
        packed = path.stat().st_size
        bomb = total > _UNPACKED_LIMIT
        if not bomb and packed * _DEFLATE_MOST > _UNPACKED_LIMIT:
            bomb = _unpacked(path, archive) > _UNPACKED_LIMIT
        bomb = bomb or any(
            _area(archive, info) > _MOST_CELLS
            for info in archive.infolist()
            if info.filename.startswith(_SHEETS) or info.filename in _sheet_files(archive)
        )
    if bomb:
        raise ExportError(t("exports.zip_bomb", file=shown), (Fault("zip_bomb", shown),))


def _area(archive: zipfile.ZipFile, sheet: zipfile.ZipInfo) -> int:
    """Return how many cells a sheet spans, empty ones too: the reader makes room for all.

    A sheet of at most 26 columns is not looked at closely; its rows bound it well enough.
    """
    width = max((_column_number(name) for name in _found(archive, sheet, _WIDE)), default=0)
    return width * max(map(int, _found(archive, sheet, _HIGH)), default=0) if width else 0


def _found(
    archive: zipfile.ZipFile, sheet: zipfile.ZipInfo, pattern: re.Pattern[bytes]
) -> set[bytes]:
    words: set[bytes] = set()
    tail = b""
    with archive.open(sheet) as stream:
        while piece := stream.read(_PIECE):
            text = tail + piece
            words.update(pattern.findall(text))
            tail = text[-_REFERENCE:]
    return words


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _unpacked(path: Path, archive: zipfile.ZipFile) -> int:
    total = 0
    with path.open("rb") as stream:
        for info in archive.infolist():
            if info.compress_type != zipfile.ZIP_DEFLATED:
                total += info.compress_size
                continue
            stream.seek(info.header_offset + 26)
            name, extra = (int.from_bytes(stream.read(2), "little") for _ in range(2))
            stream.seek(name + extra, 1)
            unpack = zlib.decompressobj(-15)
            data = b""
            while not unpack.eof and total <= _UNPACKED_LIMIT:
                data = data or stream.read(_PIECE)
                if not data:
                    break
                total += len(unpack.decompress(data, _PIECE))
                data = unpack.unconsumed_tail
    return total


def read_book(book: Book, reading: Reading) -> Iterator[Chunk]:
    """Yield the rows of every sheet that holds the table; lines are the sheet's rows."""
    hidden = _hidden_rows(book.path)
    for place, name in enumerate(book.book.sheet_names):
        header = book.headers.get(name)
        if header is None:
            continue
        sheet = book.book.get_sheet_by_name(name)
        rows = sheet.to_python(skip_empty_area=False)
        reading.count("title", header.row)
        reading.count("header")
        marks = np.array(sorted(hidden.get(place, ())), np.int64)
        decimal = reading.table.file.decimal
        for start in range(header.row + 1, len(rows), _ROWS):
            part = rows[start : start + _ROWS]
            lines = np.arange(start + 1, start + 1 + len(part))
            columns = [_column(part, i, decimal) for i in range(header.width)]
            _drop_large(columns, lines, reading)
            chunk = Chunk(columns, lines, None, np.isin(lines, marks), header)
            yield drop_not_rows(chunk, header, reading)


def _drop_large(columns: list[pa.Array], lines: np.ndarray, reading: Reading) -> None:
    """Take out rows with a cell that no sheet can hold (32,767 letters at most)."""
    large = np.zeros(len(lines), np.bool_)
    for column in columns:
        if column.nbytes > _CELL_LIMIT:
            sizes = pa.compute.binary_length(column).to_numpy(zero_copy_only=False)
            large |= sizes > _CELL_LIMIT
    for line in lines[large]:
        reading.strays.append((int(line), "too_large"))
    if large.any():
        blank = pa.array(large)
        for place, column in enumerate(columns):
            columns[place] = pa.compute.if_else(blank, "", column)


def _column(rows: Sequence[Sequence[object]], place: int, decimal: str) -> pa.Array:
    cells = [row[place] if place < len(row) else "" for row in rows]
    texts = [cell if type(cell) is str else _text(cell, decimal) for cell in cells]
    return pa.array(texts, pa.string())


def _text(cell: object, decimal: str = ".") -> str:
    """Write a cell as the text that the rest of the reader expects."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell).replace(".", decimal)
    if isinstance(cell, datetime):
        return _stamp(cell)
    if isinstance(cell, date | time):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _stamp(cell: datetime) -> str:
    """Write a stamp as finely as it says: a midnight is a day, no seconds a minute."""
    near = (cell + _HALF_SECOND).replace(microsecond=0)
    if near.time() == time(0):
        return f"{near.year:04d}-{near.month:02d}-{near.day:02d}"
    return near.isoformat(" ", "seconds" if near.second else "minutes")


def _hidden_rows(path: Path) -> dict[int, set[int]]:
    """Return the hidden rows of each sheet, by the sheet's place in the workbook."""
    found: dict[int, set[int]] = {}
    with zipfile.ZipFile(path) as archive:
        for place, name in enumerate(_sheet_files(archive)):
            tail = b""
            with archive.open(name) as stream:
                while piece := stream.read(_PIECE):
                    text = tail + piece
                    if b"hidden=" in text:
                        for pattern in (_HIDDEN, _HIDDEN_FIRST):
                            for match in pattern.finditer(text):
                                found.setdefault(place, set()).add(int(match[1]))
                    tail = text[-512:]
    return found


def _sheet_files(archive: zipfile.ZipFile) -> list[str]:
    """Return the files of the sheets in workbook order."""
    names = set(archive.namelist())
    try:
        book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
        links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    except KeyError:
        return []
    targets = {}
    for tag in re.findall(r"<Relationship\b[^>]*>", links):
        ident = re.search(r'\bId="([^"]+)"', tag)
        target = re.search(r'\bTarget="([^"]+)"', tag)
        if ident and target:
            path = target[1].lstrip("/")
            targets[ident[1]] = path if path.startswith("xl/") else f"xl/{path}"
    order = re.findall(r"<sheet\b[^>]*\br:id=\"([^\"]+)\"", book)
    return [targets[i] for i in order if targets.get(i) in names]
