"""Overblik: how many cases, how long they take, and which promises are measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from dashboards.page import Figure, Missing, Page, Table
from procmine.aggregates.casework import CaseTime, CaseTotals, cases_per_month
from procmine.figures.casework import case_time_figure, months_figure
from procmine.text import t
from procmine.text.formats import month, number, percent

if TYPE_CHECKING:
    import pandas as pd

    from dashboards.source import Source, View

__all__ = ["page"]


def page(view: View, source: Source, query: dict[str, str]) -> Page:
    """Make the page."""
    _ = query
    cases, totals, time = view.facts("cases"), view.totals, view.case_time
    if cases is None or totals is None or time is None:
        reason = t("page.overview.empty")
        return Page(t("page.overview.question"), reason)
    months = cases_per_month(cases, minimum=view.minimum)
    parts: list[object] = []
    if totals.open is None:
        parts.append(Missing(t("page.overview.no_end_heading"), t("page.overview.no_end")))
    parts += [_time(time), _months(months), *_promises(view, source)]
    return Page(
        t("page.overview.question"),
        _answer(totals, time),
        tuple(parts),
        (
            t("page.overview.method_time"),
            t("page.overview.method_open"),
            t("page.overview.method_months"),
            t("page.method_small", n=view.minimum),
        ),
        extra_tables=(Table("sagstid", t("page.overview.curve"), time.curve),),
    )


def _answer(totals: CaseTotals, time: CaseTime) -> str:
    parts = [t("page.overview.answer", cases=number(totals.cases), who=_who(totals))]
    if totals.open is not None:
        parts.append(t("page.overview.answer_open", n=number(totals.open)))
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
    if days is None or days == float("inf"):
        return "\u2013"
    return number(days, 0 if days >= 10 else 1)


def _time(time: CaseTime) -> Figure:
    half = _days(time.median)
    still = 1 - time.ended / time.n if time.n else 0.0
    return Figure(
        "sagstid",
        t("page.overview.time_heading"),
        case_time_figure(time),
        t("page.overview.time_summary", n=number(time.n), half=half, open=percent(still)),
        Table("under_observation", t("page.overview.at_risk"), time.at_risk),
    )


def _months(months: pd.DataFrame) -> Figure:
    started = months[months["what"] == "started"]
    known = started.dropna(subset=["n"])
    most = known.loc[known["n"].astype(float).idxmax()] if len(known) else None
    summary = t("page.overview.months_none")
    if most is not None:
        summary = t(
            "page.overview.months_summary",
            months=number(len(started)), most=number(float(most["n"])),
            when=month(most["month"]),
        )  # fmt: skip
    table = Table("maaneder", t("page.overview.months"), months)
    return Figure("maaneder", t("page.overview.months_heading"), months_figure(months), summary, table)


def _promises(view: View, source: Source) -> list[object]:
    """Return the four promises against the baseline, or what is missing for them."""
    _ = source
    names = ("time", "resources", "satisfaction", "economy")
    rows = [
        html.Div(
            [
                html.H3(t(f"page.overview.promise_{name}")),
                html.P(_promise(view, name)),
            ],
            className="card",
        )
        for name in names
    ]
    return [
        html.Section(
            [html.H2(t("page.overview.promises")), html.Div(rows, className="cards")],
        )
    ]


def _promise(view: View, name: str) -> str:
    time = view.case_time
    if name == "time" and time is not None and time.median not in {None, float("inf")}:
        return t("page.overview.promise_time_value", days=_days(time.median), n=number(time.n))
    return t(f"page.overview.promise_{name}_missing")
