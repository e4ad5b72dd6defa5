# ruff: noqa: E501 - profiles and sentences stand as people see them
"""Profiles: faults named with their line, and layouts never seen that need no Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from procmine.errors import ConfigError
from procmine.exports import load_profile, profile_names
from procmine.exports.profiles import profile_schema
from procmine.exports.profiles.notes import profile_notes
from tests.exports.samples import Deliver

WIDE = """
format = 1
name = "wide"
system = "Casework"

[file]
delimiter = ","
decimal = "."
dates = ["iso"]

[roles]
unit = ["team"]
unit_kind = "kind"
resource = ["worker"]
done_in = "in"
case_qualifier = "about"

[[table]]
name = "teams"
files = "teams*.csv"
code_list = { code = "code", label = "name" }
id = "name"
object = [{ column = "name", attributes = { kind = "kind" } }]

[table.columns]
code = { kind = "plain" }
name = { kind = "unit", to = "team" }
kind = { kind = "code" }

[[table]]
name = "log"
files = "log*.csv"
object = [{ column = "Case", attributes = { area = "Area" } }]
link = [{ as = "of", from = "Case", to = "Citizen" }]

[table.columns]
Case = { kind = "ref", to = "application" }
Citizen = { kind = "citizen", to = "person" }
Area = { kind = "code" }
Activity = { kind = "activity", values = { "Permit issued" = "permit_issued" } }
Begin = { kind = "time" }
End = { kind = "time" }
Worker = { kind = "staff", to = "worker" }
Team = { kind = "unit", to = "team", codes = "teams" }
Fee = { kind = "number" }
Memo = { kind = "text", optional = true }

[[table.event]]
type = { column = "Activity" }
id = "log:{id}"
time = "End"
start = "Begin"
attributes = { fee = "Fee" }
objects = [
  { as = "about", column = "Case" },
  { as = "about", column = "Case", follow = ["of"] },
  { as = "by", column = "Worker" },
  { as = "in", column = "Team" },
]

[[table]]
name = "cases"
files = "cases*.csv"
id = "Case"

[table.columns]
Case = { kind = "id", to = "application" }
Status = { kind = "code" }

