"""The rows of a fact table as indicators read them: columns as numbers, each row's case too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from procmine.tables.numbers import coded, floats, placed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from procmine.indicators.definitions import Match
    from procmine.store.stored import StoredTable


__all__ = ["NEVER", "Rows"]

NEVER = np.iinfo(np.int64).min
"""The instant of what has none: before all others."""


class Rows:
    """One fact table; a column is looked at when an indicator asks for it.

    Parameters
    ----------
    table
        The table, as a data frame, an Arrow table or one on disk.
    cases
        Ids of the cases that count, in the order of their numbers.

    Attributes
    ----------
    case
        Of each row the number of its case; -1 for one that does not count.

    Examples
    --------
    >>> rows = Rows(pa.table({"case_id": ["b", "x"], "phase": ["p", None]}), pa.array(["a", "b"]))
    >>> rows.case.tolist(), rows.empty("phase").tolist()
    ([1, -1], [False, True])
    """

    def __init__(self, table: pd.DataFrame | pa.Table | StoredTable, cases: pa.Array) -> None:
        if not hasattr(table, "column_names"):
            table = pa.Table.from_pandas(table, preserve_index=False)
        self._table: pa.Table | StoredTable = table
        self.case = placed(self._table["case_id"], cases)
        self.size = self.case.size

    def has(self, columns: Iterable[str]) -> bool:
        """Say whether all of these columns are there."""
        return {*columns} <= {*self._table.column_names}

    def instants(self, column: str) -> NDArray[np.int64]:
        """Return a column of instants as microseconds; `NEVER` where there is none."""
        told = self._table[column].cast(pa.timestamp("us", "UTC")).cast(pa.int64())
        return np.asarray(told.fill_null(NEVER), dtype=np.int64)

    def numbers(self, column: str) -> NDArray[np.float64]:
        """Return a column of numbers; NaN where there is none."""
        return floats(self._table[column])

    def empty(self, column: str) -> NDArray[np.bool_]:
        """Say in which rows a column holds nothing."""
        return np.asarray(self._table[column].is_null(), dtype=np.bool_)

    def match(self, wanted: Match) -> NDArray[np.bool_]:
        """Say which rows hold one of the values that are asked for."""
        return self._one_of(wanted.column, wanted.values)

    def all(self, wanted: Sequence[Match]) -> NDArray[np.bool_]:
        """Say which rows match all that is asked for."""
        fits = np.ones(self.size, dtype=np.bool_)
        for each in wanted:
            fits &= self.match(each)
        return fits

    def steps(self, wanted: Sequence[tuple[str, str]]) -> NDArray[np.bool_]:
        """Say which steps are one of the pairs of activity and outcome (empty: any)."""
        fits = np.zeros(self.size, dtype=np.bool_)
        for result in dict.fromkeys(outcome for _, outcome in wanted):
            named = tuple(activity for activity, outcome in wanted if outcome == result)
            if not result:
                fits |= self._one_of("activity", named)
            elif self.has(["outcome"]):
                fits |= self._one_of("activity", named) & self._one_of("outcome", (result,))
        return fits

    def _one_of(self, column: str, values: Sequence[str | bool]) -> NDArray[np.bool_]:
        codes, labels = coded(self._table[column])
        wanted = [label.as_py() in values for label in labels]
        return np.array([*wanted, False], dtype=np.bool_)[codes]
