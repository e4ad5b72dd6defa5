"""What the data can bear: stamps, actors, units and names that the catalogue lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from procmine.aggregates.cells import Cells, cells_of, owned
from procmine.aggregates.frames import arrow
from procmine.disclosure import suppress
from procmine.facts.order import DAY
from procmine.tables.numbers import equals

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

_LACKED = ("unit", "resource", "class")


def precision_of_stamps(steps: pa.Table | pd.DataFrame) -> pd.DataFrame:
    """Count steps by how finely their stamp was given: ``precision, n, share``.

    Examples
    --------
    >>> from procmine.tables.facts import STEPS
    >>> len(precision_of_stamps(STEPS.empty()))
    0
    """
    cells, keys = cells_of({"precision": arrow(steps)["precision"]})
    n = cells.count()
    found = keys.assign(n=n, share=n / max(n.sum(), 1))
    return found.sort_values(["n", "precision"], ascending=[False, True], ignore_index=True)


def actors_missing(steps: pa.Table | pd.DataFrame) -> dict[str, int]:
    """Count ``steps``, and those with ``no_unit, no_kind, no_resource, no_begin``.

    Examples
    --------
    >>> from procmine.tables.facts import STEPS
    >>> actors_missing(STEPS.empty())["steps"]
    0
    """
    table = arrow(steps)
    unit, kind = table["unit"], table["unit_kind"]
    return {
        "steps": table.num_rows,
        "no_unit": unit.null_count,
        "no_kind": int(np.count_nonzero(np.asarray(unit.is_valid()) & np.asarray(kind.is_null()))),
        "no_resource": table["resource"].null_count,
        "no_begin": table["start"].null_count,
    }


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
    own = owned(steps, cases, "activity", "class")
    own = own.of(np.asarray(own.rows["class"].is_null()))
    cells, keys = own.cells("activity")
    found = keys.assign(**own.counts(cells)).sort_values(
        ["n", "activity"], ascending=[False, True], ignore_index=True
    )
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
    table = arrow(steps)
    months, place = np.unique(
        table["time"].to_numpy().astype("datetime64[M]").astype(np.int64), return_inverse=True
    )
    cells = Cells(place, months.size)
    lacks = {
        "day_share": equals(table["precision"], DAY),
        **{f"no_{name}_share": np.asarray(table[name].is_null()) for name in _LACKED},
    }
    return pd.DataFrame(
        {
            "month": months.astype("datetime64[M]").astype("datetime64[us]"),
            "steps": cells.count(),
            **{name: cells.count(where) / cells.count() for name, where in lacks.items()},
        }
    )


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
