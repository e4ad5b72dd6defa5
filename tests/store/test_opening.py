"""Opening a store reads its manifest and nothing else."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from procmine.ocel.log import Ocel
from procmine.pipeline import import_ocel
from procmine.store import Store
from procmine.store.snapshot import always, empty_columns

if TYPE_CHECKING:
    from pathlib import Path

OPEN = """
import sys
import procmine
heavy = [name for name in ("pandas", "pyarrow", "duckdb", "pm4py") if name in sys.modules]
log = procmine.open(sys.argv[1])
print(heavy, "pm4py" in sys.modules, log.snapshot.manifest["counts"]["events"], log.processes)
"""


def test_opening_a_store_loads_no_table(tmp_path: Path) -> None:
    """With every table of it spoilt, a store opens and tells its sizes and processes.

    Importing the package loads no data library; opening never loads pm4py.
    """
    snapshot = import_ocel(Ocel.build({}), tmp_path / "store").snapshot
    tables = list(snapshot.path.rglob("*.parquet"))
    for file in tables:
        file.write_bytes(b"no table")

    command = [sys.executable, "-c", OPEN, str(tmp_path / "store")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert tables
    assert done.stdout.split(maxsplit=3) == ["[]", "False", "0", "()\n"]


def test_a_snapshot_reads_each_part_when_it_is_asked_for(tmp_path: Path) -> None:
    """Nothing is kept by an opened snapshot until its log or manifest is asked for."""
    import_ocel(Ocel.build({}), tmp_path / "store")

    snapshot = Store(tmp_path / "store").current()

    assert set(vars(snapshot)) == {"path"}
    assert snapshot.manifest["counts"]["events"] == 0
    assert set(vars(snapshot)) == {"path", "manifest"}


def test_columns_without_a_value_are_told_by_the_footer(tmp_path: Path) -> None:
    """Empty in every row group is empty; filled in one of them is not; no rows are empty."""
    file = tmp_path / "t.parquet"
    table = pa.table({"a": pa.nulls(4, pa.string()), "b": pa.array([None, None, None, 1])})
    for statistics in (True, False):
        pq.write_table(table, file, row_group_size=2, write_statistics=statistics)
        assert empty_columns(file, ("a", "b")) == {"a"}
    pq.write_table(table.slice(0, 0), file)
    assert empty_columns(file, ("a", "b")) == {"a", "b"}


def test_a_footer_tells_whether_a_column_holds_only_yes(tmp_path: Path) -> None:
    """One no, or one empty cell, in any row group is enough to be told apart."""
    file = tmp_path / "t.parquet"
    columns = {"a": [True, True, True], "b": [True, True, False], "c": [True, None, True]}

    pq.write_table(pa.table(columns), file, row_group_size=2)

    assert [always(file, name) for name in columns] == [True, False, False]
