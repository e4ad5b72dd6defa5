"""Hostile files are refused with a clear message, in bounded time and memory (section 3)."""

from __future__ import annotations

import io
import os
import re
import sys
import tracemalloc
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest

from procmine.errors import ExportError
from procmine.exports import careful, drift, load_profile, packed, survey, text_file
from procmine.exports import load as load_module
from procmine.exports import rows as rows_of_file
from procmine.exports.delivery import find_delivery
from tests.exports.samples import AKTIVITETER, DOKUMENTER, SAG, SAGER, Deliver, activity

if TYPE_CHECKING:
    from collections.abc import Callable

    from procmine.exports.delivery import Delivery
    from procmine.exports.profile import Profile

OPERA = "opera_aktiviteter.csv"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (OPERA, b"", "er tom"),
        (OPERA, b" \r\n", "er tom"),
        (OPERA, b"PK\x03\x04" + b"\0" * 100, "ikke en tekstfil"),
        (OPERA, AKTIVITETER.encode("cp1252") + b"\r\nA\0B", "ikke en tekstfil"),
        (OPERA, b"a;b;c\r\n1;2;3\r\n", "ingen linje med kolonnenavne"),
        (OPERA, AKTIVITETER.replace("Sagsnr;", "Sagnr;").encode("cp1252"), "Mente du 'Sagnr'"),
        ("workbase_notater.xlsx", b"", "er tom"),
        ("workbase_notater.xlsx", b"no workbook", "kan ikke læses som Excel"),
        ("workbase_notater.xlsx", b"PK\x03\x04junk", "kan ikke læses som Excel"),
    ],
)
def test_a_file_that_is_none_is_refused_by_name(
    deliver: Deliver, name: str, content: bytes, words: str
) -> None:
    """The whole load stops, and says which file and what to do."""
    with pytest.raises(ExportError, match=words) as caught:
        deliver({name: content})
    assert name in str(caught.value)


@pytest.mark.parametrize("honest", [True, False])
def test_a_zip_bomb_is_refused_before_it_is_unpacked(
    deliver: Deliver, monkeypatch: pytest.MonkeyPatch, honest: object
) -> None:
    """A workbook that unpacks beyond the limit is refused, whatever its directory says."""
    monkeypatch.setattr(packed, "_UNPACKED_LIMIT", 10_000_000)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 11_000_000)
    content = made.getvalue()
    if not honest:
        real = (11_000_000).to_bytes(4, "little")
        content = content.replace(real, (1000).to_bytes(4, "little"))
    with pytest.raises(ExportError, match="fylder urimeligt meget"):
        deliver({"workbase_notater.xlsx": content})


def test_a_row_of_fifty_megabytes_is_quarantined_in_bounded_memory(deliver: Deliver) -> None:
    """The row is never held whole; the rows around it are kept."""
    big = b"x" * (50 * 1024 * 1024)
    text = f"{AKTIVITETER}\r\n{activity()}\r\nA-2;".encode("cp1252")
    text += big + b"\r\n" + activity("A-3").encode("cp1252")
    tracemalloc.start()
    load = deliver({"opera_sager.csv": f"{SAGER}\n{SAG}", OPERA: text})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert load.file(OPERA)["quarantined"] == {"too_large": 1}
    assert load.file(OPERA)["kept"] == 2
    assert peak < 400 * 1024 * 1024


@pytest.mark.parametrize(
    ("encoding", "extra"), [("utf-16", b"\x41"), ("utf-16", b"\x00\xd8"), ("utf-8", b"\xc3")]
)
def test_a_file_that_breaks_off_within_a_letter_is_read_to_its_end(
    deliver: Deliver, encoding: str, extra: bytes
) -> None:
    """Half a letter at the end is a letter that is wrong, in the fast way and the careful."""
    text = f"{SAGER}\r\n{SAG}\r\nS-2;711290-1234;6.3;01-02-2025;;;0999;;;;\r\nS-3".encode(encoding)
    load = deliver({"opera_sager.csv": text + extra})
    assert load.file("opera_sager.csv")["read"] == 3
    assert load.file("opera_sager.csv")["quarantined"] == {"field_count": 1}


def test_a_link_out_of_the_folder_is_refused(deliver: Deliver, tmp_path: Path) -> None:
    """A file that lies elsewhere is not part of the delivery."""
    secret = tmp_path / "elsewhere.csv"
    secret.write_text(SAGER)
    folder = tmp_path / "levering0"
    folder.mkdir()
    (folder / "opera_sager.csv").symlink_to(secret)
    from procmine.exports.delivery import find_delivery
    from procmine.exports.profiles import load_profile

    with pytest.raises(ExportError, match="henvisning ud af mappen"):
        find_delivery(folder, load_profile("kmd"))


