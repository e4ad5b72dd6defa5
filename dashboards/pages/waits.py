"""Ventetid: what cases wait for, and how much of it nobody registered a cause for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from dashboards.page import Figure, Missing, Page, Table
from procmine.aggregates.waits import (
    WaitTotals,
    late_requests,
    unexplained_ways,
    wait_brackets,
    wait_totals,
    waits_by_cause,
)
from procmine.aggregates.workload import caseload_by_month
from procmine.facts.workload import littles_law
from procmine.figures.waits import waits_figure
from procmine.text import t
from procmine.text.formats import number, percent

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from dashboards.source import Source, View

__all__ = ["page"]

_CAUSES = [
    "cause",
    "nature",
    "days",
    "share",
    "business_hours",
    "without_hours",
    "intervals",
    "assumed",
    "cases",
    "citizens",
    "suppressed",
]


def page(view: View, source: Source, query: dict[str, str]) -> Page:
    """Make the page from the facts of a process."""
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
    if view.process.catalogue is None:
        parts.append(Missing(t("page.waits.no_marks_heading"), t("page.waits.no_marks")))
    parts.append(_figure(causes, totals, view.minimum))
    parts.append(Table("uforklaret", t("page.waits.ways", n=len(ways)), ways))
    parts += _late(view, cases)
    by_case = view.facts("waits_by_case")
    if by_case is not None:
        brackets = wait_brackets(by_case, cases, minimum=view.minimum)
        parts.append(Table("klammer", t("page.waits.brackets"), brackets, folded=True))
    parts += _caseload(view, cases)
    return Page(
        question,
        _answer(totals, cases.num_rows),
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


def _answer(totals: WaitTotals, cases: int) -> str:
    whole = totals.days or 1.0
    return t(
        "page.waits.answer",
        days=number(totals.days),
        cases=number(cases),
        intern=percent(totals.internal / whole),
        unknown=percent(totals.unexplained / whole),
    )


def _caseload(view: View, cases: pa.Table) -> list[object]:
    """Return how many cases lie open with each unit; nothing where the log knows no end."""
    visits = view.facts("visits")
    if visits is None:
        return []
    found = caseload_by_month(visits, cases, view.snapshot.cut, minimum=view.minimum)
    if found.empty:
        return []
    law = littles_law(cases, view.snapshot.log_start, view.snapshot.cut)
    table = Table("aabne", t("page.waits.caseload"), found, folded=True)
    return [table, html.P(law.sentence(), className="note")] if law else [table]


def _late(view: View, cases: pa.Table) -> list[object]:
    late = view.facts("late_requests")
    if late is None:
        return []
    row = late_requests(late, cases, minimum=view.minimum).iloc[0]
    if row["suppressed"]:
        return []
    told = t(
        "page.waits.late",
        n=number(float(row["n"])),
        cases=number(float(row["cases"])),
        days=number(float(row["days"])),
    )
    heading = html.H2(t("page.waits.late_heading"))
    return [html.Section([heading, html.P(told)], className="card")]


def _figure(causes: pd.DataFrame, totals: WaitTotals, least: int) -> Figure:
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
    note = t("page.waits.censored", n=number(totals.censored)) if totals.censored >= least else ""
    return Figure(
        "aarsager", t("page.waits.causes"), waits_figure(causes), summary,
        Table("aarsager", t("page.waits.causes"), causes[_CAUSES]), note,
    )  # fmt: skip
