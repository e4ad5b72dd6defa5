"""The delivery follows the reference layouts, and is the same each time."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import openpyxl

from procmine.config import load_config
from procmine.synth import load_scenario, simulate
from procmine.synth.write import layouts

from .conftest import Sample, contents

_CPR = re.compile(r"(?<!\d)(\d\d)(\d\d)\d\d[- ]?\d{4}(?!\d)")
PARTS = ("quarantined", "left_out", "repaired", "not_rows")
CODES = {
    "bad_date", "march_gap", "future", "before_1990", "field_count", "missing_id", "missing_time",
    "orphan", "conflict", "duplicate", "not_performed", "blank", "repeated_header", "totals",
    "cpr_nine_digits", "float_id", "no_break_blank", "hidden_row", "decomposed_letters",
    "october_hour", "start_dropped", "start_as_time", "unknown_unit", "unknown_activity",
    "sentinel_date", "person_missing", "trailing_delimiter",
}  # fmt: skip
SAMPLES = Path(__file__).parents[2] / "sample_logs"


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    """Two runs of one scenario write the same bytes, workbooks included."""
    plan = load_scenario("demo").sized(60)
    first, second = simulate(plan, tmp_path / "a"), simulate(plan, tmp_path / "b")
    assert contents(first.delivery) == contents(second.delivery)
    assert contents(first.truth) == contents(second.truth)


def test_another_seed_another_world(tmp_path: Path) -> None:
    """The seed given on the command line replaces the scenario's."""
    first = simulate("demo", tmp_path / "a", cases=40)
    second = simulate("demo", tmp_path / "b", cases=40, seed=7)
    assert contents(first.truth) != contents(second.truth)


def test_committed_demo_is_what_the_scenario_makes(tmp_path: Path) -> None:
    """The demo in the repository is the scenario's own, byte by byte, and small."""
    made = simulate("demo", tmp_path)
    assert contents(made.delivery) == contents(SAMPLES / "demo")
    assert contents(made.truth) == contents(SAMPLES / "demo_truth")
    sizes = [len(data) for data in contents(SAMPLES).values()]
    assert sum(sizes) <= 3_000_000


def test_committed_demo_is_in_the_registry() -> None:
    """The list of hashes names each file of the demo."""
    lines = (SAMPLES / "registry.txt").read_text(encoding="utf-8").splitlines()
    listed = dict(reversed(line.split("  ")) for line in lines if line and line[0] != "#")
    for name, data in contents(SAMPLES / "demo").items():
        assert listed[f"demo/{name}"] == hashlib.sha256(data).hexdigest()


def test_columns_and_style(sample: Sample) -> None:
    """Opera is cp1252 with CRLF, title block and footer; Aktiv is UTF-8 with BOM."""
    raw = (sample.summary.delivery / "opera_aktiviteter.csv").read_bytes()
    text = raw.decode("cp1252")
    assert text.count("\r\n") == text.count("\n")
    rows = sample.table("opera_aktiviteter.csv", "cp1252")
    assert list(rows[0]) == layouts()["tables"]["aktiviteter"]["columns"]
    assert text.splitlines()[-1].startswith(f"Antal rækker: {len(rows)};")
    assert "Udtræksdato: 31-10-2026" in text
    aktiv = (sample.summary.delivery / "aktiv_haendelser.csv").read_bytes()
    assert aktiv.startswith(b"\xef\xbb\xbf")


def test_workbook_reads_as_dates_and_numbers(sample: Sample) -> None:
    """A spreadsheet program sees dates as dates, and pages as numbers."""
    rows = sample.sheet("workbase_dokumenter.xlsx")
    assert list(rows[0]) == layouts()["tables"]["dokumenter"]["columns"]
    row = next(row for row in rows if row["Modtaget/oprettet"] is not None)
    assert row["Modtaget/oprettet"].year in (2024, 2025, 2026)
    assert isinstance(row["Sider"], int)


def test_labels_come_from_the_catalogues(sample: Sample) -> None:
    """Every activity text of the exports is a label of a shipped catalogue."""
    known = {step.label for c in load_config().catalogues for step in c.steps}
    rows = sample.table("opera_aktiviteter.csv", "cp1252")
    assert {row["Aktivitet"] for row in rows} <= known
    events = sample.table("aktiv_haendelser.csv")
    assert {row["Hændelse"] for row in events} <= known


