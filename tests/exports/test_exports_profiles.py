# ruff: noqa: E501 - profiles and sentences stand as people see them
"""Profiles: faults named with their line, and layouts never seen that need no Python."""

from __future__ import annotations

from pathlib import Path

import pytest

from procmine.errors import ConfigError
from procmine.exports import load_profile, profile_names
from procmine.exports.profiles import profile_schema
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
        ("[[table]]", "[[table", "ikke gyldig TOML"),
        ('id = "log:{id}"', "id = 3", "ikke den rigtige form"),
    ],
)  # fmt: skip
def test_a_fault_names_its_line_and_the_nearest_word(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    """Every fault of a profile is said at once, with line and nearest known word."""
    path = tmp_path / "bad.toml"
    text = WIDE.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    line = next(i for i, content in enumerate(text.split("\n"), start=1) if new in content)
    with pytest.raises(ConfigError) as caught:
        load_profile(path)
    assert words.format(n=line) in str(caught.value)


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
        ('time = "End"\nstart = "Begin"\n', "", "'time' kan ikke bruges som 'event'"),
        ('time = "End"', 'time = "Fee"', "kolonnen 'Fee' er af arten number"),
        ('{ as = "in", column = "Team" }', '{ as = "in", column = "Memo" }', "'Memo' er af arten text"),
        ('type = { column = "Activity" }', 'type = { column = "End" }', "'End' er af arten time"),
        ('dates = ["iso"]', 'dates = ["%d-%q-%Y"]', "'file.dates.0' har ikke den rigtige form"),
        ('dates = ["iso"]', 'dates = ["%d-%d-%m-%Y"]', "har ikke den rigtige form"),
        ('dates = ["iso"]', 'dates = ["iso"]\ntimezone = "Nowhere"', "'Nowhere' kan ikke bruges som 'timezone'"),
        ('dates = ["iso"]', 'dates = ["iso"]\nsentinels = ["x"]', "'x' kan ikke bruges som 'sentinels'"),
        ('unit = ["team"]', "unit = 2026-01-01", "'roles.unit' har ikke den rigtige form"),
        ('name = "cases"', 'name = "log"', "'log' kan ikke bruges som 'name'"),
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
