"""Measured values as a reader sees them: value, interval and counts, small ones hidden."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from procmine.text import t
from procmine.text.formats import number, percent

if TYPE_CHECKING:
    from procmine.effects.survival import Estimate
    from procmine.indicators.measure import Figure

__all__ = ["days", "figure_row", "interval", "plain", "value_of"]

_DECIMALS_BELOW = 10.0


def plain(text: str) -> str:
    """Return a sentence's words with a capital first letter.

    Examples
    --------
    >>> plain("kø til møde")
    'Kø til møde'
    """
    return text[:1].upper() + text[1:]


def days(value: float) -> str:
    """Write a number of days: one decimal below ten.

    Examples
    --------
    >>> days(8.25), days(28.1)
    ('8,2', '28')
    """
    return number(value, 1 if abs(value) < _DECIMALS_BELOW else 0)


def interval(lower: float, upper: float, decimals: int) -> str:
    """Write an interval; a dash where it has no finite end.

    Examples
    --------
    >>> interval(1.0, 2.5, 1)
    '1,0 til 2,5'
    """
    if not (isfinite(lower) and isfinite(upper)):
        return t("report.none")
    low, high = number(lower, decimals), number(upper, decimals)
    return t("report.interval", lower=low, upper=high)


def value_of(one: Figure, least: int) -> tuple[str, str]:
    """Return value and interval of a figure; shares give no small number of cases away.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(value_of).parameters)
    ['one', 'least']
    """
    nothing = t("report.none")
    if 0 < one.citizens < least:
        return t("report.key.hidden"), nothing
    if not one.measured:
        return t("report.key.absent"), nothing
    places, estimate = one.indicator.decimals, one.estimate
    if one.indicator.kind not in ("share_cases", "share_steps"):
        value = t("report.value", value=number(estimate.value, places), unit=one.indicator.unit)
        return value, interval(estimate.lower, estimate.upper, places)
    return _share(one, estimate, least)


def _share(one: Figure, estimate: Estimate, least: int) -> tuple[str, str]:
    base = one.ended
    hits = round(estimate.value / 100.0 * base)
    nothing = t("report.none")
    if 0 < hits < least:
        return t("report.key.share_low", least=number(least), n=number(base)), nothing
    if 0 < base - hits < least:
        most = number(base - least)
        return t("report.key.share_high", most=most, n=number(base)), nothing
    share = percent(estimate.value / 100.0, one.indicator.decimals)
    value = t("report.key.share", value=share, hits=number(hits), n=number(base))
    return value, interval(estimate.lower, estimate.upper, one.indicator.decimals)


def figure_row(one: Figure, name: str, least: int) -> tuple[str, str, str, str, str]:
    """Return the row of a figure: name, value, interval, cases, citizens.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(figure_row).parameters)
    ['one', 'name', 'least']
    """
    value, spread = value_of(one, least)
    few = 0 < one.citizens < least or not one.measured
    counts = (t("report.none"),) * 2 if few else (number(one.cases), number(one.citizens))
    return (name, value, spread, *counts)
