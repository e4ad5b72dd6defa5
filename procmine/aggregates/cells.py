"""Rows of facts put into cells and counted: how many, of how many cases and citizens.

What every aggregate asks of a cell (rows, distinct cases, distinct citizens, a sum, a median)
is one pass over numbers here: a column becomes codes, a case its place among the cases, a
citizen a number, once for all the counts of a query.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.aggregates.frames import arrow
from procmine.tables.numbers import coded, placed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Codes = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]

__all__ = ["Cells", "Owned", "cells_of", "owned", "people"]

_MARKS = 1 << 24
"""Cells times things up to which a mark for each is cheaper than sorting the pairs."""
_PLACES = 1 << 20
"""The same for the combinations of values from which cells are made."""


@dataclass(frozen=True)
class Owned:
    """Rows of a fact table whose cases are known.

    Attributes
    ----------
    rows
        The columns that were asked for.
    case, person
        Of each row the number of its case (negative where it has none) and of its citizen.
    """

    rows: pa.Table
    case: Codes
    person: Codes

    def of(self, kept: Flags) -> Owned:
        """Return the rows for which `kept` is true."""
        if kept.all():
            return self
        return Owned(self.rows.filter(pa.array(kept)), self.case[kept], self.person[kept])

    def sorted(self, column: str) -> Owned:
        """Return the rows by case, and by a column of numbers within it."""
        place = self.rows[column].to_numpy()
        step, forward = np.diff(self.case), np.diff(place) >= 0
        if bool(((step > 0) | ((step == 0) & forward)).all()):
            return self
        order = np.lexsort((place, self.case))
        return Owned(self.rows.take(pa.array(order)), self.case[order], self.person[order])

    def cells(self, *columns: str) -> tuple[Cells, pd.DataFrame]:
        """Put the rows into cells by some of their columns."""
        return cells_of({name: self.rows[name] for name in columns})

    def counts(self, cells: Cells, where: Flags | None = None) -> dict[str, Codes]:
        """Count the rows, cases and citizens of each cell."""
        case, person = self.case, self.person
        if where is not None:
            rows = np.flatnonzero(where)
            cells, case, person = Cells(cells.cell[rows], cells.size), case[rows], person[rows]
        return {
            "n": cells.count(),
            "cases": cells.distinct(case),
            "citizens": cells.distinct(person),
        }


def owned(facts: pa.Table | pd.DataFrame, cases: pa.Table | pd.DataFrame, *columns: str) -> Owned:
    """Return columns of the rows of `facts` whose case is among `cases`.

    A case without a citizen stands for one of its own.

    Examples
    --------
    >>> facts = pa.table({"case_id": ["1", "1", "9"], "days": [1.0, 2.0, 4.0]})
    >>> cases = pa.table({"case_id": ["1", "2"], "citizen_id": ["p", None]})
    >>> owned(facts, cases, "days").rows["days"].to_pylist()
    [1.0, 2.0]
    """
    told, known = arrow(facts).select(["case_id", *columns]), arrow(cases)
    names = known["case_id"].cast(pa.string()).combine_chunks()
    case = placed(told["case_id"], names)
    rows, person = told.drop_columns("case_id"), np.append(people(known), [0])[case]
    return Owned(rows, case, person).of(case >= 0)


def people(cases: pa.Table) -> Codes:
    """Return the number of each case's citizen; a case without one is of a citizen of its own.

    Examples
    --------
    >>> people(pa.table({"case_id": ["1", "2", "3"], "citizen_id": ["p", None, "p"]})).tolist()
    [0, 1, 0]
    """
    told = (cases[name].cast(pa.string()) for name in ("citizen_id", "case_id"))
    codes = pc.coalesce(*told).combine_chunks().dictionary_encode().indices
    return np.asarray(codes, dtype=np.int64)


class Cells:
    """The cells that rows lie in, and what is counted of each.

    Parameters
    ----------
    cell
        Of each row the number of its cell.
    size
        How many cells there are.

    Examples
    --------
    >>> cells = Cells(np.array([0, 1, 1]), 2)
    >>> cells.count().tolist(), cells.distinct(np.array([7, 7, 7])).tolist()
    ([1, 2], [1, 1])
    >>> cells.total(np.array([1.0, 2.0, np.nan])).tolist()
    [1.0, 2.0]
    """

    def __init__(self, cell: Codes, size: int) -> None:
        self.cell, self.size = cell, size

    @cached_property
    def _order(self) -> Codes:
        """The rows by their cells."""
        # Numbers of two bytes are sorted by counting, which takes a tenth of the time.
        narrow = self.cell.astype(np.uint16) if self.size <= 1 << 16 else self.cell
        return np.argsort(narrow, kind="stable")

    @cached_property
    def _first(self) -> Codes:
        """Where each cell begins among the rows by their cells, and where the last ends."""
        return np.append([0], np.cumsum(self.count()))

    def count(self, where: Flags | None = None) -> Codes:
        """Count the rows."""
        cell = self.cell if where is None else self.cell[where]
        return np.bincount(cell, minlength=self.size)

    def distinct(self, things: Codes, where: Flags | None = None) -> Codes:
        """Count the distinct things (numbers from 0; a negative one is none) of the rows."""
        cell = self.cell
        kept = things >= 0 if where is None else where & (things >= 0)
        if not kept.all():
            cell, things = cell[kept], things[kept]
        if not cell.size:
            return np.zeros(self.size, dtype=np.int64)
        width = int(things.max()) + 1
        pairs = cell * width + things
        if self.size * width > _MARKS:
            return np.bincount(np.unique(pairs) // width, minlength=self.size)
        seen = np.zeros(self.size * width, dtype=np.bool_)
        seen[pairs] = True
        found: Codes = np.count_nonzero(seen.reshape(self.size, width), axis=1)
        return found

    def total(self, values: Floats, where: Flags | None = None) -> Floats:
        """Sum the values that there are; NaN where there is none."""
        cell, told = self._told(values, where)
        sums = np.bincount(cell, weights=told, minlength=self.size)
        return np.where(np.bincount(cell, minlength=self.size) > 0, sums, np.nan)

    def mean(self, values: Floats, where: Flags | None = None) -> Floats:
        """Average the values that there are; NaN where there is none."""
        cell, told = self._told(values, where)
        n = np.bincount(cell, minlength=self.size)
        sums = np.bincount(cell, weights=told, minlength=self.size)
        means: Floats = np.divide(sums, n, out=np.full(self.size, np.nan), where=n > 0)
        return means

    def quantiles(
        self, values: Floats, shares: Sequence[float] = (0.5,), where: Flags | None = None
    ) -> list[Floats]:
        """Return for each share the value under which it lies, between two neighbours if need be.

        NaN where there is no value.
        """
        told = values if where is None else np.where(where, values, np.nan)
        n = np.bincount(self.cell, weights=~np.isnan(told), minlength=self.size).astype(np.int64)
        ranked, first = told[self._order], self._first
        wanted = [np.maximum(n - 1, 0) * share for share in shares]
        sides = np.stack([side(place) for place in wanted for side in (np.floor, np.ceil)], axis=1)
        sides = sides.astype(np.int64)
        # No order is needed but for the values at these places; NaN comes last.
        for filled in np.flatnonzero(n):
            ranked[first[filled] : first[filled + 1]].partition(sides[filled])
        found = np.append(ranked, np.nan)[np.where(n > 0, first[:-1] + sides.T, ranked.size)]
        return [
            low + (high - low) * (place - np.floor(place))
            for place, low, high in zip(wanted, found[::2], found[1::2], strict=True)
        ]

    def any(self, where: Flags) -> Flags:
        """Say whether `where` is true of any row."""
        return self.count(where) > 0

    def one(self, column: pa.ChunkedArray) -> pa.Array:
        """Return the value of each cell's first row that has one."""
        codes, labels = coded(column)
        known = np.flatnonzero(codes < len(labels))
        first = np.full(self.size, len(labels), dtype=np.int64)
        first[self.cell[known[::-1]]] = codes[known[::-1]]
        return _labelled(first, labels)

    def commonest(self, column: pa.ChunkedArray) -> pa.Array:
        """Return the value that most rows of each cell have; of equals the first."""
        codes, labels = coded(column)
        known = np.flatnonzero(codes < len(labels))
        width = len(labels) + 1
        pairs = self.cell[known] * width + codes[known]
        times = np.bincount(pairs, minlength=self.size * width).reshape(self.size, width)
        first = np.full(self.size * width, len(codes), dtype=np.int64)
        first[pairs[::-1]] = known[::-1]
        most = times == times.max(axis=1, keepdims=True, initial=1)
        best = np.where(most, first.reshape(times.shape), len(codes)).argmin(axis=1)
        best = np.where(times.max(axis=1, initial=0) > 0, best, len(labels))
        return _labelled(best, labels)

    def _told(self, values: Floats, where: Flags | None) -> tuple[Codes, Floats]:
        told = ~np.isnan(values)
        if where is not None:
            told &= where
        if told.all():
            return self.cell, values
        return self.cell[told], values[told]


