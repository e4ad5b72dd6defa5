"""A case told in Danish: lines in the order of the steps, spans in words that can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from procmine import pipeline
from procmine.aggregates.story import story
from procmine.config.load import default_folder

if TYPE_CHECKING:
    from pathlib import Path

LOG = """case,activity,time,group
S1,udeblivelse_registreret,2026-03-02 09:00,Nord
S1,partshoering_sendt,2026-03-02 09:01,Nord
S1,effektueret,2026-03-02,Ydelse
"""


CLOSED = """case,activity,time,group
S1,udeblivelse_registreret,2026-03-02 09:00,Nord
S1,lukket_uden_sanktion,2026-03-03 09:00,Nord
S1,klage_modtaget,2026-03-05 09:00,Ydelse
"""


def lines(log: str, folder: Path, cut: str | None = None) -> list[tuple[str, str]]:
    """Kind and text of the story's lines."""
    file = folder / "log.csv"
    file.write_text(log, encoding="utf-8")
    outcome = pipeline.import_log(
        file, folder / "store", config=default_folder(), extracted=cut,
        case="case", activity="activity", time="time", group="group", process="sanktion",
    )  # fmt: skip
    found = story(outcome.snapshot, "S1")
    return list(zip(found["kind"], found["text"], strict=True))


@pytest.fixture
def told(tmp_path: Path) -> list[tuple[str, str]]:
    return lines(LOG, tmp_path)


def test_a_handover_stands_behind_the_step_it_leads_to(told: list[tuple[str, str]]) -> None:
    """A date without an hour does not pull the handover to the head of its day."""
    kinds = [kind for kind, _ in told if kind in ("step", "handover")]

    assert kinds == ["step", "step", "step", "handover"]


def test_one_minute_is_one_minute(told: list[tuple[str, str]]) -> None:
    """Spans are written out: no sentence ends in the two stops of an abbreviation."""
    spans = [text.partition(" (")[0] for kind, text in told if kind == "wait"]

    assert spans[0] == "1 minut"
    assert not any(".." in text for _, text in told)


@pytest.mark.parametrize(
    ("cut", "aside"),
    [(None, "(efter sagens afslutning)"), ("2026-03-02", "(efter den dag, udtrækket går til)")],
)
def test_what_lies_outside_the_case_says_so(tmp_path: Path, cut: str | None, aside: str) -> None:
    """Steps behind the end, or behind the cut of an open case, are told apart, waits too."""
    told = [text for kind, text in lines(CLOSED, tmp_path, cut) if kind in ("step", "wait")]

    assert "Udeblivelse" in told[0]
    assert aside not in told[0]
    assert "Klage" in told[-1]
    assert aside in told[-1]
    assert aside in told[-2]
