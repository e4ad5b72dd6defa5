"""Columns of a case-centric table: their types, and whether they belong to the case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.ocel.exchange.attributes import one_chunk
from procmine.ocel.exchange.values import guess, typed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.ocel.exchange.tally import Tally

__all__ = ["case_columns", "narrowed", "suspected"]

PREFIX = "case:"
OF_EVENTS = ("concept:", "lifecycle:", "org:", "time:", "cost:", "identity:")
FILLERS = (
    "empty",
    "unknown",
    "missing",
    "null",
    "none",
    "nil",
    "nan",
    "na",
    "n/a",
    "#n/a",
    "-",
    "--",
    "?",
    ".",
    "undefined",
    "not available",
    "ukendt",
    "ingen",
)
SHARE = 0.005
DANISH = r"^[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d+)?$"


def narrowed(column: pa.Array) -> pa.Array:
    """Return a column of text in the narrowest type that every cell fits.

    A column in which numbers have a decimal comma has it throughout: ``1.234,5``.

    Examples
    --------
    >>> narrowed(pa.array(["1", None, "2"])).to_pylist()
    [1, None, 2]
    >>> narrowed(pa.array(["1.234,5", "2"])).to_pylist()
    [1234.5, 2.0]
    """
    encoded = column.dictionary_encode()
    distinct = encoded.dictionary
    whole = pc.all(pc.match_substring_regex(distinct, DANISH), min_count=0).as_py()
    if whole and pc.any(pc.match_substring(distinct, ",")).as_py():
        points = pc.replace_substring(distinct, ".", "")
        distinct = pc.replace_substring(points, ",", ".")
    value_type = guess(distinct)
    cells = typed(distinct, value_type)
    if value_type == "string" or cells is None:
        return column
    return cells.take(encoded.indices)


def case_columns(
    case: pa.Array, columns: dict[str, pa.Array], tally: Tally
) -> tuple[pa.Array, dict[str, pa.Array]]:
    """Take the columns that hold for whole cases out of `columns`.

    Those that say so by their prefix, and those that are the same in every event of each
    case. A prefixed column that varies within a case stays with the events, noted.

    Parameters
    ----------
    case
        Case of each event.
    columns
        Typed columns of the events; those that belong to cases are taken out.
    tally
        Takes the note.

    Returns
    -------
    tuple
        The case ids, and the columns with one cell a case.

    Examples
    --------
    >>> from procmine.ocel.exchange.tally import Tally
    >>> columns = {"x": pa.array([1, 1, 2]), "y": pa.array([1, 2, 3])}
    >>> ids, taken = case_columns(pa.array(["a", "a", "b"]), columns, Tally())
    >>> ids.to_pylist(), {name: cells.to_pylist() for name, cells in taken.items()}
    (['a', 'b'], {'x': [1, 2]})
    """
    encoded = case.dictionary_encode()
    codes = np.asarray(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
    count = len(encoded.dictionary)
    several = len(codes) > count
    taken: dict[str, pa.Array] = {}
    for name in list(columns):
        prefixed = name.startswith(PREFIX)
        if name.startswith(OF_EVENTS) or not (prefixed or several):
            continue
        first = _first_filled(columns[name], codes, count)
        same = _constant(columns[name], codes, first)
        if not same:
            if prefixed:
                tally.add("varying_case_attribute", "events", name)
            continue
        short = name.removeprefix(PREFIX) if prefixed else name
        taken[name if short in taken or (prefixed and short in columns) else short] = columns.pop(
            name
        ).take(pa.array(first))
    return encoded.dictionary, taken


def suspected(rows: pa.Table) -> list[str]:
    """Return cells that look like fillers for nothing and occur in over 0.5 % of a column.

    Examples
    --------
    >>> suspected(pa.table({"by": ["EMPTY", "anna"]}))
    ['EMPTY']
    """
    found: set[str] = set()
    known = pa.array(FILLERS)
    for name in rows.column_names:
        counts = pc.value_counts(rows[name].drop_null())
        values = counts.field("values")
        many = pc.greater(counts.field("counts"), int(SHARE * rows.num_rows))
        filler = pc.is_in(pc.utf8_lower(pc.utf8_trim_whitespace(values)), value_set=known)
        found.update(values.filter(pc.and_(many, filler)).to_pylist())
    return sorted(found)


def _first_filled(column: pa.Array, codes: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return for each case the row of its first filled cell, else of its first event."""
    first = np.zeros(count, dtype=np.int64)
    rows = np.arange(len(codes))
    first[codes[::-1]] = rows[::-1]
    filled = np.asarray(pc.is_valid(column).to_numpy(zero_copy_only=False), dtype=np.bool_)
    first[codes[filled][::-1]] = rows[filled][::-1]
    return first


def _constant(column: pa.Array, codes: NDArray[np.int64], first: NDArray[np.int64]) -> bool:
    encoded = one_chunk(column).dictionary_encode()
    cells = np.asarray(pc.fill_null(encoded.indices, -1), dtype=np.int64)
    return bool(np.all(cells == cells[first[codes]]))
