"""The directly-follows graph per object type: by hand, and equal to what others find."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from procmine.discovery.flow import variants
from procmine.discovery.ocdfg import object_centric_flow, object_centric_handovers
from procmine.errors import StoreError
from procmine.ocel.exchange import write
from procmine.ocel.log import Ocel
from procmine.ocel.roles import Roles
from procmine.pipeline import import_ocel
from procmine.store.lifelines import FOLDER

if TYPE_CHECKING:
    from pathlib import Path

    from procmine.store import Snapshot

HOUR = 3_600_000_000
MONDAY_9 = 1_772_442_000_000_000  # 2 March 2026, 10:00 in Copenhagen
INSTANT = pa.timestamp("us", tz="UTC")


def log_of(events: list[tuple[str, str, int]], e2o: list[tuple[str, str]]) -> Ocel:
    """Make a log of (id, type, hours after the first Monday) and (event, type:object)."""
    objects = sorted({o for _, o in e2o})
    nothing = {"source_file": None, "source_line": None}
    tables = {
        "events": [
            {"event_id": i, "event_type": k, "time": MONDAY_9 + h * HOUR, "start": None,
             "precision": "minute", **nothing} for i, k, h in events
        ],
        "objects": [{"object_id": o, "object_type": o.split(":")[0], "number": None, **nothing}
                    for o in objects],
        "e2o": [{"event_id": e, "object_id": o, "qualifier": ""} for e, o in e2o],
    }  # fmt: skip
    made = {}
    for name, rows in tables.items():
        table = pa.Table.from_pylist(rows)
        if name == "events":
            table = table.set_column(2, "time", table["time"].cast(INSTANT))
            table = table.set_column(3, "start", pa.nulls(len(rows), INSTANT))
        if "source_file" in table.column_names:
            at = table.column_names.index("source_file")
            table = table.set_column(at, "source_file", pa.nulls(len(rows), pa.string()))
            table = table.set_column(at + 1, "source_line", pa.nulls(len(rows), pa.int64()))
        if "number" in table.column_names:
            at = table.column_names.index("number")
            table = table.set_column(at, "number", pa.nulls(len(rows), pa.string()))
        made[name] = table
    return Ocel.build(made)


def random_log(seed: int, events: int = 300) -> Ocel:
    """Make a log of three object types; an event has one to three objects of each."""
    rng = np.random.default_rng(seed)
    hours = rng.permutation(5 * events)[:events]  # no two at once: tools order ties differently
    rows = [(f"e{n}", f"act {rng.integers(6)}", int(h)) for n, h in enumerate(hours)]
    pairs = {
        (f"e{n}", f"{kind}:{rng.integers(size)}")
        for n in range(events)
        for kind, size in (("claim", 20), ("person", 9), ("desk", 3))
        for _ in range(rng.integers(0, 4))
    }
    return log_of(rows, sorted(pairs))


@pytest.fixture(scope="module")
def oracle_log() -> Ocel:
    """Make the random log that all the tools are asked about."""
    return random_log(3)


@pytest.fixture(scope="module")
def oracle_snapshot(oracle_log: Ocel, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Put the same log in a store."""
    return import_ocel(oracle_log, tmp_path_factory.mktemp("flow") / "store").snapshot


def toy(folder: Path) -> Snapshot:
    """Open a store with a claim of four events and a desk that two of them share."""
    events = [("e1", "a", 0), ("e2", "b", 2), ("e3", "a", 26), ("e4", "b", 27)]
    e2o = [("e1", "claim:1"), ("e2", "claim:1"), ("e3", "claim:1"), ("e4", "claim:1"),
           ("e1", "desk:1"), ("e4", "desk:1")]  # fmt: skip
    return import_ocel(log_of(events, e2o), folder / "store").snapshot


def test_edges_and_times_are_those_worked_out_by_hand(tmp_path: Path) -> None:
    """a->b after 2 and 1 hours, b->a over night; the desk sees only a->b, 27 hours later."""
    found = object_centric_flow(toy(tmp_path), working=False)

    assert found.to_dict("records") == [
        {"object_type": "claim", "from": "a", "to": "b", "n": 2,
         "mean_hours": 1.5, "median_hours": 1.5},
        {"object_type": "claim", "from": "b", "to": "a", "n": 1,
         "mean_hours": 24.0, "median_hours": 24.0},
        {"object_type": "desk", "from": "a", "to": "b", "n": 1,
         "mean_hours": 27.0, "median_hours": 27.0},
    ]  # fmt: skip


