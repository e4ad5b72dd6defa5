"""Handovers between units: who to whom, by grade, and back and forth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from procmine.aggregates.frames import fetched, opened
from procmine.disclosure import suppress
from procmine.facts.cases import AFTER, BEFORE

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from procmine.store.snapshot import Process

__all__ = [
    "HandoverTotals",
    "aside",
    "handover_grades",
    "handover_matrix",
    "handover_totals",
    "ping_pong",
]

# The case's own handovers: those in phases that count. A phase that does not count has no
# row in `counted` (design section 3: what comes after the case's end is apart).
_OWN = """
SELECT h.*, coalesce(c.citizen_id, c.case_id) AS person
FROM handovers AS h JOIN cases AS c USING (case_id)
WHERE NOT list_contains($aside, coalesce(h.phase, ''))
"""
_MATRIX = """
SELECT {source} AS "from", {target} AS "to", count(*) AS n,
       CASE WHEN count(redundant) > 0 THEN count(*) FILTER (redundant) END AS redundant,
       count(DISTINCT case_id) AS cases, count(DISTINCT person) AS citizens,
       count(DISTINCT person) FILTER (redundant) AS redundant_citizens,
       count(DISTINCT person) FILTER (NOT coalesce(redundant, FALSE)) AS other_citizens,
       any_value(from_kind) AS from_kind, any_value(to_kind) AS to_kind,
       median(gap_days) AS median_gap_days
FROM own GROUP BY {source}, {target} ORDER BY n DESC, "from", "to"
"""
_GRADES = """
SELECT coalesce(grade, CASE WHEN redundant THEN 'merged' END) AS grade,
       count(*) AS n, count(*) FILTER (redundant) AS redundant,
       count(DISTINCT case_id) AS cases, count(DISTINCT person) AS citizens,
       count(*) FILTER (outcome_changed) AS changed,
       count(outcome_changed) AS changed_known,
       count(DISTINCT person) FILTER (redundant) AS redundant_citizens,
       count(DISTINCT person) FILTER (NOT coalesce(redundant, FALSE)) AS other_citizens,
       count(DISTINCT person) FILTER (outcome_changed) AS changed_citizens,
       count(DISTINCT person) FILTER (NOT outcome_changed) AS unchanged_citizens,
       count(DISTINCT person) FILTER (outcome_changed IS NOT NULL) AS known_citizens,
       sum(avoidable_business_hours) AS avoidable_business_hours
FROM own GROUP BY ALL ORDER BY grade NULLS LAST
"""
_TOTALS = """
SELECT (SELECT count(*) FROM cases),
       (SELECT count(DISTINCT coalesce(citizen_id, case_id)) FROM cases),
       count(*), count(*) FILTER (redundant), count(*) FILTER (redundant IS NULL),
       count(DISTINCT person) FILTER (redundant), count(DISTINCT "from") + count(DISTINCT "to")
FROM own
"""
_PING_PONG = """
WITH hands AS (
    SELECT v.case_id, v.visit, v.unit, coalesce(c.citizen_id, c.case_id) AS person,
           lag(v.unit, 1) OVER life AS before, lag(v.unit, 2) OVER life AS earlier,
           row_number() OVER life AS place
    FROM visits AS v JOIN cases AS c USING (case_id)
    WHERE NOT list_contains($aside, coalesce(v.phase, ''))
    WINDOW life AS (PARTITION BY v.case_id ORDER BY v.visit)
),
returns AS (
    SELECT *, place - row_number() OVER (PARTITION BY case_id ORDER BY place) AS island
    FROM hands WHERE earlier IS NOT NULL AND unit = earlier AND unit <> before
),
episodes AS (
    SELECT case_id, any_value(person) AS person, island, count(*) + 1 AS depth,
           least(any_value(unit), any_value(before)) AS one,
           greatest(any_value(unit), any_value(before)) AS other
    FROM returns GROUP BY case_id, island
)
SELECT one, other, count(*) AS episodes, count(DISTINCT case_id) AS cases,
       count(DISTINCT person) AS citizens, avg(depth) AS mean_depth, max(depth) AS deepest
