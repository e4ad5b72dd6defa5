"""The change of any indicator, judged by the one rule and put in words."""

from __future__ import annotations

from math import ceil, isnan, sqrt
from typing import TYPE_CHECKING

import pandas as pd

from procmine.disclosure import minimum_count
from procmine.effects.assess import Assessment, assess
from procmine.effects.events import events_between
from procmine.effects.gates import MINIMUM, gates
from procmine.effects.power import add_months, months_to_decide
from procmine.effects.verdict import Code, judge
from procmine.effects.wording import Finding, sentence, word
from procmine.indicators.told import small_change
from procmine.text import t
from procmine.text.formats import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from procmine.effects.events import OutsideEvent
    from procmine.indicators.inputs import Inputs
    from procmine.indicators.measure import Change, Figure

__all__ = ["earliest_decision", "judged"]

_MONTH_DAYS = 365.25 / 12


def judged(
    change: Change,
    inputs: Inputs,
    events: Sequence[OutsideEvent] = (),
    *,
    chosen_late: bool = False,
    minimum: int | None = None,
) -> Assessment | None:
    """Return the judgement of a change; None for an indicator without a good way.

    Parameters
    ----------
    change
        From :func:`procmine.indicators.measure.change`.
    inputs
        What it was taken from: starts of cases for sparse months, the process.
    events
        Outside events; those from the first day before to the last day now are named.
    chosen_late
        The indicator was chosen after the start.
    minimum
        Counts from 1 to one below it are not told in words.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(judged).parameters)[:3]
    ['change', 'inputs', 'events']
    """
    indicator = change.now.indicator
    direction = indicator.direction
    if direction == "neutral":
        return None
    margin = indicator.margin_for(inputs.process)
    spans = (change.before.span, change.now.span)
    beside = events_between(events, spans[0].first, spans[1].last, inputs.process)
    if change.effect is not None:
        return assess(
            change.effect,
            wording=indicator.wording,
            direction=direction,
            margin=margin,
            starts=inputs.durations["start"],
            events=beside,
            chosen_late=chosen_late,
            minimum=minimum,
        )
    least = minimum_count(minimum)
    sparse = [inputs.sparse_months(span) for span in spans]
    checks = gates(
        cases=(change.before.cases, change.now.cases),
        ended=(change.before.ended, change.now.ended),
        baseline_days=spans[0].days,
        sparse=max(map(len, sparse)),
    )
    verdict = judge(change.estimate, direction, margin, checks)
    undecided = verdict.code is Code.UAFKLARET
    wanted = max(abs(change.estimate.value), margin)
    finding = Finding(
        wording=indicator.wording,
        before=change.before.estimate,
        now=change.now.estimate,
        change=change.estimate,
        margin=margin,
        cases=(change.before.cases, change.now.cases),
        span=(spans[0].first, spans[0].last),
        verdict=verdict,
        earliest=earliest_decision(change.before, wanted, inputs) if undecided else None,
        citizens=(change.before.citizens, change.now.citizens),
        fewest=(change.before.fewest, change.now.fewest),
    )
    return Assessment(
        finding=finding,
        name=indicator.name,
        word=word(verdict.code),
        sentence=sentence(finding, least),
        caveats=_caveats(change, sparse, beside, least, chosen_late=chosen_late),
        gates=checks,
        method=t("indicator.method"),
        formula=t("indicator.formula_share") if indicator.is_share else t("indicator.formula"),
        footnote=t("effect.footnote"),
        small=small_change(change, least) if change.few(least) else "",
    )


def earliest_decision(before: Figure, change: float, inputs: Inputs) -> pd.Timestamp | None:
    """Return the month in which a change of this size can be decided at the earliest.

    Reckoned from the spread and the pace of decided cases in the span before, from its end
    on; never a month whose data are in. None where it takes over ten years or the span
    before is too small.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(earliest_decision).parameters)
    ['before', 'change', 'inputs']
    """
    months = before.span.days / _MONTH_DAYS
    if not before.ended or months <= 0 or isnan(before.estimate.se):
        return None
    sd = before.estimate.se * sqrt(before.ended)
    waits = months_to_decide(sd, before.ended, before.ended / months, change)
    if waits is None:
        return None
    # The gates on cases and decided cases after the start must be passed too.
    needed = max(MINIMUM.ended / before.ended, MINIMUM.cases / before.cases)
    waits = max(waits, ceil(needed * months))
    return max(add_months(before.span.finish, waits), add_months(inputs.cut, 1))


def _caveats(
    change: Change,
    sparse: Sequence[Sequence[str]],
    events: Sequence[OutsideEvent],
    least: int,
    *,
    chosen_late: bool,
) -> tuple[str, ...]:
    said: list[str] = []
    if events:
        said.append(t("effect.caveat.events", events="; ".join(e.line() for e in events)))
    if any(sparse):
        months = ", ".join(month for window in sparse for month in window)
        said.append(t("effect.caveat.sparse", months=months))
    left_out = change.before.left_out + change.now.left_out
    if left_out:
        few = t("indicator.left_out_few", least=number(least))
        n = number(left_out)
        said.append(few if left_out < least else t("indicator.left_out", n=n))
    if chosen_late:
        said.append(t("effect.caveat.chosen_late"))
    said.append(t("effect.caveat.no_comparison"))
    return tuple(said)