def test_counts_alone_are_the_same_counts(oracle_snapshot: Snapshot) -> None:
    """Leaving the times out changes no count and no order."""
    whole, counts = (object_centric_flow(oracle_snapshot, times=t) for t in (True, False))

    assert whole[counts.columns.tolist()].equals(counts)
    assert (whole["mean_business_hours"] <= whole["mean_hours"]).all()


def test_lifelines_hold_each_object_in_order_with_its_successor(tmp_path: Path) -> None:
    """One file a type, sorted by object and time; the last event of an object has no next."""
    snapshot = toy(tmp_path)

    claim, desk = (
        pq.read_table(snapshot.path / FOLDER / f"{n:03d}.parquet").to_pydict() for n in (0, 1)
    )

    assert claim["key"] == [0, 0, 0, 0]
    assert claim["activity"] == [0, 1, 0, 1]
    assert claim["next_activity"] == [1, 0, 1, None]
    assert claim["dt"] == [2 * HOUR, 24 * HOUR, HOUR, None]
    assert [at - MONDAY_9 for at in claim["at_us"]] == [0, 2 * HOUR, 26 * HOUR, 27 * HOUR]
    assert desk["key"] == [1, 1]
    assert desk["dt"] == [27 * HOUR, None]
    assert desk["dbs"][0] == desk["bs"][1] - desk["bs"][0]


def test_an_object_named_twice_by_an_event_is_in_its_lifeline_once(tmp_path: Path) -> None:
    """Two qualifiers between the same event and object do not make it follow itself."""
    log = log_of([("e1", "a", 0), ("e2", "b", 1)], [("e1", "c:1"), ("e2", "c:1")])
    tables = log.tables()
    again = pa.table({"event_id": ["e1"], "object_id": ["c:1"], "qualifier": ["as owner"]})
    tables["e2o"] = pa.concat_tables([tables["e2o"].cast(again.schema), again])

    snapshot = import_ocel(Ocel.build(tables), tmp_path / "store").snapshot

    assert object_centric_flow(snapshot, times=False)["n"].tolist() == [1]


def test_pm4py_finds_the_same_graph_with_the_same_times(
    oracle_log: Ocel, oracle_snapshot: Snapshot
) -> None:
    """Every edge of every type, its count, and mean and median of the seconds between."""
    from procmine.discovery.bridge import pm4py_module
    from procmine.discovery.ocel_bridge import ocel_to_pm4py

    told = pm4py_module().discover_ocdfg(ocel_to_pm4py(oracle_log))
    theirs = {
        (kind, a, b): [len(uses), len(uses)]
        for kind, edges in told["edges"]["total_objects"].items()
        for (a, b), uses in edges.items()
    }
    spans = {
        (kind, a, b): uses
        for kind, edges in told["edges_performance"]["total_objects"].items()
        for (a, b), uses in edges.items()
    }
    ours = object_centric_flow(oracle_snapshot)

    assert len(ours) == len(theirs)
    for row in ours.itertuples(index=False):
        key = (row[0], row[1], row[2])
        assert row.n == theirs[key][0]
        assert row.mean_hours == pytest.approx(np.mean(spans[key]) / 3600)
        assert row.median_hours == pytest.approx(np.median(spans[key]) / 3600)


def test_r4pm_finds_the_same_counts(
    oracle_log: Ocel, oracle_snapshot: Snapshot, tmp_path: Path
) -> None:
    """Every edge of every type as r4pm counts it, type by type."""
    r4pm = pytest.importorskip("r4pm")
    write(oracle_log, tmp_path / "log.json")
    linked = r4pm.bindings.slim_link_ocel(r4pm.import_item("OCEL", str(tmp_path / "log.json")))

    theirs = {
        (kind, a, b): n
        for kind in r4pm.bindings.locel_get_ob_types(linked)
        for (a, b), n in r4pm.bindings.get_dfg_of_object_type(linked, kind)
    }
    ours = object_centric_flow(oracle_snapshot, times=False)

    assert {tuple(row[:3]): row[3] for row in ours.itertuples(index=False)} == theirs


