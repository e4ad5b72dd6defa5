"""Ids and names become numbers part by part, whoever wrote the file and in whatever order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procmine.store import columns
from procmine.store.columns import Codes, Places, joined, parts_of
from procmine.store.engine import connect

if TYPE_CHECKING:
    from pathlib import Path

IDS = pa.array([f"id{n:03d}" for n in range(40)])


def in_parts(cells: list[str], size: int) -> list[pa.ChunkedArray]:
    """Cut cells into columns of `size` rows, each with a dictionary of its own."""
    return [
        pa.chunked_array([cells[at : at + size]], pa.string()).dictionary_encode()
        for at in range(0, len(cells), size)
    ]


@pytest.mark.parametrize("in_order", [True, False])
@given(
    rows=st.lists(st.integers(0, 44), max_size=60), size=st.integers(1, 9), ordered=st.booleans()
)
def test_places_are_those_of_a_plain_look_up(
    *, in_order: bool, rows: list[int], size: int, ordered: bool
) -> None:
    """In order or not, with gaps or unknown ids: each cell's place, -1 where there is none."""
    wanted = sorted(rows) if ordered else rows
    found = Places(IDS, in_order=in_order)
    for part in in_parts([f"id{n:03d}" for n in wanted], size):
        found.add(part)
    assert found.cells().tolist() == [n if n < len(IDS) else -1 for n in wanted]


def test_ids_that_wait_are_looked_up_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few ids may wait, the places are the same."""
    monkeypatch.setattr(columns, "_AT_ONCE", 1)
    found = Places(IDS.slice(0, 2))
    for part in in_parts(["id001", "id000", "x", "id001", "id000"], 1):
        found.add(part)
    assert found.cells().tolist() == [1, 0, -1, 1, 0]


def test_a_name_that_no_row_has_is_no_name_of_the_log() -> None:
    """A dictionary may hold more than the rows use; numbers follow the names that are used."""
    part = pa.DictionaryArray.from_arrays(pa.array([2, 1, 2], pa.int32()), ["idle", "a", "b"])
    found = Codes()
    found.add(pa.chunked_array([part]))
    assert found.names == ("a", "b")
    assert found.cells().tolist() == [1, 0, 1]


def test_names_beyond_a_byte_widen_the_numbers() -> None:
    """The 128th name and those behind it have numbers of their own."""
    names = [f"n{at}" for at in range(200)]
    found = Codes()
    for part in in_parts(names, 50):
        found.add(part)
    assert found.cells().tolist() == list(range(200))
    assert found.cells(wide=True).dtype == np.int32


@pytest.mark.parametrize("writer", ["arrow", "duckdb"])
def test_a_file_is_read_alike_whoever_wrote_it(tmp_path: Path, writer: str) -> None:
    """Columns come as dictionaries with the cells they have in the file."""
    file, table = tmp_path / "t.parquet", pa.table({"a": ["x", "y", "x", None] * 500})
    if writer == "arrow":
        pq.write_table(table, file, row_group_size=600)
    else:
        with connect() as connection:
            connection.register("given", table)
            connection.sql("SELECT * FROM given").write_parquet(str(file))
    parts = list(parts_of(file, ["a"], ("a",)))
    assert pa.types.is_dictionary(parts[0]["a"].type)
    assert joined(parts, "a").to_pylist() == table["a"].to_pylist()


def test_a_table_without_rows_has_its_types(tmp_path: Path) -> None:
    """One part comes even where the file has none."""
    file = tmp_path / "none.parquet"
    pq.write_table(pa.table({"a": pa.array([], pa.int64())}), file)
    assert joined(parts_of(file, ["a"], ()), "a").type == pa.int64()
