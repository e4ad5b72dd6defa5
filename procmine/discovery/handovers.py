"""The network of handovers: how often, how long, and how often straight back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.store.snapshot import always, read_narrow

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

    from procmine.store.snapshot import Snapshot

    Ints = NDArray[np.integer[Any]]
    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Names = NDArray[np.object_]

__all__ = ["handover_network"]

_NARROW = 1 << 16


def handover_network(
    snapshot: Snapshot, process: str | None = None, *, whole: bool = False
) -> pd.DataFrame:
    """Count the handovers from each unit to each other, their gaps, and the returns.

    Parameters
    ----------
    snapshot, process
        The log, and which of its processes (may be left out where it has one).
    whole
        Also count handovers in phases that are not the case's own.

    Returns
    -------
    DataFrame, one row a pair of units, most frequent first
        ``from, to, n, returns, mean_gap_days, median_gap_days``: a return goes to the unit
        that the case came from by the handover before (A to B to A); gaps are calendar days
        from the last step of one unit to the first of the next.

    References
    ----------
    Design section 3 (visits and the boundaries between them); spec methods.md, section 2.2.

    Examples
    --------
    >>> import procmine
    >>> handover_network(procmine.open("STORE").snapshot)  # doctest: +SKIP
    """
    import pandas as pd

    file = snapshot.facts_file(process, "handovers")
    columns = ["from", "to", "visit", "gap_days"]
    kept = [] if whole or always(file, "counted") else ["counted"]
    table = read_narrow(file, columns + kept, threads=True)
    giving, taking, units = _hands(table["from"], table["to"])
    back = np.zeros(len(giving), dtype=np.bool_)
    # Handovers lie by case and visit; the first of a case leads to its visit number 1.
    back[1:] = (taking[1:] == giving[:-1]) & (table["visit"].to_numpy()[1:] > 1)
    gap = table["gap_days"].to_numpy()
    if kept:
        counted = np.asarray(table["counted"], dtype=np.bool_)
        giving, taking, gap, back = giving[counted], taking[counted], gap[counted], back[counted]
    ways, place = _ways(giving, taking, len(units))
    on, returns = _both(place, back, len(ways))
    n = on + returns
    mean, median = _means(place, gap, n)
    found = np.flatnonzero(n)
    found = found[np.argsort(-n[found], kind="stable")]
    return pd.DataFrame(
        {
            "from": units[ways[found] // max(len(units), 1)],
            "to": units[ways[found] % max(len(units), 1)],
            "n": n[found],
            "returns": returns[found],
            "mean_gap_days": mean[found],
            "median_gap_days": median[found],
        }
    )


def _hands(giving: pa.ChunkedArray, taking: pa.ChunkedArray) -> tuple[Ints, Ints, Names]:
    """Return the units of both ends as places among all units, which are in order."""
    sides = [column.unify_dictionaries().chunks for column in (giving, taking)]
    texts = [
        np.array(chunks[0].dictionary.to_pylist() if chunks else [], dtype=object)
        for chunks in sides
    ]
    units = np.array(sorted({*texts[0], *texts[1]}), dtype=object)
    kind = np.dtype(np.uint16 if len(units) ** 2 <= _NARROW else np.int64)
    ends: list[Ints] = []
    for chunks, names in zip(sides, texts, strict=True):
        place = np.searchsorted(units, names).astype(kind)
        codes = [place[np.asarray(chunk.indices)] for chunk in chunks]
        ends.append(np.concatenate([np.zeros(0, dtype=kind), *codes]))
    return ends[0], ends[1], units


def _ways(giving: Ints, taking: Ints, units: int) -> tuple[Ints, Ints]:
    """Return the pairs of units as numbers, and the place of each handover's among them.

    With few units every pair has a place, so that none is looked for.
    """
    pair = giving * giving.dtype.type(units) + taking
    if units**2 <= _NARROW:
        return np.arange(units**2), pair
    return np.unique(pair, return_inverse=True)


def _both(group: Ints, chosen: Bools, groups: int) -> tuple[Ints, Ints]:
    """Return how many of each group are not chosen, and how many are."""
    split = 2 * group.astype(np.int64) + chosen
    counts = np.bincount(split, minlength=2 * groups)
    return counts[::2], counts[1::2]


def _means(group: Ints, values: Floats, n: Ints) -> tuple[Floats, Floats]:
    """Return the mean and the median of the values of each group, whose sizes are `n`.

    The first groups and the last, half of the values each, are taken side by side.
    """
    middle = int(np.searchsorted(np.cumsum(n), len(group) // 2)) + 1

    def part(first: int, last: int) -> tuple[Floats, Floats]:
        own = (group >= first) & (group < last)
        return _means_of(group[own], values[own], n[first:last])

    with ThreadPoolExecutor(1) as pool:
        beside = pool.submit(part, middle, len(n))
        means, medians = zip(part(0, middle), beside.result(), strict=True)
    return np.concatenate(means), np.concatenate(medians)


def _means_of(group: Ints, values: Floats, n: Ints) -> tuple[Floats, Floats]:
    mean, median = np.full(len(n), np.nan), np.full(len(n), np.nan)
    ordered = values[np.argsort(group, kind="stable")]
    ends = np.cumsum(n)
    for place in np.flatnonzero(n).tolist():
        own = ordered[ends[place] - n[place] : ends[place]]
        middle = [(len(own) - 1) // 2, len(own) // 2]
        mean[place] = own.mean()
        own.partition(middle)
        median[place] = own[middle].mean()
    return mean, median
