"""Overblik: how many cases, how long they take, and which promises are measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from dashboards.page import Figure, Missing, Page, Table
from procmine.aggregates.casework import CaseTime, CaseTotals, cases_per_month
from procmine.figures.casework import case_time_figure, months_figure
from procmine.figures.wording import duration
from procmine.text import t
from procmine.text.formats import month, number, percent

if TYPE_CHECKING:
    import pandas as pd
    from dash.development.base_component import Component

    from dashboards.source import Source, View
    from procmine.indicators.overblik import Card, Overview

__all__ = ["page"]


def page(view: View, source: Source, query: dict[str, str]) -> Page:
    """Make the page from the facts of a process."""
    _ = query
    cases, totals, time = view.facts("cases"), view.totals, view.case_time
    if cases is None or totals is None or time is None:
        reason = t("page.overview.empty")
        return Page(t("page.overview.question"), reason)
    months = cases_per_month(cases, minimum=view.minimum)
    parts: list[object] = []
    if totals.open is None:
        parts.append(Missing(t("page.overview.no_end_heading"), t("page.overview.no_end")))
    measured = _measured(view, source)
    if measured is not None:
        parts += [html.P(note, className="banner warn", role="note") for note in measured.notes]
        parts += _promises(measured)
    parts += [_time(time, view.minimum), _months(months)]
    return Page(
        t("page.overview.question"),
        " ".join(
            filter(None, (measured.top if measured else "", _answer(totals, time, view.minimum)))
        ),
        tuple(parts),
        (
            t("page.overview.method_time"),
            t("page.overview.method_open"),
            t("page.overview.method_months"),
            t("page.method_small", n=view.minimum),
        ),
        extra_tables=(Table("sagstid", t("page.overview.curve"), time.curve),),
    )


def _answer(totals: CaseTotals, time: CaseTime, least: int) -> str:
    parts = [t("page.overview.answer", cases=number(totals.cases), who=_who(totals))]
    if totals.open is not None:
        few = 0 < totals.open < least
        key = "page.overview.answer_open_few" if few else "page.overview.answer_open"
        parts.append(t(key, n=number(least if few else totals.open)))
    if time.median is not None and time.median != float("inf"):
        parts.append(
            t(
                "page.overview.answer_median",
                days=_days(time.median), low=_days(time.lower), high=_days(time.upper),
            )
        )  # fmt: skip
    else:
        parts.append(t("page.overview.answer_no_median"))
    return " ".join(parts)


def _who(totals: CaseTotals) -> str:
    if not totals.knows_citizens:
        return t("page.overview.no_citizens")
    return t("page.overview.citizens", n=number(totals.citizens))


def _days(days: float | None) -> str:
    return duration(None if days is None or days == float("inf") else days)


def _time(time: CaseTime, least: int) -> Figure:
    half = _days(time.median)
    still = _still(time, least)
    return Figure(
        "sagstid",
        t("page.overview.time_heading"),
        case_time_figure(time),
        t("page.overview.time_summary", n=number(time.n), half=half, open=still),
        Table("under_observation", t("page.overview.at_risk"), time.at_risk),
    )


def _still(time: CaseTime, least: int) -> str:
    """Return the share of cases still open, in words where it would tell of few."""
    still = time.n - time.ended
    if any(0 < n < least for n in (still, time.ended)):
        return t(
            "indicator.share_low" if still < least else "indicator.share_high",
            least=number(least),
            most=number(max(0, time.n - least)),
            n=number(time.n),
        )
    return percent(still / time.n if time.n else 0.0)


def _months(months: pd.DataFrame) -> Figure:
    started = months[months["what"] == "started"]
    known = started.dropna(subset=["n"])
    most = known.iloc[int(known["n"].astype(float).to_numpy().argmax())] if len(known) else None
    summary = t("page.overview.months_none")
    if most is not None:
        summary = t(
            "page.overview.months_summary",
            months=number(len(started)), most=number(float(most["n"])),
            when=month(most["month"]),
        )  # fmt: skip
    table = Table("maaneder", t("page.overview.months"), months)
    return Figure(
        "maaneder", t("page.overview.months_heading"), months_figure(months), summary, table
    )


def _measured(view: View, source: Source) -> Overview | None:
    from procmine.indicators.overblik import overview

    inputs, definitions, sealed = view.inputs, view.definitions, source.sealed
    if inputs is None or definitions is None:
        return None
    return overview(
        definitions,
        inputs,
        before=sealed.span if sealed else None,
        targets=sealed.targets if sealed else None,
        events=view.events,
        minimum=view.minimum,
    )


def _promises(found: Overview) -> list[object]:
    """Return the promises, the findings and the safeguards, against the baseline in words."""
    parts: list[object] = [
        html.Section(
            [
                html.H2(t("page.overview.promises")),
                html.Div([_card(card) for card in found.promises], className="cards"),
            ]
        )
    ]
    if found.findings:
        parts.append(
            html.Section(
                [
                    html.H2(t("page.overview.findings")),
                    html.Div([_card(card) for card in found.findings], className="cards"),
                ]
            )
        )
    if found.safeguards:
        rows = [html.Li(sentence) for sentence in found.safeguards]
        heading = html.H2(found.safeguards_title)
        parts.append(html.Section([heading, html.Ul(rows)], className="card"))
    return parts


def _card(card: Card) -> Component:
    name = f"{card.code} {card.name}".strip()
    inside: list[Component] = [html.H3(name)]
    if card.measured:
        value = number(card.value, 0 if abs(card.value or 0) >= 100 else 1)
        inside.append(html.Span(f"{value} {card.unit}", className="value"))
    for text in (card.level, card.verdict, card.target, card.task, card.standing):
        if text:
            inside.append(html.P(text))
    if card.word:
        inside.insert(1, html.P(html.Strong(card.word)))
    if card.caveats:
        inside.append(html.Ul([html.Li(text) for text in card.caveats], className="note"))
    return html.Div(inside, className="card" if card.measured else "card missing")
