"""No CPR number, no name and no free text in anything that is written (section 5)."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from procmine import pipeline
from procmine.cli import main
from procmine.erasing import forget, person_id
from procmine.errors import ConfigError, ExportError, UsageError
from procmine.exports import profiles
from procmine.exports.persons import backup_key, has_cpr, open_key
from tests.exports.samples import (
    AKTIVITETER,
    DOKUMENTER,
    SAG,
    SAGER,
    Deliver,
    Loaded,
    activity,
    write,
)

CANARY = "710190-4321"
PLAIN = CANARY.replace("-", "")
FREE = "Kanariefugl Hansen"


def everything(load: Loaded) -> str:
    """Return all that a load wrote and said, as text."""
    texts = [path.relative_to(load.out).as_posix() for path in load.out.rglob("*")]
    texts += [p.read_text(encoding="utf-8") for p in load.out.rglob("*.json")]
    texts.append(json.dumps(load.json, ensure_ascii=False))
    for path in load.out.rglob("*.parquet"):
        rows = load.sql(f"SELECT * FROM '{path}'")
        texts += [str(cell) for row in rows for cell in row]
    return "\n".join(texts)


def assert_clean(load: Loaded) -> None:
    text = everything(load)
    assert CANARY not in text
    assert PLAIN not in text
    assert FREE not in text
    assert not has_cpr(text)


def test_canaries_in_every_text_column_are_found_nowhere(deliver: Deliver) -> None:
    """Planted in each column of each file, in ids, file names and shifted rows."""

    def planted(header: str, good: str, width: int) -> str:
        lines = [header, good]
        for place in range(width):
            cells = good.split(";")
            cells[0] = f"X-{place}"
            cells[place] = CANARY if place % 2 else PLAIN
            lines.append(";".join(cells))
        lines.append(good + f";{CANARY};{FREE}")
        return "\n".join(lines)

    note = activity(note=FREE)
    rows = [DOKUMENTER.split(";")]
    good = ["D-1", "S-1", "", "", "LÆ 265", FREE, "Intern", "", "05-02-2025", "", "abc", "Nord",
            "3", "", "abc", ""]  # fmt: skip
    for place in range(len(good)):
        rows.append([*good[:place], CANARY, *good[place + 1 :]])
        rows[-1][0] = rows[-1][0] if place == 0 else f"D-{place}"
    load = deliver({
        f"opera_sager_{PLAIN}.csv": planted(SAGER, SAG, 7),
        "opera_aktiviteter.csv": planted(AKTIVITETER, note, 12),
        "workbase_dokumenter.xlsx": rows,
        "opera_ansvar.csv": "Sagsnr;Gyldig fra;Sagsbehandler;Organisatorisk enhed\n"
                            f"S-1;01-02-2025;{CANARY};Nord {CANARY}\n",
    })  # fmt: skip
    assert_clean(load)


def test_an_id_column_with_cpr_numbers_is_pseudonymised_whole(deliver: Deliver) -> None:
    """One CPR-shaped case number hides all case numbers, in every table and the store."""
    plain = {"opera_sager.csv": f"{SAGER}\n{SAG}", "opera_aktiviteter.csv":
             f"{AKTIVITETER}\n{activity()}"}  # fmt: skip
    first = deliver(plain)
    assert first.sql("SELECT number FROM objects WHERE object_type = 'sag'") == [("S-1",)]
    shaped = {
        "opera_sager.csv": f"{SAGER}\n{SAG}\n{SAG.replace('S-1', CANARY)}",
        "opera_aktiviteter.csv": f"{AKTIVITETER}\n{activity()}\n{activity('A-2', CANARY)}",
    }
    later = deliver(shaped, previous=first)
    assert_clean(later)
    numbers = later.sql("SELECT number FROM objects WHERE object_type = 'sag'")
    assert len(numbers) == 2
    assert ("S-1",) not in numbers
    assert any("sag" in sentence for sentence in later.account.warnings)
    assert later.json["totals"]["kept"] == 2, later.json["files"]
    third = deliver(plain, previous=later)
    assert third.account.unchanged


def test_citizens_and_staff_have_separate_domains(deliver: Deliver) -> None:
    """The same text is another pseudonym as a citizen than as an employee."""
    load = deliver(
        {
            "opera_sager.csv": f"{SAGER}\n{SAG}",
            "opera_aktiviteter.csv": f"{AKTIVITETER}\n{activity(staff='711290-1234')}",
        }
    )
    ids = [row[0] for row in load.sql("SELECT object_id FROM objects "
           "WHERE object_type IN ('borger', 'medarbejder')")]  # fmt: skip
    assert len({name.split(":")[1] for name in ids}) == 2


def test_quarantined_rows_keep_what_parses_and_no_free_text(deliver: Deliver) -> None:
    """The cells of a quarantined row stay, persons as pseudonyms; a split row keeps none."""
    load = deliver({
        "opera_sager.csv": f"{SAGER}\n{SAG}",
        "opera_aktiviteter.csv": "\n".join((AKTIVITETER, activity(end="x", note=FREE),
                                            activity("A-2", note=f"{FREE}; x"))),
    })  # fmt: skip
    rows = dict(load.sql("SELECT code, cells FROM quarantine"))
    assert json.loads(rows["bad_date"])["Aktivitetsnr"] == "A-1"
    assert json.loads(rows["bad_date"])["Udført af"].startswith("medarbejder:")
    assert rows["field_count"] is None
    assert_clean(load)


@pytest.mark.skipif(os.name != "posix", reason="owner bits are posix")
def test_all_files_are_the_owners_alone_and_nothing_temporary_is_left(deliver: Deliver) -> None:
    """The key, and all that is written, can be read by its owner only."""
    load = deliver({"opera_sager.csv": f"{SAGER}\n{SAG}"})
    for path in load.out.rglob("*"):
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name
    assert not (load.out / ".staging").exists()


def test_the_key_is_made_once_checked_and_copied(tmp_path: Path) -> None:
    """A key survives a copy; a key that others may read, or none, is refused."""
    path = tmp_path / "k"
    key = open_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert backup_key(path, tmp_path / "copy") == key
    assert repr(key) == f"Key({key.fingerprint})"
    path.chmod(0o644)
    with pytest.raises(ExportError, match="kan læses af andre"):
        open_key(path)
    with pytest.raises(ExportError, match="findes ikke"):
        open_key(tmp_path / "absent", create=False)
    (tmp_path / "no").write_text("x")
    with pytest.raises(ExportError, match="ikke en nøgle"):
        open_key(tmp_path / "no")


@pytest.mark.parametrize(
    "text",
    [
        "7.101.904.321,00",
        "7.101.904.321",
        "7101904321,5",
        PLAIN,
        "0007101904321",
        "-007101904321,00",
    ],
)
def test_an_amount_that_would_be_written_like_a_number_of_a_person_is_empty(
    deliver: Deliver, text: str
) -> None:
    """Groups and blanks in it hide nothing: what counts is how the figure is stored."""
    head = "Sanktionsnr;CPR-nr.;Sagsnr;Hjemmel;Forseelsesdato;Sanktionstype;Beløb;Status"
    line = f"SA-1;711290-1234;S-1;;;;{text};"
    files = {"opera_sager.csv": f"{SAGER}\n{SAG}", "aktiv_sanktioner.csv": f"{head}\n{line}"}
    load = deliver(files)
    assert load.file("aktiv_sanktioner.csv")["repaired"] == {"bad_value": 1}
    assert_clean(load)


@pytest.mark.parametrize("text", ["71.12.90-1234", "711290.1234", '="7112901234"', "'711290-1234"])
def test_a_number_in_odd_dress_is_the_same_person(deliver: Deliver, text: str) -> None:
    """Dots, strokes and what keeps a number a text in a workbook make no other citizen."""
    odd = SAG.replace("711290-1234", text).replace("S-1", "S-2")
    load = deliver({"opera_sager.csv": f"{SAGER}\n{SAG}\n{odd}"})
    assert load.sql("SELECT count(*) FROM objects WHERE object_type = 'borger'") == [(1,)]


def test_only_a_band_of_birth_years_survives_where_the_profile_asks(
    deliver: Deliver, tmp_path: Path
) -> None:
    """Ten years wide, kept when a later delivery lacks the person; by default there is none."""
    text = "".join(
        part.read_text(encoding="utf-8") for part in [Path(profiles.__file__).parent / "opera.toml"]
    )
    asking = text.replace(
        '"CPR-nr." = { kind = "citizen", to = "borger" }',
        '"CPR-nr." = { kind = "citizen", to = "borger", birth_band = 10 }',
        1,
    )
    path = tmp_path / "opera.toml"
    path.write_text(asking, encoding="utf-8")
    sager = f"{SAGER}\n{SAG}\nS-2;710105-4234;6.3;;;;\nS-3;0000000000;6.3;;;;"
    query = "SELECT \"attr.birth_band\" FROM objects WHERE object_type = 'borger' ORDER BY 1"
    first = deliver({"opera_sager.csv": sager}, profile=path, units=False)
    assert first.sql(query) == [("1990-1999",), ("2000-2009",)]
    later = deliver({"opera_sager.csv": f"{SAGER}\n{SAG}"}, profile=path, units=False,
                    previous=first, extracted="2026-01-31")  # fmt: skip
    assert later.sql(query) == [("1990-1999",), ("2000-2009",)]
    assert_clean(later)
    silent = deliver({"opera_sager.csv": sager}, profile="kmd-opera", units=False)
    assert "attr.birth_band" not in [r[0] for r in silent.sql("DESCRIBE objects")]


DRESSED = (
    "710190\u20094321", "710190\u202f4321", "710190\u200b4321", "710190\u00ad4321",
    "\uff17\uff11\uff10\uff11\uff19\uff10\uff14\uff13\uff12\uff11", "710190\uff0d4321",
    "\u0667\u0661\u0660\u0661\u0669\u0660-\u0664\u0663\u0662\u0661", "710190 - 4321",
)  # fmt: skip
"""One number with a thin blank, narrow blank, no width, soft hyphen, wide and Arabic digits."""


@pytest.mark.parametrize("text", DRESSED)
def test_other_digits_blanks_and_hyphens_hide_no_number(deliver: Deliver, text: str) -> None:
    """Whoever reads it reads the number: in ids, codes, units, file names and as a person."""
    sager = [SAGER, SAG.replace("711290-1234", PLAIN), f"{text};711290-1234;6.3;;;;",
             f"S-2;{text};6.3;;;;", f"S-3;711290-1234;{text};;;;{text}"]  # fmt: skip
    lines = [AKTIVITETER, activity(), activity("A-2", label=text), activity("A-3", unit=text)]
    load = deliver({
        f"opera_sager_{text}.csv": "\n".join(sager).encode(),
        "opera_aktiviteter.csv": "\n".join(lines).encode(),
    })  # fmt: skip
    assert_clean(load)
    assert text not in everything(load)
    assert load.json["totals"]["kept"] == 9
    assert load.sql("SELECT count(*) FROM objects WHERE object_type = 'borger'") == [(2,)]
    assert load.sql("SELECT count(*) FROM objects WHERE number = 'S-1'") == [(0,)]


def test_an_identifier_made_of_a_label_brings_no_digits_together(deliver: Deliver) -> None:
    """What an identifier lacks (a middle dot) stood between the digits of a label."""
    lines = [AKTIVITETER, activity(), activity("A-2", label="M\u00f8de 710190\u00b74321")]
    files = {"opera_sager.csv": f"{SAGER}\n{SAG}", "opera_aktiviteter.csv": "\n".join(lines)}
    load = deliver(files)
    assert_clean(load)
    assert load.sql("SELECT event_type FROM events WHERE event_id = 'opera:A-2'") == [
        ("moede_cpr",)
    ]  # fmt: skip


@pytest.mark.parametrize("count", [CANARY, PLAIN])
def test_a_footer_that_counts_like_a_person_is_no_count(deliver: Deliver, count: str) -> None:
    """No file has so many rows; the figure is neither kept nor said."""
    load = deliver({"opera_sager.csv": f"{SAGER}\n{SAG}\nAntal r\u00e6kker: {count}"})
    assert_clean(load)
    assert load.file("opera_sager.csv")["footer"] is None
    assert not [text for text in load.account.warnings if "siger selv" in text]


def test_a_month_of_the_control_figures_is_never_echoed(deliver: Deliver) -> None:
    """It is no coded column: what is no month is no month in the account either."""
    figures = (
        f"maaned;maal;antal;kilde\n{FREE};afg\u00f8relser;4;LIS\n2025-02;afg\u00f8relser;4;LIS"
    )
    load = deliver({"opera_sager.csv": f"{SAGER}\n{SAG}", "kontroltal.csv": figures})
    assert [row["month"] for row in load.json["control"]] == ["2025-02", ""]
    assert FREE not in json.dumps(load.json, ensure_ascii=False)


def test_a_profile_that_names_a_person_is_refused_by_its_line(
    deliver: Deliver, tmp_path: Path
) -> None:
    """What a profile says is written on; only what cells are compared with may look so."""
    text = (Path(profiles.__file__).parent / "opera.toml").read_text(encoding="utf-8")
    code = '"M\u00e5lgruppe" = { kind = "code" }'
    path = tmp_path / f"opera {PLAIN}.toml"
    bad = code.replace(" }", f', values = {{ "x" = "{CANARY}" }} }}')
    path.write_text(text.replace(code, bad), encoding="utf-8")
    line = text[: text.index(code)].count("\n") + 1
    with pytest.raises(ConfigError, match=f"linje {line}: ") as caught:
        deliver({"opera_sager.csv": f"{SAGER}\n{SAG}"}, profile=path)
    assert not has_cpr(f"{caught.value}{caught.value.faults}")
    good = code.replace(" }", f', values = {{ "{PLAIN}" = "ung" }} }}')
    path.write_text(text.replace(code, good), encoding="utf-8")
    sag = SAG.replace("6.3", PLAIN)
    load = deliver({"opera_sager.csv": f"{SAGER}\n{sag}"}, profile=path, units=False)
    assert_clean(load)
    assert load.sql('SELECT "M\u00e5lgruppe" FROM opera_sager') == [("ung",)]


def test_a_list_of_codes_brings_no_person_in(deliver: Deliver, tmp_path: Path) -> None:
    """Its labels are masked as the cells of any coded column are."""
    opera = (Path(profiles.__file__).parent / "opera.toml").read_text(encoding="utf-8")
    code = '"M\u00e5lgruppe" = { kind = "code" }'
    text = opera.replace(code, code.replace(" }", ', codes = "koder" }'))
    text += (
        '\n[[table]]\nname = "koder"\nfiles = "koder*.csv"\n'
        'code_list = { code = "K", label = "N" }\n'
        '[table.columns]\n"K" = { kind = "code" }\n"N" = { kind = "code" }\n'
    )
    path = tmp_path / "opera.toml"
    path.write_text(text, encoding="utf-8")
    files = {"opera_sager.csv": f"{SAGER}\n{SAG}", "koder.csv": f"K;N\n6.3;Se {CANARY}"}
    load = deliver(files, profile=path, units=False)
    assert_clean(load)
    assert load.sql('SELECT "M\u00e5lgruppe" FROM opera_sager') == [("Se \u2039cpr\u203a",)]


def test_definitions_with_a_person_are_refused_by_file_and_line(tmp_path: Path) -> None:
    """A store keeps them whole, comments too."""
    folder = tmp_path / "definitioner"
    folder.mkdir()
    (folder / "egne.toml").write_text(f"a = 1\n# aftalt med {CANARY}\n")
    delivery = tmp_path / "levering"
    delivery.mkdir()
    write(delivery / "opera_sager.csv", f"{SAGER}\n{SAG}")
    with pytest.raises(ConfigError, match=r"egne.toml, linje 2,") as caught:
        pipeline.load(delivery, "kmd", tmp_path / "lager", key=tmp_path / "k", config=folder)
    assert not has_cpr(str(caught.value))
    assert not (tmp_path / "lager").exists()


def test_a_message_says_no_number_that_was_typed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A path, an option or a name on the command line is said again without it."""
    for words in ([f"--{CANARY}"], [PLAIN], ["info", str(tmp_path / CANARY)],
                  ["profile", "check", CANARY],
                  ["key", "check", "--key", str(tmp_path / PLAIN)]):  # fmt: skip
        with pytest.raises(SystemExit) as stopped:
            main(words)
        assert stopped.value.code in (1, 2)
    said = capsys.readouterr()
    assert not has_cpr(said.out + said.err)
    assert "\u2039cpr\u203a" in said.err


