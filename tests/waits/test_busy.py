"""Busy: the next actor works on something else; against a published technique's answers."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procmine.config.load import from_sources, load_config
from procmine.facts.busy import Islands, busy_intervals, persons_approved
from tests.waits.wait_log import Case, Step, Toy, us

LOGS = Path(os.environ.get("PROCMINE_REAL_LOGS", Path(__file__).parents[3] / "shared" / "logs"))
KRONOS = LOGS / "kronos"
NAMES = ["handoff-test", *(f"manual_log_{number}" for number in range(1, 6))]


def seconds(column: pd.Series) -> np.ndarray:
    """Return instants as whole seconds."""
    stamps = pd.to_datetime(column, utc=True, format="ISO8601")
    return stamps.dt.tz_localize(None).to_numpy(dtype="datetime64[s]").astype(np.int64)


@pytest.mark.parametrize("name", NAMES)
def test_equal_to_the_reference_answers(name: str) -> None:
    """Outside mined batches, busy is contention and prioritisation together, to the second."""
    if not KRONOS.exists():
        pytest.skip(f"reference logs are absent: set PROCMINE_REAL_LOGS ({KRONOS})")
    rows = pd.read_csv(KRONOS / f"{name}_enabled.csv", dtype={"case_id": str})
    answer = pd.read_csv(KRONOS / f"{name}_answer.csv", dtype={"case_id": str})
    start, end = seconds(rows["start"]), seconds(rows["end"])
    enabled = seconds(rows["enabled"])
    resource = pd.factorize(rows["resource"])[0].astype(np.int64)
    work = Islands.of(resource, start, end)
    window, low, high = work.within(resource, enabled, start)
    rows["busy"] = np.bincount(window, high - low, minlength=len(rows))
    rows["enabled_s"], rows["wait"] = enabled, start - enabled
    answer["enabled_s"] = seconds(answer["end_time"])
    merged = answer.merge(
        rows[rows["batch_id"].isna()],
        left_on=[
            "case_id",
            "destination_activity",
            "destination_resource",
            "enabled_s",
            "wt_total",
        ],
        right_on=["case_id", "activity", "resource", "enabled_s", "wait"],
    )
    plain = merged[merged["wt_batching"] == 0]

    assert len(plain) > 0
    expected = plain["wt_contention"] + plain["wt_prioritization"]
    assert (plain["busy"] - expected).abs().max() == 0


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 50), st.integers(0, 15)), max_size=15),
    st.lists(st.tuples(st.integers(-1, 3), st.integers(0, 60), st.integers(0, 30)), max_size=6),
)
def test_parts_equal_a_count(
    work: list[tuple[int, int, int]], windows: list[tuple[int, int, int]]
) -> None:
    """Unit by unit of time, a part is where the window's resource works on something."""
    columns = np.array(work, dtype=np.int64).reshape(-1, 3)
    islands = Islands.of(columns[:, 0], columns[:, 1], columns[:, 1] + columns[:, 2])
    asked = np.array(windows, dtype=np.int64).reshape(-1, 3)
    found = islands.within(asked[:, 0], asked[:, 1], asked[:, 1] + asked[:, 2])
    got = {(int(w), t) for w, a, b in zip(*found, strict=True) for t in range(a, b)}
    expected = {
        (number, t)
        for number, (who, start, length) in enumerate(windows)
        for t in range(start, start + length)
        if any(r == who and s <= t < s + d for r, s, d in work)
    }

    assert got == expected


def test_busy_in_a_case() -> None:
    """The wait before a step is busy where its actor works on another case."""
    toy = Toy([
        Case([Step("a", "02 09:00"), Step("b", "02 13:00", start="02 12:00")], open=None),
        Case([Step("c", "02 11:00", start="02 10:00")], name="C2", open=None),
    ])  # fmt: skip
    line = toy.line()
    actor = np.array([0, 1, 1])
    islands = Islands.of(actor, line.start, line.at)
    case, start, end = busy_intervals(line, actor, islands)

    assert (case.tolist(), start.tolist(), end.tolist()) == (
        [0],
        [us("02 10:00")],
        [us("02 11:00")],
    )
    assert toy.hours(busy=(case, start, end)) == {"busy": 1, "unexplained": 2, "working": 1}


def test_only_with_all_approvals() -> None:
    """Purpose, legal basis and three dates must be there, else nothing rests on persons."""
    given_text = 'purpose = "x"\nlegal_basis = "y"\ndpia = 2026-01-01\nmed = 2026-01-02\n'
    base = dict(load_config().sources)
    lacking = from_sources(base | {"godkendelser.toml": given_text})
    whole = from_sources(base | {"godkendelser.toml": given_text + "notice = 2026-01-03\n"})

    assert not persons_approved(lacking)
    assert persons_approved(whole)
