"""Opening hours as written in ``kalendere.toml``: weekdays, holidays, closing and half days."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.errors import ConfigError, Fault
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Windows = tuple[tuple[int, int], ...]

__all__ = ["WEEKDAYS", "Hours", "calendars"]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FIRST, _LAST = 1950, 2100
_ORIGIN = date(1970, 1, 1)
_WINDOW = re.compile(r"^(\d{1,2})[:.](\d{2})\s*-\s*(\d{1,2})[:.](\d{2})$")
_YEARLY = re.compile(r"^(\d{2})-(\d{2})$")
_NO_HOLIDAYS = "none"


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours of one calendar; windows are minutes since local midnight.

    Attributes
    ----------
    name
        Unit that keeps it; empty for the default.
    weekdays
        Windows of each weekday, Monday first.
    holidays
        Country whose public holidays are closed, or ``none``.
    closed
        Days on which it is closed: ``2026-12-24``, or ``12-24`` for every year.
    special
        Days with hours of their own (half days), written likewise; they hold on holidays too.

    Examples
    --------
    >>> Hours.plain("08:00-12:00, 12:30-16:00").weekdays[0]
    ((480, 720), (750, 960))
    """

    name: str = ""
    weekdays: tuple[Windows, ...] = ((),) * 7
    holidays: str = "DK"
    closed: tuple[str, ...] = ()
    special: dict[str, Windows] = field(default_factory=dict, hash=False)

    @classmethod
    def plain(cls, hours: str, name: str = "", holidays: str = "DK") -> Hours:
        """Return the same hours from Monday to Friday.

        Raises
        ------
        ConfigError
            Hours that are not written ``08:00-16:00``.
        """
        window = _parse(hours)
        return cls(name, (window,) * 5 + ((),) * 2, holidays)

    def windows(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return day (since 1970), begin and end minute of every window, 1950 to 2100."""
        first = (date(_FIRST, 1, 1) - _ORIGIN).days
        days = np.arange(first, (date(_LAST, 12, 31) - _ORIGIN).days + 1)
        plan = (days + 3) % 7
        plan[_holidays(self.holidays) - first] = -1
        for text in self.closed:
            plan[_dates(text) - first] = -1
        kinds: list[Windows] = list(self.weekdays)
        for text, windows in self.special.items():
            plan[_dates(text) - first] = len(kinds)
            kinds.append(windows)
        found = [
            (days[plan == kind], np.int64(begin), np.int64(end))
            for kind, windows in enumerate(kinds)
            for begin, end in windows
        ]
        day = np.concatenate([d for d, _, _ in found] or [np.empty(0, dtype=np.int64)])
        begin = np.concatenate([np.full(d.size, b) for d, b, _ in found] or [day])
        end = np.concatenate([np.full(d.size, e) for d, _, e in found] or [day])
        return day, begin, end


def calendars(raw: Mapping[str, Any]) -> tuple[Hours, ...]:
    """Read the file's calendars: the default first, then the units'.

    A unit takes from the default what it does not say; its closing and half days come
    on top of the default's.

    Raises
    ------
    ConfigError
        Hours or days that cannot be read.

    Examples
    --------
    >>> raw = {"default": {"weekdays": {"mon": "08:00-16:00"}}, "unit": {"Nord": {}}}
    >>> [each.name for each in calendars(raw)]
    ['', 'Nord']
    """
    default = _read(raw.get("default", {}), Hours.plain("08:00-16:00"), "")
    own: Mapping[str, Any] = raw.get("unit", {})
    return (default, *(_read(row, default, name) for name, row in sorted(own.items())))


def _read(row: Mapping[str, Any], base: Hours, name: str) -> Hours:
    week = base.weekdays
    if "weekdays" in row:
        unknown = sorted(set(row["weekdays"]) - set(WEEKDAYS))
        if unknown:
            raise _bad(", ".join(unknown))
        week = tuple(_parse(row["weekdays"].get(day, "")) for day in WEEKDAYS)
    closed = tuple(_day_text(value) for value in row.get("closed", ()))
    special = {_day_text(key): _parse(value) for key, value in row.get("special", {}).items()}
    for text in (*closed, *special):
        _dates(text)
    return replace(
        base,
        name=name,
        weekdays=week,
        holidays=str(row.get("holidays", base.holidays)) or _NO_HOLIDAYS,
        closed=base.closed + closed,
        special=base.special | special,
    )


def _parse(text: str | list[str]) -> Windows:
    parts = text.split(",") if isinstance(text, str) else text
    windows = []
    for part in parts:
        if not part.strip():
            continue
        match = _WINDOW.match(part.strip())
        if match is None:
            raise _bad(part)
        begin = int(match[1]) * 60 + int(match[2])
        end = int(match[3]) * 60 + int(match[4])
        if not 0 <= begin < end <= 24 * 60:
            raise _bad(part)
        windows.append((begin, end))
    windows.sort()
    if any(later[0] < earlier[1] for earlier, later in itertools.pairwise(windows)):
        raise _bad(str(text))
    return tuple(windows)


def _day_text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _dates(text: str) -> NDArray[np.int64]:
    """Return the days a text names: one, or one a year."""
    match = _YEARLY.match(text)
    try:
        if match is None:
            days = [date.fromisoformat(text)]
        else:
            month, day = int(match[1]), int(match[2])
            date(2024, month, day)
            years = range(_FIRST, _LAST + 1)
            days = [date(y, month, day) for y in years if (month, day) != (2, 29) or y % 4 == 0]
    except ValueError:
        raise _bad(text) from None
    kept = [each for each in days if _FIRST <= each.year <= _LAST]
    return np.array([(each - _ORIGIN).days for each in kept], dtype=np.int64)


@cache
def _holidays(country: str) -> NDArray[np.int64]:
    if country == _NO_HOLIDAYS:
        return np.empty(0, dtype=np.int64)
    from holidays import country_holidays

    try:
        found = country_holidays(country, years=range(_FIRST, _LAST + 1))
    except NotImplementedError:
        raise _bad(country) from None
    kept = [day for day in found if _FIRST <= day.year <= _LAST]
    return np.array(sorted((day - _ORIGIN).days for day in kept), dtype=np.int64)


def _bad(text: str) -> ConfigError:
    fault = Fault("bad_hours", "kalendere.toml", detail=text)
    return ConfigError(t("worktime.bad_hours", value=text), (fault,))
