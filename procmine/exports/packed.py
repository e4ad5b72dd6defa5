"""A workbook's packed bytes, looked over before anything is parsed: how much they would hold.

The parser makes room for all cells between the first and the last of a sheet, so one cell
far off can fill any memory; what a directory says of its members may be untrue.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from procmine.errors import ExportError, Fault
from procmine.exports.repeated import Repeated
from procmine.exports.unmerged import plain_name, skip_to_bytes
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["look_over", "sheet_files"]

_UNPACKED_LIMIT = 3 * 1024**3
_ANY, _PER_BYTE, _MOST_MEMBERS = 256 * 1024**2, 200, 20_000
"""What any workbook may unpack to; how much more than its own bytes; its members."""
_MOST_CELLS = 50_000_000
_PIECE = 256 * 1024
_TAIL, _LEAST = 512, 128
_CELLS = b"sheetData"
"""Only a member that says so holds cells, from there on."""
_HIDDEN = re.compile(rb"<row\b[^>]*?\br=\"(\d+)\"[^>]*?\bhidden=\"(?:1|true)\"")
_HIDDEN_FIRST = re.compile(rb"<row\b[^>]*?\bhidden=\"(?:1|true)\"[^>]*?\br=\"(\d+)\"")
# What bytes must follow is not cut off at the end of what was unpacked so far.
_ODD, _ODD_PREFIXED = (
    re.compile(rb"(?s)%bc(?! r=\"[A-Za-z]\d{1,6}\")[\s/>].{11}" % sign) for sign in (b"<", b":")
)
_AGAIN = re.compile(rb"[\"']\s*r\s*=")
_BLANK, _QUOTE = ord(" "), ord("'")
_LOOSE = re.compile(rb"(?s)[<:]c(?! r=\"[A-Za-z])[\s/>].{4}")
_COLUMN = re.compile(rb"r\s*=\s*[\"']([A-Za-z]{1,7})[A-Za-z]*\d")
_ROW = re.compile(rb"r\s*=\s*[\"'][A-Za-z]*0*(\d{1,9})")
_ROW_END = re.compile(rb"</(?:[^<>\s:]*:)?row\s*>")
_RUN = re.compile(rb"(\s)\s+|([A-Za-z]{16})[A-Za-z]+|(0{9})0+")


def look_over(path: Path, shown: str) -> dict[str, set[int]]:
    """Return the hidden rows of each member of a workbook that holds no more than is sane.

    Raises
    ------
    ExportError
        It unpacks beyond the limit or to many times its size, whatever its directory says,
        has too many members, a sheet spans too many cells, or these repeat long texts so
        often that they would fill memory.
    zipfile.BadZipFile
        No archive of a workbook's kind, or a member's bytes are not those that were packed.
    """
    hidden: dict[str, set[int]] = {}
    with zipfile.ZipFile(path) as archive, path.open("rb") as stream:
        left = min(_UNPACKED_LIMIT, max(_ANY, _PER_BYTE * path.stat().st_size))
        bomb = sum(max(info.file_size, 0) for info in archive.infolist()) > left
        bomb = bomb or len(archive.infolist()) > _MOST_MEMBERS
        texts = Repeated()
        for info in archive.infolist():
            if bomb:
                break
            archive.open(info).close()  # its own header is looked at
            odd, hidden[info.filename], size = _search(_pieces(stream, info), left)
            left -= size
            texts.add(info, size)
            bomb = left < 0 or (odd and _area(_raw(stream, info)) > _MOST_CELLS)
        bomb = bomb or texts.fill_memory(lambda info: _raw(stream, info), _end)
    if bomb:
        raise ExportError(t("exports.zip_bomb", file=shown), (Fault("zip_bomb", shown),))
    return hidden


def sheet_files(archive: zipfile.ZipFile) -> list[str]:
    """Return the members that hold the sheets, in the workbook's order."""
    names = {plain_name(name): name for name in archive.namelist()}
    try:
        book, links = (
            archive.read(names[name]).decode("utf-8", "replace")
            for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
        )
    except KeyError:
        return []
    targets = {}
    for tag in re.findall(r"<Relationship\b[^>]*>", links):
        ident = re.search(r'\bId="([^"]+)"', tag)
        target = re.search(r'\bTarget="([^"]+)"', tag)
        if ident and target:
            path = target[1].lstrip("/").casefold()
            targets[ident[1]] = path if path.startswith("xl/") else f"xl/{path}"
    order = re.findall(r"<sheet\b[^>]*\br:id=\"([^\"]+)\"", book)
    return [names[targets[i]] for i in order if targets.get(i) in names]


