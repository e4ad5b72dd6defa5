"""The one module that decides which numbers may leave the analysts' room (design section 7).

It runs when aggregates are made, never when they are drawn. Counts are of distinct
citizens, or of cases where the log has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    parts: Sequence[str] = (),
    unseen: str = "",
    partial: Mapping[str, Sequence[str]] | None = None,
    disclose: bool = False,
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
        or those that are hidden add up to less than the minimum, the smallest shown one is
        hidden too, until no total gives a cell away. An empty group stands for the grand
        total.
    parts
        Further columns with numbers of citizens that the cell tells of: a small one hides
        the cell just as a small `count` does.
    unseen
        Column that is true for cells which the table never shows but its totals count.
    partial
        Columns that count a part of the cell, each with the columns that hold the numbers of
        citizens in the part and in the rest: a small one hides the part's column, and not
        the cell. The columns with the numbers are left out of the result.
    disclose
        True hides nothing: for the analyst's own eyes.

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
    extra = [name for names in (partial or {}).values() for name in names]
    if disclose:
        return frame.drop(columns=extra).assign(suppressed=False)
    least = minimum_count(minimum)
    counts = frame[count].fillna(0).to_numpy(dtype=float)
    told = _told(frame, (count, *parts))
    gone = frame[unseen].to_numpy(dtype=bool) if unseen else np.zeros(len(frame), dtype=bool)
    hidden: np.ndarray = np.any((told > 0) & (told < least), axis=0)
    groups = [_codes(frame, by) for by in within]
    hidden = _secondary(told, hidden, gone, groups, least)
    result = frame.copy()
    for name in dict.fromkeys((count, *values, *percentiles)):
        result[name] = _blank(result[name], hidden)
    few = hidden | (counts < PERCENTILE_MINIMUM)
    for name in percentiles:
        result[name] = _blank(result[name], few)
    result["suppressed"] = hidden
    for name, numbers in (partial or {}).items():
        told = _told(frame, (count, *numbers))
        small = hidden | np.any((told > 0) & (told < least), axis=0)
        result[name] = _blank(result[name], _secondary(told, small, gone, groups, least))
    return result.drop(columns=extra)


def _told(frame: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    return np.stack([frame[name].fillna(0).to_numpy(dtype=float) for name in names])


def _secondary(
    told: np.ndarray,
    hidden: np.ndarray,
    gone: np.ndarray,
    groups: Sequence[np.ndarray],
    least: int,
) -> np.ndarray:
    hidden = hidden.copy()
    counts = told[0]
    changed = bool(groups)
    while changed:
        changed = False
        for codes in groups:
            given = _given_away(codes, told, hidden, gone, least)
            shown = ~hidden & ~gone & (counts > 0) & np.isin(codes, given)
            for code in given:
                candidates = np.flatnonzero(shown & (codes == code))
                if candidates.size:
                    hidden[candidates[np.argmin(counts[candidates])]] = True
                    changed = True
    return hidden


def _codes(frame: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    if not columns:
        return np.zeros(len(frame), dtype=np.int64)
    return frame.groupby(list(columns), dropna=False, observed=True).ngroup().to_numpy()


def _given_away(
    codes: np.ndarray, told: np.ndarray, hidden: np.ndarray, gone: np.ndarray, least: int
) -> np.ndarray:
    """Return the groups whose total gives the hidden cells away: one alone, or a small sum."""
    if not codes.size:
        return codes
    unknown = hidden | gone
    size = int(codes.max()) + 1
    cells = np.bincount(codes[unknown & (told[0] > 0)], minlength=size)
    alone = (np.bincount(codes[hidden], minlength=size) == 1) & (cells <= 1)
    sums = np.stack([np.bincount(codes, row * unknown, minlength=size) for row in told])
    few = ((sums > 0) & (sums < least)).any(axis=0)
    found: np.ndarray = np.flatnonzero(alone | few)
    return found


def _blank(column: pd.Series, hide: np.ndarray) -> pd.Series:
    if pd.api.types.is_integer_dtype(column.dtype):
        column = column.astype("Int64")
    return column.mask(pd.Series(hide, index=column.index))