def cells_of(columns: dict[str, pa.ChunkedArray]) -> tuple[Cells, pd.DataFrame]:
    """Put rows into a cell for each combination of values that occurs; nulls are values too.

    Returns
    -------
    cells, keys
        `keys` has a row a cell, and the columns.

    Examples
    --------
    >>> cells, keys = cells_of({"unit": pa.chunked_array([["a", "b", "a"]])})
    >>> keys.assign(n=cells.count()).to_numpy().tolist()
    [['a', 2], ['b', 1]]
    """
    both = {name: coded(column) for name, column in columns.items()}
    size, combined = 1, np.zeros(len(next(iter(both.values()))[0]), dtype=np.int64)
    for codes, labels in both.values():
        combined = combined * (len(labels) + 1) + codes
        size *= len(labels) + 1
    found, cell = _occurring(combined, size)
    keys: dict[str, pa.Array] = {}
    for name, (_, labels) in reversed(both.items()):
        keys[name] = _labelled(found % (len(labels) + 1), labels)
        found = found // (len(labels) + 1)
    table = pa.table({name: keys[name] for name in columns})
    return Cells(cell, table.num_rows), table.to_pandas()


def _labelled(codes: Codes, labels: pa.Array) -> pa.Array:
    return labels.take(pa.array(codes, mask=codes >= len(labels)))


def _occurring(combined: Codes, size: int) -> tuple[Codes, Codes]:
    """Return the combinations that occur, and the number of that of each row."""
    if size > _PLACES:
        found, cell = np.unique(combined, return_inverse=True)
        return found, cell.astype(np.int64)
    found = np.flatnonzero(np.bincount(combined, minlength=1))
    place = np.zeros(size, dtype=np.int64)
    place[found] = np.arange(found.size)
    return found, place[combined]
