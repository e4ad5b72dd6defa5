"""Read an XLSX export: sheets by header, hidden rows marked, zip bombs refused."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from procmine.errors import ExportError, Fault
from procmine.exports.ahead import ahead
from procmine.exports.header import Header, find_header, score
from procmine.exports.persons import shown_name
from procmine.exports.rows import Chunk, Reading, drop_not_rows
from procmine.exports.sheet_cells import cell_text, text_columns
from procmine.exports.unmerged import skip_to_bytes, unmerged
from procmine.text import t

if TYPE_CHECKING:
    from procmine.exports.profile import TableSpec

__all__ = ["Book", "first_rows", "open_book", "read_book"]

_HEAD_ROWS = 40
_SHEETS = "xl/worksheets/"
_REFERENCE = 24
_TAIL = 512
_PART, _PARTS = 500, 40
_UNPACKED_LIMIT = 3 * 1024**3
_DEFLATE_MOST = 1032
_PIECE = 1024 * 1024
_HIDDEN = re.compile(rb"<row\b[^>]*?\br=\"(\d+)\"[^>]*?\bhidden=\"(?:1|true)\"")
_HIDDEN_FIRST = re.compile(rb"<row\b[^>]*?\bhidden=\"(?:1|true)\"[^>]*?\br=\"(\d+)\"")
_WIDE = re.compile(rb"r\s*=\s*[\"']([A-Za-z]{2,7})\d")
_HIGH = re.compile(rb"r\s*=\s*[\"'][A-Za-z]*(\d+)")
_MOST_CELLS = 50_000_000
_CELL_LIMIT = 1024 * 1024


class Book:
    """An XLSX file whose size is known to be bounded, and the sheets that hold the table."""

    def __init__(
        self, path: Path, table: TableSpec, shown: str, hidden: dict[str, set[int]]
    ) -> None:
        """Open the file and find the header on its sheets; `hidden` are rows by sheet's file."""
        with zipfile.ZipFile(path) as archive:
            files = _sheet_files(archive)
            self.weight = sum(archive.getinfo(name).file_size for name in files)
        self.path = path
        self.hidden = [hidden.get(name, set()) for name in files]
        self.headers: dict[str, Header] = {}
        book = _parser(path)
        self.names = tuple(book.sheet_names)
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
        hidden = _check_size(path, shown)
        return Book(path, table, shown, hidden)
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
        return _first(_parser(path).get_sheet_by_index(0), count)
    except (zipfile.BadZipFile, CalamineError, zlib.error, KeyError, OSError) as error:
        message = t("exports.bad_workbook", file=shown)
        raise ExportError(message, (Fault("bad_workbook", shown),)) from error


def _parser(path: Path) -> CalamineWorkbook:
    """Return a workbook that was looked over, its sheets not parsed yet."""
    with zipfile.ZipFile(path) as archive:
        sheets = set(_sheet_files(archive))
    with path.open("rb") as file:
        light = unmerged(file, sheets)
    if light is None:
        return CalamineWorkbook.from_path(str(path))
    return CalamineWorkbook.from_filelike(light)


def _first(sheet: CalamineSheet, count: int) -> list[list[str]]:
    rows = sheet.to_python(skip_empty_area=False, nrows=count)
    return [[cell_text(cell) for cell in row] for row in rows]


def _check_size(path: Path, shown: str) -> dict[str, set[int]]:
    """Refuse a file that unpacks beyond the limit, whatever its directory says.

    Return the hidden rows of each sheet's file.
    """
    hidden: dict[str, set[int]] = {}
    with zipfile.ZipFile(path) as archive, path.open("rb") as stream:
        sheets = set(_sheet_files(archive))
        sheets |= {name for name in archive.namelist() if name.startswith(_SHEETS)}
        bomb = sum(max(info.file_size, 0) for info in archive.infolist()) > _UNPACKED_LIMIT
        doubtful = path.stat().st_size * _DEFLATE_MOST > _UNPACKED_LIMIT
        left = _UNPACKED_LIMIT
        for info in sorted(archive.infolist(), key=lambda one: one.filename in sheets):
            if bomb:
                break
            if info.filename in sheets:
                archive.open(info).close()  # its own header is looked at
                pieces = _pieces(archive, stream, info)
                wide, hidden[info.filename], size = _look_over(pieces, left)
                left -= size
                bomb = left < 0 or _area(archive, info, wide) > _MOST_CELLS
            elif doubtful:
                left -= _unpacked(archive, stream, info, left)
                bomb = left < 0
    if bomb:
        raise ExportError(t("exports.zip_bomb", file=shown), (Fault("zip_bomb", shown),))
    return hidden


