"""How large a change must be to be seen, and when a month can decide at the earliest."""

from __future__ import annotations

from math import ceil, inf, sqrt
from statistics import NormalDist

import pandas as pd

from procmine.text.formats import ZONE

__all__ = ["FACTOR", "add_months", "detectable", "months_to_decide"]

FACTOR = NormalDist().inv_cdf(0.975) + NormalDist().inv_cdf(0.8)
"""2.80: five per cent false alarms, 80 % power (effects.md 3.2)."""


def detectable(sd: float, before: float, after: float) -> float:
    """Return the least change that is seen with 80 % power: ``2.80 sd sqrt(1/n0 + 1/n1)``.

    Parameters
    ----------
    sd
        Spread of one case, in the unit of the indicator (standard error times root n).
    before, after
        Number of cases on each side.

    Examples
    --------
    >>> round(detectable(100, 100, 100))
    40
    """
    if before <= 0 or after <= 0:
        return inf
    return FACTOR * sd * sqrt(1 / before + 1 / after)


def months_to_decide(sd: float, before: float, per_month: float, change: float) -> int | None:
    """Return the months of data after the start that make `change` visible; None if never.

    Never: where the cases before the start are too few by themselves, however long one waits
    (or it would take over ten years).

    Examples
    --------
    >>> months_to_decide(100, 400, 25, 28)
    6
    >>> months_to_decide(100, 25, 25, 28) is None
    True
    """
    if change <= 0 or per_month <= 0 or before <= 0:
        return None
    room = (change / (FACTOR * sd)) ** 2 - 1 / before if sd > 0 else inf
    if room <= 0:
        return None
    months = max(1, ceil(round(1 / (room * per_month), 9)))
    longest = 120
    return months if months <= longest else None


def add_months(moment: pd.Timestamp, months: int) -> pd.Timestamp:
    """Return the local month that holds the last day of `months` whole months of data.

    Examples
    --------
    >>> str(add_months(pd.Timestamp("2026-03-01", tz="Europe/Copenhagen"), 2).date())
    '2026-05-01'
    """
    return moment.tz_convert(ZONE) + pd.DateOffset(months=months)
