"""The report on disk: what a reader finds in the PDF, the DOCX and the HTML page."""

from __future__ import annotations

import re
import zipfile
from datetime import UTC, date, datetime
from io import BytesIO
from typing import TYPE_CHECKING

import docx
import pypdf
import pytest

from procmine.errors import UsageError
from procmine.report import build_report, write_report
from procmine.report.docx_file import docx_bytes
from procmine.report.extra import with_remarks
from procmine.report.figures_data import measured
from procmine.report.html_file import html_text
from procmine.report.typst_pdf import pdf_bytes
from procmine.text.formats import number
from tests.report.small_store import small_store

if TYPE_CHECKING:
    from pathlib import Path

    from procmine.store.snapshot import Snapshot

PERSON = re.compile(r"(?<!\d)\d{6}[- ]?\d{4}(?!\d)")
TRIAL = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return small_store(tmp_path_factory.mktemp("store") / "s")


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return small_store(tmp_path_factory.mktemp("store") / "s", cases=240, faster_from=TRIAL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, snapshot: Snapshot) -> Path:
    place = tmp_path_factory.mktemp("report")
    model = build_report(snapshot, municipality="Prøvekøbing")
    (place / "start.pdf").write_bytes(pdf_bytes(model))
    (place / "start.docx").write_bytes(docx_bytes(model))
    (place / "start.html").write_text(html_text(model), encoding="utf-8", newline="")
    return place


def pdf_text(file: Path) -> str:
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(file).pages)
    return re.sub(r"\s+", " ", text.replace("\u00ad", "").replace("-\n", ""))


def docx_text(file: Path) -> str:
    document = docx.Document(str(file))
    cells = [c.text for t in document.tables for row in t.rows for c in row.cells]
    return " ".join([*(p.text for p in document.paragraphs), *cells])


def test_the_numbers_stand_in_every_file(folder: Path, snapshot: Snapshot) -> None:
    """Mean, interval and counts are the same in PDF, DOCX and HTML as in the measurement."""
    found = measured(snapshot, None)
    time, redundant = found.time, found.redundant
    assert time is not None
    assert redundant is not None
    wanted = [
        f"{number(time.estimate.value)} dage",
        f"{number(time.estimate.lower)} til {number(time.estimate.upper)}",
        number(redundant.estimate.value),
        "160 sager",
        "31. oktober 2026",
        str(snapshot.manifest["id"]),
        str(snapshot.manifest["config"]),
        "Data er syntetiske",
        "ikke godkendt",
        "Prøvekøbing",
        "Tidsmåling på 25 sager",
    ]
    texts = {
        "pdf": pdf_text(folder / "start.pdf"),
        "docx": docx_text(folder / "start.docx"),
        "html": (folder / "start.html").read_text(encoding="utf-8"),
    }
    lacking = [(form, w) for form, text in texts.items() for w in wanted if w not in text]
    assert not lacking


def test_no_person_and_no_case_in_any_file(folder: Path) -> None:
    """Neither a case number, a pseudonym nor anything like a personal number is printed."""
    package = zipfile.ZipFile(folder / "start.docx")
    inside = " ".join(package.read(n).decode() for n in package.namelist() if n.endswith(".xml"))
    plain = re.sub(
        r"[0-9a-f]{64}", "", pdf_text(folder / "start.pdf") + docx_text(folder / "start.docx")
    )
    assert not re.search(r"\bSA-\d+|\bp\d+\b", plain + inside)
    assert not PERSON.search(plain)


def test_the_pdf_is_tagged_danish_and_on_two_pages(folder: Path) -> None:
    """PDF/UA-1 and PDF/A-2a with title, language, headings, table headers and alt texts."""
    reader = pypdf.PdfReader(folder / "start.pdf")
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "da-DK"
    assert len(reader.pages) == 2
    raw = (folder / "start.pdf").read_bytes()
    metadata = root["/Metadata"].get_object().get_data().decode()
    assert "pdfuaid:part>1<" in metadata or 'pdfuaid:part="1"' in metadata
    assert reader.metadata is not None
    assert reader.metadata.title == "Startmåling: sådan ser det ud før indsatsen"
    kinds = _tags(root["/StructTreeRoot"])
    assert {"/H1", "/H2", "/Table", "/TH", "/Figure", "/L"} <= set(kinds)
    assert raw.startswith(b"%PDF-1.")


def _tags(node: object) -> list[str]:
    found: list[str] = []
    stack = [node]
    while stack:
        item = stack.pop()
        item = item.get_object() if hasattr(item, "get_object") else item
        if isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, dict):
            found.append(str(item.get("/S", "")))
            if item.get("/S") == "/Figure":
                assert item.get("/Alt")
            if "/K" in item:
                stack.append(item["/K"])
    return found


