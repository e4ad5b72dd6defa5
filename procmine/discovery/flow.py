"""Directly-follows relations of a process, with times and distinct citizens.

The steps table holds each case in the order that binds, so the relation is one window
over sorted rows; pm4py's counts are the same once ties are ordered alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.store.engine import connect, quoted

if TYPE_CHECKING:
    import pandas as pd

    from procmine.store.snapshot import Snapshot

__all__ = ["activities", "directly_follows", "flat_log", "variants"]

_SCOPED = """
CREATE VIEW scoped AS
SELECT s.case_id, s.seq, s.activity::VARCHAR AS activity, s.placed, s.start,
       s.precision::VARCHAR = 'day' AS by_day, s.resource, s.unit::VARCHAR AS unit,
       coalesce(c.citizen_id, c.case_id) AS citizen
FROM read_parquet({steps}) s JOIN read_parquet({cases}) c ON c.case_id = s.case_id
WHERE {where}
"""

_EDGES = """
WITH pairs AS (
    SELECT activity AS a, case_id, citizen, placed, by_day,
           lead(activity) OVER w AS b, lead(by_day) OVER w AS next_by_day,
           lead(coalesce(start, placed)) OVER w AS reached, lead(placed) OVER w AS next_placed
    FROM scoped WINDOW w AS (PARTITION BY case_id ORDER BY seq)
), timed AS (
    SELECT *, greatest(0, epoch_us(reached) - epoch_us(placed)) / 3.6e9 AS hours
    FROM pairs WHERE b IS NOT NULL
)
SELECT a AS "from", b AS "to", count(*) AS n, count(DISTINCT case_id) AS cases,
       count(DISTINCT citizen) AS citizens,
       median(hours) FILTER (NOT by_day AND NOT next_by_day) AS median_hours,
       avg(hours) FILTER (NOT by_day AND NOT next_by_day) AS mean_hours,
       median(hours / 24) AS median_days
FROM timed GROUP BY a, b ORDER BY n DESC, a, b
"""

_NODES = """
WITH marked AS (
    SELECT *, row_number() OVER (PARTITION BY case_id ORDER BY seq) AS place,
           row_number() OVER (PARTITION BY case_id ORDER BY seq DESC) AS from_last,
           count(*) OVER (PARTITION BY case_id) AS length
    FROM scoped
)
SELECT activity, count(*) AS n, count(DISTINCT case_id) AS cases,
       count(DISTINCT citizen) AS citizens, count(*) FILTER (place = 1) AS starts,
       count(*) FILTER (from_last = 1) AS ends,
       median((place - 0.5) / length) AS position
FROM marked GROUP BY activity ORDER BY position, activity
"""

_VARIANTS = """
WITH traces AS (
    SELECT case_id, any_value(citizen) AS citizen, list(activity ORDER BY seq) AS trace
    FROM scoped GROUP BY case_id
)
SELECT trace, count(*) AS cases, count(DISTINCT citizen) AS citizens,
       count(*) / sum(count(*)) OVER () AS share
FROM traces GROUP BY trace ORDER BY cases DESC, trace
"""

_FLAT = """
SELECT case_id AS "case:concept:name", activity AS "concept:name", placed AS "time:timestamp",
       coalesce(resource, 'UNKNOWN') AS "org:resource", coalesce(unit, 'UNKNOWN') AS "org:group"
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
    return _query(snapshot, process, _VARIANTS, whole=whole)


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
        where="TRUE" if whole else "s.in_case",
    )
    with connect() as connection:
        connection.execute(scoped)
        frame: pd.DataFrame = connection.sql(sql).to_arrow_table().to_pandas()
    return frame
