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


@pytest.fixture
def told(tmp_path: Path) -> list[tuple[str, str]]:
    """Kind and text of the story's lines."""
    file = tmp_path / "log.csv"
    file.write_text(LOG, encoding="utf-8")
    outcome = pipeline.import_log(
        file, tmp_path / "store", config=default_folder(),
        case="case", activity="activity", time="time", group="group", process="sanktion",
    )  # fmt: skip
    lines = story(outcome.snapshot, "S1")
    return list(zip(lines["kind"], lines["text"], strict=True))


def test_a_handover_stands_behind_the_step_it_leads_to(told: list[tuple[str, str]]) -> None:
    """A date without an hour does not pull the handover to the head of its day."""
    kinds = [kind for kind, _ in told if kind in ("step", "handover")]

    assert kinds == ["step", "step", "step", "handover"]


def test_one_minute_is_one_minute(told: list[tuple[str, str]]) -> None:
    """Spans are written out: no sentence ends in the two stops of an abbreviation."""
    spans = [text.partition(" (")[0] for kind, text in told if kind == "wait"]

    assert spans[0] == "1 minut"
    assert not any(".." in text for _, text in told)
