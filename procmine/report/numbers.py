"""Numbers as a reader sees them: days, and the row of a measured figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.indicators.told import value_of
from procmine.text import t
from procmine.text.formats import number

if TYPE_CHECKING:
    from procmine.indicators.measure import Figure

__all__ = ["days", "figure_row", "plain"]

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
    counts = (t("indicator.none"),) * 2 if few else (number(one.cases), number(one.citizens))
    return (name, value, spread, *counts)
