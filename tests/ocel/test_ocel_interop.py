"""What we write is what pm4py (with r4pm beside it and alone) and r4pm read."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pytest

from procmine.ocel.exchange import read, write
from procmine.ocel.exchange.tally import EFFECTS
from procmine.ocel.log import Ocel, plain
from tests.ocel.logs import at, log, real

ORACLE = Path(__file__).with_name("oracle.py")
ENDINGS = (".jsonocel", ".xmlocel", ".sqlite")
NAMES = ("ocel/ocel20_example.jsonocel", "ocel/pallet-logistics-v0.9.sqlite", "receipt.csv")
TOOLS = ("pm4py-alone", "pm4py", "r4pm")


def mixed() -> Ocel:
    """Return a log with changes, day stamps, a start, empty qualifiers and Danish letters."""
    return log(
        [("e1", "modtag ansøgning", at(1)), ("e2", "afgør", at(9, 12.5)), ("e3", "afgør", at(31))],
        [("s1", "sag"), ("p1", "part")],
        [("e1", "s1", "vedrører"), ("e2", "s1", ""), ("e2", "p1", "hører"), ("e3", "s1", "")],
        [("s1", "p1", "part i")],
        [("s1", "enhed", at(5), "Nord"), ("s1", "enhed", at(7), "Syd & Vest")],
        {"enhed": {"s1": "Øst"}},
        starts={"e2": at(9, 11)},
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Ocel, Path]]:
    """Write each log in each format: file name to the log and the file."""
    folder = tmp_path_factory.mktemp("written")
    logs = {"mixed": mixed()}
    logs.update({Path(name).stem: read(real(name)).ocel for name in NAMES})
    files = {}
    for name, told in logs.items():
        for ending in ENDINGS:
            path = folder / f"{name}{ending}"
            write(told, path)
            files[path.name] = (told, path)
    return files


@pytest.fixture(scope="module")
def ask(
    written: dict[str, tuple[Ocel, Path]], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], tuple[dict[str, Any], Path]]:
    """Give a way to ask a tool, once, what it finds in the files, and what it writes."""

    @cache
    def asked(tool: str) -> tuple[dict[str, Any], Path]:
        folder = tmp_path_factory.mktemp(tool)
        traces = [folder / "receipt.xes", folder / "receipt.xes.gz"]
        for path in traces:
            write(written["receipt.jsonocel"][0], path)
        return answers(tool, [*(path for _, path in written.values()), *traces], folder), folder

    return asked


def answers(tool: str, files: list[Path], folder: Path) -> dict[str, Any]:
    """Run a tool in a process of its own, or skip the test where it is not installed."""
    if tool != "pm4py-alone" and importlib.util.find_spec("r4pm") is None:
        pytest.skip("r4pm is not installed")
    if tool == "pm4py" and importlib.util.find_spec("polars") is None:
        pytest.skip("pm4py beside r4pm cannot read files without polars, which is not installed")
    out = folder / "answers.json"
    again = next(path for path in files if path.name == "mixed.jsonocel")
    environment = {
        **os.environ,
        "ORACLE_OUT": str(out),
        "ORACLE_AGAIN": str(again),
        "TZ": "Europe/Copenhagen",
    }
    done = subprocess.run(
        [sys.executable, str(ORACLE), tool, *map(str, files)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def expected(told: Ocel) -> dict[str, Any]:
    """Return what a tool should find."""

    def stamps(table: pa.Table, key: str) -> list[list[Any]]:
        micros = table["time"].cast(pa.int64()).to_pylist()
        return sorted([k, m] for k, m in zip(table[key].to_pylist(), micros, strict=True))

    counts = {name: n for name, n in told.counts().items() if name != "attributes"}
    e2o = told.e2o
    return {
        **counts,
        "instants": stamps(told.events, "event_id"),
        "changed": stamps(told.object_changes, "object_id"),
        "qualifiers": sorted(
            [e, o, q]
            for e, o, q in zip(
                e2o["event_id"].to_pylist(),
                e2o["object_id"].to_pylist(),
                plain(e2o["qualifier"]).to_pylist(),
                strict=True,
            )
        ),
    }


Ask = Callable[[str], tuple[dict[str, Any], Path]]


@pytest.mark.parametrize("tool", TOOLS)
def test_other_tools_read_the_same_log(
    tool: str, written: dict[str, tuple[Ocel, Path]], ask: Ask
) -> None:
    """Counts, instants, times of changes and qualifiers are equal in every format."""
    found, _ = ask(tool)

    for name, (told, _) in written.items():
        assert found[name] == expected(told), name


@pytest.mark.parametrize("tool", TOOLS)
def test_what_other_tools_write_is_the_same_log(tool: str, ask: Ask) -> None:
    """JSON, XML and SQLite as each tool writes them; pm4py beside r4pm drops the zone of UTC.

    Its SQLite says who wrote it by a column that repeats the activity, so the zone is known
    there; for XML it is named, and its JSON tells events and changes in different zones.
    """
    _, folder = ask(tool)

    for ending in (".json", ".xml", ".sqlite")[tool == "pm4py" :]:
        zone = "UTC" if tool == "pm4py" and ending == ".xml" else None
        result = read(folder / f"again{ending}", zone=zone)
        assert mixed().differences(result.ocel) == (), ending
        assert {b.code for b in result.breaches} <= {"naive_time"}, ending


@pytest.mark.parametrize("tool", TOOLS)
def test_other_tools_read_the_same_traces(
    tool: str, written: dict[str, tuple[Ocel, Path]], ask: Ask
) -> None:
    """XES of the receipt log has its 8577 events in 1434 cases, at the same instants."""
    found, _ = ask(tool)
    told = written["receipt.jsonocel"][0]

    for name in ("receipt.xes", "receipt.xes.gz"):
        assert found[name]["cases"] == 1434
        if tool != "r4pm":
            assert found[name]["events"] == 8577
            assert found[name]["instants"] == told.events["time"].cast(pa.int64()).to_pylist()


def test_our_json_passes_the_schema_of_the_standard(written: dict[str, tuple[Ocel, Path]]) -> None:
    """Every JSON file that we write is valid against the schema."""
    schema = json.loads(real("ocel/schema_ocel2.json").read_text(encoding="utf-8"))

    for name, (_, path) in written.items():
        if name.endswith(".jsonocel"):
            jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), schema)


def test_our_sqlite_keeps_the_keys(written: dict[str, tuple[Ocel, Path]]) -> None:
    """No foreign key is broken, and pm4py's list of rules for the relations passes."""
    pm4py_rules = pytest.importorskip("pm4py.objects.ocel.validation.ocel20_rel_validation")

    for name, (_, path) in written.items():
        if not name.endswith(".sqlite"):
            continue
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("pragma foreign_key_check").fetchall() == []
            assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
        _, failed = pm4py_rules.apply(str(path))
        assert list(failed) == [], name


