"""Datakvalitet: what became of each row, and what the data cannot bear."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from dashboards.page import Missing, Page, Table
from procmine.aggregates.quality import (
    activities_without_class,
    actors_missing,
    precision_of_stamps,
    quality_by_month,
)
from procmine.text import t
from procmine.text.formats import number, percent

if TYPE_CHECKING:
    from dashboards.source import Source, View

__all__ = ["page"]


def page(view: View, source: Source, query: dict[str, str]) -> Page:
    """Make the page."""
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
        share = totals.no_start_step / totals.cases if totals.cases else 0.0
        name = t("page.quality.no_start_step")
        rows.append({"name": name, "n": totals.no_start_step, "share": share})
    return Table("mangler", t("page.quality.lacks"), pd.DataFrame(rows))


def _account(manifest: dict[str, Any]) -> list[Table | Missing]:
    account = manifest.get("account")
    if not isinstance(account, dict):
        heading = t("page.quality.account")
        return [Missing(heading, t("page.quality.imported", n=_breaches(manifest)))]
    found: list[Table | Missing] = []
    files = [_file(name, row) for name, row in _rows(account.get("files"))]
    if files:
        found.append(Table("regnskab", t("page.quality.account"), pd.DataFrame(files)))
    reasons = [
        {"reason": str(name), "n": int(n)}
        for name, n in dict(account.get("reasons", {})).items()
        if isinstance(n, int)
    ]
    if reasons:
        found.append(Table("karantaene", t("page.quality.reasons"), pd.DataFrame(reasons)))
    return found


def _rows(files: object) -> list[tuple[str, dict[str, Any]]]:
    if isinstance(files, dict):
        return [(str(k), v) for k, v in files.items() if isinstance(v, dict)]
    if isinstance(files, list):
        return [(str(row.get("file", "")), row) for row in files if isinstance(row, dict)]
    return []


def _file(name: str, row: dict[str, Any]) -> dict[str, Any]:
    counts = {k: v for k, v in row.items() if isinstance(v, int) and not isinstance(v, bool)}
    known = ("rows", "kept", "left_out", "quarantined")
    return {"file": name} | {k: counts[k] for k in known if k in counts}


def _breaches(manifest: dict[str, Any]) -> str:
    return number(len(manifest.get("breaches", ())))
