"""The overview: the promises and the findings against the baseline, in words, as plain data.

One model for the page and for the report. What is not measured is a task with a name and a
date to fill in, never a blank.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from procmine.disclosure import minimum_count
from procmine.effects.verdict import Code
from procmine.indicators.cards import Card, level, supplied_card, target_line, title
from procmine.indicators.inputs import Span
from procmine.indicators.judged import earliest_decision, judged
from procmine.indicators.measure import Change, change, figure
from procmine.indicators.safeguards import safeguards
from procmine.text import t
from procmine.text.formats import day, month, number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from procmine.effects.assess import Assessment
    from procmine.effects.events import OutsideEvent
    from procmine.indicators.definitions import Definitions, Indicator
    from procmine.indicators.inputs import Inputs
    from procmine.indicators.measure import Figure

__all__ = ["Card", "Overview", "overview"]


@dataclass(frozen=True, slots=True)
class Overview:
    """What the overview says.

    Attributes
    ----------
    top
        One sentence on top.
    promises, findings
        The promises; the other indicators that are not safeguards.
    safeguards
        The fixed row on legal safeguards: a sentence each; its heading is `safeguards_title`.
    notes
        What holds for the whole page (definitions not approved, no measurements yet).

    Examples
    --------
    >>> Overview("", (), (), "", (), ()).promises
    ()
    """

    top: str
    promises: tuple[Card, ...]
    findings: tuple[Card, ...]
    safeguards_title: str
    safeguards: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _View:
    """Everything a card is made from."""

    inputs: Inputs
    before: Span | None
    now: Span | None
    events: tuple[OutsideEvent, ...]
    targets: Mapping[str, float]
    least: int

    @property
    def shown(self) -> Span:
        """The span whose level is told."""
        return self.now or self.before or Span(self.inputs.log_start, self.inputs.cut)


def overview(
    definitions: Definitions,
    inputs: Inputs,
    *,
    before: Span | None = None,
    now: Span | None = None,
    targets: Mapping[str, float] | None = None,
    supplied: Mapping[str, str] | None = None,
    events: Sequence[OutsideEvent] = (),
    minimum: int | None = None,
) -> Overview:
    """Return the overview of a process.

    Parameters
    ----------
    definitions, inputs
        What to measure, from what.
    before
        The baseline's period; without one the levels of the whole log are told.
    now
        The period after; by default all that follows the baseline, None where nothing does.
    targets
        Target by indicator id.
    supplied
        Promises measured outside the log: their level in a sentence, by promise id.
    events
        Outside events, for the caveats.
    minimum
        Figures on fewer citizens are not told.

    Examples
    --------
    >>> import pandas as pd
    >>> from procmine.config import load_config
    >>> from procmine.effects.windows import utc
    >>> from procmine.indicators.definitions import read_definitions
    >>> from procmine.indicators.inputs import Inputs
    >>> start = pd.Series(pd.date_range("2025-01-01", "2025-12-31", freq="D", tz="UTC"))
    >>> took = pd.to_timedelta([20 + 10 * (i % 7) for i in range(365)], unit="D")
    >>> cases = pd.DataFrame({"case_id": range(365), "start": start, "open": False,
    ...     "decided": start + took, "end": start + took})
    >>> inputs = Inputs("x", "X", {"cases": cases}, utc("2026-03-01"), utc("2025-01-01"), 120)
    >>> definitions = read_definitions(load_config().files["indikatorer"])
    >>> overview(definitions, inputs, before=Span.of("2025-01-01", "2026-02-28")).top
    '1 af 4 mål er målt. Det kan tidligst afgøres i maj 2026.'
    """
    if now is None and before is not None and inputs.cut > before.finish:
        now = Span(before.finish, inputs.cut)
    least = minimum_count(minimum)
    view = _View(inputs, before, now, tuple(events), dict(targets or {}), least)
    wanted = [i for i in definitions.indicators if i.applies_to(inputs.process)]
    alone = {indicator.id: _look(indicator, view) for indicator in wanted}
    by_id = {name: _accompanied(look, alone, least) for name, look in alone.items()}
    promised = {promise.indicator for promise in definitions.promises}
    extra = dict(supplied or {})
    promises = tuple(
        by_id[p.indicator].card
        if p.indicator in by_id and by_id[p.indicator].card.measured
        else supplied_card(p.id, p.name, extra.get(p.id, ""), p.missing)
        for p in definitions.promises
    )
    others = [i for i in wanted if not i.safeguard and i.id not in promised]
    notes = () if definitions.approval.given else (t("indicator.unapproved"),)
    if before is not None and now is None:
        notes = (*notes, t("overview.no_after", day=day(before.last)))
    primary = next((by_id[i.id] for i in wanted if i.primary), None)
    return Overview(
        top=_top(promises, primary, inputs, least),
        promises=promises,
        findings=tuple(by_id[i.id].card for i in others),
        safeguards_title=t("overview.safeguards"),
        safeguards=safeguards(definitions, inputs, view.shown, minimum),
        notes=notes,
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """One indicator looked at: its card, its base figure, its judgement."""

    card: Card
    base: Figure
    told: Assessment | None


def _look(indicator: Indicator, view: _View) -> _Look:
    found: Change | None = None
    told = None
    if view.before is not None and view.now is not None:
        found = change(indicator, view.inputs, view.before, view.now)
        told = judged(found, view.inputs, view.events, minimum=view.least)
    base = found.before if found else figure(indicator, view.inputs, view.before or view.shown)
    shown = found.now if found and found.now.measured else base
    citizens = min(shown.citizens, base.citizens)
    if not shown.measured or not base.measured or citizens < view.least:
        task = t("overview.task", missing=indicator.missing or indicator.name)
        if shown.measured and 0 < citizens < view.least:
            task = t("overview.few", name=indicator.name)
        card = Card(indicator.id, indicator.code, indicator.name, measured=False, task=task)
        return _Look(card, base, told)
    few = shown.few(view.least)
    card = Card(
        id=indicator.id,
        code=indicator.code,
        name=title(indicator, shown),
        measured=True,
        level=level(indicator, shown, view.least),
        word=told.word if told and not told.hidden(view.least) else "",
        verdict=told.said(view.least) if told else "",
        target="" if few else target_line(indicator, shown, view.targets.get(indicator.id)),
        caveats=told.caveats if told else (),
        standing=view.inputs.standing if indicator.rests_on_rules else "",
        value=None if few else shown.estimate.value,
        unit=indicator.unit,
        cases=shown.cases,
    )
    return _Look(card, base, told)


def _accompanied(look: _Look, others: Mapping[str, _Look], least: int) -> _Look:
    """Put the companions beside an improvement; one of them worse changes its word (G6)."""
    if look.told is None or look.told.verdict.code is not Code.FORBEDRET or not look.card.measured:
        return look
    found = [others[name] for name in look.base.indicator.companions if name in others]
    told = [one.told for one in found if one.told is not None]
    worse = any(one.verdict.code is Code.FORVAERRET for one in told)
    beside = tuple(t("effect.companion_line", sentence=one.said(least)) for one in told)
    word = t("effect.companion") if worse else look.card.word
    word = word if look.card.word else ""
    return replace(look, card=replace(look.card, beside=beside, word=word))


def _top(promises: Sequence[Card], primary: _Look | None, inputs: Inputs, least: int) -> str:
    counts = {"measured": sum(card.measured for card in promises), "total": len(promises)}
    if primary is None or not primary.card.measured:
        return t("overview.top", **counts)
    told = primary.told
    if told is not None and told.verdict.code not in (Code.UAFKLARET, Code.FOR_LIDT_DATA):
        return t("overview.top_verdict", verdict=told.said(least), **counts)
    indicator = primary.base.indicator
    margin = indicator.margin_for(inputs.process)
    point = abs(told.finding.change.value) if told and told.verdict.code is Code.UAFKLARET else 0.0
    when = earliest_decision(primary.base, max(margin, point), inputs)
    if when is None:
        wanted = number(margin, indicator.decimals)
        return t("overview.top_never", margin=wanted, unit=indicator.unit, **counts)
    return t("overview.top_earliest", month=month(when.to_pydatetime()), **counts)
