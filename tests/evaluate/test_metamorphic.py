"""What must not change the facts: order of rows, ids, names of units, an unrelated sag."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from procmine.synth import load_scenario, simulate
from tests.evaluate.deliveries import (
    ASIDE,
    File,
    differences,
    facts,
    mapped,
    renamed_ids,
    rewritten,
)

if TYPE_CHECKING:
    from pathlib import Path

    Facts = dict[tuple[str, str], pd.DataFrame]


ZONE = "Europe/Copenhagen"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the deliveries and stores of this module lie."""
    return tmp_path_factory.mktemp("metamorphic")


@pytest.fixture(scope="module")
def delivery(place: Path) -> Path:
    """Simulate a small delivery."""
    plan = replace(load_scenario("demo"), seed=23).sized(60)
    return simulate(plan, place / "made").delivery


@pytest.fixture(scope="module")
def before(delivery: Path, place: Path) -> Facts:
    """Return the facts of the delivery as it is."""
    return facts(delivery, place / "before")


def test_the_order_of_rows_changes_nothing(delivery: Path, place: Path, before: Facts) -> None:
    """Every file shuffled and every row told twice, relations too: the same facts and sentences."""
    dice = np.random.default_rng(7)

    def shuffle(file: File) -> None:
        told = [*file.rows, *file.rows]
        file.rows[:] = [told[place] for place in dice.permutation(len(told))]
        file.below[:] = [[f"Antal r\u00e6kker: {len(told)}", *row[1:]] for row in file.below]

    after = facts(rewritten(delivery, place / "shuffled", shuffle), place / "after_shuffle")

    assert differences(before, after, ("source_file", "source_line")) == []
    assert sum(len(frame) for frame in before.values()) > 1000


def test_ids_carry_no_meaning(delivery: Path, place: Path, before: Facts) -> None:
    """Every id of every file renamed: the same facts under the new names."""

    def rename(file: File) -> None:
        file.rows[:] = [[renamed_ids(cell) for cell in row] for row in file.rows]

    after = facts(rewritten(delivery, place / "renamed", rename), place / "after_rename")
    back = mapped(after, lambda text: re.sub(r"Z(?=[A-Z]{1,3}-\d)", "", text))

    assert set(after["sanktion", "cases"]["case_id"].str[0]) == {"Z"}
    assert differences(before, back, ("source_file", "source_line")) == []


def test_names_of_units_carry_no_meaning(delivery: Path, place: Path, before: Facts) -> None:
    """Two units of different kinds swap names, in the list of units too: the same facts."""
    swap = {"Jobcenter Nord": "Ydelsescenter", "Ydelsescenter": "Jobcenter Nord"}

    def swapped(file: File) -> None:
        file.rows[:] = [[swap.get(cell, cell) for cell in row] for row in file.rows]

    after = facts(rewritten(delivery, place / "swapped", swapped), place / "after_swap")

    assert differences(before, after) != []
    assert differences(before, mapped(after, lambda text: swap.get(text, text))) == []


def test_an_unrelated_sag_changes_nothing_elsewhere(
    delivery: Path, place: Path, before: Facts
) -> None:
    """A copy of one sanction on a sag and a citizen of its own leaves all others as they were.

    The cost of a visit is measured against the median of its process, so one case more may
    move it, and only it.
    """
    case = str(before["sanktion", "cases"]["case_id"].iloc[0])
    new = {"Sagsnr": "S-990001", "Sanktionsnr": "SA-990001", "CPR-nr.": "710101-9990"}

    def add(file: File) -> None:
        if not file.name.endswith(".csv"):
            return
        names = dict(zip(file.header, range(len(file.header)), strict=True))
        rows = [row for row in file.rows if case in row and "Sanktionsnr" in names]
        if file.name == "opera_sager.csv":
            rows = file.rows[:1]
        for count, row in enumerate(rows, start=990_001):
            copy = list(row)
            for name, value in new.items():
                if name in names:
                    copy[names[name]] = value
            for name in ("Aktivitetsnr", "L\u00f8benr"):
                if name in names:
                    copy[names[name]] = f"A-{count if name[0] == 'A' else count + 5000}"
            file.rows.append(copy)
        file.below[:] = [[f"Antal r\u00e6kker: {len(file.rows)}", *row[1:]] for row in file.below]

    after = facts(rewritten(delivery, place / "added", add), place / "after_add")
    added = after["sanktion", "cases"]
    assert len(added) == len(before["sanktion", "cases"]) + 1
    assert added.loc[added["case_id"] == "SA-990001", "events"].item() > 3

    rest = {key: frame[frame["case_id"] != "SA-990001"] for key, frame in after.items()}
    aside = (*ASIDE, "avoidable_business_hours")
    assert differences(before, rest, aside) == []


def test_the_kinds_of_units_are_a_convention(delivery: Path, place: Path, before: Facts) -> None:
    """Two kinds swap their codes, in the list of units and in the mandates: the same facts."""
    swap = {"JC": "YC", "YC": "JC"}

    def swapped(file: File) -> None:
        if file.name.startswith("enheder"):
            file.rows[:] = [[swap.get(cell, cell) for cell in row] for row in file.rows]

    config = place / "config"
    config.mkdir()
    source = resources.files("procmine.config") / "default" / "mandates.toml"
    rules = re.sub(r"\b(JC|YC)\b", lambda match: swap[match[0]], source.read_text("utf-8"))
    (config / "mandates.toml").write_text(rules, encoding="utf-8")
    turned = rewritten(delivery, place / "turned", swapped)
    after = facts(turned, place / "after_turn", config)

    back = mapped(after, lambda text: swap.get(text, text))
    assert differences(before, back) == []
    assert {"G0b", "G2"} & set(before["sanktion", "handovers"]["grade"])


def test_a_week_later_is_the_same(place: Path) -> None:
    """All times move by a week, among weeks without holidays: only the dates differ."""
    plan = replace(
        load_scenario("demo"),
        seed=29,
        first=date(2026, 8, 17),
        until=date(2026, 10, 14),
        cases={"sanktion": 40, "rehabilitering": 8},
    )
    made = simulate(plan, place / "autumn").delivery
    week = timedelta(days=7)

    def later(match: re.Match[str]) -> str:
        day = date(int(match[3]), int(match[2]), int(match[1])) + week
        return f"{day:%d-%m-%Y}"

    def moved(cell: object) -> object:
        if isinstance(cell, datetime):
            return cell + week
        if isinstance(cell, str):
            return re.sub(r"\b(\d\d)-(\d\d)-(20\d\d)\b", later, cell)
        return cell

    def move(file: File) -> None:
        for rows in (file.above, file.rows):
            rows[:] = [[moved(cell) for cell in row] for row in rows]

    one = facts(made, place / "before_move")
    other = facts(rewritten(made, place / "moved", move), place / "after_move")
    for frame in other.values():
        for name in frame.columns:
            if pd.api.types.is_datetime64_any_dtype(frame[name].dtype):
                frame[name] = (
                    (frame[name].dt.tz_convert(ZONE).dt.tz_localize(None) - week)
                    .dt.tz_localize(ZONE)
                    .dt.tz_convert("UTC")
                )

    assert sum(len(frame) for frame in one.values()) > 500
    assert differences(one, other) == []
