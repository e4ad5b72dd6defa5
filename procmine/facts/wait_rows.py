"""Labelled segments joined to the rows that people read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.facts.labels import Segments
    from procmine.facts.timeline import Timeline

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = ["Rows"]


@dataclass(frozen=True)
class Rows:
    """Segments joined where neither a step nor another label parts them.

    Attributes
    ----------
    case, start, end, track, inside, interval
        As in the segments.
    by_day
        Whether a day stamp lies at either end.
    from_step, to_step
        Last step at or before, and the next one (-1 where the case ends or stops first).
    censored
        Whether the cut ended it.
    """

    case: Ints
    start: Ints
    end: Ints
    track: Ints
    by_day: Bools
    from_step: Ints
    to_step: Ints
    inside: Bools
    interval: Ints
    censored: Bools

    @classmethod
    def of(cls, line: Timeline, segments: Segments) -> Rows:
        """Join the segments of a timeline."""
        same = (
            (segments.case[1:] == segments.case[:-1])
            & ~segments.at_step[1:]
            & (segments.track[1:] == segments.track[:-1])
            & (segments.inside[1:] == segments.inside[:-1])
        )
        size = segments.case.size
        head = np.flatnonzero(np.append(True, ~same)[:size])
        tail = np.append(head[1:], size)[: head.size] - 1
        case, start, end = segments.case[head], segments.start[head], segments.end[tail]
        before = segments.last_step[head]
        following = np.where(line.at[before] > start, before, before + 1) if size else before
        behind = following < line.first[1:][case]
        limit = np.where(segments.inside[head], line.end[case], np.iinfo(np.int64).max)
        reached = behind & (line.at[np.where(behind, following, 0)] <= limit) if size else behind
        return cls(
            case=case, start=start, end=end, track=segments.track[head],
            by_day=segments.start_day[head] | segments.end_day[tail],
            from_step=before, to_step=np.where(reached, following, -1),
            inside=segments.inside[head], interval=segments.interval[head],
            censored=(end == line.cut) & ~reached & (line.running[case] | ~segments.inside[head]),
        )  # fmt: skip
