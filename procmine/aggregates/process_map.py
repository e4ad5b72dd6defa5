"""The process map: activities, the ways between them, and how long each way takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from procmine.aggregates.frames import fetched, opened, sql
from procmine.aggregates.map_hiding import hidden_map
from procmine.disclosure import minimum_count

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from procmine.config.load import Config

__all__ = ["ProcessMap", "process_map", "simplified"]

_NODES = """
SELECT
    l.activity, mode(l.unit_kind) AS unit_kind, mode(l.step_class) AS step_class,
    count(*) AS n, count(DISTINCT l.case_id) AS cases, count(DISTINCT l.person) AS citizens,
    count(*) FILTER (l.next IS NULL AND l.open) AS last_in_open,
    median(l.place) AS place, avg(l.place) AS mean_place
FROM lifeline AS l GROUP BY l.activity
"""
_BEFORE = """
SELECT target AS activity, median(days) AS median_days_before,
       median(business_hours) AS median_business_hours_before
FROM timed GROUP BY target
"""
_EDGES = """
SELECT source AS "from", target AS "to", count(*) AS n, count(DISTINCT case_id) AS cases,
       count(DISTINCT person) AS citizens, bool_or(coarse) AS coarse,
       median(days) AS median_days, avg(days) AS mean_days,
       quantile_cont(days, 0.9) AS p90_days, sum(days) AS total_days,
       median(days * 24) FILTER (NOT coarse) AS median_hours,
       avg(days * 24) FILTER (NOT coarse) AS mean_hours,
       median(business_hours) AS median_business_hours,
       avg(business_hours) AS mean_business_hours
FROM timed GROUP BY source, target
UNION ALL BY NAME
SELECT NULL AS "from", activity AS "to", count(*) AS n, count(DISTINCT case_id) AS cases,
       count(DISTINCT person) AS citizens
FROM lifeline WHERE first GROUP BY activity
UNION ALL BY NAME
SELECT activity AS "from", NULL AS "to", count(*) AS n, count(DISTINCT case_id) AS cases,
       count(DISTINCT person) AS citizens
FROM lifeline WHERE next IS NULL AND NOT open GROUP BY activity
"""


@dataclass(frozen=True)
class ProcessMap:
    """A map as two data frames.

    Parameters
    ----------
    nodes
        One row an activity, in the order of its usual place in a case: ``activity, label,
        unit_kind, step_class, n, cases, citizens, last_in_open, place, mean_place,
        median_days_before, median_business_hours_before, approximate``.
    edges
        One row a way: ``from`` (empty: the case begins), ``to`` (empty: it ends), ``n,
        cases, citizens, coarse, median_days, mean_days, p90_days, total_days,
        median_hours, mean_hours, median_business_hours, mean_business_hours, approximate``.
        The ``n`` of approximate rows is rounded to tens.
    hidden_nodes, hidden_edges
        How many activities and ways are left out because too few citizens took them.
    simplified_nodes, simplified_edges
        How many more are left out to keep the picture readable.
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame
    hidden_nodes: int = 0
    hidden_edges: int = 0
    simplified_nodes: int = 0
    simplified_edges: int = 0


def process_map(
    steps: pa.Table | pd.DataFrame,
    cases: pa.Table | pd.DataFrame,
    config: Config | None = None,
    *,
    process: str = "",
    minimum: int | None = None,
    disclose: bool = False,
) -> ProcessMap:
    """Count activities and the ways between them, over the steps within each case.

    Parameters
    ----------
    steps, cases
        Fact tables of one process (``procmine.tables.facts``).
    config
        Gives the labels and the working calendars; without it there are no working hours.
    process
        Whose labels they are: processes may call one activity by different names.
    minimum
        Activities and ways of fewer citizens (cases, where the log has no citizens) are
        left out, and counts that would give these, or a few open cases, away are rounded.
    disclose
        True keeps everything: for the analyst's own eyes.

    Returns
    -------
    ProcessMap
        Days are calendar days: exact where both stamps are, whole days where one of them
        is a day only (then ``median_hours`` rests on the exact ones alone).

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> at = [datetime(2026, 3, day, 9, tzinfo=UTC) for day in (2, 4)]
    >>> steps = pa.table({
    ...     "case_id": ["1", "1"], "seq": [0, 1], "activity": ["a", "b"], "placed": at,
    ...     "start": pa.nulls(2, pa.timestamp("us", "UTC")), "precision": ["second"] * 2,
    ...     "class": ["", ""], "unit": ["U", "U"], "unit_kind": ["K", "K"],
    ...     "in_case": [True, True]})
    >>> cases = pa.table({"case_id": ["1"], "citizen_id": ["p"], "open": [False]})
    >>> found = process_map(steps, cases, disclose=True)
    >>> found.edges[found.edges["from"] == "a"]["median_days"].tolist()
    [2.0]
    """
    with opened(steps=steps, cases=cases) as connection:
        connection.execute(sql("process_map"))
        _time(connection, config)
        nodes = fetched(connection.sql(_NODES)).merge(
            fetched(connection.sql(_BEFORE)), on="activity", how="left"
        )
        edges = fetched(connection.sql(_EDGES))
    nodes["label"] = [config.label(a, process) if config else a for a in nodes["activity"]]
    nodes["approximate"] = False
    edges["approximate"] = False
    nodes = nodes.sort_values(["place", "mean_place", "activity"], ignore_index=True)
    edges = edges.sort_values(["n", "from", "to"], ascending=[False, True, True])
    found = ProcessMap(nodes, edges.reset_index(drop=True))
    return found if disclose else _suppressed(found, minimum_count(minimum))


