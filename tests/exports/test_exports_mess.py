"""Each kind of mess in an export has its fate (exports spec, sections 3 and 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from procmine.text import t
from tests.exports.samples import AKTIVITETER, DOKUMENTER, SAG, SAGER, Deliver, activity

if TYPE_CHECKING:
    from pathlib import Path

OPERA = "opera_aktiviteter.csv"


def opera(*lines: str, sager: str = SAG) -> dict[str, str]:
    return {"opera_sager.csv": f"{SAGER}\n{sager}\n", OPERA: "\n".join((AKTIVITETER, *lines))}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (activity(end="31-02-2025 10:00"), "bad_date"),
        (activity(end="hurtigst muligt"), "bad_date"),
        (activity(end="30-03-2025 02:30"), "march_gap"),
        (activity(end="01-01-2026 10:00"), "future"),
        (activity(end="31-12-1989 10:00"), "before_1990"),
        (activity(number=""), "missing_id"),
        (activity(sag=""), "missing_id"),
        (activity(label=""), "missing_id"),
        (activity(end=""), "missing_time"),
        (activity(sag="S-2"), "orphan"),
        (activity(note="ring; haster"), "field_count"),
        (activity() + ";x", "field_count"),
        ("A-9;S-1;;", "field_count"),
        (activity(note="x" * (1024 * 1024 + 1)), "too_large"),
    ],
)
def test_a_row_is_quarantined_with_its_code(deliver: Deliver, line: str, code: str) -> None:
    """One faulty row goes to quarantine under its code; its neighbour is kept."""
    load = deliver(opera(line, activity("A-2")))
    file = load.file(OPERA)
    assert (file["read"], file["kept"], file["quarantined"]) == (2, 1, {code: 1})
    assert load.sql("SELECT code, file, line FROM quarantine") == [(code, OPERA, 2)]
    assert load.sql("SELECT sentence FROM quarantine") == [(t(f"fate.{code}"),)]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (activity(start="03-02-2025 11:00"), "start_dropped"),
        (activity(start="03-02-2025 09:00", end=""), "start_as_time"),
        (activity(number="17.0"), "float_id"),
        (activity(unit="Nord\u00a0"), "no_break_blank"),
        (activity(unit="Syd"), "unknown_unit"),
        (activity(label="Noget helt nyt"), "unknown_activity"),
        (activity(end="03-02-2025 10:00", start="01-01-0001"), "sentinel_date"),
        (activity(start="31-12-9999 23:59:59"), "sentinel_date"),
        # 03:01 winter time lies after both hours in which the clock can show 02:31.
        (activity(start="26-10-2025 03:01", end="26-10-2025 02:31"), "start_dropped"),
    ],
)
def test_a_row_is_kept_and_its_repair_counted(deliver: Deliver, line: str, code: str) -> None:
    """A repaired row is kept and counted under the repair's code."""
    file = deliver(opera(line)).file(OPERA)
    assert (file["kept"], file["repaired"]) == (1, {code: 1})


def test_planned_and_cancelled_rows_are_left_out_by_rule(deliver: Deliver) -> None:
    """Only performed rows are events; others are no faults, whatever else they hold."""
    load = deliver(opera(activity(status="Planlagt", end="x"), activity("A-2", status="Aflyst"),
                         activity("A-3", status="UDFØRT ")))  # fmt: skip
    assert load.file(OPERA)["left_out"] == {"not_performed": 2}
    assert load.json["events"] == 1


def test_an_unknown_status_is_reported_with_the_nearest_known(deliver: Deliver) -> None:
    """A misspelt status is left out and named with the word it is nearest to."""
    load = deliver(opera(activity(status="Udfort")))
    assert any("Udfort" in w and "Udført" in w for w in load.account.warnings)


def test_the_same_row_twice_counts_once(deliver: Deliver) -> None:
    """The second copy is a duplicate, also when only free text tells them apart."""
    load = deliver(opera(activity(note="a"), activity(note="b")))
    assert load.file(OPERA)["left_out"] == {"duplicate": 1}


def test_one_id_with_two_contents_is_a_conflict_of_all_copies(deliver: Deliver) -> None:
    """All copies are quarantined: nothing says which one is right."""
    load = deliver(opera(activity(), activity(staff="xyz"), activity()))
    assert load.file(OPERA)["quarantined"] == {"conflict": 3}


def test_what_hangs_on_a_quarantined_row_is_orphaned(deliver: Deliver) -> None:
    """An activity of a case that was quarantined names nothing that is there."""
    load = deliver(opera(activity(), sager="S-1;711290-1234;6.3;31-02-2025;;;0999"))
    assert load.file(OPERA)["quarantined"] == {"orphan": 1}


