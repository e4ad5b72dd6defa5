"""Compute every fact table of a snapshot and write it beside the log."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from procmine.config.worktime import WorkTime
from procmine.facts.cases import case_table, find_cases
from procmine.facts.complete import Completion
from procmine.facts.grades import grade_visits
from procmine.facts.handovers import handover_counts, handover_table, visit_table
from procmine.facts.lifelines import lifelines, plan, starts_known
from procmine.facts.pingpong import case_pingpong, legal_minimum
from procmine.facts.responsible import case_shifts
from procmine.facts.source import Source
from procmine.facts.steps import step_table
from procmine.facts.units import Acting
from procmine.facts.unplaced import UNPLACED, unplaced_events
from procmine.facts.visits import find_visits
from procmine.facts.waiting import Waiting, prepare, write_documents
from procmine.facts.writer import Writer, with_empty
from procmine.store.snapshot import FACT_FOLDER
from procmine.tables.facts import CASES, HANDOVERS, STEPS, VISITS

if TYPE_CHECKING:
    from collections.abc import Callable

    from procmine.facts.lifelines import Lifelines
    from procmine.store.relations import Relations
    from procmine.store.snapshot import Process, Snapshot
    from procmine.tables.schema import Schema

    Progress = Callable[[str, int, int], None]

__all__ = ["Facts", "chunk_facts", "compute"]


_NUMBERED = {schema.name: schema.without_keys() for schema in (STEPS, VISITS, HANDOVERS)}
"""Tables whose rows are counted from 0 in each case: distinct where the cases are."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The fact tables of some cases that rest on events alone."""

    steps: pa.Table
    cases: pa.Table
    visits: pa.Table
    handovers: pa.Table

    def of(self, schema: Schema) -> pa.Table:
        """Return one of the tables."""
        table: pa.Table = getattr(self, schema.name)
        return table


def compute(
    snapshot: Snapshot,
    *,
    relations: Relations | None = None,
    progress: Progress | None = None,
) -> None:
    """Compute and write the fact tables of every process of `snapshot`.

    Beside the processes' folders stands ``unplaced.parquet``
    (:func:`procmine.facts.unplaced.unplaced_events`).

    Parameters
    ----------
    snapshot
        A snapshot, or one in the making (:meth:`procmine.store.Staging.snapshot`).
    relations
        The log's relations, where they have been read already.
    progress
        Called with what is done, how many processes are done, and how many there are.
    """
    source = Source.of_snapshot(snapshot, relations)
    worktime = WorkTime.from_config(snapshot.config)
    total = len(snapshot.processes)
    try:
        prepare(source)
        acting = Acting.of(source)
        for number, process in enumerate(snapshot.processes):
            if progress is not None:
                progress(process.label, number, total)
            _process(snapshot, source, process, worktime, acting)
        folder = snapshot.path / FACT_FOLDER
        folder.mkdir(exist_ok=True)
        pq.write_table(unplaced_events(source), folder / UNPLACED)
    finally:
        source.connection.close()


