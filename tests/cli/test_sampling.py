"""A check by hand through the command line: a sheet out, answers in, shown beside figures."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from openpyxl import load_workbook

from procmine.cli import main
from procmine.facts.standing import standing
from procmine.store.store import Store

DEMO = Path(__file__).parents[2] / "sample_logs" / "demo"


def run(*arguments: object) -> int:
    """Run the command and return its exit code."""
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    return stopped.value.code if isinstance(stopped.value.code, int) else 1


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Load the demo once."""
    folder = tmp_path_factory.mktemp("sampling")
    code = run("load", DEMO, "--store", folder / "store", "--key", folder / "key", "-q")
    assert code == 0
    return folder / "store"


def answered(file: Path, answers: list[str], column: int) -> None:
    """Fill in the answer column."""
    book = load_workbook(file)
    for line, answer in enumerate(answers, start=5):
        book.worksheets[0].cell(line, column, answer)
        book.worksheets[0].cell(line, column + 1, "fri tekst")
    book.save(file)


def test_out_in_and_beside_the_figures(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """24 of 25 agreed with; a second person differs in one more; every figure says so."""
    sheet = tmp_path / "tjek.xlsx"
    assert run("sample", store, "-p", "sanktion", "--seed", "k4", "-o", sheet) == 0
    answered(sheet, ["Enig"] * 24 + ["Uenig"], 10)
    assert run("sample", "import", store, sheet) == 0
    assert "enig i 24 af 25 overleveringer" in capsys.readouterr().out

    answered(sheet, ["Enig"] * 23 + ["Uenig"] * 2, 10)
    assert run("sample", "import", store, sheet, "--rater", "2") == 0
    # 24 of 25 the same; chance (24*23 + 1*2)/625: kappa (0.96 - 0.8864)/(1 - 0.8864).
    assert "kappa 0,65 (25 fælles rækker)" in capsys.readouterr().out

    assert run("handovers", store, "-p", "sanktion", "-o", tmp_path / "h.csv") == 0
    beside = capsys.readouterr().err
    assert "Regler for overleveringer: ikke godkendt." in beside
    assert "enig i 24 af 25" in beside

    kept = (store / "supply" / "handcheck.toml").read_text("utf-8")
    assert "fri tekst" not in kept
    assert all(len(row["key"]) == 16 for row in tomllib.loads(kept)["check"][0]["answers"])


def test_documents_have_their_own_question(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """18 used, 6 not, one not known: 18 of 24 with interval."""
    sheet = tmp_path / "dok.xlsx"
    code = run("sample", store, "-p", "rehabilitering", "--kind", "documents", "-o", sheet)
    assert code == 0
    answered(sheet, ["Ja"] * 18 + ["Nej"] * 6 + ["ved ikke"], 6)
    assert run("sample", "import", store, sheet) == 0

    said = capsys.readouterr().out
    assert (
        "18 af 24 dokumenter blev brugt i afgørelsen (95 %-interval 55\u00a0% til 88\u00a0%)"
        in said
    )
    assert "Ved ikke: 1." in said


def test_a_row_of_another_store_is_refused(store: Path, tmp_path: Path) -> None:
    """A key that the store does not know exits with 1, and nothing is kept."""
    sheet = tmp_path / "fremmed.xlsx"
    assert run("sample", store, "-p", "befordring", "-o", sheet) == 0
    answered(sheet, ["Enig"], 10)
    book = load_workbook(sheet)
    book.worksheets[0].cell(5, 12, "en anden|nøgle")
    book.save(sheet)

    assert run("sample", "import", store, sheet) == 1
    snapshot = Store(store).current()
    assert "Håndtjek" not in standing(snapshot, snapshot.process("befordring"))


def test_without_a_store_answers_are_only_shown(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`sample import FILE` reads the sheet and says that nothing was kept."""
    sheet = tmp_path / "tjek.xlsx"
    assert run("sample", store, "-p", "sanktion", "--seed", "vist", "-o", sheet) == 0
    answered(sheet, ["Uenig"], 10)
    capsys.readouterr()

    assert run("sample", "import", sheet) == 0
    shown = capsys.readouterr()
    assert "enig i 0 af 1" in shown.out
    assert "ikke gemt" in shown.err
