"""Drafts of profiles for unknown files (exports spec, section 2)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from procmine.errors import ExportError
from procmine.exports import load_profile
from procmine.exports.persons import has_cpr
from procmine.exports.suggest import suggest_profile
from tests.exports.samples import AKTIVITETER, SAGER, activity

if TYPE_CHECKING:
    from tests.exports.samples import Deliver

ROOT = Path(__file__).parents[2]
CANARY = "Kanariefugl Hansen"
DEMO = sorted((ROOT / "sample_logs" / "demo").glob("*.[cx]*"))
REAL = Path(os.environ.get("PROCMINE_REAL_LOGS", ROOT.parent / "shared" / "logs"))


def draft(tmp_path: Path, *files: Path) -> Path:
    path = tmp_path / "udkast.toml"
    path.write_text(suggest_profile(files), encoding="utf-8")
    return path


PERFORMED = (
    'id = "Aktivitetsnr"\n',
    'id = "Aktivitetsnr"\nrule = { column = "Status", keep = ["Udført"] }\n',
)
EDITS = {"opera_aktiviteter": [PERFORMED]}
"""What a person would know and the file does not say: only performed activities are events."""
SAME_EVENTS = {
    "aktiv_befordring", "aktiv_haendelser", "opera_aktiviteter", "opera_henvendelser",
    "opera_indsatser", "workbase_dokumenter", "workbase_notater",
}  # fmt: skip
NO_EVENTS = {"enheder", "kontroltal", "opera_ansvar", "opera_forsoergelse", "workbase_dokumentbrug"}


@pytest.mark.parametrize("file", DEMO, ids=lambda path: path.stem)
def test_the_draft_for_each_reference_file_loads_its_delivery_whole(
    tmp_path: Path, deliver: Deliver, file: Path
) -> None:
    """After the edits above all rows are kept as with the reference profile; no person shows."""
    path = draft(tmp_path, file)
    text = path.read_text(encoding="utf-8")
    assert not has_cpr(text)
    kinds = {column.name: column.kind for column in load_profile(path).tables[0].columns}
    assert kinds.get("CPR-nr.", "citizen") == "citizen"
    assert kinds.get("Tidspunkt", "time") == "time"
    for old, new in EDITS.get(file.stem, ()):
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    files = {file.name: file.read_bytes()}
    ours, theirs = (
        deliver(files, profile=profile, units=False, extracted="2026-10-31")
        for profile in (path, "kmd")
    )
    alone = file.stem == "workbase_dokumentbrug"  # names events that no other file holds here
    assert alone or ours.json["totals"] == theirs.json["totals"]
    assert ours.json["totals"]["quarantined"] == 0
    assert (ours.json["events"] == 0) == (file.stem in NO_EVENTS)
    if file.stem in SAME_EVENTS:
        assert ours.json["events"] == theirs.json["events"]


def test_free_text_by_its_name_is_never_kept(tmp_path: Path) -> None:
    """A few standard sentences in a column of titles are text all the same."""
    path = tmp_path / "breve.csv"
    lines = [f"B-{i};Brev til {('far', 'mor')[i % 2]};{CANARY};03-02-2025" for i in range(50)]
    path.write_text("\n".join(("Brevnr;Titel;Emne;Sendt", *lines)), encoding="utf-8")
    text = suggest_profile([path])
    assert '"Titel" = { kind = "text" }' in text
    assert '"Emne" = { kind = "text" }' in text
    assert CANARY not in text
    assert "far" not in text


def test_an_english_file_with_decimal_points_and_two_times(tmp_path: Path) -> None:
    """Others' names: the same guesses, a point before decimals, a start, times ahead."""
    path = tmp_path / "tasks_2025.csv"
    head = "Task ID,Case ID,Activity,Started,Completed,Due date,Employee,Department,Result,Fee"
    rows = [
        f"T{i},C{i % 9},{('Received', 'Checked')[i % 2]},2025-02-03T09:{i:02d}:00,"
        f"2025-02-03T10:{i:02d}:00,2099-01-01,abc{i % 4},{('North', 'South')[i % 2]},"
        f"{('ok', 'rejected')[i % 2]},1250.{i:02d}"
        for i in range(40)
    ]
    path.write_text("\n".join((head, *rows)), encoding="utf-8")
    text = suggest_profile([path])
    for line in (
        'decimal = "."', 'delimiter = ","', 'id = "Task ID"', 'unit = ["enhed"]',
        '"Case ID" = { kind = "ref", to = "case_id" }', '"Fee" = { kind = "number" }',
        '"Due date" = { kind = "time", ahead = true }', 'time = "Completed"', 'start = "Started"',
        '"Result" = { kind = "outcome" }', 'attributes = { udfald = "Result" }',
    ):  # fmt: skip
        assert line in text, line
    assert load_profile(draft(tmp_path, path)).tables[0].events[0].start == "Started"


