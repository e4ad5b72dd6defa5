"""Counting by cell against the same asked of pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procmine.aggregates import cells as module
from procmine.aggregates.cells import Cells, cells_of, owned

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", None]),
        st.sampled_from([True, False, None]),
        st.integers(0, 4),
        st.one_of(st.none(), st.integers(-3, 9)),
    ),
    min_size=1,
)


def framed(rows: list[tuple[str | None, bool | None, int, int | None]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["unit", "flag", "case", "value"])
    return frame.astype({"unit": "str", "flag": "boolean", "value": "float64"})


@given(ROWS)
def test_cells_count_as_pandas_does(
    rows: list[tuple[str | None, bool | None, int, int | None]],
) -> None:
    """Rows, distinct cases, sum, mean, median and ninth tenth of each cell; nulls are a cell."""
    frame = framed(rows)
    table = pa.Table.from_pandas(frame, preserve_index=False)
    cells, keys = cells_of({name: table[name] for name in ("unit", "flag")})
    value = frame["value"].to_numpy()
    mine = keys.assign(
        n=cells.count(),
        cases=cells.distinct(frame["case"].to_numpy()),
        total=cells.total(value),
        mean=cells.mean(value),
        median=cells.quantiles(value)[0],
        late=cells.quantiles(value, (0.9,))[0],
    )
    wanted = frame.groupby(["unit", "flag"], dropna=False)
    told = wanted.agg(
        n=("case", "size"),
        cases=("case", "nunique"),
        total=("value", lambda v: v.sum(min_count=1)),
        mean=("value", "mean"),
        median=("value", "median"),
        late=("value", lambda v: v.quantile(0.9)),
    ).reset_index()
    order = ["unit", "flag"]
    found, known = (
        each.assign(**{name: each[name].astype("object") for name in order})
        .sort_values(order, key=lambda column: column.astype("str"), ignore_index=True)
        .drop(columns=order)
        .astype("float64")
        for each in (mine, told)
    )
    pd.testing.assert_frame_equal(found, known)


@given(ROWS)
def test_a_condition_leaves_rows_out(
    rows: list[tuple[str | None, bool | None, int, int | None]],
) -> None:
    """What is counted under a condition is what is counted of the rows that meet it."""
    frame = framed(rows)
    unit = np.asarray(frame["unit"].isna(), dtype=np.int64)
    case, value = frame["case"].to_numpy(), frame["value"].to_numpy()
    kept = case > 1
    some, all_of_some = Cells(unit, 2), Cells(unit[kept], 2)
    assert some.count(kept).tolist() == all_of_some.count().tolist()
    assert some.distinct(case, kept).tolist() == all_of_some.distinct(case[kept]).tolist()
    np.testing.assert_array_equal(
        some.quantiles(value, where=kept)[0], all_of_some.quantiles(value[kept])[0]
    )


def test_many_cells_are_counted_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where marks would take too much memory, pairs are sorted; the answer is the same."""
    column = pa.chunked_array([["a", "b", "a", None]])
    things = np.array([3, 3, 4, -1])
    cells, keys = cells_of({"unit": column})
    monkeypatch.setattr(module, "_MARKS", 0)
    monkeypatch.setattr(module, "_PLACES", 0)
    again, same = cells_of({"unit": column})
    assert keys.equals(same)
    assert again.distinct(things).tolist() == cells.distinct(things).tolist() == [2, 1, 0]


def test_the_commonest_value_and_of_equals_the_first() -> None:
    """Two of three are y; of one x and one z the first stands; a cell of nulls has none."""
    cells = Cells(np.array([0, 0, 0, 1, 1, 2]), 3)
    column = pa.chunked_array([["x", "y", "y", "z", "x", None]])
    assert cells.commonest(column).to_pylist() == ["y", "z", None]
    assert cells.one(column).to_pylist() == ["x", "z", None]


def test_rows_of_unknown_cases_are_left_out() -> None:
    """A row of a case that is not listed, or of none, counts for nobody."""
    facts = pa.table({"case_id": ["2", "9", None, "1"], "n": [1, 2, 3, 4]})
    cases = pa.table({"case_id": ["1", "2"], "citizen_id": ["p", "p"]})
    own = owned(facts, cases, "n")
    assert own.rows["n"].to_pylist() == [1, 4]
    assert (own.case.tolist(), own.person.tolist()) == ([1, 0], [0, 0])
