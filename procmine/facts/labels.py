"""One label an instant: intervals that overlap become segments that do not (design section 4).

All boundaries of a case (its span, its steps, the ends of its intervals) are sorted once;
running counts tell which tracks are active between two boundaries, and the first of them
labels the segment. The segments of a case partition its time by construction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procmine.facts.causes import CAUSES, REST, TRACK_CAUSE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.facts.intervals import Intervals
    from procmine.facts.timeline import Timeline

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = ["Segments", "label"]


@dataclass(frozen=True)
class Segments:
    """Time cut at every boundary, in order of case and time.

    Attributes
    ----------
    case, start, end
        Case and instants (UTC microseconds).
    track
        The track that labels it.
    active
        Bit set of the causes active at all, by place in CAUSES.
    start_day, end_day
        Whether a day stamp lies at that end.
    at_step
        Whether a step lies at its start.
    last_step
        Last step at or before its start (row of the timeline).
    inside
        Whether it belongs to the case's time; false after the case's end.
    interval
        The interval that gave the label, or -1.
    first, last
        Per interval: the segments it covers, from `first` to before `last`.
    """

    case: Ints
    start: Ints
    end: Ints
    track: Ints
    active: Ints
    start_day: Bools
    end_day: Bools
    at_step: Bools
    last_step: Ints
    inside: Bools
    interval: Ints
    first: Ints
    last: Ints


def label(line: Timeline, found: Intervals) -> tuple[Segments, Intervals]:
    """Label the time of every case.

    Parameters
    ----------
    line
        Cases and steps.
    found
        Intervals of every track.

    Returns
    -------
    the segments, and the intervals cut to the cases' time that they name
    """
    reach = _reach(line, found)
    found = found.within(line.begin, reach)
    marks = _Boundaries.of(line, found, reach)
    inner = marks.case[1:] == marks.case[:-1]
    segment = np.flatnonzero(inner)
    before = np.append(0, np.cumsum(inner))
    counts = _active(marks, found)
    track = np.full(segment.size, REST, dtype=np.int64)
    causes = np.zeros(segment.size, dtype=np.int64)
    for each in sorted(counts, reverse=True):
        on = counts[each][segment] > 0
        track[on] = each
        causes[on] |= np.int64(1) << TRACK_CAUSE[each]
    causes[causes == 0] = np.int64(1) << CAUSES.index(CAUSES[TRACK_CAUSE[REST]])
    case = marks.case[segment]
    last = np.maximum(marks.steps[segment] - 1, line.first[:-1][case])
    return Segments(
        case=case, start=marks.at[segment], end=marks.at[segment + 1], track=track,
        active=causes, start_day=marks.start_day[segment], end_day=marks.end_day[segment + 1],
        at_step=marks.is_step[segment], last_step=last,
        inside=marks.at[segment] < line.end[case],
        interval=_givers(marks, found, segment, track),
        first=before[marks.begins], last=before[marks.ends],
    ), found  # fmt: skip


def _reach(line: Timeline, found: Intervals) -> Ints:
    """Return the last instant of each case that has a label.

    Time after the case's end is labelled up to its last step, and on where an opening that
    lies after the end (an appeal at the appeal body) still runs.
    """
    reach = line.reach.copy()
    late = (found.start >= line.end[found.case]) & (found.opened >= 0)
    np.maximum.at(reach, found.case[late], found.end[late])
    return np.where(line.running, line.end, reach)


@dataclass(frozen=True)
class _Boundaries:
    """Distinct boundaries in order of case and time; `begins`, `ends`: those of intervals."""

    case: Ints
    at: Ints
    is_step: Bools
    start_day: Bools
    end_day: Bools
    steps: Ints
    begins: Ints
    ends: Ints

    @classmethod
    def of(cls, line: Timeline, found: Intervals, reach: Ints) -> _Boundaries:
        cases = np.arange(line.begin.size)
        step_at = np.clip(line.at, line.begin[line.case], reach[line.case])
        parts = [
            (cases, line.begin), (cases, line.end), (cases, reach),
            (line.case, step_at), (found.case, found.start), (found.case, found.end),
        ]  # fmt: skip
        case = np.concatenate([c for c, _ in parts])
        at = np.concatenate([t for _, t in parts])
        order = _by_case_and_time(case, at)
        ordered, times = case[order], at[order]
        new = np.append(True, (ordered[1:] != ordered[:-1]) | (times[1:] != times[:-1]))
        new = new[: order.size]
        place = np.empty(order.size, dtype=np.int64)
        place[order] = np.cumsum(new) - 1
        cuts = np.cumsum([c.size for c, _ in parts])[:-1]
        begin, end, _, step, opens, closes = np.split(place, cuts)
        size = int(new.sum())
        start_day = np.zeros(size, dtype=np.bool_)
        end_day = np.zeros(size, dtype=np.bool_)
        start_day[begin] = line.begin_day
        end_day[end] = start_day[end] = line.end_day
        start_day[opens[found.start_day]] = end_day[opens[found.start_day]] = True
        start_day[closes[found.end_day]] = end_day[closes[found.end_day]] = True
        is_step = np.zeros(size, dtype=np.bool_)
        # Where steps fall together the first ends what came before, the last begins the rest.
        inside = line.at == step_at
        rows = step[inside]
        is_step[rows] = True
        start_day[rows] = line.day[inside]
        end_day[rows[::-1]] = line.day[inside][::-1]
        steps = np.cumsum(np.bincount(step, minlength=size))
        return cls(ordered[new], times[new], is_step, start_day, end_day, steps, opens, closes)


def _by_case_and_time(case: Ints, at: Ints) -> Ints:
    """Return the order by case and time: by one number for both where they fit in it.

    The boundaries come as a few runs that are in order already, which a stable sort merges.
    """
    low = int(at.min(initial=0))
    span = int(at.max(initial=0)) - low + 1
    if span * (int(case.max(initial=0)) + 1) < np.iinfo(np.int64).max:
        return np.argsort(case * span + (at - low), kind="stable")
    return np.lexsort((at, case))


def _active(marks: _Boundaries, found: Intervals) -> dict[int, Ints]:
    size = marks.at.size
    counts = {}
    for each in np.unique(found.track):
        rows = found.track == each
        change = np.bincount(marks.begins[rows], minlength=size)
        change -= np.bincount(marks.ends[rows], minlength=size)
        counts[int(each)] = np.cumsum(change)
    return counts


def _givers(marks: _Boundaries, found: Intervals, segment: Ints, track: Ints) -> Ints:
    """Return for each segment the interval of its track that reaches furthest."""
    giver = np.full(segment.size, -1, dtype=np.int64)
    for each in np.unique(found.track):
        wanted = np.flatnonzero(track == each)
        rows = np.flatnonzero(found.track == each)
        if not wanted.size:
            continue
        rows = rows[np.lexsort((rows, -marks.ends[rows], marks.begins[rows]))]
        ends = marks.ends[rows]
        furthest = np.maximum.accumulate(ends)
        new = np.append(True, furthest[1:] > furthest[:-1])
        best = np.maximum.accumulate(np.where(new, np.arange(rows.size), 0))
        place = np.searchsorted(marks.begins[rows], segment[wanted], side="right") - 1
        giver[wanted] = rows[best[place]]
    return giver
