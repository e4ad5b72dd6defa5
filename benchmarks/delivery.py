"""A delivery of any size from a seed: the reference layout's cases, plans and activities."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

_BEGIN = datetime(2024, 1, 1)  # noqa: DTZ001 - local time, as exports write it
_LABELS = ("Partshøring sendt", "Samtale afholdt", "Afgørelse truffet", "Høringssvar modtaget")
_UNITS, _STAFF, _STEPS = 12, 120, 40
_DAYS = 700
ACTIVITIES = "opera_aktiviteter.csv"
WORKBOOK_ROWS = 100_000


def delivery(events: int, folder: Path) -> Path:
    """Return a folder with `events` activities (cp1252, Danish dates), made on first use."""
    target = folder / f"delivery-{events}"
    if not (target / ACTIVITIES).exists():
        target.mkdir(parents=True, exist_ok=True)
        _masters(target, max(events // _STEPS, 1))
        _activities(target, events, max(events // _STEPS, 1))
    return target


def workbook(folder: Path) -> Path:
    """Return a folder with a workbook of 100,000 notes, made on first use."""
    import openpyxl

    target = folder / f"workbook-{WORKBOOK_ROWS}"
    file = target / "workbase_notater.xlsx"
    if not file.exists():
        target.mkdir(parents=True, exist_ok=True)
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet()
        sheet.append(["Notatnr", "Sagsnr", "Tidspunkt", "Emne", "Forfatter", "Enhed", "Tekst"])
        for k in range(WORKBOOK_ROWS):
            at = _BEGIN + timedelta(days=k % _DAYS, minutes=480 + k % 480)
            sheet.append([f"N-{k}", f"S-{k % 2500:06d}", at, "Telefon", f"ini{k % _STAFF:03d}",
                          f"Enhed {k % _UNITS}", f"Fri tekst {k % 977}"])  # fmt: skip
        book.save(file)
    return target


def _write(path: Path, header: str, rows: list[str]) -> None:
    path.write_bytes("\r\n".join([header, *rows, ""]).encode("cp1252"))


def _cpr(k: int) -> str:
    """Return a number that no living person has: the day of birth plus 60."""
    return f"{61 + k % 28:02d}{1 + k // 28 % 12:02d}{50 + k // 336 % 50:02d}-{1000 + k % 9000:04d}"


def _masters(target: Path, cases: int) -> None:
    _write(
        target / "opera_sager.csv",
        "Sagsnr;CPR-nr.;Målgruppe;Startdato;Slutdato;Afslutningsårsag;Kommunenr",
        [f"S-{k:06d};{_cpr(k)};6.{k % 5};01-01-2024;;;0999" for k in range(cases)],
    )
    _write(
        target / "opera_planer.csv",
        "Plannr;Sagsnr;Plantype;Oprettet;Status;Indstilling",
        [f"P-{k:06d};S-{k:06d};Rehabiliteringsplan;02-01-2024;Aktiv;" for k in range(cases)],
    )
    _write(
        target / "enheder.csv", "Organisatorisk enhed;Art",
        [f"Enhed {k};{('JC', 'YC', 'RT')[k % 3]}" for k in range(_UNITS)],
    )  # fmt: skip


def _activities(target: Path, events: int, cases: int) -> None:
    rng = np.random.default_rng(7)
    case = rng.integers(0, cases, events)
    minute = rng.integers(2_000, 1440 * _DAYS, events)
    spent = rng.integers(1, 600, events)
    label = rng.integers(0, len(_LABELS), events)
    staff, unit = rng.integers(0, _STAFF, events), rng.integers(0, _UNITS, events)
    planned, bad = rng.random(events) < 0.02, rng.random(events) < 0.001
    rows = [
        f"A-{k:07d};S-{case[k]:06d};{f'P-{case[k]:06d}' if k % 2 else ''};;;{_LABELS[label[k]]};"
        f"{_stamp(minute[k])};{'32-13-2024 99:99' if bad[k] else _stamp(minute[k] + spent[k])};"
        f"ini{staff[k]:03d};Enhed {unit[k]};{'Planlagt' if planned[k] else 'Udført'};"
        f"Fri tekst {k % 977} \u2013 se sagen"
        for k in range(events)
    ]
    _write(
        target / ACTIVITIES,
        "Aktivitetsnr;Sagsnr;Plannr;Sanktionsnr;Mødenr;Aktivitet;Start;Slut;Udført af;"
        "Organisatorisk enhed;Status;Bemærkning",
        rows,
    )


def _stamp(minutes: int) -> str:
    return f"{_BEGIN + timedelta(minutes=int(minutes)):%d-%m-%Y %H:%M}"
