"""Data made worse: what cannot be told is said to be so, never counted as waste."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from procmine.evaluate import evaluate
from procmine.synth import load_scenario, simulate
from procmine.synth.scenario import Degrade
from tests.evaluate.deliveries import File, loaded, rewritten

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from procmine.synth import Scenario


def plan() -> Scenario:
    """Return the small world of this module."""
    return replace(load_scenario("demo"), seed=31).sized(100)


def statuses(table: pd.DataFrame, column: str) -> dict[str, int]:
    """Count documents by status, over all processes."""
    rows = table[table["measure"] == "document_status"]
    counts = rows.groupby("key")[column].sum()
    return {str(status): int(n) for status, n in counts.items()}


def test_sags_without_use_links_are_not_assessable(tmp_path: Path) -> None:
    """Three of four sags lose every link: coverage falls, and no document becomes unused for it."""
    made = simulate(plan(), tmp_path / "made")
    sag_of: dict[str, int] = {}

    def learn(file: File) -> None:
        if file.name == "workbase_dokumenter.xlsx":
            sag_of.update({row[0]: int(str(row[1])[2:]) for row in file.rows})

    def drop(file: File) -> None:
        if file.name == "workbase_dokumentbrug.xlsx":
            file.rows[:] = [row for row in file.rows if sag_of[row[0]] % 4 == 0]

    rewritten(made.delivery, tmp_path / "read", learn)
    worse = rewritten(made.delivery, tmp_path / "worse", drop)
    clean = statuses(evaluate(loaded(made.delivery, tmp_path / "a"), made.truth).table, "found")
    found = statuses(evaluate(loaded(worse, tmp_path / "b"), made.truth).table, "found")

    assert clean.get("not_assessable", 0) == 0
    assert found["not_assessable"] > clean["unused"]
    assert found.get("unused", 0) <= clean["unused"]


@pytest.mark.parametrize(
    "degrade", [Degrade(no_actor=50), Degrade(no_use_link=100)], ids=["actors", "links"]
)
def test_what_is_missing_costs_only_what_rests_on_it(degrade: Degrade, tmp_path: Path) -> None:
    """Without names of staff nothing changes; without links only statuses of documents do."""
    made = simulate(replace(plan(), degrade=degrade), tmp_path / "made")
    table = evaluate(loaded(made.delivery, tmp_path / "s"), made.truth).table
    below = table[(table["precision"] < 1) | (table["recall"] < 1)]

    assert set(below["measure"]) <= {"document_status"}
    if degrade.no_actor:
        assert below.empty
    else:
        assert statuses(table, "found").get("unused", 0) == 0
