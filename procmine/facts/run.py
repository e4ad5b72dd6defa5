"""Compute every fact table of a snapshot and write it beside the log."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from procmine.config.worktime import WorkTime
from procmine.facts.cases import case_table, find_cases
from procmine.facts.complete import complete
from procmine.facts.grades import grade_visits
from procmine.facts.handovers import handover_counts, handover_table, visit_table
from procmine.facts.lifelines import plan
from procmine.facts.source import Source
from procmine.facts.steps import step_table
from procmine.facts.visits import find_visits
from procmine.facts.waiting import prepare, write_documents, write_waits
from procmine.facts.writer import Writer, with_empty
from procmine.tables.facts import CASES, HANDOVERS, STEPS, VISITS

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from procmine.facts.lifelines import Lifelines
    from procmine.store.snapshot import Process, Snapshot
    from procmine.tables.schema import Schema

    Progress = Callable[[str, int, int], None]

__all__ = ["Facts", "chunk_facts", "compute"]

_FIRST = (STEPS, CASES, VISITS, HANDOVERS)


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


def compute(snapshot: Snapshot, *, progress: Progress | None = None) -> None:
    """Compute and write the fact tables of every process of `snapshot`.

    Parameters
    ----------
    snapshot
        A snapshot, or one in the making (:meth:`procmine.store.Staging.snapshot`).
    progress
        Called with what is done, how many processes are done, and how many there are.
    """
    source = Source.of_snapshot(snapshot)
    worktime = WorkTime.from_config(snapshot.config)
    total = len(snapshot.processes)
    try:
        prepare(source)
        for number, process in enumerate(snapshot.processes):
            if progress is not None:
                progress(process.label, number, total)
            _process(snapshot, source, process, worktime)
    finally:
        source.connection.close()


def chunk_facts(steps: Lifelines, worktime: WorkTime) -> Facts:
    """Make the fact tables of one chunk of cases, without what waits and documents add."""
    cases = find_cases(steps)
    visits = find_visits(steps, cases)
    grades = grade_visits(steps, cases, visits)
    counts = handover_counts(steps, cases, visits, grades)
    table = case_table(steps, cases)
    for name, column in counts.items():
        table = table.append_column(name, column)
    return Facts(
        steps=STEPS.check(step_table(steps, cases, visits.in_case())),
        cases=CASES.check(with_empty(table, CASES)),
        visits=VISITS.check(visit_table(steps, cases, visits, grades)),
        handovers=HANDOVERS.check(handover_table(steps, cases, visits, grades, worktime)),
    )


def _process(
    snapshot: Snapshot, source: Source, process: Process, worktime: WorkTime
) -> None:
    folder = snapshot.facts_file(process.name, STEPS.name).parent
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        writers = {
            schema.name: stack.enter_context(Writer(folder / f"{schema.name}.parquet", schema))
            for schema in _FIRST
        }
        for chunk in plan(source, process):
            facts = chunk_facts(chunk, worktime)
            for schema in _FIRST:
                writers[schema.name].add(facts.of(schema))
    caused = write_waits(source, process, folder, worktime)
    write_documents(source, process, folder, caused)
    complete(source.connection, folder)
