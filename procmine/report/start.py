"""The report when there is no after yet: how it looks before the effort begins."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from procmine.indicators.told import interval
from procmine.report.common import (
    fill_section,
    footer,
    foundation,
    listed,
    missing_section,
    rules_note,
    subtitle,
    warnings,
)
from procmine.report.curves import curve_figure, wait_sentence
from procmine.report.findings import causes_section, handover_section, ways_section
from procmine.report.maps import map_figure
from procmine.report.model import Block, Paragraph, ReportModel, Section, Table
from procmine.report.numbers import days, figure_row
from procmine.text import t
from procmine.text.formats import day, number

if TYPE_CHECKING:
    from procmine.indicators.baseline import Baseline
    from procmine.indicators.measure import Figure as Number
    from procmine.report.figures_data import Measured
    from procmine.store.snapshot import Snapshot

__all__ = ["name_of", "start_model", "unmeasured"]


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
    rows: list[tuple[str, ...]] = []
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
        value = t("indicator.value", value=days(middle), unit=unit)
    else:
        longest = float(np.max(one.window.sight.stop))
        value = t("report.key.beyond", days=number(longest))
    spread = interval(lower, upper, 1 if middle < 10 else 0)
    return (t("report.key.median"), value, spread, number(one.cases), number(one.citizens))


def _time_section(found: Measured) -> Section:
    heading = t("report.time.heading")
    one = found.time
    if one is None or one.window is None or not found.shown(one):
        return Section(heading, (Paragraph(t("indicator.absent")),), 1)
    blocks: list[Block] = [curve_figure([(t("report.time.now"), one.window)], found.least)]
    said = [wait_sentence(one, found)]
    asked = found.inputs.horizon_days
    if one.horizon is not None and one.horizon < asked:
        values = {"days": number(one.horizon), "asked": number(asked)}
        said.append(t("report.time.shortened", **values))
    blocks.append(Paragraph(" ".join(said), "note"))
    return Section(heading, tuple(blocks), 1)