def chunk_facts(steps: Lifelines, worktime: WorkTime) -> Facts:
    """Make the fact tables of one chunk of cases, without what waits and documents add.

    Examples
    --------
    A case that two units work on, in a log without a catalogue:

    >>> from datetime import UTC, datetime
    >>> from procmine.config import load_config
    >>> from procmine.ocel.roles import Roles
    >>> from procmine.store.snapshot import Process
    >>> from procmine.tables.log import E2O, EVENTS, OBJECTS
    >>> at = [datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 3, 9, tzinfo=UTC)]
    >>> none = {"source_file": None, "source_line": None}
    >>> events = [{"event_id": f"e{n}", "event_type": "a", "time": t, "start": None,
    ...            "precision": "minute", **none} for n, t in enumerate(at)]
    >>> objects = [{"object_id": i, "object_type": k, "number": None, **none}
    ...            for i, k in (("c", "claim"), ("U", "unit"), ("V", "unit"))]
    >>> e2o = [{"event_id": e, "object_id": o, "qualifier": ""}
    ...        for e, o in (("e0", "c"), ("e0", "U"), ("e1", "c"), ("e1", "V"))]
    >>> tables = {s.name: s.check(pa.Table.from_pylist(rows, schema=s.arrow()))
    ...           for s, rows in ((EVENTS, events), (OBJECTS, objects), (E2O, e2o))}
    >>> config = load_config(defaults=False)
    >>> source = Source.of_tables(tables, Roles(unit=("unit",)), config, at[1])
    >>> (chunk,) = plan(source, Process("claim", "Claim", "claim", "00-claim"))
    >>> found = chunk_facts(chunk, WorkTime.from_config(config))
    >>> found.handovers.select(["from", "to", "gap_days"]).to_pylist()
    [{'from': 'U', 'to': 'V', 'gap_days': 1.0}]
    """
    cases = find_cases(steps)
    visits = find_visits(steps, cases)
    grades = grade_visits(steps, cases, visits)
    counts = handover_counts(steps, cases, visits, grades)
    table = case_table(steps, cases)
    seen = _NUMBERED[VISITS.name].check(visit_table(steps, cases, visits, grades))
    shifts = case_shifts(steps, cases)
    for name, column in (counts | shifts | _hands(steps, table, seen)).items():
        table = table.append_column(name, column)
    return Facts(
        steps=_NUMBERED[STEPS.name].check(step_table(steps, cases, visits.in_case())),
        cases=CASES.check(with_empty(table, CASES)),
        visits=seen,
        handovers=_NUMBERED[HANDOVERS.name].check(
            handover_table(steps, cases, visits, grades, worktime)
        ),
    )


def _hands(steps: Lifelines, cases: pa.Table, visits: pa.Table) -> dict[str, pa.Array]:
    """Return hands, returns, depth of ping-pong and the excess over the law, by case."""
    process, mandates = steps.plan.process, steps.plan.source.config.mandates
    least = legal_minimum(cases, process.name, mandates)
    counted = case_pingpong(visits, least)
    place = pc.index_in(cases["case_id"].combine_chunks(), counted["case_id"].combine_chunks())
    names = {"hands": "hands", "returns": "returns", "depth": "pingpong_depth"}
    found = {name: counted[column].take(place) for column, name in names.items()}
    law = {"legal_minimum": least["legal_minimum"], "excess_handovers": counted["excess"]}
    if process.catalogue is None:
        return found | {name: pa.nulls(cases.num_rows, pa.int64()) for name in law}
    return found | law | {"excess_handovers": law["excess_handovers"].take(place)}


def _process(
    snapshot: Snapshot, source: Source, process: Process, worktime: WorkTime, acting: Acting
) -> None:
    folder = snapshot.facts_file(process.name, STEPS.name).parent
    folder.mkdir(parents=True, exist_ok=True)
    planned = plan(source, process, acting=acting)
    waiting = Waiting(source, process, folder, worktime, starts_known=starts_known(planned))
    with Completion(folder) as completion:
        with ExitStack() as stack:
            steps, visits = (
                stack.enter_context(Writer(folder / f"{schema.name}.parquet", schema))
                for schema in (STEPS, VISITS)
            )
            stack.enter_context(waiting)
            for number in planned.chunks:
                # No chunk has a name here: it is gone before the next one is made.
                _add(
                    chunk_facts(lifelines(planned, number), worktime),
                    (steps, visits), waiting, completion,
                )  # fmt: skip
        documents = write_documents(source, process, folder, completion.cases, waiting.caused)
        completion.finish(documents)


def _add(
    facts: Facts, writers: tuple[Writer, Writer], waiting: Waiting, completion: Completion
) -> None:
    """Write what is known of a chunk, label its time, and keep the rest for the end."""
    for writer, table in zip(writers, (facts.steps, facts.visits), strict=True):
        writer.add(table)
    waits = waiting.add(facts.steps, facts.cases)
    completion.add(facts.steps, facts.cases, facts.handovers, waits.rows, waits.after)
