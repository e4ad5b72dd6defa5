"""What the data can bear: stamps, actors, units and names that the catalogue lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from procmine.aggregates.frames import fetched, opened
from procmine.disclosure import suppress

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

__all__ = [
    "activities_without_class",
    "actors_missing",
    "control_figures",
    "precision_of_stamps",
    "quality_by_month",
]

_PRECISION = """
SELECT precision, count(*) AS n, count(*)::DOUBLE / sum(count(*)) OVER () AS share
FROM steps GROUP BY precision ORDER BY n DESC, precision
"""
_ACTORS = """
SELECT count(*) AS steps, count(*) FILTER (unit IS NULL) AS no_unit,
       count(*) FILTER (unit IS NOT NULL AND unit_kind IS NULL) AS no_kind,
       count(*) FILTER (resource IS NULL) AS no_resource,
       count(*) FILTER (start IS NULL) AS no_begin
FROM steps
"""
_UNMAPPED = """
SELECT s.activity, count(*) AS n, count(DISTINCT s.case_id) AS cases,
       count(DISTINCT coalesce(c.citizen_id, c.case_id)) AS citizens
FROM steps AS s JOIN cases AS c USING (case_id)
WHERE s.class IS NULL GROUP BY s.activity ORDER BY n DESC, s.activity
"""
_MONTHS = """
SELECT date_trunc('month', time)::DATE AS month, count(*) AS steps,
       avg((precision = 'day')::INT) AS day_share, avg((unit IS NULL)::INT) AS no_unit_share,
       avg((resource IS NULL)::INT) AS no_resource_share,
       avg((class IS NULL)::INT) AS no_class_share
FROM steps GROUP BY month ORDER BY month
"""


def precision_of_stamps(steps: pa.Table | pd.DataFrame) -> pd.DataFrame:
    """Count steps by how finely their stamp was given: ``precision, n, share``.

    Examples
    --------
    >>> from procmine.tables.facts import STEPS
    >>> len(precision_of_stamps(STEPS.empty()))
    0
    """
    with opened(steps=steps) as connection:
        return fetched(connection.sql(_PRECISION))


def actors_missing(steps: pa.Table | pd.DataFrame) -> dict[str, int]:
    """Count ``steps``, and those with ``no_unit, no_kind, no_resource, no_begin``.

    Examples
    --------
    >>> from procmine.tables.facts import STEPS
    >>> actors_missing(STEPS.empty())["steps"]
    0
    """
    with opened(steps=steps) as connection:
        row = fetched(connection.sql(_ACTORS)).iloc[0]
    return {str(name): int(value) for name, value in row.items()}


def activities_without_class(
    steps: pa.Table | pd.DataFrame,
    cases: pa.Table | pd.DataFrame,
    *,
    minimum: int | None = None,
    disclose: bool = False,
) -> pd.DataFrame:
    """List activities that no catalogue classes: ``activity, n, cases, citizens``.

    Examples
    --------
    >>> from procmine.tables.facts import CASES, STEPS
    >>> len(activities_without_class(STEPS.empty(), CASES.empty()))
    0
    """
    with opened(steps=steps, cases=cases) as connection:
        found = fetched(connection.sql(_UNMAPPED))
    return suppress(found, disclose=disclose, minimum=minimum, values=["n", "cases"])


def quality_by_month(steps: pa.Table | pd.DataFrame) -> pd.DataFrame:
    """Give each month's share of steps with a lack.

    Returns
    -------
    DataFrame
        ``month, steps, day_share, no_unit_share, no_resource_share, no_class_share``.

    Examples
    --------
    >>> from procmine.tables.facts import STEPS
    >>> len(quality_by_month(STEPS.empty()))
    0
    """
    with opened(steps=steps) as connection:
        return fetched(connection.sql(_MONTHS))


def control_figures(
    control: Sequence[Mapping[str, object]], *, minimum: int | None = None
) -> pd.DataFrame:
    """Compare the municipality's own management figures with the log, small counts hidden.

    Parameters
    ----------
    control
        ``control`` of a load's account.
    minimum
        A row where either figure is from 1 to one below it is hidden.

    Returns
    -------
    DataFrame
        ``month, measure, log, count, difference, share`` (of their figure), ``suppressed``.

    Examples
    --------
    >>> rows = [{"month": "2026-01", "measure": "m", "count": 420, "log": 412}]
    >>> control_figures(rows)[["difference", "share"]].round(3).to_numpy().tolist()
    [[8.0, 0.019]]
    """
    frame = pd.DataFrame(list(control), columns=["month", "measure", "log", "count"])
    numbers = frame[["log", "count"]].astype("Float64")
    frame["difference"] = (numbers["count"] - numbers["log"]).abs().astype("float64")
    frame["share"] = frame["difference"] / numbers["count"].astype("float64").replace(0, np.nan)
    frame["least"] = numbers.where(numbers > 0).min(axis=1).fillna(0).astype("float64")
    values = ["log", "count", "difference", "share"]
    return suppress(frame, count="least", minimum=minimum, values=values).drop(columns="least")
