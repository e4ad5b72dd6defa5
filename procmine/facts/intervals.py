"""Intervals of waiting before they are labelled: from when to when, for what, on whose word."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = ["ENDS", "NO_REF", "Intervals", "fifo", "first_of"]

ENDS = ("closer", "deadline", "assumed", "decided", "end", "cut")
"""What can end an interval; the first of them counts where several fall together."""

NO_REF = -1


@dataclass(frozen=True)
class Intervals:
    """Intervals as columns, in any order.

    Attributes
    ----------
    case, start, end
        Case and instants (UTC microseconds).
    track
        Which track they lie on (:mod:`procmine.facts.causes`).
    start_day, end_day
        Whether an end is known to the day only.
    opened
        Step that opened it (row of the timeline), or NO_REF.
    document
        Row of the document it waits for, or NO_REF.
    how
        What ended it: place in ENDS.
    closed
        Step that closed it, or NO_REF.
    """

    case: Ints
    start: Ints
    end: Ints
    track: Ints
    start_day: Bools
    end_day: Bools
    opened: Ints
    document: Ints
    how: Ints
    closed: Ints

    @classmethod
    def of(
        cls,
        case: Ints,
        start: Ints,
        end: Ints,
        track: Ints | int,
        *,
        start_day: Bools | bool = False,
        end_day: Bools | bool = False,
        opened: Ints | int = NO_REF,
        document: Ints | int = NO_REF,
        how: Ints | int = 0,
        closed: Ints | int = NO_REF,
    ) -> Intervals:
        """Build from arrays or single values, without those that are empty."""
        columns = [case, start, end, track, start_day, end_day, opened, document, how, closed]
        kept = start < end
        size = int(case.size)
        return cls(*(np.broadcast_to(np.asarray(c), (size,))[kept] for c in columns))

    @classmethod
    def join(cls, parts: Iterable[Intervals]) -> Intervals:
        """Put several together."""
        listed = list(parts)
        return cls(
            *(
                np.concatenate([getattr(part, field.name) for part in listed])
                for field in fields(cls)
            )
        )

    @classmethod
    def none(cls) -> Intervals:
        """Return no intervals."""
        nothing = np.empty(0, dtype=np.int64)
        return cls.of(nothing, nothing, nothing, 0)

    def take(self, rows: Bools | Ints) -> Intervals:
        """Return some of them."""
        return Intervals(*(getattr(self, field.name)[rows] for field in fields(self)))

    def within(self, low: Ints, high: Ints) -> Intervals:
        """Cut each to its case's span (`low`, `high` by case) and drop what is empty."""
        start = np.maximum(self.start, low[self.case])
        end = np.minimum(self.end, high[self.case])
        kept = start < end
        part = self.take(kept)
        return Intervals(
            part.case, start[kept], end[kept],
            *(getattr(part, field.name) for field in fields(self)[3:]),
        )  # fmt: skip


def first_of(candidates: list[Ints]) -> tuple[Ints, Ints]:
    """Return the earliest of several instants row by row, and which it is.

    Examples
    --------
    >>> [each.tolist() for each in first_of([np.array([5, 2]), np.array([3, 2])])]
    [[3, 2], [1, 0]]
    """
    stacked = np.stack(candidates)
    which = stacked.argmin(axis=0)
    earliest: Ints = np.take_along_axis(stacked, which[None, :], axis=0)[0]
    return earliest, which


def fifo(group_open: Ints, at_open: Ints, group_close: Ints, at_close: Ints) -> Ints:
    """Match openings with closers, first in first out within a group.

    A closer that finds no open opening is lost.

    Parameters
    ----------
    group_open, group_close
        Group of each opening and closer (case, or case and object), sorted.
    at_open, at_close
        Their places in one order, ascending within a group; no place is both.

    Returns
    -------
    array, one entry an opening
        The matching closer's row, or -1.

    Examples
    --------
    >>> fifo(np.array([0, 0]), np.array([1, 2]), np.array([0, 0]), np.array([0, 3])).tolist()
    [1, -1]
    """
    group = np.concatenate([group_open, group_close])
    place = np.concatenate([at_open, at_close])
    order = np.lexsort((place, group))
    group = group[order]
    step = np.where(order < group_open.size, 1, -1)
    first = np.flatnonzero(np.append(True, group[1:] != group[:-1])) if group.size else order
    sizes = np.diff(np.append(first, group.size))
    depth = np.cumsum(step)
    depth -= np.repeat(depth[first] - step[first], sizes)
    # A closer is lost where the depth falls to a new low below zero within its group.
    span = group.size + 1
    lift = np.repeat(np.arange(first.size), sizes) * (2 * span)
    low = np.maximum.accumulate(np.maximum(-depth, 0) + lift) - lift if group.size else depth
    earlier = np.append(0, low[:-1]) if low.size else low
    earlier[first] = 0
    counts = (step < 0) & ~(low > earlier)
    closers = order[counts] - group_open.size
    matched = np.full(group_open.size, -1, dtype=np.int64)
    nth_open = _number(group_open)
    nth_close = _number(group_close[closers])
    keys_open = group_open * span + nth_open
    keys_close = group_close[closers] * span + nth_close
    found = np.searchsorted(keys_close, keys_open)
    found = np.minimum(found, max(keys_close.size - 1, 0))
    if keys_close.size:
        hit = keys_close[found] == keys_open
        matched[hit] = closers[found[hit]]
    return matched


def _number(group: Ints) -> Ints:
    """Return each row's number within its run of equal groups."""
    if not group.size:
        return group
    first = np.flatnonzero(np.append(True, group[1:] != group[:-1]))
    number: Ints = np.arange(group.size) - np.repeat(first, np.diff(np.append(first, group.size)))
    return number
