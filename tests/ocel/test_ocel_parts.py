"""Parts of a log, the state of an attribute at an instant, flattening, and the bridge to pm4py."""

from __future__ import annotations

import warnings
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procmine.discovery.ocel_bridge import ocel_from_pm4py, ocel_to_pm4py
from procmine.errors import LogError, TableError, UsageError
from procmine.ocel.exchange import read
from procmine.ocel.flatten import flatten
from procmine.ocel.log import VALUE_TYPES, Ocel, plain
from procmine.ocel.roles import Roles
from procmine.ocel.select import by_attribute, by_object_type, by_period, by_unit, connected
from procmine.ocel.states import as_of, latest, state
from procmine.ocel.validate import validate_log
from tests.ocel.logs import any_log, at, log, real


def casework() -> Ocel:
    """Return two cases of one citizen, a document, two units, one clerk, and a change of unit."""
    return log(
        [
            ("e1", "open", at(1)),
            ("e2", "ask", at(5)),
            ("e3", "decide", at(9)),
            ("f1", "open", at(3)),
            ("f2", "decide", at(20)),
        ],
        [
            ("s1", "case"),
            ("s2", "case"),
            ("d1", "doc"),
            ("p1", "citizen"),
            ("u1", "unit"),
            ("u2", "unit"),
            ("k1", "staff"),
        ],
        [
            ("e1", "s1", "of"),
            ("e1", "u1", "in"),
            ("e2", "s1", "of"),
            ("e2", "d1", "asks"),
            ("e3", "s1", "of"),
            ("e3", "d1", "uses"),
            ("e3", "u2", "in"),
            ("e3", "k1", "by"),
            ("f1", "s2", "of"),
            ("f1", "u1", "in"),
            ("f2", "s2", "of"),
            ("f2", "k1", "by"),
        ],
        [("s1", "p1", "of")],
        [("s1", "unit", at(4), "north"), ("s1", "unit", at(8), "south")],
        {"unit": {"s1": "first", "s2": "south"}},
        roles=Roles(resource=("staff",), unit=("unit",)),
    )


def ids(told: Ocel) -> tuple[list[str], list[str]]:
    """Return event and object ids."""
    return (
        sorted(told.events["event_id"].to_pylist()),
        sorted(told.objects["object_id"].to_pylist()),
    )


def test_an_attribute_is_what_it_was_at_the_time() -> None:
    """Before the first change the value from the beginning; from its instant on the new one."""
    times = [at(1), at(4) - timedelta(microseconds=1), at(4), at(7), at(8), at(30)]
    asked = pa.chunked_array([pa.array(times, VALUE_TYPES["time"])])
    cases = pa.chunked_array([["s1"] * len(times)])

    held = state(casework(), "case", "unit", cases, asked)

    assert held.to_pylist() == ["first", "first", "north", "north", "south", "south"]
    assert as_of(casework(), at(5), "case")["attr.unit"].to_pylist() == ["north", "south"]


def test_an_attribute_that_no_one_declared_is_refused() -> None:
    """A wrong spelling is a mistake, not an empty column."""
    with pytest.raises(UsageError, match="enhed"):
        state(
            casework(),
            "case",
            "enhed",
            pa.chunked_array([["s1"]]),
            pa.chunked_array([pa.array([at(1)], VALUE_TYPES["time"])]),
        )


ENTRIES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), max_size=20)


