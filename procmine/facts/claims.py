"""Every interval that could label waiting time, from steps, marks, documents and rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.config.daylight import local_day, midnights
from procmine.facts.causes import track
from procmine.facts.intervals import ENDS, NO_REF, Intervals, first_of
from procmine.facts.openings import Links, Opening, as_intervals, openings
from procmine.facts.timeline import NEVER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from procmine.config.catalogue import Catalogue
    from procmine.facts.timeline import Timeline

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = ["Filed", "Slots", "WaitInput", "intervals"]

_DAY = 86_400_000_000
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Slots:
    """When meetings were held: unit code of the timeline (-1 unknown) and instant, sorted.

    `day` says of which of them only the day is known.
    """

    unit: Ints
    at: Ints
    day: Bools

    @classmethod
    def of(cls, unit: Ints, at: Ints, day: Bools | None = None) -> Slots:
        """Sort meetings by unit and time."""
        order = np.lexsort((at, unit))
        known = np.zeros(at.size, dtype=np.bool_) if day is None else day
        return cls(unit[order], at[order], known[order])


@dataclass(frozen=True)
class Filed:
    """Documents filed on a case, with the interval they were waited for.

    Attributes
    ----------
    case
        The case (row of the timeline's cases).
    requested, received
        UTC microseconds; `received` is NEVER where it did not come.
    requested_day, received_day
        Whether the stamp is a day.
    mandatory
        Whether the decision's minimum set demands its kind.
    """

    case: Ints
    requested: Ints
    received: Ints
    requested_day: Bools
    received_day: Bools
    mandatory: Bools

    @classmethod
    def none(cls) -> Filed:
        """Return no documents."""
        nothing, never = np.empty(0, np.int64), np.empty(0, np.bool_)
        return cls(nothing, nothing, nothing, never, never, never)


@dataclass(frozen=True)
class WaitInput:
    """What waiting rests on beside the steps themselves.

    Attributes
    ----------
    catalogue
        Marks and closers; None for a log without a catalogue.
    links
        Objects that pair openings with closers.
    slots
        Meetings held, in the whole log; None: those of the steps marked as slots.
    filed
        Documents filed on the cases.
    mandatory_steps
        Activities that open the waiting for a document the decision's minimum set demands.
    periods
        Waiting periods of the law: rows of ``ventefrister.toml``.
    busy
        Intervals in which the next actor worked on something else: case, start, end.
    assumed_days
        Default reply period of a citizen.
    labels
        Look-up of an activity's label.
    """

    catalogue: Catalogue | None = None
    links: Links = field(default_factory=Links.none)
    slots: Slots | None = None
    filed: Filed = field(default_factory=Filed.none)
    mandatory_steps: frozenset[str] = frozenset()
    periods: tuple[Mapping[str, Any], ...] = ()
    busy: tuple[Ints, Ints, Ints] | None = None
    assumed_days: int = 10
    labels: Callable[[str], str] = str


def intervals(line: Timeline, given: WaitInput) -> Intervals:
    """Return every interval of every track, not yet cut to the cases' time.

    Parameters
    ----------
    line
        Cases and steps.
    given
        Catalogue, documents, meetings, rules.
    """
    parts = [_working(line), _between_units(line), _filed(line, given)]
    if given.catalogue is not None:
        for opening in openings(line, given.catalogue, given.links, given.assumed_days):
            if opening.kind == "meeting":
                parts.extend(_meeting(line, opening, given))
            else:
                parts.append(_marked(line, opening, given))
        parts.extend(_periods(line, given))
    if given.busy is not None:
        case, start, end = given.busy
        parts.append(Intervals.of(case, start, end, track("busy")))
    return Intervals.join(parts)


def _working(line: Timeline) -> Intervals:
    steps = np.flatnonzero(line.start < line.at)
    return Intervals.of(
        line.case[steps], line.start[steps], line.at[steps], track("working"),
        opened=steps, closed=steps,
    )  # fmt: skip


def _between_units(line: Timeline) -> Intervals:
    """Return the gaps between the visits of two units, skipped units looked through.

    Steps before a case's start are in no visit: from them no handover leads into it.
    """
    hands = np.flatnonzero(line.hand & line.begun())
    former, later = hands[:-1], hands[1:]
    passed = (line.case[former] == line.case[later]) & (line.unit[former] != line.unit[later])
    former, later = former[passed], later[passed]
    return Intervals.of(
        line.case[former], line.at[former], line.start[later], track("between_units"),
        opened=former, closed=later,
    )  # fmt: skip


def _marked(line: Timeline, opening: Opening, given: WaitInput) -> Intervals:
    found = as_intervals(line, opening)
    if opening.kind == "document" and given.mandatory_steps:
        demanded = line.are(given.mandatory_steps)[found.opened]
        found.track[demanded] = track("document_mandatory")
    return found


def _meeting(line: Timeline, opening: Opening, given: WaitInput) -> Iterable[Intervals]:
    """Split the way to a meeting at the first meeting that could have taken the case."""
    catalogue = given.catalogue
    slot_types = tuple(s.type for s in catalogue.steps if s.has("slot")) if catalogue else ()
    held = line.are(slot_types)
    slots = given.slots
    if slots is None:
        slots = Slots.of(line.unit[held], line.start[held])
    rows = opening.step
    ready = line.at[rows]
    closer = np.maximum(opening.closer, 0)
    by_slot = (opening.closer >= 0) & held[closer] if held.size else np.zeros(rows.size, bool)
    # Where the meeting has no unit, it was that which the case was made ready for.
    unit = np.where(by_slot & (line.unit[closer] >= 0), line.unit[closer], line.unit[rows])
    first, by_day = _first_slot(slots, unit, ready)
    # A meeting held is itself a meeting that could take the case.
    own = by_slot & (line.start[closer] <= first) if held.size else by_slot
    first = np.where(own, line.start[closer], first)
    by_day &= ~own & (first < opening.end)
    first = np.clip(first, ready, np.maximum(opening.end, ready))
    case = line.case[rows]
    at_slot = np.where(first < opening.end, ENDS.index("closer"), opening.how)
    yield Intervals.of(case, ready, first, track("meeting_slot"), end_day=by_day, opened=rows,
                       how=at_slot, closed=opening.closing)  # fmt: skip
    yield Intervals.of(case, first, opening.end, track("meeting_queue"), start_day=by_day,
                       opened=rows, how=opening.how, closed=opening.closing)  # fmt: skip


def _first_slot(slots: Slots, unit: Ints, ready: Ints) -> tuple[Ints, Bools]:
    """Return each unit's first meeting at or after `ready`, and whether only its day is known.

    It is NEVER where none is known yet. A unit whose meetings are not known at all has no
    slot to wait for: all is queue.
    """
    first, by_day = ready.copy(), np.zeros(ready.size, dtype=np.bool_)
    for code in np.unique(unit):
        rows = unit == code
        ours = slots.unit == code
        known = slots.at[ours]
        if known.size:
            place = np.searchsorted(known, ready[rows])
            first[rows] = np.append(known, NEVER)[place]
            by_day[rows] = np.append(slots.day[ours], [False])[place]
    return first, by_day


def _filed(line: Timeline, given: WaitInput) -> Intervals:
    """Return what filed documents were waited for, with the ends an opening has.

    Whoever decides without a document no longer waits for it.
    """
    filed = given.filed
    if not filed.case.size:
        return Intervals.none()
    decided = np.zeros(line.at.size, dtype=np.bool_)
    if given.catalogue is not None:
        types = tuple(s.type for s in given.catalogue.steps if s.has("milestone", "decided"))
        decided = line.are(types)
    by_decision = _next_at(line, np.flatnonzero(decided), filed.case, filed.requested)
    case_end = line.end[filed.case]
    inside = (filed.requested < case_end) & ~line.running[filed.case]
    by_end = np.where(inside, case_end, NEVER)
    never = np.full(filed.case.size, NEVER)
    cut = np.maximum(line.reach, line.cut)[filed.case]
    end, how = first_of([filed.received, never, never, by_decision, by_end, cut])
    tracks = np.where(filed.mandatory, track("document_mandatory"), track("document"))
    return Intervals.of(
        filed.case, filed.requested, end, tracks,
        start_day=filed.requested_day, end_day=filed.received_day & (how == 0),
        document=np.arange(filed.case.size), how=how,
    )  # fmt: skip


def _next_at(line: Timeline, steps: Ints, case: Ints, after: Ints) -> Ints:
    """Return the stamp of the first of `steps` of each case later than `after`, else NEVER."""
    following = np.full(case.size, NEVER)
    if not steps.size or not case.size:
        return following
    order = np.lexsort((np.append(np.ones(steps.size), np.zeros(case.size)),
                        np.append(line.at[steps], after + 1),
                        np.append(line.case[steps], case)))  # fmt: skip
    # A query stands before the steps at its own stamp, so the next step behind it is the one.
    is_step = order < steps.size
    places = np.where(is_step, np.arange(order.size), order.size)
    places = np.minimum.accumulate(places[::-1])[::-1]
    queries = np.flatnonzero(~is_step)
    place = places[queries]
    some = place < order.size
    step = steps[order[place[some]]]
    query = order[queries] - steps.size
    same = line.case[step] == case[query[some]]
    following[query[some][same]] = line.at[step[same]]
    return following


def _periods(line: Timeline, given: WaitInput) -> Iterable[Intervals]:
    """Return the waiting periods that a rule fixes from a step on (``ventefrister.toml``)."""
    process = given.catalogue.process if given.catalogue else ""
    for rule in given.periods:
        if rule.get("process", process) != process:
            continue
        rows = np.flatnonzero(line.are((str(rule["after"]),)))
        day = local_day(line.at[rows])
        low, high = _valid(rule, "valid_from", -NEVER), _valid(rule, "valid_to", NEVER)
        rows = rows[(day >= low) & (day <= high)]
        until = midnights(local_day(line.at[rows]) + int(rule["days"]) + 1)
        named = rule.get("until", ())
        named = (named,) if isinstance(named, str) else tuple(named)
        stops = line.next_step(line.are(named))[rows]
        closed = np.where(stops >= 0, line.start[stops], NEVER)
        never = np.full(rows.size, NEVER)
        cut = np.maximum(line.reach, line.cut)[line.case[rows]]
        end, how = first_of([closed, until, never, never, never, cut])
        yield Intervals.of(
            line.case[rows], line.at[rows], end, track("legal_period"), opened=rows, how=how,
            closed=np.where(how == 0, stops, NO_REF),
        )  # fmt: skip


def _valid(rule: Mapping[str, Any], key: str, otherwise: int) -> int:
    value = rule.get(key)
    if isinstance(value, datetime):
        value = value.astimezone(UTC).date()
    return (value - _EPOCH).days if isinstance(value, date) else otherwise
