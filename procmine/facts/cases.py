"""Cases: where each begins and ends, its phases, its outcome, its unit at the start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.facts.attributes import day_ends
from procmine.facts.order import DAY
from procmine.facts.segments import first_in, last_before
from procmine.facts.units import UNIT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.facts.lifelines import Lifelines, Plan

__all__ = ["AFTER", "BEFORE", "NONE", "Cases", "case_table", "coded", "find_cases", "instants"]

BEFORE = "foer"
AFTER = "efter"
NONE = np.iinfo(np.int64).min
"""Stands for no instant."""


@dataclass(frozen=True, slots=True)
class Cases:
    """Start and end of each case, and what follows from them for its steps.

    Per case: `start`, `end`, `decided` are instants (:data:`NONE` for none), `start_row`,
    `end_row` rows among the steps (-1 for none), `closed_by_day` whether the case file's
    closing day ended it, `open` 1, 0 or -1 (cannot be told), `outcome` a number or -1,
    `unit` a name, `target_group` a text. Per step: `phase` numbers `phases` (-1: none),
    `in_case` whether it lies between start and end, `counted` whether it counts.
    """

    start_row: NDArray[np.int64]
    end_row: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    decided: NDArray[np.int64]
    closed_by_day: NDArray[np.bool_]
    open: NDArray[np.int64]
    no_start_step: NDArray[np.bool_]
    outcome: NDArray[np.int64]
    unit: pa.Array
    target_group: pa.Array
    phase: NDArray[np.int64]
    phases: tuple[str, ...]
    in_case: NDArray[np.bool_]
    counted: NDArray[np.bool_]


def find_cases(steps: Lifelines) -> Cases:
    """Find start, end and phases of the cases (design sections 3 and 4)."""
    starts = first_in(steps.marked("m_start"), steps.offsets)
    start_row = np.where(starts >= 0, starts, steps.offsets[:-1])
    start = steps.placed[start_row]
    closed = _closing_days(steps, start)
    rows = np.arange(len(steps.activity))
    begun = rows >= start_row[steps.case]
    end_row = first_in(begun & _ending(steps), steps.offsets)
    at_step = np.where(end_row >= 0, steps.placed[np.maximum(end_row, 0)], NONE)
    closed_by_day = (closed != NONE) & ((end_row < 0) | (closed < at_step))
    end_row = np.where(closed_by_day, -1, end_row)
    end = np.where(closed_by_day, closed, at_step)
    unknown = not _has_end(steps.plan)
    if unknown:
        end_row = steps.offsets[1:] - 1
        end = steps.placed[end_row]
    within = _within(steps, rows, end_row, np.where(closed_by_day, closed, NONE))
    in_case = begun & within
    phase, phases, counting = _phases(steps, begun, in_case)
    still_open = np.full(len(start), -1) if unknown else (end == NONE).astype(np.int64)
    seen = begun & (steps.placed <= steps.plan.source.cut_us)
    decided_row = first_in(seen & steps.marked("m_decided"), steps.offsets)
    return Cases(
        start_row=start_row,
        end_row=end_row,
        start=start,
        end=end,
        decided=np.where(decided_row >= 0, steps.placed[np.maximum(decided_row, 0)], NONE),
        closed_by_day=closed_by_day,
        open=still_open,
        no_start_step=(starts < 0) & _has_start(steps.plan),
        outcome=_outcomes(steps, np.full(len(start), -1) if unknown else end_row, begun),
        unit=_units(steps, start, begun),
        target_group=_target_groups(steps, start),
        phase=phase,
        phases=phases,
        in_case=in_case,
        counted=in_case & np.where(phase >= 0, counting[phase], True),  # noqa: FBT003
    )


def _has_start(plan: Plan) -> bool:
    catalogue = plan.process.catalogue
    return catalogue is not None and any(step.has("start") for step in catalogue.steps)


def _has_end(plan: Plan) -> bool:
    """Whether it can be told that a case has ended."""
    catalogue = plan.process.catalogue
    if catalogue is None:
        return False
    marked = any(step.has("end") or step.has("end_if") for step in catalogue.steps)
    return marked or bool(plan.source.roles.closed_on)


def _ending(steps: Lifelines) -> NDArray[np.bool_]:
    found = steps.marked("m_end").copy()
    for activity, outcomes in steps.plan.activities.ends_if.items():
        codes = [n for n, name in enumerate(steps.outcomes) if name in outcomes]
        found |= (steps.activity == activity) & np.isin(steps.outcome, codes)
    return found & (steps.placed <= steps.plan.source.cut_us)


def _closing_days(steps: Lifelines, start: NDArray[np.int64]) -> NDArray[np.int64]:
    """Find the end of the case file's closing day; none where it lies before the start."""
    source = steps.plan.source
    if not source.roles.closed_on:
        return np.full(len(start), NONE)
    history = source.history(source.roles.closed_on)
    at = history.at(_rows(steps, "folder_row"), np.full(len(start), source.cut_us))
    ends = np.append(day_ends(source, history.names), NONE)
    closed = ends[at]
    # A log that is complete to the end of a day stops one microsecond before the next.
    seen = (closed > start) & (closed <= source.cut_us + 1)
    return np.where(seen, np.minimum(closed, source.cut_us), NONE)


