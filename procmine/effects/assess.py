"""From a period effect to what a reader needs: gates, judgement, sentence, caveats."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, sqrt
from typing import TYPE_CHECKING

import pandas as pd

from procmine.disclosure import minimum_count
from procmine.effects.caveats import caveats_of
from procmine.effects.gates import Gate, gates, sparse_months
from procmine.effects.power import add_months, months_to_decide
from procmine.effects.verdict import Code, Direction, Verdict, judge
from procmine.effects.wording import Finding, Wording, sentence, word
from procmine.text import t
from procmine.text.formats import ZONE, day, number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from procmine.effects.events import OutsideEvent
    from procmine.effects.period import PeriodEffect, WindowMean

__all__ = ["Assessment", "assess", "earliest_month"]

_ONE = pd.Timedelta(microseconds=1)
_MONTH = 365.25 / 12


@dataclass(frozen=True, slots=True)
class Assessment:
    """A comparison as a reader meets it.

    Attributes
    ----------
    finding
        The numbers, with the judgement.
    name
        Plain name of what was measured, the horizon included.
    word, sentence
        Headline word, and the judgement in a sentence.
    caveats
        What a reader must know beside it, each a sentence.
    gates
        Every data gate, held or not.
    method, formula, footnote
        How it is computed, for "that is how it is computed" and the foot of the page.

    Examples
    --------
    >>> sorted(Assessment.__dataclass_fields__)[0]
    'caveats'
    """

    finding: Finding
    name: str
    word: str
    sentence: str
    caveats: tuple[str, ...]
    gates: tuple[Gate, ...]
    method: str
    formula: str
    footnote: str
    small: str = ""
    """What is said where its numbers may not be shown; empty for the general words."""

    @property
    def verdict(self) -> Verdict:
        """The judgement."""
        return self.finding.verdict

    def hidden(self, minimum: int | None = None) -> bool:
        """Whether its numbers would give away a number of citizens under the minimum."""
        found = self.finding
        people = found.fewest or found.citizens or found.cases
        return any(0 < n < minimum_count(minimum) for n in people)

    def said(self, minimum: int | None = None) -> str:
        """Return the judgement in words, without its numbers where they are too small."""
        if not self.hidden(minimum):
            return self.sentence
        return self.small or t("effect.too_few", least=minimum_count(minimum))

    def record(self, minimum: int | None = None) -> dict[str, object]:
        """Return the comparison as one flat row, for a table or JSON; small counts hidden.

        Keys: ``name, unit, value, baseline, change, change_lower, change_upper, margin, n,
        n_before, citizens, citizens_before, verdict, word, sentence, caveats`` (list),
        ``gates`` (list of code, needs, has, holds). Numbers are None where a side has fewer
        citizens than the minimum, or a share fewer of one kind; the judgement is then
        that there are too little data.
        """
        found = self.finding
        people = found.citizens or found.cases
        hidden = self.hidden(minimum)
        code = Code.FOR_LIDT_DATA if hidden else found.verdict.code
        numbers: dict[str, object] = {
            "value": found.now.value,
            "baseline": found.before.value,
            "change": found.change.value,
            "change_lower": found.change.lower,
            "change_upper": found.change.upper,
            "n": found.cases[1],
            "n_before": found.cases[0],
            "citizens": people[1],
            "citizens_before": people[0],
        }
        return {
            "name": self.name,
            "unit": found.wording.unit,
            "margin": found.margin,
            **(dict.fromkeys(numbers) if hidden else numbers),
            "verdict": code.value,
            "word": word(code) if hidden else self.word,
            "sentence": self.said(minimum),
            "caveats": list(self.caveats),
            "gates": [
                {"code": g.code, "needs": g.needs, "has": has, "holds": g.holds}
                for g, has in zip(self.gates, self._has(minimum_count(minimum)), strict=True)
            ],
        }

    def _has(self, least: int) -> list[float | None]:
        """Return what each gate has; a number of cases none where it, or its rest, is small."""
        if self.hidden(least):
            return [None] * len(self.gates)
        cases = dict(zip(("before", "after"), self.finding.cases, strict=True))
        told: list[float | None] = []
        for gate in self.gates:
            whole = cases.get(gate.code.rpartition("_")[2], 0)
            few = any(0 < n < least for n in (gate.has, whole - gate.has))
            told.append(None if gate.counts_cases and few else gate.has)
        return told


def assess(
    effect: PeriodEffect,
    *,
    wording: Wording,
    direction: Direction,
    margin: float,
    starts: pd.Series[pd.Timestamp],
    events: Sequence[OutsideEvent] = (),
    chosen_late: bool = False,
    compared: bool = False,
    minimum: int | None = None,
) -> Assessment:
    """Judge a period effect by the rule and put it in words.

    Parameters
    ----------
    effect
        From :func:`procmine.effects.period.period_effect`.
    wording
        How the indicator is spoken of.
    direction
        Which way is good.
    margin
        Least change in days that matters.
    starts
        Start of each case, for the months with too few (G4).
    events
        Outside events that lie in the windows and touch the process (G8).
    chosen_late
        The indicator was chosen after the start (G9).
    compared
        There is a comparison group that passed its checks (G12).
    minimum
        Counts of cases from 1 to one below it are not told in words.

    Examples
    --------
    >>> from procmine.effects.period import period_effect
    >>> start = pd.Series(pd.date_range("2024-01-01", "2026-01-01", freq="7D", tz="UTC"))
    >>> cases = pd.DataFrame({"case_id": range(len(start)), "start": start, "end": pd.NaT,
    ...     "decided": start + pd.Timedelta(days=40), "open": False})
    >>> effect = period_effect(cases, "2025-06-01", cut="2026-01-10", horizon=60)
    >>> told = assess(effect, wording=Wording("Sagsbehandlingstiden", "dage"),
    ...     direction="down", margin=7, starts=start)
    >>> told.verdict.code.value
    'UAENDRET'
    """
    sights = (effect.before.sight, effect.after.sight)
    spans = [(sight.begin, sight.finish) for sight in sights]
    sparse = [sparse_months(starts, [span]) for span in spans]
    checks = gates(
        cases=(sights[0].cases, sights[1].cases),
        ended=(sights[0].n_ended, sights[1].n_ended),
        baseline_days=(spans[0][1] - spans[0][0]) / pd.Timedelta(days=1),
        sparse=max(map(len, sparse)),
        estimable=effect.estimable,
    )
    verdict = judge(effect.change, direction, margin, checks)
    finding = Finding(
        wording=wording,
        before=effect.before.mean,
        now=effect.after.mean,
        change=effect.change,
        margin=margin,
        cases=(sights[0].cases, sights[1].cases),
        span=(spans[0][0].tz_convert(ZONE).date(), _last_day(spans[0][1])),
        verdict=verdict,
        earliest=_earliest(effect, margin) if verdict.code is Code.UAFKLARET else None,
        citizens=(sights[0].citizens, sights[1].citizens),
    )
    reach = number(effect.horizon)
    least = minimum_count(minimum)
    caveats = caveats_of(effect, sparse, events, least, chosen_late=chosen_late, compared=compared)
    return Assessment(
        finding=finding,
        name=t("effect.horizon", days=reach),
        word=word(verdict.code),
        sentence=sentence(finding, least),
        caveats=caveats,
        gates=checks,
        method=t("effect.method", date=day(spans[0][1].to_pydatetime()), days=reach),
        formula=t("effect.formula", days=reach),
        footnote=t("effect.footnote"),
    )


def _last_day(finish: pd.Timestamp) -> date:
    return (finish - _ONE).tz_convert(ZONE).date()


def _earliest(effect: PeriodEffect, margin: float) -> pd.Timestamp | None:
    wanted = max(abs(effect.change.value), margin)
    begin, cut = effect.after.sight.begin, effect.after.sight.finish
    return earliest_month(effect.before, wanted, begin, cut)


def earliest_month(
    before: WindowMean, change: float, begin: pd.Timestamp, cut: pd.Timestamp
) -> pd.Timestamp | None:
    """Return the month in which a change of this size can be decided at the earliest.

    Reckoned from the pace of endings and their spread in the window before; never a month
    whose data are already in. None where the window before is too small for it.

    Parameters
    ----------
    before
        The window before.
    change
        Size of the change to be seen, in days.
    begin
        When the new practice starts.
    cut
        Last instant of the data at hand.

    Examples
    --------
    >>> from procmine.effects.windows import durations, look, utc
    >>> from procmine.effects.period import window_mean
    >>> start = pd.Series(pd.date_range("2024-01-01", "2025-12-01", freq="3D", tz="UTC"))
    >>> took = pd.to_timedelta([20 + 10 * (i % 7) for i in range(len(start))], unit="D")
    >>> cases = pd.DataFrame({"case_id": range(len(start)), "start": start, "end": pd.NaT,
    ...     "decided": start + took, "open": False})
    >>> seen = look(durations(cases, utc("2026-01-01")), utc("2024-01-01"), utc("2026-01-01"))
    >>> when = earliest_month(window_mean(seen, 90), 14, utc("2026-03-01"), utc("2026-01-01"))
    >>> str(when.date())
    '2026-05-01'
    """
    sight = before.sight
    ended = sight.n_ended
    length = (sight.finish - sight.begin) / pd.Timedelta(days=_MONTH)
    if not ended or length <= 0 or isnan(before.mean.se):
        return None
    months = months_to_decide(before.mean.se * sqrt(ended), ended, ended / length, change)
    if months is None:
        return None
    return max(add_months(begin, months), add_months(cut, 1))