FROM episodes GROUP BY one, other ORDER BY episodes DESC, one, other
"""
_KINDS = ["from_kind", "to_kind"]
_REDUNDANT = ["redundant_citizens", "other_citizens"]
_CHANGED = ["changed_citizens", "unchanged_citizens"]


@dataclass(frozen=True, slots=True)
class HandoverTotals:
    """Sums over a process; ``redundant`` is None where no handover can be graded."""

    cases: int
    citizens: int
    handovers: int
    redundant: int | None
    not_assessable: int
    citizens_with_redundant: int

    @property
    def per_hundred(self) -> float | None:
        """Redundant handovers for every hundred cases."""
        if self.redundant is None or not self.cases:
            return None
        return 100.0 * self.redundant / self.cases


def aside(process: Process) -> tuple[str, ...]:
    """Return the phases whose steps are not the case's own (design section 3).

    Examples
    --------
    >>> from procmine.store import Process
    >>> aside(Process("p", "P", "case", "00-p"))
    ('foer', 'efter')
    """
    phases = process.catalogue.phases if process.catalogue else ()
    return tuple(dict.fromkeys((BEFORE, AFTER, *(p.id for p in phases if not p.counts))))


def handover_totals(
    handovers: pa.Table | pd.DataFrame,
    cases: pa.Table | pd.DataFrame,
    *,
    aside: tuple[str, ...] = (),
) -> HandoverTotals:
    """Count the handovers of a process, and those that would vanish.

    Parameters
    ----------
    handovers, cases
        Fact tables.
    aside
        Phases that are not the case's own (after its end).

    Examples
    --------
    >>> from procmine.tables.facts import CASES, HANDOVERS
    >>> handover_totals(HANDOVERS.empty(), CASES.empty()).handovers
    0
    """
    with opened(handovers=handovers, cases=cases) as connection:
        connection.execute(f"CREATE TEMP TABLE own AS {_OWN}", {"aside": list(aside)})
        row = connection.execute(_TOTALS).fetchone() or (0,) * 7
    total, redundant, unknown = row[2], row[3], row[4]
    known = total > unknown
    return HandoverTotals(row[0], row[1], total, redundant if known else None, unknown, row[5])


def handover_matrix(
    handovers: pa.Table | pd.DataFrame,
    cases: pa.Table | pd.DataFrame,
    *,
    by: Literal["unit", "kind"] = "unit",
    aside: tuple[str, ...] = (),
    minimum: int | None = None,
    disclose: bool = False,
) -> pd.DataFrame:
    """Count handovers from each unit to each other, with the redundant ones.

    Returns
    -------
    DataFrame
        ``from, to, n, redundant, cases, citizens, median_gap_days, suppressed``; with
        `by` kind the kinds of the units, the unit itself where its kind is unknown.
        `redundant` is empty where it can be told of none.

    Examples
    --------
    >>> from procmine.tables.facts import CASES, HANDOVERS
    >>> len(handover_matrix(HANDOVERS.empty(), CASES.empty()))
    0
    """
    kind = by == "kind"
    query = _MATRIX.format(
        source='coalesce(from_kind, "from")' if kind else '"from"',
        target='coalesce(to_kind, "to")' if kind else '"to"',
    )
    with opened(handovers=handovers, cases=cases) as connection:
        connection.execute(f"CREATE TEMP TABLE own AS {_OWN}", {"aside": list(aside)})
        found = fetched(connection.sql(query))
    # The cells of two kinds add up to the cell of these kinds, which is shown beside them.
    return suppress(
        found, disclose=disclose, minimum=minimum, values=["n", "redundant", "cases"],
        percentiles=["median_gap_days"], within=[["from"], ["to"], _KINDS, []],
        partial={"redundant": _REDUNDANT},
    ).drop(columns=_KINDS)  # fmt: skip


def handover_grades(
    handovers: pa.Table | pd.DataFrame,
    cases: pa.Table | pd.DataFrame,
    *,
    aside: tuple[str, ...] = (),
    minimum: int | None = None,
    disclose: bool = False,
) -> pd.DataFrame:
    """Count handovers by the grade of the visit they lead to.

    Returns
    -------
    DataFrame
        ``grade`` (``merged`` where the visit joins its neighbour), ``n, redundant, cases,
        citizens, changed`` (visits that changed the outcome), ``changed_known`` (those where
        that can be told), ``avoidable_business_hours, suppressed``.

    Examples
    --------
    >>> from procmine.tables.facts import CASES, HANDOVERS
    >>> len(handover_grades(HANDOVERS.empty(), CASES.empty()))
    0
    """
    with opened(handovers=handovers, cases=cases) as connection:
        connection.execute(f"CREATE TEMP TABLE own AS {_OWN}", {"aside": list(aside)})
        found = fetched(connection.sql(_GRADES))
    partial = {"redundant": _REDUNDANT, "changed": _CHANGED, "changed_known": ["known_citizens"]}
    hidden = ["n", "redundant", "cases", "changed", "changed_known", "avoidable_business_hours"]
    return suppress(
        found, disclose=disclose, minimum=minimum, values=hidden, within=[[]], partial=partial
    )


def ping_pong(
    visits: pa.Table | pd.DataFrame,
    cases: pa.Table | pd.DataFrame,
    *,
    aside: tuple[str, ...] = (),
    minimum: int | None = None,
    disclose: bool = False,
) -> pd.DataFrame:
    """Count episodes in which a case goes back and forth between two units.

    An episode is a longest run A, B, A, B ... of visits; its depth is the number of
    handovers in it, at least two (methods.md section 2.2).

    Returns
    -------
    DataFrame
        ``one, other, episodes, cases, citizens, mean_depth, deepest, suppressed``.

    Examples
    --------
    >>> from procmine.tables.facts import CASES, VISITS
    >>> len(ping_pong(VISITS.empty(), CASES.empty()))
    0
    """
    with opened(visits=visits, cases=cases) as connection:
        found = fetched(connection.execute(_PING_PONG, {"aside": list(aside)}))
    return suppress(
        found,
        disclose=disclose,
        minimum=minimum,
        values=["episodes", "cases", "mean_depth", "deepest"],
        within=[[]],
    )
