"""``python -m benchmarks.pages STORE [--limit MS]``: what each query of the pages takes.

Every query that a page makes is asked of every process with the page's own arguments, in a
process of its own: `cold` is the first time, with the reading of the facts it needs and what
it imports, the store already open; `warm` is the median of further ones, the facts read, and
`CPU` the least that one of them took of processor time, which other work disturbs less. What
the pages keep of finished answers is not used. One row a query, the process for which it is
slowest; exit code 1 where a warm query takes longer than the limit of 100 ms.

A five-year store of a jobcentre: `procmine synth` with the scenario ``horsens``, its ``first``
moved to 2021-11-01 and its ``cases`` times 2.5, then `procmine load`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import sys
import time
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboards.source import Source, View
    from procmine.indicators.inputs import Span

    Query = Callable[[], object]
    Row = tuple[str, str, float, float, float]

REPEAT = 5
MODULES = ("overview", "process_map", "handovers", "waits", "documents", "effect", "quality")


def main() -> None:
    """Ask every query of a store and print the slowest process of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("--limit", type=float, default=100.0, help="milliseconds, warm")
    parser.add_argument("--only", default="", help="queries whose names hold this")
    parser.add_argument("--all", action="store_true", help="a row a process")
    options = parser.parse_args()
    rows = _measured(options.store, options.only)
    if not options.all:
        slowest: dict[str, Row] = {}
        for row in sorted(rows, key=lambda row: -row[3]):
            slowest.setdefault(row[0], row)
        rows = [slowest[name] for name in dict.fromkeys(row[0] for row in rows)]
    print(f"{'query':<34}{'process':<24}{'cold ms':>9}{'warm ms':>9}{'CPU ms':>9}")
    for name, process, cold, warm, cpu in rows:
        over = "  over" if warm > options.limit else ""
        print(f"{name:<34}{process:<24}{cold:>9.0f}{warm:>9.1f}{cpu:>9.1f}{over}")
    sys.exit(1 if any(row[3] > options.limit for row in rows) else 0)


def _measured(store: Path, only: str) -> list[Row]:
    """Return name, process, and cold, warm and CPU milliseconds of each query."""
    from dashboards.source import Source

    _imports()
    source = Source(store)
    rows = []
    for process in source.snapshot.processes:
        for name in queries(source, source.view(process.name)):
            if only in name:
                rows.append((name, process.name, *_apart(source, process.name, name)))
    return rows


def _imports() -> None:
    """Load the pages, as the server does before the first is asked for."""
    import importlib

    for name in MODULES:
        importlib.import_module(f"dashboards.pages.{name}")


