"""The order of a case's steps: day stamps find their place among the day's exact ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from procmine.config.daylight import local_day, midnights
from procmine.facts.segments import bounds, running_max

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DAY", "placed"]

DAY = "day"
"""The precision of a stamp that names a day only."""

_SPAN = 26 * 3600 * 1_000_000


def placed(
    case: NDArray[np.int64],
    stamp: NDArray[np.int64],
    rank: NDArray[np.int64],
    by_day: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Return the instant that orders each step (design section 2).

    A day stamp takes that of the latest exact stamp of its case, local day and a lower
    rank; its own midnight where there is none. Exact stamps keep theirs.

    Parameters
    ----------
    case
        Number of the case of each step.
    stamp
        Stamps in microseconds since 1970 (UTC); a day stamp is the local midnight.
    rank
        Rank of the activity: its row in the catalogue.
    by_day
        Which stamps name a day only.

    Examples
    --------
    >>> hour = 3_600_000_000
    >>> case = np.zeros(3, dtype=np.int64)
    >>> stamp = np.array([-1, 8, 9]) * hour  # 1970-01-01 00:00, 09:00, 10:00 in Denmark
    >>> day = np.array([True, False, False])
    >>> (placed(case, stamp, np.array([5, 1, 7]), day) // hour).tolist()
    [8, 8, 9]
    """
    if not by_day.any():
        return stamp
    day = local_day(stamp)
    midnight = midnights(day)
    order = np.lexsort((rank, day, case))
    groups = bounds(_numbers(case[order], day[order]))
    since = np.where(by_day, 0, stamp - midnight + 1)[order]
    highest = running_max(since, groups, _SPAN)
    ranks = bounds(_numbers(case[order], day[order], rank[order]))
    before = np.repeat(ranks[:-1], np.diff(ranks)) - 1
    within = before >= np.repeat(groups[:-1], np.diff(groups))
    latest = np.where(within, highest[np.maximum(before, 0)], 0)
    lower = np.empty_like(stamp)
    lower[order] = latest
    return np.where(by_day, midnight + np.maximum(lower - 1, 0), stamp)


def _numbers(*keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of the run of equal rows of sorted keys that each row is in."""
    changed = np.zeros(len(keys[0]), dtype=np.bool_)
    for key in keys:
        changed[1:] |= key[1:] != key[:-1]
    return np.cumsum(changed)
