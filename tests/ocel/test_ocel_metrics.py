"""Object-centric waiting: the toy of the method, its identity, and r4pm as an oracle."""

from __future__ import annotations

from pathlib import Path

import pyarrow.compute as pc
import pytest
from hypothesis import given, settings

from procmine.errors import UsageError
from procmine.ocel.exchange import read, write
from procmine.ocel.log import Ocel
from procmine.ocel.metrics import last_arrivals, oc_metrics, oc_metrics_by_type
from procmine.ocel.roles import Roles
from tests.ocel.logs import any_log, at, log, real

HOUR = 3_600_000_000
STAFF = Roles(resource=("staff",), unit=("unit",))


def toy(roles: Roles | None = None, *, staff: bool = False) -> Ocel:
    """Return the method's toy: case at 10, documents at 4 and 9, citizen at 2; step 12 to 13."""
    events = [
        ("case", "t", at(1, 10)),
        ("doc1", "t", at(1, 4)),
        ("doc2", "t", at(1, 9)),
        ("citizen", "t", at(1, 2)),
        ("decide", "decide", at(1, 13)),
    ]
    objects = [("S", "case"), ("D1", "doc"), ("D2", "doc"), ("B", "citizen")]
    e2o = [
        ("case", "S", ""),
        ("doc1", "D1", ""),
        ("doc2", "D2", ""),
        ("citizen", "B", ""),
        *(("decide", o, "") for o, _ in objects),
    ]
    if staff:
        events.append(("elsewhere", "t", at(1, 12)))
        objects.append(("P1", "staff"))
        e2o.extend([("elsewhere", "P1", "by"), ("decide", "P1", "by")])
    return log(events, objects, e2o, roles=roles, starts={"decide": at(1, 12)})


def test_the_toy_of_the_method() -> None:
    """Flow 11, sojourn 3, waiting 2, service 1, synchronisation 8; the case came last."""
    row = oc_metrics(toy()).to_pylist()[0]

    assert {name: value // HOUR for name, value in row.items() if name.endswith("_us")} == {
        "flow_us": 11,
        "synchronisation_us": 8,
        "sojourn_us": 3,
        "waiting_us": 2,
        "service_us": 1,
    }
    assert (row["arrivals"], row["last_arrival"], row["last_arrival_type"]) == (4, "S", "case")


def test_the_toy_by_type() -> None:
    """Documents: pooling 5, lagging 7, readiness 2; the case lags 8, the citizen nothing."""
    rows = {row["object_type"]: row for row in oc_metrics_by_type(toy()).to_pylist()}

    assert rows["doc"]["pooling_us"] == 5 * HOUR
    assert rows["doc"]["lagging_us"] == 7 * HOUR
    assert rows["doc"]["readiness_us"] == 2 * HOUR
    assert rows["case"]["lagging_us"] == 8 * HOUR
    assert rows["citizen"]["lagging_us"] == 0
    assert rows["citizen"]["pooling_us"] == 0


def test_staff_is_never_waited_for() -> None:
    """An employee's step in another case changes nothing, and cannot be asked for."""
    with_staff = toy(STAFF, staff=True)

    assert oc_metrics(with_staff).equals(oc_metrics(toy(STAFF)))
    assert oc_metrics(toy(staff=True)).to_pylist()[0]["last_arrival"] == "P1"
    with pytest.raises(UsageError, match="staff"):
        oc_metrics(with_staff, ["staff"])


def test_a_document_arrives_when_it_is_received_not_when_it_is_asked_for() -> None:
    """The request at 8 for a document received at 4 is no arrival."""
    roles = Roles(document=("doc",), receives="gets", requests="asks")
    events = [("get", "get", at(1, 4)), ("ask", "ask", at(1, 8)), ("end", "end", at(1, 10))]
    told = log(
        events,
        [("D", "doc")],
        [("get", "D", "gets"), ("ask", "D", "asks"), ("end", "D", "uses")],
        roles=roles,
    )

    rows = {row["event_id"]: row for row in oc_metrics(told).to_pylist()}

    assert rows["end"]["sojourn_us"] == 6 * HOUR
    assert rows["ask"]["sojourn_us"] == 4 * HOUR


def test_last_arrivals_are_counted_among_events_that_waited_for_several() -> None:
    """In all decisions of the toy the case was the last thing to arrive."""
    assert last_arrivals(toy(), "decide").to_pylist() == [
        {"object_type": "case", "events": 1, "share": 1.0}
    ]


@settings(max_examples=60, deadline=None)
@given(drawn=any_log())
def test_flow_is_synchronisation_and_sojourn(drawn: Ocel) -> None:
    """The identity holds for every event, and none of the parts is negative."""
    table = oc_metrics(drawn)

    parts = pc.add(table["synchronisation_us"], table["sojourn_us"])
    assert table["flow_us"].equals(parts)
    assert all(value >= 0 for value in table["synchronisation_us"].to_pylist())
    assert all(value >= 0 for value in table["sojourn_us"].to_pylist())
    by_type = oc_metrics_by_type(drawn)
    assert all(value >= 0 for value in by_type["readiness_us"].to_pylist())
    assert sum(by_type["arrivals"].to_pylist()) == sum(table["arrivals"].to_pylist())


@pytest.mark.parametrize("name", ["ocel/ocel20_example.jsonocel", "ocel/recruiting-red.jsonocel"])
def test_r4pm_gives_the_same_times(name: str, tmp_path: Path) -> None:
    """Synchronisation and sojourn equal r4pm's, event by event, where stamps do not tie."""
    r4pm = pytest.importorskip("r4pm")
    told = read(real(name)).ocel
    write(told, tmp_path / "log.xml")
    linked = r4pm.bindings.slim_link_ocel(r4pm.import_item("OCEL", str(tmp_path / "log.xml")))
    sojourn = dict(r4pm.bindings.locel_oc_perf_sojourn_per_event(linked))
    sync = {row[0]: row[1] for row in r4pm.bindings.locel_oc_perf_sync_per_event(linked)}

    table = oc_metrics(told)
    ids = table["event_id"].to_pylist()
    assert dict(zip(ids, table["sojourn_us"].to_pylist(), strict=True)) == sojourn
    assert dict(zip(ids, table["synchronisation_us"].to_pylist(), strict=True)) == sync
