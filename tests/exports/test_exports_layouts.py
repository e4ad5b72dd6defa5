"""Layouts that nobody has seen: their drafts, and what the log becomes with them."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import openpyxl
import pyarrow as pa
import pytest

from procmine.errors import ExportError
from procmine.exports import load_profile
from procmine.exports.page import account_page
from procmine.exports.persons import has_cpr
from procmine.exports.stamps import DAY, MINUTE, OK, SECOND, parse_stamps
from procmine.exports.suggest import suggest_profile

if TYPE_CHECKING:
    from pathlib import Path

    from tests.exports.samples import Deliver


@pytest.fixture
def drafted(tmp_path: Path, deliver: Deliver) -> Any:
    """Draft a profile for files of text and load them with it; `edits` are made to the draft."""

    def run(files: dict[str, str], *edits: tuple[str, str]) -> Any:
        folder = tmp_path / "ukendt"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        text = suggest_profile(sorted(folder.iterdir()))
        for old, new in edits:
            assert old in text, old
            text = text.replace(old, new)
        profile = tmp_path / "udkast.toml"
        profile.write_text(text, encoding="utf-8")
        load = deliver({n: c.encode() for n, c in files.items()}, profile=profile, units=False)
        return text, load

    return run


def lines(head: str, row: str, count: int) -> str:
    """Write a file: `row` with the row's number and that of its case, two rows a case."""
    rows = [
        row.format(i=i, case=i // 2, odd=i % 2, day=1 + i % 28, tall=13 + i % 15)
        for i in range(count)
    ]
    return "\n".join((head, *rows))


def test_a_wide_file_gives_an_event_for_each_milestone(drafted: Any) -> None:
    """The outcome is that of the milestone before it; who is named alone did them all."""
    head = "Sagsnummer;Modtaget;Samtale;Truffet;Resultat;Ansvarlig;Senest;Fødselsdato;Kommentar"
    row = "S{i};{day:02}-01-2025;{day:02}-02-2025 10:00;;Bevilget;abc;01-01-2099;01-01-1970;hej {i}"
    text, load = drafted({"sager.csv": lines(head, row, 40)})
    assert text.count("attributes = { udfald =") == 1
    assert '"Ansvarlig" = { kind = "staff"' in text
    assert '"Fødselsdato" = { kind = "text" }' in text
    assert load.json["totals"]["kept"] == 40
    found = load.sql("SELECT event_type, precision, count(*) FROM events GROUP BY ALL ORDER BY 1")
    assert found == [("sager_modtaget", "day", 40), ("sager_samtale", "minute", 40)]


def test_columns_of_the_same_name_are_told_apart_by_number(drafted: Any) -> None:
    """The second is `Dato (2)`, in the draft and in the file; without a place it is reported."""
    head = "Sag;Dato;Behandler af;Dato;Behandler af"
    files = {"liste.csv": lines(head, "S{i};{day:02}-01-2025;abc;{day:02}-02-2025;def", 30)}
    text, load = drafted(files)
    assert '"Dato (2)" = { kind = "time" }' in text
    assert load.json["events"] == 60
    done = "SELECT count(*) FROM e2o WHERE qualifier = 'udfoert_af' GROUP BY object_id"
    assert load.sql(done) == [(30,), (30,)]
    without = [line for line in text.split("[[table.event]]\n") if "dato_2" not in line]
    short = "[[table.event]]\n".join(without).replace('"Dato (2)" = { kind = "time" }\n', "")
    _, load = drafted(files, (text, short))
    assert load.json["drift"]["unknown_columns"] == [["liste.csv", "Dato (2)"]]


def test_no_person_is_kept_by_a_draft(drafted: Any) -> None:
    """Free text stays so where its name says case too; nor names, addresses and days of birth."""
    head = "JournalNr;PartCPR;PartNavn;Adresse;Sagstitel;Navn;Klient;Oprettet;Handled By"
    row = "J-{i};7{odd}1290-1234;Bo Ek {i};Vej {i};Sag {i} om bil;Ib;Ib Bo;{day:02}-01-2025;kim"
    text, load = drafted({"liste.csv": lines(head, row, 70)})
    for name in ("PartNavn", "Adresse", "Sagstitel", "Navn", "Klient"):
        assert f'"{name}" = {{ kind = "text" }}' in text
    assert '"Handled By" = { kind = "staff"' in text
    assert "Bo" not in text
    assert load.json["totals"]["kept"] == 70


def test_what_is_the_same_for_all_of_a_case_is_not_of_its_events(drafted: Any) -> None:
    """No event begins where its case began, nor is it done by who answers for the case."""
    head = "Case ID,Case start,Case responsible,Activity,Resource,Completed"
    row = "C{case},2025-01-01 08:00,ann,{odd} step,bo{odd},2025-02-{day:02} 09:00"
    text, load = drafted({"log.csv": lines(head, row, 40)})
    assert 'start = "Case start"' not in text
    assert '{ as = "udfoert_af", column = "Resource" }' in text
    assert 'column = "Case responsible" }' not in text
    assert load.sql("SELECT count(*), count(start) FROM events") == [(40, 0)]


def test_a_row_of_a_log_without_its_time_is_quarantined(drafted: Any) -> None:
    """It would be kept without an event, and nobody would know."""
    log = lines("Sagsnr;Hændelse;Tid", "S{case};Brev {odd};{day:02}-02-2025 09:00", 20)
    _, load = drafted({"log.csv": f"{log}\nS9;Brev 1;\n"})
    assert load.file("log.csv")["quarantined"] == {"missing_time": 1}
    assert load.json["events"] == 20


def test_the_page_says_where_the_quarantined_rows_stand(deliver: Deliver, tmp_path: Path) -> None:
    """File, line and column of the first of each reason; how large the log is."""
    path = tmp_path / "log.csv"
    log = lines("Sagsnr;Hændelse;Tid", "S{case};Brev {odd};{day:02}-02-2025 09:00", 20)
    path.write_text(log, encoding="utf-8")
    profile = tmp_path / "udkast.toml"
    profile.write_text(suggest_profile([tmp_path]), encoding="utf-8")
    bad = f"{log}\nS9;Brev 1;i morgen\nS9;Brev 1;\n"
    load = deliver({"log.csv": bad.encode()}, profile=profile, units=False)
    assert load.json["places"] == {
        "bad_date": [["log.csv", 22, "Tid"]], "missing_time": [["log.csv", 23, ""]],
    }  # fmt: skip
    page = account_page(load.account)
    assert "Først: log.csv, linje 22, kolonnen 'Tid'." in page
    assert "Først: log.csv, linje 23." in page
    assert "Loggen har nu 20 hændelser, 10 objekter og 20 forbindelser" in page
    none = deliver({"log.csv": "Sagsnr;Hændelse;Tid\nS1;Brev 1;x\n"}, profile=profile, units=False)
    assert "Loggen har ingen hændelser." in account_page(none.account)


def test_dates_of_others(drafted: Any) -> None:
    """Month first, half days and fractions: each read as it stands, others' files apart."""
    american = lines("Case #,Event,When", "{case},{odd} go,03/{tall}/2025 01:05:00 PM", 30)
    disco = lines("Case ID,Activity,End", "{case},{odd} go,2025/02/{day:02} 13:05:00.250", 30)
    danish = lines("Sag;Hændelse;Dato", "S{case};{odd} gik;{day:02}/02/2025", 30)
    text, load = drafted({"a.csv": danish, "b.csv": american, "c.csv": disco})
    assert 'dates = ["%d/%m/%Y", "%Y/%m/%d %H:%M:%S.%f", "iso"]' in text
    assert 'file = { delimiter = ",", dates = ["%m/%d/%Y %I:%M:%S %p", "iso"] }' in text
    assert load.json["totals"] == {"read": 90, "kept": 90, "left_out": 0, "quarantined": 0}
    found = load.sql(
        "SELECT DISTINCT substr(event_id, 1, 1), month(time), precision FROM events ORDER BY 1"
    )
    # 1 February at midnight in Denmark is in January by UTC.
    assert found == [("a", 1, "day"), ("a", 2, "day"), ("b", 3, "second"), ("c", 2, "second")]


def test_a_draft_says_where_nothing_tells_the_day_from_the_month(tmp_path: Path) -> None:
    """Days up to the 12th alone may be months as well; one later day settles it."""
    path = tmp_path / "log.csv"
    for day, unsure in ((12, True), (13, False)):
        path.write_text(f"Sagsnr;Dato\nS1;01/02/2025\nS2;{day}/02/2025\n", encoding="utf-8")
        assert ("dag eller måned står først" in suggest_profile([path])) == unsure


def test_half_days_and_fractions_are_read() -> None:
    """Noon and midnight by AM and PM; 13 PM is no hour; a fraction is of the second."""
    cells = pa.array(
        [
            "12/31/2025 12:05:07 AM",
            "1/2/2025 12:00 pm",
            "12/31/2025 13:00 PM",
            "2025/01/02 0:00:00.5",
        ]
    )
    formats = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%Y/%m/%d %H:%M:%S.%f")
    stamps = parse_stamps(cells, formats, "UTC")
    assert (stamps.status == OK).tolist() == [True, True, False, True]
    assert stamps.precision.tolist()[:2] == [SECOND, MINUTE]
    seconds = [us / 10**6 for us in stamps.us.tolist()]
    assert seconds[0] == datetime.fromisoformat("2025-12-31T00:05:07+00:00").timestamp()
    assert seconds[1] == datetime.fromisoformat("2025-01-02T12:00:00+00:00").timestamp()
    assert seconds[3] == datetime.fromisoformat("2025-01-02T00:00:00.5+00:00").timestamp()


def test_serials_among_dates_are_dates(drafted: Any) -> None:
    """45290,25 is 30 December 2023 at six, where dates stand; elsewhere it is a number."""
    log = lines("Sagsnr;Aktivitet;Dato;Løbetal", "45{case:03};Brev {odd};4529{odd},25;45292", 40)
    text, load = drafted({"log.csv": f"{log}\n45001;Brev 1;03-01-2024 06:00;45292\n"})
    assert '"excel"' in text
    assert '"Løbetal" = { kind = "time"' not in text
    times = load.sql("SELECT DISTINCT time::VARCHAR FROM events ORDER BY 1")
    assert [row[0][:16] for row in times] == [
        "2023-12-30 05:00",
        "2023-12-31 05:00",
        "2024-01-03 05:00",
    ]


def test_midnights_of_a_database_are_days(drafted: Any) -> None:
    """Every stamp at 00:00:00: the draft says days, and no step pretends to an hour."""
    row = "S{case};Brev {odd};2025-02-{day:02} 00:00:00.000"
    text, load = drafted({"log.csv": lines("Sagsnr;Hændelse;Dato", row, 30)})
    assert '"Dato" = { kind = "time", days = true }' in text
    assert load.sql("SELECT DISTINCT precision FROM events") == [("day",)]
    assert DAY < MINUTE


def test_codes_of_units_with_their_list_in_another_file(drafted: Any) -> None:
    """The list is found by the name of its column, and the units get their names."""
    log = lines("EVENT_ID,CASE_ID,EVENT_TYPE,EVENT_DATE,DEPT_CD",
                "{i},{case},T{odd},2025-02-{day:02},01{odd}", 30)  # fmt: skip
    codes = "DEPT_CD,DEPT_NAME\n010,Front Desk\n011,Review\n"
    text, load = drafted({"codes.csv": codes, "log.csv": log})
    assert 'code_list = { code = "DEPT_CD", label = "DEPT_NAME" }' in text
    assert '"DEPT_CD" = { kind = "unit", to = "enhed", codes = "codes" }' in text
    units = load.sql("SELECT number FROM objects WHERE object_type = 'enhed' ORDER BY 1")
    assert units == [("Front Desk",), ("Review",)]


def test_a_list_with_an_overwritten_status_gives_events_by_two_deliveries(
    tmp_path: Path, deliver: Deliver
) -> None:
    """As drafted: 20 cases, 10 of them closed since; each at a time between the two."""
    first = lines("Sagsid;Sagstype;Status", "{i};T{odd};Ny", 20)
    path = tmp_path / "sagsliste_2025-02.csv"
    path.write_text(first, encoding="utf-8")
    profile = tmp_path / "udkast.toml"
    profile.write_text(
        suggest_profile([path]).replace('map = { "Ny" = ', 'map = { "Lukket" = "lukket", "Ny" = '),
        encoding="utf-8",
    )
    second = first.replace("T1;Ny", "T1;Lukket")
    one = deliver({"sagsliste_2025-02.csv": first}, profile=profile, units=False,
                  extracted="2025-03-01")  # fmt: skip
    two = deliver({"sagsliste_2025-03.csv": second}, profile=profile, units=False, previous=one,
                  extracted="2025-03-31")  # fmt: skip
    assert one.json["events"] == 0
    assert two.sql("SELECT event_type, count(*) FROM events GROUP BY 1") == [("lukket", 10)]


def test_a_files_name_is_drafted_as_a_pattern_that_fits_it(drafted: Any, tmp_path: Path) -> None:
    """Brackets are letters, no CPR number is written, and composed letters are the same."""
    log = lines("Sagsnr;Hændelse;Dato", "S{case};Brev {odd};{day:02}-02-2025", 20)
    names = ["711290-1234 [log].csv", unicodedata.normalize("NFD", "hændelser [1].csv")]
    text, load = drafted(dict.fromkeys(names, log))
    assert not has_cpr(text)
    assert load.json["totals"]["read"] == 40
    assert 'name = "log"' in text


def test_months_of_a_table_are_one_table(tmp_path: Path) -> None:
    """Two files with the same columns whose names differ by a month."""
    for month in (1, 2):
        log = lines("Sagsnr;Hændelse;Dato", "S{case};Brev {odd};{day:02}-02-2025", 20)
        (tmp_path / f"log_2025-0{month}.csv").write_text(log, encoding="utf-8")
    assert suggest_profile(sorted(tmp_path.iterdir())).count("[[table]]") == 1


def test_a_file_that_fits_two_patterns_goes_where_its_columns_are(drafted: Any) -> None:
    """The longer pattern is tried first, then the columns decide; neither: it is refused."""
    log = lines("Nr;Sag;Hændelse;Dato", "{i};S{case};Brev {odd};{day:02}-02-2025", 20)
    cases = lines("Sag;Type", "S{i};T{odd}", 10)
    for edit in (("sager_log*", "sager_log*"), ("sager_log*", "sager*")):
        _, load = drafted({"sager.csv": cases, "sager_log.csv": log}, edit)
        assert [f["table"] for f in load.json["files"]] == ["sager", "sager_log"]
    with pytest.raises(ExportError, match="mangler kolonnen 'Journal'"):
        drafted({"sager.csv": cases, "sager_log.csv": log},
                ("sager_log*", "sager*"), ('"Sag" = ', '"Journal" = '),
                ('column = "Sag"', 'column = "Journal"'),
                ('id = "Sag"', 'id = "Journal"'))  # fmt: skip


def test_names_like_our_own_are_given_others(drafted: Any) -> None:
    """`_CASE_KEY` and `Request #` are read by the names that the draft gives them."""
    row = "C-{case},{odd} go,2025-02-{day:02} 10:00,{odd}"
    text, load = drafted({"log.csv": lines("_CASE_KEY,ACTIVITY_EN,EVENTTIME,Request #", row, 20)})
    assert '"CASE_KEY" = { kind = "ref", to = "case_key", names = ["_CASE_KEY"] }' in text
    assert 'names = ["Request #"]' in text
    assert load.json["totals"]["kept"] == load.json["events"] == 20


def test_names_of_our_own_never_meet_those_of_the_file(drafted: Any) -> None:
    """`_id` beside `id`, and two dates of one slug: the draft is a profile all the same."""
    head = "_id;id;Sagsnr;Dato!;Dato?"
    text, load = drafted({"log.csv": lines(head, "x;y;S{i};{day:02}-02-2025;{day:02}-03-2025", 20)})
    assert '"id 1" = { kind = "code", names = ["_id"] }' in text
    assert load.json["events"] == 40


def test_a_file_without_names_of_columns_is_refused(tmp_path: Path) -> None:
    """Its first row would be taken for names, and what it holds be written."""
    path = tmp_path / "log.csv"
    path.write_text(lines("S1;Bo Ek;01-02-2025", "S{i};Bo Ek;{day:02}-02-2025", 9), "utf-8")
    with pytest.raises(ExportError, match="ser ikke ud til at have en linje med kolonnenavne"):
        suggest_profile([path])


def test_half_numbers_of_persons_are_persons(drafted: Any) -> None:
    """A column with CPR numbers in part of its rows is one of citizens, and says how many."""
    row = "{i};{who};Brev {odd};{day:02}-02-2025"
    log = "\n".join(["Nr;Personid;Hændelse;Dato", *(
        row.format(i=i, who=f"711290-1{i:03}" if i % 2 else f"B{i}", odd=i % 2, day=1 + i % 28)
        for i in range(40))])  # fmt: skip
    text, _ = drafted({"log.csv": log})
    assert "CPR-numre i nogle af rækkerne, andre numre i resten: alle bliver til koder (50" in text


def test_what_happened_is_found_by_what_changes_within_a_case(drafted: Any) -> None:
    """No name says so: the column that changes most within a number is drafted as such."""
    row = "AZ-{case},{odd} trin,Nord,2025-02-{day:02} 10:00"
    text, load = drafted({"log.csv": lines("Aktenzeichen,Vorgang,Ort,Zeit", row, 60)})
    assert '"Vorgang" = { kind = "activity" }' in text
    assert load.json["events"] == load.json["e2o"] == 60


def test_a_workbook_with_a_cover_two_lines_of_heads_and_a_sheet_a_year(
    tmp_path: Path, deliver: Deliver
) -> None:
    """The fullest sheet is drafted; merged heads above do no harm; all years are read."""
    book = openpyxl.Workbook()
    book.active.append(["Vejledning"])
    for year in (2024, 2025):
        sheet = book.create_sheet(str(year))
        sheet.append([f"Sager {year}"])
        sheet.merge_cells("A1:D1")
        sheet.append(["Sag", None, "Modtaget", "Afgjort"])
        sheet.append(["Sagsnr", "Sagstype", "Dato", "Dato"])
        for i in range(20):
            sheet.append(
                [
                    f"{year}-{i:03}",
                    "Bil",
                    datetime(year, 1, 1 + i, tzinfo=UTC).replace(tzinfo=None),
                    f"0{1 + i % 9}-02-{year}",
                ]
            )
        sheet.append(["I alt", None, 20])
    path = tmp_path / "sager.xlsx"
    book.save(path)
    profile = tmp_path / "udkast.toml"
    profile.write_text(suggest_profile([path]), encoding="utf-8")
    assert load_profile(profile).tables[0].column("Dato (2)").kind == "time"
    load = deliver({"sager.xlsx": path.read_bytes()}, profile=profile, units=False)
    assert load.json["totals"] == {"read": 40, "kept": 40, "left_out": 0, "quarantined": 0}
    found = load.sql("SELECT event_type, count(*) FROM events GROUP BY 1 ORDER BY 1")
    assert found == [("sager_afgjort_dato", 40), ("sager_modtaget_dato", 40)]


def test_a_header_whose_names_go_over_lines_is_read(drafted: Any) -> None:
    """Wrapped names in quotes, as from a sheet; rows below keep their own line numbers."""
    log = lines(
        'Sagsnr;"Dato\nmodtaget";"Hænd-\r\nelse"', "S{case};{day:02}-02-2025;Brev {odd}", 20
    )
    text, load = drafted({"log.csv": f"{log}\nS9;i morgen;Brev 1\n"})
    assert '"Dato modtaget" = { kind = "time" }' in text
    assert load.json["events"] == 20
    assert load.json["places"] == {"bad_date": [["log.csv", 24, "Dato modtaget"]]}
