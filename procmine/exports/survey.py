"""Look a text file over before reading it: what it is, its encoding, its longest line."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from procmine.errors import ExportError, Fault
from procmine.exports.persons import shown_name
from procmine.text import t

__all__ = ["LINE_LIMIT", "Survey", "from_cp1252", "raw_chunks", "survey_text", "utf8_chunks"]

LINE_LIMIT = 1024 * 1024
_CHUNK = 4 * 1024 * 1024
_TAIL = 4096
_BINARY = (b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"\x89PNG", b"\x7fELF", b"MZ")
_LEAD, _CR, _LF = 0xC3, 0x0D, 0x0A
_BOM = "\ufeff"
_MIXED = "procmine-cp1252"
_ALIKE = {
    "utf-8-sig": "utf-8", "iso8859-1": "cp1252", "iso8859-15": "cp1252",
    "utf-16-le": "utf-16", "utf-16-be": "utf-16",
}  # fmt: skip
"""Encodings that are read as another one."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a text file is like.

    `encoding` is one that :func:`utf8_chunks` reads; `differs` says that it is not the one
    the profile names; `quotes`, `hard_blanks`, `marks`, `returns` say whether quotes,
    non-breaking blanks, combining letters and carriage returns that end a line by
    themselves occur at all; `longest` is the longest line in bytes, where
    one is longer than the limit.
    """

    encoding: str
    size: int
    longest: int
    quotes: bool
    hard_blanks: bool
    marks: bool
    differs: bool
    returns: bool = False


def survey_text(
    path: Path, said: str = "auto", also: Callable[[bytes], object] | None = None
) -> Survey:
    """Read a file once, in constant memory.

    Parameters
    ----------
    path
        The file.
    said
        The encoding that the profile names.
    also
        Called with each run of bytes, in a thread beside: for what else is asked of them.

    Raises
    ------
    ExportError
        The file is empty, or it is no text.
    """
    with path.open("rb") as stream:
        head = stream.read(65_536)
    shown = shown_name(path.name)
    if not head.removeprefix(codecs.BOM_UTF8).strip():
        raise ExportError(t("exports.empty_file", file=shown), (Fault("empty_file", shown),))
    wide = head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    if head.startswith(_BINARY) or (b"\0" in head and not wide):
        raise ExportError(t("exports.binary_file", file=shown), (Fault("binary_file", shown),))
    look = _Look()
    with ThreadPoolExecutor(1, "beside") as pool:
        for chunk in _raw(path, _CHUNK):
            beside = pool.submit(also or bool, chunk)
            look.add(chunk, wide=wide)
            beside.result()
    look.end()
    if look.nul and not wide:
        raise ExportError(t("exports.binary_file", file=shown), (Fault("binary_file", shown),))
    found = "utf-16" if wide else look.encoding
    differs = said.lower() != "auto" and found not in (_known(said), "ascii")
    return Survey(found, path.stat().st_size, look.longest, look.quotes or wide,
                  look.hard_blanks or wide, look.marks or wide, differs,
                  look.returns or wide)  # fmt: skip


def _known(said: str) -> str:
    """Return an encoding's name as it is found here, whichever of its names is said."""
    try:
        name = codecs.lookup(said).name
    except LookupError:
        return said
    return _ALIKE.get(name, name)


class _Look:
    """What has been seen of a file, chunk by chunk."""

    def __init__(self) -> None:
        self.nul = self.quotes = self.hard_blanks = self.marks = self.returns = False
        self.longest = 0
        self.encoding = "ascii"
        self._run = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._failed = self._two = self._return = False

    def add(self, chunk: bytes, *, wide: bool) -> None:
        letters = np.frombuffer(chunk, np.uint8)
        # A chunk may end between the two of a pair.
        self.returns |= self._return and not chunk.startswith(b"\n")
        self._return = chunk.endswith(b"\r")
        self.returns |= bool(((letters[:-1] == _CR) & (letters[1:] != _LF)).any())
        self.nul |= b"\0" in chunk
        self.quotes |= b'"' in chunk
        self.hard_blanks |= b"\xa0" in chunk
        self.marks |= b"\xcc" in chunk or b"\xcd" in chunk
        self._lines(chunk)
        if wide or (chunk.isascii() and self.encoding == "ascii"):
            return
        self._two = self._two or _has_pair(letters)
        if not self._failed:
            try:
                self._decoder.decode(chunk)
            except UnicodeDecodeError:
                self._failed = True
        self.encoding = ("mixed" if self._two else "cp1252") if self._failed else "utf-8"

    def end(self) -> None:
        """Judge the last bytes: a file that breaks off within a letter is no UTF-8."""
        self.returns |= self._return
        if self.encoding == "utf-8":
            try:
                self._decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                self.encoding = "mixed" if self._two else "cp1252"

    def _lines(self, chunk: bytes) -> None:
        """Follow the ends of lines, as far apart as the limit lets them be."""
        place, last = chunk.find(b"\n"), chunk.rfind(b"\n")
        if place < 0:
            self._run += len(chunk)
        else:
            self.longest = max(self.longest, self._run + place)
            while place < last:
                end = chunk.rfind(b"\n", place + 1, place + 1 + LINE_LIMIT)
                if end < 0:
                    end = chunk.find(b"\n", place + 1)
                    self.longest = max(self.longest, end - place)
                place = end
            self._run = len(chunk) - last
        self.longest = max(self.longest, self._run)


