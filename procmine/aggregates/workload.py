"""Resources: open cases by unit and month, staff in groups, and how promises are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from procmine.aggregates.cells import Cells, cells_of
from procmine.aggregates.frames import arrow, fetched, opened
from procmine.config.daylight import local_day, midnights
from procmine.disclosure import suppress
from procmine.effects.means import share
from procmine.effects.survival import kaplan_meier, quantile
from procmine.facts.workload import caseload_days, held, refuse_persons
from procmine.tables.numbers import coded

if TYPE_CHECKING:
    from datetime import datetime

    import duckdb
    from numpy.typing import NDArray

    from procmine.config.load import Config
    from procmine.config.promises import LocalPromise
    from procmine.ocel.roles import Roles

    Ints = NDArray[np.int64]

__all__ = ["caseload_by_month", "promises_kept", "staff_load"]

_HOUR_US = 3_600_000_000
_STAFF = """
WITH each AS (
    SELECT s.unit, s.resource, s.month, count(DISTINCT s.case_id) AS cases
    FROM steps AS s WHERE s.resource IS NOT NULL AND s.unit IS NOT NULL GROUP BY ALL
),
people AS (
    SELECT s.unit, s.month, count(DISTINCT coalesce(c.citizen_id, c.case_id)) AS citizens
    FROM steps AS s JOIN cases AS c USING (case_id)
    WHERE s.resource IS NOT NULL AND s.unit IS NOT NULL GROUP BY ALL
)
SELECT e.unit, e.month, count(*) AS staff, quantile_disc(e.cases, 0.1) AS p10,
       median(e.cases) AS median, quantile_disc(e.cases, 0.9) AS p90,
       any_value(p.citizens) AS citizens
FROM each AS e JOIN people AS p USING (unit, month)
GROUP BY e.unit, e.month HAVING count(*) >= $least ORDER BY e.unit, e.month
"""
_PROMISE = """
WITH events_of AS (
    SELECT r.object_id, r.event_id, e.event_type, e.time, e.precision, {outcome} AS outcome
    FROM e2o AS r JOIN events AS e USING (event_id) JOIN objects AS o USING (object_id)
    WHERE o.object_type = $object_type
      AND list_contains(list_concat($begins, $ends), e.event_type)
),
begun AS (
    SELECT object_id, min(time) AS begin, arg_min(event_id, (time, event_id)) AS event_id,
           arg_min(precision, (time, event_id)) AS precision
    FROM events_of WHERE list_contains($begins, event_type)
     AND (len($outcomes) = 0 OR list_contains($outcomes, coalesce(outcome, '')))
    GROUP BY object_id
),
people AS (
    SELECT r.event_id, min(r.object_id) AS person
    FROM e2o AS r JOIN objects AS o USING (object_id)
    WHERE list_contains($citizens, o.object_type) GROUP BY r.event_id
)
SELECT any_value(coalesce(p.person, b.object_id)) AS person, epoch_us(b.begin) AS begin,
       epoch_us(min(e.time)) AS finish,
       b.precision = 'day' OR coalesce(arg_min(e.precision, e.time) = 'day', false) AS coarse
FROM begun AS b LEFT JOIN people AS p USING (event_id)
LEFT JOIN events_of AS e ON e.object_id = b.object_id AND e.time >= b.begin
     AND list_contains($ends, e.event_type)
