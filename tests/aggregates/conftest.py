"""Real logs as fact tables, where they are."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def real_logs() -> Callable[[str], tuple[pd.DataFrame, pd.DataFrame]]:
    """Return a function from a log's file name to its steps and cases."""
    folder = Path(os.environ.get("PROCMINE_REAL_LOGS", ROOT.parent / "shared" / "logs"))

    def read(name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        if not (folder / name).exists():
            pytest.skip(f"{name} is not in {folder.name}; set PROCMINE_REAL_LOGS")
        log = pd.read_csv(folder / name)
        case = "case:concept:name"
        log["at"] = pd.to_datetime(log["time:timestamp"], utc=True, format="ISO8601")
        log = log.sort_values([case, "at"], kind="stable")
        steps = pd.DataFrame(
            {
                "case_id": log[case],
                "seq": log.groupby(case).cumcount(),
                "activity": log["concept:name"],
                "placed": log["at"].dt.as_unit("us"),
                "start": pd.Series(pd.NaT, index=log.index).dt.tz_localize("UTC").dt.as_unit("us"),
                "precision": "second",
                "class": None,
                "unit": log["org:group"],
                "unit_kind": pd.Series(None, index=log.index, dtype="string"),
                "in_case": True,
            }
        )
        cases = pd.DataFrame({"case_id": steps["case_id"].unique()})
        cases["citizen_id"] = pd.Series(None, index=cases.index, dtype="string")
        cases["open"] = pd.Series(None, index=cases.index, dtype="boolean")
        return steps, cases

    return read
