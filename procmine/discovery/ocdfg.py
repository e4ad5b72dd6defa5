"""The object-centric directly-follows graph: one relation per object type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from procmine.errors import Fault, StoreError
from procmine.store.engine import connect, quoted
from procmine.store.lifelines import FOLDER, INDEX
from procmine.store.snapshot import read_json, read_narrow
from procmine.text import t

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from procmine.store.snapshot import Snapshot

__all__ = ["object_centric_flow", "object_centric_handovers"]

# Portable SQL: no window, no join; the successor lies stored beside each event.
_FLOW = """
SELECT activity AS a, next_activity AS b, count(*) AS n{times}
FROM read_parquet({file}) WHERE next_activity IS NOT NULL GROUP BY activity, next_activity
"""
_PASSED = """
SELECT unit AS a, next_unit AS b, count(*) AS n{times}
FROM read_parquet({file}) WHERE next_unit <> unit GROUP BY unit, next_unit
"""
_DENSE = 1 << 22
"""Pairs of codes that are counted in a table with a place for each."""
_HOUR_US = 3_600_000_000.0
_ELAPSED = {"avg(dt)": "mean_hours", "median(dt)": "median_hours"}
_WORKING = {"avg(dbs)": "mean_business_hours", "median(dbs)": "median_business_hours"}


def object_centric_flow(
    snapshot: Snapshot, *, times: bool = True, working: bool = True
) -> pd.DataFrame:
    """Count, per object type, how often one activity directly follows another.

    Events of an object follow each other in the order that binds (time, rank, id).

    Parameters
    ----------
    snapshot
        The log.
    times
        False leaves the waiting times out; counts alone are several times faster.
    working
        False leaves only the times in working hours out.

    Returns
    -------
    DataFrame, one row an object type and edge, most frequent first
        ``object_type, from, to, n`` and, in elapsed and working hours of the default
        calendar, ``mean_hours, median_hours, mean_business_hours, median_business_hours``.

    References
    ----------
    Berti and van der Aalst, "OC-PM: analyzing object-centric event logs and process
    models" (2023); spec performance.md, section 8.

    Examples
    --------
    >>> import procmine
    >>> object_centric_flow(procmine.open("STORE").snapshot)  # doctest: +SKIP
    """
    index = read_json(snapshot.path / FOLDER / INDEX)
    names = pa.array(index["activities"], pa.string())
    asked = {**(_ELAPSED if times else {}), **(_WORKING if times and working else {})}
    if not asked and len(names) ** 2 <= _DENSE:
        folder = snapshot.path / FOLDER
        parts = [(row["name"], _counts(folder / row["file"], len(names))) for row in index["types"]]
        return _ranked(parts, names, asked)
    return _by_type(snapshot, index, _FLOW, names, asked)


def object_centric_handovers(
    snapshot: Snapshot, *, times: bool = True, working: bool = True
) -> pd.DataFrame:
    """Count, per object type, how often the next event of an object is another unit's.

    As the log tells it, for any type of object: nothing is skipped, nothing graded. The
    handovers of a process (design section 3) are those of
    :func:`procmine.discovery.handovers.handover_network`.

    Parameters
    ----------
    snapshot, times, working
        As for :func:`object_centric_flow`.

    Returns
    -------
    DataFrame, one row an object type and pair of units, most frequent first
        ``object_type, from, to, n`` and the times of :func:`object_centric_flow`. No rows
        where no role says what a unit is.

    Raises
    ------
    StoreError
        The store is older than the units in its lifelines; ``procmine recompute`` adds them.

    Examples
    --------
    >>> import procmine
    >>> object_centric_handovers(procmine.open("STORE").snapshot)  # doctest: +SKIP
    """
    folder = snapshot.path / FOLDER
    index = read_json(folder / INDEX)
    if any("next_unit" not in pq.read_schema(folder / row["file"]).names for row in index["types"]):
        raise StoreError(t("store.no_facts", kind=FOLDER), (Fault("no_facts", FOLDER),))
    objects = read_narrow(snapshot.file("objects"), ["object_id", "number"])
    names = pc.coalesce(objects["number"], objects["object_id"]).combine_chunks()
    asked = {**(_ELAPSED if times else {}), **(_WORKING if times and working else {})}
    return _by_type(snapshot, index, _PASSED, names, asked)


def _by_type(
    snapshot: Snapshot, index: dict[str, Any], query: str, names: pa.Array, asked: dict[str, str]
) -> pd.DataFrame:
    """Ask the same of the lifelines of every type; codes become `names`."""
    sums = "".join(f", {term} AS {name}" for term, name in asked.items())
    parts = []
    with connect() as connection:
        # One object type at a time: medians over all types at once would spill.
        for row in index["types"]:
            file = quoted(snapshot.path / FOLDER / row["file"])
            part = connection.sql(query.format(file=file, times=sums)).to_arrow_table().to_pandas()
            parts.append((row["name"], part))
    return _ranked(parts, names, asked)


def _counts(file: Path, size: int) -> pd.DataFrame:
    """Count the pairs of codes of one type; a last place takes the ends of lifelines."""
    import pandas as pd

    table = read_narrow(file, ["activity", "next_activity"])
    wide = size + 1
    pair = np.asarray(table["activity"], dtype=np.int64) * wide
    pair += np.asarray(pc.fill_null(table["next_activity"], size))
    counts = np.bincount(pair, minlength=size * wide).reshape(size, wide)[:, :size]
    first, second = np.nonzero(counts)
    return pd.DataFrame({"a": first, "b": second, "n": counts[first, second]})


def _ranked(
    parts: list[tuple[str, pd.DataFrame]], names: pa.Array, asked: dict[str, str]
) -> pd.DataFrame:
    """Put the pairs of all types into one table, codes named, most frequent first."""
    import pandas as pd

    frames = [part.assign(object_type=name) for name, part in parts]
    found = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    if found.empty:
        return pd.DataFrame(columns=["object_type", "from", "to", "n"])
    for end, code in (("from", "a"), ("to", "b")):
        found[end] = names.take(pa.array(found[code])).to_pandas().astype("str")
    for name in asked.values():
        found[name] = found[name] / _HOUR_US
    columns = ["object_type", "from", "to", "n", *asked.values()]
    ranked = found.sort_values(
        ["object_type", "n", "from", "to"], ascending=[True, False, True, True]
    )
    return ranked[columns].reset_index(drop=True)
