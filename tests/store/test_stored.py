"""A fact table of which only what is asked for is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from procmine.errors import StoreError
from procmine.store.stored import StoredTable

if TYPE_CHECKING:
    from pathlib import Path


def test_a_column_is_read_once(tmp_path: Path) -> None:
    """What was read stays, even where the file is gone; the rest was not read."""
    file = tmp_path / "waits.parquet"
    pq.write_table(pa.table({"case_id": ["1", "1"], "days": [1.0, 2.0], "cause": ["a", "b"]}), file)
    table = StoredTable(file)
    assert (table.column_names, table.num_rows) == (["case_id", "days", "cause"], 2)
    assert table.select(["days", "case_id"]).to_pydict() == {
        "days": [1.0, 2.0], "case_id": ["1", "1"],
    }  # fmt: skip
    file.unlink()
    assert table["days"].to_pylist() == [1.0, 2.0]
    with pytest.raises(FileNotFoundError):
        table.select(["days", "cause"])


def test_a_table_of_an_older_version_is_told(tmp_path: Path) -> None:
    """A column that the file does not know, or no file, asks for recompute."""
    file = tmp_path / "waits.parquet"
    with pytest.raises(StoreError, match="waits"):
        StoredTable(file)
    pq.write_table(pa.table({"case_id": ["1"]}), file)
    with pytest.raises(StoreError, match="waits"):
        StoredTable(file).select(["case_id", "days"])
