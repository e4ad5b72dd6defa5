"""The table of `procmine indicators`: each indicator in total, by month, unit, target group."""

from __future__ import annotations

from math import isnan, nan
from typing import TYPE_CHECKING

import pandas as pd

from procmine.disclosure import minimum_count
from procmine.indicators.hiding import HELPERS, helpers, hidden
from procmine.indicators.judged import judged
from procmine.indicators.measure import change, figure, from_sample
from procmine.indicators.sample import draw

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from procmine.effects.events import OutsideEvent
    from procmine.indicators.definitions import Definitions, Indicator
    from procmine.indicators.inputs import Inputs, Span
    from procmine.indicators.measure import Change, Figure
    from procmine.indicators.sample import Sample

__all__ = ["COLUMNS", "DIMENSIONS", "values"]

COLUMNS = (
    "indicator", "process", "group", "period", "value", "unit", "n", "lower", "upper",
    "baseline", "target", "change", "change_lower", "change_upper", "verdict",
    "name", "by", "citizens", "left_out", "horizon_days", "cut", "definition", "suppressed",
    "standing",
)  # fmt: skip
_MADE = tuple(c for c in COLUMNS if c not in ("suppressed", "target", "cut", "standing"))
DIMENSIONS = ("month", "unit", "target_group")


def values(
    definitions: Definitions,
    inputs: Inputs,
    span: Span,
    *,
    by: Sequence[str] = (),
    before: Span | None = None,
    targets: Mapping[str, float] | None = None,
    events: Sequence[OutsideEvent] = (),
    minimum: int | None = None,
    disclose: bool = False,
) -> pd.DataFrame:
    """Return every indicator of a process in a span, small counts hidden.

    Parameters
    ----------
    definitions, inputs
        What to measure, and from what.
    span
        The period now; it is cut at the data's ends.
    by
        Further cuts, each by itself: ``month``, ``unit``, ``target_group``.
    before
        A baseline's period: adds baseline, change and verdict (not for months).
    targets
        Target by indicator id.
    events
        Outside events, for the verdicts.
    minimum
        Counts of citizens from 1 to one below it are hidden (default and floor: disclosure).
    disclose
        True leaves everything in; for analysts only.

    Returns
    -------
    DataFrame, one row an indicator and a group
        Columns of `COLUMNS`. `group` is empty for the total, `by` names the cut, `period` is
        ``2026-01-01/2026-03-31`` or a month ``2026-03``; `n` counts cases.

    Examples
    --------
    >>> from procmine.config import load_config
    >>> from procmine.effects.windows import utc
    >>> from procmine.indicators.definitions import read_definitions
    >>> from procmine.indicators.inputs import Inputs, Span
    >>> start = pd.Series(pd.date_range("2026-01-01", periods=40, freq="D", tz="UTC"))
    >>> cases = pd.DataFrame({"case_id": range(40), "start": start, "open": False,
    ...     "decided": start + pd.Timedelta(days=30), "end": start + pd.Timedelta(days=30),
    ...     "unit": ["a"] * 36 + ["b"] * 4})
    >>> inputs = Inputs("x", "X", {"cases": cases}, utc("2026-06-01"), utc("2026-01-01"), 120)
    >>> definitions = read_definitions(load_config().files["indikatorer"])
    >>> table = values(definitions, inputs, Span.of("2026-01-01", "2026-05-31"), by=["unit"])
    >>> table.loc[table["indicator"] == "sagsbehandlingstid", ["group", "suppressed"]].values
    array([['', False],
           ['a', True],
           ['b', True]], dtype=object)
    """
    wanted = [i for i in definitions.indicators if i.applies_to(inputs.process)]
    least = 0 if disclose else minimum_count(minimum)
    rows = []
    for indicator in wanted:
        total = _total(indicator, inputs, span, before, events, least)
        rows.append(total)
        horizon = total["horizon_days"]
        rows += _cuts(indicator, inputs, span, by, before, horizon, least)
    frame = pd.DataFrame(rows, columns=[*_MADE, *HELPERS])
    frame["target"] = frame["indicator"].map(dict(targets or {})).astype(float)
    frame["cut"] = inputs.cut
    beside = {i.id: inputs.standing for i in wanted if i.rests_on_rules and inputs.standing}
    frame["standing"] = frame["indicator"].map(beside).astype("object")
    if disclose:
        seen = frame[~frame["unseen"].astype(bool)].reset_index(drop=True)
        return seen.assign(suppressed=False)[list(COLUMNS)]
    return hidden(frame, least)[list(COLUMNS)]


