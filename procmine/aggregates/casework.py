"""How many cases, and how long they take: counts by month and the curve of case time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from procmine.aggregates.cells import Cells, people
from procmine.aggregates.frames import arrow, fetched, opened
from procmine.disclosure import minimum_count, suppress
from procmine.effects.survival import at_risk_at, kaplan_meier, quantile
from procmine.text.formats import ZONE

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

__all__ = ["CaseTime", "CaseTotals", "case_time", "case_totals", "cases_per_month"]

_TOTALS = """
SELECT count(*), count(DISTINCT coalesce(citizen_id, case_id)),
       count(*) FILTER (open), count(*) FILTER (decided IS NOT NULL),
       count(*) FILTER (no_start_step), bool_and(open IS NULL), bool_and(citizen_id IS NULL),
       min(start), max(coalesce("end", start))
FROM cases
"""
_LASTS = """
SELECT (epoch_us(CASE
            WHEN decided IS NOT NULL THEN decided
            WHEN "end" IS NOT NULL THEN "end"
            ELSE $cut::TIMESTAMPTZ
        END) - epoch_us(start)) / 86400e6 AS days,
       decided IS NOT NULL OR ("end" IS NOT NULL AND coalesce(NOT open, TRUE)) AS ended
FROM cases WHERE start <= $cut::TIMESTAMPTZ
"""
_POINTS = 240
_STAMPED = ["case_id", "citizen_id", "start", "decided", "end", "open"]


@dataclass(frozen=True, slots=True)
class CaseTotals:
    """How many cases there are; ``open`` is None where the log has no end of a case."""

    cases: int
    citizens: int
    open: int | None
    decided: int
    no_start_step: int
    knows_citizens: bool
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True)
class CaseTime:
    """The curve of case time with its numbers at risk.

    Parameters
    ----------
    curve
        ``days, share`` (not yet decided or ended), on an even grid of days, from 0 to the
        horizon or until fewer than the minimum are left.
    at_risk
        ``days, n``: cases under observation at a few days.
    median, lower, upper
        Days within which half of the cases end, with a 95 % interval; infinite where the
        curve does not come so far, and None under ten cases.
    n, ended
        Cases, and those of them that were decided or ended.
    """

    curve: pd.DataFrame
    at_risk: pd.DataFrame
    median: float | None
    lower: float | None
    upper: float | None
    n: int
    ended: int


def case_totals(cases: pa.Table | pd.DataFrame) -> CaseTotals:
    """Count cases and citizens.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from procmine.tables.facts import CASES
    >>> case_totals(CASES.empty()).cases
    0
    """
    with opened(cases=cases) as connection:
        row = connection.execute(_TOTALS).fetchone() or (0,) * 9
    number, citizens, still, decided, no_start, endless, anonymous, first, last = row
    return CaseTotals(
        number, citizens, None if endless else still, decided, no_start,
        not anonymous, first, last,
    )  # fmt: skip


def cases_per_month(
    cases: pa.Table | pd.DataFrame, *, minimum: int | None = None, disclose: bool = False
) -> pd.DataFrame:
    """Count the cases that began, were decided and ended in each Danish calendar month.

    Returns
    -------
    DataFrame
        ``what`` (started, decided, ended), ``month`` (its first day), ``n`` cases,
        ``citizens``, ``suppressed``.

    Examples
    --------
    >>> from procmine.tables.facts import CASES
    >>> cases_per_month(CASES.empty()).columns.tolist()
    ['what', 'month', 'n', 'citizens', 'suppressed']
    """
    # Counted without a database: this is the first figure that a new session draws.
    table = _localised(cases)
    person = people(table)
    closed = pc.invert(pc.fill_null(table["open"].cast(pa.bool_()), fill_value=True))
    parts = [
        _by_month("decided", table["decided"], person),
        _by_month("ended", pc.if_else(closed, table["end"], None), person),
        _by_month("started", table["start"], person),
    ]
    found = pd.concat(parts, ignore_index=True)
    return suppress(found, disclose=disclose, minimum=minimum, values=["n"], within=[["what"]])


def case_time(
    cases: pa.Table | pd.DataFrame,
    cut: datetime,
    *,
    horizon: float | None = None,
    minimum: int | None = None,
    disclose: bool = False,
) -> CaseTime:
    """Estimate how long cases take, with the open ones counted for as long as they lasted.

    From the start to the first decided milestone; a case that ends without one ends there
    (Kaplan and Meier 1958). In a log that knows no end, a case ends at its last step.

    Parameters
    ----------
    cases
        Fact table of one process.
    cut
        Up to when the log is complete.
    horizon
        Days that the curve is drawn for; where none is given, those within which nearly all
        cases (98 %) lie.
    minimum
        The curve stops where fewer cases are left than this.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from procmine.tables.facts import CASES
    >>> case_time(CASES.empty(), datetime(2026, 3, 1, tzinfo=UTC)).n
    0
    """
    with opened(cases=cases) as connection:
        rows = fetched(connection.execute(_LASTS, {"cut": cut.isoformat()}))
    days = rows["days"].clip(lower=0).to_numpy(float)
    ended = rows["ended"].to_numpy(bool)
    if not days.size:
        nothing = pd.DataFrame({"days": [], "share": []})
        return CaseTime(nothing, pd.DataFrame({"days": [], "n": []}), None, None, None, 0, 0)
    km = kaplan_meier(days, ended)
    top = float(horizon or max(np.quantile(days, 0.98), 1.0))
    grid = np.linspace(0.0, top, _POINTS + 1)
    least = 1 if disclose else minimum_count(minimum)
    grid = grid[at_risk_at(days, grid) >= least]
    survival = np.concatenate([[1.0], np.asarray(km.survival)])
    share = survival[np.searchsorted(np.asarray(km.times), grid, side="right")]
    marks = np.unique(np.linspace(0.0, top, 7).round())
    risk = at_risk_at(days, marks)
    enough = days.size >= 10 or disclose
    nothing_said: tuple[float | None, float | None, float | None] = (None, None, None)
    median, low, high = quantile(km) if enough else nothing_said
    return CaseTime(
        pd.DataFrame({"days": grid, "share": share if disclose else share.round(2)}),
        pd.DataFrame({"days": marks, "n": np.where((risk == 0) | (risk >= least), risk, np.nan)}),
        median, low, high, days.size, int(ended.sum()),
    )  # fmt: skip


def _by_month(what: str, stamps: pa.ChunkedArray, person: NDArray[np.int64]) -> pd.DataFrame:
    """Count the stamps and the distinct people of each month."""
    instants = stamps.to_numpy().astype("datetime64[M]")
    known = ~np.isnat(instants)
    months, place = np.unique(instants[known].astype(np.int64), return_inverse=True)
    cells = Cells(place, months.size)
    return pd.DataFrame(
        {
            "what": pd.Series([what] * months.size, dtype="str"),
            "month": months.astype("datetime64[M]").astype("datetime64[us]"),
            "n": cells.count(),
            "citizens": cells.distinct(person[known]),
        }
    )


def _localised(cases: pa.Table | pd.DataFrame) -> pa.Table:
    """Return who the cases are of, and their stamps as Danish wall clock without a zone."""
    table = arrow(cases[_STAMPED] if isinstance(cases, pd.DataFrame) else cases.select(_STAMPED))
    for name in ("start", "decided", "end"):
        place = table.column_names.index(name)
        local = pc.local_timestamp(table[name].cast(pa.timestamp("us", ZONE.key)))
        table = table.set_column(place, name, local)
    return table