def test_a_folder_without_known_files_is_refused(deliver: Deliver) -> None:
    """The message names the files that the profile looks for."""
    with pytest.raises(ExportError, match="opera_sager"):
        deliver({"andet.csv": "a;b\n"}, units=False)


def test_formulas_are_read_as_text_and_never_run(deliver: Deliver) -> None:
    """A formula's cell has the value that the workbook holds, here none."""
    rows = [DOKUMENTER.split(";"), ["D-1", "S-1", "", "", "=1+1", '=HYPERLINK("x")', "Intern",
            "", "05-02-2025", "", "abc", "Nord", 3, "", "abc", ""]]  # fmt: skip
    load = deliver({"opera_sager.csv": f"{SAGER}\n{SAG}", "workbase_dokumenter.xlsx": rows})
    assert load.file("workbase_dokumenter.xlsx")["kept"] == 1


def one_far_cell(where: str, folder: str = "worksheets", cells: str = "") -> bytes:
    """Return a small workbook with a table and one cell far off, or others."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["Notatnr", "Sagsnr", "Tidspunkt", "Emne", "Forfatter", "Enhed", "Tekst"])
    stream, out = io.BytesIO(), io.BytesIO()
    book.save(stream)
    cells = cells or f'<c r="{where}" t="n"><v>1</v></c>'
    row = f'<row r="{where.lstrip("ABCDEFX")}">{cells}</row></sheetData>'
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            content = old.read(info).replace(b"</sheetData>", row.encode())
            new.writestr(info.filename.replace("worksheets", folder), content)
    return out.getvalue()


def test_a_sheet_with_one_cell_far_off_is_refused_before_room_is_made(deliver: Deliver) -> None:
    """A file of five kilobytes may span seventeen thousand million empty cells."""
    with pytest.raises(ExportError, match="fylder urimeligt meget"):
        deliver({"workbase_notater.xlsx": one_far_cell("XFD1048576")})
    load = deliver({"workbase_notater.xlsx": one_far_cell("AX300")})
    assert load.file("workbase_notater.xlsx")["kept"] == 0


@pytest.mark.parametrize(
    "book",
    [
        one_far_cell("XFD1048576", "WORKSHEETS"),
        one_far_cell("E99999999"),
        one_far_cell("A999999", cells='<c r="A2" t="n" r="A99999999"><v>1</v></c>'),
        one_far_cell("A999999", cells=f'<c r="A2"\tr{" " * 999}="ABCDEFABCDEF2"><v>1</v></c>'),
        one_far_cell("A1048576", cells="<c><v>1</v></c>" * 900),
        one_far_cell("A1048576", cells="<x:c><v>1</v></x:c>" * 900),
    ],
)
def test_cells_far_off_are_found_however_their_place_is_told(deliver: Deliver, book: bytes) -> None:
    """Far down, in a folder in capitals, said twice, spelt with blanks, or not said at all."""
    with pytest.raises(ExportError, match="fylder urimeligt meget"):
        deliver({"workbase_notater.xlsx": book})


def test_cells_that_tell_no_place_are_read(deliver: Deliver) -> None:
    """They stand beside the one before; that is no reason to refuse a sheet."""
    cells = "".join(f'<c t="n"><v>{k}</v></c>' for k in range(7))
    load = deliver({"workbase_notater.xlsx": one_far_cell("A2", cells=cells)})
    assert load.file("workbase_notater.xlsx")["read"] == 1


def test_a_place_is_not_cut_off_where_a_piece_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the length of the pieces that a sheet comes in, a cell far off is found."""
    sheet = f'<sheetData><row r="2"><c r{" " * 700}="{"A" * 700}{"0" * 700}7"/></row></sheetData>'
    member = zipfile.ZipInfo("a")
    member.CRC, member.compress_size, member.header_offset = (
        zlib.crc32(sheet.encode()), len(sheet), 0,
    )  # fmt: skip
    stream = io.BytesIO(b"\0" * 30 + sheet.encode())
    for length in (1, 7, 512, 1024):
        monkeypatch.setattr(packed, "_PIECE", length)
        odd, _, size = packed._search(packed._pieces(stream, member), len(sheet))
        assert odd
        assert size == len(sheet)
        assert packed._area(packed._raw(stream, member)) > packed._MOST_CELLS