GROUP BY b.object_id, b.begin, b.precision ORDER BY 2, b.object_id
"""


def caseload_by_month(
    visits: pa.Table,
    cases: pa.Table,
    cut: datetime,
    *,
    minimum: int | None = None,
    disclose: bool = False,
) -> pd.DataFrame:
    """Say how many open cases a unit had at the end of its days, month by month.

    Returns
    -------
    DataFrame
        ``unit`` (empty: all), ``month``, ``p10, median, p90, most`` (cases at the end of a
        day, over all days of the month), ``citizens, suppressed``. Cases that began before
        the log are not in it, so its first months show too few.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from procmine.tables.facts import CASES, VISITS
    >>> len(caseload_by_month(VISITS.empty(), CASES.empty(), datetime(2026, 3, 1, tzinfo=UTC)))
    0
    """
    stays = held(arrow(visits), arrow(cases), cut)
    days = caseload_days(stays)
    people = _people(stays)
    month = _month(np.asarray(days["day"], np.int64))
    cells, found = cells_of({"unit": days["unit"], "month": pa.chunked_array([month])})
    spread = _spread(cells, np.asarray(days["cases"], np.int64))
    found = found.assign(**spread).merge(people, on=["unit", "month"])
    found = found.sort_values(["unit", "month"], na_position="first", ignore_index=True)
    found["month"] = _first_days(found["month"])
    numbers = ["p10", "median", "p90", "most"]
    return suppress(
        found, disclose=disclose, minimum=minimum, percentiles=numbers, within=[["month"]]
    )


def _people(stays: pa.Table) -> pd.DataFrame:
    """Count the citizens whose cases a unit had in each month."""
    since, until = (_month(np.asarray(stays[name], np.int64)) for name in ("first", "last"))
    months = until - since + 1
    row = np.repeat(np.arange(months.size), months)
    month = since[row] + np.arange(row.size) - (np.cumsum(months) - months)[row]
    unit = stays["unit"].take(pa.array(row))
    cells, keys = cells_of({"unit": unit, "month": pa.chunked_array([month])})
    return keys.assign(citizens=cells.distinct(coded(stays["person"])[0][row]))


def _spread(cells: Cells, counts: Ints) -> dict[str, NDArray[np.generic]]:
    """Return the tenth, the middle, the ninetieth and the hundredth of the counts of a cell."""
    ranked = counts[np.lexsort((counts, cells.cell))]
    n = cells.count()
    first = np.cumsum(n) - n
    return {
        "p10": ranked[first + (n + 9) // 10 - 1],
        "median": cells.quantiles(counts.astype(np.float64))[0],
        "p90": ranked[first + (9 * n + 9) // 10 - 1],
        "most": ranked[first + n - 1],
    }


def staff_load(
    steps: pa.Table, cases: pa.Table, config: Config, *, minimum: int | None = None
) -> pd.DataFrame:
    """Say how many cases members of staff worked on in a month, as a distribution.

    Only units with at least the configured number of staff (``min_staff``, never below 5)
    in the month have a row; no number belongs to one person (design sections 3 and 7).

    Raises
    ------
    UsageError
        The municipality has not approved measures of members of staff.

    Returns
    -------
    DataFrame
        ``unit, month, staff, p10, median, p90, citizens, suppressed``.
    """
    refuse_persons(config)
    instants = steps["time"].cast(pa.timestamp("us", tz="UTC"))
    times = np.asarray(instants.cast(pa.int64()), np.int64)
    months = steps.select(["case_id", "unit", "resource"]).to_pandas()
    months["month"] = _month(local_day(times))
    least = max(5, int(config.setting("min_staff")))
    whose = arrow(cases).select(["case_id", "citizen_id"])
    with opened(steps=months, cases=whose) as connection:
        found = fetched(connection.execute(_STAFF, {"least": least}))
    found["month"] = _first_days(found["month"])
    return suppress(found, minimum=minimum, percentiles=["p10", "median", "p90"])


def promises_kept(
    log: duckdb.DuckDBPyConnection,
    promises: tuple[LocalPromise, ...],
    roles: Roles,
    cut: datetime,
    *,
    minimum: int | None = None,
    disclose: bool = False,
) -> pd.DataFrame:
    """Say how often each local promise was kept.

    What has neither followed nor run out by the cut is pending and in no share; what has run
    out without it is broken, never left out.

    Parameters
    ----------
    log
        Connection with views on the log's tables.
    promises, roles, cut
        The promises; which types and attributes play which part; when the log is complete.

    Returns
    -------
    DataFrame, one row a promise that the log has a beginning for
        ``promise, limit, limit_unit, n`` (kept or broken), ``fulfilled, share, lower, upper``
        (Wilson), ``pending, not_assessable`` (day stamps against a limit in hours),
        ``median_hours`` (Kaplan and Meier, open ones included), ``citizens, suppressed``.
    """
    rows = [row for each in promises if (row := _promise(log, each, roles, cut)) is not None]
    numbers = ["n", "fulfilled", "share", "lower", "upper", "pending", "not_assessable"]
    columns = ["promise", "limit", "limit_unit", *numbers, "median_hours", "citizens", "fewest"]
    found = pd.DataFrame(rows, columns=columns)
    if disclose or found.empty:
        return found.drop(columns="fewest").assign(suppressed=False)
    # Four who got no answer in time are as few as four who did: the smallest part decides.
    found = suppress(found, minimum=minimum, percentiles=["median_hours"])
    hidden = found["suppressed"]
    found = suppress(found, count="fewest", minimum=minimum, values=numbers)
    return found.assign(suppressed=hidden | found["suppressed"]).drop(columns="fewest")


def _promise(
    log: duckdb.DuckDBPyConnection, promise: LocalPromise, roles: Roles, cut: datetime
) -> dict[str, object] | None:
    outcome = f'CAST(e."attr.{roles.outcome}" AS VARCHAR)' if roles.outcome else "NULL"
    rows = log.execute(
        _PROMISE.format(outcome=outcome),
        {
            "object_type": promise.object_type, "begins": list(promise.begins),
            "ends": list(promise.ends), "outcomes": list(promise.outcomes),
            "citizens": list(roles.citizen),
        },
    ).df()  # fmt: skip
    if rows.empty:
        return None
    told = ~(rows["coarse"].to_numpy(bool) & (promise.unit == "hours"))
    begin = rows["begin"].to_numpy(np.int64)
    now = int(cut.timestamp() * 1_000_000)
    ended = rows["finish"].notna().to_numpy()
    finish = rows["finish"].fillna(now).to_numpy(np.int64)
    limit = _limit(begin, promise)
    kept = told & ended & (finish <= limit)
    settled = told & (ended | (limit < now))
    parts = (kept, settled & ~kept, told & ~settled, ~told)
    people = [rows["person"][part].nunique() for part in parts]
    value = share(int(kept.sum()), int(settled.sum()))
    middle = None
    if told.any():
        hours = np.clip(finish[told] - begin[told], 0, None) / _HOUR_US
        middle = quantile(kaplan_meier(hours, ended[told]))[0]
    return {
        "promise": promise.label, "limit": promise.limit, "limit_unit": promise.unit,
        "n": int(settled.sum()), "fulfilled": int(kept.sum()), "share": value.value,
        "lower": value.lower, "upper": value.upper,
        "pending": int((told & ~settled).sum()), "not_assessable": int((~told).sum()),
        "median_hours": middle if middle is not None and np.isfinite(middle) else None,
        "citizens": rows["person"].nunique(), "fewest": min(filter(None, people), default=0),
    }  # fmt: skip


def _limit(begin: Ints, promise: LocalPromise) -> Ints:
    """Return the last instant at which the promise is still kept."""
    if promise.unit == "hours":
        return begin + promise.limit * _HOUR_US
    day = local_day(begin)
    if promise.unit == "months":
        dates = day.astype("datetime64[D]")
        month = dates.astype("datetime64[M]")
        target = month + promise.limit
        last = (target + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
        same = target.astype("datetime64[D]") + (dates - month.astype("datetime64[D]"))
        day = np.minimum(same, last).astype(np.int64)
    else:
        day = day + promise.limit
    end: Ints = midnights(day + 1) - 1
    return end


def _month(days: Ints) -> Ints:
    months: Ints = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months


def _first_days(months: pd.Series) -> pd.Series:
    return pd.Series(
        months.to_numpy(np.int64).astype("datetime64[M]").astype("datetime64[s]"),
        index=months.index,
    )
