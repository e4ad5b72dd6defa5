"""The sheet of the hand check: drawn the same, out, filled in, back in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from openpyxl import load_workbook

from procmine.errors import UsageError
from procmine.facts.handcheck import Agreement, draw_handovers, read_sheet, write_sheet
from procmine.facts.lifelines import plan
from procmine.facts.run import chunk_facts
from tests.facts.toy import Ev, Toy, _worktime

if TYPE_CHECKING:
    from pathlib import Path


def handovers(cases: int = 20) -> pa.Table:
    """Each case: AA to JC (G5), to YC (G2), back (merged), to YC (last visit, G0b)."""
    steps = [
        ("udeblivelse_registreret", "AA"), ("partshoering_sendt", "JC"),
        ("returneret_til_jc", "YC"), ("suppleret_af_jc", "JC"), ("afgoerelse_truffet", "YC"),
    ]  # fmt: skip
    events = [Ev(a, u, case=f"C{n:02d}", outcome="ingen_sanktion") for n in range(cases)
              for a, u in steps]  # fmt: skip
    toy = Toy(events)
    tables = [chunk_facts(c, _worktime(toy.config)) for c in plan(toy.source(), toy.the_process())]
    return pa.concat_tables(table.handovers for table in tables)


def test_draw_is_reproducible_and_half_redundant() -> None:
    """25 rows, 13 of them redundant, the same for one seed and others for another."""
    table = handovers()
    drawn = draw_handovers(table, seed=7)

    assert drawn.num_rows == 25
    assert sum(drawn["redundant"].to_pylist()) == 13
    assert drawn.equals(draw_handovers(table, seed=7))
    assert not drawn.equals(draw_handovers(table, seed=8))


def test_draw_takes_what_there_is() -> None:
    """A log with fewer handovers gives them all."""
    assert draw_handovers(handovers(2)).num_rows == 8


def fill(file: Path, answers: list[str], comment: str = "") -> None:
    book = load_workbook(file)
    sheet = book.worksheets[0]
    for line, answer in enumerate(answers, start=5):
        sheet.cell(line, 10, answer)
        sheet.cell(line, 11, comment if line == 5 else None)
    book.save(file)
    book.close()


def test_out_and_back_in(tmp_path: Path) -> None:
    """Two judged, one agreed with, one comment: the rest is not counted."""
    file = tmp_path / "ark.xlsx"
    write_sheet(draw_handovers(handovers()), file, title="Sanktion")
    fill(file, ["Enig", " uenig "], "Ringet op")
    found = read_sheet(file)

    assert (found.judged, found.agreed, found.share) == (2, 1, 0.5)
    assert found.comments[0][1] == "Ringet op"
    assert found.sentence().startswith("Håndtjek: enig i 1 af 2 overleveringer")


def test_nothing_judged() -> None:
    """Without an answer there is no share, and the sentence says so."""
    assert Agreement(0, 0).share is None
    assert Agreement(0, 0).sentence() == "Ingen overleveringer er tjekket i hånden."


def test_other_answers_are_refused(tmp_path: Path) -> None:
    """An answer that is neither of the two is refused by its line, without the cell."""
    file = tmp_path / "ark.xlsx"
    write_sheet(draw_handovers(handovers()), file)
    fill(file, ["Enig", "måske"])

    with pytest.raises(UsageError, match="linje 6") as error:
        read_sheet(file)
    assert "måske" not in str(error.value)


def test_texts_cannot_be_formulas(tmp_path: Path) -> None:
    """A case number that looks like a formula stays text."""
    toy = Toy([Ev("udeblivelse_registreret", "AA", case="=1+1"), Ev("x", "JC", case="=1+1")])
    (chunk,) = plan(toy.source(), toy.the_process())
    file = tmp_path / "ark.xlsx"
    write_sheet(chunk_facts(chunk, _worktime(toy.config)).handovers, file)

    book = load_workbook(file)
    assert book.worksheets[0].cell(5, 2).value == "'=1+1"
    book.close()
