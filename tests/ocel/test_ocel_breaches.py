"""Logs that break rules load with every breach counted, or are refused; none shrinks silently."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procmine.errors import LogError
from procmine.ocel.exchange import read, write
from procmine.ocel.exchange.stream import CHUNK, JsonStream
from procmine.ocel.exchange.tally import EFFECTS, effect
from procmine.ocel.validate import validate_log, validate_path
from tests.ocel.logs import at, log, real

WHEN = "2024-01-01T10:00:00Z"


def document(**parts: Any) -> dict[str, Any]:
    """Return an OCEL 2.0 document with these parts."""
    base: dict[str, Any] = {
        "eventTypes": [{"name": "A", "attributes": [{"name": "x", "type": "integer"}]}],
        "objectTypes": [{"name": "O", "attributes": [{"name": "y", "type": "integer"}]}],
        "events": [
            {
                "id": "e1",
                "type": "A",
                "time": WHEN,
                "relationships": [{"objectId": "o1", "qualifier": "q"}],
            }
        ],
        "objects": [{"id": "o1", "type": "O"}],
    }
    return {**base, **parts}


def found(folder: Path, **parts: Any) -> dict[str, tuple[str, int, tuple[int, ...]]]:
    """Return the breaches of a document: code to (table, count, rows)."""
    path = folder / "log.json"
    path.write_text(json.dumps(document(**parts)), encoding="utf-8")
    return {f.code: (f.where, f.count, f.rows) for f in validate_path(path)}


def test_a_valid_log_has_no_breach(tmp_path: Path) -> None:
    """Nothing is reported where nothing is wrong."""
    assert found(tmp_path) == {}


def test_dangling_references_are_listed_with_their_rows(tmp_path: Path) -> None:
    """Relations to objects that are not there, from events and from objects."""
    events = [
        {
            "id": "e1",
            "type": "A",
            "time": WHEN,
            "relationships": [
                {"objectId": "o1", "qualifier": "q"},
                {"objectId": "no", "qualifier": "q"},
            ],
        }
    ]
    objects = [{"id": "o1", "type": "O", "relationships": [{"objectId": "nor", "qualifier": "q"}]}]

    breaches = validate_path(_file(tmp_path, events=events, objects=objects))

    assert [(f.code, f.where, f.rows, f.count) for f in breaches] == [
        ("dangling_object", "e2o", (2,), 1),
        ("dangling_object", "o2o", (1,), 1),
    ]


def test_missing_types_duplicate_ids_and_empty_times_are_all_listed(tmp_path: Path) -> None:
    """Every breach at once, not the first alone."""
    event = {"id": "e1", "type": "A", "time": WHEN}
    breaches = found(
        tmp_path,
        events=[
            event,
            {**event},
            {**event, "id": "e2", "type": "B"},
            {**event, "id": ""},
            {"id": "e3", "time": WHEN},
            {**event, "id": "e4", "time": ""},
            {**event, "id": "e5", "time": "soon"},
        ],
    )

    assert breaches == {
        "empty_id": ("events", 1, (4,)),
        "empty_type": ("events", 1, (5,)),
        "bad_time": ("events", 1, (7,)),
        "empty_time": ("events", 1, (6,)),
        "repeated_id": ("events", 1, (2,)),
        "undeclared_type": ("events", 1, ()),
    }


def test_an_attribute_with_two_types_is_kept_as_text(tmp_path: Path) -> None:
    """Declared twice, or with a value that does not fit: nothing is lost, all is said."""
    types = [
        {
            "name": "A",
            "attributes": [{"name": "x", "type": "integer"}, {"name": "x", "type": "boolean"}],
        }
    ]
    assert "two_types" in found(tmp_path, eventTypes=types)

    objects = [
        {
            "id": "o1",
            "type": "O",
            "attributes": [
                {"name": "y", "time": "1970-01-01T00:00:00Z", "value": "seven"},
                {"name": "y", "time": WHEN, "value": "8"},
            ],
        }
    ]
    path = _file(tmp_path, objects=objects)
    result = read(path)

    assert [(f.code, f.where, f.column, f.count) for f in result.breaches] == [
        ("bad_value", "objects", "y", 2)
    ]
    assert result.ocel.objects["attr.y"].to_pylist() == ["seven"]
    assert result.ocel.object_changes["value"].to_pylist() == ["8"]


def test_what_the_schema_asks_is_asked(tmp_path: Path) -> None:
    """Ids and values that are no text, and keys that are absent."""
    breaches = found(
        tmp_path,
        events=[
            {
                "id": 1,
                "type": "A",
                "time": WHEN,
                "attributes": [{"name": "x", "value": 3}, {"name": "z", "value": "v"}],
                "relationships": [{"objectId": "o1"}],
            },
            "no event",
        ],
        objects=[{"id": "o1", "type": "O"}],
    )

    assert {code: count for code, (_, count, _) in breaches.items()} == {
        "id_not_text": 1,
        "value_not_text": 1,
        "missing_key": 1,
        "malformed": 1,
        "undeclared_attribute": 1,
    }


def test_relations_told_twice_are_one(tmp_path: Path) -> None:
    """The same event, object and qualifier: counted; another qualifier is another relation."""
    twice = [{"objectId": "o1", "qualifier": q} for q in ("q", "q", "r")]
    path = _file(tmp_path, events=[{"id": "e1", "type": "A", "time": WHEN, "relationships": twice}])
    result = read(path)

    assert [(f.code, f.count) for f in result.breaches] == [("repeated_relation", 1)]
    assert result.ocel.e2o.num_rows == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"events": [}',
        '{"events": [{"id": "e1"',
        "not json",
        '{"a": NaN}',
        '{"eventTypes": [], "objectTypes": [], "events": [], "objects": []} more',
    ],
)
def test_what_is_no_log_is_refused(text: str, tmp_path: Path) -> None:
    """A file cut short or of another kind never loads as a smaller log."""
    path = tmp_path / "log.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(LogError):
        read(path)
    assert validate_path(path) != []


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    """A file made to exhaust the stack is refused, not crashed on."""
    path = tmp_path / "log.json"
    path.write_text('{"x": ' + "[" * 200_000 + "]" * 200_000 + "}", encoding="utf-8")

    with pytest.raises(LogError):
        read(path)


def test_an_item_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One item may not fill the memory."""
    monkeypatch.setattr("procmine.ocel.exchange.stream.LARGEST", CHUNK)
    path = tmp_path / "log.json"
    path.write_text('{"events": [{"id": "' + "x" * (4 * CHUNK), encoding="utf-8")

    with pytest.raises(LogError, match="stort"):
        read(path)


