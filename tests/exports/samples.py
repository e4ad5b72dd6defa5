"""Small deliveries, written in the tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import openpyxl

if TYPE_CHECKING:
    from procmine.exports import Account

Deliver = Callable[..., "Loaded"]

SAGER = "Sagsnr;CPR-nr.;Målgruppe;Startdato;Slutdato;Afslutningsårsag;Kommunenr"
AKTIVITETER = (
    "Aktivitetsnr;Sagsnr;Plannr;Sanktionsnr;Mødenr;Aktivitet;Start;Slut;Udført af;"
    "Organisatorisk enhed;Status;Bemærkning"
)
DOKUMENTER = (
    "Dokumentnr;Sagsnr;Plannr;Sanktionsnr;Dokumenttype;Titel;Retning;Anmodet;Modtaget/oprettet;"
    "Registreret;Registreret af;Enhed;Sider;Gyldig til;Kontrolsum;Erstatter"
)
SAG = "S-1;711290-1234;6.3;01-02-2025;;;0999"
UNITS = "Organisatorisk enhed;Art\nNord;JC\nYdelse;YC\n"


def activity(
    number: str = "A-1", sag: str = "S-1", *, start: str = "", end: str = "03-02-2025 10:00",
    label: str = "Partshøring sendt", staff: str = "abc", unit: str = "Nord",
    status: str = "Udført", note: str = "",
) -> str:  # fmt: skip
    """Write one line of the list of activities."""
    return f"{number};{sag};;;;{label};{start};{end};{staff};{unit};{status};{note}"


@dataclass
class Loaded:
    """A load: its account and the folder it wrote."""

    account: Account
    out: Path
    json: dict[str, Any]

    def file(self, name: str) -> dict[str, Any]:
        return next(f for f in self.json["files"] if f["file"] == name)

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """Query the log's tables, ``tables``, ``side`` and ``quarantine`` by name."""
        con = duckdb.connect()
        con.execute("SET TimeZone = 'UTC'")
        for path in self.out.rglob("*.parquet"):
            con.execute(f"CREATE VIEW {path.stem} AS SELECT * FROM '{path}'")
        return con.execute(query).fetchall()


def write(path: Path, content: Any) -> None:
    """Write a file of a delivery."""
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, str):
        path.write_bytes(content.replace("\n", "\r\n").encode("cp1252"))
    else:
        book = openpyxl.Workbook()
        for row in content:
            book.active.append(row)
        book.save(path)
