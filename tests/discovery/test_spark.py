"""The core queries: equal to the store's answers, and the same on a Spark session."""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from procmine.config import load_config
from procmine.discovery.ocdfg import object_centric_flow, object_centric_handovers
from procmine.discovery.spark import Query, ask_duckdb, ask_spark, portable
from procmine.errors import UsageError
from procmine.ocel.log import VALUE_TYPES, Ocel
from procmine.ocel.roles import Roles
from procmine.store.lifelines import write_lifelines
from procmine.store.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NEEDED = ("pysail", "pyspark", "sqlglot")
QUERIES: tuple[Query, ...] = ("ocdfg", "handovers", "waits")


def random_log(count: int) -> Ocel:
    """Make a log of `count` events: a case, a person, a unit and a document at times; ties."""
    rng = np.random.default_rng(11)
    ids = pa.array([f"e{n:07d}" for n in range(count)])
    kinds = {"case": count // 20, "person": count // 50, "unit": 8, "doc": count // 10}
    objects = [(f"{kind}:{n}", kind) for kind, size in kinds.items() for n in range(max(size, 2))]
    related = []
    for kind, size in kinds.items():
        mine = rng.random(count) < (0.9 if kind != "doc" else 0.3)
        chosen = rng.integers(0, max(size, 2), int(mine.sum()))
        names = pa.array([f"{kind}:{n}" for n in chosen])
        part = {"event_id": ids.filter(pa.array(mine)), "object_id": names}
        part["qualifier"] = pa.array(["in" if kind == "unit" else ""] * len(chosen))
        related.append(pa.table(part))
    at_us = 1_700_000_000_000_000 + rng.integers(0, 5 * count, count) * 60_000_000
    nothing = {"source_file": pa.nulls(count, pa.string()), "source_line": pa.nulls(count, "int64")}
    events = {
        "event_id": ids,
        "event_type": pa.array([f"act {n}" for n in rng.integers(0, 12, count)]),
        "time": pa.array(at_us).cast(VALUE_TYPES["time"]),
        "start": pa.nulls(count, VALUE_TYPES["time"]),
        "precision": pa.array(["second"] * count),
        **nothing,
    }
    held = {
        "object_id": pa.array([o for o, _ in objects]),
        "object_type": pa.array([k for _, k in objects]),
        "number": pa.nulls(len(objects), pa.string()),
        "source_file": pa.nulls(len(objects), pa.string()),
        "source_line": pa.nulls(len(objects), pa.int64()),
    }
    tables = {"events": pa.table(events), "objects": pa.table(held)}
    tables["e2o"] = pa.concat_tables(related)
    return Ocel.build(tables, Roles(unit=("unit",), done_in="in"))


def stored(folder: Path, count: int) -> Snapshot:
    """Write the log, its definitions and its lifelines as a snapshot holds them."""
    random_log(count).write(folder / "ocel")
    write_lifelines(folder, load_config(None, defaults=False))
    return Snapshot(folder)


@pytest.mark.parametrize(
    ("name", "ask"), [("ocdfg", object_centric_flow), ("handovers", object_centric_handovers)]
)
def test_the_portable_queries_answer_as_the_store(name: Query, ask: object, tmp_path: Path) -> None:
    """Same edges, counts, means and medians as from the lifelines with stored successors."""
    snapshot = stored(tmp_path, 3000)
    keys = ["object_type", "from", "to"]

    ours = ask(snapshot, working=False).sort_values(keys, ignore_index=True)  # type: ignore[operator]
    found = ask_duckdb(snapshot, name).sort_values(keys, ignore_index=True)

    assert len(found) > 100
    pd.testing.assert_frame_equal(found, ours[found.columns], check_dtype=False, rtol=1e-12)


def test_waiting_after_activities_is_all_the_time_between(tmp_path: Path) -> None:
    """Hours by activity and holder sum to the time from each object's first event to its last."""
    snapshot = stored(tmp_path, 1000)

    waits = ask_duckdb(snapshot, "waits")
    flow = ask_duckdb(snapshot, "ocdfg")

    assert waits["n"].sum() == flow["n"].sum()
    assert waits["hours"].sum() == pytest.approx((flow["n"] * flow["mean_hours"]).sum())
    assert waits["holder"].isna().any()


def test_the_queries_keep_to_what_engines_say_alike() -> None:
    """No USING, no FILTER, no list, no window without a full order; comments name no braces."""
    for name in ("lifeline", *QUERIES):
        text = portable(name)  # type: ignore[arg-type]
        bare = "\n".join(line for line in text.splitlines() if not line.startswith("--")).upper()
        assert not {"USING", "FILTER", "LIST", "STRUCT", "QUALIFY", "::"} & set(bare.split())
        assert bare.count("OVER (") == bare.count("ORDER BY AT_US, PLACE, EVENT_ID")


def test_another_dialect_needs_sqlglot() -> None:
    """Said in a sentence where it is not installed."""
    if importlib.util.find_spec("sqlglot") is not None:
        assert "LEAD" in portable("lifeline", "spark")
        return
    with pytest.raises(UsageError, match="sqlglot"):
        portable("ocdfg", "spark")


@pytest.fixture(scope="module")
def session() -> Iterator[object]:
    """Start Sail, which speaks Spark Connect, and connect to it; else skip."""
    absent = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if absent:
        pytest.skip(f"a Spark session needs {', '.join(absent)} (the extra spark)")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = importlib.import_module("pysail.spark").SparkConnectServer()
        server.start()
        address = f"sc://localhost:{server.listening_address[1]}"
        builder = importlib.import_module("pyspark.sql").SparkSession.builder
        opened = builder.remote(address).getOrCreate()
        yield opened
        opened.stop()
        server.stop()


@pytest.fixture(scope="module")
def large(session: object, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Store the log of 100,000 events, once there is a session to ask."""
    assert session is not None
    return stored(tmp_path_factory.mktemp("large"), 100_000)


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.filterwarnings("ignore")
def test_a_spark_session_gives_the_same_answer(
    name: Query, session: object, large: Snapshot
) -> None:
    """At 100,000 events, row by row, times to twelve digits."""
    found, ours = ask_spark(session, large, name), ask_duckdb(large, name)

    assert len(ours) > 100
    pd.testing.assert_frame_equal(found, ours, check_dtype=False, rtol=1e-12)
