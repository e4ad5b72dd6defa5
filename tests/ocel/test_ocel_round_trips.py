"""What is written is read back the same, in every format."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from procmine.errors import LogError, UsageError
from procmine.ocel.exchange import read, write
from procmine.ocel.log import Ocel
from tests.ocel.logs import any_log, at, log, real


@pytest.mark.parametrize("ending", [".jsonocel", ".xmlocel", ".sqlite", ".parquet"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=any_log())
def test_any_log_survives_the_trip(ending: str, drawn: Ocel) -> None:
    """Types, instants, qualifiers, changes and order are the same after writing and reading."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"log{ending}"
        write(drawn, path)
        result = read(path)

    assert drawn.differences(result.ocel) == ()
    assert [b.code for b in result.breaches if b.code != "day_precision"] == []


@pytest.mark.parametrize("ending", [".json", ".xml", ".sqlite", ".parquet"])
@pytest.mark.parametrize(
    "name", ["ocel/ocel20_example.jsonocel", "ocel/recruiting-red.jsonocel", "receipt.csv"]
)
def test_real_logs_survive_the_trip(name: str, ending: str, tmp_path: Path) -> None:
    """A real log is the same after writing and reading."""
    first = read(real(name)).ocel

    write(first, tmp_path / f"log{ending}")

    assert first.differences(read(tmp_path / f"log{ending}").ocel) == ()


def test_roles_and_lineage_stay_in_the_parquet_folder(tmp_path: Path) -> None:
    """The folder holds all that the log holds, where each row came from too."""
    first = read(real("receipt.csv")).ocel

    write(first, tmp_path / "log.parquet")
    again = read(tmp_path / "log.parquet").ocel

    assert first.equals(again, lineage=True)
    assert again.roles == first.roles
    assert again.meta == first.meta


DECLARED = """{
"objectTypes": [{"name": "case", "attributes": []}, {"name": "none", "attributes": []}],
"eventTypes": [{"name": "A", "attributes": []}, {"name": "never", "attributes": []}],
"objects": [{"id": "1", "type": "case"}],
"events": [{"id": "e", "type": "A", "time": "2026-03-02T09:15:00Z",
            "relationships": [{"objectId": "1", "qualifier": ""}]}]}"""


@pytest.mark.parametrize("ending", [".json", ".xml", ".sqlite", ".parquet"])
def test_types_that_a_file_only_declares_survive(ending: str, tmp_path: Path) -> None:
    """A type without attributes and without instances is still one of the log's types."""
    first = tmp_path / "first.json"
    first.write_text(DECLARED, encoding="utf-8")

    write(read(first).ocel, tmp_path / f"log{ending}")
    again = read(tmp_path / f"log{ending}").ocel

    assert again.declared("object")["none"] == {}
    assert again.declared("event")["never"] == {}
    assert again.object_types == ("case",)


def test_xes_is_the_log_of_one_object_type(tmp_path: Path) -> None:
    """Traces are the objects of the type; start, resource and unit are read back as such."""
    lines = [
        "case:concept:name,concept:name,time:timestamp,start_timestamp,org:resource,org:group,n",
        "c1,A,2024-01-02T09:00:00Z,2024-01-02T08:00:00Z,anna,north,1",
        "c1,B,2024-01-02T10:00:00Z,2024-01-02T09:30:00Z,bo,north,2",
        "c2,A,2024-01-03T09:00:00Z,,,,3",
    ]
    (tmp_path / "log.csv").write_text("\n".join(lines), encoding="utf-8")
    first = read(tmp_path / "log.csv").ocel

    for name in ("log.xes", "log.xes.gz"):
        write(first, tmp_path / name)
        assert first.differences(read(tmp_path / name).ocel) == ()


def test_xes_needs_to_know_the_case_type_where_several_could_be_it(tmp_path: Path) -> None:
    """Nothing is guessed: the types that could be meant are named."""
    two = log([("e", "A", at(1))], [("a", "x"), ("b", "y")], [("e", "a", ""), ("e", "b", "")])

    with pytest.raises(UsageError, match="x, y"):
        write(two, tmp_path / "log.xes")
    assert list(tmp_path.iterdir()) == []


def test_a_text_that_xml_cannot_hold_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    """A control character stops the writing; no half file stays."""
    strange = log([("e\x01", "A", at(1))], [], [])

    with pytest.raises(LogError, match="styretegn"):
        write(strange, tmp_path / "log.xml")
    assert list(tmp_path.iterdir()) == []


def test_names_that_sqlite_cannot_tell_apart_are_refused(tmp_path: Path) -> None:
    """SQLite ignores case in the names of columns."""
    both = log([], [("o", "x")], [], attributes={"name": {"o": "1"}, "NAME": {"o": "2"}})

    with pytest.raises(LogError, match=r"(?i)name"):
        write(both, tmp_path / "log.sqlite")
    write(both, tmp_path / "log.json")
    assert both.differences(read(tmp_path / "log.json").ocel) == ()


def test_types_that_differ_in_case_only_have_tables_of_their_own(tmp_path: Path) -> None:
    """SQLite ignores case in the names of tables too."""
    both = log(
        [("e1", "send it", at(1)), ("e2", "Send It", at(2)), ("e3", "Æ", at(3))],
        [("o", "x"), ("p", "X")],
        [("e1", "o", "")],
    )

    write(both, tmp_path / "log.sqlite")

    assert both.differences(read(tmp_path / "log.sqlite").ocel) == ()


def test_one_name_with_two_types_has_two_columns(tmp_path: Path) -> None:
    """The commoner type has the plain column; the other carries its type."""
    text = """{"eventTypes": [{"name": "A", "attributes": [{"name": "x", "type": "integer"}]},
      {"name": "B", "attributes": [{"name": "x", "type": "string"}]}], "objectTypes": [],
      "objects": [], "events": [
      {"id": "1", "type": "A", "time": "2024-01-01T00:00:00Z",
       "attributes": [{"name": "x", "value": "5"}]},
      {"id": "2", "type": "B", "time": "2024-01-02T00:00:01Z",
       "attributes": [{"name": "x", "value": "five"}]},
      {"id": "3", "type": "B", "time": "2024-01-03T00:00:00Z",
       "attributes": [{"name": "x", "value": "six"}]}]}"""
    (tmp_path / "log.json").write_text(text, encoding="utf-8")

    result = read(tmp_path / "log.json")

    assert result.breaches == []
    assert result.ocel.events["attr.x"].to_pylist() == [None, "five", "six"]
    assert result.ocel.events["attr.x:integer"].to_pylist() == [5, None, None]
    write(result.ocel, tmp_path / "log.sqlite")
    assert result.ocel.differences(read(tmp_path / "log.sqlite").ocel) == ()
