"""What a case goes through on average: hands, returns, shifts, and what the law demands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from procmine.aggregates.cells import people
from procmine.aggregates.frames import arrow
from procmine.disclosure import suppress
from procmine.tables.numbers import different, floats

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["MEASURES", "hands_per_case"]

MEASURES = (
    "handovers", "hands", "returns", "legal_minimum", "excess_handovers",
    "responsible_shifts", "unit_shifts",
)  # fmt: skip
"""Columns of the cases that are averaged, in the order they are shown."""
_COLUMNS = ["measure", "mean", "cases", "citizens", "some", "others"]


def hands_per_case(
    cases: pa.Table | pd.DataFrame, *, minimum: int | None = None, disclose: bool = False
) -> pd.DataFrame:
    """Average the handovers, hands, returns, legal minimum, excess and shifts of the cases.

    Parameters
    ----------
    cases
        The fact table. A measure that it lacks, or that is empty throughout, is left out.
    minimum, disclose
        As for :func:`procmine.disclosure.suppress`.

    Returns
    -------
    DataFrame, one row a measure
        ``measure, mean, cases, citizens, suppressed``; the mean is hidden where few
        citizens have any, or few have none.

    Examples
    --------
    >>> import pyarrow as pa
    >>> cases = pa.table({"case_id": [str(n) for n in range(10)], "citizen_id": ["p"] * 10,
    ...     "hands": [2] * 10})
    >>> hands_per_case(cases, disclose=True)[["measure", "mean"]].values.tolist()
    [['hands', 2.0]]
    """
    table = arrow(cases)
    wanted = [name for name in MEASURES if name in table.column_names]
    person = people(table)
    rows = [_averaged(name, floats(table[name]), person) for name in wanted]
    found = pd.DataFrame([row for row in rows if row["cases"]], columns=_COLUMNS)
    return suppress(
        found, disclose=disclose, minimum=minimum, values=["mean", "cases"],
        partial={"mean": ["some", "others"]},
    )  # fmt: skip


def _averaged(
    name: str, values: NDArray[np.float64], person: NDArray[np.int64]
) -> dict[str, object]:
    known = ~np.isnan(values)
    n = int(known.sum())
    parts = {"citizens": known, "some": values > 0, "others": values <= 0}
    return {
        "measure": name,
        "mean": float(values[known].sum()) / n if n else None,
        "cases": n,
        **{of: different(person[part]) for of, part in parts.items()},
    }
