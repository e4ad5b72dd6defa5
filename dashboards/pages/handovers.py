"""Overleveringer: how often a case changes hands, and which of them could be spared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from dashboards.page import Figure, Missing, Page, Table
from procmine.aggregates.handovers import (
    HandoverTotals,
    handover_grades,
    handover_matrix,
    handover_totals,
    ping_pong,
)
from procmine.aggregates.hands import hands_per_case
from procmine.facts.breakeven import break_even
from procmine.figures.handovers import matrix_figure
from procmine.text import t
from procmine.text.formats import number, percent

if TYPE_CHECKING:
    import pandas as pd
    from dash.development.base_component import Component

    from dashboards.source import Source, View

__all__ = ["page"]

_CELLS = ["from", "to", "n", "redundant", "cases", "citizens", "median_gap_days", "suppressed"]
_LOADS = (0.6, 0.8, 0.9)
"""Shares of their time that staff is busy, for which the break-even is told."""


def page(view: View, source: Source, query: dict[str, str]) -> Page:
    """Make the page from the facts of a process."""
    _ = source, query
    handovers, cases = view.facts("handovers"), view.facts("cases")
    question = t("page.handovers.question")
    if handovers is None or cases is None:
        reason = _why_none(view)
        return Page(question, reason, (Missing(t("page.handovers.title"), reason),))
    totals = handover_totals(handovers, cases, aside=view.aside)
    least, aside = view.minimum, view.aside
    kinds = handover_matrix(handovers, cases, by="kind", aside=aside, minimum=least)
    units = handover_matrix(handovers, cases, by="unit", aside=aside, minimum=least)
    parts: list[object] = []
    if totals.redundant is None:
        parts.append(Missing(t("page.handovers.ungraded_heading"), t("page.handovers.ungraded")))
    same = kinds[["from", "to"]].equals(units[["from", "to"]])
    if not same:
        parts.append(_matrix("enhedsarter", kinds, view))
    parts.append(_matrix("enheder", units, view))
    if totals.redundant is not None:
        grades = handover_grades(handovers, cases, aside=aside, minimum=least)
        parts.append(Table("grader", t("page.handovers.grades"), grades))
    parts.append(_ping_pong(view))
    parts.append(_per_case(view))
    if totals.redundant:
        parts.append(_break_even())
    return Page(
        question,
        _answer(totals, view.minimum),
        tuple(parts),
        (
            t("page.handovers.method_visit"),
            t("page.handovers.method_redundant"),
            t("page.handovers.method_ping"),
            t("page.handovers.method_hands"),
            t("page.method_small", n=view.minimum),
        ),
        rests_on_rules=True,
        hand_check="handovers",
    )


def _why_none(view: View) -> str:
    steps = view.facts("steps")
    if steps is None or steps["unit"].null_count == steps.num_rows:
        return t("page.handovers.no_units")
    return t("page.handovers.none")


def _answer(totals: HandoverTotals, least: int) -> str:
    n, cases = number(totals.handovers), number(totals.cases)
    each = number(totals.handovers / totals.cases, 1) if totals.cases else number(None)
    if totals.redundant is None:
        return t("page.handovers.answer_ungraded", n=n, cases=cases, each=each)
    if 0 < totals.citizens_with_redundant < least:
        return t("page.handovers.answer_few", n=n, cases=cases, each=each, least=least)
    return t(
        "page.handovers.answer",
        n=n,
        cases=cases,
        each=each,
        redundant=number(totals.redundant),
        share=percent(totals.redundant / totals.handovers if totals.handovers else None),
        hundred=number(totals.per_hundred, 0),
    )


def _matrix(name: str, cells: pd.DataFrame, view: View) -> Figure:
    shown = cells[~cells["suppressed"]]
    summary = t("page.handovers.matrix_none")
    if len(shown):
        most = shown.iloc[int(shown["n"].astype(float).to_numpy().argmax())]
        kinds = view.kinds()
        summary = t(
            "page.handovers.matrix_summary",
            source=kinds.get(most["from"], most["from"]),
            target=kinds.get(most["to"], most["to"]),
            n=number(float(most["n"])),
        )
    return Figure(
        name,
        t(f"page.handovers.{name}"),
        matrix_figure(cells, labels=view.kinds()),
        summary,
        Table(name, t(f"page.handovers.{name}"), cells[_CELLS]),
        t("page.handovers.matrix_note"),
    )


def _per_case(view: View) -> Table:
    cases = view.facts("cases")
    found = hands_per_case(cases, minimum=view.minimum)
    found["measure"] = [t(f"page.handovers.measure.{name}") for name in found["measure"]]
    return Table("pr_forloeb", t("page.handovers.per_case"), found)


def _break_even() -> Component:
    """Say how much slower pooled staff may be before removing a handover wins nothing."""
    rows = [break_even(load, (1.0, 1.0)) for load in _LOADS]
    said = ", ".join(
        t("page.handovers.break_even_row", load=percent(r.load), slower=percent(r.slower))
        for r in rows
    )
    return html.Section(
        [
            html.H2(t("page.handovers.break_even")),
            html.P(t("page.handovers.break_even_text", rows=said)),
            html.P(t("page.handovers.break_even_limits"), className="note"),
        ],
        className="card",
    )


def _ping_pong(view: View) -> Table | Missing:
    visits, cases = view.facts("visits"), view.facts("cases")
    heading = t("page.handovers.ping_pong")
    if visits is None or cases is None:
        return Missing(heading, t("page.handovers.no_units"))
    found = ping_pong(visits, cases, aside=view.aside, minimum=view.minimum)
    if found.empty:
        return Missing(heading, t("page.handovers.no_ping_pong"))
    return Table("pingpong", heading, found)
