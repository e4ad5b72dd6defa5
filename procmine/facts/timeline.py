"""The time of each case and its steps as plain arrays: what waiting is measured on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = ["NEVER", "Timeline", "column_codes", "micros"]

NEVER = np.iinfo(np.int64).max
"""The instant of what does not happen."""

_DAY_PRECISION = "day"


@dataclass(frozen=True)
class Timeline:
    """Cases and steps of one process, steps sorted by case and place in it.

    Instants are UTC microseconds since 1970.

    Attributes
    ----------
    case_id
        Number of each case.
    begin, end, reach
        Start of the case; its end, the cut, or its last step; the last instant that has a
        label, at or after the end.
    running
        Whether the case is open at the cut, so that its last interval is censored.
    begin_day, end_day
        Whether begin or end is known to the day only.
    case, at, start, deadline, day, activity, unit, hand
        Per step: its case, its placed stamp, true start (the stamp where there is none), the
        deadline it carries (NEVER where none), whether its stamp is a day, codes of activity
        and unit (-1 without unit), whether the unit is a hand.
    first
        First step of each case, and behind it the number of steps.
    activities, units
        What the codes stand for.
    steps
        The table the steps came from, in this order.
    """

    case_id: pa.Array
    begin: Ints
    end: Ints
    reach: Ints
    running: Bools
    begin_day: Bools
    end_day: Bools
    case: Ints
    at: Ints
    start: Ints
    deadline: Ints
    day: Bools
    activity: Ints
    unit: Ints
    hand: Bools
    first: Ints
    activities: tuple[str, ...]
    units: tuple[str, ...]
    steps: pa.Table
    cut: int

    @classmethod
    def of(cls, steps: pa.Table, cases: pa.Table, cut: int) -> Timeline:
        """Read the tables of cases and steps (schemas CASES and STEPS).

        Parameters
        ----------
        steps, cases
            Of one process, or of some of its cases. Steps of other cases are left out.
        cut
            Instant up to which the log is complete, UTC microseconds.
        """
        case_id = _plain(cases["case_id"])
        case = pc.fill_null(pc.index_in(_plain(steps["case_id"]), case_id), -1).to_numpy()
        order = np.lexsort((steps["seq"].to_numpy(), case))
        order = order[case[order] >= 0]
        if not (order.size == case.size and bool((np.diff(order) == 1).all())):
            steps = steps.take(order)
        case = case[order].astype(np.int64)
        at = micros(steps["placed"])
        start = micros(steps["start"])
        day = _equals(steps["precision"], _DAY_PRECISION)
        start = np.where((start == NEVER) | (start > at) | day, at, start)
        activity, activities = column_codes(steps["activity"])
        unit, units = column_codes(steps["unit"])
        first = np.searchsorted(case, np.arange(len(case_id) + 1))
        begin, end, running = _spans(steps, cases, (case, at, first), cut)
        return cls(
            case_id=case_id, begin=begin, end=end,
            reach=np.maximum(end, _last(at, first, end)), running=running,
            begin_day=_equals(cases["start_precision"], _DAY_PRECISION),
            end_day=_equals(cases["end_precision"], _DAY_PRECISION),
            case=case, at=at, start=start, deadline=micros(steps["deadline"]), day=day,
            activity=activity, unit=unit,
            hand=steps["hand"].to_numpy(zero_copy_only=False).astype(bool) & (unit >= 0),
            first=first, activities=activities, units=units, steps=steps, cut=cut,
        )  # fmt: skip

    @property
    def has_starts(self) -> bool:
        """Whether any step has a true start before its completion."""
        return bool((self.start < self.at).any())

    def are(self, names: frozenset[str] | tuple[str, ...]) -> Bools:
        """Return which steps are of one of the activities."""
        wanted = frozenset(names)
        listed = np.array([name in wanted for name in self.activities], dtype=np.bool_)
        return listed[self.activity] if listed.size else np.zeros(self.at.size, np.bool_)

    def next_step(self, mask: Bools) -> Ints:
        """Return for each step the first later one of its case where `mask` holds, else -1."""
        size = self.at.size
        found = np.where(mask, np.arange(size), size)
        found = np.append(found[1:], size)
        found = np.minimum.accumulate(found[::-1])[::-1] if size else found[:0]
        ends = self.first[1:][self.case]
        following: Ints = np.where(found < ends, found, -1)
        return following

    def last_hand(self) -> Ints:
        """Return for each step the last one up to it that a hand did, else -1."""
        found = np.where(self.hand, np.arange(self.at.size), -1)
        found = np.maximum.accumulate(found) if found.size else found
        last: Ints = np.where(found >= self.first[:-1][self.case], found, -1)
        return last

    def begun(self) -> Bools:
        """Return which steps stand in their case at or after its start (``in_case`` says it)."""
        inside = self.steps["in_case"].to_numpy(zero_copy_only=False).astype(bool)
        found = np.where(inside, np.arange(self.at.size), -1)
        found = np.maximum.accumulate(found) if found.size else found
        begun: Bools = found >= self.first[:-1][self.case]
        return begun


def micros(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """Return instants as UTC microseconds; NEVER where there is none.

    Examples
    --------
    >>> stamps = pa.chunked_array([pa.array([5, None], pa.timestamp("us", "UTC"))])
    >>> micros(stamps).tolist() == [5, NEVER]
    True
    """
    plain = column.cast(pa.timestamp("us", "UTC")).cast(pa.int64())
    found: Ints = pc.fill_null(plain, NEVER).to_numpy().copy()
    return found


def column_codes(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return codes of a text column in alphabetical order of its values; -1 where empty.

    Examples
    --------
    >>> column_codes(pa.chunked_array([["b", None, "a"]]))[0].tolist()
    [1, -1, 0]
    """
    plain = _plain(column)
    names = sorted(value for value in pc.unique(plain).to_pylist() if value is not None)
    values = pa.array(names, pa.string())
    codes = pc.fill_null(pc.index_in(plain, values), -1).to_numpy().astype(np.int64)
    return codes, tuple(names)