def simplified(full: ProcessMap, nodes: int = 18, ways: float = 1.7) -> ProcessMap:
    """Keep the most frequent activities, and of the ways the strongest.

    Each kept activity keeps its strongest way in and out, so that the main path is whole;
    then the strongest follow, up to `ways` for each activity.

    Examples
    --------
    >>> import pandas as pd
    >>> nodes = pd.DataFrame({"activity": ["a", "b", "c"], "n": [9, 9, 1]})
    >>> edges = pd.DataFrame({"from": ["a", "b"], "to": ["b", "c"], "n": [9, 1]})
    >>> simplified(ProcessMap(nodes, edges), nodes=2).edges["to"].tolist()
    ['b']
    """
    kept = set(full.nodes.sort_values(["n", "activity"], ascending=[False, True])
               .head(nodes)["activity"])  # fmt: skip
    inside = full.edges[_within(full.edges["from"], kept) & _within(full.edges["to"], kept)]
    ranked = inside.sort_values("n", ascending=False, kind="stable")
    strongest = set(ranked.groupby("from", dropna=False).head(1).index)
    strongest |= set(ranked.groupby("to", dropna=False).head(1).index)
    room = max(int(ways * len(kept)), len(strongest))
    chosen = sorted(strongest.union(ranked.index[:room]))
    return replace(
        full,
        nodes=full.nodes[full.nodes["activity"].isin(kept)].reset_index(drop=True),
        edges=full.edges.loc[chosen].reset_index(drop=True),
        simplified_nodes=len(full.nodes) - len(kept),
        simplified_edges=len(full.edges) - len(chosen),
    )


def _within(column: pd.Series[str], kept: set[str]) -> pd.Series[bool]:
    return column.isin(kept) | column.isna()


def _time(connection: duckdb.DuckDBPyConnection, config: Config | None) -> None:
    """Add the working hours of each gap, counted in the calendar of the unit that ends it."""
    if config is None:
        connection.execute(
            "CREATE TEMP TABLE timed AS SELECT *, NULL::DOUBLE AS business_hours FROM gaps"
        )
        return
    from procmine.config.worktime import WorkTime

    work = WorkTime.from_config(config)
    gaps = connection.sql("SELECT row, left_us, right_us, next_unit FROM gaps").to_arrow_table()
    calendar = work.calendar_of(gaps["next_unit"].to_pylist())
    left = gaps["left_us"].to_numpy().astype(np.int64)
    right = gaps["right_us"].to_numpy().astype(np.int64)
    spent = (work.business_us(right, calendar) - work.business_us(left, calendar)) / 3.6e9
    connection.register("spent", pa.table({"row": gaps["row"], "worked": pa.array(spent)}))
    connection.execute(
        "CREATE TEMP TABLE timed AS SELECT g.*, CASE WHEN NOT g.coarse THEN s.worked END "
        "AS business_hours FROM gaps AS g JOIN spent AS s USING (row)"
    )


def _suppressed(full: ProcessMap, minimum: int) -> ProcessMap:
    nodes, edges = hidden_map(full.nodes, full.edges, minimum)
    return ProcessMap(
        nodes,
        edges,
        hidden_nodes=len(full.nodes) - len(nodes),
        hidden_edges=len(full.edges) - len(edges),
    )
