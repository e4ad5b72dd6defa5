"""The steps of a chunk of cases as columns in the order that binds, before any judgement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.facts.activities import Activities
from procmine.facts.attributes import instant, literal, script, text
from procmine.facts.order import DAY, placed
from procmine.facts.segments import bounds, first_in, segment_of
from procmine.facts.units import MEETING, RESOURCE, UNIT, Parts, choose, read_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from procmine.facts.source import Source
    from procmine.store.snapshot import Process

__all__ = ["CHUNK_ROWS", "Lifelines", "Plan", "lifelines", "plan"]

CHUNK_ROWS = 1_000_000
"""Relations of case objects to events that one chunk of cases holds, about."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the chunks of one process share.

    `cases` holds ``object_id, case_id, folder_id, citizen_id, case_no, chunk`` for each
    case object; `shared` says whether other processes have the same case type, so that
    only objects with a start step are cases.
    """

    source: Source
    process: Process
    activities: Activities
    parts: Parts
    cases: pa.Table
    shared: bool

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


def plan(source: Source, process: Process, *, chunk_rows: int = CHUNK_ROWS) -> Plan:
    """Find the case objects of a process and what its steps can be.

    Parameters
    ----------
    source
        The log.
    process
        The process, as the snapshot lists it.
    chunk_rows
        About how many relations a chunk holds; less needs less memory.
    """
    run = source.connection.execute
    roles = source.roles
    run(
        script("cases").format(
            case_type=literal(process.case_type),
            folders=_list(roles.folder),
            citizens=_list(roles.citizen),
            part_of=literal(roles.part_of),
            citizen_of=literal(roles.citizen_of),
            chunk_rows=chunk_rows,
        )
    )
    types = run("SELECT DISTINCT CAST(event_type AS VARCHAR) FROM events").fetchall()
    activities = Activities.of(process, source.config, roles, (name for (name,) in types))
    known = pa.table(
        {
            "activity": pa.array(activities.names, pa.string()),
            "code": pa.array(np.arange(len(activities.names), dtype=np.int64)),
            "rank": pa.array(activities.rank),
        }
    )
    source.connection.register("_activity_found", known)
    run("CREATE OR REPLACE TEMP TABLE _activity AS SELECT * FROM _activity_found")
    source.connection.unregister("_activity_found")
    same = [c for c in source.config.catalogues if c.case_type == process.case_type]
    return Plan(
        source=source,
        process=process,
        activities=activities,
        parts=read_parts(source),
        cases=source.connection.sql("SELECT * FROM _case ORDER BY case_no").to_arrow_table(),
        shared=process.catalogue is not None and len(same) > 1,
    )


def lifelines(of: Plan, chunk: int) -> Lifelines:
    """Read the steps of one chunk of cases in the order that binds."""
    source = of.source
    qualifier = source.roles.case_qualifier if of.process.catalogue else ""
    source.connection.execute(
        script("steps").format(
            chunk=chunk,
            qualifier=literal(qualifier),
            distinct="" if qualifier else "DISTINCT",
            any_qualifier="FALSE" if qualifier else "TRUE",
            outcome=text(source, "event", source.roles.outcome, "e"),
            deadline=instant(source, "event", source.roles.deadline, "e"),
        )
    )
    table = source.connection.sql("SELECT * FROM _step ORDER BY rowid").to_arrow_table()
    pairs = source.connection.sql(script("parts")).to_arrow_table()
    order, instants = _ordered(of, table)
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    table = table.take(pa.array(order)).combine_chunks()
    keep = _cases_with_start(of, table)
    back = np.where(keep, np.cumsum(keep) - 1, -1)[back] if len(keep) else back
    kept = pa.array(np.flatnonzero(keep))
    return _assembled(of, table.take(kept), instants[order][keep], pairs, back)


def _assembled(
    of: Plan,
    table: pa.Table,
    instants: NDArray[np.int64],
    pairs: pa.Table,
    back: NDArray[np.int64],
) -> Lifelines:
    numbers = _ints(table["case_no"])
    offsets = bounds(numbers)
    unit, resource, meeting = _acting(of.parts, offsets, pairs, back)
    outcome = table["outcome"].cast(pa.string()).combine_chunks().dictionary_encode()
    if isinstance(outcome, pa.ChunkedArray):
        outcome = outcome.combine_chunks()
    codes = pc.fill_null(outcome.indices, -1)
    return Lifelines(
        plan=of,
        cases=of.cases.take(pa.array(numbers[offsets[:-1]])).combine_chunks(),
        offsets=offsets,
        activity=_ints(table["activity"]),
        stamp=_ints(table["time"]),
        placed=instants,
        by_day=_by_day(table),
        unit=unit,
        resource=resource,
        meeting=meeting,
        outcome=np.asarray(codes, dtype=np.int64),
        outcomes=tuple(outcome.dictionary.to_pylist()),
        rest=table.select(
            ["event_id", "start", "precision", "deadline", "source_file", "source_line"]
        ).combine_chunks(),
    )


def _ordered(of: Plan, table: pa.Table) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the order of the rows with day stamps in their places, and each row's instant."""
    case, stamp = _ints(table["case_no"]), _ints(table["time"])
    by_day = _by_day(table)
    rank = of.activities.rank[_ints(table["activity"])]
    instants = placed(case, stamp, rank, by_day)
    rows = np.arange(len(case))
    if not by_day.any():
        return rows, instants
    # Rows come sorted by id within equal stamps only: compare ids among equal places.
    ids = np.empty(len(rows), dtype=np.int64)
    ids[np.asarray(pc.sort_indices(table["event_id"]), dtype=np.int64)] = rows
    return np.lexsort((ids, rank, instants, case)), instants


def _cases_with_start(of: Plan, table: pa.Table) -> NDArray[np.bool_]:
    """Which rows belong to a case: with several processes on a type, those with a start."""
    numbers = _ints(table["case_no"])
    if not of.shared:
        return np.ones(len(numbers), dtype=np.bool_)
    offsets = bounds(numbers)
    starts = of.activities.marks["m_start"][_ints(table["activity"])]
    return np.repeat(first_in(starts, offsets) >= 0, np.diff(offsets))


def _acting(
    parts: Parts, offsets: NDArray[np.int64], pairs: pa.Table, back: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    rows, place, part = (_ints(pairs[name]) for name in ("row", "place", "part"))
    rows = back[rows]
    order = np.lexsort((place, rows))
    order = order[rows[order] >= 0]
    rows, place, part = rows[order], place[order], part[order]
    found = {UNIT: choose(offsets, rows[part == UNIT], place[part == UNIT], parts.hand)}
    for which in (RESOURCE, MEETING):
        least = np.full(int(offsets[-1]), -1, dtype=np.int64)
        least[rows[part == which][::-1]] = place[part == which][::-1]
        found[which] = least
    return found[UNIT], found[RESOURCE], found[MEETING]


def _by_day(table: pa.Table) -> NDArray[np.bool_]:
    return np.asarray(pc.equal(table["precision"], DAY), dtype=np.bool_)


def _ints(column: pa.ChunkedArray) -> NDArray[np.int64]:
    return np.asarray(column, dtype=np.int64)


def _take(
    values: NDArray[np.bool_], place: NDArray[np.int64], *, default: bool
) -> NDArray[np.bool_]:
    if not len(values):
        return np.full(len(place), default, dtype=np.bool_)
    return np.where(place >= 0, values[np.maximum(place, 0)], default)


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(literal(name) for name in names) or "NULL"
