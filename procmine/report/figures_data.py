"""What a report shows, measured: every number from the fact tables, small counts hidden."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from procmine.aggregates.casework import CaseTotals, case_totals
from procmine.aggregates.frames import opened
from procmine.aggregates.handovers import (
    HandoverTotals,
    aside,
    handover_grades,
    handover_totals,
)
from procmine.aggregates.process_map import ProcessMap, process_map
from procmine.aggregates.waits import own_time, waits_by_cause
from procmine.disclosure import PERCENTILE_MINIMUM, minimum_count
from procmine.effects.events import events_between
from procmine.effects.means import mean
from procmine.errors import StoreError
from procmine.indicators.inputs import Inputs, Span
from procmine.indicators.measure import figure
from procmine.indicators.source import definitions_of, events_of, inputs_of, main_process
from procmine.tables.facts import FACTS

if TYPE_CHECKING:
    from procmine.config.load import Config
    from procmine.effects.events import OutsideEvent
    from procmine.indicators.definitions import Definitions
    from procmine.indicators.measure import Figure
    from procmine.store.snapshot import Process, Snapshot

__all__ = [
    "Measured",
    "aside",
    "cause_means",
    "longest_ways",
    "measured",
]

_TABLES = ("cases", "steps", "handovers", "waits", "documents")
_WAYS = 5
_STAMP = pa.timestamp("us", "UTC")


@dataclass(frozen=True)
class Measured:
    """The numbers of one process in one span, and what they were made with.

    `figures` has every indicator that applies; `grades`, `causes`, `ways` are suppressed
    already.
    """

    process: Process
    inputs: Inputs
    span: Span
    definitions: Definitions
    totals: CaseTotals
    figures: tuple[Figure, ...]
    map: ProcessMap
    ways: pd.DataFrame
    causes: pd.DataFrame
    handovers: HandoverTotals
    grades: pd.DataFrame
    events: tuple[OutsideEvent, ...]
    least: int

    @property
    def time(self) -> Figure | None:
        """The headline: how long cases take."""
        return next((f for f in self.figures if f.indicator.kind == "duration"), None)

    @property
    def redundant(self) -> Figure | None:
        """How many handovers are redundant."""
        return next((f for f in self.figures if f.indicator.table == "handovers"), None)

    def label(self, event_type: str) -> str:
        """Return the Danish label of an event type in this process."""
        step = self.process.catalogue.step(event_type) if self.process.catalogue else None
        return step.label if step else event_type

    def shown(self, one: Figure) -> bool:
        """Whether a figure may be shown and has a value."""
        return one.measured and one.citizens >= self.least and not one.few(self.least)


def measured(snapshot: Snapshot, process: str | None, span: Span | None = None) -> Measured:
    """Measure one process in a span; the whole log where none is given.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(measured).parameters)
    ['snapshot', 'process', 'span']
    """
    found = snapshot.process(process) if process else main_process(snapshot)
    inputs = inputs_of(snapshot, found.name)
    whole = Span(inputs.log_start, inputs.cut)
    seen = inputs.clip(span) if span is not None else whole
    config = snapshot.config
    definitions = definitions_of(config)
    least = minimum_count(int(config.setting("min_count")))
    tables = {kind: _table(snapshot, found.name, kind) for kind in _TABLES}
    every = tables["cases"]
    cases = _seen(every, seen)
    waits = _in_span(own_time(tables["waits"]), "end", seen)
    hands = _in_span(tables["handovers"], "to_time", seen)
    begun = _in_span(every, "start", seen)
    away = aside(found)
    return Measured(
        process=found,
        inputs=inputs,
        span=seen,
        definitions=definitions,
        totals=case_totals(cases),
        figures=tuple(
            figure(indicator, inputs, seen)
            for indicator in definitions.indicators
            if indicator.applies_to(found.name)
        ),
        map=_map(tables["steps"], begun, config, least, found.name),
        ways=longest_ways(waits, cases, seen),
        causes=cause_means(waits, cases, least),
        handovers=handover_totals(hands, cases, aside=away),
        grades=handover_grades(hands, cases, aside=away, minimum=least),
        events=events_between(events_of(config, found.name), seen.first, seen.last, found.name),
        least=least,
    )


def cause_means(waits: pa.Table, cases: pa.Table, least: int) -> pd.DataFrame:
    """Return the mean calendar days of a case by cause, with its interval by citizen.

    Over all cases given; one without the cause counts 0. Causes of too few citizens are
    left out, with a second one where the first could be had from the total.

    Returns
    -------
    DataFrame
        ``cause, nature, mean, lower, upper, share`` (of all days shown), most days first.

    Examples
    --------
    >>> from procmine.tables.facts import CASES, WAITS
    >>> len(cause_means(WAITS.empty(), CASES.empty(), 5))
    0
    """
    totals = waits_by_cause(waits, cases, minimum=least)
    names = ["cause", "nature"]
    shown = totals.loc[~totals["suppressed"].astype(bool), [*names, "days"]]
    if shown.empty:
        return pd.DataFrame(columns=[*names, "mean", "lower", "upper", "share"])
    frame = cases.select(["case_id", "citizen_id"]).to_pandas()
    owner = frame.set_index("case_id")["citizen_id"].astype("object")
    owner = owner.fillna(pd.Series(owner.index, index=owner.index))
    parts = waits.select(["case_id", *names, "days"]).to_pandas()
    sums = parts.groupby([*names, "case_id"], observed=True)["days"].sum()
    rows = []
    for cause, nature in zip(shown["cause"], shown["nature"], strict=True):
        values = sums.loc[(cause, nature)].reindex(owner.index, fill_value=0.0)
        found = mean(values.to_numpy(), owner.to_numpy())
        rows.append((cause, nature, found.value, found.lower, found.upper))
    result = pd.DataFrame(rows, columns=[*names, "mean", "lower", "upper"])
    return result.assign(share=result["mean"] / result["mean"].sum())


def longest_ways(waits: pa.Table, cases: pa.Table, span: Span) -> pd.DataFrame:
    """Return the five ways between steps with the longest median time.

    Only ways that at least ten citizens went, and passages that end in the span.

    Returns
    -------
    DataFrame
        ``source, target, n`` passages, ``cases, citizens, median_days, days`` in all,
        ``lower, upper`` (95 % interval of the median), ``cause`` with most of the days and
        ``cause_share``, its part of them.

    Examples
    --------
    >>> from procmine.tables.facts import CASES, WAITS
    >>> span = Span.of("2026-01-01", "2026-03-31")
    >>> len(longest_ways(WAITS.empty(), CASES.empty(), span))
    0
    """
    query = (resources.files("procmine.report") / "ways.sql").read_text(encoding="utf-8")
    with opened(waits=waits, cases=cases) as connection:
        values = {
            "begin": span.begin.isoformat(),
            "finish": span.finish.isoformat(),
            "least": PERCENTILE_MINIMUM,
            "top": _WAYS,
        }
        return connection.execute(query, values).df()


def _table(snapshot: Snapshot, process: str, kind: str) -> pa.Table:
    try:
        return snapshot.facts(process, kind)
    except StoreError:
        # A table that was not computed is an empty one: what rests on it is "not measured".
        return next(schema for schema in FACTS if schema.name == kind).empty()


def _map(steps: pa.Table, cases: pa.Table, config: Config, least: int, process: str) -> ProcessMap:
    """Map the cases that began in the span, so that no case is cut in two by its edges."""
    own = steps.filter(pc.is_in(steps["case_id"], cases["case_id"].combine_chunks()))
    return process_map(own, cases, config, process=process, minimum=least)


def _seen(cases: pa.Table, span: Span) -> pa.Table:
    """Return the cases that were open at some time in the span."""
    finish, begin = (pa.scalar(x.to_pydatetime(), _STAMP) for x in (span.finish, span.begin))
    until = pc.coalesce(cases["end"], finish)
    return cases.filter(
        pc.and_(pc.less_equal(cases["start"], finish), pc.greater_equal(until, begin))
    )


def _in_span(table: pa.Table, column: str, span: Span) -> pa.Table:
    begin, finish = (pa.scalar(x.to_pydatetime(), _STAMP) for x in (span.begin, span.finish))
    stamps = table[column]
    return table.filter(pc.and_(pc.greater_equal(stamps, begin), pc.less_equal(stamps, finish)))