def test_an_encrypted_member_is_refused(deliver: Deliver) -> None:
    """What cannot be read is no workbook, in words that say what to do."""
    book = bytearray(one_far_cell("A9"))
    book[book.rindex(b"xl/worksheets/sheet1.xml") - 46 + 8] |= 1
    with pytest.raises(ExportError, match="kan ikke læses som Excel"):
        deliver({"workbase_notater.xlsx": bytes(book)})


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are POSIX's")
def test_what_is_no_file_is_refused_and_a_linked_folder_is_said(
    deliver: Deliver, tmp_path: Path
) -> None:
    """A pipe would be waited for without end; a folder elsewhere is not read, and listed."""
    folder = tmp_path / "levering"
    folder.mkdir()
    (folder / "opera_sager.csv").write_text(f"{SAGER}\n{SAG}", encoding="cp1252")
    (folder / "andet").symlink_to(tmp_path)
    assert find_delivery(folder, load_profile("kmd")).others == ["andet"]
    os.mkfifo(folder / "opera_planer.csv")
    with pytest.raises(ExportError, match=r"opera_planer\.csv er ikke en almindelig fil"):
        find_delivery(folder, load_profile("kmd"))


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no text are Linux's")
def test_file_names_of_any_letters_are_read_and_shown_harmless(deliver: Deliver) -> None:
    """Quotes, stars, line breaks, escapes and bytes that are no text."""
    names = ("'; DROP TABLE x; --", '"\n', "*[1]?", "\x1b[31m", os.fsdecode(b"\xe6\xff"))
    files = {
        f"opera_sager{name}.csv": f"{SAGER}\n{SAG.replace('S-1', f'S-{k}')}"
        for k, name in enumerate(names)
    }
    load = deliver(files)
    assert load.json["totals"]["kept"] == 2 + len(names)
    assert all(file["file"].isprintable() for file in load.json["files"])
    assert {file["file"] for file in load.json["files"]} >= {"opera_sager??.csv"}


def test_an_archive_is_said_to_be_unpacked_first(deliver: Deliver) -> None:
    """A folder that only holds a packed delivery says what to do."""
    with pytest.raises(ExportError, match="Pak de komprimerede filer ud"):
        deliver({"udtræk.zip": b"PK"}, units=False)


def test_lines_that_open_quotes_over_and_over_take_no_longer_each() -> None:
    """Each line leaves a text open that no other closes: work grows with the lines alone."""
    line = '"a";"c\n'
    lines = io.BytesIO(line.encode() * 40_000)
    ahead = careful._Ahead(careful._numbered(iter([lines.read()]), 1))
    inside, looked = 0, 0
    while (item := ahead.take()) is not None:
        number = item[0]
        looked += min(careful._QUOTED_LINES - 1, 40_000 - number) - max(inside - number, 0)
        more, inside = careful._closing(number, ahead, inside, ";")
        assert more == 0
    assert looked < 41_000


def test_a_file_of_nothing_but_odd_lines_is_refused(
    deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond a million lines that are no rows it cannot be the table; nothing is held in vain."""
    monkeypatch.setattr(rows_of_file, "_MOST_STRAYS", 10)
    odd = "\n".join((AKTIVITETER, *["x;"] * 11))
    with pytest.raises(ExportError, match="passer til overskriften"):
        deliver({"opera_sager.csv": f"{SAGER}\n{SAG}", OPERA: odd})


def test_no_name_of_a_unit_or_step_is_said_in_full_length(deliver: Deliver) -> None:
    """Forty letters of a coded value at most, and none that steers a terminal."""
    lines = (AKTIVITETER, activity(unit="E" * 99), activity("A-2", label="L" * 99),
             activity("A-3", unit="N\x1b[31mord"))  # fmt: skip
    load = deliver({"opera_sager.csv": f"{SAGER}\n{SAG}", OPERA: "\n".join(lines)})
    said = "\n".join(load.account.warnings)
    assert "E" * 40 in said
    assert "E" * 41 not in said
    assert "l" * 41 not in said
    assert "\x1b" not in said


def test_a_delivery_of_side_tables_alone_is_loaded(deliver: Deliver) -> None:
    """Control figures without a log: no object, no event, no fault."""
    text = "maaned;maal;antal;kilde\n2025-02;Noget;3;LIS\n"
    load = deliver({"kontroltal.csv": text}, units=False)
    assert (load.json["totals"]["kept"], load.json["events"], load.json["objects"]) == (1, 0, 0)


def test_a_workbook_without_sheets_is_refused(deliver: Deliver) -> None:
    """What fuzzing found: a damaged workbook in which no sheet is left."""
    book, out = io.BytesIO(one_far_cell("A9")), io.BytesIO()
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == "xl/workbook.xml":
                content = re.sub(rb"<sheet .*?/>", b"", content)
            new.writestr(info, content)
    with pytest.raises(ExportError, match="ingen linje med kolonnenavne"):
        deliver({"workbase_notater.xlsx": out.getvalue()})


def test_what_is_looked_at_of_new_names_does_not_grow_with_their_number(
    deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of thousands of unknown steps and units some are said, and no more are compared closely.

    Each of the two loads knows the names of the one before by looking them up, not by going
    through them all for each name.
    """
    looked: list[str] = []
    near = drift.nearest
    monkeypatch.setattr(
        drift, "nearest", lambda word, known: (looked.append(word), near(word, known))[1]
    )
    lines = [activity(f"A-{k}", label=f"Ukendt {k}", unit=f"E {k}") for k in range(3000)]
    files = {"opera_sager.csv": f"{SAGER}\n{SAG}", OPERA: "\n".join((AKTIVITETER, *lines))}
    first = deliver(files)
    assert first.json["drift"]["unknown_activities"][2999] == "ukendt_999"
    assert any("2.980" in said for said in first.account.warnings)
    assert len(looked) == 20
    again = deliver(files, previous=first)
    assert again.account.unchanged
    assert not {"new_units", "new_activities"} & again.json["drift"].keys()


@pytest.mark.parametrize("name", [OPERA, "workbase_notater.xlsx"])
@pytest.mark.parametrize(
    "act",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-20]),
        lambda path: path.write_bytes(path.read_bytes() + b'\r\n"A-2'),
        lambda path: os.utime(path, ns=(1, 1)),
    ],
)
def test_a_file_that_changes_while_it_is_read_is_refused(
    deliver: Deliver, monkeypatch: pytest.MonkeyPatch, name: str, act: Callable[[Path], object]
) -> None:
    """An extract that is still being written, or is taken away, is no delivery."""
    found = load_module.find_delivery

    def then(folder: Path, profile: Profile) -> Delivery:
        delivery = found(folder, profile)
        act(folder / name)
        return delivery

    monkeypatch.setattr(load_module, "find_delivery", then)
    rows = [["Notatnr", "Sagsnr", "Tidspunkt", "Emne", "Forfatter", "Enhed", "Tekst"]]
    files = {"opera_sager.csv": f"{SAGER}\n{SAG}", OPERA: f"{AKTIVITETER}\n{activity()}",
             "workbase_notater.xlsx": rows}  # fmt: skip
    with pytest.raises(ExportError, match="blev ændret eller fjernet, mens den blev læst"):
        deliver(files)


