"""The effect page: case time before and after a date, with numbers at risk."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import html

from dashboards.page import Figure, Missing, Page, Table
from procmine.aggregates.effect import effect_at_risk, effect_curves
from procmine.figures.before_after import before_after_figure
from procmine.text import t
from procmine.text.formats import day, month, number

if TYPE_CHECKING:
    import pandas as pd
    from dash.development.base_component import Component

    from dashboards.source import Source, View
    from procmine.effects.assess import Assessment
    from procmine.effects.period import PeriodEffect

__all__ = ["page"]


def page(view: View, source: Source, query: dict[str, str]) -> Page:
    """Make the page from the facts of a process."""
    when = _chosen(query.get("dato"), source)
    question = t("page.effect.question")
    chooser = _chooser(view, when)
    if when is None:
        return Page(question, t("page.effect.no_date"), (chooser,))
    found = _effect(view, when)
    if found is None:
        reason = t("page.effect.none", date=day(when))
        return Page(question, reason, (chooser, Missing(t("page.effect.title"), reason)))
    effect, told = found
    curves = effect_curves(effect, minimum=view.minimum)
    return Page(
        question,
        told.sentence,
        (chooser, _verdict(told), _curves(effect, curves, view, when)),
        (told.method, told.formula, told.footnote, t("page.method_small", n=view.minimum)),
        extra_tables=(Table("kurver", t("page.effect.curves"), curves),),
    )


def _chosen(text: str | None, source: Source) -> date | None:
    if text:
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None
    sealed = source.sealed
    return None if sealed is None else date.fromordinal(sealed.span.last.toordinal() + 1)


def _effect(view: View, when: date) -> tuple[PeriodEffect, Assessment] | None:
    from procmine.effects.windows import utc
    from procmine.indicators.inputs import Span
    from procmine.indicators.judged import judged
    from procmine.indicators.measure import change

    inputs, definitions = view.inputs, view.definitions
    if inputs is None or definitions is None:
        return None
    at = utc(when)
    duration = next((i for i in definitions.indicators if i.kind == "duration"), None)
    if duration is None or not inputs.log_start < at < inputs.cut:
        return None
    spans = Span(inputs.log_start, at), Span(at, inputs.cut)
    compared = change(duration, inputs, *spans)
    told = judged(compared, inputs, view.events)
    least = min(compared.before.citizens, compared.now.citizens)
    if compared.effect is None or told is None or least < view.minimum:
        return None
    return compared.effect, told


def _verdict(told: Assessment) -> Component:
    caveats = [html.Li(text) for text in told.caveats]
    return html.Section(
        [
            html.H2(told.word[:1].upper() + told.word[1:]),
            html.P(told.name, className="note"),
            html.Ul(caveats),
        ],
        className="card",
    )


def _curves(effect: PeriodEffect, curves: pd.DataFrame, view: View, when: date) -> Figure:
    risk = effect_at_risk(effect, minimum=view.minimum)
    sides = {}
    for name, side in (("before", effect.before), ("after", effect.after)):
        key = "page.effect.side" if view.knows_citizens else "page.effect.side_cases"
        sides[name] = t(
            key,
            n=number(side.sight.cases),
            citizens=number(side.sight.citizens),
            mean=number(side.mean.value, 0),
        )
    return Figure(
        "foer_efter",
        t("page.effect.heading", date=day(when)),
        before_after_figure(curves, risk),
        t("page.effect.summary", before=sides["before"], after=sides["after"]),
        Table("kan_foelges", t("page.effect.at_risk"), risk),
        t("page.effect.note"),
    )


def _chooser(view: View, when: date | None) -> Component:
    months = _months(view.snapshot.log_start.date(), view.snapshot.cut.date())
    if when is not None and when not in months:
        months = sorted({*months, when})
    data = [
        {
            "value": m.isoformat(),
            "label": day(m) if m.day != 1 else t("page.effect.from", month=month(m)),
        }
        for m in months
    ]
    return html.Section(
        dmc.Select(
            id="effect-date",
            label=t("page.effect.choose"),
            data=data,
            value=when.isoformat() if when else None,
            searchable=True,
            nothingFoundMessage=t("page.effect.no_month"),
            className="chooser",
        ),
        className="card",
    )


def _months(first: date, last: date) -> list[date]:
    """Return the first day of each whole month that has a month on either side."""
    numbers = range(first.year * 12 + first.month + 1, last.year * 12 + last.month)
    return [date(n // 12, n % 12 + 1, 1) for n in numbers]
