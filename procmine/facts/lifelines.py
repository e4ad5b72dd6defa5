"""The steps of a chunk of cases as columns in the order that binds, before any judgement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.facts.activities import Activities
from procmine.facts.order import DAY, placed
from procmine.facts.segments import bounds, first_in, segment_of
from procmine.facts.units import MEETING, RESOURCE, Acting, Parts, choose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from procmine.facts.source import Source
    from procmine.store.snapshot import Process

__all__ = ["CHUNK_ROWS", "Lifelines", "Plan", "lifelines", "plan", "starts_known"]

_US = pa.timestamp("us", tz="UTC")
NEVER = np.iinfo(np.int64).max
CHUNK_ROWS = 125_000
"""Relations of case objects to events that one chunk of cases holds, about."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the chunks of one process share.

    `cases` are the case objects (:meth:`procmine.facts.belonging.Belonging.cases`); `shared`
    says whether other processes have the same case type, so that only objects with a start
    step are cases. `case` and `event` are the events of the cases: numbers of cases, and rows
    of the log's events, sorted.
    """

    source: Source
    process: Process
    activities: Activities
    acting: Acting
    cases: pa.Table
    shared: bool
    case: NDArray[np.int64]
    event: NDArray[np.int64]
    codes: NDArray[np.int64]

    @property
    def parts(self) -> Parts:
        """Units, staff and meetings."""
        return self.acting.parts

    @property
    def chunks(self) -> tuple[int, ...]:
        """Numbers of the chunks, in order."""
        return tuple(sorted(pc.unique(self.cases["chunk"]).to_pylist()))

    def __iter__(self) -> Iterator[Lifelines]:
        """Yield the steps chunk by chunk."""
        for chunk in self.chunks:
            yield lifelines(self, chunk)


@dataclass(frozen=True, slots=True)
class Lifelines:
    """Steps sorted by (case, placed, rank, event id); arrays have one entry a step.

    `cases` has one row a case; `offsets` says where the steps of each begin. Instants are
    microseconds since 1970 (UTC). `unit`, `resource`, `meeting` are places in
    :class:`Parts`, -1 for none; `outcome` numbers `outcomes`, -1 for none. `rest` holds
    the columns that are only passed on.
    """

    plan: Plan
    cases: pa.Table
    offsets: NDArray[np.int64]
    activity: NDArray[np.int64]
    stamp: NDArray[np.int64]
    placed: NDArray[np.int64]
    by_day: NDArray[np.bool_]
    unit: NDArray[np.int64]
    resource: NDArray[np.int64]
    meeting: NDArray[np.int64]
    outcome: NDArray[np.int64]
    outcomes: tuple[str, ...]
    rest: pa.Table

    @property
    def case(self) -> NDArray[np.int64]:
        """The row in `cases` of each step."""
        return segment_of(self.offsets)

    @property
    def hand(self) -> NDArray[np.bool_]:
        """Whether a unit that is a hand did the step."""
        return _take(self.plan.parts.hand, self.unit, default=False)

    def marked(self, name: str) -> NDArray[np.bool_]:
        """Return which steps carry a mark of :data:`procmine.facts.activities.MARKS`."""
        return self.plan.activities.marks[name][self.activity]


def plan(
    source: Source,
    process: Process,
    *,
    acting: Acting | None = None,
    chunk_rows: int = CHUNK_ROWS,
) -> Plan:
    """Find the case objects of a process and what its steps can be.

    Parameters
    ----------
    source
        The log.
    process
        The process, as the snapshot lists it.
    acting
        What all processes of the log share; read anew where it is not given.
    chunk_rows
        About how many relations a chunk holds; less needs less memory.
    """
    acting = acting or Acting.of(source)
    relations, roles = acting.relations, source.roles
    activities = Activities.of(process, source.config, roles, relations.kinds)
    number = {name: code for code, name in enumerate(activities.names)}
    codes = np.array([number.get(name, -1) for name in relations.kinds], dtype=np.int64)
    cases = source.belonging.cases(process.case_type, chunk_rows)
    numbered = np.full(len(relations.objects), -1, dtype=np.int32)
    numbered[np.asarray(cases["object_row"])] = np.arange(cases.num_rows)
    qualifier = roles.case_qualifier if process.catalogue else ""
    case, event = relations.pairs(numbered, qualifier)
    steps = codes[relations.kind[event]] >= 0 if len(event) else np.zeros(0, np.bool_)
    same = [c for c in source.config.catalogues if c.case_type == process.case_type]
    return Plan(
        source=source,
        process=process,
        activities=activities,
        acting=acting,
        cases=cases,
        shared=process.catalogue is not None and len(same) > 1,
        case=case[steps],
        event=event[steps],
        codes=codes,
    )


def lifelines(of: Plan, chunk: int) -> Lifelines:
    """Read the steps of one chunk of cases in the order that binds."""
    within = np.searchsorted(np.asarray(of.cases["chunk"]), [chunk, chunk + 1])
    low, high = np.searchsorted(of.case, within)
    case, event = of.case[low:high], of.event[low:high]
    order, instants = _ordered(of, case, event)
    case, event = case[order], event[order]
    keep = _cases_with_start(of, case, event)
    return _assembled(of, case[keep], event[keep], instants[order][keep])


def starts_known(of: Plan) -> bool:
    """Whether any step of the process has a true start before the instant that orders it."""
    relations = of.acting.relations
    start = relations.events["start"]
    if start.null_count == len(start):
        return False
    for steps in of:
        began = np.asarray(pc.fill_null(steps.rest["start"].cast(pa.int64()), NEVER))
        if (began < steps.placed).any():
            return True
    return False


def _assembled(
    of: Plan, case: NDArray[np.int64], event: NDArray[np.int64], instants: NDArray[np.int64]
) -> Lifelines:
    acting, relations = of.acting, of.acting.relations
    offsets = bounds(case)
    rows = pa.array(event)
    outcomes, outcome = _outcomes(of, rows)
    rest = relations.events.take(rows).combine_chunks()
    deadline = pa.nulls(len(event), _US)
    beside = of.source.beside
    if "deadline" in beside.column_names:
        deadline = beside["deadline"].take(rows).cast(_US)
    return Lifelines(
        plan=of,
        cases=of.cases.take(pa.array(case[offsets[:-1]])).combine_chunks(),
        offsets=offsets,
        activity=of.codes[relations.kind[event]],
        stamp=relations.at[event],
        placed=instants,
        by_day=_by_day(of, event),
        unit=choose(offsets, *acting.units_of(event), acting.parts.hand),
        resource=acting.by(event, RESOURCE),
        meeting=acting.by(event, MEETING),
        outcome=outcome,
        outcomes=outcomes,
        rest=rest.append_column("deadline", deadline),
    )


def _outcomes(of: Plan, rows: pa.Array) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    beside = of.source.beside
    if "outcome" not in beside.column_names:
        return (), np.full(len(rows), -1, dtype=np.int64)
    found = beside["outcome"].take(rows).combine_chunks().dictionary_encode()
    if isinstance(found, pa.ChunkedArray):
        found = found.combine_chunks()
    codes = np.asarray(pc.fill_null(found.indices, -1), dtype=np.int64)
    return tuple(found.dictionary.to_pylist()), codes


def _ordered(
    of: Plan, case: NDArray[np.int64], event: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the order of the rows with day stamps in their places, and each row's instant."""
    relations = of.acting.relations
    stamp, by_day = relations.at[event], _by_day(of, event)
    rank = of.activities.rank[of.codes[relations.kind[event]]]
    instants = placed(case, stamp, rank, by_day)
    order = np.lexsort((instants, case)) if by_day.any() else np.arange(len(case))
    same = (np.diff(case[order]) == 0) & (np.diff(instants[order]) == 0)
    if not same.any():
        return order, instants
    # Rank and id decide among equal instants only; strings are sorted for those alone.
    tied = np.append(False, same) | np.append(same, False)
    rows = order[tied]
    ids = np.empty(len(rows), dtype=np.int64)
    names = relations.events["event_id"].take(pa.array(event[rows]))
    ids[np.asarray(pc.sort_indices(names), dtype=np.int64)] = np.arange(len(rows))
    order[tied] = rows[np.lexsort((ids, rank[rows], np.append(0, np.cumsum(~same))[tied]))]
    return order, instants


def _cases_with_start(
    of: Plan, case: NDArray[np.int64], event: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which rows belong to a case: with several processes on a type, those with a start."""
    if not of.shared:
        return np.ones(len(case), dtype=np.bool_)
    offsets = bounds(case)
    starts = of.activities.marks["m_start"][of.codes[of.acting.relations.kind[event]]]
    return np.repeat(first_in(starts, offsets) >= 0, np.diff(offsets))


def _by_day(of: Plan, event: NDArray[np.int64]) -> NDArray[np.bool_]:
    precision = of.acting.relations.events["precision"].take(pa.array(event))
    return np.asarray(pc.equal(precision.cast(pa.string()), DAY), dtype=np.bool_)


def _take(
    values: NDArray[np.bool_], place: NDArray[np.int64], *, default: bool
) -> NDArray[np.bool_]:
    if not len(values):
        return np.full(len(place), default, dtype=np.bool_)
    return np.where(place >= 0, values[np.maximum(place, 0)], default)
