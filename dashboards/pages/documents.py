"""Dokumentation: which documents repeat others, and which no decision is linked to."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from dashboards.page import Figure, Missing, Page, Table
from procmine.aggregates.burden import demanded_unused, effort_by_status, entries_twice
from procmine.aggregates.documents import (
    document_coverage,
    document_flags,
    document_kinds,
    document_statuses,
)
from procmine.facts.entered_twice import pairs
from procmine.figures.documents import statuses_figure
from procmine.store.snapshot import Snapshot
from procmine.text import t
from procmine.text.formats import number, percent

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from dashboards.source import Source, View

__all__ = ["page"]


def page(view: View, source: Source, query: dict[str, str]) -> Page:
    """Make the page from the facts of a process."""
    _ = source, query
    documents, cases = view.facts("documents"), view.facts("cases")
    question = t("page.documents.question")
    if documents is None or cases is None:
        known = bool(view.snapshot.roles.document)
        reason = t("page.documents.none" if known else "page.documents.no_documents")
        return Page(question, reason, (Missing(t("page.documents.title"), reason),))
    least = view.minimum
    statuses = document_statuses(documents, cases, minimum=least)
    linked = view.facts("coverage")
    coverage = None if linked is None else document_coverage(linked, minimum=least)
    gate = float(view.config.files.get("dokumenttyper", {}).get("coverage", {}).get("gate", 0.8))
    flags = document_flags(documents, cases, minimum=least)
    kinds = document_kinds(documents, cases, minimum=least)
    return Page(
        question,
        _answer(statuses, documents.num_rows),
        (
            *_gate(coverage, gate),
            _figure(statuses, documents.num_rows),
            *([] if coverage is None else [_coverage(coverage)]),
            Table("flag", t("page.documents.flags"), flags),
            _demanded(demanded_unused(documents, kinds)),
            Table("tid", t("page.documents.effort"), effort_by_status(documents, statuses)),
            _twice(view),
            Table("typer", t("page.documents.kinds"), kinds, folded=True),
        ),
        (
            t("page.documents.method_status"),
            t("page.documents.method_gate", gate=percent(gate)),
            t("page.documents.method_words"),
            t("page.documents.method_demanded"),
            t("page.documents.method_effort"),
            t("page.documents.method_twice"),
            t("page.method_small", n=view.minimum),
        ),
        rests_on_rules=True,
        rests_on_file="dokumenttyper",
        hand_check="documents",
    )  # fmt: skip


def _answer(statuses: pd.DataFrame, total: int) -> str:
    counts = dict(zip(statuses["status"], statuses["n"], strict=True))
    repeated = [counts.get(s) for s in ("duplicate", "renewed")]
    words = [_count(n) for n in repeated]
    unused = _count(counts.get("unused"))
    return t(
        "page.documents.answer", n=number(total), same=words[0], renewed=words[1], unused=unused
    )


def _count(n: Any) -> str:
    if n is None:
        return number(0)
    return t("figure.few") if pd.isna(n) else number(float(str(n)))


def _demanded(found: pd.DataFrame) -> Table | Missing:
    heading = t("page.documents.demanded")
    if found.empty:
        return Missing(heading, t("page.documents.no_demanded"))
    return Table("regelbyrde", heading, found)


def _twice(view: View) -> Table | Missing:
    heading = t("page.documents.twice")
    found = _entries(view.snapshot.path)
    if found is None:
        return Missing(heading, t("page.documents.no_facts"))
    told = entries_twice(found, minimum=view.minimum)
    if told.empty:
        return Missing(heading, t("page.documents.none_twice"))
    told["same"] = [t(f"page.documents.same.{str(bool(same)).lower()}") for same in told["same"]]
    return Table("to_systemer", heading, told)


@lru_cache(maxsize=4)
def _entries(path: Path) -> pa.Table | None:
    """Return the entries of a snapshot, which never changes; None where it holds no facts."""
    if not (path / "side" / "facts.parquet").exists():
        return None
    return pairs(path, Snapshot(path).config)


def _coverage(coverage: pd.DataFrame) -> Table:
    shown = coverage.drop(columns="assessable")
    return Table("daekning", t("page.documents.coverage"), shown)


def _gate(coverage: pd.DataFrame | None, gate: float) -> list[Missing]:
    heading = t("page.documents.gate_heading")
    if coverage is None:
        return [Missing(heading, t("page.documents.no_links"))]
    whole = coverage[coverage["unit"].isna()].dropna(subset=["coverage"])
    below = whole[~whole["assessable"].astype(bool)]
    if below.empty:
        return []
    years = ", ".join(
        f"{int(year)} ({percent(float(share))})"
        for year, share in zip(below["year"], below["coverage"], strict=True)
    )
    return [Missing(heading, t("page.documents.gate", gate=percent(gate), years=years))]


def _figure(statuses: pd.DataFrame, total: int) -> Figure:
    shown = statuses[~statuses["suppressed"]]
    summary = t("page.documents.summary_none")
    if len(shown):
        top = shown.iloc[0]
        summary = t(
            "page.documents.summary",
            n=number(total), status=t(f"figure.status.{top['status']}").lower(),
            most=number(float(top["n"])),
        )  # fmt: skip
    return Figure(
        "status", t("page.documents.statuses"), statuses_figure(statuses), summary,
        Table("status", t("page.documents.statuses"), statuses),
    )  # fmt: skip