def _within(
    steps: Lifelines,
    rows: NDArray[np.int64],
    end_row: NDArray[np.int64],
    closed: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Tell which steps lie before the end: by place up to the ending step, else by instant."""
    last = end_row[steps.case]
    day = closed[steps.case]
    by_instant = np.where(day != NONE, steps.placed < day, steps.placed <= steps.plan.source.cut_us)
    return np.where(last >= 0, rows <= last, by_instant)


def _phases(
    steps: Lifelines, begun: NDArray[np.bool_], in_case: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], tuple[str, ...], NDArray[np.bool_]]:
    activities, catalogue = steps.plan.activities, steps.plan.process.catalogue
    names = tuple(sorted({BEFORE, AFTER, *(p for p in activities.phase if p is not None)}))
    number = {name: code for code, name in enumerate(names)}
    outside = {p.id for p in catalogue.phases if not p.counts} if catalogue else set()
    counting = np.array([n not in outside and n not in (BEFORE, AFTER) for n in names])
    by_type = np.array([-1 if p is None else number[p] for p in activities.phase], dtype=np.int64)
    own = by_type[steps.activity] if len(by_type) else np.zeros(0, dtype=np.int64)
    giver = last_before(in_case & (own >= 0) & (own != number[AFTER]), steps.offsets)
    inherited = np.where(giver >= 0, own[np.maximum(giver, 0)], -1)
    within = np.where(own >= 0, own, inherited)
    stays = (own >= 0) & ~counting[np.maximum(own, 0)]
    after = np.where(stays, own, number[AFTER])
    phase = np.where(in_case, within, np.where(begun, after, number[BEFORE]))
    return phase, names, counting


def _outcomes(
    steps: Lifelines, end_row: NDArray[np.int64], begun: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return the outcome of the ending step, else of the last decided step before the cut."""
    ending = np.where(end_row >= 0, steps.outcome[np.maximum(end_row, 0)], -1)
    told = begun & steps.marked("m_decided") & (steps.outcome >= 0)
    told &= steps.placed <= steps.plan.source.cut_us
    last = last_before(told, steps.offsets)[steps.offsets[1:] - 1]
    decided = np.where(last >= 0, steps.outcome[np.maximum(last, 0)], -1)
    return np.where(ending >= 0, ending, decided)


def _units(steps: Lifelines, start: NDArray[np.int64], begun: NDArray[np.bool_]) -> pa.Array:
    """Return the responsible unit as at the start, else the first unit from the start on."""
    parts = steps.plan.parts
    units = [(id_, name) for id_, name, part in zip(parts.ids, parts.names, parts.part, strict=True)
             if part == UNIT]  # fmt: skip
    named = {name: name for _, name in units} | dict(units)
    code, values = _of_folder(steps, steps.plan.source.roles.responsible_unit, start)
    responsible = _named(code, tuple(named.get(value, value) for value in values))
    hand = first_in(begun & steps.hand, steps.offsets)
    seen = first_in(begun & (steps.unit >= 0), steps.offsets)
    first = np.where(hand >= 0, hand, seen)
    place = np.where(first >= 0, steps.unit[np.maximum(first, 0)], -1)
    return pc.coalesce(responsible, _named(place, parts.names))


def _target_groups(steps: Lifelines, start: NDArray[np.int64]) -> pa.Array:
    """Return the target group at each start; the first one known where none was known then.

    A list of cases shows the target group as it is on the day of the extraction, so its
    history begins with the first delivery.
    """
    attribute = steps.plan.source.roles.target_group
    return _named(*_of_folder(steps, attribute, start, first_known=True))


def _of_folder(
    steps: Lifelines, attribute: str, at: NDArray[np.int64], *, first_known: bool = False
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return an attribute of the case file as at an instant, else of the case object itself.

    As codes (-1: none) and what they stand for.
    """
    if not attribute:
        return np.full(len(at), -1), ()
    history = steps.plan.source.history(attribute)
    found = history.at(_rows(steps, "folder_row"), at, first_known=first_known)
    own = history.at(_rows(steps, "object_row"), at, first_known=first_known)
    return np.where(found >= 0, found, own), history.names


def _rows(steps: Lifelines, column: str) -> NDArray[np.int64]:
    return np.asarray(steps.cases[column], dtype=np.int64)


def _named(codes: NDArray[np.int64], names: tuple[str, ...]) -> pa.Array:
    return pa.array(names, pa.string()).take(pa.array(codes, mask=codes < 0))


def case_table(steps: Lifelines, cases: Cases) -> pa.Table:
    """Return the cases by the schema, handovers, waits and documents still empty."""
    size = len(cases.start)
    end_row = np.maximum(cases.end_row, 0)
    by_day = np.where(cases.closed_by_day, True, steps.by_day[end_row])  # noqa: FBT003
    precision = steps.rest["precision"]
    ended = cases.end != NONE
    at_end = precision.take(pa.array(end_row)) if size else precision
    end_precision = pc.if_else(pa.array(by_day), DAY, at_end)
    events = np.bincount(steps.case, weights=cases.counted, minlength=size).astype(np.int64)
    ids = steps.rest["event_id"]
    return pa.table(
        {
            "case_id": steps.cases["case_id"],
            "object_id": steps.cases["object_id"],
            "citizen_id": steps.cases["citizen_id"],
            "start": instants(cases.start),
            "end": instants(cases.end),
            "open": pa.array(cases.open == 1, mask=cases.open < 0),
            "decided": instants(cases.decided),
            "outcome": coded(cases.outcome, steps.outcomes),
            "target_group": cases.target_group.dictionary_encode(),
            "unit": cases.unit.dictionary_encode(),
            "no_start_step": pa.array(cases.no_start_step),
            "start_precision": precision.take(pa.array(cases.start_row)),
            "end_precision": pc.if_else(pa.array(ended), end_precision, None),
            "events": pa.array(events),
            "folder_id": steps.cases["folder_id"],
            "start_event": ids.take(pa.array(cases.start_row)),
            "end_event": ids.take(pa.array(cases.end_row, mask=cases.end_row < 0)),
        }
    )


def instants(values: NDArray[np.int64]) -> pa.Array:
    """Return microseconds since 1970 as Arrow instants, :data:`NONE` as null."""
    return pa.array(values, mask=values == NONE).cast(pa.timestamp("us", tz="UTC"))


def coded(codes: NDArray[np.int64], names: tuple[str, ...]) -> pa.Array:
    """Return the names that `codes` number as an Arrow dictionary; -1 is null."""
    indices = pa.array(codes.astype(np.int32), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(names, pa.string()))
