"""What handovers cost: working hours of the gaps around a visit that a unit could shorten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.facts.segments import bounds, last_before, next_after

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Gaps = tuple[Ints, Ints, Floats]

__all__ = ["COSTLY", "around", "block_costs", "blocks", "find_gaps", "row_costs", "unsure"]

COSTLY = ("between_units", "busy", "unexplained")
"""Causes whose hours a visit can cost; time of citizens, law and others never counts."""


_DECIMALS = 6
"""Hours are sums and differences of floats: what lies below a hundredth of a second is noise."""


def find_gaps(
    case: Ints, visit: pa.ChunkedArray, waits: pa.Table, after: Ints
) -> tuple[Floats, Gaps]:
    """Sum the costly hours between the steps of hands.

    Parameters
    ----------
    case, visit
        Case and visit of each step, in order; no visit where no hand did it.
    waits
        Labelled intervals: ``cause, business_hours``.
    after
        Row of the step that each interval follows.

    Returns
    -------
    within
        The gaps inside a visit.
    gaps
        Case, visit led into, and hours of the others (nan: day stamps, cannot be told).

    Examples
    --------
    >>> visit = pa.chunked_array([[0, 0, 1]])
    >>> waits = pa.table({"cause": ["busy", "busy"], "business_hours": [2.0, 3.0]})
    >>> within, gaps = find_gaps(np.zeros(3, dtype=np.int64), visit, waits, np.array([0, 1]))
    >>> within.tolist(), [each.tolist() for each in gaps]
    ([2.0], [[0], [1], [3.0]])
    """
    offsets = bounds(case)
    number = np.asarray(pc.fill_null(visit, -1), dtype=np.int64)
    hand = number >= 0
    whose = last_before(hand, offsets)
    following = next_after(hand, offsets, itself=False)
    cause = pc.is_in(waits["cause"].cast(pa.string()), value_set=pa.array(COSTLY))
    rows = np.flatnonzero(np.asarray(cause, dtype=np.bool_))
    rows = rows[whose[after[rows]] >= 0]
    at = whose[after[rows]]
    business = waits["business_hours"]
    hours = np.asarray(pc.fill_null(business, 0.0))[rows]
    untold = np.asarray(pc.is_null(business), dtype=np.bool_)[rows]
    total = np.bincount(at, weights=hours, minlength=len(case)).astype(np.float64)
    total[np.bincount(at[untold], minlength=len(case)) > 0] = np.nan
    has = np.bincount(at, minlength=len(case)) > 0
    steps = np.flatnonzero(has & hand & (following >= 0))
    leads = number[following[steps]]
    inside = number[steps] == leads
    found = total[steps]
    within = found[inside]
    between = steps[~inside]
    return within[~np.isnan(within)], (case[between], leads[~inside], found[~inside])


def around(case: Ints, visit: Ints, gaps: Gaps) -> tuple[Floats, Floats]:
    """Return the gap before and the gap after the visit that each handover enters.

    Parameters
    ----------
    case, visit
        Case and visit entered of each handover.
    gaps
        The gaps of (at least) these cases, as :func:`find_gaps` gives them.
    """
    of_gap, into, hours = gaps
    span = int(max(visit.max(initial=0), into.max(initial=0))) + 2
    known = of_gap * span + into
    wanted = case * span + visit
    return _looked_up(known, hours, wanted), _looked_up(known, hours, wanted + 1)


def unsure(handovers: pa.Table, case: Ints, before: Floats, after: Floats) -> tuple[Floats, Floats]:
    """Return the gaps around visits, nan where day stamps lie at one instant on either side.

    Such a gap has no labelled interval, yet how long it was cannot be told.

    Examples
    --------
    >>> rows = pa.table({"visit": [1, 2], "gap_days": [0.0, 3.0],
    ...     "gap_business_hours": pa.array([None, 24.0], pa.float64())})
    >>> [each.tolist() for each in unsure(rows, *np.zeros((1, 2), int), *np.zeros((2, 2)))]
    [[nan, 0.0], [0.0, 0.0]]
    """
    told = np.asarray(pc.is_valid(handovers["gap_business_hours"]), dtype=np.bool_)
    lost = ~told & (handovers["gap_days"].to_numpy() == 0) & (before == 0)
    visit = handovers["visit"].to_numpy()
    behind = np.zeros(len(lost), dtype=np.bool_)
    behind[:-1] = lost[1:] & (case[1:] == case[:-1]) & (visit[1:] == visit[:-1] + 1)
    return np.where(lost, np.nan, before), np.where(behind, np.nan, after)


def row_costs(handovers: pa.Table, usual: float) -> Floats:
    """Return the cost of each handover in working hours; nan where day stamps forbid to tell.

    Merged visits cost 0: what vanishes with them stands on the row of the visit that made
    them vanish.

    Parameters
    ----------
    handovers
        With the gaps around them as ``_before`` and ``_after``.
    usual
        The median gap within one unit, taken off the gaps around a visit.
    """
    before, after = handovers["_before"].to_numpy(), handovers["_after"].to_numpy()
    cost = np.round(np.maximum(before + after - usual, 0.0), _DECIMALS)
    reason = handovers["redundant_reason"].cast(pa.string())
    joined = pc.fill_null(pc.equal(reason, "merged"), fill_value=False)
    return np.where(np.asarray(joined), 0.0, cost)


def blocks(handovers: pa.Table, case: Ints, before: Floats, after: Floats) -> tuple[Floats, Ints]:
    """Sum the gaps around each block of redundant visits side by side: each gap once.

    Visits that vanish side by side leave one gap within a unit. Only handovers in phases
    that count are summed.

    Returns
    -------
    tuple
        Hours and case of each block.
    """
    reason = handovers["redundant_reason"].cast(pa.string())
    entered = pc.fill_null(pc.equal(reason, "entered"), fill_value=False)
    counts = np.asarray(entered, np.bool_) & np.asarray(handovers["counted"], np.bool_)
    visit = handovers["visit"].to_numpy()
    rows = np.flatnonzero(counts)
    if not len(rows):
        return np.zeros(0), rows
    starts = np.ones(len(rows), dtype=np.bool_)
    starts[1:] = (case[rows[1:]] != case[rows[:-1]]) | (visit[rows[1:]] != visit[rows[:-1]] + 1)
    edges = bounds(np.cumsum(starts))
    union = np.add.reduceat(before[rows], edges[:-1]) + after[rows[edges[1:] - 1]]
    return union, case[rows[edges[:-1]]]


def block_costs(union: Floats, case: Ints, usual: float, size: int) -> Floats:
    """Sum what each case's redundant visits cost; the usual gap is taken off once a block."""
    hours = np.round(np.maximum(union - usual, 0.0), _DECIMALS)
    return np.bincount(case, weights=hours, minlength=size).astype(np.float64)


def _looked_up(keys: Ints, values: Floats, wanted: Ints) -> Floats:
    if not len(keys):
        return np.zeros(len(wanted))
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], 0.0)