def test_without_the_list_of_cases_the_case_is_made_from_the_reference(deliver: Deliver) -> None:
    """No file and no store lists the cases: the object comes from the activity."""
    load = deliver({OPERA: f"{AKTIVITETER}\n{activity()}"})
    assert load.file(OPERA)["repaired"] == {"object_from_reference": 1}
    assert load.sql("SELECT object_id FROM objects WHERE object_type = 'sag'") == [("sag:S-1",)]


def test_title_blank_repeated_header_total_and_footer_are_no_rows(deliver: Deliver) -> None:
    """What is no row is counted as such; a footer that disagrees is said aloud."""
    text = "\n".join(
        ("Udtræk;;", "Dannet 31-12-2025", "", AKTIVITETER, activity(), "", ";" * 11, AKTIVITETER,
         activity("A-2"), "I alt;2", "Antal rækker: 3")
    )  # fmt: skip
    load = deliver({"opera_sager.csv": f"{SAGER}\n{SAG}", OPERA: text}, extracted=None)
    file = load.file(OPERA)
    assert file["not_rows"] == {"title": 3, "header": 1, "blank": 2, "repeated_header": 1,
                                "totals": 1, "footer": 1}  # fmt: skip
    assert (file["read"], file["kept"], file["footer"]) == (2, 2, 3)
    assert any("3 rækker" in w and "læst 2" in w for w in load.account.warnings)
    assert load.json["delivery"]["cut_source"] == "title"
    assert load.json["delivery"]["cut"] == "2025-12-31T22:59:59.999999Z"


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_any_encoding_and_line_ending_reads_the_same(
    deliver: Deliver, encoding: str, newline: str
) -> None:
    """What the profile says of the encoding may be wrong."""
    text = newline.join((AKTIVITETER, activity(), "")).encode(encoding)
    load = deliver({"opera_sager.csv": f"{SAGER}\n{SAG}", OPERA: text})
    assert load.sql("SELECT event_id, event_type FROM events") == [
        ("opera:A-1", "partshoering_sendt")
    ]


def test_line_breaks_in_quotes_keep_the_line_numbers_right(deliver: Deliver) -> None:
    """A row's line is where it begins in the file, whatever stands in quotes above."""
    load = deliver(opera(activity(note='"en\nto; ""tre"""'), activity("A-2"),
                         activity("A-3", end="x"), activity("A-4"),
                         activity("A-5", note='"en\nto"'), activity("A-6", note="x;y"),
                         activity("A-7")))  # fmt: skip
    lines = load.sql("SELECT event_id, source_line FROM events ORDER BY 1")
    assert lines == [("opera:A-1", 2), ("opera:A-2", 4), ("opera:A-4", 6), ("opera:A-5", 7),
                     ("opera:A-7", 10)]  # fmt: skip
    assert load.sql("SELECT line FROM quarantine ORDER BY 1") == [(5,), (9,)]


def test_an_unclosed_quote_costs_its_own_line_only(deliver: Deliver) -> None:
    """A quote that nothing closes does not swallow the rest of the file."""
    load = deliver(opera(activity("A-1"), 'A-2;S-1;;;;"Partshøring', activity("A-3")))
    file = load.file(OPERA)
    assert (file["kept"], file["quarantined"]) == (2, {"field_count": 1})


def test_decomposed_letters_are_composed_and_counted(deliver: Deliver) -> None:
    """Column names and cells match whether letters are composed or not."""
    text = "\n".join((AKTIVITETER, activity(label="Genvurdering foretaget", unit="A\u030arhus")))
    load = deliver({"opera_sager.csv": f"{SAGER}\n{SAG}", OPERA: text.encode()})
    assert load.sql("SELECT number FROM objects WHERE object_type = 'enhed' AND number LIKE '%rhus'"
                    ) == [("\u00c5rhus",)]  # fmt: skip
    assert load.file(OPERA)["repaired"] == {"decomposed_letters": 1, "unknown_unit": 1}


def test_the_order_of_start_and_end_decides_the_second_october_hour(deliver: Deliver) -> None:
    """02:50 to 02:10 on the night the clock goes back: the end is in the second hour."""
    load = deliver(opera(activity(start="26-10-2025 02:50", end="26-10-2025 02:10")))
    assert load.file(OPERA)["repaired"] == {"october_hour": 1}
    rows = load.sql("SELECT epoch_us(time - start) // 60000000 FROM events")
    assert rows == [(20,)]