def test_the_docx_is_structured(folder: Path) -> None:
    """Heading styles, Danish, alt text on each picture, header rows that repeat."""
    document = docx.Document(str(folder / "start.docx"))
    levels = [p.style.name for p in document.paragraphs if p.style and "Heading" in p.style.name]
    assert levels[0] == "Heading 1"
    assert set(levels[1:]) == {"Heading 2"}
    pictures = [shape._inline.docPr for shape in document.inline_shapes]
    assert len(pictures) == 3
    assert all(len(picture.get("descr")) > 20 for picture in pictures)
    assert all("w:tblHeader" in table.rows[0]._tr.xml for table in document.tables)
    assert 'w:val="da-DK"' in document.styles.element.xml
    assert document.core_properties.author == ""


def test_same_input_same_bytes(folder: Path, snapshot: Snapshot, tmp_path: Path) -> None:
    """Each format comes out the same byte for byte, whenever and wherever it is made."""
    again = write_report(snapshot, tmp_path / "x.pdf", municipality="Prøvekøbing")
    assert again.read_bytes() == (folder / "start.pdf").read_bytes()
    model = build_report(snapshot, municipality="Prøvekøbing")
    assert docx_bytes(model) == (folder / "start.docx").read_bytes()
    assert html_text(model) == (folder / "start.html").read_text(encoding="utf-8")


def test_the_only_time_in_the_files_is_the_cut(folder: Path) -> None:
    """PDF and DOCX are dated by the snapshot's cut; entries of the package have no time."""
    reader = pypdf.PdfReader(folder / "start.pdf")
    assert reader.metadata is not None
    assert reader.metadata.creation_date == datetime(2026, 10, 31, 23, tzinfo=UTC)
    package = zipfile.ZipFile(folder / "start.docx")
    assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    core = package.read("docProps/core.xml").decode()
    assert core.count("2026-10-31T23:00:00Z") == 2


def test_before_and_after_with_a_date(after: Snapshot, tmp_path: Path) -> None:
    """With an after the report compares, judges, and says that the plan was not sealed."""
    file = write_report(after, tmp_path / "r.pdf", since=date(2026, 3, 1))
    text = pdf_text(file)
    assert "Før og efter" in text
    assert "Sagsbehandlingstiden er forbedret" in text
    assert "Der er ingen låst startmåling" in text
    assert "Tallene viser udviklingen, ikke årsagen" in text
    assert "på grund af" not in text
    assert len(pypdf.PdfReader(file).pages) == 2


def test_an_effort_that_begins_after_the_data_gives_the_start(after: Snapshot) -> None:
    """Where no whole month of data lies after the date, there is nothing to compare."""
    assert build_report(after, since=date(2026, 10, 15)).kind == "start"
    assert build_report(after, since=date(2026, 8, 1)).kind == "change"


def test_an_unknown_ending_is_refused_and_nothing_is_left(
    snapshot: Snapshot, tmp_path: Path
) -> None:
    """The message names the endings that are known; no file is made."""
    with pytest.raises(UsageError, match=r"\.docx, \.html, \.pdf"):
        write_report(snapshot, tmp_path / "r.odt")
    assert list(tmp_path.iterdir()) == []


def test_remarks_go_in_before_the_blanks(snapshot: Snapshot, tmp_path: Path) -> None:
    """The municipality's text stands as its own section; a personal number is refused."""
    remark = tmp_path / "note.txt"
    remark.write_text("Første afsnit.\n\nAndet\nafsnit.", encoding="utf-8")
    model = build_report(snapshot)
    sections = with_remarks(model, [remark]).sections
    assert sections[-2].heading == "Kommunens bemærkninger"
    assert [b.text for b in sections[-2].blocks] == ["Første afsnit.", "Andet afsnit."]
    remark.write_text("Borger 700162-1234 ringede.", encoding="utf-8")
    with pytest.raises(UsageError, match="CPR") as caught:
        with_remarks(model, [remark])
    assert "700162" not in str(caught.value)


def test_html_holds_everything_itself(folder: Path) -> None:
    """One page in Danish, no script and nothing fetched."""
    text = (folder / "start.html").read_text(encoding="utf-8")
    assert '<html lang="da">' in text
    assert "<script" not in text
    assert not re.search(r'(src|href)="(?!data:)', text)
    assert text.count("<img") == text.count('alt="')
    assert BytesIO(text.encode()).read(15) == b"<!DOCTYPE html>"
