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
DEMO = sorted((ROOT / "sample_logs" / "demo").glob("*.[cx]*"))
REAL = Path(os.environ.get("PROCMINE_REAL_LOGS", ROOT.parent / "shared" / "logs"))


def draft(tmp_path: Path, *files: Path) -> Path:
    path = tmp_path / "udkast.toml"
    path.write_text(suggest_profile(files), encoding="utf-8")
    return path


@pytest.mark.parametrize("file", DEMO, ids=lambda path: path.stem)
def test_the_draft_for_each_reference_file_loads(tmp_path: Path, file: Path) -> None:
    """The draft is a sound profile, finds persons, and shows no person."""
    path = draft(tmp_path, file)
    text = path.read_text(encoding="utf-8")
    assert not has_cpr(text)
    profile = load_profile(path)
    kinds = {column.name: column.kind for column in profile.tables[0].columns}
    assert kinds.get("CPR-nr.", "citizen") == "citizen"
    assert kinds.get("Tidspunkt", "time") == "time"


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
