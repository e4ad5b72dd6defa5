"""The command line as other programs rely on it: exit codes, streams, formats."""

from __future__ import annotations

import io
from functools import partial
from html import escape
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from procmine.api import open_store
from procmine.cli import main
from procmine.cli.output import write_table
from procmine.config import default_folder

if TYPE_CHECKING:
    from pathlib import Path

LOG = """sag,skridt,tid,hvem,hvor
1,Modtaget,2026-03-02T09:00:00+01:00,AB,Skranken
1,Vurderet,2026-03-04T09:00:00+01:00,CD,Kontoret
1,Afgjort,2026-03-05T09:00:00+01:00,CD,Kontoret
2,Modtaget,2026-03-03T09:00:00+01:00,AB,Skranken
2,Afgjort,2026-03-03T10:00:00+01:00,AB,Skranken
"""


def run(*arguments: str) -> int:
    """Run the command and return its exit code."""
    with pytest.raises(SystemExit) as stopped:
        main(list(arguments))
    code = stopped.value.code
    return code if isinstance(code, int) else 1


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Import the small log into a store."""
    file = tmp_path / "log.csv"
    file.write_text(LOG, encoding="utf-8")
    target = tmp_path / "store"
    code = run(
        "import", str(file), "--store", str(target), "--case", "sag", "--activity", "skridt",
        "--time", "tid", "--resource", "hvem", "--group", "hvor", "--process", "ansøgning",
    )  # fmt: skip
    assert code == 0
    return target


def table(capsys: pytest.CaptureFixture[str], *arguments: str) -> pd.DataFrame:
    """Run a table verb and read what it printed."""
    capsys.readouterr()
    assert run(*arguments) == 0
    return pd.read_csv(io.StringIO(capsys.readouterr().out))


def test_cases_of_an_import_without_an_end_mark(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two cases; nothing says when a case ends, so `open` is empty and nothing is censored."""
    cases = table(capsys, "cases", str(store))

    assert cases["case_id"].tolist() == [1, 2]
    assert cases["events"].tolist() == [3, 2]
    assert cases["open"].isna().all()
    assert cases["start"].tolist() == ["2026-03-02T09:00:00+01:00", "2026-03-03T09:00:00+01:00"]


