"""Ventetid: what cases wait for, and how much of it nobody registered a cause for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.page import Figure, Missing, Page, Table
from procmine.aggregates.waits import (
    UNEXPLAINED,
    WaitTotals,
    unexplained_ways,
    wait_totals,
    waits_by_cause,
)
from procmine.figures.waits import waits_figure
from procmine.text import t
from procmine.text.formats import number, percent

if TYPE_CHECKING:
    import pandas as pd

    from dashboards.source import Source, View

__all__ = ["page"]

_CAUSES = ["cause", "nature", "days", "business_hours", "without_hours", "intervals", "assumed",
           "cases", "citizens", "suppressed"]  # fmt: skip


def page(view: View, source: Source, query: dict[str, str]) -> Page:
    """Make the page."""
    _ = source, query
    waits, cases = view.facts("waits"), view.facts("cases")
    question = t("page.waits.question")
    if waits is None or cases is None:
        reason = t("page.waits.none")
        return Page(question, reason, (Missing(t("page.waits.title"), reason),))
    totals = wait_totals(waits, cases)
    causes = waits_by_cause(waits, cases, minimum=view.minimum)
    ways = unexplained_ways(waits, cases, minimum=view.minimum)
    parts: list[object] = []
    if totals.working is None:
        parts.append(Missing(t("page.waits.no_start_heading"), t("page.waits.no_start")))
    if set(causes["cause"]) <= {UNEXPLAINED, "working", "between_units"}:
        parts.append(Missing(t("page.waits.no_marks_heading"), t("page.waits.no_marks")))
    parts.append(_figure(causes, totals))
    parts.append(Table("uforklaret", t("page.waits.ways", n=len(ways)), ways))
    return Page(
        question,
        _answer(totals),
        tuple(parts),
        (
            t("page.waits.method_one"),
            t("page.waits.method_order"),
            t("page.waits.method_nature"),
            t("page.waits.method_days"),
            t("page.method_small", n=view.minimum),
        ),
        rests_on_rules=True,
    )


def _answer(totals: WaitTotals) -> str:
    whole = totals.days or 1.0
    return t(
        "page.waits.answer",
        days=number(totals.days),
        cases=number(totals.cases),
        intern=percent(totals.internal / whole),
        unknown=percent(totals.unexplained / whole),
    )


def _figure(causes: pd.DataFrame, totals: WaitTotals) -> Figure:
    shown = causes[~causes["suppressed"]]
    summary = t("page.waits.summary_none")
    if len(shown):
        top = shown.iloc[0]
        summary = t(
            "page.waits.summary",
            cause=t(f"figure.cause.{top['cause']}"),
            days=number(float(top["days"])),
            share=percent(float(top["days"]) / (totals.days or 1.0)),
            n=number(totals.cases),
        )
    note = t("page.waits.censored", n=number(totals.censored)) if totals.censored else ""
    return Figure(
        "aarsager", t("page.waits.causes"), waits_figure(causes), summary,
        Table("aarsager", t("page.waits.causes"), causes[_CAUSES]), note,
    )  # fmt: skip
