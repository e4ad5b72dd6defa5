"""How much memory the texts of a workbook take once each cell holds its own.

A sheet names the texts that the workbook's cells share by their number. The parser gives
every cell a copy: a small file can fill any memory with one long text that many cells name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from procmine.exports.unmerged import plain_name

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Callable, Iterable

    Read = Callable[[zipfile.ZipInfo], Iterable[bytes]]

__all__ = ["Repeated"]

_SHARED = "xl/sharedstrings.xml"
_SURELY, _PER_BYTE = 512 * 1024**2, 8
_LEAST_CELL = len('<c t="s"><v>0</v></c>')
_CELL = re.compile(rb"[<:]c\s[^>]*[\"']s[\"'][^>]*>\s*<(?:[^<>\s]*:)?v[^>]*>\s*(\d{1,9})")
_TEXT = re.compile(rb"<(?:[^<>\s:/]*:)?si[\s/>]")
_TEXT_END = b"</si"


@dataclass(slots=True)
class Repeated:
    """The members of a workbook that may hold shared texts or the cells that name them."""

    shared: zipfile.ZipInfo | None = None
    others: list[zipfile.ZipInfo] = field(default_factory=list)
    size: int = 0
    """How many bytes the others unpack to."""

    def add(self, info: zipfile.ZipInfo, size: int) -> None:
        """Note a member and how many bytes it unpacks to."""
        if plain_name(info.filename) == _SHARED:
            self.shared = info
        elif info.filename.casefold().endswith(".xml"):
            self.others.append(info)
            self.size += size

    def fill_memory(self, read: Read, end: Callable[[bytes], bytes]) -> bool:
        """Tell whether the cells' texts take more than is sane.

        Where no text is too long even if every cell named it, the cells are not looked at.

        Parameters
        ----------
        read
            Yields a member's bytes.
        end
            Returns of some bytes the end in which a cell may have been cut off.
        """
        cells = self.size // _LEAST_CELL
        room = max(_SURELY, _PER_BYTE * self.size)
        if self.shared is None or not cells:
            return False
        if not _longer(read(self.shared), max(room // cells, 1)):
            return False
        lengths = _lengths(b"".join(read(self.shared)))
        taken = 0
        for info in self.others:
            tail = b""
            for piece in read(info):
                text = tail + piece
                named = np.array(_CELL.findall(text), "S9")
                if len(named):
                    numbers = named.astype(np.int64)
                    taken += int(lengths[numbers[numbers < len(lengths)]].sum())
                if taken > room:
                    return True
                tail = end(text)
        return False


def _longer(pieces: Iterable[bytes], most: int) -> bool:
    """Tell whether a text may be longer than `most` bytes, looking no closer than that."""
    held, reach = b"", most + len(_TEXT_END)
    for piece in pieces:
        text = held + piece
        if b"<!" in text:  # where a text ends may be said within it
            return True
        place = 0
        while place + reach <= len(text):
            place = text.rfind(_TEXT_END, place + 1, place + reach)
            if place < 0:
                return True
        held = text[place:]
    return held.find(_TEXT_END, 1) > most


def _lengths(shared: bytes) -> npt.NDArray[np.int64]:
    """Return how many bytes each shared text takes at most."""
    begins = [found.start() for found in _TEXT.finditer(shared)]
    if b"<!" in shared:
        return np.full(len(begins), len(shared), np.int64)
    places = np.array([*begins, len(shared)], np.int64)
    return places[1:] - places[:-1]
