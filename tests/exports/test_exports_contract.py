"""Sentences of the exports contract that no other test stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from procmine import pipeline
from procmine.cli import main
from tests.exports.samples import AKTIVITETER, SAG, SAGER, UNITS, activity, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.exports.samples import Deliver

OPERA = "opera_aktiviteter.csv"
KONTAKT = "Kontaktnr;CPR-nr.;Målgruppe;Kontakttype;Planlagt;Afholdt;Udfald;Enhed"
FACTS = ["Oplysningsnr", "CPR-nr.", "Felt", "Værdi", "Tidspunkt", "System", "Enhed", "Automatisk"]


def opera(*lines: str) -> dict[str, str]:
    return {"opera_sager.csv": f"{SAGER}\n{SAG}\n", OPERA: "\n".join((AKTIVITETER, *lines))}


def test_several_files_of_a_kind_are_one_table(deliver: Deliver) -> None:
    """With suffixes, each with its own footer; the same row in two files counts once."""
    load = deliver({
        "opera_sager_2025-01.csv": f"{SAGER}\n{SAG}\nAntal rækker: 1",
        "opera_sager_2025-02.csv": f"{SAGER}\n{SAG}\nS-2;721290-1234;6.3;;;;\nAntal rækker: 3",
    })  # fmt: skip
    assert load.file("opera_sager_2025-01.csv")["kept"] == 1
    assert load.file("opera_sager_2025-02.csv")["left_out"] == {"duplicate": 1}
    said = [text for text in load.account.warnings if "siger selv" in text]
    assert len(said) == 1
    assert "opera_sager_2025-02.csv" in said[0]


def test_leading_noughts_and_thousands_are_part_of_a_number(deliver: Deliver) -> None:
    """007, 7 and 7.000 are three activities; 7.0 and 7,00 are 7 as a workbook writes it."""
    numbers = ("007", "7", "7.000", "7.0", "7,00")
    load = deliver(opera(*(activity(number) for number in numbers)))
    assert load.sql("SELECT event_id FROM events ORDER BY 1") == [
        ("opera:007",), ("opera:7",), ("opera:7.000",)
    ]  # fmt: skip
    assert load.file(OPERA)["left_out"] == {"duplicate": 2}


def test_a_contact_of_nobody_is_kept_and_one_without_a_number_is_not(deliver: Deliver) -> None:
    """Ten noughts: the person is missing and the row is repaired; an empty cell names none."""
    lines = [f"K-{i};{cpr};6.3;Jobsamtale;;03-02-2025 10:00;Afholdt;Nord"
             for i, cpr in enumerate(("0000000000", "", "711290-1234"))]  # fmt: skip
    file = deliver({"dfdg_kontakt.csv": "\n".join((KONTAKT, *lines))}).file("dfdg_kontakt.csv")
    assert (file["kept"], file["quarantined"]) == (2, {"missing_id": 1})
    assert file["repaired"] == {"person_missing": 1}


def test_a_fact_is_kept_as_a_keyed_hash_only(deliver: Deliver) -> None:
    """Equal values have equal hashes, and nobody reads them."""
    rows = [FACTS] + [
        [f"O-{i}", "711290-1234", "Telefon", value, "03-02-2025", "Opera", "Nord", "Ja"]
        for i, value in enumerate(("12 34 56 78", " 12 34 56 78", "87654321"))
    ]
    load = deliver({"workbase_oplysninger.xlsx": rows})
    values = [row[0] for row in load.sql("SELECT value FROM facts ORDER BY fact_id")]
    assert values[0] == values[1] != values[2]
    assert not any("12 34" in value or "8765" in value for value in values)
    assert load.file("workbase_oplysninger.xlsx")["kept"] == 3


def test_efforts_and_enquiries_are_objects_with_start_and_end(deliver: Deliver) -> None:
    """Each has an event where its time is given; side tables count as kept."""
    load = deliver({
        **opera(),
        "opera_indsatser.csv": "Indsatsnr;Sagsnr;Indsatstype;Start;Slut;Enhed\n"
                               "I-1;S-1;Mentor;01-03-2025;;Nord\n",
        "opera_henvendelser.csv": "Henvendelsesnr;Sagsnr;Kanal;Modtaget;Besvaret;Enhed\n"
                                  "H-1;S-1;Mail;01-03-2025 09:00;02-03-2025 09:00;Nord\n",
        "opera_forsoergelse.csv": "CPR-nr.;Ydelse;Fra;Til\n711290-1234;Job;01-01-2025;\n",
    })  # fmt: skip
    assert [row[0] for row in load.sql("SELECT event_type FROM events ORDER BY event_id")] == [
        "henvendelse_besvaret", "henvendelse_modtaget", "indsats_startet",
    ]  # fmt: skip
    assert load.json["totals"]["kept"] == load.json["totals"]["read"]


def test_a_unit_may_be_of_a_kind_of_the_municipalitys_own(deliver: Deliver) -> None:
    """The list says what a unit is; its name says nothing."""
    units = "Organisatorisk enhed;Art\nJobcenter Nord;XX\n"
    load = deliver({"enheder.csv": units, **opera(activity(unit="Jobcenter Nord"))}, units=False)
    assert load.sql("SELECT \"attr.art\" FROM objects WHERE object_type = 'enhed'") == [("XX",)]
    assert "unknown_unit" not in load.file(OPERA)["repaired"]


def test_a_case_number_is_hidden_where_the_profile_says_so(
    deliver: Deliver, tmp_path: Path
) -> None:
    """By default an analyst finds the case again; `pseudonym` hides a column."""
    from importlib import resources

    text = (resources.files("procmine.exports.profiles") / "opera.toml").read_text("utf-8")
    for kind in ("id", "ref"):
        said = f'"Sagsnr" = {{ kind = "{kind}", to = "sag"'
        text = text.replace(f"{said} }}", f"{said}, pseudonym = true }}")
    path = tmp_path / "opera.toml"
    path.write_text(text, encoding="utf-8")
    load = deliver(opera(activity()), profile=path, units=False)
    assert load.file(OPERA)["kept"] == 1
    ((number,),) = load.sql("SELECT number FROM objects WHERE object_type = 'sag'")
    assert "S-1" not in number


def test_quarantined_rows_do_not_fail_the_load_and_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 0, with how many and what to do, and the reminder at the end."""
    folder = tmp_path / "levering"
    folder.mkdir()
    for name, text in {"enheder.csv": UNITS, **opera(activity(), activity("A-2", end="x"))}.items():
        write(folder / name, text)
    with pytest.raises(SystemExit) as stopped:
        main(["load", str(folder), "--store", str(tmp_path / "s"), "--key", str(tmp_path / "k")])
    said = capsys.readouterr().err
    assert not stopped.value.code
    assert "1 er i karantæne" in said
    assert "En dato kan ikke læses." in said
    reminder = "Udtrækket indeholder CPR-numre. Slet det, eller flyt det til et godkendt drev."
    assert reminder in said


def test_a_delivery_without_any_event_makes_a_store(tmp_path: Path) -> None:
    """Cases and units alone, or control figures: an empty log is a log."""
    folder = tmp_path / "levering"
    folder.mkdir()
    for name, text in {"enheder.csv": UNITS, "opera_sager.csv": f"{SAGER}\n{SAG}"}.items():
        write(folder / name, text)
    loaded = pipeline.load(folder, "kmd", tmp_path / "store", key=tmp_path / "key")
    assert loaded.snapshot.manifest["counts"]["events"] == 0