def test_persons_have_numbers_of_nobody(sample: Sample) -> None:
    """Every number shaped like a CPR number has a day of birth of 61 or more."""
    for path in sorted(sample.summary.delivery.glob("*.csv")):
        text = path.read_text(encoding="cp1252", errors="replace")
        for match in _CPR.finditer(text):
            assert 61 <= int(match[1]) <= 91
    people = sample.table("opera_sager.csv", "cp1252")
    assert len({row["CPR-nr."] for row in people}) > len(people) // 2


def test_references_resolve(sample: Sample) -> None:
    """Every activity, sanction and document names a file that is in the delivery."""
    files = {row["Sagsnr"] for row in sample.table("opera_sager.csv", "cp1252")}
    sanctions = {row["Sanktionsnr"] for row in sample.table("aktiv_sanktioner.csv")}
    for row in sample.table("opera_aktiviteter.csv", "cp1252"):
        assert row["Sagsnr"] in files
        assert not row["Sanktionsnr"] or row["Sanktionsnr"] in sanctions
    documents = {row["Dokumentnr"] for row in sample.sheet("workbase_dokumenter.xlsx")}
    assert {r["Dokumentnr"] for r in sample.sheet("workbase_dokumentbrug.xlsx")} <= documents


def test_units_have_kinds(sample: Sample) -> None:
    """The list of units names every unit that the exports use."""
    kinds = {row["Organisatorisk enhed"]: row["Art"] for row in sample.table("enheder.csv")}
    rows = sample.table("opera_aktiviteter.csv", "cp1252")
    assert {row["Organisatorisk enhed"] for row in rows} <= set(kinds)
    assert {"JC", "YC", "RT", "AA"} <= set(kinds.values())


def test_mess_account_adds_up(messy: Sample) -> None:
    """Rows read are kept, left out or quarantined; the planted codes all occur."""
    files = messy.json("rows")["files"]
    for row in files:
        away = sum(row["left_out"].values()) + sum(row["quarantined"].values())
        assert row["read"] == row["kept"] + away
    codes = {code for row in files for part in PARTS for code in row[part]}
    assert codes >= CODES


def test_mess_is_in_the_files(messy: Sample) -> None:
    """A file in another encoding, a repeated header and a second copy are really there."""
    text = (messy.summary.delivery / "opera_henvendelser.csv").read_bytes().decode("utf-8")
    assert "Brev; anbefalet" in text
    activities = (messy.summary.delivery / "opera_aktiviteter.csv").read_bytes().decode("cp1252")
    assert activities.count("Aktivitetsnr;Sagsnr") > 1
    contacts = (messy.summary.delivery / "dfdg_kontakter.csv").read_text(encoding="utf-8")
    assert contacts.startswith(" KONTAKTNR ; CPR-NR. ; MA\u030aLGRUPPE ;")
    efforts = (messy.summary.delivery / "opera_indsatser.csv").read_text(encoding="cp1252")
    assert re.search(r";4[56]\d{3}\.\d{6};", efforts)


def test_mess_is_in_the_workbooks(messy: Sample) -> None:
    """A sheet before the table, names merged over two rows, formulas, hidden rows."""
    facts = openpyxl.load_workbook(messy.summary.delivery / "workbase_oplysninger.xlsx")
    assert len(facts.sheetnames) == 2
    sheet = openpyxl.load_workbook(messy.summary.delivery / "workbase_dokumenter.xlsx").active
    assert len(sheet.merged_cells.ranges) == 2
    cells = [cell.value for row in sheet.iter_rows(min_row=6) for cell in row]
    assert any(str(cell).startswith("=") for cell in cells)
    assert any("A\u030a" in str(cell) for cell in cells)
    assert any(row.hidden for row in sheet.row_dimensions.values())


def test_a_lost_leading_zero_is_nobodys(messy: Sample) -> None:
    """Numbers of nine digits belong to the 99th month once the zero is back."""
    rows = messy.table("opera_forsoergelse.csv", "cp1252")
    short = [row["CPR-nr."] for row in rows if len(row["CPR-nr."].replace("-", "")) == 9]
    assert short
    assert all(number[1:3] == "99" for number in short)
