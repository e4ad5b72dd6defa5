"""What a case goes through on average: hands, returns, shifts, and what the law demands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.aggregates.frames import arrow, fetched, opened
from procmine.disclosure import suppress

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["MEASURES", "hands_per_case"]

MEASURES = (
    "handovers", "hands", "returns", "legal_minimum", "excess_handovers",
    "responsible_shifts", "unit_shifts",
)  # fmt: skip
"""Columns of the cases that are averaged, in the order they are shown."""

_ONE = """
SELECT {place} AS place, '{name}' AS measure, avg(value) AS mean,
       count(value) AS cases, count(DISTINCT person) FILTER (value IS NOT NULL) AS citizens,
       count(DISTINCT person) FILTER (value > 0) AS some,
       count(DISTINCT person) FILTER (value <= 0) AS others
FROM (SELECT {column} AS value, coalesce(citizen_id, case_id) AS person FROM cases)
HAVING count(value) > 0
"""


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
    kept = table.select(["case_id", "citizen_id", *wanted])
    query = " UNION ALL ".join(
        _ONE.format(place=place, name=name, column=name) for place, name in enumerate(wanted)
    )
    with opened(cases=kept) as connection:
        found = fetched(connection.sql(f"SELECT * EXCLUDE (place) FROM ({query}) "
                                       "ORDER BY place"))  # fmt: skip
    return suppress(
        found, disclose=disclose, minimum=minimum, values=["mean", "cases"],
        partial={"mean": ["some", "others"]},
    )  # fmt: skip
