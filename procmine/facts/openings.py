"""Openings and closers: intervals of waiting by the marks of the catalogue (design section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procmine.config.daylight import local_day, midnights
from procmine.facts.causes import track
from procmine.facts.intervals import ENDS, NO_REF, Intervals, fifo, first_of
from procmine.facts.timeline import NEVER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.config.catalogue import Catalogue, Mark
    from procmine.facts.timeline import Timeline

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = ["Links", "Opening", "as_intervals", "openings", "pair"]

_PLAIN_TRACKS = {
    "citizen": "citizen",
    "payment_run": "payment_run",
    "appeal_body": "appeal_body",
    "document": "document",
    "meeting": "meeting_queue",
}


@dataclass(frozen=True)
class Links:
    """Objects that can tell which closer belongs to which opening, by step.

    Attributes
    ----------
    step, object
        Rows of the timeline and codes of objects, sorted by both.
    """

    step: Ints
    object: Ints

    @classmethod
    def none(cls) -> Links:
        """Return no links."""
        return cls(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))

    def first(self, size: int) -> Ints:
        """Return the first object of each of `size` steps, -1 where it has none."""
        found = np.full(size, -1, dtype=np.int64)
        found[self.step[::-1]] = self.object[::-1]
        return found

    def of(self, steps: Ints) -> tuple[Ints, Ints]:
        """Return the links of some steps as (place in `steps`, object); `steps` ascends."""
        place = np.searchsorted(steps, self.step)
        place = np.minimum(place, max(steps.size - 1, 0))
        kept = steps[place] == self.step if steps.size else np.zeros(self.step.size, bool)
        return place[kept], self.object[kept]


@dataclass(frozen=True)
class Opening:
    """The openings of one mark, each with what ends it.

    Attributes
    ----------
    kind
        Kind of the mark.
    step, closer
        Opening step and its closer (rows of the timeline; NO_REF without one), also where
        something else ended it before.
    end
        Instant at which it ends.
    how
        What ends it: place in ENDS.
    """

    kind: str
    step: Ints
    closer: Ints
    end: Ints
    how: Ints

    @property
    def closing(self) -> Ints:
        """The closer where it is what ended the opening, else NO_REF."""
        by_closer: Ints = np.where(self.how == ENDS.index("closer"), self.closer, NO_REF)
        return by_closer


def openings(
    line: Timeline, catalogue: Catalogue, links: Links, assumed_days: int
) -> list[Opening]:
    """Find the openings of every mark of the catalogue and where each of them ends.

    Parameters
    ----------
    line
        Cases and steps.
    catalogue
        Marks and closers of the process.
    links
        Objects by which openings and closers belong together.
    assumed_days
        Days that a citizen is taken to have where neither deadline nor closer is known.

    Returns
    -------
    list of Opening
        One for each mark; spans that are no waiting (``appeal``) are left out.
    """
    decided = line.are(tuple(s.type for s in catalogue.steps if s.has("milestone", "decided")))
    found = []
    for step in catalogue.steps:
        for mark in step.mark("opens"):
            if mark.kind in _PLAIN_TRACKS:
                closers = catalogue.closers(mark)
                found.append(_of_mark(line, step.type, mark, closers, links, decided, assumed_days))
    return [each for each in found if each.step.size]


def _of_mark(
    line: Timeline,
    activity: str,
    mark: Mark,
    closing: tuple[str, ...],
    links: Links,
    decided: Bools,
    assumed_days: int,
) -> Opening:
    closes = line.are(closing) & ~line.are((activity,))
    rows = np.flatnonzero(line.are((activity,)))
    deadline = line.deadline[rows]
    if mark.kind == "citizen":
        rows, deadline = _latest_versions(line, rows, closes, decided, (links, assumed_days))
    closer = pair(line, rows, np.flatnonzero(closes), links)
    by_closer = np.where(closer >= 0, line.start[closer], NEVER)
    assumed = np.full(rows.size, NEVER)
    if mark.kind == "citizen":
        neither = (deadline == NEVER) & (closer < 0)
        day = local_day(line.at[rows[neither]])
        assumed[neither] = midnights(day + assumed_days + 1)
    next_decided = line.next_step(decided)[rows]
    by_decision = np.where(next_decided >= 0, line.at[next_decided], NEVER)
    case_end = line.end[line.case[rows]]
    inside = (line.at[rows] < case_end) & ~line.running[line.case[rows]]
    by_end = np.where(inside, case_end, NEVER)
    cut = np.maximum(line.reach, line.cut)[line.case[rows]]
    end, how = first_of([by_closer, deadline, assumed, by_decision, by_end, cut])
    return Opening(mark.kind, rows, closer, end, how)


def _latest_versions(
    line: Timeline, rows: Ints, closes: Bools, decided: Bools, given: tuple[Links, int]
) -> tuple[Ints, Ints]:
    """Join repeated openings that give a new deadline while the former still runs.

    A letter that extends a reply period is no second period: the latest deadline given
    before the one before it ran out holds for the first letter. A letter without a deadline
    runs until an answer, and where none ever comes, until the deadline that is assumed.
    """
    links, assumed_days = given
    deadline = line.deadline[rows]
    if rows.size < 2:
        return rows, deadline
    former, later = rows[:-1], rows[1:]
    objects = links.first(line.at.size)
    total = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(closes | decided)])
    unanswered = (deadline[:-1] == NEVER) & (line.next_step(closes)[later] < 0)
    assumed = midnights(local_day(line.at[former]) + assumed_days + 1)
    runs_out = np.where(unanswered, assumed, deadline[:-1])
    undisturbed = total[later] == total[former + 1]
    one_matter = (objects[former] < 0) | (objects[later] < 0) | (objects[former] == objects[later])
    joins = (
        (line.case[former] == line.case[later])
        & (deadline[1:] != NEVER)
        & (line.at[later] <= runs_out)
        & undisturbed
        & one_matter
    )
    heads = np.flatnonzero(np.append(True, ~joins))
    lasts = np.append(heads[1:], rows.size) - 1
    return rows[heads], deadline[lasts]


def pair(line: Timeline, opens: Ints, closes: Ints, links: Links) -> Ints:
    """Match openings with closers: by a shared object where there is one, else in order.

    Parameters
    ----------
    line
        Cases and steps.
    opens, closes
        Opening and closing steps (rows of the timeline), ascending.
    links
        Objects of the steps.

    Returns
    -------
    array, one entry an opening
        Its closer (row of the timeline), or NO_REF.
    """
    matched = np.full(opens.size, NO_REF, dtype=np.int64)
    if not opens.size or not closes.size:
        return matched
    open_place, open_object = links.of(opens)
    close_place, close_object = links.of(closes)
    named_open = np.zeros(opens.size, dtype=np.bool_)
    named_open[open_place] = True
    free = np.ones(closes.size, dtype=np.bool_)
    if open_place.size and close_place.size:
        _by_object(line, opens, closes, (open_place, open_object, close_place, close_object),
                   matched)  # fmt: skip
        free[np.searchsorted(closes, matched[matched >= 0])] = False
    # An object that names another document is no answer to this one.
    case_named = np.zeros(line.begin.size, dtype=np.bool_)
    case_named[line.case[opens[named_open]]] = True
    named_close = np.zeros(closes.size, dtype=np.bool_)
    named_close[close_place] = True
    free &= ~(named_close & case_named[line.case[closes]])
    left, pool = np.flatnonzero(matched < 0), closes[free]
    found = fifo(line.case[opens[left]], opens[left], line.case[pool], pool)
    hit = found >= 0
    matched[left[hit]] = pool[found[hit]]
    return matched


def _by_object(
    line: Timeline,
    opens: Ints,
    closes: Ints,
    links: tuple[Ints, Ints, Ints, Ints],
    matched: Ints,
) -> None:
    open_place, open_object, close_place, close_object = links
    objects = int(max(open_object.max(), close_object.max())) + 1
    group_open = line.case[opens[open_place]] * objects + open_object
    group_close = line.case[closes[close_place]] * objects + close_object
    order_open = np.lexsort((opens[open_place], group_open))
    order_close = np.lexsort((closes[close_place], group_close))
    groups = np.unique(np.concatenate([group_open, group_close]))
    found = fifo(
        np.searchsorted(groups, group_open[order_open]),
        opens[open_place][order_open],
        np.searchsorted(groups, group_close[order_close]),
        closes[close_place][order_close],
    )
    hit = found >= 0
    place = open_place[order_open][hit]
    closer = closes[close_place[order_close][found[hit]]]
    best = np.full(opens.size, NEVER)
    np.minimum.at(best, place, closer)
    known = best != NEVER
    matched[known] = best[known]


def as_intervals(line: Timeline, opening: Opening) -> Intervals:
    """Return the openings as intervals on the track of their kind."""
    rows = opening.step
    tracks = np.full(rows.size, track(_PLAIN_TRACKS[opening.kind]))
    tracks[opening.how == ENDS.index("assumed")] = track("citizen_assumed")
    return Intervals.of(
        line.case[rows], line.at[rows], opening.end, tracks,
        opened=rows, how=opening.how, closed=opening.closing,
    )  # fmt: skip
