"""JSON read an item at a time: as fast as the decoder, never more than a buffer in memory."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, NoReturn

from procmine.errors import Fault, LogError
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["JsonStream"]

CHUNK = 1 << 20
LARGEST = 1 << 26
TAIL = 32
NUMBER = frozenset(".eE+-")
_BLANK = " \t\n\r"


class JsonStream:
    """Walks through a JSON document without holding it.

    Parameters
    ----------
    file
        Text file at its beginning.
    name
        What to call it in messages.

    Examples
    --------
    >>> import io
    >>> stream = JsonStream(io.StringIO('{"a": [1, {"b": 2}], "c": 3}'), "toy")
    >>> for key in stream.names():
    ...     print(key, list(stream.items()) if stream.peek() == "[" else stream.value())
    a [1, {'b': 2}]
    c 3
    """

    def __init__(self, file: IO[str], name: str) -> None:
        """Start before the first character."""
        self._file = file
        self._name = name
        self._text = ""
        self._at = 0
        self._ended = False
        self._decoder = json.JSONDecoder(parse_constant=self._refuse_constant)

    def names(self) -> Iterator[str]:
        """Yield each key of the object that comes next; the caller reads its value."""
        self._expect("{")
        if self.peek() == "}":
            self._at += 1
            return
        while True:
            key = self.value()
            if not isinstance(key, str):
                self._refuse()
            self._expect(":")
            yield key
            if self._separator("}"):
                return

    def items(self) -> Iterator[object]:
        """Yield each item of the array that comes next."""
        self._expect("[")
        if self.peek() == "]":
            self._at += 1
            return
        while True:
            yield self.value()
            if self._separator("]"):
                return

    def pairs(self) -> Iterator[tuple[str, object]]:
        """Yield each key and value of the object that comes next."""
        for key in self.names():
            yield key, self.value()

    def value(self) -> object:
        """Read one whole value."""
        self.peek()
        wanted = CHUNK
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                end = -1
                if self._ended or self._certain(error):
                    self._refuse()
            except (RecursionError, ValueError):
                self._refuse()
            # A number that ends with the buffer, or before its fraction, may go on after it.
            cut = end == len(self._text) or self._text[end : end + 1] in NUMBER
            if end >= 0 and (self._ended or not cut):
                self._at = end
                return value
            if len(self._text) - self._at > LARGEST:
                self._refuse("too_large")
            self._more(wanted)
            wanted *= 2

    def peek(self) -> str:
        """Return the next character that is no blank, without taking it."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _BLANK:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                self._refuse()
            self._more(CHUNK)

    def finish(self) -> None:
        """Refuse anything but blanks after the document."""
        rest = self._text[self._at :]
        while not rest.strip(_BLANK) and not self._ended:
            self._text, self._at = "", 0
            self._more(CHUNK)
            rest = self._text
        if rest.strip(_BLANK):
            self._refuse()

    def _certain(self, error: json.JSONDecodeError) -> bool:
        """Say whether more text cannot mend it: the fault lies well before the buffer's end."""
        cut = error.msg.startswith("Unterminated string")
        return not cut and error.pos < len(self._text) - TAIL

    def _separator(self, closing: str) -> bool:
        char = self.peek()
        if char not in (",", closing):
            self._refuse()
        self._at += 1
        return char == closing

    def _expect(self, char: str) -> None:
        if self.peek() != char:
            self._refuse()
        self._at += 1

    def _more(self, size: int) -> None:
        try:
            read = self._file.read(size)
        except UnicodeDecodeError:
            self._refuse("not_utf8")
        self._ended = not read
        self._text = self._text[self._at :] + read
        self._at = 0

    def _refuse_constant(self, constant: str) -> NoReturn:
        raise ValueError(constant)

    def _refuse(self, code: str = "not_json") -> NoReturn:
        raise LogError(t(f"ocel.{code}", file=self._name), (Fault(code, self._name),))
