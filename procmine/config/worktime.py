"""Business time: how much of an interval lies inside the working hours of a calendar.

Each calendar is a list of working windows in UTC with the working time before each of
them. A look-up is one binary search, so the working time between two instants is the
difference of two look-ups (design section 2; methods section 1.3 has the cases that
calendars read in UTC or without holidays get wrong).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procmine.config.daylight import (
    end_of_day,
    local_day,
    local_midnight,
    midnights,
    offsets_at,
    transition_days,
)
from procmine.config.hours import Hours, calendars

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from procmine.config.load import Config

    Micros = NDArray[np.int64]

__all__ = ["WorkTime", "end_of_day", "local_day", "local_midnight"]

_MINUTE = 60_000_000
_DAY = 1440 * _MINUTE


@dataclass(frozen=True)
class WorkTime:
    """The working calendars of a configuration; calendar 0 is the default.

    Attributes
    ----------
    names
        Name of each calendar: empty for the default, else that of its unit.
    opens, closes
        Per calendar: begin and end of each working window, UTC microseconds, ascending.
    before
        Per calendar: working microseconds before each window.

    Examples
    --------
    Maundy Thursday, Good Friday and Easter Monday are no working days: from Wednesday
    1 April 2026 16:00 to Tuesday 7 April 08:00 no working time passes.

    >>> from procmine.config import load_config
    >>> time = WorkTime.from_config(load_config())
    >>> span = np.array(["2026-04-01T14:00", "2026-04-07T06:00"], "datetime64[us]")
    >>> int(np.diff(time.business_us(span.astype(np.int64)))[0])
    0
    """

    names: tuple[str, ...]
    opens: tuple[Micros, ...]
    closes: tuple[Micros, ...]
    before: tuple[Micros, ...]

    @classmethod
    def from_config(cls, config: Config) -> WorkTime:
        """Build the calendars of ``kalendere.toml``.

        Raises
        ------
        ConfigError
            Hours or days that cannot be read.
        """
        return cls.of(calendars(config.files.get("kalendere", {})))

    @classmethod
    def of(cls, hours: Iterable[Hours]) -> WorkTime:
        """Build from opening hours; the first is the default."""
        listed = tuple(hours)
        windows = [_windows(each) for each in listed]
        return cls(
            tuple(each.name for each in listed),
            tuple(start for start, _ in windows),
            tuple(end for _, end in windows),
            tuple(_before(start, end) for start, end in windows),
        )

    def business_us(self, instants: Micros, calendar: NDArray[np.int64] | int = 0) -> Micros:
        """Return the working microseconds that have passed at each instant.

        Parameters
        ----------
        instants
            UTC microseconds since 1970.
        calendar
            Index of the calendar, one for all or one each (:meth:`calendar_of`).

        Returns
        -------
        array like `instants`
            Working time since the first day the calendars know (1950); only differences
            have a meaning: the working time of ``[a, b)`` is ``f(b) - f(a)``.

        Examples
        --------
        >>> time = WorkTime.of([Hours.plain("08:00-16:00")])
        >>> week = np.array(["2026-03-02T09:00", "2026-03-09T09:00"], "datetime64[us]")
        >>> int(np.diff(time.business_us(week.astype(np.int64)))[0]) / 3.6e9
        40.0
        """
        at = np.asarray(instants, dtype=np.int64)
        if isinstance(calendar, int | np.integer) or len(self.names) == 1:
            which = int(calendar) if isinstance(calendar, int | np.integer) else 0
            return self._passed(at, which)
        chosen = np.broadcast_to(np.asarray(calendar, dtype=np.int64), at.shape)
        passed = np.empty(at.shape, dtype=np.int64)
        for index in np.unique(chosen):
            rows = chosen == index
            passed[rows] = self._passed(at[rows], int(index))
        return passed

    def between(
        self, start: Micros, end: Micros, calendar: NDArray[np.int64] | int = 0
    ) -> NDArray[np.float64]:
        """Return the working hours of ``[start, end)``, each in its calendar."""
        passed = self.business_us(end, calendar) - self.business_us(start, calendar)
        return passed / (60.0 * _MINUTE)

    def calendar_of(self, units: Iterable[str | None]) -> NDArray[np.int64]:
        """Return the calendar of each unit; 0, the default, where it has none of its own.

        A unit is found by its name as the file writes it, without regard to case and to an
        object id's prefix (``enhed:Borgerservice``).

        Examples
        --------
        >>> desk = Hours.plain("10:00-14:00", name="Borgerservice")
        >>> time = WorkTime.of([Hours.plain("08:00-16:00"), desk])
        >>> time.calendar_of(["enhed:borgerservice", "Jobcenter", None]).tolist()
        [1, 0, 0]
        """
        known = {_key(name): index for index, name in enumerate(self.names) if name}
        listed = list(units)
        found = {unit: _find(unit, known) for unit in set(listed)}
        return np.array([found[unit] for unit in listed], dtype=np.int64)

    def _passed(self, at: Micros, index: int) -> Micros:
        opens, closes, before = self.opens[index], self.closes[index], self.before[index]
        if not opens.size or not at.size:
            return np.zeros(at.shape, dtype=np.int64)
        window = np.maximum(_opened(opens, at) - 1, 0)
        inside = np.clip(at - opens[window], 0, closes[window] - opens[window])
        passed: Micros = before[window] + inside
        return passed


def _windows(hours: Hours) -> tuple[Micros, Micros]:
    """Return the UTC windows of a calendar: local hours less the offset that holds there.

    On the two nights a year when clocks change, a day has two offsets: its windows are
    laid out with both and cut at the change.
    """
    days, first, last = hours.windows()
    midnight = midnights(days)
    offset, late = offsets_at(midnight), offsets_at(midnights(days + 1))
    local = days * 1440 * _MINUTE
    start, end = local + first * _MINUTE - offset, local + last * _MINUTE - offset
    changed = offset != late
    change = transition_days(days[changed])
    shift = (offset - late)[changed]
    after_start = np.maximum(start[changed] + shift, change)
    after_end = np.maximum(end[changed] + shift, change)
    start[changed] = np.minimum(start[changed], change)
    end[changed] = np.minimum(end[changed], change)
    starts, ends = np.concatenate([start, after_start]), np.concatenate([end, after_end])
    kept = ends > starts
    order = np.argsort(starts[kept], kind="stable")
    return starts[kept][order], ends[kept][order]


def _opened(opens: Micros, at: Micros) -> Micros:
    """Return how many windows have opened by each instant.

    Looked up by day and counted on from there: a fifth of the time of a search for each.
    """
    known = np.clip(at, opens[0] - 1, opens[-1])
    day = known // _DAY
    first = int(day.min())
    days = np.arange(first, int(day.max()) + 2)
    by_day = np.searchsorted(opens, days * _DAY, side="right")
    found: Micros = by_day[day - first]
    following = np.append(opens, [np.iinfo(np.int64).max])
    for _ in range(int(np.diff(by_day).max())):
        found += following[found] <= known
    return found


def _before(start: Micros, end: Micros) -> Micros:
    total = np.cumsum(end - start)
    return np.concatenate([np.zeros(1, dtype=np.int64), total[:-1]]) if total.size else total


def _key(name: str) -> str:
    return name.strip().casefold()


def _find(unit: str | None, known: dict[str, int]) -> int:
    if unit is None:
        return 0
    key = _key(unit)
    return known.get(key, known.get(key.partition(":")[2], 0))
