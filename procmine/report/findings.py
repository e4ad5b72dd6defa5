"""What the data show, as sections: the longest ways, where time goes, handovers by grade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from procmine.facts.standing import standing
from procmine.indicators.told import interval
from procmine.report.common import rules_note
from procmine.report.model import Bars, Figure, Paragraph, Section, Table
from procmine.report.numbers import days, plain
from procmine.text import t
from procmine.text.formats import day, number, percent

if TYPE_CHECKING:
    from procmine.report.figures_data import Measured
    from procmine.store.snapshot import Snapshot

__all__ = ["causes_section", "handover_section", "ways_section"]

_WIDE = (2.8, 2.8, 1.15, 1.35, 1.5, 1.55, 3.2)
_NARROW = (2.4, 2.4, 1.35, 1.6, 1.75, 1.6)
_GRADES = ("G0", "G0b", "G1", "G2", "G3", "GK", "G5")


def ways_section(found: Measured, page: int, *, narrow: bool = False) -> Section:
    """Return the five longest ways as a section; narrow without the cause.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(ways_section).parameters)
    ['found', 'page', 'narrow']
    """
    heading = t("report.ways.heading")
    if found.ways.empty:
        return Section(heading, (Paragraph(t("report.ways.none")),), page)
    label = found.label
    rows = tuple(
        (
            label(row["source"]),
            label(row["target"]),
            number(row["n"]),
            number(row["citizens"]),
            days(row["median_days"]),
            interval(row["lower"], row["upper"], 1 if row["median_days"] < 10 else 0),
            _cause(row["cause"], row["cause_share"]),
        )
        for row in found.ways.to_dict("records")
    )
    names = ("source", "target", "n", "citizens", "median", "interval", "cause")
    kept = len(names) - narrow
    span = {"first": day(found.span.first), "last": day(found.span.last)}
    table = Table(
        t("report.ways.caption", **span),
        tuple(t(f"report.ways.{name}") for name in names[:kept]),
        tuple(row[:kept] for row in rows),
        _NARROW if narrow else _WIDE,
        right=(2, 3, 4, 5),
        note=t("report.ways.note"),
    )
    return Section(heading, (table,), page)


def causes_section(found: Measured, page: int, *, narrow: bool = False) -> Section:
    """Return where the time of a case goes, by cause.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(causes_section).parameters)
    ['found', 'page', 'narrow']
    """
    heading = t("report.causes.heading")
    if found.causes.empty:
        return Section(heading, (Paragraph(t("report.causes.none")),), page)
    rows, said = [], []
    twice = found.causes["cause"].duplicated(keep=False)
    for row, both in zip(found.causes.to_dict("records"), twice, strict=True):
        name = t(f"figure.cause.{row['cause']}")
        if both:
            # The same cause may lie on two natures (a document that the law demands, or not).
            name = t("figure.waits.label", cause=name, nature=row["nature"])
        value = number(row["mean"], 1)
        spread = {"lower": number(row["lower"], 1), "upper": number(row["upper"], 1)}
        written = t("report.causes.bar", value=value, share=percent(row["share"]), **spread)
        rows.append((name, float(row["mean"]), str(row["cause"]), written))
        said.append(t("report.causes.alt_line", cause=name, value=value))
    caption = t(
        "report.causes.caption",
        n=number(found.totals.cases),
        citizens=number(found.totals.citizens),
        first=day(found.span.first),
        last=day(found.span.last),
    )
    alt = t("report.causes.alt", lines="; ".join(said))
    figure = Figure("causes", caption, alt, Bars(t("report.causes.unit"), tuple(rows)))
    note = () if narrow else (Paragraph(t("report.causes.note"), "note"),)
    return Section(heading, (figure, *note), page)


def handover_section(snapshot: Snapshot, found: Measured, page: int) -> Section:
    """Return the handovers by grade as a section.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(handover_section).parameters)
    ['snapshot', 'found', 'page']
    """
    heading = t("report.handovers.heading")
    totals, grades = found.handovers, found.grades
    if not totals.handovers:
        return Section(heading, (Paragraph(t("report.handovers.none")),), page)
    if totals.redundant is None:
        return Section(heading, (Paragraph(t("report.no_catalogue")),), page)
    rows = [_grade_row(row, found.least) for row in grades.to_dict("records")]
    names = ["kind", "n", "redundant", "cases", "citizens", "changed"]
    widths = [5.2, 1.0, 1.6, 1.0, 1.2, 2.0]
    if all(row[-1] == t("indicator.none") for row in rows):
        # Where no outcome is known before and after, the column would say nothing.
        rows, names, widths = [row[:-1] for row in rows], names[:-1], widths[:-1]
    span = {"first": day(found.span.first), "last": day(found.span.last)}
    note = t("report.handovers.note", cases=number(totals.cases))
    table = Table(
        t("report.handovers.caption", **span),
        tuple(t(f"report.handovers.{name}") for name in names),
        tuple(rows),
        tuple(widths),
        right=tuple(range(1, len(names))),
        note=f"{note} {standing(snapshot, found.process) or rules_note(snapshot)}",
    )
    said = [Paragraph(t("report.handovers.unknown", n=number(totals.not_assessable)), "note")]
    return Section(heading, (table, *(said if totals.not_assessable >= found.least else ())), page)


def _grade_row(row: dict[Any, Any], least: int) -> tuple[str, ...]:
    grade = row["grade"] if row["grade"] in _GRADES else "none"
    label = t(f"report.grade.{grade}")
    if row["suppressed"]:
        return (label, t("indicator.hidden"), *(t("indicator.none"),) * 4)
    known = row["changed_known"]
    changed = t("indicator.none")
    if not pd.isna(known) and known >= least:
        values = {"n": _counted(row["changed"], least), "known": number(known)}
        changed = t("report.handovers.changed_of", **values)
    redundant = _counted(row["redundant"], least)
    return (
        label, number(float(row["n"])), redundant, number(float(row["cases"])),
        number(float(row["citizens"])), changed,
    )  # fmt: skip


def _counted(count: float | None, least: int) -> str:
    """Write a count; one that is hidden, or few, as the words for that."""
    if count is None or pd.isna(count):
        return t("indicator.hidden")
    few = 0 < count < least
    return t("report.handovers.few", least=number(least)) if few else number(float(count))


def _cause(cause: object, share: float) -> str:
    if not isinstance(cause, str):
        return t("indicator.none")
    name = t(f"figure.cause.{cause}")
    return t("report.ways.cause_share", cause=plain(name), share=percent(share))
