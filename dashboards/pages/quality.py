"""Datakvalitet: what became of each row, and what the data cannot bear."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from dash import html

from dashboards.page import Missing, Page, Table
from procmine.aggregates.quality import (
    activities_without_class,
    actors_missing,
    control_figures,
    precision_of_stamps,
    quality_by_month,
)
from procmine.facts.unplaced import read_unplaced
from procmine.text import t
from procmine.text.formats import number, percent

if TYPE_CHECKING:
    from dashboards.source import Source, View

__all__ = ["page"]


def page(view: View, source: Source, query: dict[str, str]) -> Page:
    """Make the page from the facts of a process."""
    _ = source, query
    steps, cases = view.facts("steps"), view.facts("cases")
    question = t("page.quality.question")
    if steps is None or cases is None:
        reason = t("page.quality.none")
        return Page(question, reason, (Missing(t("page.quality.title"), reason),))
    actors = actors_missing(steps)
    parts: list[object] = [*_account(view.snapshot.manifest)]
    parts.append(_lacks(actors, view))
    parts.append(Table("praecision", t("page.quality.precision"), precision_of_stamps(steps)))
    unmapped = activities_without_class(steps, cases, minimum=view.minimum)
    if view.process.catalogue is None:
        parts.append(Missing(t("page.quality.unmapped"), t("page.quality.no_catalogue")))
    elif len(unmapped):
        parts.append(Table("uden_klasse", t("page.quality.unmapped"), unmapped))
    months = quality_by_month(steps)
    parts.append(Table("maaneder", t("page.quality.months"), months, folded=True))
    return Page(
        question,
        _answer(actors),
        tuple(parts),
        (
            t("page.quality.method_rows"),
            t("page.quality.method_precision"),
            t("page.method_small", n=view.minimum),
        ),
    )


def _answer(actors: dict[str, int]) -> str:
    total = actors["steps"] or 1
    return t(
        "page.quality.answer",
        n=number(actors["steps"]),
        unit=percent(actors["no_unit"] / total),
        resource=percent(actors["no_resource"] / total),
        begin=percent(1 - actors["no_begin"] / total),
    )


def _lacks(actors: dict[str, int], view: View) -> Table:
    total = actors["steps"] or 1
    totals = view.totals
    rows = [
        {"name": t(f"page.quality.{name}"), "n": actors[name], "share": actors[name] / total}
        for name in ("no_unit", "no_kind", "no_resource", "no_begin")
    ]
    if totals is not None:
        none, whole = totals.no_start_step, totals.cases
        few = any(0 < n < view.minimum for n in (none, whole - none))
        share = none / whole if whole else 0.0
        name = t("page.quality.no_start_step")
        hidden = {"n": None if few else none, "share": None if few else share}
        rows.append({"name": name, **hidden})
    if view.process.catalogue is not None:
        rows.append(_unplaced(view, total))
    return Table("mangler", t("page.quality.lacks"), pd.DataFrame(rows))


def _unplaced(view: View, total: int) -> dict[str, Any]:
    own = {step.type for step in view.process.catalogue.steps} if view.process.catalogue else set()
    n = sum(events for name, events in read_unplaced(view.snapshot) if name in own)
    return {"name": t("page.quality.unplaced"), "n": n, "share": n / (total + n)}


def _account(manifest: dict[str, Any]) -> list[Any]:
    account = manifest.get("account")
    if not isinstance(account, dict):
        heading = t("page.quality.account")
        return [Missing(heading, t("page.quality.imported", n=_breaches(manifest)))]
    files = [row for row in account.get("files", []) if isinstance(row, dict)]
    found: list[Any] = []
    control = [row for row in account.get("control", []) if isinstance(row, dict)]
    # Control figures are counts by month: shown as a table, where small ones are hidden.
    apart = {row.get("sentence") for row in control}
    warnings = [text for text in account.get("warnings", []) if text not in apart]
    if warnings:
        items = [html.Li(str(sentence)) for sentence in warnings]
        told = html.H2(t("page.quality.warnings"))
        found.append(html.Section([told, html.Ul(items)], className="card"))
    if control:
        found.append(Table("kontroltal", t("page.quality.control"), control_figures(control)))
    if files:
        rows = pd.DataFrame([_file(row) for row in files])
        found.append(Table("regnskab", t("page.quality.account"), rows))
    reasons = _reasons(files)
    heading = t("page.quality.reasons")
    if reasons:
        found.append(Table("aarsager", heading, pd.DataFrame(reasons)))
    else:
        found.append(Missing(heading, t("page.quality.no_reasons")))
    return found


def _file(row: dict[str, Any]) -> dict[str, Any]:
    sums = {k: sum(dict(row.get(k, {})).values()) for k in ("left_out", "quarantined", "repaired")}
    return {
        "file": row.get("file", ""),
        "read": row.get("read", 0),
        "kept": row.get("kept", 0),
    } | sums


def _reasons(files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for fate in ("quarantined", "left_out", "repaired"):
        for row in files:
            found += [
                {"fate": fate, "file": row.get("file", ""), "reason": reason, "n": n}
                for reason, n in dict(row.get(fate, {})).items()
            ]
    return found


def _breaches(manifest: dict[str, Any]) -> str:
    return number(len(manifest.get("breaches", ())))
