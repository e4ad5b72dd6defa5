"""A figure in a reader's words: its value and interval, small counts hidden."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from procmine.text import t
from procmine.text.formats import number, percent

if TYPE_CHECKING:
    from procmine.indicators.measure import Change, Figure
    from procmine.indicators.split import Split

__all__ = ["interval", "small_change", "value_of"]


def interval(lower: float, upper: float, decimals: int) -> str:
    """Write an interval; a dash where it has no finite end.

    Examples
    --------
    >>> interval(1.0, 2.5, 1)
    '1,0 til 2,5'
    """
    if not (isfinite(lower) and isfinite(upper)):
        return t("indicator.none")
    low, high = number(lower, decimals), number(upper, decimals)
    return t("indicator.interval", lower=low, upper=high)


def value_of(one: Figure, least: int) -> tuple[str, str]:
    """Return value and interval of a figure; no small number of citizens is given away.

    A share of which too few count, or too few do not, is told as a bound, without interval.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(value_of).parameters)
    ['one', 'least']
    """
    nothing = t("indicator.none")
    if 0 < one.citizens < least:
        return t("indicator.hidden"), nothing
    if not one.measured:
        return t("indicator.absent"), nothing
    places, estimate = one.indicator.decimals, one.estimate
    spread = interval(estimate.lower, estimate.upper, places)
    if not one.indicator.is_share or one.split is None:
        if one.few(least):
            return t("indicator.hidden"), nothing
        value = number(estimate.value, places)
        return t("indicator.value", value=value, unit=one.indicator.unit), spread
    if one.few(least):
        return _bound(one.split, least), nothing
    share = percent(estimate.value / one.indicator.scale, places)
    hits, base = number(one.split.hits), number(one.split.base)
    return t("indicator.share", value=share, hits=hits, n=base), spread


def _bound(parts: Split, least: int) -> str:
    n = number(parts.base)
    if parts.low(least) and parts.high(least):
        return t("indicator.hidden")
    if parts.low(least):
        return t("indicator.share_low", least=number(least), n=n)
    return t("indicator.share_high", most=number(max(0, parts.base - least)), n=n)


def small_change(found: Change, least: int) -> str:
    """Return a change of which a side is too small to show: what can be told of it.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(small_change).parameters)
    ['found', 'least']
    """
    before, now = (value_of(side, least)[0] for side in (found.before, found.now))
    name = found.now.indicator.name
    return t("indicator.small_change", name=name, before=before, now=now)