def test_a_person_is_forgotten_by_pseudonym_not_by_number(tmp_path: Path) -> None:
    """The number would live on in the tombstone, whose key stands beside it."""
    with pytest.raises(UsageError, match="procmine person"):
        forget(tmp_path / "lager", person=CANARY)


def test_who_is_asked_for_under_another_key_is_not_said_to_be_unknown(tmp_path: Path) -> None:
    """Nobody would be found with it: the key is refused, as it is by a load."""
    delivery = tmp_path / "levering"
    delivery.mkdir()
    write(delivery / "opera_sager.csv", f"{SAGER}\n{SAG}")
    store, key, other = tmp_path / "lager", tmp_path / "k", tmp_path / "anden"
    pipeline.load(delivery, "kmd", store, key=key)
    open_key(other)
    assert person_id(store, key, "711290-1234").startswith("borger:")
    with pytest.raises(ExportError, match="ikke den, lageret er lavet med"):
        person_id(store, other, "711290-1234")
    with pytest.raises(ExportError, match="findes ikke"):
        person_id(store, tmp_path / "ingen", "711290-1234")


def test_a_key_inside_the_store_is_refused(tmp_path: Path) -> None:
    """Whoever is given the store would be given the key; nothing is written."""
    delivery, store = tmp_path / "levering", tmp_path / "lager"
    delivery.mkdir()
    write(delivery / "opera_sager.csv", f"{SAGER}\n{SAG}")
    with pytest.raises(ExportError, match="uden for lageret"):
        pipeline.load(delivery, "kmd", store, key=store / "hemmelig" / "k")
    assert not store.exists()
