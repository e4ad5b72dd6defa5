"""Time to an event when some cases are still open: curves, restricted means, quantiles.

Every estimator takes delayed entry: a case counts at `t` when ``entry < t <= exit``. A case
that is followed from its own beginning has ``entry <= 0`` and also counts at ``t = 0``.
Variances are sums over the times at which something ends (Greenwood's form); the influence
of each case, which clustered variances need, is in :mod:`procmine.effects.influence`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Curve",
    "Estimate",
    "Transform",
    "at_risk_at",
    "kaplan_meier",
    "quantile",
    "rmst",
    "survival_interval",
]

Transform = Literal["log-log", "log", "plain"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its standard error and interval, all in the unit of what was measured.

    Examples
    --------
    >>> Estimate.normal(10.0, 2.0).upper.__round__(2)
    13.92
    """

    value: float
    se: float
    lower: float
    upper: float

    @classmethod
    def normal(cls, value: float, se: float, level: float = 0.95) -> Estimate:
        """Return the estimate with the interval of the normal distribution."""
        half = NormalDist().inv_cdf(0.5 + level / 2) * se
        return cls(value, se, value - half, value + half)


@dataclass(frozen=True, slots=True)
class Curve:
    """The share not yet ended, at each time at which at least one case ends.

    Attributes
    ----------
    times
        Distinct times of an end, ascending, in the unit of the durations.
    at_risk, ended
        How many cases were under observation just before each time, how many ended at it.
    survival
        Share not yet ended right after each time.
    greenwood
        Running sum of ``d / (n (n - d))``; terms with ``n == d`` are 0.

    Examples
    --------
    >>> kaplan_meier([1, 2, 3], [True, True, False]).survival.round(3).tolist()
    [0.667, 0.333]
    """

    times: NDArray[np.float64]
    at_risk: NDArray[np.int64]
    ended: NDArray[np.int64]
    survival: NDArray[np.float64]
    greenwood: NDArray[np.float64]
    settled: float = 0.25
    """A step to 0 from a share no higher than this is the end of a curve, not a hole in it."""

    def at(self, times: ArrayLike) -> NDArray[np.float64]:
        """Return the share not yet ended at each of `times` (a right-continuous step)."""
        where = np.searchsorted(self.times, np.asarray(times, dtype=float), side="right")
        return np.concatenate(([1.0], self.survival))[where]

    def area_after(self, tau: float) -> NDArray[np.float64]:
        """Return the area under the curve from each of its times up to `tau`, never negative."""
        knots = np.minimum(np.concatenate((self.times, [tau])), tau)
        pieces = self.survival * np.diff(knots)
        return np.cumsum(pieces[::-1])[::-1].astype(np.float64)

    def emptied_before(self, tau: float) -> bool:
        """Say whether everyone under observation ended before `tau`, though others came later.

        The curve then rests at 0 for a reason of chance (few cases at an early time), and a
        restricted mean of it means nothing.
        """
        gone = np.flatnonzero((self.survival <= 0) & (self.times < tau))
        if not gone.size or gone[0] == self.times.size - 1:
            return False
        before = self.survival[gone[0] - 1] if gone[0] else 1.0
        return bool(before > self.settled)

    def table(self) -> pd.DataFrame:
        """Return the curve with its 95 % log-log interval, one row a time of an end."""
        lower, upper = survival_interval(self)
        return pd.DataFrame(
            {
                "time": self.times,
                "at_risk": self.at_risk,
                "ended": self.ended,
                "survival": self.survival,
                "lower": lower,
                "upper": upper,
            }
        )


