"""A small workbook cannot fill memory: not by its texts, its members or what it unpacks to."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pytest

from procmine.errors import ExportError
from procmine.exports import packed, repeated
from tests.exports.samples import SAG, SAGER

if TYPE_CHECKING:
    from tests.exports.samples import Deliver

HEAD = ["Notatnr", "Sagsnr", "Tidspunkt", "Emne", "Forfatter", "Enhed", "Tekst"]
SHARED = "xl/sharedStrings.xml"
SHEET = "xl/worksheets/sheet1.xml"


def members() -> dict[str, bytes]:
    """Return a workbook of one note, taken apart."""
    book, stream = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(HEAD)
    book.active.append(["N-1", "S-1", "03-02-2025 10:00", "e", "abc", "Nord", "t"])
    book.save(stream)
    with zipfile.ZipFile(stream) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def together(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def repeating(text: bytes, cell: bytes, times: int) -> bytes:
    """Return the workbook with a long text, named by so many cells below the table."""
    parts = members()
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    texts = b"<si><t>short</t></si><si><t>%b</t></si>" % text
    parts[SHARED] = b'<sst xmlns="%b">%b</sst>' % (space, texts)
    rows = (b'<row r="%d">%b</row>' % (row, cell % (row, 1)) for row in range(3, 3 + times))
    parts[SHEET] = parts[SHEET].replace(b"</sheetData>", b"".join(rows) + b"</sheetData>")
    return together(parts)


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="G%d" t="s"><v>%d</v></c>',
        b"<c r='G%d'  s='0' t = 's'\n><v > %d </v></c>",
    ],
)
@pytest.mark.parametrize("text", [b"a" * 50_000, b"</t></si>".join([b"<![CDATA[", b"]]>"]) * 99])
def test_a_long_text_that_many_cells_name_is_refused(
    deliver: Deliver, monkeypatch: pytest.MonkeyPatch, cell: bytes, text: bytes
) -> None:
    """A hundred cells of fifty thousand letters are more than the room; ten are not."""
    monkeypatch.setattr(repeated, "_SURELY", 2_000_000)
    monkeypatch.setattr(repeated, "_PER_BYTE", 0)
    files = {"opera_sager.csv": f"{SAGER}\n{SAG}"}
    many = repeating(text.ljust(50_000, b"a"), cell, 100)
    with pytest.raises(ExportError, match="fylder urimeligt meget"):
        deliver({**files, "workbase_notater.xlsx": many})


def test_long_texts_that_few_cells_name_are_read(
    deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cells are counted, not guessed at: ten long notes and many short are no bomb."""
    monkeypatch.setattr(repeated, "_SURELY", 2_000_000)
    monkeypatch.setattr(repeated, "_PER_BYTE", 0)
    book = repeating(b"a" * 50_000, b'<c r="G%d" t="s"><v>%d</v></c>', 10)
    load = deliver({"opera_sager.csv": f"{SAGER}\n{SAG}", "workbase_notater.xlsx": book})
    file = load.file("workbase_notater.xlsx")
    assert (file["read"], file["kept"], file["quarantined"]) == (11, 1, {"missing_id": 10})


@pytest.mark.parametrize("length", [1, 3, 7, 64])
def test_a_text_is_measured_whatever_the_pieces_it_comes_in(length: int) -> None:
    """Forty-two bytes from an end to the next are longer than forty-one."""
    shared = b"<sst><si><t>a</t></si><si><t>" + b"a" * 26 + b"</t></si></sst>"
    pieces = [shared[k : k + length] for k in range(0, len(shared), length)]
    assert repeated._longer(iter(pieces), 41)
    assert not repeated._longer(iter(pieces), 42)
    assert repeated._lengths(shared)[0] == 17


def test_what_unpacks_to_many_times_its_size_or_has_too_many_members_is_refused(
    deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No table packs a thousand to one; no workbook has twenty thousand parts."""
    monkeypatch.setattr(packed, "_ANY", 3_000_000)
    book = together({**members(), "xl/worksheets/sheet2.xml": b"\0" * 5_000_000})
    with pytest.raises(ExportError, match="fylder urimeligt meget"):
        deliver({"workbase_notater.xlsx": book})
    monkeypatch.setattr(packed, "_MOST_MEMBERS", 30)
    book = together(members() | {f"x{k}": b"" for k in range(30)})
    with pytest.raises(ExportError, match="fylder urimeligt meget"):
        deliver({"workbase_notater.xlsx": book})
