"""How often each of several endings has come by a time (Aalen and Johansen 1978).

``1 - KM`` of one ending, with the others treated as open cases, counts people who can no
longer come to that ending: on mgus2 it gives three times the true share. It is not offered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from procmine.effects.survival import entries, kaplan_meier, risk_sets

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["cumulative_incidence"]


def cumulative_incidence(
    stop: ArrayLike, cause: ArrayLike, entry: ArrayLike | None = None
) -> pd.DataFrame:
    """Estimate the share that has come to each ending by each time.

    ``F_k(t) = sum of S(t-) d_k / n``; the variance is that of the delta method, equal to the
    sum of squared influences where nobody enters late.

    Parameters
    ----------
    stop
        Duration at which each case ended or was last seen.
    cause
        The ending, a name or a number; None, NaN, 0 or an empty text where still open.
    entry
        Duration at which it came under observation; None where all are followed from 0.

    Returns
    -------
    DataFrame, one row an ending and a time at which some case ends
        ``cause, time, at_risk, ended`` (of that cause), ``incidence, se``.

    Examples
    --------
    >>> table = cumulative_incidence([1, 2, 3], ["a", "b", None])
    >>> table.groupby("cause")["incidence"].last().round(3).to_dict()
    {'a': 0.333, 'b': 0.333}
    """
    exits = np.asarray(stop, dtype=float)
    names = pd.Series(cause, dtype="object")
    over = (names.notna() & ~names.isin([0, ""])).to_numpy(dtype=bool)
    curve = kaplan_meier(exits, over, entry)
    at_risk = risk_sets(entries(entry, exits.size), exits, curve.times)
    before = np.concatenate(([1.0], curve.survival[:-1])) if curve.times.size else curve.survival
    parts = []
    for name in sorted(names[over].unique(), key=str):
        mine = exits[over & (names == name).to_numpy(dtype=bool)]
        d_k = np.bincount(np.searchsorted(curve.times, mine), minlength=curve.times.size)
        value = np.cumsum(before * d_k / at_risk)
        se = np.sqrt(_variance(value, before, d_k, curve.ended, at_risk))
        columns = {"cause": name, "time": curve.times, "at_risk": at_risk, "ended": d_k}
        parts.append(pd.DataFrame(columns | {"incidence": value, "se": se}))
    if not parts:
        return pd.DataFrame(columns=["cause", "time", "at_risk", "ended", "incidence", "se"])
    return pd.concat(parts, ignore_index=True)


def _variance(
    value: NDArray[np.float64],
    before: NDArray[np.float64],
    d_k: NDArray[np.int64],
    d: NDArray[np.int64],
    n: NDArray[np.int64],
) -> NDArray[np.float64]:
    left = (n - d).astype(float)
    a = np.divide(d, n * left, out=np.zeros(n.size), where=left > 0)
    b = before**2 * d_k * (n - d_k) / n.astype(float) ** 3
    c = before * d_k / n.astype(float) ** 2
    # Var F(t) = sum of (F(t) - F_j)^2 a - 2 (F(t) - F_j) c + b: expanded, so that running
    # sums give every t at once.
    square = value**2 * np.cumsum(a) - 2 * value * np.cumsum(a * value) + np.cumsum(a * value**2)
    cross = value * np.cumsum(c) - np.cumsum(c * value)
    return np.asarray(np.maximum(square - 2 * cross + np.cumsum(b), 0.0), dtype=np.float64)
