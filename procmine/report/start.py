"""The report when there is no after yet: how it looks before the effort begins."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.figures.map_svg import process_map_svg
from procmine.report.common import (
    fill_section,
    footer,
    foundation,
    listed,
    missing_section,
    rules_note,
    subtitle,
    warnings,
    ways_section,
)
from procmine.report.curves import curve_figure, wait_sentence
from procmine.report.drawing import picture_of
from procmine.report.model import Bars, Block, Figure, Paragraph, ReportModel, Section, Table
from procmine.report.numbers import days, figure_row, interval, plain
from procmine.text import t
from procmine.text.formats import day, number, percent

if TYPE_CHECKING:
    from procmine.indicators.baseline import Baseline
    from procmine.indicators.measure import Figure as Number
    from procmine.report.figures_data import Measured
    from procmine.store.snapshot import Snapshot

__all__ = [
    "causes_section",
    "handover_section",
    "map_figure",
    "name_of",
    "start_model",
    "unmeasured",
]

_GRADES = ("G0", "G0b", "G1", "G2", "G3", "GK", "G5")


def start_model(
    snapshot: Snapshot,
    found: Measured,
    *,
    municipality: str = "",
    baseline: Baseline | None = None,
) -> ReportModel:
    """Return the report of a process before there is anything to compare with.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(start_model).parameters)[:2]
    ['snapshot', 'found']
    """
    key: list[Block] = [_key_table(found)]
    sections = (
        Section(t("report.short.heading"), (listed(_short(found, rules_note(snapshot))),), 1),
        Section(t("report.key.heading"), tuple(key), 1),
        Section(t("report.map.heading"), (map_figure(snapshot, found),), 1),
        _time_section(found),
        causes_section(found, 2),
        ways_section(found, 2),
        handover_section(snapshot, found, 2),
        missing_section(unmeasured(found), 2),
        fill_section(2),
    )
    return ReportModel(
        kind="start",
        title=t("report.title_start"),
        subtitle=subtitle(found, municipality),
        warnings=warnings(snapshot, found),
        sections=sections,
        foundation=foundation(snapshot, found, baseline),
        stamp=snapshot.cut.isoformat(),
        footer=footer(snapshot),
        keywords=(found.process.label,),
    )


def name_of(one: Number) -> str:
    """Return a figure's name; that of a duration says what its horizon does.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(name_of).parameters)
    ['one']
    """
    if one.horizon:
        return t("effect.horizon", days=number(one.horizon))
    return one.indicator.name


def unmeasured(found: Measured) -> list[tuple[str, str]]:
    """Return what is not measured, and what is missing: promises first, then indicators.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(unmeasured).parameters)
    ['found']
    """
    rows = []
    measured = {f.indicator.id for f in found.figures if found.shown(f)}
    promised = {p.indicator for p in found.definitions.promises}
    rows += [(p.name, p.missing) for p in found.definitions.promises if p.indicator not in measured]
    rows += [
        (f.indicator.name, f.indicator.missing)
        for f in found.figures
        if not f.measured and f.indicator.missing and f.indicator.id not in promised
    ]
    return rows


def map_figure(snapshot: Snapshot, found: Measured) -> Figure:
    """Draw the process map as a figure of the report, with the same in words.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(map_figure).parameters)
    ['snapshot', 'found']
    """
    kinds = {k: str(v.get("label", k)) for k, v in snapshot.config.unit_kinds().items()}
    drawing = process_map_svg(found.map, kinds=kinds)
    nodes = found.map.nodes
    steps = ", ".join(
        t("report.map.alt_step", label=row["label"], n=number(row["n"]))
        for row in nodes.to_dict("records")
    )
    span = {"first": day(found.span.first), "last": day(found.span.last)}
    caption = t("report.map.caption", process=found.process.label, **span)
    counts = {
        "nodes": number(found.map.hidden_nodes),
        "ways": number(found.map.hidden_edges),
        "more_nodes": number(found.map.simplified_nodes),
        "more_ways": number(found.map.simplified_edges),
    }
    return Figure(
        "map",
        f"{caption} {t('report.map.left_out', **counts)}",
        t("report.map.alt", steps=steps),
        picture_of(drawing),
        beside=True,
    )


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
    if all(row[-1] == t("report.none") for row in rows):
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
        note=f"{note} {rules_note(snapshot)}",
    )
    said = [Paragraph(t("report.handovers.unknown", n=number(totals.not_assessable)), "note")]
    return Section(heading, (table, *(said if totals.not_assessable >= found.least else ())), page)


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
    for row in found.causes.to_dict("records"):
        name = plain(t(f"figure.cause.{row['cause']}"))
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


def _grade_row(row: dict[str, Any], least: int) -> tuple[str, ...]:
    grade = row["grade"] if row["grade"] in _GRADES else "none"
    label = t(f"report.grade.{grade}")
    if row["suppressed"]:
        return (label, t("report.key.hidden"), *(t("report.none"),) * 4)
    known = int(row["changed_known"])
    changed = t("report.none")
    if known >= least:
        values = {"n": _counted(row["changed"], least), "known": number(known)}
        changed = t("report.handovers.changed_of", **values)
    redundant = _counted(row["redundant"], least)
    return (
        label, number(float(row["n"])), redundant, number(float(row["cases"])),
        number(float(row["citizens"])), changed,
    )  # fmt: skip


def _counted(count: float, least: int) -> str:
    few = 0 < count < least
    return t("report.handovers.few", least=number(least)) if few else number(float(count))


def _short(found: Measured, rules: str) -> list[str]:
    one = found.time
    return [*(_short_time(found, one) if one else []), *_short_rest(found, rules)]


def _short_time(found: Measured, one: Number) -> list[str]:
    if not found.shown(one):
        return []
    said = t(
        "report.short.time",
        mean=number(one.estimate.value),
        lower=number(one.estimate.lower),
        upper=number(one.estimate.upper),
        horizon=number(one.horizon),
        n=number(one.cases),
        citizens=number(one.citizens),
    )
    still = one.cases - one.ended
    if still >= found.least:
        said += " " + t("report.short.time_open", open=number(still), cut=day(found.span.last))
    return [said]


def _short_rest(found: Measured, rules: str) -> list[str]:
    said = []
    redundant = found.redundant
    if redundant is not None and found.shown(redundant):
        estimate = redundant.estimate
        said.append(
            t(
                "report.short.redundant",
                value=number(estimate.value),
                lower=number(estimate.lower),
                upper=number(estimate.upper),
                n=number(redundant.cases),
            )
            + f" {rules}"
        )
    if not found.ways.empty:
        row = found.ways.iloc[0]
        said.append(
            t(
                "report.short.way",
                source=found.label(row["source"]),
                target=found.label(row["target"]),
                median=days(row["median_days"]),
                lower=days(row["lower"]),
                upper=days(row["upper"]),
                n=number(row["n"]),
            )
        )
    return [*said, _promises(found)]


def _promises(found: Measured) -> str:
    promises = found.definitions.promises
    shown = {f.indicator.id for f in found.figures if found.shown(f)}
    names = [p.name for p in promises if p.indicator in shown]
    total = number(len(promises))
    if len(names) == len(promises):
        return t("report.short.promises_all", total=total)
    if not names:
        return t("report.short.promises_none", total=total)
    named = ", ".join(name[:1].lower() + name[1:] for name in names)
    return t("report.short.promises", measured=number(len(names)), total=total, names=named)


def _key_table(found: Measured) -> Table:
    rows = []
    for one in found.figures:
        rows.append(figure_row(one, name_of(one), found.least))
        if one.window is not None and found.shown(one):
            rows.append(_median_row(one))
    names = ("measure", "value", "interval", "cases", "citizens")
    span = {"first": day(found.span.first), "last": day(found.span.last)}
    note = t("report.key.note", footnote=t("effect.footnote"), most=number(found.least - 1))
    left = [
        t("report.key.left_out", n=number(f.left_out), name=f.indicator.name)
        for f in found.figures
        if f.measured and f.left_out >= found.least
    ]
    return Table(
        t("report.key.caption", **span),
        tuple(t(f"report.key.{name}") for name in names),
        tuple(rows),
        (3.9, 2.8, 1.6, 1.2, 1.5),
        right=(1, 2, 3, 4),
        note=" ".join([note, *left]),
    )


def _median_row(one: Number) -> tuple[str, ...]:
    assert one.window is not None  # noqa: S101 - the caller asked
    middle, lower, upper = one.window.median
    unit = one.indicator.unit
    if isfinite(middle):
        value = t("report.value", value=number(middle), unit=unit)
    else:
        longest = float(np.max(one.window.sight.stop))
        value = t("report.key.beyond", days=number(longest))
    spread = interval(lower, upper, 0)
    return (t("report.key.median"), value, spread, number(one.cases), number(one.citizens))


def _time_section(found: Measured) -> Section:
    heading = t("report.time.heading")
    one = found.time
    if one is None or one.window is None or not found.shown(one):
        return Section(heading, (Paragraph(t("report.key.absent")),), 1)
    blocks: list[Block] = [curve_figure([(t("report.time.now"), one.window)], found.least)]
    said = [wait_sentence(one, found)]
    asked = found.inputs.horizon_days
    if one.horizon is not None and one.horizon < asked:
        values = {"days": number(one.horizon), "asked": number(asked)}
        said.append(t("report.time.shortened", **values))
    blocks.append(Paragraph(" ".join(said), "note"))
    return Section(heading, tuple(blocks), 1)
