"""Visits: runs of a case's steps by one unit, with what each of them produced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procmine.config.daylight import local_day
from procmine.facts.intervals import fifo
from procmine.facts.segments import last_before, next_after, segment_of
from procmine.facts.units import turns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.facts.cases import Cases
    from procmine.facts.lifelines import Lifelines

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = [
    "ANSWERS",
    "ELABORATION",
    "NEW",
    "NOTHING",
    "PRODUCTS",
    "UNKNOWN",
    "Visits",
    "find_visits",
]

PRODUCTS = ("new", "elaboration", "none", "unknown")
"""What a visit can have produced, by number."""

NEW, ELABORATION, NOTHING, UNKNOWN = range(4)

ANSWERS = ("information", "contact", "decision")
"""Classes that show that a return changed something (design section 3, grade GK)."""


@dataclass(frozen=True, slots=True)
class Visits:
    """The visits of a chunk of cases, in order; arrays have one entry a visit.

    `case` is the row among the cases, `number` the place in the case; `first`, `last` are
    rows among the steps; `unit` and `kind` places in :class:`procmine.facts.units.Parts`
    (kind -1: unknown). `made_by` and `made` are pairs of visit and activity: the value
    steps that count to it, elaborations left out. `no_unit` says whether a step that a unit
    must have done, but that names none, lies between the visits before and behind.
    `visit_of` has one entry a step.
    """

    case: Ints
    number: Ints
    offsets: Ints
    first: Ints
    last: Ints
    size: Ints
    unit: Ints
    kind: Ints
    product: Ints
    answers: Bools
    made_by: Ints
    made: Ints
    returns: Bools
    appeal: Bools
    day_order: Bools
    no_unit: Bools
    outcome_changed: Ints
    visit_of: Ints

    def in_case(self) -> Ints:
        """Return for each step the number of its visit in the case, -1 for none."""
        return np.where(self.visit_of >= 0, _at(self.number, np.maximum(self.visit_of, 0)), -1)

    def first_made(self, which: Bools) -> Ints:
        """Return the activity of each visit's first value step among `which`, -1 for none."""
        found = np.full(len(self.first), -1)
        found[self.made_by[which][::-1]] = self.made[which][::-1]
        return found


def find_visits(steps: Lifelines, cases: Cases) -> Visits:
    """Find the visits of each case and their products (design section 3).

    Steps before the start are in no visit; those after the end are.
    """
    begun = np.arange(len(steps.activity)) >= cases.start_row[steps.case]
    hands = np.flatnonzero(steps.hand & begun)
    case, unit = steps.case[hands], steps.unit[hands]
    new = np.ones(len(hands), dtype=np.bool_)
    new[1:] = (case[1:] != case[:-1]) | (unit[1:] != unit[:-1])
    visit_of = np.full(len(steps.activity), -1)
    visit_of[hands] = np.cumsum(new) - 1
    runs = np.append(np.flatnonzero(new), len(hands))
    first, last = hands[runs[:-1]], hands[runs[1:] - 1]
    whose, unit = steps.case[first], steps.unit[first]
    offsets = np.searchsorted(whose, np.arange(len(cases.start) + 1))
    by_visit = _Counted(visit_of, whose, first, unit, offsets)
    made_by, made, elaborated = _value_steps(steps, begun, by_visit)
    activities = steps.plan.activities
    has_new = _any(made_by[~elaborated], len(first))
    has_elaboration = _any(made_by[elaborated], len(first))
    unclassed = _any(visit_of[hands[activities.unclassed[steps.activity[hands]]]], len(first))
    answering = activities.of_class(ANSWERS)[made] & ~elaborated
    returning = hands[steps.marked("m_returns")[hands]]
    return Visits(
        case=whose,
        number=turns(whose),
        offsets=offsets,
        first=first,
        last=last,
        size=np.diff(runs),
        unit=unit,
        kind=_at(steps.plan.parts.kind, unit),
        product=np.select(
            [has_new, has_elaboration, unclassed], [NEW, ELABORATION, UNKNOWN], NOTHING
        ),
        answers=_any(made_by[answering], len(first)),
        made_by=made_by[~elaborated],
        made=made[~elaborated],
        returns=_any(visit_of[returning], len(first)),
        appeal=_under_appeal(steps, begun, first, last),
        day_order=_day_order(steps, hands, visit_of, whose, first, last),
        no_unit=_no_unit(steps, begun, whose, first, last),
        outcome_changed=_outcome_changed(steps, begun, first),
        visit_of=visit_of,
    )


