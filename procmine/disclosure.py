"""The one module that decides which numbers may leave the analysts' room (design section 7).

It runs when aggregates are made, never when they are drawn. Counts are of distinct
citizens, or of cases where the log has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FLOOR", "MINIMUM", "PERCENTILE_MINIMUM", "minimum_count", "suppress"]

MINIMUM = 5
"""Fewest citizens that a shown count may stand for, unless a higher number is set."""
FLOOR = 3
"""No setting goes under this number."""
PERCENTILE_MINIMUM = 10
"""Fewest citizens behind a median or another percentile."""


def minimum_count(wanted: int | None = None) -> int:
    """Return the minimum to use: the wanted one, never under the floor.

    Examples
    --------
    >>> minimum_count(), minimum_count(1), minimum_count(10)
    (5, 3, 10)
    """
    return max(FLOOR, MINIMUM if wanted is None else wanted)


def suppress(
    frame: pd.DataFrame,
    *,
    count: str = "citizens",
    minimum: int | None = None,
    values: Sequence[str] = (),
    percentiles: Sequence[str] = (),
    within: Sequence[Sequence[str]] = (),
) -> pd.DataFrame:
    """Hide small cells and what would give them away again.

    Parameters
    ----------
    frame
        Aggregated table, one row a cell. It is not changed.
    count
        Column with the number of distinct citizens (or cases) behind the cell.
    minimum
        A count from 1 to one below it is hidden; never lower than :data:`FLOOR`.
    values
        Further columns that are hidden with the count: other counts, sums, means.
    percentiles
        Columns that also need :data:`PERCENTILE_MINIMUM` behind them.
    within
        Groups of columns over which totals are shown elsewhere, e.g. ``[["from"], ["to"]]``
        for a matrix with both margins. Where exactly one cell of such a total is hidden,
        the smallest shown one is hidden too, until no total gives a cell away. An empty
        group stands for the grand total.

    Returns
    -------
    DataFrame
        As `frame`, hidden cells null, with a boolean column ``suppressed``.

    Examples
    --------
    >>> cells = pd.DataFrame({"unit": ["a", "b", "c"], "citizens": [2, 7, 30]})
    >>> suppress(cells, within=[[]])["suppressed"].tolist()
    [True, True, False]
    """
    least = minimum_count(minimum)
    counts = frame[count].fillna(0).to_numpy(dtype=float)
    hidden = (counts > 0) & (counts < least)
    hidden = _secondary(frame, counts, hidden, within)
    result = frame.copy()
    for name in dict.fromkeys((count, *values, *percentiles)):
        result[name] = _blank(result[name], hidden)
    few = hidden | (counts < PERCENTILE_MINIMUM)
    for name in percentiles:
        result[name] = _blank(result[name], few)
    result["suppressed"] = hidden
    return result


def _secondary(
    frame: pd.DataFrame,
    counts: np.ndarray,
    hidden: np.ndarray,
    within: Sequence[Sequence[str]],
) -> np.ndarray:
    groups = [_codes(frame, columns) for columns in within]
    hidden = hidden.copy()
    changed = bool(groups)
    while changed:
        changed = False
        for codes in groups:
            alone = _alone(codes, hidden)
            shown = ~hidden & (counts > 0) & np.isin(codes, alone)
            for code in alone:
                candidates = np.flatnonzero(shown & (codes == code))
                if candidates.size:
                    hidden[candidates[np.argmin(counts[candidates])]] = True
                    changed = True
    return hidden


def _codes(frame: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    if not columns:
        return np.zeros(len(frame), dtype=np.int64)
    return frame.groupby(list(columns), dropna=False, observed=True).ngroup().to_numpy()


def _alone(codes: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Return the groups in which exactly one cell is hidden, so that the total gives it away."""
    found, numbers = np.unique(codes[hidden], return_counts=True)
    lonely: np.ndarray = found[numbers == 1]
    return lonely


def _blank(column: pd.Series, hide: np.ndarray) -> pd.Series:
    if pd.api.types.is_integer_dtype(column.dtype):
        column = column.astype("Int64")
    return column.mask(pd.Series(hide, index=column.index))
