"""How much each case moves a restricted mean: the basis of intervals clustered by citizen.

A citizen's cases go together, and a case that is open at an intervention counts on both
sides of it; summing influences by citizen over both sides takes account of either. Without
late entry and with one case a citizen the sum of squares is Greenwood's variance exactly.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from procmine.effects.survival import entries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from procmine.effects.survival import Curve

__all__ = ["clustered_se", "rmst_influence"]


def rmst_influence(
    curve: Curve, tau: float, stop: ArrayLike, ended: ArrayLike, entry: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Return each case's influence on the restricted mean up to `tau`, in its unit.

    ``-sum over t of (area from t to tau) (dN - Y d / n) / (n - d)``: the infinitesimal
    jackknife. Times with ``n == d`` give nothing, as in Greenwood's formula.

    Examples
    --------
    >>> from procmine.effects.survival import kaplan_meier, rmst
    >>> stop, ended = [1, 2, 3, 4], [True, True, True, False]
    >>> curve = kaplan_meier(stop, ended)
    >>> own = float((rmst_influence(curve, 4, stop, ended) ** 2).sum()) ** 0.5
    >>> round(own, 6) == round(rmst(curve, 4).se, 6)
    True
    """
    exits = np.asarray(stop, dtype=float)
    over = np.asarray(ended, dtype=bool)
    begin = entries(entry, exits.size)
    left = (curve.at_risk - curve.ended).astype(float)
    usable = (left > 0) & (curve.times < tau)
    area = curve.area_after(tau)
    own = np.divide(area, left, out=np.zeros(left.size), where=usable)
    expected = np.concatenate(([0.0], np.cumsum(own * curve.ended / curve.at_risk)))
    seen = expected[np.searchsorted(curve.times, exits, side="right")]
    missed = expected[np.searchsorted(curve.times, begin, side="right")]
    at = np.searchsorted(curve.times, exits)
    hit = np.concatenate((own, [0.0]))[at] * over
    return np.asarray(seen - missed - hit, dtype=np.float64)


def clustered_se(influences: Sequence[NDArray[np.float64]], clusters: Sequence[ArrayLike]) -> float:
    """Return the standard error of a difference whose parts share clusters.

    Parameters
    ----------
    influences
        One array a side, signed as the side enters the difference.
    clusters
        The cluster (citizen) of each influence, one array a side.

    Notes
    -----
    With the usual correction ``G / (G - 1)`` for G clusters.

    Examples
    --------
    >>> import numpy as np
    >>> round(clustered_se([np.array([1.0, -1.0])], [["a", "b"]]), 6)
    2.0
    """
    names = np.concatenate([np.asarray(part, dtype=object) for part in clusters])
    values = np.concatenate(list(influences))
    code, found = pd.factorize(names, use_na_sentinel=False)
    groups = len(found)
    if groups < 2:
        return float("nan")
    sums = np.bincount(code, weights=values, minlength=groups)
    return sqrt(float(np.sum(sums**2)) * groups / (groups - 1))