@dataclass(frozen=True, slots=True)
class _Counted:
    """What the attribution of value steps needs of the visits."""

    visit_of: Ints
    case: Ints
    first: Ints
    unit: Ints
    offsets: Ints

    def next_of(self, case: Ints, row: Ints, unit: Ints) -> Ints:
        """Return the first visit of a unit to a case that begins after a step, else -1."""
        if not len(self.first) or not len(row):
            return np.full(len(row), -1)
        steps, width = len(self.visit_of), int(max(self.unit.max(), unit.max())) + 1
        key = (self.case * width + self.unit) * steps + self.first
        order = np.argsort(key)
        wanted = (case * width + unit) * steps + row
        found = np.searchsorted(key[order], wanted, side="right")
        found_in = order[np.minimum(found, len(order) - 1)]
        same = (found < len(order)) & (self.case[found_in] == case) & (self.unit[found_in] == unit)
        return np.where(same, found_in, -1)


def _value_steps(steps: Lifelines, begun: Bools, visits: _Counted) -> tuple[Ints, Ints, Bools]:
    """Pairs of visit and activity of the value steps, and which are elaborations.

    A step that no hand did counts to the visit in which it falls: the case lies with a
    unit until another takes over. Where it closes an opening, it counts to the unit that
    opened: now, if the case lies there, else at that unit's next visit.
    """
    activities = steps.plan.activities
    rows = np.flatnonzero(activities.value[steps.activity] & begun)
    visit = visits.visit_of[rows]
    aside = visit < 0
    loose = rows[aside]
    before = last_before(visits.visit_of >= 0, steps.offsets)[loose]
    lies = np.where(before >= 0, visits.visit_of[np.maximum(before, 0)], -1)
    opener = _opening_unit(steps, begun)[loose]
    astray = (opener >= 0) & ((lies < 0) | (_at(visits.unit, lies) != opener))
    lies[astray] = visits.next_of(steps.case[loose[astray]], loose[astray], opener[astray])
    visit[aside] = lies
    known = visit >= 0
    made = steps.activity[rows[known]]
    return visit[known], made, activities.marks["m_elaboration"][made]


def _opening_unit(steps: Lifelines, begun: Bools) -> Ints:
    """Return the hand that did the opening which each step closes, -1 for none."""
    found = np.full(len(steps.activity), -1)
    catalogue, activities = steps.plan.process.catalogue, steps.plan.activities
    if catalogue is None:
        return found
    opener = np.full(len(steps.activity), -1)
    for step in catalogue.steps:
        for mark in step.mark("opens"):
            opens = np.flatnonzero(begun & activities.codes([step.type])[steps.activity])
            closing = begun & activities.codes(catalogue.closers(mark))[steps.activity]
            closes = np.flatnonzero(closing & ~steps.hand)
            if not len(opens) or not len(closes):
                continue
            every = np.flatnonzero(closing)
            pairs = fifo(steps.case[opens], opens, steps.case[every], every)
            done = pairs >= 0
            opener[every[pairs[done]]] = opens[done]
    known = opener >= 0
    found[known] = np.where(steps.hand[opener[known]], steps.unit[opener[known]], -1)
    return found