def test_each_guess_stands_with_its_evidence(tmp_path: Path) -> None:
    """Delimiter, header row, formats and kinds are those of the file."""
    path = tmp_path / "opera_aktiviteter_2025.csv"
    rows = [activity(f"A-{i}", f"S-{i % 3}", note=f"en lang bemærkning nummer {i}, der fylder")
            for i in range(70)]  # fmt: skip
    path.write_bytes("\n".join(("Titel", "", AKTIVITETER, *rows)).encode("cp1252"))
    text = suggest_profile([path])
    for line in (
        'delimiter = ";"', "title_rows = 2", 'dates = ["%d-%m-%Y %H:%M", "iso"]',
        'files = "opera_aktiviteter*.csv"', 'id = "Aktivitetsnr"',
        '"Sagsnr" = { kind = "ref", to = "sagsnr" }', '"Bemærkning" = { kind = "text" }',
        '"Udført af" = { kind = "staff", to = "medarbejder" }', 'time = "Slut"',
        "# Datoer eller tidspunkter (100\u00a0%)",
    ):  # fmt: skip
        assert line in text, line


def test_two_files_are_joined_by_the_name_of_the_id(tmp_path: Path) -> None:
    """A column named like the other file's id refers to it."""
    cases, log = tmp_path / "sager.csv", tmp_path / "log.csv"
    cases.write_text(
        SAGER + "\n" + "\n".join(f"S-{i};711290-{i:04d};6.3;01-02-2025;;;0999" for i in range(9)),
        encoding="utf-8",
    )
    log.write_text(AKTIVITETER + "\n" + "\n".join(
        activity(f"A-{i}", f"S-{i % 9}") for i in range(30)), encoding="utf-8")  # fmt: skip
    profile = load_profile(draft(tmp_path, cases, log))
    assert profile.table("sager").defines == profile.table("log").column("Sagsnr").to == "sagsnr"


def test_the_draft_of_a_real_log_loads_it_whole(tmp_path: Path, deliver: Deliver) -> None:
    """The receipt phase of a Dutch municipality, with the draft as it comes."""
    if not (REAL / "receipt.csv").exists():
        pytest.skip("the real logs are not here (PROCMINE_REAL_LOGS)")
    files = {"receipt.csv": (REAL / "receipt.csv").read_bytes()}
    profile = draft(tmp_path, REAL / "receipt.csv")
    load = deliver(files, profile=profile, units=False)
    assert load.json["totals"] == {"read": 8577, "kept": 8577, "left_out": 0, "quarantined": 0}
    assert load.json["events"] == 8577
    cases = load.sql("SELECT count(*) FROM objects WHERE object_type = 'case_concept_name'")
    assert cases == [(1434,)]


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    """A line of text is not drafted."""
    path = tmp_path / "x.csv"
    path.write_text("hej", encoding="utf-8")
    with pytest.raises(ExportError, match="ligner ikke en tabel"):
        suggest_profile([path])