def _has_pair(letters: npt.NDArray[np.uint8]) -> bool:
    """Whether a letter like ae or oe stands among the letters as UTF-8 writes it."""
    leads = np.flatnonzero(letters[:-1] == _LEAD)
    after = letters[leads + 1]
    return bool(((after >= 0x80) & (after < 0xC0)).any())


def utf8_chunks(path: Path, survey: Survey, size: int = 0) -> Iterator[bytes]:
    """Read a file as UTF-8, chunk by chunk, without byte order marks anywhere.

    Where carriage returns end lines by themselves, every line ends in a line feed. `size`
    is how many bytes to read at a time, where only a file's head is wanted.
    """
    chunks = _decoded(path, survey.encoding, size or _CHUNK)
    return _fed(chunks) if survey.returns else chunks


def _fed(chunks: Iterator[bytes]) -> Iterator[bytes]:
    held = b""
    for chunk in chunks:
        block = held + chunk
        held = block[-1:] if block.endswith(b"\r") else b""
        body = block[: len(block) - len(held)]
        yield body.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if held:
        yield b"\n"


def _decoded(path: Path, encoding: str, size: int) -> Iterator[bytes]:
    if encoding in ("ascii", "utf-8"):
        yield from _plain_chunks(path, size)
        return
    name = "utf-8" if encoding == "mixed" else encoding
    errors = "replace" if encoding == "utf-16" else _MIXED
    decoder = codecs.getincrementaldecoder(name)(errors)
    for chunk in _raw(path, size):
        yield decoder.decode(chunk).replace(_BOM, "").encode()
    yield decoder.decode(b"", final=True).encode()


def _plain_chunks(path: Path, size: int) -> Iterator[bytes]:
    mark = codecs.BOM_UTF8
    held = b""
    for chunk in _raw(path, size):
        block = held + chunk
        cut = next((k for k in (2, 1) if block.endswith(mark[:k])), 0)
        held = block[len(block) - cut :] if cut else b""
        body = block[: len(block) - cut] if cut else block
        yield body.replace(mark, b"") if mark in body else body
    if held:
        yield held


def _raw(path: Path, size: int) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(size):
            yield chunk


def raw_chunks(path: Path, lines: int = 0) -> Iterator[memoryview]:
    """Read a file's bytes below its first `lines` lines, cut behind ends of lines.

    Each run is where it was read to; nothing but a line cut in two is copied.
    """
    held = memoryview(b"")
    with path.open("rb", buffering=0) as stream:
        while True:
            room = np.empty(len(held) + _CHUNK, np.uint8).data
            room[: len(held)] = held
            got = stream.readinto(room[len(held) :])
            block = room[: len(held) + (got or 0)]
            begin, lines = _below(block, lines) if lines else (0, 0)
            end = _last_end(block) if got else len(block)
            held = block[max(begin, end) :]
            if begin < end:
                yield block[begin:end]
            if not got:
                return


def _below(block: memoryview, lines: int) -> tuple[int, int]:
    """Return where the line after the first `lines` begins, and how many are lacking."""
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == _LF)
    if len(ends) < lines:
        return len(block), lines - len(ends)
    return int(ends[lines - 1]) + 1, 0


def _last_end(block: memoryview) -> int:
    """Return where the last whole line ends, 0 where none does."""
    start, width = len(block), _TAIL
    while start:
        start = max(len(block) - width, 0)
        found = bytes(block[start:]).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        width *= 16
    return 0


def from_cp1252(text: bytes) -> str:
    r"""Return a text in Windows-1252; a byte that it lacks is a replacement character.

    Examples
    --------
    >>> from_cp1252(b"\x80 \x81") == "\u20ac \ufffd"
    True
    """
    return text.decode("cp1252", _MIXED)


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    text = "".join(bytes([b]).decode("cp1252", "replace") for b in bad)
    return text, error.end


codecs.register_error(_MIXED, _as_cp1252)