@given(ENTRIES, ENTRIES)
def test_the_latest_entry_equals_a_search(
    entries: list[tuple[int, int]], asked: list[tuple[int, int]]
) -> None:
    """For each question the last of the owner's entries not after it."""
    import numpy as np

    def columns(rows: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
        array = np.array(rows, dtype=np.int64).reshape(-1, 2)
        return array[:, 0], array[:, 1]

    wanted = []
    for owner, when in asked:
        fits = [(w, row) for row, (o, w) in enumerate(entries) if o == owner and w <= when]
        wanted.append(max(fits)[1] if fits else -1)

    assert latest(*columns(entries), *columns(asked)).tolist() == wanted


def test_flattening_takes_the_value_at_the_event() -> None:
    """Each step of the case stands with the unit that was responsible then."""
    flat = flatten(casework(), "case")

    assert flat["case_id"].to_pylist() == ["s1", "s1", "s1", "s2", "s2"]
    assert flat["event_id"].to_pylist() == ["e1", "e2", "e3", "f1", "f2"]
    assert flat["case.unit"].to_pylist() == ["first", "north", "south", "south", "south"]
    assert flat["unit"].to_pylist() == ["u1", None, "u2", "u1", None]
    assert flat["resource"].to_pylist() == [None, None, "k1", None, "k1"]


def test_flattening_repeats_an_event_once_for_each_case_only() -> None:
    """A meeting on two cases stands twice; two relations to one case stand once."""
    told = log(
        [("m", "meet", at(1))],
        [("a", "case"), ("b", "case")],
        [("m", "a", "x"), ("m", "a", "y"), ("m", "b", "x")],
    )

    assert flatten(told, "case")["case_id"].to_pylist() == ["a", "b"]
    assert flatten(told, "case", "y")["case_id"].to_pylist() == ["a"]
    with pytest.raises(UsageError, match="case"):
        flatten(told, "Case")


def test_a_period_keeps_relations_and_earlier_changes() -> None:
    """From day 5 to 10: the case, its document and citizen, and its change of day 4."""
    part = by_period(casework(), at(5), at(10))

    assert ids(part) == (["e2", "e3"], ["d1", "k1", "p1", "s1", "u2"])
    assert part.o2o.num_rows == 1
    assert part.object_changes["value"].to_pylist() == ["north", "south"]
    assert flatten(part, "case")["case.unit"].to_pylist() == ["north", "south"]


def test_types_units_and_attributes_are_chosen() -> None:
    """Each choice keeps what belongs to it and nothing that would be told in part."""
    told = casework()

    assert ids(by_object_type(told, ["doc", "citizen"])) == (["e2", "e3"], ["d1", "p1"])
    assert ids(by_unit(told, ["u2"])) == (["e3"], ["d1", "k1", "p1", "s1", "u2"])
    assert ids(by_attribute(told, "case", "unit", ["north"])) == (
        ["e1", "e2", "e3"],
        ["d1", "k1", "p1", "s1", "u1", "u2"],
    )
    with pytest.raises(UsageError):
        by_object_type(told, ["cases"])


def test_what_hangs_together_does_so_without_staff() -> None:
    """The clerk and the unit of both cases do not tie them; the citizen and document do."""
    assert ids(connected(casework(), ["d1"])) == (
        ["e1", "e2", "e3"],
        ["d1", "k1", "p1", "s1", "u1", "u2"],
    )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_log(), st.data())
def test_a_part_is_a_log_without_dangling_ends(drawn: Ocel, data: st.DataObject) -> None:
    """Whatever is chosen, every relation and change has its ends."""
    kinds = data.draw(st.lists(st.sampled_from(drawn.object_types or ("",)), unique=True))
    parts = [
        connected(drawn, drawn.objects["object_id"].to_pylist()[:1]),
        by_period(drawn, at(1), at(31)),
    ]
    if kinds != [""]:
        parts.append(by_object_type(drawn, kinds))

    for part in parts:
        assert [f for f in validate_log(part) if f.code.startswith("dangling")] == []


@pytest.mark.parametrize("name", ["ocel/ocel20_example.jsonocel", "receipt.csv"])
def test_pm4py_takes_the_log_and_gives_it_back(name: str) -> None:
    """Nothing changes on the way there and back, and the analyst's object is a copy."""
    told = read(real(name)).ocel

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = ocel_to_pm4py(told)
        theirs.events["extra"] = 1
        theirs.events = theirs.events.drop(columns="extra")
        again = ocel_from_pm4py(theirs)

    assert len(theirs.events) == told.events.num_rows
    assert len(theirs.relations) == told.e2o.num_rows
    assert len(theirs.object_changes) == told.object_changes.num_rows
    assert str(theirs.events["ocel:timestamp"].dtype) == "datetime64[us, UTC]"
    assert told.differences(again) == ()


def test_a_broken_log_of_pm4py_is_refused() -> None:
    """A relation to an object that is not there would vanish; it is said instead."""
    theirs = ocel_to_pm4py(casework())
    theirs.objects = theirs.objects[theirs.objects["ocel:oid"] != "d1"]

    with pytest.raises(LogError):
        ocel_from_pm4py(theirs)


def test_the_folder_says_what_is_missing(tmp_path: Path) -> None:
    """A folder without its tables is no log."""
    casework().write(tmp_path / "log")
    (tmp_path / "log" / "o2o.parquet").unlink()

    with pytest.raises(LogError, match=r"o2o\.parquet"):
        Ocel.read(tmp_path / "log")


def test_ranks_order_equal_times() -> None:
    """Among equal times the rank of the type counts, then the id."""
    told = log([("b", "second", at(1)), ("a", "first", at(1)), ("c", "none", at(1))], [], [])

    ordered = Ocel.build(told.tables(), rank={"second": 0, "first": 1})

    assert ordered.events["event_id"].to_pylist() == ["b", "a", "c"]
    assert pc.unique(plain(ordered.events["event_type"])).to_pylist() == ["second", "first", "none"]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("events", "event_id"),
        ("objects", "object_id"),
        ("e2o", "event_id+object_id+qualifier"),
        ("o2o", "source_id+target_id+qualifier"),
    ],
)
def test_a_key_that_repeats_is_refused(name: str, key: str) -> None:
    """A log is built of unique events, objects and relations, or not at all."""
    tables = casework().tables()
    tables[name] = pa.concat_tables([tables[name], tables[name].slice(0, 1)])

    with pytest.raises(TableError) as refused:
        Ocel.build(tables)
    assert [(f.code, f.where, f.column, f.count) for f in refused.value.faults] == [
        ("repeated_key", name, key, 1)
    ]
