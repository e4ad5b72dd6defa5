"""An approval written into a file of definitions: nothing else may change."""

from __future__ import annotations

import shutil
import tomllib
from datetime import date
from typing import TYPE_CHECKING

import pytest

from procmine.cli import main
from procmine.config.approve import approved_text
from procmine.config.load import default_folder, load_config
from procmine.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 3, 2)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Copy the shipped definitions, as a municipality would."""
    return shutil.copytree(default_folder(), tmp_path / "regler")


def run(*arguments: str) -> int:
    """Run the command and return its exit code."""
    with pytest.raises(SystemExit) as stopped:
        main(list(arguments))
    return stopped.value.code if isinstance(stopped.value.code, int) else 1


@pytest.mark.parametrize(
    "name",
    ["mandates.toml", "dokumenttyper.toml", "indikatorer.toml", "catalogues/sanktion.toml"],
)
def test_three_lines_change_and_no_other(own: Path, name: str) -> None:
    """Every shipped kind of file: the lines by, role and on change, comments stay."""
    file = own / name
    before = file.read_text("utf-8").splitlines()
    after = approved_text(file, 'Åse "Å" Leder', "Jurist", DAY).splitlines()

    changed = [new for old, new in zip(before, after, strict=True) if old != new]
    assert changed == ['by = "Åse \\"Å\\" Leder"', 'role = "Jurist"', "on = 2026-03-02"]


def test_the_configuration_knows_the_approval(own: Path) -> None:
    """After the command rules and catalogue are approved; a row without its own has it too."""
    for name in ("mandates.toml", "catalogues/sanktion.toml"):
        code = run("rules", "approve", str(own / name), "--by", "A. Leder", "--role", "Jurist",
                   "--on", "2026-03-02")  # fmt: skip
        assert code == 0
    config = load_config(own)
    catalogue = config.catalogue("sanktion")

    assert config.mandates_approval.given
    assert config.mandates[0].approval.on == "2026-03-02"
    assert catalogue is not None
    assert (catalogue.approval.by, catalogue.approval.role) == ("A. Leder", "Jurist")


def test_comments_and_line_ends_stay(own: Path) -> None:
    """A comment behind a value, Windows line ends and a last line without end survive."""
    file = own / "mandates.toml"
    file.write_bytes(b'[approval]\r\nby = "" # navn\r\non = \'\'\r\n\r\n[[mandate]]\r\n'
                     b'process = "p"\r\nfrom_kind="A"\r\nto_kind="B"\r\nbasis="law"')  # fmt: skip

    assert approved_text(file, "A", "B", DAY).encode() == (
        b'[approval]\r\nrole = "B"\r\nby = "A"  # navn\r\non = 2026-03-02\r\n\r\n[[mandate]]\r\n'
        b'process = "p"\r\nfrom_kind="A"\r\nto_kind="B"\r\nbasis="law"'
    )


def test_a_file_without_the_table_gets_one(own: Path) -> None:
    """The table is put at the end, after rows of other tables."""
    file = own / "dokumenttyper.toml"
    file.write_text('[[kind]]\nlabel = "Brev"', "utf-8")
    raw = tomllib.loads(approved_text(file, "A", "B", DAY))

    assert raw == {"kind": [{"label": "Brev"}], "approval": {"by": "A", "role": "B", "on": DAY}}


def test_shipped_files_are_refused() -> None:
    """What ships with the program is an example that nobody has approved."""
    with pytest.raises(UsageError, match="følger med programmet"):
        approved_text(default_folder() / "mandates.toml", "A", "B", DAY)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("kalendere.toml", "format = 1\n"),
        ("mandates.toml", "[[mandate]]\nprocess = 'p'\n"),
        ("mandates.toml", "approval.by = ''\n"),
        ("mandates.toml", "[approval\n"),
    ],
)
def test_what_cannot_be_approved_stays_as_it_was(own: Path, name: str, text: str) -> None:
    """Other files, faulty rows, unusual tables and broken TOML exit with 1, unchanged."""
    file = own / name
    file.write_text(text, "utf-8")

    code = run("rules", "approve", str(file), "--by", "A", "--role", "B", "--on", "2026-03-02")

    assert code == 1
    assert file.read_text("utf-8") == text


@pytest.mark.parametrize(("by", "on"), [("  ", "2026-03-02"), ("A\nB", "2026-03-02"),
                                        ("A", "2999-01-01"), ("A", "i dag")])  # fmt: skip
def test_wrong_usage(own: Path, by: str, on: str) -> None:
    """No name, a name of two lines, a day to come and no day are wrong usage."""
    file = own / "mandates.toml"
    before = file.read_bytes()

    assert run("rules", "approve", str(file), "--by", by, "--role", "B", "--on", on) == 2
    assert file.read_bytes() == before
    with pytest.raises((UsageError, ConfigError)):
        approved_text(own / "findes-ikke.toml", "A", "B", DAY)
