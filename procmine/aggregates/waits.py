"""Waiting time by cause, and the ways on which most of it has no cause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from procmine.aggregates.frames import arrow, fetched, opened
from procmine.disclosure import suppress

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "UNEXPLAINED",
    "WORKING",
    "WaitTotals",
    "late_requests",
    "own_time",
    "unexplained_ways",
    "wait_brackets",
    "wait_totals",
    "waits_by_cause",
]

WORKING = "working"
UNEXPLAINED = "unexplained"
_CAUSES = """
SELECT cause, nature, sum(days) AS days, sum(days) / sum(sum(days)) OVER () AS share,
       sum(days_low) AS days_low, sum(days_high) AS days_high,
       sum(business_hours) AS business_hours,
       count(*) FILTER (business_hours IS NULL) AS without_hours,
       count(*) AS intervals, count(*) FILTER (assumed_deadline) AS assumed,
       count(DISTINCT case_id) AS cases, count(DISTINCT person) AS citizens
FROM joined GROUP BY cause, nature ORDER BY days DESC, cause
"""
_OF_CAUSES = ("cause", "nature", "days", "days_low", "days_high", "business_hours",
              "assumed_deadline")  # fmt: skip
_WAYS = """
SELECT from_activity, to_activity, holder, sum(days) AS days, median(days) AS median_days,
       count(*) AS n, count(DISTINCT case_id) AS cases, count(DISTINCT person) AS citizens
FROM joined WHERE cause = $cause AND to_event IS NOT NULL
GROUP BY from_activity, to_activity, holder
ORDER BY days DESC, from_activity, to_activity, holder
"""
_OF_WAYS = ("cause", "from_activity", "to_activity", "to_event", "holder", "days")
_TOTALS = """
SELECT count(DISTINCT case_id), count(DISTINCT person), sum(days),
       sum(days) FILTER (cause = $working), sum(days) FILTER (cause = $unexplained),
       sum(business_hours) FILTER (nature = $intern),
       sum(days) FILTER (nature = $intern), count(*) FILTER (censored)
FROM joined
"""


_OF_TOTALS = ("cause", "nature", "days", "business_hours", "censored")
_LATE = """
SELECT count(*) AS n, count(DISTINCT case_id) AS cases,
       count(DISTINCT coalesce(c.citizen_id, case_id)) AS citizens,
       sum(potential_days) AS days
FROM late_requests AS l JOIN cases AS c USING (case_id)
"""
_BRACKET = """
SELECT '{cause}' AS cause, sum(w."{cause}_exclusive") / 24 AS exclusive,
       sum(w."{cause}") / 24 AS headline, sum(w."{cause}_inclusive") / 24 AS inclusive,
       count(*) FILTER (w."{cause}_inclusive" > 0) AS cases,
       count(DISTINCT coalesce(c.citizen_id, case_id)) FILTER (w."{cause}_inclusive" > 0)
           AS citizens