def _apart(source: Source, process: str, name: str) -> tuple[float, float, float]:
    """Time one query in a process of its own."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)

    def ask() -> None:
        asked = queries(source, source.view(process))[name]
        there.send([_ms(asked) for _ in range(1 + REPEAT)])

    one = context.Process(target=ask)
    one.start()
    there.close()  # so that a process that fails is not waited for
    (cold, _), *warm = here.recv()
    one.join()
    return cold, statistics.median(ms for ms, _ in warm), min(cpu for _, cpu in warm)


def _ms(asked: Query) -> tuple[float, float]:
    begin, spent = time.perf_counter(), time.process_time()
    asked()
    return 1000 * (time.perf_counter() - begin), 1000 * (time.process_time() - spent)


def queries(source: Source, view: View) -> dict[str, Query]:
    """Return what the pages ask of a process, by page and function."""
    made = {
        **_overview(view),
        **_handovers(view),
        **_waits(view),
        **_documents(view),
        **_effect(view, source),
        **_quality(view),
    }
    return {name: each for name, each in made.items() if each is not None}


def _with(view: View, *kinds: str) -> Callable[..., Any]:
    """Return a maker of queries on these facts, or of nothing where one was not made."""
    there = all(view.snapshot.facts_file(view.process.name, kind).exists() for kind in kinds)

    def make(asked: Callable[..., object], *after: object, **named: object) -> Query | None:
        def query() -> object:
            tables = [view.facts(kind) for kind in kinds]
            return None if None in tables else asked(*tables, *after, **named)

        return query if there else None

    return make


def _overview(view: View) -> dict[str, Query]:
    from procmine.aggregates import process_map
    from procmine.aggregates.casework import case_time, case_totals, cases_per_month
    from procmine.indicators.measure import figure
    from procmine.indicators.overblik import overview
    from procmine.indicators.source import inputs_of

    of_cases = _with(view, "cases")
    catalogue, least = view.process.catalogue, view.minimum
    horizon = catalogue.horizon_days if catalogue else None
    found = {
        "case_totals": of_cases(case_totals),
        "case_time": of_cases(case_time, view.snapshot.cut, horizon=horizon, minimum=least),
        "cases_per_month": of_cases(cases_per_month, minimum=least),
        "inputs_of": partial(inputs_of, view.snapshot, view.process.name),
        "overview": lambda: _overviewed(overview, view, minimum=least),
        "overview, with a baseline": lambda: _overviewed(
            overview, view, before=_year(view), events=view.events, minimum=least
        ),
        "process_map": _with(view, "steps", "cases")(
            process_map, view.config, process=view.process.name, minimum=least
        ),
    }
    for one in view.definitions.indicators if view.definitions else ():
        if one.applies_to(view.process.name):
            found[f"figure {one.id}"] = partial(_figure, figure, one, view)
    return found


def _overviewed(ask: Callable[..., object], view: View, **named: object) -> object:
    return ask(view.definitions, view.inputs, **named)


def _figure(measure: Callable[..., object], indicator: object, view: View) -> object:
    return measure(indicator, view.inputs, _year(view))


def _year(view: View) -> Span:
    """Return the first half of the log, as a baseline covers it."""
    from procmine.indicators.inputs import Span

    first, last = view.snapshot.log_start.date(), _middle(view)
    return Span.of(first.isoformat(), last.isoformat())


def _middle(view: View) -> date:
    first, last = view.snapshot.log_start.date(), view.snapshot.cut.date()
    return date.fromordinal((first.toordinal() + last.toordinal()) // 2).replace(day=1)


def _handovers(view: View) -> dict[str, Query]:
    from procmine.aggregates.handovers import (
        handover_grades,
        handover_matrix,
        handover_totals,
        ping_pong,
    )
    from procmine.aggregates.hands import hands_per_case
    from procmine.facts.standing import checked, doubtful

    two = _with(view, "handovers", "cases")
    aside, least = view.aside, view.minimum
    return {
        "handover_totals": two(handover_totals, aside=aside),
        "handover_matrix, kinds": two(handover_matrix, by="kind", aside=aside, minimum=least),
        "handover_matrix, units": two(handover_matrix, by="unit", aside=aside, minimum=least),
        "handover_grades": two(handover_grades, aside=aside, minimum=least),
        "ping_pong": _with(view, "visits", "cases")(ping_pong, aside=aside, minimum=least),
        "hands_per_case": _with(view, "cases")(hands_per_case, minimum=least),
        "doubtful": partial(doubtful, view.snapshot, view.process),
        "checked, handovers": partial(checked, view.snapshot, view.process, "handovers"),
    }


def _waits(view: View) -> dict[str, Query]:
    from procmine.aggregates.waits import (
        late_requests,
        unexplained_ways,
        wait_brackets,
        wait_totals,
        waits_by_cause,
    )
    from procmine.aggregates.workload import caseload_by_month
    from procmine.facts.workload import littles_law

    two, least = _with(view, "waits", "cases"), view.minimum
    begin, cut = view.snapshot.log_start, view.snapshot.cut
    return {
        "wait_totals": two(wait_totals),
        "waits_by_cause": two(waits_by_cause, minimum=least),
        "unexplained_ways": two(unexplained_ways, minimum=least),
        "wait_brackets": _with(view, "waits_by_case", "cases")(wait_brackets, minimum=least),
        "late_requests": _with(view, "late_requests", "cases")(late_requests, minimum=least),
        "caseload_by_month": _with(view, "visits", "cases")(caseload_by_month, cut, minimum=least),
        "littles_law": _with(view, "cases")(littles_law, begin, cut),
    }


def _documents(view: View) -> dict[str, Query]:
    from procmine.aggregates import burden, documents
    from procmine.facts.entered_twice import pairs
    from procmine.facts.standing import checked

    two, one, least = _with(view, "documents", "cases"), _with(view, "documents"), view.minimum
    path = view.snapshot.path

    def effort(table: Any, cases: Any) -> object:
        return burden.effort_by_status(table, documents.document_statuses(table, cases))

    def demanded(table: Any, kinds: Any) -> object:
        return burden.demanded_unused(table, kinds)

    found = {
        "document_statuses": two(documents.document_statuses, minimum=least),
        "document_coverage": _with(view, "coverage")(documents.document_coverage, minimum=least),
        "document_flags": two(documents.document_flags, minimum=least),
        "document_kinds": two(documents.document_kinds, minimum=least),
        "effort_by_status and statuses": two(effort),
        "demanded_unused": one(lambda table: demanded(table, _kinds(table))),
        "checked, documents": partial(checked, view.snapshot, view.process, "documents"),
    }
    if (path / "side" / "facts.parquet").exists():
        found["entries_twice"] = lambda: burden.entries_twice(pairs(path, view.config))
    return found


def _kinds(table: Any) -> Any:
    """Return kinds as the page would show them, cheaply: only the query upon them is timed."""
    import pandas as pd

    return pd.DataFrame({"kind": table["kind"].unique().to_pylist(), "status": "unused"})


def _effect(view: View, source: Source) -> dict[str, Query]:
    from dashboards.pages.effect import _effect as compared
    from procmine.aggregates.effect import effect_at_risk, effect_curves

    when, least = _middle(view), view.minimum

    def curves() -> object:
        found = compared(view, when)
        if found is None:
            return None
        effect, told = found
        return (
            effect_curves(effect, minimum=least), effect_at_risk(effect, minimum=least), told
        )  # fmt: skip

    _ = source
    return {"change and its curves": curves}


def _quality(view: View) -> dict[str, Query]:
    from procmine.aggregates.quality import (
        activities_without_class,
        actors_missing,
        control_figures,
        precision_of_stamps,
        quality_by_month,
    )
    from procmine.facts.unplaced import read_unplaced

    steps, account = _with(view, "steps"), view.snapshot.manifest.get("account") or {}
    return {
        "actors_missing": steps(actors_missing),
        "precision_of_stamps": steps(precision_of_stamps),
        "activities_without_class": _with(view, "steps", "cases")(
            activities_without_class, minimum=view.minimum
        ),
        "quality_by_month": steps(quality_by_month),
        "control_figures": lambda: control_figures(account.get("control", [])),
        "read_unplaced": partial(read_unplaced, view.snapshot),
    }


if __name__ == "__main__":
    main()