@pytest.mark.parametrize(
    ("text", "precision", "utc"),
    [
        ("03-02-2025", "day", "2025-02-02 23:00:00"),
        ("03.02.25", "day", "2025-02-02 23:00:00"),
        ("03-02-2025 10:00", "minute", "2025-02-03 09:00:00"),
        ("03-02-2025 10:00:05", "second", "2025-02-03 09:00:05"),
        ("2025-07-03T10:00:00", "second", "2025-07-03 08:00:00"),
        ("2025-07-03T10:00:00Z", "second", "2025-07-03 10:00:00"),
        ("45691,5", "minute", "2025-02-03 11:00:00"),
        ("3-2-2025", "day", "2025-02-02 23:00:00"),
    ],
)
def test_date_styles_and_their_precision(
    deliver: Deliver, text: str, precision: str, utc: str
) -> None:
    """Every style of date is read in Danish local time, as finely as it is written."""
    load = deliver(opera(activity(end=text)))
    rows = load.sql("SELECT precision, strftime(time, '%Y-%m-%d %H:%M:%S') FROM events")
    assert rows == [(precision, utc)]


def test_person_numbers_in_any_writing_are_one_person(deliver: Deliver) -> None:
    """Hyphen, blank, or a lost leading zero: one citizen; ten zeros: none.

    Serial number 0000 is nobody's; the test series never loses a zero.
    """
    short = "107900000"
    sager = "\n".join(
        f"S-{i};{cpr};6.3;01-02-2025;;;0999"
        for i, cpr in enumerate((f"0{short[:5]}-0000", f"0{short}", short, f"0{short[:5]} 0000",
                                 "0000000000"))
    )  # fmt: skip
    load = deliver({"opera_sager.csv": f"{SAGER}\n{sager}"})
    assert load.sql("SELECT count(*) FROM objects WHERE object_type = 'borger'") == [(1,)]
    assert load.file("opera_sager.csv")["repaired"] == {"cpr_nine_digits": 1, "person_missing": 1}


def test_nobodys_number_stands_only_for_what_a_person_may_name(deliver: Deliver) -> None:
    """A contact may name nobody but its citizen; a grant without its number is no grant."""
    head = "Løbenr;Bevillingsnr;CPR-nr.;Sagsnr;Hændelse;Tidspunkt;Medarbejder;Enhed;Beløb"
    kontakt = "Kontaktnr;CPR-nr.;Målgruppe;Kontakttype;Planlagt;Afholdt;Udfald;Enhed"
    grant = "1;;0000000000;S-1;Befordring beregnet;03-02-2025;;;"
    load = deliver(
        {
            "aktiv_befordring.csv": f"{head}\n{grant}\n",
            "dfdg_kontakt.csv": f"{kontakt}\n1;0000000000;;;03-02-2025;;;\n",
        }
    )
    assert load.file("aktiv_befordring.csv")["quarantined"] == {"missing_id": 1}
    assert load.file("dfdg_kontakt.csv")["repaired"] == {"person_missing": 1}


def test_initials_in_any_case_are_one_employee(deliver: Deliver) -> None:
    """Case, blanks and a mail domain do not make another employee; a robot is no employee."""
    load = deliver(opera(activity(staff="ABC "), activity("A-2", staff="abc@kommune.dk"),
                         activity("A-3", staff="robot07")))  # fmt: skip
    kinds = "SELECT object_type, count(*) FROM objects WHERE object_type IN ('medarbejder', "
    assert load.sql(f"{kinds}'robot') GROUP BY 1 ORDER BY 1") == [("medarbejder", 1), ("robot", 1)]


def test_units_in_any_case_are_the_unit_of_the_list(deliver: Deliver) -> None:
    """A unit is written as the delivery's own list writes it."""
    load = deliver(opera(activity(unit="NORD"), activity("A-2", unit=" nord")))
    assert load.sql("SELECT DISTINCT object_id FROM e2o WHERE qualifier = 'udfoert_i'") == [
        ("enhed:Nord",)
    ]


def test_a_unit_listed_with_two_kinds_has_none(deliver: Deliver) -> None:
    """Both lines of the list are in conflict, so rows that name the unit count it as unknown."""
    units = "Organisatorisk enhed;Art\nNord;JC\nNord;YC\nSyd;JC\n"
    load = deliver(
        {"enheder.csv": units, **opera(activity(unit="NORD"), activity("A-2", unit="Syd"))}
    )
    assert load.file("enheder.csv")["quarantined"] == {"conflict": 2}
    assert load.file(OPERA)["repaired"] == {"unknown_unit": 1}
    assert load.json["drift"]["units_without_kind"] == ["NORD"]
    assert load.sql("SELECT count(*) FROM objects WHERE object_id = 'enhed:NORD'") == [(1,)]