def _total(
    indicator: Indicator,
    inputs: Inputs,
    span: Span,
    before: Span | None,
    events: Sequence[OutsideEvent],
    least: int,
) -> dict[str, object]:
    if before is None:
        return _row(figure(indicator, inputs, span))
    return _compared(change(indicator, inputs, before, span), inputs, events, least)


def _cuts(
    indicator: Indicator,
    inputs: Inputs,
    span: Span,
    by: Sequence[str],
    before: Span | None,
    horizon: object,
    least: int,
) -> list[dict[str, object]]:
    used = horizon if isinstance(horizon, float) and not isnan(horizon) else None
    rows = _months(indicator, inputs, inputs.clip(span), used) if "month" in by else []
    cases = inputs.tables["cases"]
    names = [n for n in by if n != "month" and n in cases]
    spans = [span] if before is None else [before, span]
    whole = []
    if names and indicator.kind != "duration":
        whole = [draw(indicator, inputs, inputs.clip(one)) for one in spans]
    for name in names:
        column = cases[name].astype("object")
        groups = sorted(column.dropna().unique(), key=str)
        for group in [*groups, *([None] if column.isna().any() else [])]:
            part = inputs.part(column.isna() if group is None else column == group)
            drawn = [sample.of(part.tables["cases"]["case_id"]) for sample in whole]
            found = _group(indicator, part, spans, drawn, used, least)
            # Cases of no group are in the totals: who subtracts the groups finds them.
            named = {"by": name, "group": str(group or ""), "unseen": group is None}
            rows.append(found | named)
    return rows


def _group(
    indicator: Indicator,
    part: Inputs,
    spans: Sequence[Span],
    drawn: Sequence[Sample],
    horizon: float | None,
    least: int,
) -> dict[str, object]:
    if len(spans) == 1:
        if not drawn:
            return _row(figure(indicator, part, spans[0], horizon))
        return _row(from_sample(indicator, part, part.clip(spans[0]), drawn[0]))
    pair = (drawn[0], drawn[1]) if drawn else None
    return _compared(change(indicator, part, spans[0], spans[1], pair), part, (), least)


def _months(
    indicator: Indicator, inputs: Inputs, span: Span, horizon: float | None
) -> list[dict[str, object]]:
    whole = None if indicator.kind == "duration" else draw(indicator, inputs, span)
    rows = []
    months = span.months()
    for month in months:
        if whole is None:
            found = figure(indicator, inputs, month, horizon)
        else:
            found = from_sample(indicator, inputs, month, whole.within(month))
        rows.append(_row(found) | {"by": "month", "period": f"{month.first:%Y-%m}"})
    if whole is not None:
        rest = from_sample(indicator, inputs, span, whole.outside(months))
        rows.append(_row(rest) | {"by": "month", "unseen": True})
    return rows


def _row(found: Figure) -> dict[str, object]:
    indicator, estimate = found.indicator, found.estimate
    return {
        "indicator": indicator.id,
        "process": found.process,
        "group": "",
        "period": found.span.text,
        "value": estimate.value,
        "unit": indicator.unit,
        "n": found.cases,
        "lower": estimate.lower,
        "upper": estimate.upper,
        "baseline": nan,
        "change": nan,
        "change_lower": nan,
        "change_upper": nan,
        "verdict": None,
        "name": indicator.name,
        "by": "",
        "citizens": found.citizens,
        "left_out": found.left_out,
        "horizon_days": nan if found.horizon is None else found.horizon,
        "definition": indicator.digest[:12],
        **helpers(found),
    }


def _compared(
    found: Change, inputs: Inputs, events: Sequence[OutsideEvent], least: int
) -> dict[str, object]:
    told = judged(found, inputs, events, minimum=least)
    return _row(found.now) | {
        "verdict": told.verdict.code.value if told else None,
        "baseline": found.before.estimate.value,
        "change": found.estimate.value,
        "change_lower": found.estimate.lower,
        "change_upper": found.estimate.upper,
        **helpers(found.before, before=True),
    }