[[table.event]]
type = { column = "Status", map = { "Closed" = "case_closed", "On hold" = "case_on_hold" }, else = "status_changed" }
id = "status:{id}"
changed = "Status"
objects = [{ as = "about", column = "Case" }]
"""
LOG = """Case,Citizen,Area,Activity,Begin,End,Worker,Team,Fee,Memo
1001,711290-1234,Building,Application received,,2025-02-03T09:30:00,KLM,10,,
1001,711290-1234,Building,Permit issued,2025-02-10T08:00:00,2025-02-10T09:00:00,KLM,20,1250.5,x
"""
TEAMS = "code,name,kind\n10,Reception,JC\n20,Permits,YC\n"


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    path = tmp_path / "wide.toml"
    path.write_text(WIDE, encoding="utf-8")
    return path


def test_one_wide_file_with_english_headers_and_a_code_list_needs_no_python(
    deliver: Deliver, wide: Path
) -> None:
    """ISO dates, comma, unit codes in another file, no event ids, no list of persons."""
    load = deliver({"log.csv": LOG, "teams.csv": TEAMS}, profile=wide, units=False)
    assert load.json["totals"]["kept"] == 4
    events = load.sql("SELECT event_type, precision, strftime(time, '%H:%M'), \"attr.fee\", "
                      "start IS NULL FROM events")  # fmt: skip
    assert events == [("application_received", "second", "08:30", None, True),
                      ("permit_issued", "second", "08:00", 1250.5, False)]  # fmt: skip
    related = load.sql("SELECT qualifier, split_part(object_id, ':', 1), count(*) FROM e2o "
                       "GROUP BY 1, 2 ORDER BY 1, 2")  # fmt: skip
    assert related == [("about", "application", 2), ("about", "person", 2), ("by", "worker", 2),
                       ("in", "team", 2)]  # fmt: skip
    assert load.sql("SELECT number, \"attr.kind\" FROM objects WHERE object_type = 'team' "
                    "ORDER BY 1") == [("Permits", "YC"), ("Reception", "JC")]  # fmt: skip


def test_events_come_of_comparing_two_deliveries_of_an_overwritten_list(
    deliver: Deliver, wide: Path
) -> None:
    """A status that differs from the last delivery's changed between the two cuts."""
    before = deliver({"cases.csv": "Case,Status\n1,Open\n2,Open\n"}, profile=wide, units=False,
                     extracted="2025-03-01")  # fmt: skip
    assert before.json["events"] == 0
    after = deliver({"cases.csv": "Case,Status\n1,Closed\n2,Open\n3,On hold\n"}, profile=wide,
                    units=False, extracted="2025-03-31", previous=before)  # fmt: skip
    day = "strftime({} AT TIME ZONE 'Europe/Copenhagen', '%d-%m-%Y')"
    rows = after.sql(f"SELECT event_type, precision, {day.format('start')}, {day.format('time')} "
                     "FROM events")  # fmt: skip
    assert rows == [("case_closed", "day", "01-03-2025", "31-03-2025")]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('delimiter = ","', 'delimeter = ","', "linje {n}: 'delimeter' kendes ikke. Mente du 'delimiter'?"),
        ('Begin = { kind = "time" }', 'Begin = { kind = "tme" }', "linje {n}: 'tme' kendes ikke. Mente du 'time'?"),
        ('time = "End"', 'time = "Ending"', "linje {n}: kolonnen 'Ending' er ikke beskrevet i tabellen."),
        ('name = "wide"', "", "nøglen 'name' mangler"),
        ("[[table]]", "[[table", "linje {n}: filen er ikke gyldig TOML. En parentes mangler"),
        ('id = "log:{id}"', "id = 3", "linje {n}: værdien af 'id' har ikke den rigtige form. Her skal stå en tekst"),
        ('id = "log:{id}"', 'id = "log"', "linje {n}: værdien af 'id' har ikke den rigtige form. Her skal stå en tekst med {{id}} i"),
        ('id = "log:{id}"', 'id = "{nr}:{id}"', "linje {n}: '{{nr}}' kan ikke stå i et id."),
        ('Area = { kind = "code" }', "Area = { }", "linje {n}: nøglen 'kind' mangler"),
        ('Area = { kind = "code" }', 'Area = { kind = "code", optional = "ja" }', "linje {n}: værdien af 'optional' har ikke den rigtige form. Her skal stå true eller false"),
        ('Area = { kind = "code" }', 'Area = { kind = "code", names = ["citizen "] }', "linje {n}: to kolonner i tabellen hedder 'citizen'"),
        ('Area = { kind = "code" }', 'Area = { kind = "code" }\nArea = { kind = "time" }', "filen er ikke gyldig TOML. Navnet eller afsnittet står der to gange"),
        ('Area = { kind = "code" }', 'Område = { kind = "code" }', "linje {n}: filen er ikke gyldig TOML. Navne med mellemrum, æ, ø, å"),
        ('Memo = { kind = "text", optional = true }', '_id = { kind = "code" }', 'Kald den noget andet, og skriv names = ["_id"]'),
        ('codes = "teams"', 'codes = "team"', "linje {n}: ingen tabel med code_list hedder 'team'. Mente du 'teams'?"),
        ('decimal = "."', 'decimal = ";"', "linje {n}: ';' kendes ikke. De kendte er: ',', '.'."),
        ('decimal = "."', 'encoding = "utf8-bom"', "linje {n}: tegnkodningen 'utf8-bom' kendes ikke."),
        ('decimal = "."', 'timezone = "Europe/Kbh"', "linje {n}: 'Europe/Kbh' kan ikke bruges som 'timezone'. Skriv for eksempel"),
        ('dates = ["iso"]', 'dates = ["dd-mm-yyyy"]', "linje {n}: værdien af 'dates' har ikke den rigtige form. Skriv formen med %d"),
        ('dates = ["iso"]', 'dates = ["%d-%m-%Y %I:%M"]', "linje {n}: værdien af 'dates' har ikke den rigtige form."),
        ('delimiter = ","', "delimiter = '\"'", "linje {n}: '\"' kan ikke skille kolonner."),
        ('files = "log*.csv"', 'files = "/data/log*.csv"', "linje {n}: '/data/log*.csv' er ikke et mønster for filnavne."),
        ("case_qualifier = ", "case_qualifer = ", "linje {n}: rollen 'case_qualifer' kendes ikke. Mente du 'case_qualifier'?"),
        ('time = "End"\nstart = "Begin"', "optional = true", "hændelsen har intet tidspunkt. Skriv time, start eller changed."),
        ('[[table.event]]\ntype = { column = "Activity" }', '[table.event]\ntype = { column = "Activity" }', "skrives med to parenteser"),
        ('name = "wide"', "tal = " + "[" * 2000 + "]" * 2000, "i flere lag"),
    ],
)  # fmt: skip
def test_a_fault_names_its_line_and_the_nearest_word(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    """Every fault of a profile is said at once, with line and nearest known word."""
    path = tmp_path / "bad.toml"
    text = WIDE.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    line = next((i for i, said in enumerate(text.split("\n"), start=1) if new and new in said), 0)
    with pytest.raises(ConfigError) as caught:
        load_profile(path)
    assert words.format(n=line) in str(caught.value)


def test_a_key_that_lacks_is_each_named(tmp_path: Path) -> None:
    """An empty file lacks two keys, and both are said; without tables it says nothing at all."""
    path = tmp_path / "tom.toml"
    path.write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"'format' mangler\.\n.*'name' mangler"):
        load_profile(path)
    path.write_text('format = 1\nname = "x"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="ingen tabeller"):
        load_profile(path)


def test_a_profile_in_another_encoding_or_far_too_large_is_refused(tmp_path: Path) -> None:
    """Both say what to do; lines that end in a carriage return alone are lines."""
    path = tmp_path / "p.toml"
    path.write_bytes(WIDE.replace("Memo", '"Bemærkning"').encode("cp1252"))
    with pytest.raises(ConfigError, match="linje 46: filen er ikke skrevet i UTF-8"):
        load_profile(path)
    path.write_bytes(WIDE.encode("utf-16"))
    with pytest.raises(ConfigError, match="linje 1: filen er ikke skrevet i UTF-8"):
        load_profile(path)
    path.write_bytes(b"#" * (4 * 1024 * 1024 + 1))
    with pytest.raises(ConfigError, match="over 4 MB"):
        load_profile(path)
    path.write_bytes(WIDE.replace("\n", "\r").encode())
    assert load_profile(path).name == "wide"


def test_a_union_of_ones_own_is_found_beside_it_and_never_of_itself(tmp_path: Path) -> None:
    """Parts are looked for in the union's folder; a part that is not there is named with line."""
    (tmp_path / "wide.toml").write_text(WIDE, encoding="utf-8")
    union = tmp_path / "alt.toml"
    head = 'format = 1\nname = "alt"\n[union]\nof = '
    union.write_text(head + '["enheder", "wide.toml"]\n', encoding="utf-8")
    assert [t.name for t in load_profile(union).tables][-3:] == ["teams", "log", "cases"]
    union.write_text(head + '["kmd-oper"]\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"alt.toml, linje 4: .*Mente du 'kmd-opera'"):
        load_profile(union)
    union.write_text(head + '["alt.toml"]\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="samlet af sig selv"):
        load_profile(union)
    union.write_text(head + '["enheder"]\n' + WIDE[WIDE.index("[[table]]") :], encoding="utf-8")
    with pytest.raises(ConfigError, match="ikke begge dele"):
        load_profile(union)


def test_names_that_nothing_else_uses_are_noted_and_stop_nothing(tmp_path: Path) -> None:
    """A role, a type and a relation that look misspelt; the shipped ones have none."""
    path = tmp_path / "p.toml"
    text = WIDE.replace('resource = ["worker"]', 'resource = ["wrker"]')
    text = text.replace('follow = ["of"]', 'follow = ["off"]')
    path.write_text(text.replace('"ref", to = "application"', '"ref", to = "aplication"'), "utf-8")
    assert profile_notes(load_profile(path)) == [
        "Rollen resource nævner 'wrker', som ingen tabel laver. Mente du 'worker'?",
        "Tabellen log, kolonnen Case: ingen tabel er listen over 'aplication'. Mente du 'application'?",
        "Tabellen log: ingen link hedder 'off' (follow). Mente du 'of'?",
    ]
    assert not any(profile_notes(load_profile(name)) for name in ("kmd", "ky", "momentum", "sbsys"))
    path.write_text(
        WIDE.replace('case_qualifier = "about"', 'case_qualifier = "about"\ndone_by = "inn"'),
        "utf-8",
    )
    assert profile_notes(load_profile(path)) == []  # what is near it is what another role names


def test_an_unknown_profile_is_answered_with_the_nearest() -> None:
    """A misspelt name is answered with the known ones."""
    with pytest.raises(ConfigError, match="Mente du 'kmd-aktiv'"):
        load_profile("kmd-aktif")


def test_every_shipped_profile_is_sound_and_named() -> None:
    """All of them load; examples say that they are not the supplier's format."""
    assert {"kmd", "kmd-opera", "kmd-workbase", "kmd-aktiv", "dfdg-kontakt", "enheder"} <= set(
        profile_names()
    )
    for name in profile_names():
        profile = load_profile(name)
        assert profile.tables
        if not name.startswith(("kmd", "dfdg", "enheder")):
            assert profile.note == "eksempel, ikke leverandørens format"


def test_the_schema_is_published_and_itself_valid() -> None:
    """The JSON schema is one that a validator accepts."""
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(profile_schema())


@pytest.mark.parametrize(
    ("said", "instead", "words"),
    [
        ('time = "End"\nstart = "Begin"\n', "", "hændelsen har intet tidspunkt"),
        ('time = "End"', 'time = "Fee"', "kolonnen 'Fee' har kind number"),
        ('{ as = "in", column = "Team" }', '{ as = "in", column = "Memo" }', "'Memo' har kind text"),
        ('type = { column = "Activity" }', 'type = { column = "End" }', "'End' har kind time"),
        ('dates = ["iso"]', 'dates = ["%d-%q-%Y"]', "'dates' har ikke den rigtige form"),
        ('dates = ["iso"]', 'dates = ["%d-%d-%m-%Y"]', "har ikke den rigtige form"),
        ('dates = ["iso"]', 'dates = ["iso"]\ntimezone = "Nowhere"', "'Nowhere' kan ikke bruges som 'timezone'"),
        ('dates = ["iso"]', 'dates = ["iso"]\nsentinels = ["x"]', "'x' kan ikke bruges som 'sentinels'"),
        ('unit = ["team"]', "unit = 2026-01-01", "'unit' har ikke den rigtige form"),
        ('name = "cases"', 'name = "log"', "to tabeller hedder 'log'"),
    ],
)  # fmt: skip
def test_a_use_that_a_column_or_setting_does_not_allow_is_named(
    tmp_path: Path, said: str, instead: str, words: str
) -> None:
    """What fuzzing found: each is a sentence with the profile's line, none a traceback."""
    assert said in WIDE
    path = tmp_path / "wide.toml"
    path.write_text(WIDE.replace(said, instead, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match="linje") as caught:
        load_profile(path)
    assert words in str(caught.value)
