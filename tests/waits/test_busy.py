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
from procmine.pipeline import import_log
from tests.waits.wait_log import Case, Step, Toy, us

LOGS = Path(os.environ.get("PROCMINE_REAL_LOGS", Path(__file__).parents[3] / "shared" / "logs"))
KRONOS = LOGS / "kronos"
APPROVED = (
    'purpose = "x"\nlegal_basis = "y"\ndpia = 2026-01-01\nmed = 2026-01-02\nnotice = 2026-01-03\n'
)
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


@pytest.fixture(scope="module")
def purchases(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Put the reference's answers on its largest log beside ours, by way of a store.

    `window` is the wait they look at; `same` whether the case's step before ended where it
    begins; `direct` busy time in that window, `ours` what the rows of waiting say.
    """
    if not KRONOS.exists():
        pytest.skip(f"reference logs are absent: set PROCMINE_REAL_LOGS ({KRONOS})")
    folder = tmp_path_factory.mktemp("purchases")
    (folder / "config").mkdir()
    (folder / "config" / "godkendelser.toml").write_text(APPROVED)
    found = import_log(
        KRONOS / "PurchasingExample.csv", folder / "store", config=folder / "config",
        case="case:concept:name", activity="concept:name", resource="org:resource",
        start="start_timestamp", time="time:timestamp",
    )  # fmt: skip
    steps = found.snapshot.facts(None, "steps").to_pandas()
    waits = found.snapshot.facts(None, "waits").to_pandas()
    busy = waits[waits["cause"] == "busy"].groupby("to_event", observed=True)["hours"].sum()
    keys = ["case_id", "activity", "resource"]
    steps = pd.DataFrame({
        "case_id": steps["case_id"],
        "activity": steps["activity"].astype(str),
        "resource": steps["resource"].str.split(":").str[-1],
        "start": seconds(steps["start"].fillna(steps["time"])),
        "end": seconds(steps["time"]),
        "before": seconds(steps.groupby("case_id")["placed"].shift().fillna(steps["placed"])),
        "ours": np.round(steps["event_id"].map(busy).fillna(0).to_numpy() * 3600),
    })  # fmt: skip
    answer = pd.read_csv(KRONOS / "PurchasingExample_answer.csv", dtype={"case_id": str})
    answer = answer.rename(columns={f"destination_{name}": name for name in keys[1:]})
    ended = seconds(answer["end_time"])
    known = steps.drop_duplicates([*keys, "start"])
    # Some rows name a step that ended later than the wait begins: there the next step starts
    # where that one ended, and the wait reaches further back.
    by_wait = answer.assign(start=ended + answer["wt_total"].astype(np.int64))
    by_wait = by_wait.merge(known, on=[*keys, "start"], how="left")
    by_end = answer.assign(start=ended).merge(known, on=[*keys, "start"], how="left")
    rows = by_wait.where(by_wait["end"].notna(), by_end)
    codes = pd.Index(steps["resource"].unique())
    work = Islands.of(*(np.asarray(column, dtype=np.int64) for column in (
        codes.get_indexer(steps["resource"]), steps["start"], steps["end"])))  # fmt: skip
    start = rows["start"].to_numpy(dtype=np.int64)
    window = rows["wt_total"].to_numpy(dtype=np.int64)
    actor = codes.get_indexer(rows["resource"]).astype(np.int64)
    row, low, high = work.within(actor, start - window, start)
    return pd.DataFrame({
        "theirs": (rows["wt_contention"] + rows["wt_prioritization"]).astype(float),
        "batching": rows["wt_batching"].astype(float),
        "direct": np.bincount(row, high - low, minlength=len(rows)),
        "ours": rows["ours"].astype(float),
        "same": start - window == rows["before"],
    })  # fmt: skip


def test_equal_on_the_largest_reference_log(purchases: pd.DataFrame) -> None:
    """In the reference's own windows all 7,870 rows outside mined batches are equal."""
    plain = purchases[purchases["batching"] == 0]

    assert len(plain) == 7870
    assert (plain["direct"] - plain["theirs"]).abs().max() == 0


def test_what_a_mined_batch_takes_is_busy_time(purchases: pd.DataFrame) -> None:
    """Where a batch was mined the difference is never below 0 nor above the batch's time."""
    batch = purchases[purchases["batching"] > 0]
    more = batch["direct"] - batch["theirs"]

    assert len(batch) == 641
    assert (more >= 0).all()
    assert (more <= batch["batching"]).all()


def test_rows_of_waiting_equal_the_reference(purchases: pd.DataFrame) -> None:
    """By way of a store: where the wait begins with the case's step before, equal too."""
    plain = purchases[(purchases["batching"] == 0) & purchases["same"]]

    assert len(plain) == 7080
    assert (plain["ours"] - plain["theirs"]).abs().max() == 0


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
    base = dict(load_config().sources)
    lacking = from_sources(base | {"godkendelser.toml": APPROVED.split("notice", maxsplit=1)[0]})
    whole = from_sources(base | {"godkendelser.toml": APPROVED})

    assert not persons_approved(lacking)
    assert persons_approved(whole)
