"""Local wall-clock time in whole minutes, and when people are at work."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

__all__ = ["DAY", "Calendar", "at", "day_of", "iso", "local", "minute"]

DAY = 24 * 60
_ZERO = date(2000, 1, 1)
_ZONE = ZoneInfo("Europe/Copenhagen")
_WEEKEND = 5


def at(day: date, hour: int = 0, minutes: int = 0) -> int:
    """Return the minute (since 1 January 2000, local time) of a day and hour.

    Examples
    --------
    >>> at(date(2000, 1, 2), 1)
    1500
    """
    return (day - _ZERO).days * DAY + hour * 60 + minutes


def minute(when: datetime) -> int:
    """Return the minute of a local, naive time."""
    return at(when.date(), when.hour, when.minute)


@lru_cache(maxsize=8192)
def _day(number: int) -> date:
    return _ZERO + timedelta(days=number)


def day_of(t: int) -> date:
    """Return the local day in which a minute lies."""
    return _day(t // DAY)


def local(t: int) -> datetime:
    """Return a minute as local, naive time."""
    day = day_of(t)
    return datetime(day.year, day.month, day.day, t % DAY // 60, t % 60)  # noqa: DTZ001


def iso(t: int) -> str:
    """Return a minute as ISO 8601 with the Danish offset of that day.

    A minute that does not exist (March) is read with the offset before the jump.

    Examples
    --------
    >>> iso(at(date(2026, 7, 1), 9))
    '2026-07-01T09:00+02:00'
    """
    stamp = local(t).replace(tzinfo=_ZONE)
    return stamp.astimezone(UTC).astimezone(_ZONE).isoformat(timespec="minutes")


class Calendar:
    """Opening hours on working days, with a look-up of the working day's number.

    Examples
    --------
    >>> calendar = Calendar(date(2026, 1, 1), date(2026, 12, 31))
    >>> local(calendar.add(at(date(2026, 4, 1), 15), 120)).isoformat()
    '2026-04-07T09:00:00'
    """

    def __init__(self, first: date, last: date, opens: int = 8 * 60, closes: int = 16 * 60) -> None:
        self.opens, self.closes = opens, closes
        free = holidays.country_holidays("DK", years=range(first.year, last.year + 1))
        span = range((first - _ZERO).days, (last - _ZERO).days + 1)
        self.days = [n for n in span if _day(n).weekday() < _WEEKEND and _day(n) not in free]
        self._working = frozenset(self.days)

    def works(self, day_number: int) -> bool:
        """Whether a day (number since 1 January 2000) is a working day."""
        return day_number in self._working

    def next_day(self, day_number: int) -> int:
        """Return the first working day at or after a day."""
        return self.days[bisect_left(self.days, day_number)]

    def add(self, t: int, minutes: int) -> int:
        """Return the time when `minutes` of working time have passed since t."""
        length = self.closes - self.opens
        index = bisect_left(self.days, t // DAY)
        done = 0
        if self.days[index] == t // DAY:
            done = min(max(t % DAY - self.opens, 0), length)
        total = done + minutes
        return self.days[index + total // length] * DAY + self.opens + total % length

    def worked(self, start: int, end: int) -> int:
        """Return the minutes of working time between two instants.

        Examples
        --------
        >>> calendar = Calendar(date(2026, 1, 1), date(2026, 12, 31))
        >>> calendar.worked(at(date(2026, 4, 1), 15), at(date(2026, 4, 7), 9)) // 60
        2
        """
        return self._passed(end) - self._passed(start)

    def _passed(self, t: int) -> int:
        index = bisect_left(self.days, t // DAY)
        length = self.closes - self.opens
        today = index < len(self.days) and self.days[index] == t // DAY
        return index * length + (min(max(t % DAY - self.opens, 0), length) if today else 0)

    def later(self, t: int, days: int) -> int:
        """Return the same time of day on the first working day `days` days on."""
        return self.next_day(t // DAY + days) * DAY + t % DAY