def risk_sets(
    entry: NDArray[np.float64], stop: NDArray[np.float64], times: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return how many cases have ``entry < t <= stop``, for each ascending `t`."""
    entered = np.searchsorted(np.sort(entry), times, side="left")
    left = np.searchsorted(np.sort(stop), times, side="left")
    return (entered - left).astype(np.int64)


def entries(entry: ArrayLike | None, size: int) -> NDArray[np.float64]:
    """Return when each case comes under observation; minus infinity from its own beginning."""
    if entry is None:
        return np.full(size, -np.inf)
    given = np.asarray(entry, dtype=float)
    return np.where(given <= 0, -np.inf, given)


def kaplan_meier(stop: ArrayLike, ended: ArrayLike, entry: ArrayLike | None = None) -> Curve:
    """Estimate the share of cases not yet ended, by duration (Kaplan and Meier 1958).

    Parameters
    ----------
    stop
        Duration at which each case ended or was last seen.
    ended
        Whether it ended then (True) or was still open (False).
    entry
        Duration at which it came under observation; None where all are followed from 0.

    Returns
    -------
    Curve
        One step a distinct time of an end.

    Examples
    --------
    A case seen only from day 5 on does not count before it:

    >>> kaplan_meier([3, 9, 9], [True, True, False], entry=[0, 0, 5]).at_risk.tolist()
    [2, 2]
    """
    exits = np.asarray(stop, dtype=float)
    over = np.asarray(ended, dtype=bool)
    times, counts = np.unique(exits[over], return_counts=True)
    n = risk_sets(entries(entry, exits.size), exits, times)
    d = counts.astype(np.int64)
    left = n - d
    terms = np.divide(d, n * left, out=np.zeros(d.size), where=left > 0)
    survival = np.cumprod(left / np.maximum(n, 1)).astype(np.float64)
    return Curve(times, n, d, survival, np.cumsum(terms))


def rmst(curve: Curve, tau: float) -> Estimate:
    """Return the restricted mean: the mean duration where longer ones count as `tau`.

    ``Var = sum of (area from t to tau)^2 * d / (n (n - d))`` over the times up to `tau`;
    terms with ``n == d`` are 0 (effects.md 3.1).

    Examples
    --------
    >>> rmst(kaplan_meier([2, 4, 6], [True, True, True]), 4).value.__round__(3)
    3.333
    """
    first = min(float(curve.times[0]), tau) if curve.times.size else tau
    areas = curve.area_after(tau)
    inside = curve.times < tau
    steps = np.diff(np.concatenate(([0.0], curve.greenwood)))
    variance = float(np.sum(areas[inside] ** 2 * steps[inside]))
    value = first + (float(areas[0]) if areas.size else 0.0)
    return Estimate.normal(value, sqrt(variance))


def survival_interval(
    curve: Curve, transform: Transform = "log-log", level: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return lower and upper limits of the curve at its times, in the named transform.

    Where nobody or everybody is left the limits are the value itself.

    Examples
    --------
    >>> low, high = survival_interval(kaplan_meier([1, 2], [True, False]), "plain")
    >>> float(low[0]), float(high[0])
    (0.0, 1.0)
    """
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = curve.survival
    spread = z * np.sqrt(curve.greenwood)
    inner = (share > 0) & (share < 1)
    safe = np.where(inner, share, 0.5)
    if transform == "plain":
        low, high = safe - safe * spread, safe + safe * spread
    elif transform == "log":
        low, high = safe * np.exp(-spread), safe * np.exp(spread)
    else:
        shift = spread / np.abs(np.log(safe))
        low, high = safe ** np.exp(shift), safe ** np.exp(-shift)
    lower = np.where(inner, np.clip(low, 0, 1), share)
    upper = np.where(inner, np.clip(high, 0, 1), share)
    return lower, upper


def _first_at_or_below(
    times: NDArray[np.float64], curve: NDArray[np.float64], level: float
) -> float:
    tolerance = 1e-9
    below = np.flatnonzero(curve <= level + tolerance)
    if not below.size:
        return float("inf")
    index = int(below[0])
    flat = abs(curve[index] - level) <= tolerance and index + 1 < times.size
    return float((times[index] + times[index + 1]) / 2 if flat else times[index])


def quantile(
    curve: Curve, share: float = 0.5, transform: Transform = "log-log"
) -> tuple[float, float, float]:
    """Return the duration within which `share` of the cases end, with its 95 % interval.

    The interval is that of Brookmeyer and Crowley (1982) and depends on the transform, so
    name it wherever it is printed. Infinite where the curve or its limit never comes so far.
    Where the curve rests exactly on the level, the middle of that step is taken.

    Examples
    --------
    >>> quantile(kaplan_meier([1, 2, 3, 4], [True] * 4))[0]
    2.5
    """
    level = 1 - share
    lower, upper = survival_interval(curve, transform)
    first = np.flatnonzero(lower <= level)
    last = np.flatnonzero(upper <= level)
    return (
        _first_at_or_below(curve.times, curve.survival, level),
        float(curve.times[first[0]]) if first.size else float("inf"),
        float(curve.times[last[0]]) if last.size else float("inf"),
    )


def at_risk_at(
    stop: ArrayLike, times: Iterable[float], entry: ArrayLike | None = None
) -> NDArray[np.int64]:
    """Return how many cases are under observation at each of `times` (the row under a chart).

    Examples
    --------
    >>> at_risk_at([5, 10], [0, 5, 6]).tolist()
    [2, 2, 1]
    """
    exits = np.asarray(stop, dtype=float)
    return risk_sets(entries(entry, exits.size), exits, np.asarray(list(times), dtype=float))
