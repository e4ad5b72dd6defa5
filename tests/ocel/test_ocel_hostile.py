"""Logs made to break a reader: told and counted, or refused with a sentence; never a traceback."""

from __future__ import annotations

import copy
import json
import math
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import jsonschema
import pyarrow as pa
import pytest

from procmine.cli import main
from procmine.errors import LogError, UsageError
from procmine.ocel.exchange import read, write
from procmine.ocel.exchange.times import parse_stamps
from procmine.ocel.validate import validate_path
from procmine.pipeline import import_log
from tests.ocel.broken import DOCUMENT, WHEN, database, found, saved
from tests.ocel.logs import at, log, real

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WRONG: tuple[Any, ...] = (None, 5, "", [], {}, [None], "gone")


def places(node: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to each part of a document."""
    parts = node.items() if isinstance(node, dict) else enumerate(node)
    for key, part in parts:
        yield (*here, key)
        if isinstance(part, dict | list):
            yield from places(part, (*here, key))


def test_whatever_the_schema_of_the_standard_refuses_is_told(tmp_path: Path) -> None:
    """Each part of a valid document is left out, or replaced by what does not belong there."""
    schema = json.loads(real("ocel/schema_ocel2.json").read_text(encoding="utf-8"))
    valid = jsonschema.Draft7Validator(schema).is_valid
    assert valid(DOCUMENT)
    assert found(saved(tmp_path / "log.json", DOCUMENT)) == {}

    silent, refused = [], 0
    for way in places(DOCUMENT):
        for wrong in WRONG:
            changed = copy.deepcopy(DOCUMENT)
            holder: Any = changed
            for key in way[:-1]:
                holder = holder[key]
            if wrong == "gone":
                del holder[way[-1]]
            else:
                holder[way[-1]] = wrong
            if valid(changed):
                continue
            refused += 1
            if not found(saved(tmp_path / "log.json", changed)):
                silent.append((way, wrong))

    assert silent == []
    assert refused > 100


STAMPS = {
    "2024-01-01T10:00:00Z": "2024-01-01 10:00:00.000000",
    "2024-01-01t10:00:00z": "2024-01-01 10:00:00.000000",
    "2024-01-01T10:00Z": "2024-01-01 10:00:00.000000",
    "2024-01-01T10:00:00.1Z": "2024-01-01 10:00:00.100000",
    "2024-01-01T10:00:00.123456789Z": "2024-01-01 10:00:00.123456",
    "2024-01-01T10:00:00,5+0200": "2024-01-01 08:00:00.500000",
    "2024-01-01 10:00:00 +02:00": "2024-01-01 08:00:00.000000",
    "2024-01-01T10:00:00-11:30": "2024-01-01 21:30:00.000000",
    "2024-01-01T10:00:00+01:00[Europe/Copenhagen]": "2024-01-01 09:00:00.000000",
    "2024-01-01 10:00:00 UTC": "2024-01-01 10:00:00.000000",
    "20240101T100000.123Z": "2024-01-01 10:00:00.123000",
    "2024-W01-1T10:00:00Z": "2024-01-01 10:00:00.000000",
    "2016-12-31T23:59:60Z": "2017-01-01 00:00:00.000000",
    "2024-02-28T24:00:00Z": "2024-02-29 00:00:00.000000",
    "01-02-2024 10:00": "2024-02-01 09:00:00.000000",
    "2024/02/01 10:00": "2024-02-01 09:00:00.000000",
    "1900-01-01": "1899-12-31 23:00:00.000000",
    "0001-01-01T00:00:00Z": "0001-01-01 00:00:00.000000",
    "2261-12-31T00:00:00Z": "2261-12-31 00:00:00.000000",
    "9999-12-31T23:59:59.999999Z": "9999-12-31 23:59:59.999999",
}
BAD = (
    "soon",
    "2024-02-30",
    "2024-01-01T25:00:00Z",
    str(1_704_103_200),
    "2024",
    "12024-01-01T00:00:00Z",
    "2024-01-01T10:00:00+25:00",
    "9999-12-31T23:59:60Z",
)


def test_stamps_of_every_form_are_read_or_told() -> None:
    """Forms of ISO 8601 and RFC 3339, far years; what is no stamp stands as bad, alone."""
    stamps = parse_stamps(pa.array([*STAMPS, *BAD]))

    told = stamps.instants.cast(pa.string()).to_pylist()
    assert [text and text.rstrip("Z") for text in told] == [*STAMPS.values(), *([None] * len(BAD))]
    assert stamps.bad.tolist() == [False] * len(STAMPS) + [True] * len(BAD)
    assert stamps.cut == 1
    for text in (*STAMPS, *BAD):
        assert parse_stamps(pa.array([text])).bad.tolist() == [text in BAD], text


def test_stamps_finer_than_the_store_are_noted(tmp_path: Path) -> None:
    """What is cut off after the microsecond is counted, zeros are not."""
    times = ("2024-01-01T10:00:00.123456700Z", "2024-01-01T10:00:00.123456000Z")
    events = [{"id": f"e{n}", "type": "A", "time": time} for n, time in enumerate(times)]
    path = saved(tmp_path / "log.json", {**DOCUMENT, "events": events})

    noted = {fault.code: fault.count for fault in validate_path(path, notes=True)}

    assert noted == {"finer_time": 1}


NAMES = ('a"b', "it's", "a/b", "../../x", "'; drop table event; --", "æøå Æ", "\U0001f600", "a\\b",
         "a\tb", "a\nDROP TABLE e; --", " a ", "a%b", "CON", "attr.x", "events", "a" * 300, "*",
         "{x}", "{case_type}", "$1", "NULL", "nan", "resource", "unit", "\u200b")  # fmt: skip


@pytest.mark.parametrize("ending", [".json", ".xml", ".sqlite", ".parquet"])
def test_names_of_every_kind_survive_the_trip(ending: str, tmp_path: Path) -> None:
    """Quotes, slashes, SQL, braces, Danish letters, faces, line breaks: a name is a name."""
    told = log(
        [(f"e {name}", name, at(1)) for name in NAMES],
        [(f"o {name}", name) for name in NAMES],
        [(f"e {name}", f"o {name}", name) for name in NAMES],
        [(f"o {name}", f"o {NAMES[0]}", name) for name in NAMES],
        [(f"o {name}", "held", at(2), name) for name in NAMES],
        {"held": {f"o {name}": name for name in NAMES}},
    )

    write(told, tmp_path / f"log{ending}")
    result = read(tmp_path / f"log{ending}")

    assert told.differences(result.ocel) == ()
    assert validate_path(tmp_path / f"log{ending}") == []


def test_names_of_processes_are_never_run(tmp_path: Path) -> None:
    """An object type, and so a process, with quotes, braces or a line of SQL in its name."""
    names = ("it's; --", "{case_type}", "a\nDROP VIEW events;\n--", "../x")
    told = log(
        [(f"e{n}{step}", "step", at(step)) for n in range(len(names)) for step in (1, 2)],
        [(f"o{n}", name) for n, name in enumerate(names)],
        [(f"e{n}{step}", f"o{n}", "") for n in range(len(names)) for step in (1, 2)],
    )
    write(told, tmp_path / "log.json")

    snapshot = import_log(tmp_path / "log.json", tmp_path / "store").snapshot

    assert {process.name for process in snapshot.processes} == set(names)
    assert [snapshot.facts(name, "steps").num_rows for name in names] == [2] * len(names)


def test_numbers_that_are_none_survive_the_trip(tmp_path: Path) -> None:
    """NaN and the infinities, which SQLite and JSON have no sign for."""
    values = ("NaN", "inf", "-Infinity", "1e308", "5e-324")
    document = copy.deepcopy(DOCUMENT)
    document["eventTypes"][0]["attributes"][0]["type"] = "float"
    document["events"] = [
        {"id": f"e{n}", "type": "A", "time": WHEN, "attributes": [{"name": "x", "value": value}]}
        for n, value in enumerate(values)
    ]
    first = read(saved(tmp_path / "first.json", document))
    assert first.breaches == []
    assert math.isnan(first.ocel.events["attr.x"][0].as_py())

    for ending in (".json", ".xml", ".sqlite", ".parquet"):
        write(first.ocel, tmp_path / f"log{ending}")
        assert first.ocel.differences(read(tmp_path / f"log{ending}").ocel) == (), ending


@pytest.mark.parametrize(
    "text",
    [
        (
            '{"eventTypes": [], "objectTypes": [], "objects": [], "events":'
            ' [{"id": "\\ud800", "type": "A", "time": "2024-01-01T00:00:00Z"}]}'
        ),
        (
            '{"eventTypes": [{"name": "A", "attributes": [{"name": "\\ud800", "type": "string"}]}],'
            ' "objectTypes": [], "objects": [], "events": []}'
        ),
    ],
)
def test_half_a_character_is_refused(text: str, tmp_path: Path) -> None:
    """JSON can escape what no text can hold."""
    with pytest.raises(LogError, match="Unicode"):
        read(saved(tmp_path / "log.json", text))


def test_an_attribute_with_two_values_at_once_is_told(tmp_path: Path) -> None:
    """Both changes are kept, and that they contradict each other is counted."""
    document = copy.deepcopy(DOCUMENT)
    document["objects"][0]["attributes"] = [
        {"name": "y", "value": value, "time": WHEN} for value in ("v", "w")
    ]
    path = saved(tmp_path / "log.json", document)

    assert found(path) == {"repeated_change": 1}
    assert read(path).ocel.object_changes["value"].to_pylist() == ["v", "w"]


XML = """<log><object-types><object-type name="O"><attributes/></object-type></object-types>
<event-types><event-type name="A"><attributes><attribute name="x" type="string"/></attributes>
</event-type></event-types><objects><object id="o1" type="O"/></objects>
<events><event id="e1" type="A" time="2024-01-01T10:00:00Z">{0}</event></events></log>"""


def test_a_comment_does_not_cut_a_value_short(tmp_path: Path) -> None:
    """Text around a comment, and what stands in CDATA, is one value."""
    cell = "<attributes><attribute name='x'>a<!-- no -->b<![CDATA[<&]]></attribute></attributes>"
    path = saved(tmp_path / "log.xml", XML.format(cell))

    assert read(path).ocel.events["attr.x"].to_pylist() == ["ab<&"]
    assert found(path) == {}


def test_relations_beside_their_list_are_read_and_strange_elements_told(tmp_path: Path) -> None:
    """Nothing inside an event is passed over in silence."""
    inside = "<relationship object-id='o1' qualifier='q'/><link object-id='o1'/>"
    path = saved(tmp_path / "log.xml", XML.format(inside))

    assert read(path).ocel.e2o.num_rows == 1
    assert found(path) == {"malformed": 1}


@pytest.mark.parametrize(
    "inside", ["<attribute name='x'>" + "v" * 11_000_000 + "</attribute>", "<a>" * 300]
)
def test_an_element_beyond_all_bounds_is_called_so(inside: str, tmp_path: Path) -> None:
    """Too long or too deep is another fault than no XML."""
    with pytest.raises(LogError, match="stort eller for dybt"):
        read(saved(tmp_path / "log.xml", XML.format(inside)))


def test_a_text_that_readers_of_xml_stop_at_is_not_written(tmp_path: Path) -> None:
    """What cannot be read back is refused in writing."""
    told = log([], [("o", "x")], [], attributes={"text": {"o": "v" * 2_000_000}})

    with pytest.raises(LogError, match="for lang"):
        write(told, tmp_path / "log.xml")
    write(told, tmp_path / "log.json")
    assert told.differences(read(tmp_path / "log.json").ocel) == ()


NESTED = """<log><trace><string key="concept:name" value="1"/><event>
<string key="concept:name" value="A"><string key="kind" value="k"/></string>
<date key="time:timestamp" value="2024-01-01T10:00:00Z"/>
<list key="l"><values><int key="n" value="7"/></values></list></event></trace></log>"""


def test_nested_attributes_carry_both_names(tmp_path: Path) -> None:
    """An attribute inside another or in a list is kept, and it is said that it was nested."""
    told = read(saved(tmp_path / "log.xes", NESTED))

    assert told.ocel.events["attr.concept:name/kind"].to_pylist() == ["k"]
    assert told.ocel.events["attr.l/n"].to_pylist() == [7]
    assert [(b.code, b.column) for b in told.breaches] == [
        ("nested_attribute", "concept:name"),
        ("nested_attribute", "l"),
    ]
    write(told.ocel, tmp_path / "again.xes")
    assert told.ocel.differences(read(tmp_path / "again.xes").ocel) == ()


ENDLESS = """drop table event; create view event as
with recursive r (n) as (select 1 union all select n + 1 from r)
select 'e' || n as ocel_id, 'A' as ocel_type from r;"""


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (ENDLESS, "views"),
        ("alter table event rename column ocel_id to id;", r"event\.ocel_id"),
        ("insert into event values (cast(x'ff41' as text), 'A');", "Unicode"),
    ],
)
def test_databases_that_cannot_be_read_whole_are_refused(
    script: str, message: str, tmp_path: Path
) -> None:
    """A view that never ends, a table without its ids, a text that is none."""
    with pytest.raises(LogError, match=message):
        read(database(tmp_path, script))


@pytest.mark.parametrize(
    ("script", "codes"),
    [
        ("insert into event_A values ('e1', '2025-01-01');", {"repeated_id": 1}),
        (
            (
                "insert into event_map_type values ('B', 'B');"
                "create table event_B (ocel_id text, ocel_time text);"
                "insert into event_B values ('e1', '2025-01-01');"
            ),
            {"repeated_id": 1},
        ),
        (
            "insert into object_O values ('o1', '2024-01-01', 'z', 'w');",
            {"unknown_change": 1},
        ),
        (
            "drop table event_A; create table event_A (id text);",
            {"lacking": 1, "empty_time": 1, "dangling_event": 1},
        ),
        ("alter table event_A rename to EVENT_a2; alter table EVENT_a2 rename to EVENT_a;", {}),
        ("create trigger x after insert on event begin delete from event; end;", {}),
    ],
)
def test_rows_of_a_database_that_contradict_each_other_are_told(
    script: str, codes: dict[str, int], tmp_path: Path
) -> None:
    """An event with two times, a change of what is not there; names in any case are the same."""
    path = database(tmp_path, script)

    assert found(path) == codes
    if "repeated_id" in codes:
        assert read(path).ocel.events["time"].to_pylist() == [at(1, 10)]


def test_more_attributes_than_a_table_can_have_are_refused(tmp_path: Path) -> None:
    """SQLite has its limits; the sentence says which formats have not."""
    told = log([], [("o", "x")], [], attributes={f"a{n}": {"o": "1"} for n in range(2100)})

    with pytest.raises(LogError, match="Brug JSON"):
        write(told, tmp_path / "log.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_validate_writes_the_breaches_by_the_ending(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 1 and a line a breach; the same as CSV and JSON for programs."""
    events = [{"id": "e1", "type": "A", "time": "soon"}, *DOCUMENT["events"]]
    path = saved(tmp_path / "log.json", {**DOCUMENT, "events": events})

    for name in ("out.csv", "out.json"):
        with pytest.raises(SystemExit) as stopped:
            main(["validate", str(path), "-o", str(tmp_path / name)])
        assert stopped.value.code == 1

    assert "Et tidspunkt kan ikke læses (bad_time): events, time" in capsys.readouterr().out
    rows = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert [(r["rule"], r["table"], r["row"]) for r in rows] == [("bad_time", "events", 1)]
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").startswith("rule,effect,table")


def test_a_zone_can_be_named_and_must_be_one(tmp_path: Path) -> None:
    """Stamps without a zone are local time, but where another zone is meant."""
    path = saved(tmp_path / "log.xml", XML.format("").replace("10:00:00Z", "10:00:00"))

    assert read(path).ocel.events["time"].to_pylist() == [at(1, 9)]
    assert read(path, zone="UTC").ocel.events["time"].to_pylist() == [at(1, 10)]
    with pytest.raises(UsageError, match="Mars"):
        read(path, zone="Mars")


def test_a_type_without_attributes_has_the_columns_that_readers_ask_for(tmp_path: Path) -> None:
    """Some readers refuse a table of objects without its time and changed field."""
    write(log([("e", "A", at(1))], [("o", "x")], [("e", "o", "")]), tmp_path / "log.sqlite")

    with closing(sqlite3.connect(tmp_path / "log.sqlite")) as connection:
        rows = connection.execute("select name from pragma_table_info('object_x')").fetchall()

    assert {name for (name,) in rows} == {"ocel_id", "ocel_time", "ocel_changed_field"}
