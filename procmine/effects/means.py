"""Means and shares of finished cases, with intervals that hold at small sizes.

Means: Student's t on the sums by citizen, so that several cases of one citizen count as one
piece of evidence. Shares: Wilson; their difference: Newcombe. A percentile bootstrap is not
offered, its intervals are too short under 50 cases (effects.md 3.1).
"""

from __future__ import annotations

from math import hypot, nan, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from procmine.effects.survival import Estimate
from procmine.tables.numbers import different

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["mean", "mean_change", "share", "share_change"]

_LEVEL = 0.95
_Z = NormalDist().inv_cdf(0.5 + _LEVEL / 2)


def _students_t(df: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(df, 0.5 + _LEVEL / 2))


def _around(value: float, se: float, df: float) -> Estimate:
    half = _students_t(df) * se if df > 0 else nan
    return Estimate(value, se, value - half, value + half)


def _groups(*sides: ArrayLike | None, sizes: Sequence[int]) -> list[NDArray[np.int64]]:
    """Return whose each value is as numbers, alike on all sides; each its own without."""
    told = [np.arange(n) if side is None else side for side, n in zip(sides, sizes, strict=True)]
    named = [pd.Series(side) for side in told]
    codes, _ = pd.factorize(pd.concat(named, ignore_index=True), use_na_sentinel=False)
    return np.split(codes, np.cumsum(sizes)[:-1])


def _part(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of each value in the mean's error."""
    part: NDArray[np.float64] = (values - values.mean()) / values.size
    return part


def _spread(groups: NDArray[np.int64], parts: NDArray[np.float64]) -> tuple[float, int]:
    n = different(groups)
    if n < 2:
        return nan, n
    sums = np.bincount(groups, weights=parts)
    return sqrt(float(np.sum(sums**2)) * n / (n - 1)), n


def mean(values: ArrayLike, clusters: ArrayLike | None = None) -> Estimate:
    """Return the mean with its 95 % interval by Student's t.

    Parameters
    ----------
    values
        One number a case.
    clusters
        Whose case it is; each its own where None. Degrees of freedom: clusters less one.

    Examples
    --------
    >>> found = mean([1, 2, 3, 4, 5])
    >>> found.value, round(found.lower, 3), round(found.upper, 3)
    (3.0, 1.037, 4.963)
    """
    numbers = np.asarray(values, dtype=float)
    if not numbers.size:
        return Estimate(nan, nan, nan, nan)
    owners = _groups(clusters, sizes=(numbers.size,))
    se, groups = _spread(owners[0], _part(numbers))
    return _around(float(numbers.mean()), se, groups - 1)


def mean_change(
    before: ArrayLike,
    after: ArrayLike,
    clusters: tuple[ArrayLike, ArrayLike] | None = None,
) -> Estimate:
    """Return mean of `after` less mean of `before`, with Welch's interval.

    Citizens with cases on both sides are taken as one piece of evidence.

    Examples
    --------
    >>> found = mean_change([10, 12, 14, 16], [6, 8, 10, 12])
    >>> found.value, found.upper > 0
    (-4.0, True)
    """
    sides = (np.asarray(before, dtype=float), np.asarray(after, dtype=float))
    if not (sides[0].size and sides[1].size):
        return Estimate(nan, nan, nan, nan)
    value = float(sides[1].mean() - sides[0].mean())
    size = sides[0].size
    apart_of = clusters or (np.arange(size), np.arange(size, size + sides[1].size))
    owners = _groups(*apart_of, sizes=[side.size for side in sides])
    parts = [_part(side) for side in sides]
    spread = [_spread(*both) for both in zip(owners, parts, strict=True)]
    if any(groups < 2 for _, groups in spread):
        return Estimate(value, nan, nan, nan)
    (se0, g0), (se1, g1) = spread
    apart = hypot(se0, se1)
    below = se0**4 / (g0 - 1) + se1**4 / (g1 - 1)
    df = apart**4 / below if below > 0 else float(g0 + g1 - 2)
    if not np.isin(owners[0], owners[1]).any():
        return _around(value, apart, df)
    both = _spread(np.concatenate(owners), np.concatenate([-parts[0], parts[1]]))
    return _around(value, both[0], df)


def share(hits: int, n: int) -> Estimate:
    """Return a share with Wilson's 95 % interval (1927).

    Examples
    --------
    >>> found = share(12, 28)
    >>> round(found.lower, 3), round(found.upper, 3)
    (0.265, 0.609)
    >>> round(share(0, 25).upper, 3)
    0.133
    """
    if n <= 0:
        return Estimate(nan, nan, nan, nan)
    value = hits / n
    middle = (value + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * sqrt(value * (1 - value) / n + _Z**2 / (4 * n**2)) / (1 + _Z**2 / n)
    lower, upper = max(0.0, middle - half), min(1.0, middle + half)
    return Estimate(value, sqrt(value * (1 - value) / n), lower, upper)


def share_change(before: tuple[int, int], after: tuple[int, int]) -> Estimate:
    """Return the difference of two shares, each as (hits, n), with Newcombe's interval (1998).

    Examples
    --------
    >>> found = share_change((56, 70), (48, 80))
    >>> round(found.value, 3), round(found.lower, 4), round(found.upper, 4)
    (-0.2, -0.3339, -0.0524)
    """
    old, new = share(*before), share(*after)
    value = new.value - old.value
    lower = value - hypot(new.value - new.lower, old.upper - old.value)
    upper = value + hypot(new.upper - new.value, old.value - old.lower)
    return Estimate(value, hypot(old.se, new.se), lower, upper)
