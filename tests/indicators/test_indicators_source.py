"""From a snapshot to inputs: which process comes first."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from procmine.indicators.source import main_process
from procmine.store import Process

if TYPE_CHECKING:
    from pathlib import Path


def test_the_main_process_has_most_cases(tmp_path: Path) -> None:
    """Not the first by name but the largest; one without a table of cases has none."""
    sizes = {"a": 3, "b": 7, "c": 7}
    for name, size in sizes.items():
        pq.write_table(pa.table({"case_id": range(size)}), tmp_path / f"{name}.parquet")
    snapshot = SimpleNamespace(
        processes=tuple(Process(name, name, "case", name) for name in "abcd"),
        facts_file=lambda name, _: tmp_path / f"{name}.parquet",
    )

    assert main_process(snapshot).name == "b"  # type: ignore[arg-type]  # no store is needed
