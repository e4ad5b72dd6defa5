"""The object-centric directly-follows graph: one relation per object type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from procmine.store.engine import connect, quoted
from procmine.store.lifelines import FOLDER, INDEX
from procmine.store.snapshot import read_json

if TYPE_CHECKING:
    from procmine.store.snapshot import Snapshot

__all__ = ["object_centric_flow"]

# Portable SQL: no window, no join; the successor lies stored beside each event.
_FLOW = """
SELECT activity AS a, next_activity AS b, count(*) AS n{times}
FROM read_parquet({file}) WHERE next_activity IS NOT NULL GROUP BY activity, next_activity
"""
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
    folder = snapshot.path / FOLDER
    index = read_json(folder / INDEX)
    names = pd.Series(index["activities"], dtype="str")
    asked = {**(_ELAPSED if times else {}), **(_WORKING if times and working else {})}
    sums = "".join(f", {term} AS {name}" for term, name in asked.items())
    parts = []
    with connect() as connection:
        # One object type at a time: medians over all types at once would spill.
        for row in index["types"]:
            query = _FLOW.format(file=quoted(folder / row["file"]), times=sums)
            part = connection.sql(query).to_arrow_table().to_pandas()
            parts.append(part.assign(object_type=row["name"]))
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if found.empty:
        return pd.DataFrame(columns=["object_type", "from", "to", "n"])
    found["from"] = names.loc[found["a"]].to_numpy()
    found["to"] = names.loc[found["b"]].to_numpy()
    for name in asked.values():
        found[name] = found[name] / _HOUR_US
    columns = ["object_type", "from", "to", "n", *asked.values()]
    ranked = found.sort_values(
        ["object_type", "n", "from", "to"], ascending=[True, False, True, True]
    )
    return ranked[columns].reset_index(drop=True)
