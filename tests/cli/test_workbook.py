"""One workbook for people with Excel: Danish headings, hidden cells, an explanation."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from procmine.cli import main

DEMO = Path(__file__).parents[2] / "sample_logs" / "demo"


def run(*arguments: object) -> int:
    """Run the command and return its exit code."""
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    return stopped.value.code if isinstance(stopped.value.code, int) else 1


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """Load the demo, write the workbook, read it back."""
    folder = tmp_path_factory.mktemp("tables")
    assert run("load", DEMO, "--store", folder / "s", "--key", folder / "key", "-q") == 0
    assert run("tables", folder / "s", "-o", folder / "tal.xlsx") == 0
    return pd.read_excel(folder / "tal.xlsx", sheet_name=None, engine="calamine")


def test_every_sheet_is_explained(book: dict[str, pd.DataFrame]) -> None:
    """The first sheet says what each of the others shows, and that nothing is approved."""
    explained = book["Forklaring"]

    assert next(iter(book)) == "Forklaring"
    assert set(book) - {"Forklaring"} <= set(explained["Hvad"])
    assert explained["Forklaring"].str.contains("ikke godkendt").any()
    assert explained["Forklaring"].str.contains("Syntetiske data").any()


def test_headings_are_danish(book: dict[str, pd.DataFrame]) -> None:
    """No column keeps its name in code, but for the rule that nothing is called by both."""
    heads = {head for frame in book.values() for head in frame.columns}

    assert not [head for head in heads if "_" in head or head != head[0].upper() + head[1:]]
    assert len(book["Løfter"]) == 3


def test_small_counts_are_hidden(book: dict[str, pd.DataFrame]) -> None:
    """No shown number of citizens lies between 1 and 4."""
    for frame in book.values():
        if "Borgere" in frame:
            shown = pd.to_numeric(frame["Borgere"], errors="coerce").dropna()
            assert not shown.between(1, 4).any()


def test_only_a_workbook(tmp_path: Path) -> None:
    """Another ending is wrong usage and leaves no file."""
    assert run("tables", tmp_path / "s", "-o", tmp_path / "tal.csv") == 2
    assert not list(tmp_path.iterdir())