def _under_appeal(steps: Lifelines, begun: Bools, first: Ints, last: Ints) -> Bools:
    """Whether a visit lies wholly between a complaint and the reassessment."""
    if not len(first):
        return np.zeros(0, dtype=np.bool_)
    change = steps.marked("m_opens_appeal").astype(np.int64) - steps.marked("m_closes_appeal")
    change = np.where(begun, change, 0)
    total = np.cumsum(change)
    base = np.repeat(total[steps.offsets[:-1]] - change[steps.offsets[:-1]], np.diff(steps.offsets))
    level = total - base
    low = _running_min(level, steps.offsets)
    depth = level - np.minimum(low, 0)
    inner = np.concatenate(([0], depth[:-1]))
    inner[steps.offsets[:-1]] = 0
    pairs = np.column_stack((first, last + 1)).ravel()
    least = np.minimum.reduceat(np.append(depth, 0), pairs)[::2]
    found: Bools = (inner[first] > 0) & (least > 0)
    return found


def _running_min(values: Ints, offsets: Ints) -> Ints:
    base = -segment_of(offsets) * (2 * len(values) + 2)
    return np.minimum.accumulate(values + base) - base


def _day_order(
    steps: Lifelines, hands: Ints, visit_of: Ints, whose: Ints, first: Ints, last: Ints
) -> Bools:
    """Whether a visit's place rests on day stamps of its one day, its own or a neighbour's."""
    by_day = hands[steps.by_day[hands]]
    if not len(by_day):
        return np.zeros(len(first), dtype=np.bool_)
    begins, ends = local_day(steps.placed[first]), local_day(steps.placed[last])
    base, span = int(begins.min()), int(ends.max() - begins.min()) + 1
    seen = np.unique(visit_of[by_day] * span + local_day(steps.placed[by_day]) - base)
    number = np.arange(len(first))
    found = np.zeros(len(first), dtype=np.bool_)
    for shift in (-1, 0, 1):
        other = number + shift
        inside = (other >= 0) & (other < len(first))
        same = inside & (whose[np.clip(other, 0, len(first) - 1)] == whose)
        found |= same & np.isin(other * span + begins - base, seen)
    found &= begins == ends
    return found


def _no_unit(steps: Lifelines, begun: Bools, whose: Ints, first: Ints, last: Ints) -> Bools:
    """Whether a step of a unit that is not named lies next to a visit, or in it.

    Whose it is cannot be told: it may be what the visit produced. Steps that the catalogue
    leaves to citizens and systems alone are nobody's product.
    """
    if not len(first):
        return np.zeros(0, dtype=np.bool_)
    lost = begun & (steps.unit < 0) & steps.plan.activities.by_hand[steps.activity]
    if not lost.any():
        return np.zeros(len(first), dtype=np.bool_)
    total = np.concatenate(([0], np.cumsum(lost)))
    same = whose[1:] == whose[:-1]
    low, high = first.copy(), steps.offsets[whose + 1]
    low[1:] = np.where(same, last[:-1] + 1, low[1:])
    high[:-1] = np.where(same, first[1:], high[:-1])
    found: Bools = total[high] > total[low]
    return found


def _outcome_changed(steps: Lifelines, begun: Bools, first: Ints) -> Ints:
    """1 where the last outcome before a visit differs from the first in or after it.

    0 where they are equal, -1 where either is missing.
    """
    told = begun & (steps.outcome >= 0)
    before = last_before(told, steps.offsets, itself=False)[first]
    after = next_after(told, steps.offsets)[first]
    both = (before >= 0) & (after >= 0)
    differs = steps.outcome[np.maximum(before, 0)] != steps.outcome[np.maximum(after, 0)]
    return np.where(both, differs.astype(np.int64), -1)


def _any(members: Ints, size: int) -> Bools:
    found = np.zeros(size, dtype=np.bool_)
    found[members] = True
    return found


def _at(values: Ints, places: Ints) -> Ints:
    return values[places] if len(values) else np.full(len(places), -1)
