"""Directly-follows relations of a process, with times and distinct citizens.

The steps table holds each case in the order that binds, so the relation is one window
over sorted rows; pm4py's counts are the same once ties are ordered alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.discovery.traces import read_traces, variant_frame
from procmine.store.engine import connect, quoted

if TYPE_CHECKING:
    import pandas as pd

    from procmine.store.snapshot import Snapshot

__all__ = ["activities", "directly_follows", "flat_log", "variants"]

# Windows and medians run over codes that lie sorted; strings are joined only once the
# pairs of case and way are distinct.
_SCOPED = """
CREATE VIEW scoped AS
SELECT case_id, seq, activity, placed, start, precision = 'day' AS by_day, resource, unit
FROM read_parquet({steps}) WHERE {where};
CREATE VIEW person AS
SELECT case_id, coalesce(citizen_id, case_id) AS citizen FROM read_parquet({cases})
"""

_EDGES = """
WITH pairs AS (
    SELECT activity AS a, case_id, by_day OR lead(by_day) OVER w AS coarse,
           lead(activity) OVER w AS b,
           epoch_us(lead(coalesce(start, placed)) OVER w) - epoch_us(placed) AS gap
    FROM scoped WINDOW w AS (PARTITION BY case_id ORDER BY seq)
), timed AS MATERIALIZED (
    SELECT a, b, case_id, greatest(0, gap) / 3.6e9 AS hours, coarse
    FROM pairs WHERE b IS NOT NULL
), ways AS (
    SELECT a, b, count(*) AS n, median(CASE WHEN NOT coarse THEN hours END) AS median_hours,
           avg(CASE WHEN NOT coarse THEN hours END) AS mean_hours, median(hours) / 24 AS median_days
    FROM timed GROUP BY a, b
), people AS (
    SELECT a, b, count(*) AS cases, count(DISTINCT citizen) AS citizens
    FROM (SELECT DISTINCT a, b, case_id FROM timed) AS d JOIN person USING (case_id)
    GROUP BY a, b
)
SELECT w.a::VARCHAR AS "from", w.b::VARCHAR AS "to", w.n, p.cases, p.citizens,
       w.median_hours, w.mean_hours, w.median_days
FROM ways AS w JOIN people AS p ON p.a = w.a AND p.b = w.b ORDER BY w.n DESC, 1, 2
"""

_NODES = """
WITH marked AS (
    SELECT activity, case_id, row_number() OVER w AS place,
           count(*) OVER (PARTITION BY case_id) AS length
    FROM scoped WINDOW w AS (PARTITION BY case_id ORDER BY seq)
), counted AS (
    SELECT activity, count(*) AS n, count(*) FILTER (place = 1) AS starts,
           count(*) FILTER (place = length) AS ends, median((place - 0.5) / length) AS position
    FROM marked GROUP BY activity
), people AS (
    SELECT activity, count(*) AS cases, count(DISTINCT citizen) AS citizens
    FROM (SELECT DISTINCT activity, case_id FROM scoped) AS d JOIN person USING (case_id)
    GROUP BY activity
)
SELECT activity::VARCHAR AS activity, n, cases, citizens, starts, ends, position
FROM counted JOIN people USING (activity) ORDER BY position, 1
"""

_FLAT = """
SELECT case_id AS "case:concept:name", activity::VARCHAR AS "concept:name",
       placed AS "time:timestamp", coalesce(resource, 'UNKNOWN') AS "org:resource",
       coalesce(unit::VARCHAR, 'UNKNOWN') AS "org:group"
FROM scoped {limit} ORDER BY case_id, seq
"""


def directly_follows(
    snapshot: Snapshot, process: str | None = None, *, whole: bool = False
) -> pd.DataFrame:
    """Count how often one activity directly follows another in a case, and how long it takes.

    Parameters
    ----------
    snapshot, process
        The log, and which of its processes (may be left out where it has one).
    whole
        Also count steps before a case's start and after its end.

    Returns
    -------
    DataFrame, one row an edge, most frequent first
        ``from, to, n, cases, citizens, median_hours, mean_hours, median_days``: hours run
        from the completion of the first to the start (else the stamp) of the next; empty
        where a stamp has only a day. ``citizens`` are distinct; cases where the log has none.

    Examples
    --------
    >>> import procmine
    >>> log = procmine.open("STORE")  # doctest: +SKIP
    >>> directly_follows(log.snapshot, "sanktion").head(1)["n"].item()  # doctest: +SKIP
    """
    return _query(snapshot, process, _EDGES, whole=whole)


def activities(
    snapshot: Snapshot, process: str | None = None, *, whole: bool = False
) -> pd.DataFrame:
    """Count the activities of a process, and where in a case they tend to stand.

    Returns
    -------
    DataFrame, one row an activity, in order of position
        ``activity, n, cases, citizens, starts, ends, position`` (median place, 0 to 1).
    """
    return _query(snapshot, process, _NODES, whole=whole)


def variants(
    snapshot: Snapshot, process: str | None = None, *, whole: bool = False
) -> pd.DataFrame:
    """List the variants (sequences of activities) of a process with their share of the cases.

    Returns
    -------
    DataFrame, one row a variant, most frequent first
        ``trace`` (list of activities), ``cases, citizens, share``.
    """
    return variant_frame(read_traces(snapshot, process, whole=whole))


def flat_log(
    snapshot: Snapshot,
    process: str | None = None,
    *,
    whole: bool = False,
    top_variants: int | None = None,
) -> pd.DataFrame:
    """Return the steps of a process as pm4py wants them: UTC, ordered, no missing resource.

    Parameters
    ----------
    top_variants
        Keep only the cases of this many of the most frequent variants.
    """
    if top_variants is None:
        return _query(snapshot, process, _FLAT.format(limit=""), whole=whole)
    limit = (
        "WHERE case_id IN (WITH traces AS (SELECT case_id, list(activity ORDER BY seq) AS trace "
        "FROM scoped GROUP BY case_id), ranked AS (SELECT trace, row_number() OVER "
        "(ORDER BY count(*) DESC, trace) AS place FROM traces GROUP BY trace) "
        f"SELECT case_id FROM traces JOIN ranked USING (trace) WHERE place <= {int(top_variants)})"
    )
    return _query(snapshot, process, _FLAT.format(limit=limit), whole=whole)


def _query(snapshot: Snapshot, process: str | None, sql: str, *, whole: bool) -> pd.DataFrame:
    scoped = _SCOPED.format(
        steps=quoted(snapshot.facts_file(process, "steps")),
        cases=quoted(snapshot.facts_file(process, "cases")),
        where="TRUE" if whole else "in_case",
    )
    with connect() as connection:
        connection.execute(scoped)
        frame: pd.DataFrame = connection.sql(sql).to_arrow_table().to_pandas()
    return frame