def test_handovers_of_an_import(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Case 1 goes from the desk to the office after two days; without a catalogue no grade."""
    handovers = table(capsys, "handovers", str(store))

    assert handovers[["from", "to", "gap_days"]].to_numpy().tolist() == [
        ["Skranken", "Kontoret", 2.0]
    ]
    assert handovers["grade"].isna().all()
    assert handovers["redundant"].isna().all()
    assert handovers["grade_reason"].tolist() == ["no_catalogue"]


def test_catalogues_of_other_processes_do_not_hide_a_log(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a copy of all shipped definitions an imported log keeps its own process."""
    options = ("--case", "sag", "--activity", "skridt", "--time", "tid", "--group", "hvor")
    target = tmp_path / "again"
    config = ("--config", str(default_folder()))
    assert (
        run("import", str(store.parent / "log.csv"), "--store", str(target), *options, *config) == 0
    )

    handovers = table(capsys, "handovers", str(target))

    assert handovers["grade_reason"].tolist() == ["no_catalogue"]


def test_rows_name_the_lines_they_came_from(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The handover leads from the second line of the file to the third; so does its wait."""
    handovers = table(capsys, "handovers", str(store))
    waits = table(capsys, "waits", str(store))

    sources = ["from_source", "to_source"]
    assert handovers[sources].to_numpy().tolist() == [["log.csv:2", "log.csv:3"]]
    assert waits.loc[0, sources].tolist() == ["log.csv:2", "log.csv:3"]


def test_tables_beside_waits_and_documents(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Late requests and facts entered twice have a table each; this log has none of either."""
    late = table(capsys, "waits", str(store), "--by", "request")
    twice = table(capsys, "documents", str(store), "--entries")

    assert list(late.columns[:3]) == ["case_id", "request", "ready"]
    assert list(twice.columns[:2]) == ["fact_id", "first_id"]
    assert late.empty
    assert twice.empty


def test_no_store_is_a_fault_to_mend(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A store that is not there: exit 1, one Danish sentence, no traceback."""
    assert run("cases", str(tmp_path / "nothing")) == 1

    error = capsys.readouterr().err
    assert "Der er intet lager" in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    "arguments", [["nosuch"], ["cases"], ["cases", "x", "--nosuch"], ["load", "x"]]
)
def test_wrong_usage_is_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown verb or option, or a missing argument, exits with 2 and points to the help."""
    assert run(*arguments) == 2

    assert "--help" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["explain", "trace"])
def test_an_unknown_number_is_a_fault_to_mend(
    store: Path, verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A case or event that the store does not hold: exit 1, one sentence, no traceback."""
    assert run(verb, str(store), "nosuch") == 1

    error = capsys.readouterr().err.strip()
    assert error.endswith(".")
    assert "\n" not in error


def test_an_unknown_process_names_those_there_are(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message lists the processes of the log."""
    assert run("cases", str(store), "--process", "nosuch") == 2

    assert "ansøgning" in capsys.readouterr().err


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".json", ".xlsx"])
def test_a_table_is_the_same_in_every_format(store: Path, tmp_path: Path, ending: str) -> None:
    """CSV, Parquet, JSON and XLSX hold the same rows."""
    file = tmp_path / f"cases{ending}"

    assert run("cases", str(store), "-o", str(file)) == 0

    read = {
        ".csv": pd.read_csv,
        ".parquet": pd.read_parquet,
        ".json": pd.read_json,
        ".xlsx": partial(pd.read_excel, engine="calamine"),
    }[ending]
    assert [str(value) for value in read(file)["case_id"]] == ["1", "2"]


def test_an_ending_that_cannot_be_written_leaves_no_file(store: Path, tmp_path: Path) -> None:
    """Wrong usage, and nothing is left behind."""
    assert run("cases", str(store), "-o", str(tmp_path / "cases.pdf")) == 2

    assert not list(tmp_path.glob("*cases*"))


def test_csv_for_people_has_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    """--excel writes what Danish Excel reads."""
    file = tmp_path / "t.csv"

    write_table(pd.DataFrame({"a": [1.5], "b": ["x"]}), file, excel=True)

    assert file.read_bytes() == "\ufeffa;b\r\n1,5;x\r\n".encode()


def test_a_cell_that_looks_like_a_formula_is_made_harmless(tmp_path: Path) -> None:
    """A spreadsheet must not run what stood in somebody's export."""
    file = tmp_path / "t.csv"

    write_table(pd.DataFrame({"a": ["=1+1", "-", "x"]}), file)

    assert file.read_text().splitlines() == ["a", "'=1+1", "'-", "x"]


def test_models_are_written_by_their_endings(store: Path, tmp_path: Path) -> None:
    """A map, a table of variants, a BPMN with coordinates, a Petri net."""
    for model, ending in (("dfg", ".svg"), ("variants", ".csv"), ("bpmn", ".bpmn"),
                          ("petri_net", ".pnml"), ("dfg", ".html")):  # fmt: skip
        file = tmp_path / f"{model}{ending}"
        assert run("discover", str(store), "--model", model, "-o", str(file)) == 0
        assert file.stat().st_size > 0

    assert "BPMNShape" in (tmp_path / "bpmn.bpmn").read_text()


def test_the_story_of_an_event(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Trace names file and line; the third line of the file is the second event."""
    events = open_store(store).events
    event = events.sort_values("time").iloc[0]["event_id"]
    capsys.readouterr()

    assert run("trace", str(store), str(event)) == 0

    shown = capsys.readouterr().out
    assert "log.csv" in shown
    assert "Linje 2" in shown


def test_the_story_of_a_case_without_documents(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A log that has no documents still tells its cases, step by step."""
    capsys.readouterr()
    assert run("explain", str(store), "1") == 0
    told = capsys.readouterr().out
    head = told.splitlines()

    assert head[1].endswith("3,0 dage. Om sagen er afsluttet, kan ikke siges.")
    assert head[2].startswith("  Overleveringer: 1. Uden et katalog kan det ikke siges")
    assert head[3].startswith("  Tid i sagen: Undervejs mellem enheder 2,0 dage")
    assert all(word in told for word in ("Modtaget", "Vurderet", "Afgjort"))
    assert "Skranken" in told


def test_the_story_of_a_case_as_a_page(store: Path, tmp_path: Path) -> None:
    """Drawn and told: two visits, the way between them, and every line of the story."""
    page = tmp_path / "sag.html"

    assert run("explain", str(store), "1", "-o", str(page)) == 0

    text = page.read_text("utf-8")
    told = open_store(store).story("1")["text"]
    assert all(escape(line) in text for line in told)
    assert "plotly" in text
    assert 'src="http' not in text


def test_the_story_of_a_case_as_a_table(store: Path, tmp_path: Path) -> None:
    """By the ending of the file; the reader is told not to share it."""
    file = tmp_path / "sag.csv"

    assert run("explain", str(store), "1", "-o", str(file)) == 0

    assert list(pd.read_csv(file)) == ["time", "kind", "text", "source"]


def test_the_timeline_of_a_case(store: Path) -> None:
    """Skranken's one visit, Kontoret's, two days between, a day at Kontoret, three steps."""
    drawn = {trace.name: trace for trace in open_store(store).timeline("1").data}

    assert list(drawn["Skranken"].y) == ["Skranken"]
    assert list(drawn["Kontoret"].base) == ["2026-03-04T09:00:00"]
    assert list(drawn["Undervejs mellem enheder"].x) == [2 * 86_400_000]
    assert list(drawn["Liggetid uden registreret årsag"].x) == [86_400_000]
    assert len(drawn["Trin"].x) == 3


def test_waits_say_whether_they_belong_to_the_case(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever sums the time of a case takes the rows in it: here all, three days in case 1."""
    capsys.readouterr()
    waits = table(capsys, "waits", str(store))

    assert waits["in_case"].all()
    assert waits.loc[waits["case_id"] == 1, "hours"].sum() == 72.0


def test_ctrl_c_during_a_query_is_told_as_any_other(
    store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The engine tells of it by an error of its own; no traceback, and other errors stay."""

    def stopped(*_: object, **__: object) -> None:
        raise RuntimeError(words[-1])

    monkeypatch.setattr("procmine.pipeline.recompute", stopped)
    words = ["Query interrupted"]
    assert run("recompute", str(store)) == 1
    assert capsys.readouterr().err.startswith("Afbrudt")
    words.append("something else")
    with pytest.raises(RuntimeError, match="something else"):
        main(["recompute", str(store)])