@pytest.mark.parametrize("end", ["\r\n", "\n", "", "\r"])
def test_blocks_end_anywhere_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """A file as long as a block, a byte less or more, its last line ended or not, cut anywhere.

    Every byte below the header comes once, and each run but the last ends behind a line.
    """
    text = "\r\n".join(["kolonne", "", "abc", "lang linje", "\r\r", "x" * 30]) + end
    content, path = text.encode(), tmp_path / "a.csv"
    path.write_bytes(content)
    for size in range(1, len(content) + 3):
        monkeypatch.setattr(survey, "_CHUNK", size)
        monkeypatch.setattr(survey, "_TAIL", max(size // 3, 1))
        for lines in range(9):
            runs = [bytes(run) for run in survey.raw_chunks(path, lines)]
            assert b"".join(runs) == b"\n".join(content.split(b"\n")[lines:])
            assert all(run.endswith(b"\n") for run in runs[:-1])
            assert all(runs)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_rows_keep_their_lines_whatever_the_blocks(
    deliver: Deliver, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    """Blocks shorter than a line, and a block that ends between the two ends of a line."""
    lines = [AKTIVITETER, *(activity(f"A-{k}", note="\u00e6" * (k % 7)) for k in range(60))]
    content = "\r\n".join(lines).encode(encoding)
    for size in (content.index(b"\r\n") + 1, 61):
        monkeypatch.setattr(survey, "_CHUNK", size)
        load = deliver({"opera_sager.csv": f"{SAGER}\n{SAG}", OPERA: content})
        assert load.file(OPERA)["read"] == load.file(OPERA)["kept"] == 60
        assert load.sql("SELECT count(*), sum(source_line) FROM events") == [(60, 1890)]


def test_odd_lines_that_outnumber_the_rows_are_refused_sooner(
    deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond so many it is no table with a few odd lines, where these are more than its rows."""
    monkeypatch.setattr(rows_of_file, "_MANY_STRAYS", 10)
    monkeypatch.setattr(text_file, "_BLOCK", 2000)
    rows = [activity(f"A-{k}") for k in range(200)]
    few = "\n".join((AKTIVITETER, *rows, *["x;"] * 20))
    load = deliver({"opera_sager.csv": f"{SAGER}\n{SAG}", OPERA: few.encode()})
    assert load.file(OPERA)["quarantined"] == {"field_count": 20}
    many = "\n".join((AKTIVITETER, activity(), *["x;"] * 20))
    with pytest.raises(ExportError, match="10 linjer"):
        deliver({"opera_sager.csv": f"{SAGER}\n{SAG}", OPERA: many})