def test_a_document_has_one_fate_and_up_to_three_events(deliver: Deliver) -> None:
    """Each time that is given is an event; one bad date quarantines the row whole."""
    head = DOKUMENTER.split(";")
    rows = [
        ["Dokumenter"], [], head,
        ["D-1", "S-1", "", "", "LÆ 265", "t", "Indgående", "01-02-2025", "05-02-2025 10:00",
         "06-02-2025", "abc", "Nord", 3, "", "abc", ""],
        ["D-2", "S-1", "", "", "LÆ 265", "t", "Indgående", "01-02-2025", "x", "06-02-2025", "abc",
         "Nord", 3, "", "abc", ""],
        ["D-3", "S-1", "", "", "LÆ 265", "t", "Intern", "", "05-02-2025", "", "abc", "Nord", 3, "",
         "abd", "D-1"],
        ["D-4", "S-1", "", "", "LÆ 265", "t", "Intern", "", "05-02-2025", "", "abc", "Nord", 3, "",
         "abd", "D-2"],
    ]  # fmt: skip
    load = deliver({"opera_sager.csv": f"{SAGER}\n{SAG}", "workbase_dokumenter.xlsx": rows})
    file = load.file("workbase_dokumenter.xlsx")
    assert (file["kept"], file["quarantined"]) == (2, {"bad_date": 1, "orphan": 1})
    assert load.sql("SELECT event_id FROM events ORDER BY 1") == [
        ("dok:D-1/anmodet",), ("dok:D-1/modtaget",), ("dok:D-1/registreret",),
        ("dok:D-3/modtaget",),
    ]  # fmt: skip
    used = "SELECT event_id, qualifier FROM e2o WHERE object_id LIKE 'dokument:%' ORDER BY 1"
    assert load.sql(used) == [
        ("dok:D-1/anmodet", "anmoder"), ("dok:D-1/modtaget", "modtager"),
        ("dok:D-1/registreret", "registrerer"), ("dok:D-3/modtaget", "opretter"),
    ]  # fmt: skip
    assert load.sql("SELECT * FROM o2o WHERE qualifier = 'erstatter'") == [
        ("dokument:D-3", "dokument:D-1", "erstatter")
    ]


def test_a_text_with_a_semicolon_never_becomes_an_outcome(deliver: Deliver) -> None:
    """Where empty fields end the line, the rest of a free text would slip into the next column."""
    header = f"{AKTIVITETER};Udfald;Frist;Borger deltog"
    lines = (activity(note="ring; borger haster") + ";;;", activity("A-2", note="ring") + ";;;;")
    load = deliver({**opera(), OPERA: "\n".join((header, *lines))})
    file = load.file(OPERA)
    assert (file["kept"], file["quarantined"]) == (1, {"field_count": 1})
    assert file["repaired"] == {"trailing_delimiter": 1}
    assert load.sql("SELECT event_id FROM events") == [("opera:A-2",)]


def test_a_person_never_slips_into_a_case(deliver: Deliver) -> None:
    """`37; 2` and an empty status have too many fields by one empty one, and cells that shifted."""
    head = "Sanktionsnr;Hjemmel;CPR-nr.;Sagsnr;Forseelsesdato;Sanktionstype;Beløb;Status"
    lines = ("X-1;37; 2;711290-1234;S-1;03-02-2025;Punkt;100;", "X-2;37;711290-1234;S-1;;;;;;")
    load = deliver({**opera(), "aktiv_sanktioner.csv": "\n".join((head, *lines))})
    file = load.file("aktiv_sanktioner.csv")
    assert (file["kept"], file["quarantined"]) == (1, {"field_count": 1})
    assert load.sql("SELECT object_id FROM objects WHERE object_type = 'sag'") == [("sag:S-1",)]


def test_an_outcome_that_the_profile_does_not_list_is_told(deliver: Deliver) -> None:
    """Which contacts were held hangs on the outcome: a misspelt one is named, with the nearest."""
    head = "Kontaktnr;CPR-nr.;Målgruppe;Kontakttype;Planlagt;Afholdt;Udfald;Enhed"
    rows = ("1;711290-1234;;;;03-02-2025;Udeblevett;Nord",
            "2;711290-1234;;;;03-02-2025;AFLYST;Nord")  # fmt: skip
    load = deliver({"dfdg_kontakt.csv": "\n".join((head, *rows))})
    assert load.file("dfdg_kontakt.csv")["repaired"] == {"unknown_value": 1}
    assert load.json["drift"]["unknown_values"] == {"dfdg_kontakt.Udfald": ["Udeblevett"]}
    assert any("Mente du 'Udeblevet'?" in warning for warning in load.json["warnings"])


