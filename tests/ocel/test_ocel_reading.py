"""Reading: the same log from every format, and the details of each."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procmine.errors import LogError, UsageError
from procmine.ocel.exchange import read
from procmine.ocel.exchange.lifecycle import fifo
from procmine.ocel.exchange.result import ReadResult
from procmine.ocel.log import plain
from tests.ocel.logs import real

HEAD = "case:concept:name,concept:name,time:timestamp"


def csv(folder: Path, *lines: str, head: str = HEAD, encoding: str = "utf-8") -> Path:
    """Write a CSV file."""
    path = folder / "log.csv"
    path.write_bytes("\r\n".join((head, *lines)).encode(encoding))
    return path


def codes(result: ReadResult) -> dict[str, int]:
    """Return the breaches by code and their counts."""
    return {breach.code: breach.count for breach in result.breaches}


def test_the_sample_of_the_standard_is_one_log_in_three_formats() -> None:
    """JSON has a zone, XML and SQLite have local time: the instants are the same."""
    first, *others = (
        read(real(f"ocel/ocel20_example.{ending}")) for ending in ("jsonocel", "xmlocel", "sqlite")
    )

    assert first.breaches == []
    counts = {name: n for name, n in first.ocel.counts().items() if name != "attributes"}
    assert counts == {"events": 13, "objects": 9, "e2o": 20, "o2o": 7, "object_changes": 3}
    for other in others:
        assert first.ocel.differences(other.ocel) == ()
        assert [(b.code, b.where, b.count) for b in other.breaches] == [
            ("naive_time", "events", 13),
            ("naive_time", "object_changes", 3),
        ]


def test_the_receipt_log_becomes_cases_people_and_units() -> None:
    """8577 events in 1434 cases; 48 resources and 10 groups become objects with their part."""
    told = read(real("receipt.csv")).ocel

    assert told.events.num_rows == 8577
    assert len(told.event_types) == 27
    kinds = plain(told.objects["object_type"]).to_pylist()
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "case": 1434,
        "resource": 48,
        "unit": 10,
    }
    assert told.roles.no_case == {"resource", "unit"}
    assert told.declared("object")["case"]["deadline"] == ("time", "attr.deadline")
    assert told.meta["suspected_markers"] == ["EMPTY"]


def test_fillers_are_missing_where_they_are_named() -> None:
    """A resource called EMPTY is nobody."""
    told = read(real("receipt.csv"), missing=["EMPTY"]).ocel

    assert "resource:EMPTY" not in told.objects["object_id"].to_pylist()
    assert told.meta["missing_markers"] == ["EMPTY"]


def test_road_traffic_is_the_same_log_from_csv_and_xes() -> None:
    """Every stamp is at local midnight, so each is a day."""
    one, other = read(real("roadtraffic100traces.csv")), read(real("roadtraffic100traces.xes"))

    assert one.ocel.differences(other.ocel) == ()
    assert set(plain(one.ocel.events["precision"]).to_pylist()) == {"day"}
    assert codes(one) == {"day_precision": 390}


def test_columns_of_other_names_are_given() -> None:
    """Start and end times, resources and cases under the names of the file."""
    told = read(
        real("kronos/manual_log_1.csv"),
        case="case_id",
        activity="Activity",
        time="end_time",
        start="start_time",
        resource="Resource",
        process="order",
    ).ocel

    assert told.object_types == ("order", "resource")
    assert told.events["start"].null_count == 0
    first = told.events.slice(0, 1).to_pylist()[0]
    assert first["start"].isoformat() == "2022-05-16T08:00:00+00:00"


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    """The message lists what is missing and what the file has."""
    with pytest.raises(UsageError, match=r"case, activity.*Sag, Hvad"):
        read(csv(tmp_path, "1,a", head="Sag,Hvad"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encoding_and_separator_are_found_out(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    """Danish letters and dashes survive."""
    head = HEAD.replace(",", separator)
    line = separator.join(("Ø\u2013 1", "Høring", "02-03-2024 10:00"))

    told = read(csv(tmp_path, line, head=head, encoding=encoding)).ocel

    assert told.objects["object_id"].to_pylist() == ["Ø\u2013 1"]
    assert told.event_types == ("Høring",)
    assert told.events["time"].to_pylist()[0].isoformat() == "2024-03-02T09:00:00+00:00"


def test_local_times_cross_the_change_of_clocks(tmp_path: Path) -> None:
    """02:30 comes twice on 27 October 2024 (the first is meant), never on 31 March."""
    stamps = ("2024-10-27 02:30", "2024-03-31 02:30", "2024-07-01 00:00")
    told = read(csv(tmp_path, *(f"{n},A,{stamp}" for n, stamp in enumerate(stamps))))

    times = dict(
        zip(
            plain(told.ocel.events["event_id"]).to_pylist(),
            told.ocel.events["time"].to_pylist(),
            strict=True,
        )
    )
    assert [times[f"e{n}"].strftime("%d %H:%M") for n in (1, 2, 3)] == [
        "27 00:30",
        "31 01:00",
        "30 22:00",
    ]
    assert codes(told) == {"naive_time": 3}


def test_dates_alone_are_days_at_local_midnight(tmp_path: Path) -> None:
    """A date stands at 00:00 local time with precision day; others keep theirs."""
    told = read(csv(tmp_path, "1,A,2024-07-01", "1,B,2024-07-01 12:00:00"))

    events = told.ocel.events
    assert plain(events["precision"]).to_pylist() == ["day", "second"]
    assert events["time"].to_pylist()[0].isoformat() == "2024-06-30T22:00:00+00:00"
    assert codes(told) == {"naive_time": 1, "day_precision": 1}


def test_rows_that_cannot_be_events_are_counted_with_their_lines(tmp_path: Path) -> None:
    """No case, no activity, no time, a time that is none, too many cells."""
    told = read(
        csv(
            tmp_path,
            "1,A,2024-01-01 10:00:00Z",
            ",A,2024-01-01 10:00:00Z",
            "1,,2024-01-01 10:00:00Z",
            "1,A,",
            "1,A,yesterday",
            "1,A,2024-01-01 10:00:00Z,more",
        )
    )

    assert told.ocel.events.num_rows == 1
    assert {b.code: (b.count, b.rows) for b in told.breaches if b.code != "malformed"} == {
        "empty_case": (1, (3,)),
        "empty_type": (1, (4,)),
        "empty_time": (1, (5,)),
        "bad_time": (1, (6,)),
    }
    assert codes(told)["malformed"] == 1


def test_columns_that_hold_for_the_case_belong_to_the_case(tmp_path: Path) -> None:
    """Constant per case, or prefixed; one that varies stays with the events."""
    head = f"{HEAD},case:group,district,amount,postcode"
    told = read(
        csv(
            tmp_path,
            "1,A,2024-01-01 10:00:00Z,x,N,1,0800",
            "1,B,2024-01-01 11:00:00Z,x,N,2.5,0800",
            "2,A,2024-01-02 10:00:00Z,y,S,,0900",
            head=head,
        )
    ).ocel

    assert {n: t for n, (t, _) in told.declared("object")["case"].items()} == {
        "group": "string",
        "district": "string",
        "postcode": "string",
    }
    assert told.declared("event") == {
        "A": {"amount": ("float", "attr.amount")},
        "B": {"amount": ("float", "attr.amount")},
    }


def test_events_of_one_instant_keep_the_order_of_the_file(tmp_path: Path) -> None:
    """Ids number the rows so that they sort as the file did."""
    lines = [f"1,{name},2024-01-01 10:00:00Z" for name in "CABDEFGHIJKL"]

    told = read(csv(tmp_path, *lines)).ocel

    assert plain(told.events["event_type"]).to_pylist() == list("CABDEFGHIJKL")


def test_cells_with_line_breaks_are_one_row(tmp_path: Path) -> None:
    """Line numbers are left empty where a cell spans lines."""
    told = read(csv(tmp_path, '1,"A\nB",2024-01-01 10:00:00Z')).ocel

    assert told.event_types == ("A\nB",)
    assert told.events["source_line"].null_count == 1


XES = """<?xml version="1.0"?><log xmlns="http://www.xes-standard.org/">
<trace><string key="concept:name" value="1"/><int key="age" value="7"/>{events}</trace></log>"""
STEP = """<event><string key="concept:name" value="{0}"/>
<date key="time:timestamp" value="2024-01-01T{1}:00:00Z"/>
<string key="lifecycle:transition" value="{2}"/></event>"""


def test_starts_join_their_completions(tmp_path: Path) -> None:
    """First in first out per activity; a start that nothing closes stays an event."""
    steps = [
        ("A", "08", "start"),
        ("A", "09", "START"),
        ("B", "09", "complete"),
        ("A", "10", "complete"),
        ("A", "11", "Complete"),
        ("B", "12", "start"),
    ]
    path = tmp_path / "log.xes.gz"
    path.write_bytes(
        gzip.compress(XES.format(events="".join(STEP.format(*step) for step in steps)).encode())
    )

    told = read(path)

    rows = [
        (e["event_type"], e["start"] and e["start"].hour, e["time"].hour)
        for e in told.ocel.events.to_pylist()
    ]
    assert rows == [("B", None, 9), ("A", 8, 10), ("A", 9, 11), ("B", None, 12)]
    assert codes(told) == {"start_without_end": 1, "merged_start": 2}
    assert told.ocel.objects["attr.age"].to_pylist() == [7]


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=30))
def test_first_in_first_out_equals_a_queue(steps: list[tuple[int, bool]]) -> None:
    """The columns match what a queue per group does."""
    steps = sorted(steps, key=lambda step: step[0])
    queues: dict[int, list[int]] = {}
    wanted = []
    for row, (group, opens) in enumerate(steps):
        queue = queues.setdefault(group, [])
        if opens:
            queue.append(row)
        elif queue:
            wanted.append((queue.pop(0), row))

    opened, closed = fifo(
        np.array([g for g, _ in steps], dtype=np.int64),
        np.array([o for _, o in steps], dtype=np.bool_),
    )

    assert sorted(zip(opened.tolist(), closed.tolist(), strict=True)) == sorted(wanted)


def test_an_older_log_is_read_with_a_note() -> None:
    """OCEL 1.0: 6607 events, 1051 objects, 6877 relations, and it is said what it is."""
    told = read(real("ocel/recruiting-red.jsonocel"))

    assert codes(told) == {"older_standard": 1}
    assert (told.ocel.events.num_rows, told.ocel.objects.num_rows, told.ocel.e2o.num_rows) == (
        6607,
        1051,
        6877,
    )


def test_a_log_of_another_tool_without_times_of_objects_is_read() -> None:
    """Object tables without ocel_time hold values from the beginning."""
    told = read(real("ocel/pallet-logistics-v0.9.sqlite"))

    assert told.breaches == []
    vehicles = told.ocel.objects.filter(pc.is_valid(told.ocel.objects["attr.consumption"]))
    assert vehicles["attr.consumption"].to_pylist() == [0.1, 0.125]


def test_a_database_that_another_program_holds_open_is_not_touched(tmp_path: Path) -> None:
    """Reading writes nothing beside the file."""
    path = tmp_path / "log.sqlite"
    path.write_bytes(real("ocel/ocel20_example.sqlite").read_bytes())
    with closing(sqlite3.connect(path)) as other:
        other.execute("begin exclusive")
        assert read(path).ocel.events.num_rows == 13

    assert [p.name for p in tmp_path.iterdir()] == ["log.sqlite"]


@pytest.mark.parametrize("name", ["log.txt", "log", "log.json.zip"])
def test_an_ending_that_is_not_known_is_refused(name: str, tmp_path: Path) -> None:
    """The message lists those that are."""
    (tmp_path / name).write_text("x", encoding="utf-8")

    with pytest.raises(UsageError, match=r"\.jsonocel"):
        read(tmp_path / name)


def test_options_of_csv_do_not_pass_for_those_of_ocel(tmp_path: Path) -> None:
    """A column given for a format that has none is a mistake, not ignored."""
    with pytest.raises(UsageError, match="case"):
        read(real("ocel/ocel20_example.jsonocel"), case="x")


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """No traceback of the system."""
    with pytest.raises(LogError, match="findes ikke"):
        read(tmp_path / "none.json")


def test_numbers_with_a_decimal_comma_are_numbers(tmp_path: Path) -> None:
    """A Danish export writes 1.234,5."""
    told = read(
        csv(
            tmp_path,
            "1;A;2024-01-01 10:00:00Z;1.234,5",
            "1;B;2024-01-01 11:00:00Z;2",
            head=f"{HEAD};amount".replace(",", ";"),
        )
    ).ocel

    assert told.events["attr.amount"].to_pylist() == [1234.5, 2.0]