def _pieces(
    archive: zipfile.ZipFile, stream: BinaryIO, info: zipfile.ZipInfo
) -> Generator[bytes, None, None]:
    """Yield a member's bytes as they are packed, whatever the directory says of their number.

    Raises
    ------
    zipfile.BadZipFile
        At the end, where they are not the bytes that were packed.
    """
    found = 0
    for piece in _raw(archive, stream, info):
        found = zlib.crc32(piece, found)
        yield piece
    if found != info.CRC:
        raise zipfile.BadZipFile(info.filename)


def _raw(archive: zipfile.ZipFile, stream: BinaryIO, info: zipfile.ZipInfo) -> Iterator[bytes]:
    if info.compress_type != zipfile.ZIP_DEFLATED:
        with archive.open(info) as member:
            while piece := member.read(_PIECE):
                yield piece
        return
    skip_to_bytes(stream, info)
    unpack = zlib.decompressobj(-15)
    packed = b""
    while not unpack.eof and (packed := packed or stream.read(_PIECE)):
        yield unpack.decompress(packed, _PIECE)
        packed = unpack.unconsumed_tail


def _unpacked(archive: zipfile.ZipFile, stream: BinaryIO, info: zipfile.ZipInfo, most: int) -> int:
    """Return how many bytes a member holds, counted until they are too many."""
    if info.compress_type != zipfile.ZIP_DEFLATED:
        return info.compress_size
    total = 0
    for piece in _raw(archive, stream, info):
        total += len(piece)
        if total > most:
            break
    return total


def _look_over(pieces: Generator[bytes, None, None], most: int) -> tuple[set[bytes], set[int], int]:
    """Return the names of columns beyond the 26th, the hidden rows, and how many bytes.

    A sheet is unpacked in a thread while what came before is searched; one of too many
    bytes is not searched to its end.
    """
    wide: set[bytes] = set()
    hidden: set[int] = set()
    tail = b""
    size = 0
    with closing(ahead(pieces)) as coming:
        for piece in coming:
            size += len(piece)
            if size > most:
                break
            text = tail + piece
            wide.update(_WIDE.findall(text))
            if b"hidden=" in text:
                for pattern in (_HIDDEN, _HIDDEN_FIRST):
                    hidden.update(map(int, pattern.findall(text)))
            tail = text[-_TAIL:]
    return wide, hidden, size


def _area(archive: zipfile.ZipFile, sheet: zipfile.ZipInfo, wide: set[bytes]) -> int:
    """Return how many cells a sheet spans, empty ones too: the reader makes room for all.

    A sheet of at most 26 columns is not looked at closely; its rows bound it well enough.
    """
    width = max(map(_column_number, wide), default=0)
    return width * max(map(int, _rows_of(archive, sheet)), default=0) if width else 0


def _rows_of(archive: zipfile.ZipFile, sheet: zipfile.ZipInfo) -> set[bytes]:
    words: set[bytes] = set()
    tail = b""
    with archive.open(sheet) as stream:
        while piece := stream.read(_PIECE):
            text = tail + piece
            words.update(_HIGH.findall(text))
            tail = text[-_REFERENCE:]
    return words


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def read_book(book: Book, reading: Reading) -> Iterator[Chunk]:
    """Yield the rows of every sheet that holds the table; lines are the sheet's rows."""
    hidden = dict(enumerate(book.hidden))
    for place, name in enumerate(book.names):
        header = book.headers.get(name)
        if header is None:
            continue
        rows = islice(_rows(book.take(name)), header.row + 1, None)
        reading.count("title", header.row)
        reading.count("header")
        marks = np.array(sorted(hidden.get(place, ())), np.int64)
        start = header.row + 1
        for columns in _columns(rows, header.width, reading.table.file.decimal):
            lines = np.arange(start + 1, start + 1 + len(columns[0]))
            start += len(lines)
            _drop_large(columns, lines, reading)
            chunk = Chunk(columns, lines, None, np.isin(lines, marks), header)
            yield drop_not_rows(chunk, header, reading)


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
        reading.strays.append((int(line), "too_large"))
    if large.any():
        blank = pa.array(large)
        for place, column in enumerate(columns):
            columns[place] = pa.compute.if_else(blank, "", column)


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
