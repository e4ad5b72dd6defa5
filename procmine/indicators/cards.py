"""A promise or a finding on the overview: its card and the sentences on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from procmine.effects.verdict import target_met
from procmine.effects.wording import target_word
from procmine.indicators.told import value_of
from procmine.text import t
from procmine.text.formats import day, number

if TYPE_CHECKING:
    from procmine.indicators.definitions import Indicator
    from procmine.indicators.measure import Figure

__all__ = ["Card"]


@dataclass(frozen=True, slots=True)
class Card:
    """A promise or a finding.

    Attributes
    ----------
    id, code, name
        Its id, short code (P1) or empty, and name.
    measured
        Whether there is a figure that may be shown.
    level
        The level now in a sentence; empty where it is not measured.
    word, verdict
        Headline word and sentence of the change since the baseline; empty without one.
    task
        What is missing, with blanks for who and when; empty where it is measured.
    target
        Whether the target is met, in a sentence; empty without one.
    caveats
        What must be known beside it.
    standing
        Who approved the rules it rests on, what cannot be told, and what a hand check found.
    beside
        What became of the indicators that must stand beside an improvement, a sentence each.
    value, unit, cases
        The level as a number, its unit and how many cases; None where not measured. The
        number is None too where it would give a small number of citizens away.

    Examples
    --------
    >>> Card("p", "", "Navn", measured=False, task="Ikke målt endnu.").level
    ''
    """

    id: str
    code: str
    name: str
    measured: bool
    level: str = ""
    word: str = ""
    verdict: str = ""
    task: str = ""
    target: str = ""
    caveats: tuple[str, ...] = ()
    standing: str = ""
    beside: tuple[str, ...] = ()
    value: float | None = None
    unit: str = ""
    cases: int | None = None


def title(indicator: Indicator, shown: Figure) -> str:
    """Return the plain name of a figure, the horizon of a duration included."""
    if shown.horizon is None:
        return indicator.name
    return t("effect.horizon", days=number(shown.horizon))


def level(indicator: Indicator, shown: Figure, least: int) -> str:
    """Return the level of a figure in a sentence; as a bound where it is too small."""
    if shown.few(least):
        value, _ = value_of(shown, least)
        return t("overview.share", name=title(indicator, shown), value=value)
    places, estimate = indicator.decimals, shown.estimate
    return t(
        "overview.level",
        name=title(indicator, shown),
        value=number(estimate.value, places),
        unit=indicator.unit,
        lower=number(estimate.lower, places),
        upper=number(estimate.upper, places),
        n=number(shown.cases),
        first=day(shown.span.first),
        last=day(shown.span.last),
    )


def target_line(indicator: Indicator, shown: Figure, target: float | None) -> str:
    """Return in words whether a target is met; empty without one."""
    if target is None or indicator.direction == "neutral":
        return ""
    met = target_met(shown.estimate, target, indicator.direction)
    wanted = number(target, indicator.decimals)
    return t("overview.target", target=wanted, unit=indicator.unit, word=target_word(met))


def supplied_card(name: str, label: str, level: str, missing: str) -> Card:
    """Return the card of a promise measured outside the log, or its task."""
    if level:
        return Card(name, "", label, measured=True, level=level)
    return Card(name, "", label, measured=False, task=t("overview.task", missing=missing))
