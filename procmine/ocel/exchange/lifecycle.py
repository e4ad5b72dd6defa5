"""Starts and completions of the same step, told as two events, made into one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.ocel.exchange.tally import Tally

__all__ = ["TRANSITION", "CaseTable", "fifo", "with_starts"]

TRANSITION = "lifecycle:transition"
INSTANCE = "concept:instance"


@dataclass(slots=True)
class CaseTable:
    """Columns of the events in file order, typed; `cases` are their attributes by case.

    `time` and `case` are filled in every row; `precision` is per event, `line` the line of
    the file (0: unknown).
    """

    case: pa.Array
    activity: pa.Array
    time: pa.Array
    start: pa.Array
    day: NDArray[np.bool_]
    transition: pa.Array | None = None
    resource: pa.Array | None = None
    group: pa.Array | None = None
    lines: pa.Array | None = None
    attributes: dict[str, pa.Array] = field(default_factory=dict)
    case_ids: pa.Array | None = None
    case_attributes: dict[str, pa.Array] = field(default_factory=dict)


def with_starts(table: CaseTable, tally: Tally) -> CaseTable:
    """Let each completion take the start that it closes; starts without one stay events.

    They match within a case and activity (and instance, where the file names it), first in
    first out. A file that gives starts in a column of their own is left as it is.

    Parameters
    ----------
    table
        Events in file order.
    tally
        Takes the number of pairs, and of starts that nothing closes.
    """
    if table.transition is None or table.start.null_count < len(table.start):
        return table
    step = pc.utf8_lower(table.transition.cast(pa.string()))
    begins, ends = (_mask(pc.equal(step, word)) for word in ("start", "complete"))
    if not begins.any() or not ends.any():
        return table
    groups = _groups(table)
    micros = np.asarray(table.time.cast(pa.int64()))
    order = np.lexsort((np.arange(len(micros)), micros, groups))
    order = order[(begins | ends)[order]]
    opened, closed = fifo(groups[order], begins[order])
    opened, closed = order[opened], order[closed]
    tally.add_rows("start_without_end", "events", np.setdiff1d(np.flatnonzero(begins), opened))
    tally.add("merged_start", "events", TRANSITION, count=len(opened))
    source = np.full(len(micros), -1, dtype=np.int64)
    source[closed] = opened
    starts = table.time.take(pa.array(source, mask=source < 0))
    keep = np.ones(len(micros), dtype=np.bool_)
    keep[opened] = False
    return _filtered(replace(table, start=starts), keep)


def fifo(
    groups: NDArray[np.int64], begins: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Match openings and closings within groups, first in first out.

    Parameters
    ----------
    groups
        Group of each row, ascending.
    begins
        Whether the row opens; the others close.

    Returns
    -------
    tuple
        Rows that open and the rows that close them, pair by pair.

    Examples
    --------
    >>> groups = np.array([0, 0, 0, 0, 1])
    >>> begins = np.array([False, True, True, False, False])
    >>> [rows.tolist() for rows in fifo(groups, begins)]
    [[1], [3]]
    """
    if not len(groups):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    new = np.r_[True, groups[1:] != groups[:-1]]
    number = np.cumsum(new) - 1
    first = np.flatnonzero(new)[number]
    step = np.where(begins, 1, -1)
    total = np.cumsum(step)
    depth = total - total[first] + step[first]
    # A closing is idle where the depth falls below all before it in its group; the groups
    # are set apart so that one running minimum serves them all.
    apart = number * (2 * len(groups) + 2)
    lowest = np.minimum.accumulate(np.minimum(depth, 0) - apart)
    before = np.where(new, 0, np.r_[0, lowest[:-1] + apart[1:]])
    before = np.minimum(before, 0)
    idle = ~begins & (depth < before)
    opens, closes = np.flatnonzero(begins), np.flatnonzero(~begins & ~idle)
    nth_open, nth_close = _nth(number[opens]), _nth(number[closes])
    size = len(groups) + 1
    keys, wanted = number[opens] * size + nth_open, number[closes] * size + nth_close
    _, left, right = np.intersect1d(keys, wanted, assume_unique=True, return_indices=True)
    return opens[left], closes[right]


def _nth(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of each row within its group, from 0."""
    if not len(groups):
        return groups
    new = np.r_[True, groups[1:] != groups[:-1]]
    rows = np.arange(len(groups))
    return rows - np.maximum.accumulate(np.where(new, rows, 0))


def _groups(table: CaseTable) -> NDArray[np.int64]:
    found = _codes(table.case)
    for column in (table.activity, table.attributes.get(INSTANCE)):
        if column is not None:
            codes = _codes(column.cast(pa.string()))
            found = found * (codes.max(initial=0) + 2) + codes + 1
    return found


def _codes(column: pa.Array) -> NDArray[np.int64]:
    return np.asarray(pc.fill_null(column.dictionary_encode().indices, -1), dtype=np.int64)


def _filtered(table: CaseTable, keep: NDArray[np.bool_]) -> CaseTable:
    mask = pa.array(keep)

    def _kept(column: pa.Array | None) -> pa.Array | None:
        return None if column is None else column.filter(mask)

    return replace(
        table,
        case=table.case.filter(mask),
        activity=table.activity.filter(mask),
        time=table.time.filter(mask),
        start=table.start.filter(mask),
        day=table.day[keep],
        transition=_kept(table.transition),
        resource=_kept(table.resource),
        group=_kept(table.group),
        lines=_kept(table.lines),
        attributes={name: column.filter(mask) for name, column in table.attributes.items()},
    )


def _mask(values: pa.Array) -> NDArray[np.bool_]:
    filled = pc.fill_null(values, fill_value=False)
    return np.asarray(filled.to_numpy(zero_copy_only=False), dtype=np.bool_)