KRONOS = {
    "case": "case_id",
    "activity": "Activity",
    "time": "end_time",
    "start": "start_time",
    "resource": "Resource",
}
DOCS = Path(__file__).parents[2] / "docs" / "udveksling.md"


def told_in_docs() -> list[tuple[str, list[int]]]:
    """Return the rows of the tables of counts: file, and the numbers told of it."""
    found = []
    for line in DOCS.read_text(encoding="utf-8").splitlines():
        named = re.match(r"\| `([\w/.-]+\.(?:jsonocel|xmlocel|sqlite|csv))`[^|]*\|(.*)\|$", line)
        if named:
            cells = named[2].split("|")[0] if "ocel" in line or "sqlite" in line else named[2]
            found.append(
                (named[1], [int(n.replace(".", "")) for n in re.findall(r"[\d.]+", cells)])
            )
    return found


@pytest.mark.parametrize(("name", "numbers"), told_in_docs())
def test_the_counts_in_the_docs_are_current(name: str, numbers: list[int]) -> None:
    """Every log of the tables, read anew."""
    if name.endswith(".csv"):
        options = KRONOS if name.startswith("kronos/") and "Purchasing" not in name else {}
        told = read(real(name), **options).ocel
        kinds = plain(told.objects["object_type"]).to_pylist()
        counts = told.counts()
        found = [counts["events"], kinds.count("case"), counts["objects"], counts["e2o"]]
    else:
        counts = read(real(f"ocel/{name}")).ocel.counts()
        found = [counts[k] for k in ("events", "objects", "e2o", "o2o", "object_changes")]

    assert found == numbers


def test_the_docs_tell_of_every_breach() -> None:
    """Each code stands in the row of what is done about it."""
    lines = DOCS.read_text(encoding="utf-8").splitlines()
    rows = {name: next(line for line in lines if line.startswith(f"| {head}"))
            for name, head in (("note", "bemærkning"), ("mended", "rettet"),
                               ("left_out", "udeladt"))}  # fmt: skip

    for code, done in EFFECTS.items():
        assert f"`{code}`" in rows[done], code
