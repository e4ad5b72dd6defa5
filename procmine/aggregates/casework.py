"""How many cases, and how long they take: counts by month and the curve of case time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from procmine.aggregates.cells import Cells, people
from procmine.aggregates.frames import arrow
from procmine.disclosure import minimum_count, suppress
from procmine.effects.survival import at_risk_at, kaplan_meier, quantile
from procmine.tables.numbers import different, flags, micros
from procmine.text.formats import ZONE

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

__all__ = ["CaseTime", "CaseTotals", "case_time", "case_totals", "cases_per_month"]

_DAY_US = 86_400e6
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
    table = arrow(cases).select([*_STAMPED, "no_start_step"])
    still, size = table["open"], table.num_rows
    begun = pc.min(table["start"]).as_py()
    over = pc.max(pc.coalesce(table["end"], table["start"])).as_py()
    return CaseTotals(
        cases=size,
        citizens=different(people(table)),
        open=None if size and still.null_count == size else int(flags(still).sum()),
        decided=size - table["decided"].null_count,
        no_start_step=int(flags(table["no_start_step"]).sum()),
        knows_citizens=not size or table["citizen_id"].null_count < size,
        first=begun,
        last=over,
    )


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
    days, ended = _lasted(arrow(cases).select(_STAMPED), cut)
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


def _lasted(cases: pa.Table, cut: datetime) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the days of each case that has begun by the cut, and whether they are all."""
    now = pa.scalar(cut, pa.timestamp("us", "UTC"))
    start, decided, end = (
        cases[name].cast(pa.timestamp("us", "UTC")) for name in ("start", "decided", "end")
    )
    over = micros(pc.coalesce(decided, end, now))
    begun = np.asarray(pc.less_equal(start, now))
    closed = ~flags(cases["open"]) & np.asarray(end.is_valid())
    ended = np.asarray(decided.is_valid()) | closed
    days = np.maximum(over - micros(start), 0) / _DAY_US
    return days[begun], ended[begun]


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
    table = arrow(cases).select(_STAMPED)
    for name in ("start", "decided", "end"):
        place = table.column_names.index(name)
        local = pc.local_timestamp(table[name].cast(pa.timestamp("us", ZONE.key)))
        table = table.set_column(place, name, local)
    return table