def test_variants_are_those_that_a_loop_over_the_cases_finds(oracle_snapshot: Snapshot) -> None:
    """Sequences, cases, share and order, most frequent first, then by the names."""
    steps = oracle_snapshot.facts("claim", "steps").to_pylist()
    traces: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for step in steps:
        if step["in_case"]:
            traces[step["case_id"]].append((step["seq"], step["activity"]))
    counted = Counter(tuple(name for _, name in sorted(t)) for t in traces.values())

    found = variants(oracle_snapshot, "claim")

    assert [(tuple(trace), cases) for trace, cases in zip(
        found["trace"], found["cases"], strict=True)] == sorted(
        counted.items(), key=lambda item: (-item[1], item[0]))  # fmt: skip
    assert found["share"].sum() == pytest.approx(1)


def test_a_log_without_events_has_no_edges_and_no_variants(tmp_path: Path) -> None:
    """An empty log is a result, not a fault."""
    snapshot = import_ocel(Ocel.build({}), tmp_path / "store").snapshot

    assert object_centric_flow(snapshot).empty


def handed(folder: Path) -> Snapshot:
    """Open a store with a claim that goes from desk A to B (with C beside it) and back to A."""
    events = [("e1", "a", 0), ("e2", "b", 2), ("e3", "a", 26), ("e4", "b", 27), ("e5", "b", 30)]
    e2o = [*((f"e{n}", "claim:1") for n in range(1, 6)),
           ("e1", "desk:A"), ("e2", "desk:C"), ("e2", "desk:B"), ("e3", "desk:A"),
           ("e5", "desk:A"), ("e2", "staff:9"), ("e3", "staff:8")]  # fmt: skip
    log = log_of(events, e2o).with_roles(Roles(unit=("desk",), resource=("staff",)))
    return import_ocel(log, folder / "store").snapshot


def test_lifelines_name_who_did_each_event_and_the_next(tmp_path: Path) -> None:
    """The least id of two desks; nobody where the log names nobody; rows of the objects."""
    snapshot = handed(tmp_path)
    ids = pq.read_table(snapshot.file("objects"))["object_id"].to_pylist()
    claim = pq.read_table(snapshot.path / FOLDER / "000.parquet")

    named = {name: [key if key is None else ids[key] for key in claim[name].to_pylist()]
             for name in ("unit", "next_unit", "resource")}  # fmt: skip

    assert named == {
        "unit": ["desk:A", "desk:B", "desk:A", None, "desk:A"],
        "next_unit": ["desk:B", "desk:A", None, "desk:A", None],
        "resource": [None, "staff:9", "staff:8", None, None],
    }


def test_handovers_of_any_object_type(tmp_path: Path) -> None:
    """A to B after 2 hours, B to A after 24; a step of nobody's stands between nobody."""
    found = object_centric_handovers(handed(tmp_path), working=False)

    claims = found[found["object_type"] == "claim"].drop(columns=["object_type", "median_hours"])
    assert claims.to_numpy().tolist() == [
        ["desk:A", "desk:B", 1, 2.0],
        ["desk:B", "desk:A", 1, 24.0],
    ]


def test_a_log_without_units_has_no_handovers(tmp_path: Path) -> None:
    """No role names a unit: no rows, and no fault."""
    assert object_centric_handovers(toy(tmp_path)).empty


def test_an_older_store_is_to_be_computed_anew(tmp_path: Path) -> None:
    """Lifelines from before the units were in them are refused, with what to do."""
    snapshot = toy(tmp_path)
    for file in (snapshot.path / FOLDER).glob("*.parquet"):
        pq.write_table(pq.read_table(file).drop_columns(["unit", "resource", "next_unit"]), file)

    with pytest.raises(StoreError, match="recompute"):
        object_centric_handovers(snapshot)
    assert len(object_centric_flow(snapshot)) == 3
