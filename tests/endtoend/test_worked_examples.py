"""The contract's worked examples, from files in the reference layouts to tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from procmine import pipeline
from procmine.api import Log

if TYPE_CHECKING:
    from pathlib import Path

# Names carry no meaning: the list of units says what each is.
UNITS = "Organisatorisk enhed;Art\nTårnet;JC\nSkuret;YC\nVærftet;AA\n"
CASES = (
    "Sagsnr;CPR-nr.;Målgruppe;Startdato;Slutdato;Afslutningsårsag;Kommunenr\n"
    "S-1;710190-1234;6.12;01-02-2026;;;999\n"
)
SANCTIONS = (
    "Sanktionsnr;CPR-nr.;Sagsnr;Hjemmel;Forseelsesdato;Sanktionstype;Beløb;Status\n"
    "SA-1;710190-1234;S-1;§ 36;02-03-2026;Udeblivelse;1.234,50;Åben\n"
)
OPERA = (
    "Aktivitetsnr;Sagsnr;Plannr;Sanktionsnr;Mødenr;Aktivitet;Start;Slut;Udført af;"
    "Organisatorisk enhed;Status;Bemærkning;Udfald;Frist;Borger deltog\n"
)
AKTIV = "Løbenr;Sanktionsnr;Klagenr;Hændelse;Tidspunkt;Medarbejder;Enhed;Udfald\n"
DOCUMENTS = (
    "Dokumentnr", "Sagsnr", "Plannr", "Sanktionsnr", "Dokumenttype", "Titel", "Retning",
    "Anmodet", "Modtaget/oprettet", "Registreret", "Registreret af", "Enhed", "Sider",
    "Gyldig til", "Kontrolsum", "Erstatter",
)  # fmt: skip

MISSED = "Udeblivelse registreret"
REPORTED = "Negativ hændelse indberettet til jobcenter"
HEARING = "Partshøring sendt"
SENT = "Indstilling om sanktion sendt til Ydelsescenter"
RECEIVED = "Indstilling modtaget i Ydelsescenter"
RETURNED = "Sag returneret til jobcenter"
SUPPLEMENTED = "Indstilling suppleret"
CONTACTED = "Kontaktforsøg til borger"
DECIDED = "Afgørelse om sanktion truffet"
TOLD = "Afgørelse meddelt borger"
ENTERED = "Sanktion indberettet i udbetalingssystem"
DEDUCTED = "Ydelse modregnet"

AA, JC, YC = "Værftet", "Tårnet", "Skuret"
OPENING = [
    (AA, MISSED, "02-03-2026 09:00"),
    (AA, REPORTED, "02-03-2026 10:00"),
    (JC, HEARING, "03-03-2026 09:00"),
    (JC, SENT, "20-03-2026 09:00"),
    (YC, RECEIVED, "23-03-2026 09:00"),
]
CLOSING = [
    (YC, DECIDED, "10-04-2026 09:00"),
    (YC, TOLD, "10-04-2026 10:00"),
    (YC, ENTERED, "10-04-2026 11:00"),
    ("", DEDUCTED, "30-04-2026 06:00"),
]


def deliver(folder: Path, rows: list[tuple[str, ...]]) -> Path:
    """Write a delivery of one sanction: rows of (unit, activity, time[, deadline])."""
    folder.mkdir()
    (folder / "enheder.csv").write_text(UNITS, encoding="utf-8")
    (folder / "opera_sager.csv").write_text(CASES, encoding="cp1252")
    (folder / "aktiv_sanktioner.csv").write_text(SANCTIONS, encoding="utf-8-sig")
    opera, aktiv = [OPERA], [AKTIV]
    for number, (unit, activity, time, *rest) in enumerate(rows, start=1):
        deadline = rest[0] if rest else ""
        if unit in (AA, JC):
            opera.append(
                f"A-{number};S-1;;SA-1;;{activity};;{time};AB;{unit};Udført;hemmeligt;;{deadline};\n"
            )
        else:
            aktiv.append(f"A-{number};SA-1;;{activity};{time};CD;{unit};\n")
    (folder / "opera_aktiviteter.csv").write_text("".join(opera), encoding="cp1252")
    (folder / "aktiv_haendelser.csv").write_text("".join(aktiv), encoding="utf-8-sig")
    return folder


def load(tmp_path: Path, rows: list[tuple[str, ...]]) -> Log:
    """Load the delivery of `rows`, extracted at the end of 2026-05-31."""
    delivery = deliver(tmp_path / "delivery", rows)
    outcome = pipeline.load(
        delivery, "kmd", tmp_path / "store", key=tmp_path / "key", extracted="2026-05-31"
    )
    return Log(outcome.snapshot)


def test_vejles_example(tmp_path: Path) -> None:
    """The benefit centre only effectuates: 2 handovers, none redundant, its visit G0b.

    The provider reports, the jobcentre hears and recommends, the benefit centre decides
    and enters: all its products are the purpose of the law's own handover.
    """
    log = load(tmp_path, OPENING + CLOSING)

    handovers = log.handovers("sanktion")
    case = log.cases("sanktion").iloc[0]

    assert handovers[["from", "to"]].to_numpy().tolist() == [[AA, JC], [JC, YC]]
    assert handovers["grade"].tolist() == ["G5", "G0b"]
    assert case["handovers"] == 2
    assert case["redundant_handovers"] == 0
    assert not case["open"]
    assert case["end"].isoformat() == "2026-04-30T06:00:00+02:00"


def test_a_return_that_changes_something_is_a_control(tmp_path: Path) -> None:
    """Returned, and the jobcentre contacts the citizen: GK, nothing redundant."""
    back = [
        (YC, RETURNED, "24-03-2026 09:00"),
        (JC, CONTACTED, "26-03-2026 09:00"),
        (JC, SENT, "27-03-2026 09:00"),
    ]

    handovers = load(tmp_path, OPENING + back + CLOSING).handovers("sanktion")

    assert handovers["grade"].tolist() == ["G5", "GK", "G5", "G0b"]
    assert not handovers["redundant"].any()


def test_a_return_that_only_asks_for_more_is_redundant(tmp_path: Path) -> None:
    """Returned, and the jobcentre only supplements: G2, two handovers would vanish."""
    back = [
        (YC, RETURNED, "24-03-2026 09:00"),
        (JC, SUPPLEMENTED, "26-03-2026 09:00"),
    ]

    log = load(tmp_path, OPENING + back + CLOSING)
    handovers = log.handovers("sanktion")

    assert handovers["grade"].tolist()[1] == "G2"
    assert handovers["redundant"].tolist() == [False, True, True, False]
    assert handovers["redundant_reason"].tolist()[1:3] == ["entered", "merged"]
    assert log.cases("sanktion").iloc[0]["redundant_handovers"] == 2


def test_a_hearing_is_the_citizens_time_until_its_deadline(tmp_path: Path) -> None:
    """Sent 2 March 09:00, deadline 16 March 09:00, decided 20 March: 14 days and 4."""
    rows = [
        (JC, MISSED, "02-03-2026 09:00"),
        (JC, HEARING, "02-03-2026 09:00", "16-03-2026 09:00"),
        (JC, "Sag lukket uden sanktion", "20-03-2026 09:00"),
    ]

    waits = load(tmp_path, rows).waits("sanktion")
    days = waits.groupby("cause", observed=True)["days"].sum()

    assert days["citizen"] == 14.0
    assert days["unexplained"] == 4.0
    assert days.sum() == 18.0


def test_a_deadline_that_is_a_date_runs_out_with_the_day(tmp_path: Path) -> None:
    """Deadline 16 March: the citizen's time ends at midnight after it."""
    rows = [
        (JC, MISSED, "02-03-2026 09:00"),
        (JC, HEARING, "02-03-2026 09:00", "16-03-2026"),
        (JC, "Sag lukket uden sanktion", "20-03-2026 09:00"),
    ]

    waits = load(tmp_path, rows).waits("sanktion")
    hours = waits.groupby("cause", observed=True)["hours"].sum()

    assert hours["citizen"] == pytest.approx(14 * 24 + 15)


def test_nothing_of_a_person_is_left(tmp_path: Path) -> None:
    """No CPR number and no free text is found in anything that was written."""
    log = load(tmp_path, OPENING + CLOSING)

    for file in (tmp_path / "store").rglob("*"):
        if file.is_file() and file.suffix != ".parquet":
            content = file.read_bytes()
            assert b"710190" not in content
            assert b"hemmeligt" not in content
    for table in (log.events, log.objects, log.object_changes, log.cases("sanktion")):
        text = table.to_csv()
        assert "710190" not in text
        assert "hemmeligt" not in text
        assert ";AB;" not in text


def test_decimal_commas_are_numbers(tmp_path: Path) -> None:
    """The sanction's amount 1.234,50 is 1234.5, not null and not 1.2345."""
    objects = load(tmp_path, OPENING + CLOSING).objects

    amounts = objects.loc[objects["object_id"] == "sanktion:SA-1", "attr.beloeb"].tolist()

    assert amounts == [1234.5]
