"""The log-rank test of equal curves, in strata and with delayed entry where asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procmine.effects.survival import entries, risk_sets

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["LogRank", "log_rank"]


@dataclass(frozen=True, slots=True)
class LogRank:
    """The statistic, its degrees of freedom and the chance of one as large or larger.

    Examples
    --------
    >>> LogRank(3.84, 1, 0.05).df
    1
    """

    chi2: float
    df: int
    p: float


def log_rank(
    stop: ArrayLike,
    ended: ArrayLike,
    group: ArrayLike,
    entry: ArrayLike | None = None,
    strata: ArrayLike | None = None,
) -> LogRank:
    """Test whether the curves of the groups are equal (Mantel 1966), summed over strata.

    Secondary to the restricted mean: a small chance says that the curves differ, not by how
    much. ``(O - E)' V^-1 (O - E)`` with the hypergeometric variance.

    Parameters
    ----------
    stop, ended, entry
        As in :func:`procmine.effects.survival.kaplan_meier`.
    group
        The group of each case; two or more.
    strata
        The stratum of each case; groups are compared within strata only.

    Examples
    --------
    >>> test = log_rank([1, 2, 3, 4], [True] * 4, ["a", "a", "b", "b"])
    >>> round(test.chi2, 4), test.df
    (2.8824, 1)
    """
    from scipy.special import chdtrc

    exits = np.asarray(stop, dtype=float)
    over = np.asarray(ended, dtype=bool)
    names, code = np.unique(np.asarray(group), return_inverse=True)
    begin = entries(entry, exits.size)
    layer = np.zeros(exits.size) if strata is None else np.asarray(strata)
    score = np.zeros(names.size)
    variance = np.zeros((names.size, names.size))
    for one in np.unique(layer):
        rows = layer == one
        part = _stratum(exits[rows], over[rows], code[rows], begin[rows], names.size)
        score += part[0]
        variance += part[1]
    free = names.size - 1
    chi2 = float(score[:free] @ np.linalg.pinv(variance[:free, :free]) @ score[:free])
    return LogRank(chi2, free, float(chdtrc(free, chi2)))


def _stratum(
    stop: NDArray[np.float64],
    ended: NDArray[np.bool_],
    code: NDArray[np.intp],
    entry: NDArray[np.float64],
    groups: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    times = np.unique(stop[ended])
    n_of = np.zeros((groups, times.size))
    d_of = np.zeros((groups, times.size))
    for index in range(groups):
        mine = code == index
        n_of[index] = risk_sets(entry[mine], stop[mine], times)
        d_of[index] = np.bincount(np.searchsorted(times, stop[mine & ended]), minlength=times.size)
    n, d = n_of.sum(axis=0), d_of.sum(axis=0)
    share = n_of / n
    weight = np.divide(d * (n - d), n - 1, out=np.zeros_like(n), where=n > 1)
    variance = np.diag((share * weight).sum(axis=1)) - (share * weight) @ share.T
    return (d_of - share * d).sum(axis=1), variance
