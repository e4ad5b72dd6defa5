"""Waiting time by cause, and the ways on which most of it has no cause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from procmine.aggregates.cells import Cells, Owned, owned
from procmine.aggregates.frames import arrow
from procmine.disclosure import suppress
from procmine.tables.numbers import different, equals, flags, floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
INTERNAL = "intern"
_LENGTHS = ("days", "days_low", "days_high", "business_hours")
_OF_CAUSES = ("cause", "nature", "days", "days_low", "days_high", "business_hours",
              "assumed_deadline")  # fmt: skip
_OF_WAYS = ("cause", "from_activity", "to_activity", "holder", "days")
_OF_TOTALS = ("cause", "nature", "days", "business_hours", "censored")
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
    own = _own(waits, cases, *_OF_TOTALS)
    days, hours = floats(own.rows["days"]), floats(own.rows["business_hours"])
    internal = equals(own.rows["nature"], INTERNAL)
    parts = [equals(own.rows["cause"], name) for name in (WORKING, UNEXPLAINED)]
    working, unexplained = (_sum(days[part]) for part in parts)
    return WaitTotals(
        cases=different(own.case),
        citizens=different(own.person),
        days=_sum(days) or 0.0,
        working=working,
        unexplained=unexplained or 0.0,
        internal=_sum(days[internal]) or 0.0,
        internal_business_hours=_sum(hours[internal]),
        censored=int(flags(own.rows["censored"]).sum()),
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
    own = _own(waits, cases, *_OF_CAUSES)
    cells, keys = own.cells("cause", "nature")
    days, *others = (cells.total(floats(own.rows[name])) for name in _LENGTHS)
    found = keys.assign(
        days=days,
        share=days / days.sum(),
        **dict(zip(_LENGTHS[1:], others, strict=True)),
        without_hours=cells.count(np.asarray(own.rows["business_hours"].is_null())),
        intervals=cells.count(),
        assumed=cells.count(flags(own.rows["assumed_deadline"])),
        cases=cells.distinct(own.case),
        citizens=cells.distinct(own.person),
    ).sort_values(["days", "cause"], ascending=[False, True], ignore_index=True)
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
    own = _own(waits, cases, *_OF_WAYS)
    # The last interval of an open case leads to no step.
    own = own.of(
        equals(own.rows["cause"], UNEXPLAINED) & np.asarray(own.rows["to_activity"].is_valid())
    )
    way = ["from_activity", "to_activity", "holder"]
    cells, keys = own.cells(*way)
    days = floats(own.rows["days"])
    found = keys.assign(
        days=cells.total(days),
        median_days=cells.quantiles(days)[0],
        n=cells.count(),
        cases=cells.distinct(own.case),
        citizens=cells.distinct(own.person),
    ).sort_values(["days", *way], ascending=[False, True, True, True])
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
    table = arrow(waits_by_case)
    names = [n.removesuffix(_INCLUSIVE) for n in table.column_names if n.endswith(_INCLUSIVE)]
    columns = [name + kind for name in names for kind in ("_exclusive", "", _INCLUSIVE)]
    own = owned(table, cases, *columns)
    found = pd.DataFrame([_bracket(own, name) for name in names])
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
    own = owned(late, cases, "potential_days")
    cells = Cells(np.zeros(own.case.size, dtype=np.int64), 1)
    saved = cells.total(floats(own.rows["potential_days"]))
    found = pd.DataFrame({**own.counts(cells), "days": saved})
    return suppress(found, disclose=disclose, minimum=minimum, values=["n", "cases", "days"])


def _own(waits: pa.Table | pd.DataFrame, cases: pa.Table | pd.DataFrame, *columns: str) -> Owned:
    """Return columns of the intervals of the cases' own time."""
    table = arrow(waits)
    inside = [name for name in ("in_case",) if name in table.column_names]
    own = owned(table, cases, *columns, *inside)
    return own.of(flags(own.rows["in_case"])) if inside else own


def _bracket(own: Owned, cause: str) -> dict[str, object]:
    alone, told, every = (floats(own.rows[cause + kind]) for kind in ("_exclusive", "", _INCLUSIVE))
    some = every > 0
    return {
        "cause": cause,
        "exclusive": np.nansum(alone) / 24,
        "headline": np.nansum(told) / 24,
        "inclusive": np.nansum(every) / 24,
        "cases": int(some.sum()),
        "citizens": different(own.person[some]),
    }


def _sum(values: NDArray[np.float64]) -> float | None:
    """Return the sum of the values that there are, None where there is none."""
    told = values[~np.isnan(values)]
    return float(told.sum()) if told.size else None


def own_time(waits: pa.Table) -> pa.Table:
    """Return the intervals of the cases' own time, without what follows their ends.

    Examples
    --------
    >>> import pyarrow as pa
    >>> own_time(pa.table({"days": [1.0, 2.0], "in_case": [True, False]})).num_rows
    1
    """
    return waits.filter(waits["in_case"]) if "in_case" in waits.column_names else waits
