"""Handovers: the boundaries between visits, by the columns of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from procmine.config.daylight import local_day
from procmine.facts.cases import coded, instants
from procmine.facts.grades import GRADES, REASONS, UNTOLD
from procmine.facts.sentences import sentences
from procmine.facts.units import UNIT
from procmine.facts.visits import PRODUCTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.config.worktime import WorkTime
    from procmine.facts.cases import Cases
    from procmine.facts.grades import Grades
    from procmine.facts.lifelines import Lifelines
    from procmine.facts.visits import Visits

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = ["handover_counts", "handover_table", "visit_table"]

_DAY_US = 86_400_000_000
_NAMES = tuple(name for name, _ in REASONS)


def visit_table(steps: Lifelines, cases: Cases, visits: Visits, grades: Grades) -> pa.Table:
    """Return the visits by the schema."""
    parts, ids = steps.plan.parts, steps.rest["event_id"]
    told = steps.plan.activities.catalogued
    rules = tuple(row.id for row in grades.rows)
    return pa.table(
        {
            "case_id": steps.cases["case_id"].take(pa.array(visits.case)),
            "visit": pa.array(visits.number),
            "unit": coded(visits.unit, parts.names),
            "unit_kind": coded(visits.kind, parts.kinds),
            "first_event": ids.take(pa.array(visits.first)),
            "last_event": ids.take(pa.array(visits.last)),
            "begin": instants(steps.placed[visits.first]),
            "finish": instants(steps.placed[visits.last]),
            "steps": pa.array(visits.size),
            "phase": coded(cases.phase[visits.first], cases.phases),
            "product": coded(visits.product, PRODUCTS),
            "mandated": pa.array(grades.mandated),
            "rule": coded(grades.rule, rules).cast(pa.string()),
            "grade": coded(grades.grade, GRADES),
            "grade_reason": coded(grades.reason, _NAMES),
            "kept": pa.array(grades.kept) if told else pa.array(np.ones(len(visits.unit), bool)),
            "outcome_changed": _told(visits.outcome_changed),
            "counted": pa.array(cases.counted[visits.first]),
        }
    )


def handover_table(
    steps: Lifelines, cases: Cases, visits: Visits, grades: Grades, worktime: WorkTime
) -> pa.Table:
    """Return the handovers by the schema; what they cost is added once waits are known."""
    to = np.flatnonzero(visits.number > 0)
    before, after = visits.last[to - 1], visits.first[to]
    parts, ids = steps.plan.parts, steps.rest["event_id"]
    redundant, known = _redundant(grades)
    entered = ~grades.because("merged")
    doubtful = _doubtful(visits, redundant, entered, to)
    reasons = np.where(redundant, entered.astype(np.int64), -1)
    rules = tuple(row.id for row in grades.rows)
    return pa.table(
        {
            "case_id": steps.cases["case_id"].take(pa.array(visits.case[to])),
            "visit": pa.array(visits.number[to]),
            "from_event": ids.take(pa.array(before)),
            "to_event": ids.take(pa.array(after)),
            "from": coded(visits.unit[to - 1], parts.names),
            "to": coded(visits.unit[to], parts.names),
            "from_kind": coded(visits.kind[to - 1], parts.kinds),
            "to_kind": coded(visits.kind[to], parts.kinds),
            "from_time": instants(steps.stamp[before]),
            "to_time": instants(steps.stamp[after]),
            **_gaps(steps, before, after, visits.unit[to], worktime),
            "avoidable_business_hours": pa.nulls(len(to), pa.float64()),
            "phase": coded(cases.phase[after], cases.phases),
            "grade": coded(grades.grade[to], GRADES),
            "mandated": pa.array(grades.mandated[to]),
            "redundant": pa.array(redundant[to], mask=~known[to]),
            "redundant_reason": coded(reasons[to], ("merged", "entered")),
            "doubtful": pa.array(doubtful, mask=~known[to]),
            "grade_reason": coded(grades.reason[to], _NAMES),
            "outcome_changed": _told(visits.outcome_changed[to]),
            "rule": coded(grades.rule[to], rules).cast(pa.string()),
            "explanation": sentences(steps, visits, grades, to, doubtful),
            "counted": pa.array(cases.counted[after]),
        }
    )


def handover_counts(
    steps: Lifelines, cases: Cases, visits: Visits, grades: Grades
) -> dict[str, pa.Array]:
    """Count each case's handovers, redundant and not assessable ones, in phases that count.

    Empty where the log has no units at all; redundant ones also without a catalogue.
    """
    size = len(cases.start)
    counts = (visits.number > 0) & cases.counted[visits.first]
    untold = np.isin(grades.reason, [n for n, name in enumerate(_NAMES) if name in UNTOLD])
    redundant, _ = _redundant(grades)

    def total(which: Bools) -> Ints:
        return np.bincount(visits.case[which], minlength=size)

    no_units = not (steps.plan.parts.part == UNIT).any()
    none = np.full(size, no_units)
    ungraded = np.full(size, no_units or not steps.plan.activities.catalogued)
    return {
        "handovers": pa.array(total(counts), mask=none),
        "redundant_handovers": pa.array(total(counts & redundant), mask=ungraded),
        "not_assessable_handovers": pa.array(total(counts & untold), mask=none),
    }


def _redundant(grades: Grades) -> tuple[Bools, Bools]:
    """Which visits' handovers would vanish, and of which that can be told."""
    known = ~grades.because("no_catalogue")
    return ~grades.kept & known, known


def _doubtful(visits: Visits, redundant: Bools, entered: Bools, to: Ints) -> Bools:
    """Which redundant handovers rest on a visit beside a step that names no unit.

    The step may be what that visit produced: the visit entered, or the one before it where
    two visits of one unit become one.
    """
    beside = np.where(entered[to], visits.no_unit[to], visits.no_unit[to - 1])
    found: Bools = redundant[to] & beside
    return found


def _gaps(
    steps: Lifelines, before: Ints, after: Ints, unit: Ints, worktime: WorkTime
) -> dict[str, pa.Array]:
    start, end = steps.placed[before], steps.placed[after]
    by_day = steps.by_day[before] | steps.by_day[after]
    calendar = worktime.calendar_of(steps.plan.parts.names)
    at = calendar[unit] if len(calendar) else np.zeros(len(unit), dtype=np.int64)
    days = (end - start) / _DAY_US
    whole = (local_day(end) - local_day(start)).astype(np.float64)
    return {
        "gap_days": pa.array(np.where(by_day, whole, days)),
        "gap_business_hours": pa.array(worktime.between(start, end, at), mask=by_day),
    }


def _told(values: Ints) -> pa.Array:
    return pa.array(values == 1, mask=values < 0)
