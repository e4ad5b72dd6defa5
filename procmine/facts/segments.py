"""Column operations within the segments of a sorted key (the steps of each case)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["bounds", "first_in", "last_before", "next_after", "running_max", "segment_of"]


def bounds(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where the runs of equal `keys` begin, and behind them the number of rows.

    Examples
    --------
    >>> bounds(np.array([4, 4, 7])).tolist()
    [0, 2, 3]
    """
    if not len(keys):
        return np.zeros(1, dtype=np.int64)
    changes = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    return np.concatenate(([0], changes, [len(keys)])).astype(np.int64)


def segment_of(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of the segment of each row.

    Examples
    --------
    >>> segment_of(np.array([0, 2, 3])).tolist()
    [0, 0, 1]
    """
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))


def last_before(
    mask: NDArray[np.bool_], offsets: NDArray[np.int64], *, itself: bool = True
) -> NDArray[np.int64]:
    """Return for each row the last row of its segment up to it where `mask` holds, else -1.

    Parameters
    ----------
    mask
        Which rows count.
    offsets
        The segments, as :func:`bounds` gives them.
    itself
        Whether a row can be its own answer.

    Examples
    --------
    >>> last_before(np.array([True, False, False]), np.array([0, 2, 3])).tolist()
    [0, 0, -1]
    """
    found = np.where(mask, np.arange(len(mask)), -1)
    if not itself:
        found = np.concatenate(([-1], found[:-1])) if len(found) else found
    found = np.maximum.accumulate(found) if len(found) else found
    begins = np.repeat(offsets[:-1], np.diff(offsets))
    return np.where(found >= begins, found, -1)


def next_after(
    mask: NDArray[np.bool_], offsets: NDArray[np.int64], *, itself: bool = True
) -> NDArray[np.int64]:
    """Return for each row the first row of its segment from it on where `mask` holds, else -1.

    Examples
    --------
    >>> next_after(np.array([False, True, False]), np.array([0, 2, 3])).tolist()
    [1, 1, -1]
    """
    size = len(mask)
    if not size:
        return np.zeros(0, dtype=np.int64)
    found = np.where(mask, np.arange(size), size)
    if not itself:
        found = np.concatenate((found[1:], [size]))
    found = np.minimum.accumulate(found[::-1])[::-1]
    ends = np.repeat(offsets[1:], np.diff(offsets))
    return np.where(found < ends, found, -1)


def first_in(mask: NDArray[np.bool_], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each segment its first row where `mask` holds, else -1.

    Examples
    --------
    >>> first_in(np.array([False, True, False]), np.array([0, 2, 3])).tolist()
    [1, -1]
    """
    if not len(mask):
        return np.full(len(offsets) - 1, -1, dtype=np.int64)
    return next_after(mask, offsets)[offsets[:-1]]


def running_max(
    values: NDArray[np.int64], offsets: NDArray[np.int64], span: int
) -> NDArray[np.int64]:
    """Return the greatest of `values` so far within each segment.

    Parameters
    ----------
    values
        Numbers from 0 to below `span`.
    offsets
        The segments, as :func:`bounds` gives them.
    span
        A bound that no value reaches; times the number of segments it stays below 2**63.

    Examples
    --------
    >>> running_max(np.array([3, 1, 2]), np.array([0, 2, 3]), 10).tolist()
    [3, 3, 2]
    """
    base = segment_of(offsets) * span
    lifted = np.maximum.accumulate(values + base) if len(values) else values
    return lifted - base
