"""Cells, and tables as CSV in three styles, the same bytes each time."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from procmine.synth.clock import DAY, local

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = [
    "Cell", "Day", "Hidden", "Raw", "Row", "Stamp", "Style", "as_text", "serial", "write_csv",
]  # fmt: skip

_EXCEL = 36_526
"""Excel's number of 1 January 2000."""
_SERIALS = "excel"
_SPECIAL = re.compile('[;"\r\n]')


class Stamp(NamedTuple):
    """A time of day, in minutes of the simulation's clock."""

    at: int


class Day(NamedTuple):
    """A date, as any minute of it."""

    at: int


class Raw(NamedTuple):
    """A line as it stands, and whether it is no row at all."""

    text: str
    no_row: bool = False


class Hidden(NamedTuple):
    """A row of a sheet that is hidden there; it is a row all the same."""

    row: tuple[Cell, ...]


Cell = str | int | Stamp | Day | None
Row = tuple[Cell, ...] | Raw | Hidden
"""What a table writes: cells, a line as it stands, or a hidden row."""


@dataclass(frozen=True)
class Style:
    """How a system writes CSV."""

    encoding: str
    newline: str
    head: tuple[str, ...] = ()
    footer: str = ""
    stamp: str = "%d-%m-%Y %H:%M"
    """How times are written: a pattern, or ``excel`` for the spreadsheet's own numbers."""
    day: str = "%d-%m-%Y"
    loose: bool = False
    """Whether the names of columns stand in capitals, with blanks and letters in parts."""

    def header(self, columns: Sequence[str]) -> list[str]:
        """Return the names of columns as this system writes them."""
        if not self.loose:
            return list(columns)
        return [f" {unicodedata.normalize('NFD', name.upper())} " for name in columns]


def serial(minute: int, digits: int = 10) -> str:
    """Return a time as a spreadsheet's number of days.

    Examples
    --------
    >>> serial(720, 1)
    '36526.5'
    """
    return f"{minute / DAY + _EXCEL:.{digits}f}"


def as_text(cell: Cell, stamp: str = Style.stamp, day: str = Style.day) -> str:
    """Return a cell as the exports write it.

    Examples
    --------
    >>> as_text(Stamp(90)), as_text(Day(0)), as_text(None), as_text(7)
    ('01-01-2000 01:30', '01-01-2000', '', '7')
    """
    match cell:
        case Stamp(minute):
            return serial(minute, 6) if stamp == _SERIALS else local(minute).strftime(stamp)
        case Day(minute):
            return local(minute).strftime(day)
        case None:
            return ""
        case _:
            return str(cell)


def _quoted(text: str) -> str:
    if _SPECIAL.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Row], style: Style) -> int:
    """Write a table row by row, with title block and footer; return the number of rows."""
    count = 0
    width = ";" * (len(columns) - 1)
    with path.open("w", encoding=style.encoding, newline="") as file:
        for line in style.head:
            file.write(f"{_quoted(line)}{width}{style.newline}")
        file.write(";".join(style.header(columns)) + style.newline)
        for row in rows:
            if isinstance(row, Raw):
                file.write(row.text + style.newline)
                count += not row.no_row
                continue
            values = row.row if isinstance(row, Hidden) else row
            cells = (_quoted(as_text(cell, style.stamp, style.day)) for cell in values)
            file.write(";".join(cells) + style.newline)
            count += 1
        if style.footer:
            file.write(f"{style.footer.format(n=count)}{width}{style.newline}")
    return count
