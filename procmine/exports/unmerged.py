"""A workbook as the parser reads it fastest: its tables only, each said to merge no cells.

The parser goes through every sheet a second time for its merged cells, which nobody here
asks for, until it has met a list of them. So each sheet gets an empty list in front. Bytes
stay packed as they are, and what is no part of the tables stays out.
"""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Container

__all__ = ["FRONT", "plain_name", "skip_to_bytes", "unmerged"]

FRONT = b"<mergeCells></mergeCells><!--kjioijlljkh-->"
"""No merged cells; its checksum is nought, so that a sheet's own holds for both together."""
_BLOCK = b"".join(
    (b"\0", len(FRONT).to_bytes(2, "little"), (len(FRONT) ^ 0xFFFF).to_bytes(2, "little"), FRONT)
)
"""The same as a block of deflate that is not packed and not the last."""
_FRONTS = {zipfile.ZIP_STORED: FRONT, zipfile.ZIP_DEFLATED: _BLOCK}
_FOLDERS, _MEDIA, _BINARY = ("xl/", "_rels/"), "xl/media/", ".bin"
_NAMES, _DESCRIPTOR = 26, 0x08
_MOST = 64 * 1024 * 1024


def unmerged(file: BinaryIO, sheets: Container[str]) -> BytesIO | None:
    """Return a workbook's tables, an empty list of merged cells in front of each sheet.

    Parameters
    ----------
    file
        The workbook.
    sheets
        The names of its sheets' members.

    Returns
    -------
    io.BytesIO or None
        Another workbook; None where its packed bytes would be too many to hold.

    Raises
    ------
    zipfile.BadZipFile
        No archive.

    Examples
    --------
    >>> import zlib
    >>> zlib.crc32(FRONT)
    0
    >>> file = BytesIO()
    >>> with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
    ...     archive.writestr("xl/sheet.xml", "<worksheet/>")
    >>> zipfile.ZipFile(unmerged(file, {"xl/sheet.xml"})).read("xl/sheet.xml").decode()
    '<mergeCells></mergeCells><!--kjioijlljkh--><worksheet/>'
    """
    made = BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(made, "w") as new:
        parts = [info for info in old.infolist() if _is_part(info.filename)]
        if sum(info.compress_size for info in parts) > _MOST:
            return None
        for info in parts:
            skip_to_bytes(file, info)
            packed = file.read(info.compress_size)
            if info.filename in sheets and info.compress_type in _FRONTS:
                packed = _FRONTS[info.compress_type] + packed
                info.file_size += len(FRONT)
            info.compress_size = len(packed)
            info.extra, info.flag_bits = b"", info.flag_bits & ~_DESCRIPTOR
            info.header_offset = made.tell()
            made.write(info.FileHeader())
            made.write(packed)
            new.filelist.append(info)
        new.start_dir = made.tell()
    made.seek(0)
    return made


def skip_to_bytes(file: BinaryIO, info: zipfile.ZipInfo) -> None:
    """Move in an archive to where a member's packed bytes begin."""
    file.seek(info.header_offset + _NAMES)
    name, extra = (int.from_bytes(file.read(2), "little") for _ in range(2))
    file.seek(name + extra, 1)


def plain_name(name: str) -> str:
    r"""Return a member's name as the parser compares it.

    Examples
    --------
    >>> plain_name("xl\\Workbook.xml")
    'xl/workbook.xml'
    """
    return name.replace("\\", "/").casefold()


def _is_part(name: str) -> bool:
    """Tell whether the parser of this format, and of no other, may want a member."""
    name = plain_name(name)
    return name.startswith(_FOLDERS) and not name.startswith(_MEDIA) and not name.endswith(_BINARY)
