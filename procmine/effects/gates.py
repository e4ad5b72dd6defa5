"""Data gates: what must hold before a difference may be judged at all (effects.md 4)."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from procmine.text.formats import ZONE

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MINIMUM", "Gate", "Minimum", "gates", "sparse_months"]

_DAYS_IN_QUARTER = 365.25 / 4


@dataclass(frozen=True, slots=True)
class Minimum:
    """What a judgement needs at least.

    Examples
    --------
    >>> MINIMUM.cases, MINIMUM.ended, MINIMUM.quarters
    (30, 10, 4)
    """

    cases: int = 30
    ended: int = 10
    quarters: int = 4
    sparse_months: int = 1
    month_share: float = 0.5


MINIMUM = Minimum()


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate: its code (a key of the texts), what is needed, what there is, whether it holds.

    Codes: ``cases_before``, ``cases_after``, ``ended_before``, ``ended_after``,
    ``quarters``, ``months``, ``curve``.

    Examples
    --------
    >>> Gate("cases_after", 30, 12).holds
    False
    """

    code: str
    needs: float
    has: float
    most: bool = False
    """Whether `needs` is the most that is allowed, not the least."""

    @property
    def holds(self) -> bool:
        """Whether the gate is passed."""
        return self.has <= self.needs if self.most else self.has >= self.needs

    @property
    def counts_cases(self) -> bool:
        """Whether `has` counts cases, so that a small one may not be told."""
        return self.code.startswith(("cases_", "ended_"))


def gates(
    *,
    cases: tuple[int, int],
    ended: tuple[int, int],
    baseline_days: float,
    sparse: int = 0,
    estimable: bool = True,
    minimum: Minimum = MINIMUM,
) -> tuple[Gate, ...]:
    """Return every gate (G1, G4) with what it needs and has, before and after.

    Parameters
    ----------
    cases, ended
        Number of cases seen, and of them ended, before and after.
    baseline_days
        Length of the window before, in days.
    sparse
        Months of either window with under half of the usual volume.
    estimable
        False where a curve ran empty before the horizon.

    Examples
    --------
    >>> checks = gates(cases=(120, 25), ended=(90, 12), baseline_days=730)
    >>> [gate.code for gate in checks if not gate.holds]
    ['cases_after']
    """
    quarters = round(baseline_days / _DAYS_IN_QUARTER, 1)
    found = (
        Gate("cases_before", minimum.cases, cases[0]),
        Gate("cases_after", minimum.cases, cases[1]),
        Gate("ended_before", minimum.ended, ended[0]),
        Gate("ended_after", minimum.ended, ended[1]),
        Gate("quarters", minimum.quarters, quarters),
        Gate("months", minimum.sparse_months, sparse, most=True),
    )
    return found if estimable else (*found, Gate("curve", 1, 0))


def sparse_months(
    stamps: pd.Series[pd.Timestamp],
    windows: Sequence[tuple[pd.Timestamp, pd.Timestamp]],
    share: float = MINIMUM.month_share,
) -> tuple[str, ...]:
    """Return the whole months in the windows with under `share` of the usual volume (G4).

    Usual is the median of the same calendar month in the other years where there are two or
    more of them, else the median of all whole months.

    Parameters
    ----------
    stamps
        When each thing that makes the volume happened (case starts, events), with a zone.
    windows
        Spans to look at; only months that lie whole in one of them are judged.

    Returns
    -------
    tuple of str
        Months as ``2026-03``, ascending.

    Examples
    --------
    >>> stamps = pd.Series(pd.date_range("2025-01-01", "2025-12-31", freq="D", tz="UTC"))
    >>> year = (stamps.iloc[0], pd.Timestamp("2026-01-01", tz="UTC"))
    >>> sparse_months(stamps[stamps.dt.month != 7], [year])
    ('2025-07',)
    """
    local = pd.to_datetime(stamps, utc=True).dt.tz_convert(ZONE)
    wall = local.dt.tz_localize(None).dropna().to_numpy("datetime64[M]").astype(np.int64)
    counts = dict(
        zip(*(each.tolist() for each in np.unique(wall, return_counts=True)), strict=True)
    )
    months = _whole_months(windows)
    if not months:
        return ()
    volume = {month: counts.get(month, 0) for month in months}
    usual = median(volume.values())
    found = []
    for month, count in volume.items():
        others = [n for m, n in volume.items() if (m - month) % 12 == 0 and m != month]
        if count < share * (median(others) if len(others) > 1 else usual):
            found.append(f"{1970 + month // 12}-{month % 12 + 1:02d}")
    return tuple(found)


def _whole_months(windows: Sequence[tuple[pd.Timestamp, pd.Timestamp]]) -> list[int]:
    """Return the months that lie whole in a window, counted from January 1970."""
    months: set[int] = set()
    for begin, finish in windows:
        low = begin.tz_convert(ZONE).tz_localize(None)
        high = finish.tz_convert(ZONE).tz_localize(None) + pd.Timedelta(microseconds=1)
        begun = low > pd.Timestamp(low.year, low.month, 1)
        months.update(range(_month(low) + begun, _month(high)))
    return sorted(months)


def _month(moment: pd.Timestamp) -> int:
    return 12 * (moment.year - 1970) + moment.month - 1
