"""Numbers in words for figures: counts, durations, and both."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from procmine.text import t
from procmine.text.formats import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

__all__ = ["count_and_wait", "duration", "records"]

_MINUTES_BELOW_HOURS = 1.0
_HOURS_BELOW_DAYS = 1.0
_DECIMALS_BELOW = 10.0


def duration(days: float | None, *, coarse: bool = False) -> str:
    """Write a span of calendar days for people: minutes, hours or days.

    `coarse` says that the stamps are days only: then nothing finer is written.

    Examples
    --------
    >>> duration(3.25), duration(0.5), duration(12), duration(1 / 96)
    ('3,2 dage', '12,0 timer', '12 dage', '15 min.')
    """
    if days is None or math.isnan(days):
        return number(None)
    if coarse:
        return t("figure.days", n=number(days, 0))
    hours = days * 24
    if hours < _MINUTES_BELOW_HOURS:
        minutes = hours * 60
        return t("figure.minutes", n=number(minutes, 0)) if minutes >= 1 else t("figure.instant")
    if days < _HOURS_BELOW_DAYS:
        return t("figure.hours", n=number(hours, 1))
    decimals = 1 if days < _DECIMALS_BELOW else 0
    return t("figure.days", n=number(days, decimals))


def about(row: Mapping[str, Any]) -> str:
    """Write a count, and that it is rounded where it is.

    Examples
    --------
    >>> about({"n": 160, "approximate": True}), about({"n": 7})
    ('ca. 160', '7')
    """
    count = number(float(row["n"]))
    return t("figure.map.about", n=count) if row.get("approximate") else count


def count_and_wait(row: Mapping[str, Any]) -> str:
    """Write a way's count, and its median waiting where it has one.

    Examples
    --------
    >>> count_and_wait({"n": 1200, "median_days": 3.0}).split()[-2:]
    ['3,0', 'dage']
    """
    count = about(row)
    days = row.get("median_days")
    if days is None or math.isnan(days):
        return count
    return f"{count} \u00b7 {duration(days, coarse=row.get('coarse') is True)}"


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as dictionaries by column name.

    Examples
    --------
    >>> import pandas as pd
    >>> records(pd.DataFrame({"n": [1]}))
    [{'n': 1}]
    """
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
