"""What readers hold in memory, and how they tell of breaches."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from procmine.errors import Fault
from procmine.ocel.breaches import breach_line, breach_table
from procmine.ocel.exchange.stream import CHUNK, JsonStream
from procmine.ocel.exchange.tally import EFFECTS
from procmine.ocel.exchange.xml_reader import elements
from procmine.text import t
from tests.ocel.broken import saved

if TYPE_CHECKING:
    from pathlib import Path


def test_a_stream_of_json_holds_no_more_than_its_buffer() -> None:
    """Thirty megabytes of items pass through a few megabytes of text."""
    item = '{"id": "e", "x": "' + "v" * 1000 + '"},'
    stream = JsonStream(io.StringIO("[" + item * 30_000 + "1]"), "toy")
    most = 0
    for count, _ in enumerate(stream.items(), start=1):
        most = max(most, len(stream._text)) if count % 100 == 0 else most

    assert count == 30_001
    assert most <= 2 * CHUNK


def test_a_stream_of_xml_forgets_what_it_gave(tmp_path: Path) -> None:
    """No more than one finished element stands in the tree while the next is read."""
    cell = '<event id="e" type="A" time="2024-01-01T10:00:00Z"/><!-- c -->\n'
    path = saved(tmp_path / "log.xml", "<log><events>" + cell * 20_000 + "</events></log>")
    held = []

    with path.open("rb") as file:
        for element in elements(file, path.name, ("event",)):
            parent = element.getparent()
            assert parent is not None
            held.append(len(parent))

    assert len(held) == 20_000
    assert max(held) < 1500  # what the parser reads ahead in one block of the file


def test_each_breach_has_its_sentence() -> None:
    """What, where, how often, the first rows, and what was done about it."""
    for code in EFFECTS:
        assert t(f"breach.{code}")
    line = breach_line(Fault("bad_time", "events", "time", (1, 2, 3, 4, 5, 6), 1200))
    assert line == (
        "Et tidspunkt kan ikke læses (bad_time): events, time; 1.200 gange, "
        "række 1, 2, 3, 4, 5 \u2026; udeladt."
    )
    assert breach_line(Fault("not_json", "x.json")).startswith("Filen kan ikke læses (not_json)")


def test_breaches_are_a_table_with_a_row_for_each_row() -> None:
    """Rule, what was done, table, column, row; a breach without rows has one."""
    told = breach_table(
        [Fault("bad_time", "events", "time", (2, 7), 2), Fault("not_json", "log.json")]
    ).drop_columns(["explanation"])

    assert told.to_pylist() == [
        {"rule": "bad_time", "effect": "left_out", "table": "events", "column": "time",
         "row": row, "count": 2, "detail": ""} for row in (2, 7)
    ] + [{"rule": "not_json", "effect": "", "table": "log.json", "column": "", "row": None,
          "count": 1, "detail": ""}]  # fmt: skip