def _pieces(stream: BinaryIO, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a member's bytes as they are packed, whatever the directory says of their number.

    Raises
    ------
    zipfile.BadZipFile
        At the end, where they are not the bytes that were packed.
    """
    found = 0
    for piece in _raw(stream, info):
        found = zlib.crc32(piece, found)
        yield piece
    if found != info.CRC:
        raise zipfile.BadZipFile(info.filename)


def _raw(stream: BinaryIO, info: zipfile.ZipInfo) -> Iterator[bytes]:
    skip_to_bytes(stream, info)
    if info.compress_type == zipfile.ZIP_STORED:
        left = info.compress_size
        while piece := stream.read(min(_PIECE, left)):
            left -= len(piece)
            yield piece
        return
    if info.compress_type != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile(info.filename)
    unpack = zlib.decompressobj(-15)
    packed = b""
    while not unpack.eof and (packed := packed or stream.read(_PIECE)):
        yield unpack.decompress(packed, _PIECE)
        packed = unpack.unconsumed_tail


def _search(pieces: Iterable[bytes], most: int) -> tuple[bool, set[int], int]:
    """Tell whether cells may stand far off, the hidden rows, and how many bytes there are.

    Too many are not searched to their end.
    """
    hidden: set[int] = set()
    begun, odd, tail, size = False, False, b"", 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            break
        text = tail + piece
        begun = begun or _CELLS in text
        odd = odd or (begun and _odd(text))
        if b"hidden=" in text:
            for pattern in (_HIDDEN, _HIDDEN_FIRST):
                hidden.update(map(int, pattern.findall(text)))
        tail = _end(text)
    return odd, hidden, size


def _odd(text: bytes) -> bool:
    """Tell whether a cell does not begin with its place, or may stand far off.

    That is: beyond the 26th column or the 999,999th row, or with a place after another.
    """
    found = _ODD.search(text) or (b":" in text and _ODD_PREFIXED.search(text))
    return bool(found or (_may_say_again(text) and _AGAIN.search(text)))


def _may_say_again(text: bytes) -> bool:
    """Tell, fast, whether an r stands behind a quote or two blanks, as a first attribute never."""
    signs = np.frombuffer(text, np.uint8)
    before, beside = signs[:-2], signs[1:-1]
    behind = (beside <= _QUOTE) & ((before <= _QUOTE) | (beside > _BLANK))
    return bool((behind & (signs[2:] == ord("r"))).any())


def _end(text: bytes) -> bytes:
    """Return the end of a text, long runs made short, so that no place is cut off in it."""
    size = _TAIL
    while len(end := _RUN.sub(rb"\1\2\3", text[-size:])) < _LEAST and size < len(text):
        size *= 8
    return end


def _area(pieces: Iterable[bytes]) -> int:
    """Return how many cells a sheet spans at most, empty ones too.

    Cells that do not tell their place stand beside the one before: that makes as many
    columns more as any row has cells, and as many rows more as there are.
    """
    loose = False
    width = height = rows = run = longest = 0
    tail = b""
    for piece in pieces:
        text = tail + piece
        loose = loose or bool(_LOOSE.search(text))
        width = max(width, *map(_column_number, set(_COLUMN.findall(text))), 0)
        height = max(height, *map(int, set(_ROW.findall(text))), 0)
        rows += piece.count(b"row")
        for place, part in enumerate(_ROW_END.split(piece)):
            run = part.count(b"<c") + part.count(b":c") + (0 if place else run)
            longest = max(longest, run)
        tail = _end(text)
    if loose:
        width, height = width + longest, height + rows
    return width * height


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