def test_who_is_responsible_has_a_first_day(deliver: Deliver) -> None:
    """Without one nothing can be told from the row: it lacks its time."""
    lines = ("Sagsnr;Gyldig fra;Sagsbehandler;Organisatorisk enhed", "S-1;;abc;Nord",
             "S-1;03-02-2025;;Nord")  # fmt: skip
    load = deliver({**opera(), "opera_ansvar.csv": "\n".join(lines)})
    assert load.file("opera_ansvar.csv")["quarantined"] == {"missing_time": 1}
    changes = load.sql("SELECT attribute, value FROM object_changes WHERE attribute LIKE 'ans%'")
    assert changes == [("ansvarlig_enhed", "enhed:Nord")]


def test_a_use_names_its_document_and_its_event(deliver: Deliver) -> None:
    """A row that lacks either says of nothing that it was used."""
    rows = [["Dokumentnr", "System", "Hændelsesnr", "Anvendelse"],
            ["D-1", "Opera", "", "Set"], ["", "Opera", "A-1", "Set"]]  # fmt: skip
    load = deliver({**opera(activity()), "workbase_dokumentbrug.xlsx": rows})
    assert load.file("workbase_dokumentbrug.xlsx")["quarantined"] == {"missing_id": 2}


@pytest.mark.parametrize("mark", ["", "#" * (2 * 1024 * 1024)])
def test_lines_that_end_each_in_their_own_way_are_lines(deliver: Deliver, mark: str) -> None:
    """No line of cells is taken for part of the line of names, whatever stands between them."""
    note = f"ring; x{mark}" if mark else "ring"
    text = (f"Titel\r{AKTIVITETER}\r{activity('A-1')}\n{activity('A-2', note=note)}\r"
            f"{activity('A-3')}\r\n{activity('A-4', end='x')}\r")  # fmt: skip
    load = deliver({"opera_sager.csv": f"{SAGER}\n{SAG}", OPERA: text.encode("cp1252")})
    file = load.file(OPERA)
    assert (file["read"], file["kept"], file["not_rows"]["title"]) == (4, 2 if mark else 3, 1)
    assert "unknown_columns" not in load.json["drift"]
    bad = ("bad_date", 6)
    found = load.sql("SELECT code, line FROM quarantine ORDER BY 1")
    assert found == ([bad, ("too_large", 4)] if mark else [bad])


_CIRCLE = """
format = 1
name = "kreds"
[[table]]
name = "sager"
files = "sager*.csv"
id = "Sag"
object = [{ column = "Sag" }]
[table.columns]
"Sag" = { kind = "id", to = "sag" }
"Plan" = { kind = "ref", to = "plan" }
"Efter" = { kind = "ref", to = "sag" }
"Kunde" = { kind = "ref", to = "kunde" }
[[table]]
name = "planer"
files = "planer*.csv"
id = "Plan"
object = [{ column = "Plan" }]
[table.columns]
"Plan" = { kind = "id", to = "plan" }
"Sag" = { kind = "ref", to = "sag" }
[[table]]
name = "kunder"
files = "kunder*.csv"
id = "Kunde"
object = [{ column = "Kunde" }]
[table.columns]
"Kunde" = { kind = "id", to = "kunde" }
"""


def test_tables_that_name_each_other_are_settled(deliver: Deliver, tmp_path: Path) -> None:
    """S2 names no plan, so P2 goes too; S4 names no customer, so what follows it, S3, goes too."""
    profile = tmp_path / "kreds.toml"
    profile.write_text(_CIRCLE, encoding="utf-8")
    files = {
        "sager.csv": "Sag;Plan;Efter;Kunde\nS1;P1;;K1\nS2;P9;;K1\nS3;;S4;K1\nS4;;;K9\n",
        "planer.csv": "Plan;Sag\nP1;S1\nP2;S2\n", "kunder.csv": "Kunde\nK1\n",
    }  # fmt: skip
    load = deliver(files, profile=profile, units=False)
    assert load.sql("SELECT object_id FROM objects ORDER BY 1") == [
        ("kunde:K1",), ("plan:P1",), ("sag:S1",),
    ]  # fmt: skip
    assert load.sql("SELECT code, count(*) FROM quarantine GROUP BY 1") == [("orphan", 4)]
