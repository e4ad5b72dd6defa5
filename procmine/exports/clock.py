"""When the clock of a time zone changes, as arrays."""

from __future__ import annotations

import bisect
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

__all__ = ["iso", "micros", "transitions"]

Ints = npt.NDArray[np.int64]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    """Return microseconds since 1970.

    Examples
    --------
    >>> micros(datetime(1970, 1, 2, tzinfo=UTC)) // 10**6
    86400
    """
    return (moment - _EPOCH) // timedelta(microseconds=1)


def iso(us: int) -> str:
    """Return microseconds since 1970 as ISO 8601 in UTC.

    Examples
    --------
    >>> iso(0)
    '1970-01-01T00:00:00Z'
    """
    return (_EPOCH + timedelta(microseconds=us)).isoformat().replace("+00:00", "Z")


@cache
def transitions(zone: str) -> tuple[Ints, Ints, Ints, int]:
    """Return each change of a zone's clock from 1980 to 2100, and the offset before them all.

    Three arrays in microseconds: the local time at which the clock changes, the local time
    it then shows, and the offset from UTC from then on.

    Examples
    --------
    >>> before, after, shifts, first = transitions("Europe/Copenhagen")
    >>> int(after[0] - before[0]) // 3_600_000_000
    1
    """
    info = ZoneInfo(zone)
    hour = timedelta(hours=1)
    moment = datetime(1980, 1, 1, tzinfo=UTC)
    first = _offset(info, moment)
    before, after, shifts = [], [], []
    known = first
    while moment.year < 2100:
        later = moment + timedelta(days=7)
        new = _offset(info, later)
        if new != known:
            hours = bisect.bisect_left(
                range(1, 7 * 24), 1, key=lambda n: _offset(info, moment + n * hour) != known
            )
            at = micros(moment + (hours + 1) * hour)
            before.append(at + known)
            after.append(at + new)
            shifts.append(new)
            known = new
        moment = later
    if not before:  # a zone whose clock never changes
        never = int(np.iinfo(np.int64).max)
        return np.array([never]), np.array([never]), np.array([first]), first
    return np.array(before), np.array(after), np.array(shifts), first


def _offset(info: ZoneInfo, moment: datetime) -> int:
    delta = moment.astimezone(info).utcoffset() or timedelta()
    return delta // timedelta(microseconds=1)
