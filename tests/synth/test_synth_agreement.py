"""What the simulation planted and what the analyses find, on clean and on messy data."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from procmine import pipeline
from procmine.evaluate import evaluate
from procmine.synth import Scenario, load_scenario, simulate
from procmine.synth.registry import registry_lines
from procmine.synth.scenario import Change, Waste

APPROVED = """
format = 1
purpose = "Arbejdsgange"
legal_basis = "Retsgrundlag"
dpia = 2026-01-01
med = 2026-01-02
notice = 2026-01-03
"""
SAMPLES = Path(__file__).parents[2] / "sample_logs"


def wrong_after_load(plan: Scenario, place: Path) -> int:
    """Simulate, load and evaluate; return how many figures differ from the truth."""
    made = simulate(plan, place)
    outcome = pipeline.load(made.delivery, "kmd", place / "store", key=place / "key.bin")
    return evaluate(outcome.snapshot, made.truth).wrong


def test_clean_delivery_is_found_exactly(tmp_path: Path) -> None:
    """Grades, waits and documents of a clean delivery are found as planted, all of them."""
    assert wrong_after_load(replace(load_scenario("demo"), seed=11).sized(160), tmp_path) == 0


def test_busy_caseworkers_are_found_exactly(tmp_path: Path) -> None:
    """Where staff data may be used, the time in which the next actor works elsewhere is found."""
    few = tuple(replace(u, staff=min(u.staff, 2)) for u in load_scenario("demo").units)
    plan = replace(load_scenario("demo"), seed=12, units=few, trial=Change())
    made = simulate(replace(plan, cases={"sanktion": 60, "rehabilitering": 20}), tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "godkendelser.toml").write_text(APPROVED)
    place = {"key": tmp_path / "key.bin", "config": tmp_path / "config"}
    table = evaluate(pipeline.load(made.delivery, "kmd", tmp_path / "s", **place).snapshot,
                     made.truth).table  # fmt: skip

    busy = table[(table["measure"] == "wait_hours") & (table["key"] == "busy")]
    assert set(busy["process"]) == {"sanktion", "rehabilitering"}
    assert busy["truth"].min() > 10
    assert table[(table["precision"] < 1) | (table["recall"] < 1)].empty


def test_zero_waste_is_found_exactly(tmp_path: Path) -> None:
    """Where nothing was planted, nothing is found."""
    plan = replace(load_scenario("demo").sized(80), waste=Waste(), trial=Change())
    none = {"loop": 0, "control_return": 0, "wrong_unit": 0}
    plan = replace(plan, share={"sanktion": none, "rehabilitering": {"returned": 0}})
    assert wrong_after_load(plan, tmp_path) == 0


def test_every_row_meets_its_fate(tmp_path: Path) -> None:
    """The load's account of a messy delivery is the one that the mess was planted with."""
    made = simulate(load_scenario("rodet").sized(100), tmp_path)
    outcome = pipeline.load(made.delivery, "kmd", tmp_path / "store", key=tmp_path / "key.bin")
    found = {row["file"]: row for row in outcome.account.to_json()["files"]}
    planted = json.loads((made.truth / "rows.json").read_text(encoding="utf-8"))["files"]
    for row in planted:
        for key in ("read", "kept", "left_out", "quarantined", "repaired"):
            assert found[row["file"]][key] == row[key], (row["file"], key)


@pytest.mark.soak
@pytest.mark.parametrize("name", ["horsens", "nabokommune", "rodet"])
def test_samples_on_demand_have_the_listed_hashes(name: str, tmp_path: Path) -> None:
    """A shipped scenario makes the bytes that the registry lists."""
    made = simulate(name, tmp_path)
    listed = (SAMPLES / "registry.txt").read_text(encoding="utf-8").splitlines()
    mine = [line for line in listed if f"  {name}/" in line]
    assert registry_lines(name, made.delivery) == mine


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(4))
def test_larger_worlds_are_found_exactly(seed: int, tmp_path: Path) -> None:
    """The same with more cases and other seeds: rare combinations come up too."""
    plan = replace(load_scenario("nabokommune"), seed=seed).sized(2500)
    assert wrong_after_load(plan, tmp_path) == 0
