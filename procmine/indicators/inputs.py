"""What a measurement is taken from: one process's fact tables, and a span of the calendar."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from procmine.effects.gates import sparse_months
from procmine.effects.windows import durations, utc
from procmine.indicators.owners import Owners
from procmine.indicators.rows import Rows
from procmine.text.formats import ZONE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

__all__ = ["Inputs", "Span"]


@dataclass(frozen=True, slots=True)
class Span:
    """A span of the calendar: instants after `begin`, up to and with `finish`.

    Examples
    --------
    >>> Span.of("2026-01-01", "2026-03-31").text
    '2026-01-01/2026-03-31'
    """

    begin: pd.Timestamp
    finish: pd.Timestamp

    @classmethod
    def of(cls, first: object, last: object) -> Span:
        """Return the span of the local days from `first` to `last`, both counted."""
        end = utc(last).tz_convert(ZONE).normalize() + pd.DateOffset(days=1)
        return cls(utc(first), end.tz_convert("UTC"))

    @property
    def first(self) -> date:
        """First local day."""
        return self.begin.tz_convert(ZONE).date()

    @property
    def last(self) -> date:
        """Last local day."""
        return (self.finish - pd.Timedelta(microseconds=1)).tz_convert(ZONE).date()

    @property
    def text(self) -> str:
        """Both days in ISO form."""
        return f"{self.first.isoformat()}/{self.last.isoformat()}"

    @property
    def days(self) -> float:
        """Length in days."""
        return (self.finish - self.begin) / pd.Timedelta(days=1)

    def holds(self, stamps: pd.Series) -> pd.Series:
        """Say for each instant whether it lies in the span."""
        moments = pd.to_datetime(stamps, utc=True)
        return (moments >= self.begin) & (moments < self.finish)

    def months(self) -> tuple[Span, ...]:
        """Return the whole local months in the span."""
        first = self.begin.tz_convert(ZONE)
        start = first.normalize().replace(day=1)
        if start < first:
            start += pd.DateOffset(months=1)
        found = []
        while (after := start + pd.DateOffset(months=1)) <= self.finish.tz_convert(ZONE):
            found.append(Span(start.tz_convert("UTC"), after.tz_convert("UTC")))
            start = after
        return tuple(found)


@dataclass(frozen=True)
class Inputs:
    """The fact tables of one process and what must be known about them.

    Attributes
    ----------
    process, label
        Id and Danish name of the process.
    tables
        ``cases`` (always, a data frame), ``steps``, ``handovers``, ``waits``, ``documents``
        with the columns of :mod:`procmine.tables.facts`, as data frames or as they are
        stored; one that is absent cannot be measured from.
    cut, log_start
        Last instant of complete extraction, first instant of complete data.
    horizon_days
        Of durations, from the process's catalogue.
    standing
        What must stand beside figures that rest on grades: who approved the rules, what
        cannot be told, what a hand check found.

    Examples
    --------
    >>> day = pd.to_datetime(["2026-01-01"], utc=True)
    >>> cases = pd.DataFrame({"case_id": ["a"], "start": day, "decided": day, "end": day,
    ...     "open": [False], "citizen_id": ["p"]})
    >>> Inputs("p", "P", {"cases": cases}, utc("2026-02-01"), utc("2026-01-01"), 120).citizens
    1
    """

    process: str
    label: str
    tables: Mapping[str, Any]
    cut: pd.Timestamp
    log_start: pd.Timestamp
    horizon_days: float
    standing: str = ""

    @cached_property
    def durations(self) -> pd.DataFrame:
        """Start, stop and citizen of each usable case."""
        return durations(self.tables["cases"], self.cut)

    @cached_property
    def owners(self) -> Owners:
        """The usable cases by number."""
        decided = self.tables["cases"]["decided"]
        return Owners.of(self.durations, decided.loc[self.durations.index])

    @cached_property
    def _rows(self) -> dict[str, Rows]:
        return {}

    @cached_property
    def _sparse(self) -> dict[Span, tuple[str, ...]]:
        return {}

    def sparse_months(self, span: Span) -> tuple[str, ...]:
        """Return the months of a span in which few cases began (effects G4)."""
        if span not in self._sparse:
            window = (span.begin, span.finish)
            self._sparse[span] = sparse_months(self.durations["start"], [window])
        return self._sparse[span]

    def rows(self, kind: str) -> Rows | None:
        """Return a table but the cases as indicators read it, None where there is none."""
        if kind not in self.tables:
            return None
        if kind not in self._rows:
            self._rows[kind] = Rows(self.tables[kind], self.owners.names)
        return self._rows[kind]

    @property
    def citizens(self) -> int:
        """How many citizens the usable cases have."""
        return int(self.durations["citizen"].nunique())

    def part(self, rows: pd.Series) -> Inputs:
        """Return the same with only the cases for which `rows` is true."""
        cases = self.tables["cases"]
        kept = cases[rows.to_numpy(dtype=bool)]
        return replace(self, tables={**self.tables, "cases": kept})

    def clip(self, span: Span) -> Span:
        """Return the part of a span for which there are data."""
        begin = min(max(span.begin, self.log_start), self.cut)
        return Span(begin, max(begin, min(span.finish, self.cut)))
