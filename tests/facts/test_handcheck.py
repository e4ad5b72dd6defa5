"""The sheets of the hand check: drawn the same, out, filled in, back in, kept, shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from openpyxl import load_workbook

from procmine.errors import TableError
from procmine.facts.agreement import Agreement, cohens_kappa, sheet_agreement
from procmine.facts.handcheck import (
    draw_documents,
    draw_handovers,
    handover_keys,
    handover_sheet,
)
from procmine.facts.lifelines import plan
from procmine.facts.run import chunk_facts
from procmine.facts.sheet import write_sheet
from procmine.tables.facts import DOCUMENTS
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
    drawn = draw_handovers(table, seed="horsens-2026K4")

    assert drawn.num_rows == 25
    assert sum(drawn["redundant"].to_pylist()) == 13
    assert drawn.equals(draw_handovers(table, seed="horsens-2026K4"))
    assert not drawn.equals(draw_handovers(table, seed="horsens-2027K1"))


def test_the_order_of_the_rows_changes_nothing() -> None:
    """The rank rests on seed and key alone."""
    table = handovers()
    turned = table.take(pa.array(range(table.num_rows - 1, -1, -1)))

    assert draw_handovers(turned, seed="x").equals(draw_handovers(table, seed="x"))


def test_a_row_that_goes_costs_one_place() -> None:
    """Without one drawn handover 24 of the 25 stay: the next in rank takes its place."""
    table = handovers()
    before = handover_keys(draw_handovers(table, seed="x"))
    rest = table.filter(pa.array([key != before[3] for key in handover_keys(table)]))
    after = handover_keys(draw_handovers(rest, seed="x"))

    assert len(set(before) & set(after)) == 24


def test_draw_takes_what_there_is() -> None:
    """A log with fewer handovers gives them all."""
    assert draw_handovers(handovers(2)).num_rows == 8


def test_only_documents_whose_use_is_open_are_drawn() -> None:
    """A duplicate, an exempt letter and one of an undecided case need no answer."""
    statuses = ["unused", "duplicate", "not_assessable", "exempt", "undecided", "used"]
    rows = {
        "case_id": ["C1"] * 6,
        "document_id": [f"D{n}" for n in range(6)],
        "status": statuses,
    }
    table = DOCUMENTS.empty().select(list(rows)).schema
    drawn = draw_documents(pa.table(rows).cast(table))

    assert drawn["document_id"].to_pylist() == ["D0", "D2", "D5"]


def fill(file: Path, answers: list[str], comment: str = "", column: int = 10) -> None:
    """Write answers below the heading of the answer column, a comment beside the first."""
    book = load_workbook(file)
    sheet = book.worksheets[0]
    for line, answer in enumerate(answers, start=5):
        sheet.cell(line, column, answer)
        sheet.cell(line, column + 1, comment if line == 5 else None)
    book.save(file)
    book.close()


def written(file: Path, cases: int = 20) -> Path:
    """Write the sheet of a draw."""
    write_sheet(handover_sheet(draw_handovers(handovers(cases)), process="sanktion"), file)
    return file


def test_out_and_back_in(tmp_path: Path) -> None:
    """Two judged, one agreed with: the rest is not counted."""
    file = written(tmp_path / "ark.xlsx")
    fill(file, ["Enig", " uenig "], "Ringet op")
    found = sheet_agreement(file)

    assert (found.judged, found.yes, found.share) == (2, 1, 0.5)
    assert found.sentence().startswith("Håndtjek: enig i 1 af 2 overleveringer")


def test_nothing_judged() -> None:
    """Without an answer there is no share, and the sentence says so."""
    assert Agreement("handovers", 0, 0).share is None
    assert Agreement("handovers", 0, 0).sentence() == "Ingen overleveringer er tjekket i hånden."


def test_other_answers_are_refused(tmp_path: Path) -> None:
    """An answer that is neither of the two is refused by its line, without the cell."""
    file = written(tmp_path / "ark.xlsx")
    fill(file, ["Enig", "måske"])

    with pytest.raises(TableError, match="linje 6") as error:
        sheet_agreement(file)
    assert "måske" not in str(error.value)


def test_a_row_that_stands_twice_is_refused(tmp_path: Path) -> None:
    """A row copied below the others would count twice."""
    file = written(tmp_path / "ark.xlsx", 2)
    fill(file, ["Enig"] * 8)
    book = load_workbook(file)
    sheet = book.worksheets[0]
    for column in range(1, 13):
        sheet.cell(13, column, sheet.cell(12, column).value)
    book.save(file)

    with pytest.raises(TableError, match="linje 13"):
        sheet_agreement(file)


def test_another_workbook_is_refused(tmp_path: Path) -> None:
    """A workbook without the line that says what it is holds no answers."""
    file = written(tmp_path / "ark.xlsx")
    book = load_workbook(file)
    book.worksheets[0]["A3"] = "noget andet"
    book.save(file)

    with pytest.raises(TableError, match="ikke et udfyldt ark"):
        sheet_agreement(file)


def test_texts_cannot_be_formulas(tmp_path: Path) -> None:
    """A case number that looks like a formula stays text, and its key is read back whole."""
    toy = Toy([Ev("udeblivelse_registreret", "AA", case="=1+1"), Ev("x", "JC", case="=1+1")])
    (chunk,) = plan(toy.source(), toy.the_process())
    file = tmp_path / "ark.xlsx"
    write_sheet(handover_sheet(chunk_facts(chunk, _worktime(toy.config)).handovers), file)

    book = load_workbook(file)
    assert book.worksheets[0].cell(5, 2).value == "'=1+1"
    book.close()


def test_kappa_of_a_known_table() -> None:
    """50 rows, 20 both yes, 15 both no, 5 and 10 apart: seen 0.7, chance 0.5, kappa 0.4."""
    one = [0] * 20 + [0] * 5 + [1] * 10 + [1] * 15
    other = [0] * 20 + [1] * 5 + [0] * 10 + [1] * 15

    assert cohens_kappa(one, other) == pytest.approx(0.4)
    assert cohens_kappa([0, 0], [0, 0]) is None
