"""The object-centric directly-follows graph: one relation per object type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.store.engine import connect, quoted

if TYPE_CHECKING:
    import pandas as pd

    from procmine.store.snapshot import Snapshot

__all__ = ["object_centric_flow"]

_OCDFG = """
WITH related AS (
    SELECT DISTINCT o.object_type::VARCHAR AS object_type, r.object_id, e.event_id,
           e.event_type::VARCHAR AS activity, e.time, e.place
    FROM read_parquet({e2o}) r
    JOIN read_parquet({objects}) o ON o.object_id = r.object_id
    JOIN (SELECT *, row_number() OVER () AS place FROM read_parquet({events})) e
      ON e.event_id = r.event_id
), pairs AS (
    SELECT object_type, activity AS a, time,
           lead(activity) OVER w AS b, lead(time) OVER w AS reached
    FROM related WINDOW w AS (PARTITION BY object_type, object_id ORDER BY place)
)
SELECT object_type, a AS "from", b AS "to", count(*) AS n,
       avg((epoch_us(reached) - epoch_us(time)) / 3.6e9) AS mean_hours,
       median((epoch_us(reached) - epoch_us(time)) / 3.6e9) AS median_hours
FROM pairs WHERE b IS NOT NULL
GROUP BY object_type, a, b ORDER BY object_type, n DESC, a, b
"""


def object_centric_flow(snapshot: Snapshot) -> pd.DataFrame:
    """Count, per object type, how often one activity directly follows another.

    The events table lies in the order that binds (time, rank, id), so its row number is
    the order of the relation.

    Returns
    -------
    DataFrame, one row an object type and edge
        ``object_type, from, to, n, mean_hours, median_hours``.

    Examples
    --------
    >>> import procmine
    >>> object_centric_flow(procmine.open("STORE").snapshot)  # doctest: +SKIP
    """
    query = _OCDFG.format(
        e2o=quoted(snapshot.file("e2o")),
        objects=quoted(snapshot.file("objects")),
        events=quoted(snapshot.file("events")),
    )
    with connect() as connection:
        frame: pd.DataFrame = connection.execute(query).df()
    return frame
