"""What of a process map is hidden, and which shown counts are rounded so it stays hidden.

What comes into an activity goes out of it again, or is still there: two sums an activity,
which a reader can solve for what is hidden. Counts are rounded until they cannot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from procmine.disclosure import suppress

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["hidden_map", "rounded"]

_TINY = 1e-6


def rounded(n: float) -> int:
    """Round a count to whole tens, and never to none.

    Examples
    --------
    >>> rounded(163), rounded(5)
    (160, 10)
    """
    return max(10, 10 * round(n / 10))


def hidden_map(
    nodes: pd.DataFrame, edges: pd.DataFrame, minimum: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the activities and ways that may be shown; `approximate` ones are rounded.

    Those of fewer citizens than the minimum are left out, with the ways to and from them.
    A rounded row has no counts of cases and citizens, and no sum of days, which would give
    its count away.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(hidden_map).parameters)
    ['nodes', 'edges', 'minimum']
    """
    kept = nodes[nodes["citizens"] >= minimum].reset_index(drop=True)
    names = set(kept["activity"])
    inside = _known(edges["from"], names) & _known(edges["to"], names)
    shown = ((edges["citizens"] >= minimum) & inside).to_numpy()
    opens = suppress(
        nodes.assign(gone=~nodes["activity"].isin(names)),
        count="last_in_open",
        minimum=minimum,
        within=[[]],
        unseen="gone",
    )
    few = opens["last_in_open"].isna()[(nodes["citizens"] >= minimum).to_numpy()].to_numpy()
    sums = _sums(kept, edges, shown, few, int(nodes["last_in_open"].sum()), minimum)
    blurred = _blurred(sums, minimum)
    kept = _rounded(kept, blurred[: len(kept)])
    kept["last_in_open"] = kept["last_in_open"].mask(few)
    ways = _rounded(edges, blurred[len(kept) : len(kept) + len(edges)])
    return kept, ways[shown].reset_index(drop=True)


def _known(column: pd.Series[str], names: set[str]) -> pd.Series[bool]:
    return column.isin(names) | column.isna()


def _rounded(frame: pd.DataFrame, blurred: NDArray[np.bool_]) -> pd.DataFrame:
    counts = [rounded(n) if about else n for n, about in zip(frame["n"], blurred, strict=True)]
    result = frame.assign(n=counts, approximate=blurred)
    for name in ("cases", "citizens", "total_days"):
        if name in result:
            result[name] = result[name].mask(blurred)
    return result


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums over counts: each row of `matrix` is one, which comes to a number that is known.

    Counts are those of activities, then ways, then open cases by activity and at activities
    not shown; `unknown` ones are not shown, and `sides` are the sets of those that a sum
    could give away together. Only the first `roundable` can be rounded.
    """

    matrix: NDArray[np.float64]
    values: NDArray[np.float64]
    unknown: NDArray[np.bool_]
    sides: NDArray[np.bool_]
    roundable: int


def _sums(
    kept: pd.DataFrame,
    edges: pd.DataFrame,
    shown: NDArray[np.bool_],
    few: NDArray[np.bool_],
    still: int,
    minimum: int,
) -> _Sums:
    n, m = len(kept), len(edges)
    place = {name: i for i, name in enumerate(kept["activity"])}
    matrix = np.zeros((2 * n + 3, 2 * n + m + 1))
    matrix[np.arange(n), np.arange(n)] = matrix[np.arange(n, 2 * n), np.arange(n)] = 1.0
    matrix[np.arange(n, 2 * n), np.arange(n + m, 2 * n + m)] = -1.0
    for j, (source, target) in enumerate(zip(edges["from"], edges["to"], strict=True)):
        if target in place:
            matrix[place[target], n + j] = -1.0
        if source in place:
            matrix[n + place[source], n + j] = -1.0
    # Everyone begins somewhere, and ends or is open. How many is told elsewhere; where few
    # are open that is not, and only both together are known.
    matrix[2 * n, n : n + m] = edges["from"].isna()
    matrix[2 * n + 1, n : n + m] = edges["to"].isna()
    matrix[2 * n + (1 if 0 < still < minimum else 2), n + m :] = 1.0
    away = still - int(kept["last_in_open"].sum())
    unknown = np.concatenate([np.zeros(n, dtype=bool), ~shown, few, [away > 0]])
    values = np.concatenate([kept["n"], edges["n"], kept["last_in_open"], [away]]).astype(float)
    return _Sums(matrix, values, unknown, (matrix != 0) & unknown, n + m)


def _blurred(sums: _Sums, minimum: int) -> NDArray[np.bool_]:
    """Return which counts to round, so that the sums give no small number away."""
    small = sums.unknown & (sums.values > 0) & (sums.values < minimum)
    together = sums.sides @ sums.values
    sides = sums.sides[(together > 0) & (together < minimum)]
    secrets = np.concatenate([np.eye(len(small))[small], sides.astype(float)])
    combined = _Combined(sums.matrix, secrets)
    for count in np.flatnonzero(sums.unknown).tolist():
        combined.without(count)
    blurred = np.zeros(len(sums.unknown), dtype=bool)
    while chosen := _next(sums, sums.unknown | blurred, combined):
        blurred[chosen] = True
        for count in chosen:
            combined.without(count)
    return blurred


class _Combined:
    """Each secret as a combination of the sums in which nothing else is unknown.

    What becomes unknown is a further condition on the combinations: either they are bent to
    it by sums that are free to be added, or the secret is given away no more.
    """

    def __init__(self, matrix: NDArray[np.float64], secrets: NDArray[np.float64]) -> None:
        self.matrix, self.secrets = matrix, secrets
        self.given: NDArray[np.bool_] = np.ones(len(secrets), dtype=bool)
        self.weights = np.zeros((len(secrets), len(matrix)))
        self.free = np.eye(len(matrix))

    def without(self, count: int) -> None:
        """Take a count to be unknown: combinations hold just what the secret has of it."""
        column = self.matrix[:, count]
        lacking = self.secrets[:, count] - self.weights @ column
        bend = self.free @ column
        size = float(bend @ bend)
        if size < _TINY:
            self.given &= lacking**2 < _TINY
            return
        self.weights += np.outer(lacking / size, bend @ self.free)
        # Turned so that all of the bend lies in one of the free combinations, which goes.
        turn = bend / np.sqrt(size)
        turn[0] += 1.0 if turn[0] >= 0 else -1.0
        turned = np.outer(2.0 / float(turn @ turn) * turn, turn @ self.free)
        self.free = (self.free - turned)[1:]


def _next(sums: _Sums, unknown: NDArray[np.bool_], combined: _Combined) -> list[int]:
    """Return counts to round next: one for each secret that the sums still give away.

    Rounding a shown count of its combination breaks that. The largest one is taken, for it
    loses least.
    """
    used = np.abs(combined.weights[combined.given] @ sums.matrix) > _TINY
    used &= ~unknown
    used[:, sums.roundable :] = False
    best = np.where(used, sums.values, -1.0).argmax(axis=1)
    return sorted({int(count) for count in best[used.any(axis=1)]})