def _plain(column: pa.ChunkedArray) -> pa.Array:
    text = column.cast(pa.string())
    return text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text


def _equals(column: pa.ChunkedArray, value: str) -> NDArray[np.bool_]:
    same = pc.fill_null(pc.equal(_plain(column), value), fill_value=False)
    found: Bools = same.to_numpy(zero_copy_only=False).astype(bool)
    return found


def _last(at: Ints, first: Ints, fallback: Ints) -> Ints:
    some = first[1:] > first[:-1]
    last = fallback.copy()
    last[some] = at[first[1:][some] - 1]
    return last


def _spans(
    steps: pa.Table, cases: pa.Table, placed: tuple[Ints, Ints, Ints], cut: int
) -> tuple[Ints, Ints, Bools]:
    """Return begin and end of each case as placed, and whether it is open.

    A day stamp takes its place among the steps of its day, so a case begins and ends where
    its first and last step stand.
    """
    case, at, first = placed
    begin, end = micros(cases["start"]), micros(cases["end"])
    inside = steps["in_case"].to_numpy(zero_copy_only=False).astype(bool)
    rows = np.flatnonzero(inside)
    opening, lead = np.unique(case[rows], return_index=True)
    day = _equals(cases["start_precision"], _DAY_PRECISION)[opening]
    begin[opening] = np.where(day, at[rows[lead]], begin[opening])
    tail = np.append(lead[1:], rows.size)[: lead.size] - 1
    stamp = micros(steps["time"])
    closed = end[opening] == stamp[rows[tail]]
    end[opening] = np.where(closed, at[rows[tail]], end[opening])
    is_open = pc.fill_null(cases["open"].cast(pa.bool_()), fill_value=False)
    running = is_open.to_numpy(zero_copy_only=False).astype(bool)
    unknown = (end == NEVER) & ~running
    end = np.where(unknown, _last(at, first, begin), end)
    end = np.where(running, cut, end)
    return begin, np.maximum(end, begin), running
