"""Find the header line under a title block, and match its names to a table's columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from procmine.errors import ExportError, Fault
from procmine.exports.names import fold, nearest, tidy
from procmine.exports.persons import mask_cpr
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from procmine.exports.profile import TableSpec

__all__ = ["Header", "find_header", "numbered_names", "score", "title_dates"]

_DATE = re.compile(r"(?<!\d)(?:(\d{4})-(\d{2})-(\d{2})|(\d{1,2})[-./](\d{1,2})[-./](\d{4}))(?!\d)")
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header stands and which of its cells is which column.

    `row` counts from 0 among the lines given; `places` maps a column of the profile to
    its position; `unknown` are names that the profile lacks, with the nearest it has;
    `synthetic` that the title block says the data are made up.
    """

    row: int
    width: int
    cells: tuple[str, ...]
    places: dict[str, int]
    dates: tuple[date, ...] = ()
    unknown: dict[str, str] = field(default_factory=dict)
    synthetic: bool = False


def _known(table: TableSpec) -> dict[str, str]:
    return {fold(n): c.name for c in table.columns for n in (c.name, *c.names)}


def numbered_names(cells: Sequence[str]) -> list[str]:
    """Return the names of columns; one that stands there already gets a number behind it.

    Examples
    --------
    >>> numbered_names(["Dato", "Sag", "dato ", ""])
    ['Dato', 'Sag', 'dato (2)', '']
    """
    seen: dict[str, int] = {}
    names = []
    for cell in cells:
        folded = fold(cell)
        seen[folded] = seen.get(folded, 0) + 1
        names.append(f"{tidy(cell)} ({seen[folded]})" if folded and seen[folded] > 1 else cell)
    return names


def score(rows: Sequence[Sequence[str]], table: TableSpec) -> tuple[int, int]:
    """Return the row that names most of the table's columns, and how many it names."""
    known = _known(table)
    counts = [len({known[f] for f in map(fold, numbered_names(row)) if f in known}) for row in rows]
    best = max(counts, default=0)
    return (counts.index(best), best) if best else (0, 0)


def find_header(rows: Sequence[Sequence[str]], table: TableSpec, shown: str) -> Header:
    """Find the header among a file's first rows.

    A cell that is empty in the header row takes its name from the row above (merged
    header cells).

    Raises
    ------
    ExportError
        No row names the columns, or a required one is missing; with the nearest names.
    """
    row, best = score(rows, table)
    if not best:
        raise ExportError(
            t("exports.no_header", file=shown, table=table.name), (Fault("no_header", shown),)
        )
    cells = _merged(rows, row)
    known = _known(table)
    places: dict[str, int] = {}
    unknown: dict[str, str] = {}
    for place, cell in enumerate(numbered_names(cells)):
        name = known.get(fold(cell))
        if name is not None and places.setdefault(name, place) == place:
            continue
        if cell.strip():  # one that the profile lacks, or another name of one that is there
            near = nearest(cell, [c.name for c in table.columns])
            unknown[mask_cpr(tidy(cell))[:_SHOWN]] = near
    missing = [c.name for c in table.columns if c.name not in places and not c.optional]
    if missing:
        raise _missing(missing, cells, shown)
    dates = tuple(d for line in rows[:row] for cell in line for d in title_dates(cell))
    title = fold(" ".join(cell for line in rows[:row] for cell in line))
    made_up = any(fold(word) in title for word in table.file.synthetic)
    return Header(row, len(cells), tuple(cells), places, dates, unknown, made_up)


def _merged(rows: Sequence[Sequence[str]], row: int) -> list[str]:
    cells = list(rows[row])
    above = rows[row - 1] if row else ()
    return [
        cell if cell.strip() or place >= len(above) else above[place]
        for place, cell in enumerate(cells)
    ]


def _missing(missing: list[str], cells: Sequence[str], shown: str) -> ExportError:
    sentences, faults = [], []
    for name in missing:
        near = mask_cpr(nearest(name, [c for c in cells if c.strip()]))[:_SHOWN]
        faults.append(Fault("missing_column", shown, name, detail=near))
        hint = f" {t('exports.near', near=near)}" if near else ""
        sentences.append(t("exports.missing_column", file=shown, column=name) + hint)
    sentences.append(t("exports.missing_remedy"))
    return ExportError("\n".join(sentences), tuple(faults))


def title_dates(text: str) -> list[date]:
    """Return the dates in a line of a title block.

    Examples
    --------
    >>> title_dates("Dannet 31-12-2025 kl. 08.00")
    [datetime.date(2025, 12, 31)]
    """
    found = []
    for match in _DATE.finditer(text):
        iso_year, iso_month, iso_day, day, month, year = match.groups()
        try:
            found.append(
                date(int(iso_year), int(iso_month), int(iso_day))
                if iso_year
                else date(int(year), int(month), int(day))
            )
        except ValueError:
            continue
    return found
