"""The line of a profile where a key or a word stands, for messages."""

from __future__ import annotations

import re

__all__ = ["Lines"]

_HEADER = re.compile(r"^\s*\[\[\s*table\s*\]\]")


class Lines:
    r"""Where things stand in the text of a TOML file.

    Examples
    --------
    >>> Lines("a = 1\n[[table]]\nname = 'x'").find(["table", 0, "name"])
    3
    """

    def __init__(self, text: str) -> None:
        """Keep the text's lines and where its tables begin."""
        self._lines = text.splitlines()
        self._tables = [i for i, line in enumerate(self._lines) if _HEADER.match(line)]

    def find(self, path: list[str | int], word: str = "") -> int:
        """Return the line (from 1) of the last part of `path` that can be found.

        `word` is looked for on top, e.g. an unknown key within the place.
        """
        low, high = 0, len(self._lines)
        rest = list(path)
        if len(rest) > 1 and rest[0] == "table" and isinstance(rest[1], int):
            if rest[1] < len(self._tables):
                low = self._tables[rest[1]]
                after = self._tables[rest[1] + 1 :]
                high = after[0] if after else high
            rest = rest[2:]
        place = low
        for k, part in enumerate(rest):
            if isinstance(part, str):
                place = self._key(part, place, high)
            elif k:
                place = self._nth(str(rest[k - 1]), part, place, high)
        if word:
            place = self._first(word, place, high, place)
        return min(place, max(len(self._lines) - 1, 0)) + 1

    def _key(self, word: str, low: int, high: int) -> int:
        """Return the line where a word is a key or heads a section, else where it stands."""
        name = re.escape(word)
        head = re.compile(rf"^\s*\[+\s*(?:\w+\s*\.\s*)*[\"']?{name}[\"']?\s*\]")
        key = re.compile(rf"(?:^|[{{,])\s*[\"']?{name}[\"']?\s*=")
        for pattern in (head, key):
            for number in range(low, high):
                if pattern.search(self._lines[number]):
                    return number
        return self._first(word, low, high, low)

    def _nth(self, word: str, count: int, low: int, high: int) -> int:
        """Return the line of the section that is number `count` (from 0) of its name."""
        head = re.compile(rf"^\s*\[\[[^\]]*\b{re.escape(word)}\s*\]\]")
        found = [number for number in range(low, high) if head.match(self._lines[number])]
        return found[count] if count < len(found) else low

    def _first(self, word: str, low: int, high: int, default: int) -> int:
        pattern = re.compile(rf"(?<![\w.-]){re.escape(word)}(?![\w-])")
        for number in range(low, high):
            if pattern.search(self._lines[number]):
                return number
        return default
