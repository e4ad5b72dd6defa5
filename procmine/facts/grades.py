"""Grade the visits from the left, in one pass with the collapse (design section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procmine.facts.mandates import fit_mandates
from procmine.facts.visits import ANSWERS, ELABORATION, NEW, NOTHING, UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.config.mandates import Mandate
    from procmine.facts.cases import Cases
    from procmine.facts.lifelines import Lifelines
    from procmine.facts.mandates import Fit
    from procmine.facts.visits import Visits

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = ["GRADES", "REASONS", "UNTOLD", "Grades", "grade_visits"]

GRADES = ("G0", "G0b", "GK", "G1", "G2", "G3", "G5")
"""Grades by number; -1 is none."""

REASONS: tuple[tuple[str, int], ...] = (
    ("first_visit", 6),
    ("merged", -1),
    ("day_order", -1),
    ("mandated_new", 0),
    ("mandated_none", 1),
    ("last_visit", 6),
    ("appeal_new", 6),
    ("local", 6),
    ("appeal", 5),
    ("elaboration", 5),
    ("changed_something", 2),
    ("open", -1),
    ("return_without_product", 4),
    ("pass_through", 3),
    ("no_catalogue", -1),
    ("other", 6),
)
"""Why a visit has its grade: the first reason that fits, and the grade it gives."""

_NUMBER = {name: number for number, (name, _) in enumerate(REASONS)}
_GRADE = np.array([grade for _, grade in REASONS])
_COLLAPSED = np.array([GRADES.index("G1"), GRADES.index("G2")])

UNTOLD = frozenset(("day_order", "open", "no_catalogue"))
"""Reasons that leave a visit without a grade because it cannot be told."""


@dataclass(frozen=True, slots=True)
class Grades:
    """The grade of each visit: numbers of :data:`REASONS` and :data:`GRADES`.

    `rule` numbers `rows` of the rule table (-1: none); `kept` is false for collapsed and
    merged visits. `new` is the activity of the first value step that the grade rests on (-1:
    none): of the visit itself, beyond its rule, or of the visit that a return led to.
    """

    reason: Ints
    grade: Ints
    rule: Ints
    rows: tuple[Mandate, ...]
    mandated: Bools
    kept: Bools
    new: Ints

    def because(self, name: str) -> Bools:
        """Return which visits have the reason `name`."""
        found: Bools = self.reason == _NUMBER[name]
        return found


def grade_visits(steps: Lifelines, cases: Cases, visits: Visits) -> Grades:
    """Grade every visit; without a catalogue none (reason ``no_catalogue``).

    The pass goes over the first visits of all cases, then over the second ones, and so
    on: each case carries the unit and kind of its last visit kept.
    """
    size = len(visits.first)
    fit = fit_mandates(steps, visits)
    reason = np.full(size, _NUMBER["no_catalogue"])
    rule, mandated = np.full(size, -1), np.zeros(size, dtype=np.bool_)
    kept = np.ones(size, dtype=np.bool_)
    if steps.plan.activities.catalogued:
        _pass(_Pass(visits, fit, cases.open == 1, reason, rule, mandated, kept))
    return Grades(
        reason=reason,
        grade=_GRADE[reason],
        rule=rule,
        rows=fit.rows,
        mandated=mandated,
        kept=kept,
        new=_new(steps, visits, fit.rows, reason, rule),
    )


def _new(
    steps: Lifelines, visits: Visits, rows: tuple[Mandate, ...], reason: Ints, rule: Ints
) -> Ints:
    """Return the first activity that was new, where the grade rests on one."""
    activities = steps.plan.activities
    first = visits.first_made(np.ones(len(visits.made), dtype=np.bool_))
    for number in np.unique(rule[reason == _NUMBER["mandated_new"]]).tolist():
        beyond = visits.first_made(~activities.codes(rows[number].purpose)[visits.made])
        first = np.where(rule == number, beyond, first)
    answer = visits.first_made(activities.of_class(ANSWERS)[visits.made])
    following = np.minimum(np.arange(len(first)) + 1, len(first) - 1)
    found: Ints = np.where(reason == _NUMBER["changed_something"], answer[following], first)
    return found


@dataclass(frozen=True, slots=True)
class _Pass:
    """The pass's input and what it fills in."""

    visits: Visits
    fit: Fit
    open: Bools
    reason: Ints
    rule: Ints
    mandated: Bools
    kept: Bools


def _pass(over: _Pass) -> None:
    counts = np.diff(over.visits.offsets)
    cases = np.argsort(-counts, kind="stable")
    lengths = counts[cases]
    having = np.searchsorted(-lengths, -np.arange(1, int(counts.max(initial=0)) + 1), side="right")
    begins = over.visits.offsets[:-1][cases]
    unit, kind = np.full(len(cases), -1), np.full(len(cases), -1)
    for turn, some in enumerate(having.tolist()):
        visit = begins[:some] + turn
        if turn == 0:
            by_day = over.visits.day_order[visit]
            over.reason[visit] = np.where(by_day, _NUMBER["day_order"], _NUMBER["first_visit"])
            kept = np.ones(some, dtype=np.bool_)
        else:
            last = lengths[:some] == turn + 1
            kept = _turn(over, visit, unit[:some], kind[:some], last)
        unit[:some] = np.where(kept, over.visits.unit[visit], unit[:some])
        kind[:some] = np.where(kept, over.visits.kind[visit], kind[:some])


def _turn(over: _Pass, visit: Ints, unit: Ints, kind: Ints, last: Bools) -> Bools:
    """Grade one visit of each of some cases; `unit`, `kind`: the last visit kept of each."""
    visits, fit = over.visits, over.fit
    law, local = fit.law[visit, kind], fit.local[visit, kind]
    following = np.where(last, visit, visit + 1)
    to_unit, to_kind = visits.unit[following], visits.kind[following]
    back = (to_unit == unit) | ((to_kind >= 0) & (to_kind == kind))
    product, appeal = visits.product[visit], visits.appeal[visit]
    nothing = product == NOTHING
    returned = nothing & visits.returns[visit] & back
    ends = (visits.number[following] + 1) == np.diff(visits.offsets)[visits.case[visit]]
    conditions = {
        "merged": visits.unit[visit] == unit,
        "day_order": visits.day_order[visit],
        "mandated_new": (law >= 0) & fit.beyond[visit, kind],
        "mandated_none": law >= 0,
        "last_visit": last,
        "appeal_new": appeal & (product == NEW),
        "local": local >= 0,
        "appeal": appeal,
        "elaboration": product == ELABORATION,
        "changed_something": returned & visits.answers[following],
        "open": returned & ends & over.open[visits.case[visit]],
        "return_without_product": nothing & back,
        "pass_through": nothing,
        "no_catalogue": product == UNKNOWN,
    }
    reason = np.select(
        list(conditions.values()), [_NUMBER[name] for name in conditions], _NUMBER["other"]
    )
    merged = conditions["merged"]
    kept: Bools = ~merged & ~np.isin(_GRADE[reason], _COLLAPSED)
    over.reason[visit] = reason
    over.mandated[visit] = (law >= 0) & ~merged
    by_local = reason == _NUMBER["local"]
    over.rule[visit] = np.where(merged, -1, np.where(by_local, local, law))
    over.kept[visit] = kept
    return kept
