"""The report when there is an after: each indicator before and now, judged by the one rule."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from procmine.effects.verdict import Code, Direction, target_met
from procmine.effects.wording import target_word
from procmine.indicators.judged import judged
from procmine.indicators.measure import change
from procmine.indicators.told import interval, value_of
from procmine.report.common import (
    both_spans,
    fill_section,
    footer,
    foundation,
    listed,
    missing_section,
    subtitle,
    warnings,
)
from procmine.report.curves import curve_figure
from procmine.report.findings import causes_section, ways_section
from procmine.report.maps import map_figure
from procmine.report.model import Block, Paragraph, ReportModel, Section, Table
from procmine.report.numbers import plain
from procmine.report.start import name_of, unmeasured
from procmine.text import t
from procmine.text.formats import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from procmine.effects.assess import Assessment
    from procmine.errors import Fault
    from procmine.indicators.baseline import Baseline
    from procmine.indicators.inputs import Span
    from procmine.indicators.measure import Change
    from procmine.indicators.measure import Figure as Number
    from procmine.report.figures_data import Measured
    from procmine.store.snapshot import Snapshot

__all__ = ["Compared", "change_model", "compared"]

_FAULTS = ("changed_data", "changed_definition", "changed_config")


@dataclass(frozen=True, slots=True)
class Compared:
    """An indicator before and now with its judgement; None where no way is the good one."""

    change: Change
    told: Assessment | None

    @property
    def measured(self) -> bool:
        """Whether both sides have a value."""
        return self.change.before.measured and self.change.now.measured

    def shown(self, least: int) -> bool:
        """Whether level and change may be written out on both sides."""
        return self.measured and not self.change.few(least)


def compared(
    found: Measured, before: Span, *, baseline: Baseline | None = None
) -> tuple[Compared, ...]:
    """Compare every indicator of a process in a span before with the measured span.

    Without a sealed baseline, or for an indicator that it lacks, the indicator was chosen
    after the start, and its judgement says so (effects.md G9).

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(compared).parameters)
    ['found', 'before', 'baseline']
    """
    sealed = {row["id"] for row in baseline.document["definition"]} if baseline else set()
    rows = []
    for one in found.figures:
        pair = change(one.indicator, found.inputs, before, found.span)
        late = one.indicator.id not in sealed
        told = judged(pair, found.inputs, found.events, chosen_late=late, minimum=found.least)
        rows.append(Compared(pair, told))
    return tuple(rows)


def change_model(
    snapshot: Snapshot,
    found: Measured,
    before: Span,
    *,
    municipality: str = "",
    baseline: Baseline | None = None,
    faults: Sequence[Fault] = (),
) -> ReportModel:
    """Return the report of a process before and after.

    Parameters
    ----------
    found
        Measured in the span after.
    before
        The span before.
    baseline, faults
        The sealed baseline, and what was changed since it was sealed.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(change_model).parameters)[:3]
    ['snapshot', 'found', 'before']
    """
    pairs = compared(found, before, baseline=baseline)
    main = next((p for p in pairs if p.change.effect is not None), None)
    said = [] if baseline else [t("report.change.unsealed")]
    said += _faults(faults)
    sections = (
        Section(
            t("report.short.heading"), (listed(_short(pairs, main, baseline, found.least)),), 1
        ),
        Section(t("report.change.heading"), (_table(pairs, before, found),), 1),
        _curves(found, main),
        *_caveats(main),
        Section(t("report.map.heading"), (map_figure(snapshot, found),), 2),
        causes_section(found, 2, narrow=True),
        ways_section(found, 2, narrow=True),
        missing_section(unmeasured(found), 2),
        fill_section(2),
    )
    return ReportModel(
        kind="change",
        title=t("report.title_change"),
        subtitle=subtitle(found, municipality, before),
        warnings=(*warnings(snapshot, found), *said),
        sections=sections,
        foundation=foundation(snapshot, found, baseline, before),
        stamp=snapshot.cut.isoformat(),
        footer=footer(snapshot),
        keywords=(found.process.label,),
    )


def _short(
    pairs: Sequence[Compared], main: Compared | None, baseline: Baseline | None, least: int
) -> list[str]:
    if main is None or main.told is None:
        return []
    told, indicator = main.told, main.change.now.indicator
    said = [told.said(least)]
    codes = {p.change.now.indicator.id: p.told.verdict.code for p in pairs if p.told is not None}
    worse = [c for c in indicator.companions if codes.get(c) is Code.FORVAERRET]
    if told.verdict.code is Code.FORBEDRET and worse:
        said = [f"{indicator.subject}: {t('effect.companion')}.", *said]
    beside = [p for p in pairs if p.change.now.indicator.id in indicator.companions]
    said += [p.told.said(least) for p in beside if p.told is not None]
    said.append(_target(main, baseline))
    return said


def _target(main: Compared, baseline: Baseline | None) -> str:
    indicator = main.change.now.indicator
    target = baseline.targets.get(indicator.id) if baseline else None
    if target is None:
        return t("report.change.target_task", name=indicator.name[:1].lower() + indicator.name[1:])
    direction: Direction = "up" if indicator.direction == "up" else "down"
    met = target_met(main.change.now.estimate, target, direction)
    values = {"target": number(target, indicator.decimals), "unit": indicator.unit}
    return t("report.change.target", word=target_word(met), **values)


def _table(pairs: Sequence[Compared], before: Span, found: Measured) -> Table:
    rows = []
    for pair in pairs:
        if not (pair.change.before.measured or pair.change.now.measured):
            continue
        rows.append(_row(pair, found.least))
    names = ("before", "now", "change", "verdict")
    caption = t("report.change.caption", **both_spans(before, found.span))
    note = t("report.change.note", footnote=t("effect.footnote"))
    main = next((f for f in found.figures if f.indicator.kind == "duration"), None)
    if main is not None:
        margin = main.indicator.margin_for(found.process.name)
        name = main.indicator.name[:1].lower() + main.indicator.name[1:]
        values = {"margin": number(margin), "unit": main.indicator.unit}
        note = f"{note} {t('report.change.note_margin', name=name, **values)}"
    return Table(
        caption,
        (t("report.key.measure"), *(t(f"report.change.{name}") for name in names)),
        tuple(rows),
        (3.6, 3.4, 3.4, 2.2, 2.6),
        note=note,
    )


def _row(pair: Compared, least: int) -> tuple[str, ...]:
    before, now = pair.change.before, pair.change.now
    estimate = pair.change.estimate
    places = now.indicator.decimals
    changed = t("indicator.none")
    if isfinite(estimate.value) and pair.shown(least):
        spread = interval(estimate.lower, estimate.upper, places)
        value = number(estimate.value, places)
        changed = t("report.change.difference", value=value, interval=spread)
    word = plain(pair.told.word) if pair.told else plain(t("report.change.neutral"))
    if not pair.shown(least):
        word = t("indicator.none")
    return (name_of(now), _level(before, least), _level(now, least), changed, word)


def _level(one: Number, least: int) -> str:
    value, spread = value_of(one, least)
    if spread == t("indicator.none"):
        return value
    citizens = number(one.citizens)
    if one.indicator.is_share:
        return t("report.change.level_share", value=value, interval=spread, citizens=citizens)
    return t(
        "report.change.level",
        value=number(one.estimate.value, one.indicator.decimals),
        unit=one.indicator.unit,
        interval=spread,
        n=number(one.cases),
        citizens=citizens,
    )


def _curves(found: Measured, main: Compared | None) -> Section:
    heading = t("report.time.heading")
    effect = main.change.effect if main else None
    few = effect is None or not effect.estimable
    if (
        effect is None
        or few
        or min(effect.before.sight.cases, effect.after.sight.cases) < found.least
    ):
        return Section(heading, (Paragraph(t("report.change.curve_none")),), 1)
    pair = [(t("report.time.before"), effect.before), (t("report.time.after"), effect.after)]
    block: Block = curve_figure(pair, found.least)
    return Section(heading, (block,), 1)


def _caveats(main: Compared | None) -> tuple[Section, ...]:
    if main is None or main.told is None or main.change.effect is None:
        return ()
    said = listed([*main.told.caveats, main.told.method])
    return (Section(t("report.change.caveats"), (said,), 1),)


def _faults(faults: Sequence[Fault]) -> list[str]:
    said = []
    if any(fault.code == "broken_seal" for fault in faults):
        said.append(t("report.change.broken_seal"))
    for code in _FAULTS:
        names = [f.detail or f.column or f.where for f in faults if f.code == code]
        if names:
            said.append(t(f"report.change.{code}", names=", ".join(dict.fromkeys(names))))
    return [t("report.change.broken", what="; ".join(said))] if said else []
