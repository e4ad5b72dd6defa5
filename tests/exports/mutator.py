"""Deliveries and profiles with seeded damage, for fuzzing the reader."""

from __future__ import annotations

import io
import random
import re
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

import openpyxl

from tests.exports.samples import AKTIVITETER, SAGER, UNITS, activity

CANARY = "Kanariefugl Gulfjer"
CPR = "710190-4321"
_PLAIN = CPR.replace("-", "")
_SANKTIONER = "Sanktionsnr;CPR-nr.;Sagsnr;Hjemmel;Forseelsesdato;Sanktionstype;Beløb;Status"
_KONTAKT = "Kontaktnr;CPR-nr.;Målgruppe;Kontakttype;Planlagt;Afholdt;Udfald;Enhed"
_NOTATER = "Notatnr;Sagsnr;Tidspunkt;Emne;Forfatter;Enhed;Tekst"
_CELLS = (
    "", " ", "\u00a0", "0", "-1", "123.0", "0000000000", CPR, _PLAIN, f"ref {CPR}", "7.101.904.321",
    "7.101.904.321,00", "710190 4321", "710190\u20114321", "1109012", "110901234", "02-03-2025",
    "02-03-2025 10:00", "2025-03-02T10:00:00Z", "26-10-2025 02:30", "30-03-2025 02:30",
    "31-12-9999", "01-01-0001", "29-02-2025", "45000", "45000,5", "9" * 40, "1e308", "NaN", "=1+1",
    "1.234,50", "I alt", "Antal rækker: 3", "Sagsnr", "S-1", "S-999", "A-1", "Å\u030a", "\ufeff",
    "\u200b", "\x1b[0m", "'; DROP TABLE x; --".replace(";", ","), "%s{}", "ja", "NULL", "udført",
    "é" * 300, "\U0001f426", "2025-02-30T25:61", "02-03-2025 24:00", "Nord\tSyd", "\x85", "\u2028",
)  # fmt: skip
_BYTES = (
    b";", b'"', b'""', b"\n", b"\r", b"\r\n", b"\xef\xbb\xbf", b"\xa0", b"\xc3\xa6", b"\x80",
    b"\xff", b"\x1a", b"\\", b",", b"\t", b"\xcc\x81", b"\xed\xa0\x80", b"\xe2\x80", b'";"', b"'",
)  # fmt: skip
_WORDS = (
    '"id"', '"ref"', '"time"', '"citizen"', '"staff"', '"unit"', '"code"', '"plain"', '"number"',
    '"integer"', '"flag"', '"activity"', '"outcome"', '"secret"', '"event"', "true", "false", "0",
    "-1", "[]", "{}", '""', '"*"', '"%Y"', '"%d-%m-%Y %q"', '"{id}"', '"Europe/Nowhere"', '"utf-9"',
    '";;"', "1.5", "2026-01-01", '"sag"', '"Sagsnr"', '"../x*.csv"', '"Slut"', '"a:b"', "nan",
    '"event_id"', '"_id"', '"_file"', '"object_id"', "'quo\"te'", '"full"', '"make"', '"time"',
)  # fmt: skip


@dataclass
class Damaged:
    """The files of a delivery; `shifts` counts what may move cells, by file."""

    files: dict[str, bytes]
    shifts: dict[str, int] = field(default_factory=dict)
    profile: str = ""


def whole(rng: random.Random) -> dict[str, bytes]:
    """Return a small sound delivery with canaries in its free texts and one in an id."""
    days = [f"{rng.randint(1, 28):02d}-{rng.randint(1, 12):02d}-2025" for _ in range(8)]
    labels = ("Partshøring sendt", "Samtale afholdt", "Afgørelse truffet")
    notes = (CANARY, f'"{CANARY}; med semikolon"', f"{CANARY} {CPR}", f'"{CANARY}\r\nlinje 2"', "")
    sager = [f"S-{k};71019{k}-123{k};6.3;01-02-2025;;;0999" for k in range(5)]
    acts = [
        activity(f"A-{k}", f"S-{k % 5}", start=f"{days[k]} 08:00", end=f"{days[k]} 10:00",
                 label=rng.choice(labels), unit=rng.choice(("Nord", "Ydelse", "Syd")),
                 status=rng.choice(("Udført", "Planlagt")), note=notes[k % 5])
        for k in range(8)
    ]  # fmt: skip
    sank = [f"SA-{k};71019{k}-123{k};S-{k};LAS § 36;{days[k]};700 kr;1.234,50;Aktiv"
            for k in range(3)]  # fmt: skip
    kontakt = [f"DK-{k};71019{k}-123{k};6.3;Jobsamtale;{days[k]} 09:00;{days[k]} 09:10;Afholdt;Nord"
               for k in range(3)]  # fmt: skip
    title = "Udtræk fra Opera\n" if rng.random() < 0.3 else ""
    end = "\nAntal rækker: 8" if rng.random() < 0.3 else ""
    texts = {
        "opera_sager.csv": "\n".join([SAGER, *sager]),
        f"opera_aktiviteter_{_PLAIN}.csv": title + "\n".join([AKTIVITETER, *acts]) + end,
        "aktiv_sanktioner.csv": "\n".join([_SANKTIONER, *sank]),
        "dfdg_kontakter.csv": "\n".join([_KONTAKT, *kontakt]),
        "enheder.csv": UNITS.strip(),
    }
    newline = rng.choice(("\n", "\r\n"))
    return {
        name: re.sub("\r?\n", newline, text + "\n").encode(
            "utf-8" if name.startswith(("aktiv", "dfdg")) or rng.random() < 0.2 else "cp1252"
        )
        for name, text in texts.items()
    }


