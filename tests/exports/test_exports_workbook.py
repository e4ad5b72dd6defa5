"""Workbooks as people make them: sheets, merged headers, hidden rows, Excel dates."""

from __future__ import annotations

import io
import json
from datetime import date, datetime
from typing import TYPE_CHECKING

import openpyxl
import pytest

from procmine.errors import ExportError
from procmine.exports.trace import trace_event
from tests.exports.samples import SAG, SAGER

if TYPE_CHECKING:
    from tests.exports.samples import Deliver

HEAD = ["Notatnr", "Sagsnr", "Tidspunkt", "Emne", "Forfatter", "Enhed", "Tekst"]


def test_sheets_merged_headers_hidden_rows_and_excel_dates(deliver: Deliver) -> None:
    """Every sheet with the columns is read; hidden rows count; a date is a day."""
    book = openpyxl.Workbook()
    cover = book.active
    cover.append(["Forside", "ingen tabel her"])
    sheet = book.create_sheet("Notater")
    sheet.append(["Udtræk pr. 31-12-2025"])
    sheet.append(["", "Sagsnr", *[""] * 5])
    sheet.append([HEAD[0], "", *HEAD[2:]])
    sheet.merge_cells("B2:B3")
    rows = [
        ["1", "S-1", datetime(2025, 2, 3, 10, 0), "", "abc", "Nord", ""],  # noqa: DTZ001
        [2, "S-1", date(2025, 2, 4), "", "abc", "Nord", ""],
        ["3", "S-1", 45691.5, "", "abc", "Nord", ""],
        [None] * 7,
        ["4", "S-1", "05-02-2025 09:30", "", "abc", "Nord", ""],
    ]
    for row in rows:
        sheet.append(row)
    sheet.row_dimensions[5].hidden = True
    more = book.create_sheet("Flere")
    more.append(HEAD)
    more.append(["5", "S-1", "06-02-2025", "", "abc", "Nord", ""])
    stream = io.BytesIO()
    book.save(stream)
    load = deliver({"opera_sager.csv": f"{SAGER}\n{SAG}",
                    "workbase_notater.xlsx": stream.getvalue()})  # fmt: skip
    file = load.file("workbase_notater.xlsx")
    assert (file["read"], file["kept"], file["repaired"]) == (5, 5, {"hidden_row": 1})
    assert file["not_rows"]["blank"] == 1
    stamps = "SELECT event_id, precision, strftime(time, '%d %H:%M') FROM events ORDER BY 1"
    assert load.sql(stamps) == [
        ("notat:1", "minute", "03 09:00"), ("notat:2", "day", "03 23:00"),
        ("notat:3", "minute", "03 11:00"), ("notat:4", "minute", "05 08:30"),
        ("notat:5", "day", "05 23:00"),
    ]  # fmt: skip


def test_without_title_or_given_date_the_latest_stamp_is_the_cut(deliver: Deliver) -> None:
    """The cut is then flagged as the latest stamp not after the moment of the load."""
    load = deliver({"opera_sager.csv": f"{SAGER}\n{SAG}"}, extracted=None)
    assert load.json["delivery"]["cut_source"] == "latest"
    assert load.json["delivery"]["cut"] == "2025-01-31T23:00:00Z"


def test_a_table_that_begins_beside_the_margin_has_its_cells_in_place(deliver: Deliver) -> None:
    """Empty columns before the first are columns of the sheet; dates and texts may mix."""
    book = openpyxl.Workbook()
    sheet = book.create_sheet()
    rows: list[list[object]] = [
        [*HEAD],
        ["1", "S-1", datetime(2025, 2, 3, 10, 0), "", "abc", "Nord", ""],  # noqa: DTZ001
        [2, "S-1", "04-02-2025", "", "abc", "Nord", ""],
    ]
    for place, row in enumerate(rows, 3):
        for column, cell in enumerate(row, 3):
            sheet.cell(place, column).value = cell
    stream = io.BytesIO()
    book.save(stream)
    load = deliver({"opera_sager.csv": f"{SAGER}\n{SAG}",
                    "workbase_notater.xlsx": stream.getvalue()})  # fmt: skip
    stamps = "SELECT event_id, precision, strftime(time, '%d %H:%M') FROM events ORDER BY 1"
    assert load.sql(stamps) == [("notat:1", "minute", "03 09:00"), ("notat:2", "day", "03 23:00")]


def test_a_sheet_of_other_bytes_than_were_packed_is_refused(deliver: Deliver) -> None:
    """The sum of a sheet's bytes is looked at, also where the directory tells another size."""
    stream = io.BytesIO()
    book = openpyxl.Workbook()
    book.create_sheet().append(HEAD)
    book.save(stream)
    data = bytearray(stream.getvalue())
    entry = data.rindex(b"xl/worksheets/sheet2.xml") - 46
    data[entry + 16] ^= 1
    with pytest.raises(ExportError, match="workbase_notater"):
        deliver({"opera_sager.csv": f"{SAGER}\n{SAG}", "workbase_notater.xlsx": bytes(data)})


def two_sheets(*sheets: list[list[str]]) -> bytes:
    """Return a workbook with a sheet for each list of rows."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"Ark{number}")
        for row in rows:
            sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def test_rows_of_two_sheets_on_the_same_line_have_each_their_own_fate(deliver: Deliver) -> None:
    """What is wrong with a row of one sheet says nothing of the other's row on that line."""

    def note(number: str, sag: str = "S-1", day: str = "03") -> list[str]:
        return [number, sag, f"{day}-02-2025 10:00", "x", "abc", "Nord", "y"]

    first = [HEAD, note("N-1"), note("N-2", sag="S-9"), note("N-3"), ["Antal rækker: 3"]]
    second = [HEAD, note("N-4"), note("N-5"), note("N-3"), note("N-6", day="32"),
              ["Antal rækker: 4"]]  # fmt: skip
    files = {"opera_sager.csv": f"{SAGER}\n{SAG}",
             "workbase_notater.xlsx": two_sheets(first, [["Vejledning"]], second)}  # fmt: skip
    load = deliver(files)
    file = load.file("workbase_notater.xlsx")
    assert (file["read"], file["kept"], file["footer"]) == (7, 4, 7)
    assert file["left_out"] == {"duplicate": 1}
    assert file["quarantined"] == {"bad_date": 1, "orphan": 1}
    third = "workbase_notater.xlsx (ark 3)"
    assert load.sql("SELECT file, line, code FROM quarantine ORDER BY ALL") == [
        ("workbase_notater.xlsx", 3, "orphan"), (third, 5, "bad_date"),
    ]  # fmt: skip
    found = load.sql("SELECT event_id, source_file, source_line FROM events ORDER BY 1")
    assert [(event, file.partition("/")[2], line) for event, file, line in found] == [
        ("notat:N-1", "workbase_notater.xlsx", 2), ("notat:N-3", "workbase_notater.xlsx", 4),
        ("notat:N-4", third, 2), ("notat:N-5", third, 3),
    ]  # fmt: skip
    assert trace_event(load.out, "notat:N-4").cells["Notatnr"] == "N-4"
    assert trace_event(load.out, "notat:N-1").cells["Notatnr"] == "N-1"
    log = json.loads((load.out / "ocel" / "log.json").read_text(encoding="utf-8"))
    assert [s["file"] for s in log["sources"] if s.get("sheet")] == [third]
    assert len(log["sources"]) == 1 + len(load.json["files"])
