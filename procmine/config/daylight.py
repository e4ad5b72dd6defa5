"""Danish local time for whole arrays: days, midnights, and the nights when clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from procmine.text.formats import ZONE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Micros = NDArray[np.int64]

__all__ = [
    "end_of_day",
    "local_day",
    "local_midnight",
    "midnights",
    "offsets_at",
    "transition_days",
]

_SECOND = 1_000_000
_HOUR = 3600 * _SECOND
_DAY = 24 * _HOUR
_YEARS = (1940, 2110)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@cache
def _changes() -> tuple[Micros, Micros]:
    """Return the instants from which an offset to UTC holds, and the offsets."""
    at = datetime(_YEARS[0], 1, 1, tzinfo=UTC)
    last = datetime(_YEARS[1], 1, 1, tzinfo=UTC)
    instants, offsets = [at], [_offset(at)]
    while at < last:
        following = at + timedelta(days=7)
        if _offset(following) != offsets[-1]:
            instants.append(_change(at, following))
            offsets.append(_offset(following))
        at = following
    return (
        np.array([(each - _EPOCH) // timedelta(microseconds=1) for each in instants]),
        np.array([each // timedelta(microseconds=1) for each in offsets]),
    )


def _offset(at: datetime) -> timedelta:
    return at.astimezone(ZONE).utcoffset() or timedelta()


def _change(low: datetime, high: datetime) -> datetime:
    old = _offset(low)
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) // timedelta(minutes=2) * timedelta(minutes=1)
        low, high = (middle, high) if _offset(middle) == old else (low, middle)
    return high


def offsets_at(instants: Micros) -> Micros:
    """Return the offset of Danish local time to UTC at each instant, in microseconds.

    Examples
    --------
    >>> offsets_at(np.array([0])).tolist() == [3_600_000_000]
    True
    """
    changes, offsets = _changes()
    found = np.searchsorted(changes, instants, side="right") - 1
    at: Micros = offsets[np.maximum(found, 0)]
    return at


def local_day(instants: Micros) -> Micros:
    """Return the Danish day of each instant, in days since 1 January 1970.

    Examples
    --------
    >>> local_day(np.array([-3_600_000_001, -3_600_000_000])).tolist()
    [-1, 0]
    """
    day: Micros = (np.asarray(instants) + offsets_at(np.asarray(instants))) // _DAY
    return day


def midnights(days: Micros) -> Micros:
    """Return the instant at which each Danish day begins (days since 1 January 1970)."""
    local = np.asarray(days, dtype=np.int64) * _DAY
    guess = local - offsets_at(local)
    midnight: Micros = local - offsets_at(guess)
    return midnight


def local_midnight(instants: Micros) -> Micros:
    """Return the Danish midnight at or before each instant.

    Examples
    --------
    >>> noon = np.array(["2026-07-01T12:00"], "datetime64[us]").astype(np.int64)
    >>> str(local_midnight(noon).astype("datetime64[us]")[0])
    '2026-06-30T22:00:00.000000'
    """
    return midnights(local_day(instants))


def end_of_day(instants: Micros) -> Micros:
    """Return the Danish midnight that ends the day of each instant: when a date runs out.

    Examples
    --------
    >>> noon = np.array(["2026-03-29T00:30"], "datetime64[us]").astype(np.int64)
    >>> str(end_of_day(noon).astype("datetime64[us]")[0])
    '2026-03-29T22:00:00.000000'
    """
    return midnights(local_day(instants) + 1)


def transition_days(days: Micros) -> Micros:
    """Return the instant at which the clocks change within each of `days`.

    Every day given must have one.
    """
    changes, _ = _changes()
    found: Micros = changes[np.searchsorted(changes, midnights(days), side="right")]
    return found