def damaged(seed: int) -> Damaged:
    """Return a delivery with damage, the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - damage, no secret
    out = Damaged(whole(rng))
    if rng.random() < 0.15:
        out.files["workbase_notater.xlsx"] = _book(rng)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        name = rng.choice([n for n in sorted(out.files) if n.endswith(".csv")])
        hurt, shifts = _hurt(out.files[name], rng)
        out.files[name] = hurt
        out.shifts[name] = out.shifts.get(name, 0) + shifts
    if rng.random() < 0.1:
        name = rng.choice(sorted(out.files))
        out.files[name.replace(".", f"_{rng.randint(1, 9)}.")] = out.files[name]
        out.shifts[name] = out.shifts.get(name, 0)
    return out


def _hurt(content: bytes, rng: random.Random) -> tuple[bytes, int]:
    """Damage a text once; say whether cells may have moved."""
    kind = rng.choice(("cell", "cell", "cell", "line", "byte", "byte", "encode"))
    lines = content.split(b"\n")
    row = rng.randrange(len(lines))
    if kind == "cell":
        cells = lines[row].split(b";")
        cell = rng.choice(_CELLS)
        quoted = rng.random() < 0.1
        place = rng.randrange(len(cells))
        moved = int(b'"' in lines[row] or row == 0)
        text = f'"{cell}"' if quoted else cell
        cells[place] = text.encode(rng.choice(("cp1252", "utf-8")), "ignore")
        lines[row] = b";".join(cells) + (b"\r" if lines[row].endswith(b"\r") else b"")
        return b"\n".join(lines), moved
    if kind == "line":
        other = lines[rng.randrange(len(lines))]
        what = rng.choice(("drop", "double", "copy", "swap", "blank"))
        if what == "drop":
            del lines[row]
        elif what == "swap":
            place = lines.index(other)
            lines[row], lines[place] = lines[place], lines[row]
        else:
            lines.insert(row, {"double": lines[row], "copy": other, "blank": b" "}[what])
        return b"\n".join(lines), 2
    if kind == "encode":
        text = content.decode("cp1252", "replace")
        return text.encode(rng.choice(("utf-16", "utf-8-sig", "cp850", "cp1252")), "replace"), 0
    place = rng.randrange(len(content) + 1)
    new = rng.choice((*_BYTES, bytes([rng.randrange(256)])))
    gone = rng.choice((0, 0, 1, len(new), 40))
    return content[:place] + new + content[place + gone :], 2 if gone > 1 else 1


def _book(rng: random.Random) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    rows: list[list[object]] = [list(_NOTATER.split(";"))]
    rows += [[f"N-{k}", f"S-{k}", "02-03-2025 10:00", CANARY, "abc", "Nord", CANARY]
             for k in range(4)]  # fmt: skip
    for _ in range(rng.randint(0, 4)):
        row = rng.choice(rows[1:])
        row[rng.choice((0, 1, 2, 4, 5))] = rng.choice(
            (None, 1.0, 123, True, -1e300, 45000.5, CPR, f"x {_PLAIN}", int(_PLAIN), "=1+1", "1e5")
        )
    if rng.random() < 0.2:
        rows.insert(rng.randrange(3), [None] * 7)
    for row in rows:
        sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    content = target.getvalue()
    if rng.random() < 0.3:
        place = rng.randrange(len(content))
        content = content[:place] + rng.choice(_BYTES) + content[place + rng.randint(0, 3) :]
    return content


def damaged_profile(seed: int) -> Damaged:
    """Return a sound delivery and a profile whose text is damaged."""
    rng = random.Random(seed)  # noqa: S311 - damage, no secret
    name = rng.choice(("opera", "opera", "aktiv", "dfdg", "enheder"))
    text = (resources.files("procmine.exports.profiles") / f"{name}.toml").read_text("utf-8")
    for _ in range(rng.choice((1, 1, 2, 4))):
        text = _hurt_profile(text, rng)
    return Damaged(whole(rng), profile=text)


def _hurt_profile(text: str, rng: random.Random) -> str:
    lines = text.split("\n")
    row = rng.randrange(len(lines))
    kind = rng.choice(("word", "word", "word", "own", "own", "drop", "double", "letter", "key"))
    if kind == "drop":
        del lines[row]
        return "\n".join(lines)
    if kind == "double":
        return "\n".join([*lines[:row], lines[row], *lines[row:]])
    if kind == "letter":
        place = rng.randrange(len(text))
        return text[:place] + rng.choice("\"'[]{}=#.,x0\n;%æ\\") + text[place + rng.randint(0, 1) :]
    pattern = r"(?m)^\w+(?= =)" if kind == "key" else r'"[^"\n]*"|true|false|\b\d+\b'
    words = list(re.finditer(pattern, text))
    hit = rng.choice(words)
    new = rng.choice(words).group() if kind in ("own", "key") else rng.choice(_WORDS)
    return text[: hit.start()] + new + text[hit.end() :]


def write_all(folder: Path, made: Damaged) -> None:
    """Write the files of a delivery."""
    folder.mkdir()
    for name, content in made.files.items():
        (folder / name).write_bytes(content)