FROM by_case AS w JOIN cases AS c USING (case_id)
"""
_INCLUSIVE = "_inclusive"


@dataclass(frozen=True, slots=True)
class WaitTotals:
    """Sums over a process, in calendar days; ``working`` is None without start times."""

    cases: int
    citizens: int
    days: float
    working: float | None
    unexplained: float
    internal: float
    internal_business_hours: float | None
    censored: int


def wait_totals(waits: pa.Table | pd.DataFrame, cases: pa.Table | pd.DataFrame) -> WaitTotals:
    """Sum the labelled time of a process.

    Examples
    --------
    >>> from procmine.tables.facts import CASES, WAITS
    >>> wait_totals(WAITS.empty(), CASES.empty()).days
    0.0
    """
    names = {"working": WORKING, "unexplained": UNEXPLAINED, "intern": "intern"}
    with opened(joined=_joined(arrow(waits), arrow(cases), *_OF_TOTALS)) as connection:
        row = connection.execute(_TOTALS, names).fetchone() or (0,) * 8
    return WaitTotals(
        row[0], row[1], row[2] or 0.0, row[3], row[4] or 0.0, row[6] or 0.0, row[5], row[7]
    )


def waits_by_cause(
    waits: pa.Table | pd.DataFrame,
    cases: pa.Table | pd.DataFrame,
    *,
    minimum: int | None = None,
    disclose: bool = False,
) -> pd.DataFrame:
    """Sum the time of all cases by cause and nature (design section 4).

    Returns
    -------
    DataFrame
        ``cause, nature, days`` (calendar), ``share`` of all days, ``days_low, days_high``
        (bounds by day stamps), ``business_hours`` (of the intervals that have them),
        ``without_hours`` (intervals that have not), ``intervals, assumed`` (deadlines),
        ``cases, citizens, suppressed``; most days first.

    Examples
    --------
    >>> from procmine.tables.facts import CASES, WAITS
    >>> len(waits_by_cause(WAITS.empty(), CASES.empty()))
    0
    """
    with opened(joined=_joined(arrow(waits), arrow(cases), *_OF_CAUSES)) as connection:
        found = fetched(connection.sql(_CAUSES))
    hidden = [c for c in found.columns if c not in ("cause", "nature", "citizens")]
    return suppress(found, disclose=disclose, minimum=minimum, values=hidden, within=[[]])


def unexplained_ways(
    waits: pa.Table | pd.DataFrame,
    cases: pa.Table | pd.DataFrame,
    *,
    top: int = 5,
    minimum: int | None = None,
    disclose: bool = False,
) -> pd.DataFrame:
    """List the ways on which most time lies without a registered cause.

    Returns
    -------
    DataFrame
        ``from_activity, to_activity, holder`` (unit it lies with), ``days`` in all,
        ``median_days, n, cases, citizens``; ways of too few citizens are left out.

    Examples
    --------
    >>> from procmine.tables.facts import CASES, WAITS
    >>> len(unexplained_ways(WAITS.empty(), CASES.empty()))
    0
    """
    with opened(joined=_joined(arrow(waits), arrow(cases), *_OF_WAYS)) as connection:
        found = fetched(connection.execute(_WAYS, {"cause": UNEXPLAINED}))
    if not disclose:
        found = suppress(found, minimum=minimum, percentiles=["median_days"])
        found = found[~found["suppressed"]].drop(columns="suppressed")
    return found.head(top).reset_index(drop=True)


def wait_brackets(
    waits_by_case: pa.Table | pd.DataFrame,
    cases: pa.Table | pd.DataFrame,
    *,
    minimum: int | None = None,
    disclose: bool = False,
) -> pd.DataFrame:
    """Give for each cause the days it had alone, as counted, and in all.

    So the order of causes hides nothing: exclusive, headline, inclusive (design
    section 4), over the cases whose stamps are finer than a day.

    Returns
    -------
    DataFrame
        ``cause, exclusive, headline, inclusive`` (days), ``cases, citizens, suppressed``.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"case_id": ["1"], "citizen": [48.0], "citizen_exclusive": [24.0],
    ...     "citizen_inclusive": [72.0]})
    >>> cases = pd.DataFrame({"case_id": ["1"], "citizen_id": ["p"]})
    >>> found = wait_brackets(rows, cases, disclose=True)
    >>> found[["exclusive", "headline", "inclusive"]].values.tolist()
    [[1.0, 2.0, 3.0]]
    """
    names = [n.removesuffix(_INCLUSIVE) for n in arrow(waits_by_case).column_names
             if n.endswith(_INCLUSIVE)]  # fmt: skip
    query = " UNION ALL ".join(_BRACKET.format(cause=name) for name in names)
    with opened(by_case=waits_by_case, cases=cases) as connection:
        found = fetched(connection.sql(query))
    found = found[found["cases"] > 0].reset_index(drop=True)
    hidden = ["exclusive", "headline", "inclusive", "cases"]
    return suppress(found, disclose=disclose, minimum=minimum, values=hidden, within=[[]])


def late_requests(
    late: pa.Table | pd.DataFrame,
    cases: pa.Table | pd.DataFrame,
    *,
    minimum: int | None = None,
    disclose: bool = False,
) -> pd.DataFrame:
    """Sum what asking for documents from the first day could have saved: one row.

    Returns
    -------
    DataFrame
        ``n`` requests, ``cases, citizens, days`` (potential calendar days), ``suppressed``.

    Examples
    --------
    >>> import pandas as pd
    >>> late = pd.DataFrame({"case_id": ["1"], "potential_days": [12.0]})
    >>> cases = pd.DataFrame({"case_id": ["1"], "citizen_id": ["p"]})
    >>> late_requests(late, cases, disclose=True)["days"].tolist()
    [12.0]
    """
    with opened(late_requests=late, cases=cases) as connection:
        found = fetched(connection.sql(_LATE))
    return suppress(found, disclose=disclose, minimum=minimum, values=["n", "cases", "days"])


def _joined(waits: pa.Table, cases: pa.Table, *columns: str) -> pa.Table:
    """Return columns of the intervals of the cases' own time; cases and citizens as numbers."""
    inside = [name for name in ("in_case",) if name in waits.column_names]
    narrow = own_time(waits.select(["case_id", *columns, *inside]))
    case_id = cases["case_id"].cast(pa.string())
    person = pc.coalesce(cases["citizen_id"].cast(pa.string()), case_id).combine_chunks()
    codes = person.dictionary_encode().indices
    place = pc.index_in(narrow["case_id"].cast(pa.string()), value_set=case_id.combine_chunks())
    found = narrow.drop_columns(["case_id"]).append_column("case_id", place)
    found = found.append_column("person", codes.take(place.combine_chunks()))
    return found.filter(pc.is_valid(found["case_id"])) if place.null_count else found


def own_time(waits: pa.Table) -> pa.Table:
    """Return the intervals of the cases' own time, without what follows their ends.

    Examples
    --------
    >>> import pyarrow as pa
    >>> own_time(pa.table({"days": [1.0, 2.0], "in_case": [True, False]})).num_rows
    1
    """
    return waits.filter(waits["in_case"]) if "in_case" in waits.column_names else waits
