"""A judgement in plain Danish: the sentences of effects.md 6, filled in."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from procmine.disclosure import MINIMUM
from procmine.effects.verdict import Code, Target, Verdict
from procmine.text import t
from procmine.text.formats import month, number, short_day

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from procmine.effects.gates import Gate
    from procmine.effects.survival import Estimate

__all__ = ["Finding", "Wording", "sentence", "target_word", "word"]

_WORDS = {
    Code.FORBEDRET: "effect.word.improved",
    Code.FORVAERRET: "effect.word.worse",
    Code.UAENDRET: "effect.word.unchanged",
    Code.UAFKLARET: "effect.word.unclear",
    Code.FOR_LIDT_DATA: "effect.word.unclear",
}
_TARGETS = {
    Target.REACHED: "effect.word.reached",
    Target.NOT_REACHED: "effect.word.not_reached",
    Target.OPEN: "effect.word.target_open",
}
_SENTENCES = {
    Code.FORBEDRET: "effect.improved",
    Code.FORVAERRET: "effect.worse",
    Code.UAENDRET: "effect.unchanged",
}
_UNCLEAR = {
    "both": "effect.unclear",
    "below": "effect.unclear_below",
    "registration": "effect.unclear_capped",
}
_GATES = {
    "cases_before": ("effect.gate.cases_before", "effect.gate.unit_cases"),
    "cases_after": ("effect.gate.cases_after", "effect.gate.unit_cases"),
    "ended_before": ("effect.gate.ended_before", "effect.gate.unit_ended"),
    "ended_after": ("effect.gate.ended_after", "effect.gate.unit_ended"),
    "quarters": ("effect.gate.quarters", "effect.gate.unit_quarters"),
    "months": ("effect.gate.months", "effect.gate.unit_months"),
    "curve": ("effect.gate.curve", ""),
}


@dataclass(frozen=True, slots=True)
class Wording:
    """How an indicator is spoken of.

    Attributes
    ----------
    subject
        What stands first in a sentence, e.g. ``Sagsbehandlingstiden``.
    unit, decimals
        Unit of its values and how many decimals they are written with.

    Examples
    --------
    >>> Wording("Sagsbehandlingstiden", "dage", 0).inside
    'sagsbehandlingstiden'
    """

    subject: str
    unit: str
    decimals: int = 0

    @property
    def inside(self) -> str:
        """The subject as it stands inside a sentence."""
        return self.subject[:1].lower() + self.subject[1:]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one comparison found: the numbers that its sentence needs.

    Attributes
    ----------
    wording
        How the indicator is spoken of.
    before, now, change
        Level before, level now, now less before, with intervals.
    margin
        Least change that matters, in the same unit.
    cases
        Cases before and now.
    span
        First and last day of the window before.
    verdict
        The judgement.
    earliest
        When an undecided one can be decided at the earliest; None if never.
    citizens
        Citizens before and now.
    fewest
        The fewest citizens that the level before and now would tell the number of: of a
        share those that count or those that do not. Without it, `citizens`.

    Examples
    --------
    >>> Finding.__dataclass_fields__["earliest"].default is None
    True
    """

    wording: Wording
    before: Estimate
    now: Estimate
    change: Estimate
    margin: float
    cases: tuple[int, int]
    span: tuple[date, date]
    verdict: Verdict
    earliest: pd.Timestamp | None = None
    citizens: tuple[int, int] | None = None
    fewest: tuple[int, int] | None = None


def word(code: Code) -> str:
    """Return the headline word of a judgement: five codes, four words.

    Examples
    --------
    >>> word(Code.UAFKLARET) == word(Code.FOR_LIDT_DATA)
    True
    """
    return t(_WORDS[code])


def target_word(target: Target) -> str:
    """Return in words whether a target is met.

    Examples
    --------
    >>> target_word(Target.REACHED)
    'målet er nået'
    """
    return t(_TARGETS[target])


def sentence(finding: Finding, least: int = MINIMUM) -> str:
    """Return the judgement as one or two sentences; no count from 1 to under `least` in it.

    Examples
    --------
    >>> from datetime import date
    >>> from procmine.effects.survival import Estimate
    >>> say = Wording("Sagsbehandlingstiden", "dage")
    >>> sentence(Finding(say, Estimate.normal(210, 6), Estimate.normal(215, 6),
    ...     Estimate.normal(5, 4), 14, (400, 100), (date(2024, 1, 1), date(2025, 12, 31)),
    ...     Verdict(Code.UAENDRET))).split(".")[0]
    'Sagsbehandlingstiden er i praksis uændret'
    """
    code = finding.verdict.code
    if code is Code.FOR_LIDT_DATA:
        return _too_little(finding.wording.subject, finding.verdict.failed, least)
    key = _SENTENCES.get(code) or _UNCLEAR[finding.verdict.reason]
    undecided = code is Code.UAFKLARET
    say, places = finding.wording, _places(finding)
    text = t(
        key,
        indicator=say.inside if undecided else say.subject,
        unit=say.unit,
        now=number(finding.now.value, places),
        baseline=number(finding.before.value, places),
        change=number(finding.change.value, places),
        lower=number(finding.change.lower, places),
        upper=number(finding.change.upper, places),
        margin=number(finding.margin, say.decimals),
        n0=number(finding.cases[0]),
        n1=number(finding.cases[1]),
        from_date=short_day(finding.span[0]),
        to_date=short_day(finding.span[1]),
    )
    if not undecided or finding.verdict.reason == "registration":
        return text
    if finding.earliest is None:
        return f"{text} {t('effect.never')}"
    return f"{text} {t('effect.earliest', month=month(finding.earliest))}"


def _places(finding: Finding) -> int:
    """Return the decimals to write: one more where the interval would else look empty."""
    places = finding.wording.decimals
    width = finding.change.upper - finding.change.lower
    return places + 1 if width < 2 / 10**places else places


def _too_little(subject: str, failed: tuple[Gate, ...], least: int) -> str:
    if not failed:
        return t("effect.too_little_empty", indicator=subject, reason=t("effect.gate.curve"))
    gate = failed[0]
    reason, unit = _GATES[gate.code]
    if not unit or gate.needs == inf:
        return t("effect.too_little_empty", indicator=subject, reason=t(reason))
    said = {"indicator": subject, "reason": t(reason), "needs": t(unit, n=number(gate.needs))}
    has = number(gate.has, 0 if float(gate.has).is_integer() else 1)
    if gate.most:
        return t("effect.too_little_most", **said, has=t("effect.gate.unit_months_has", n=has))
    if gate.counts_cases and 0 < gate.has < least:
        has = t("effect.gate.few", n=number(least))
    return t("effect.too_little", **said, has=has)