BOMB = """<?xml version="1.0"?><!DOCTYPE log [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/hostname">]>
<log><events><event id="&b;" type="A" time="2024-01-01T00:00:00Z"/></events></log>"""


@pytest.mark.parametrize("ending", [".xml", ".xes"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_document_types_are_refused(ending: str, encoding: str, tmp_path: Path) -> None:
    """No entity is ever expanded, no file of the machine is read."""
    path = tmp_path / f"log{ending}"
    text = (
        BOMB
        if encoding == "utf-8"
        else BOMB.replace('<?xml version="1.0"?>', '<?xml version="1.0" encoding="utf-16"?>')
    )
    path.write_bytes(text.encode(encoding))

    with pytest.raises(LogError, match="dokumenttype"):
        read(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("log.xml", b"<log><events>"),
        ("log.xml", b"<html><body/></html>"),
        ("log.xml", b""),
        ("log.xes", b"<log><trace>"),
        ("log.xes.gz", b"no gzip"),
        ("log.sqlite", b"no database"),
        ("log.sqlite", b"SQLite format 3\x00 but no more"),
        ("log.csv", b""),
        ("log.csv", b"\x00\x01\x02"),
        ("log.json", b"\xff\xfe\x00"),
    ],
)
def test_damaged_files_are_refused_with_a_message(
    name: str, content: bytes, tmp_path: Path
) -> None:
    """One sentence, no traceback."""
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(LogError) as refused:
        read(path)
    assert name in str(refused.value)


def test_a_cut_xml_file_is_refused(tmp_path: Path) -> None:
    """A file that ends in the middle never loads as a smaller log."""
    whole = real("ocel/ocel20_example.xmlocel").read_bytes()
    path = tmp_path / "log.xml"
    path.write_bytes(whole[: len(whole) * 2 // 3])

    with pytest.raises(LogError, match="XML"):
        read(path)


def test_a_database_with_broken_keys_is_counted(tmp_path: Path) -> None:
    """Rows of type tables and relations whose event or object is not there."""
    path = tmp_path / "log.sqlite"
    write(log([("e1", "A", at(1))], [("o1", "O")], [("e1", "o1", "q")]), path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("insert into event values ('e2', 'A')")
        connection.execute("insert into event_A values ('e9', '2024-01-01')")
        connection.execute("insert into event_object values ('e1', 'o9', 'q')")
        connection.execute("drop table object_O")
        connection.commit()

    breaches = {f.code: (f.where, f.count) for f in validate_path(path)}

    assert breaches == {
        "missing_table": ("object_O", 1),
        "dangling_event": ("event_A", 1),
        "empty_time": ("events", 1),
        "dangling_object": ("e2o", 1),
        "undeclared_type": ("objects", 1),
    }


def test_a_log_in_tables_is_checked_too() -> None:
    """Relations and changes of what is not there, changes that are not declared."""
    wrong = log(
        [("e1", "A", at(2))],
        [("o1", "O")],
        [("e1", "o1", ""), ("e1", "o9", "")],
        changes=[("o1", "z", at(1), "v"), ("o7", "y", at(1), "v")],
        attributes={"y": {"o1": "1"}},
        starts={"e1": at(3)},
    )

    assert sorted((f.code, f.where, f.column, f.count) for f in validate_log(wrong)) == [
        ("dangling_object", "e2o", "", 1),
        ("dangling_object", "object_changes", "", 1),
        ("start_after_end", "events", "start", 1),
        ("undeclared_attribute", "object_changes", "y", 1),
        ("undeclared_attribute", "object_changes", "z", 1),
    ]


def test_every_breach_says_what_was_done() -> None:
    """A code is a note, mended, or left out."""
    assert set(EFFECTS.values()) == {"note", "mended", "left_out"}
    assert effect(validate_log(log([("e", "A", at(1))], [], [("e", "x", "")]))[0]) == "left_out"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=15,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(max_size=3), JSON, max_size=4), st.integers(1, 40))
def test_the_stream_reads_what_the_decoder_reads(tree: dict[str, Any], size: int) -> None:
    """However the buffer cuts it, the document comes out the same."""
    import io

    class Slow(io.StringIO):
        def read(self, _: int | None = -1) -> str:
            return super().read(size)

    stream = JsonStream(Slow(json.dumps(tree)), "toy")

    assert {key: stream.value() for key in stream.names()} == tree
    stream.finish()


def _file(folder: Path, **parts: Any) -> Path:
    path = folder / "log.json"
    path.write_text(json.dumps(document(**parts)), encoding="utf-8")
    return path
