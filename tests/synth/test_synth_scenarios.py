"""Every key of a scenario file does what it says, and each of them may be 0."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest

from procmine.errors import ConfigError
from procmine.synth import Scenario, load_scenario, simulate
from procmine.synth.clock import day_of
from procmine.synth.simulate import run

from .conftest import Sample

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from procmine.synth.ledger import Ledger
    from procmine.synth.record import Case

CASES = {"rehabilitering": 40, "sanktion": 70, "sygedagpenge_opstart": 8, "befordring": 4}


def written(table: dict[str, Any], within: str = "") -> str:
    """Write a table as TOML: what the file of a scenario holds."""
    plain = {k: v for k, v in table.items() if not _nested(v)}
    lines = [f"{key} = {_value(value)}" for key, value in plain.items()]
    for key, value in table.items():
        name = f"{within}.{key}" if within else key
        for row in value if isinstance(value, list) and _nested(value) else []:
            lines += [f"[[{name}]]", written(row, name)]
        if isinstance(value, dict):
            lines += [f"[{name}]", written(value, name)]
    return "\n".join(lines)


def _nested(value: object) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and bool(value) and isinstance(value[0], dict)
    )


def _value(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def plan(place: Path, **changes: Any) -> Scenario:
    """Read a scenario file: the demo's, small, with some keys set (``table__key``)."""
    source = resources.files("procmine.synth") / "scenarios" / "demo.toml"
    raw = tomllib.loads(source.read_text(encoding="utf-8")) | {"cases": CASES}
    for path, value in changes.items():
        *tables, key = path.split("__")
        table = raw
        for name in tables:
            table = table.setdefault(name, {})
        table[key] = value
    file = place / "own.toml"
    file.write_text(written(raw), encoding="utf-8")
    return load_scenario(file)


def steps(name: str) -> Callable[[Ledger], float]:
    """Count the steps of a type."""
    return lambda ledger: sum(s.type == name for case in ledger.cases for s in case.steps)


def visits(grade: str, prefix: str) -> Callable[[Ledger], float]:
    """Count the visits planted with a grade, in one process."""
    return lambda ledger: sum(
        grade in (v.grade, v.pending)
        for case in ledger.cases
        for v in case.visits
        if case.flow.prefix == prefix
    )


def complaints(ledger: Ledger) -> float:
    """Count the complaints about plans."""
    return sum(case.complained for case in ledger.cases if case.flow.prefix == "P")


def documents(status: str) -> Callable[[Ledger], float]:
    """Count the documents planted as something."""
    return lambda ledger: sum(d.planted == status for d in ledger.documents)


def plants(name: str, prefix: str) -> Callable[[Ledger], float]:
    """Count what else was planted, in one process."""
    return lambda ledger: sum(
        plant.name == name and plant.case is not None and plant.case.flow.prefix == prefix
        for plant in ledger.plants
    )


def decoys(name: str) -> Callable[[Ledger], float]:
    """Count the documents that are decoys."""
    return lambda ledger: sum(d.decoy == name for d in ledger.documents)


def open_cases(ledger: Ledger) -> float:
    """Count the cases that have not ended."""
    return sum(case.end is None for case in ledger.cases)


def of_known_citizens(ledger: Ledger) -> float:
    """Count the cases of citizens who have another one."""
    return len(ledger.cases) - len(ledger.citizens)


def largest_meeting(ledger: Ledger) -> float:
    """Return how many plans the fullest meeting heard."""
    heard = [s.meeting for case in ledger.cases for s in case.steps if s.meeting]
    return max((heard.count(number) for number in set(heard)), default=0)


def pace(month: int | None = None) -> Callable[[Ledger], float]:
    """Return the days from the offence to the report of cases begun late (or in a month)."""

    def measure(ledger: Ledger) -> float:
        waits = [_report(c) for c in ledger.cases if c.index >= 0 and _late(c, month)]
        return sum(waits) / len(waits)

    return measure


def _late(case: Case, month: int | None) -> bool:
    if case.start is None or case.flow.process != "sanktion" or len(case.steps) < 6:
        return False
    day = day_of(case.start)
    return day.year == 2026 if month is None else day.month == month


def _report(case: Case) -> float:
    last = [s.end for s in case.steps if s.type == "rimelig_grund_vurderet"]
    return ((last or [case.steps[-1].end])[0] - (case.start or 0)) / 1440


@dataclass
class Key:
    """A key, a value that shows, and what it moves."""

    path: str
    value: Any
    count: Callable[[Ledger], float]
    run: str = "planted"
    """Keys of one name are raised in the same run: they do not touch each other's counts."""
    none_at_zero: bool = True
    up: bool = True


# A meeting must be held for most else to happen, and a trial is another matter.
NEEDED = {"trial": {}, "meeting__capacity": 1}
KEYS = [
    Key("stalled", 60, open_cases, "stalled", none_at_zero=False),
    Key("parallel", 90, of_known_citizens),
    Key("trend", 150, pace(), "trend", none_at_zero=False),
    Key("season", 400, pace(7), "season", none_at_zero=False),
    Key("meeting__capacity", 30, largest_meeting, "meeting", none_at_zero=False),
    Key(
        "meeting__agenda_days",
        200,
        steps("teammoede_afholdt"),
        "agenda",
        none_at_zero=False,
        up=False,
    ),
    Key("share__sanktion__loop", 50, visits("G2", "SA")),
    Key("share__sanktion__wrong_unit", 90, visits("G1", "SA")),
    Key("share__sanktion__control_return", 30, visits("GK", "SA")),
    Key("share__sanktion__complaint", 90, visits("G3", "SA")),
    Key("share__sanktion__extended", 90, plants("hearing_extended", "SA")),
    Key("share__rehabilitering__control_return", 50, visits("GK", "P")),
    Key("share__rehabilitering__returned", 50, visits("G2", "P")),
    Key("share__rehabilitering__postponed", 60, steps("teammoede_udsat")),
    Key("share__rehabilitering__complaint", 90, complaints),
    Key("share__rehabilitering__extended", 90, plants("hearing_extended", "P")),
    Key("waste__unused", 60, documents("unused")),
    Key("waste__duplicate", 50, documents("duplicate")),
    Key("waste__renewed", 50, documents("renewed")),
    Key("waste__after_decision", 80, documents("after_decision")),
    Key("waste__renewed_with_reason", 50, decoys("renewed_with_reason")),
    Key("waste__used_elsewhere", 100, decoys("used_elsewhere")),
    Key("waste__late_request", 90, plants("late_request", "P")),
]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Ledger]:
    """Run the scenario with every key at 0 but those of one run; each of them once."""
    place, known = tmp_path_factory.mktemp("keys"), {}

    def ledger(name: str) -> Ledger:
        if name not in known:
            zero = {key.path: 0 for key in KEYS if key.path not in NEEDED}
            raised = {key.path: key.value for key in KEYS if key.run == name}
            known[name] = run(plan(place, **NEEDED | zero | raised))[1]
        return known[name]

    return ledger


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.path)
def test_a_key_acts_and_may_be_zero(key: Key, runs: Callable[[str], Ledger]) -> None:
    """More of it is planted than where all keys are 0, and there nothing is."""
    none, more = key.count(runs("")), key.count(runs(key.run))

    assert more > none if key.up else more < none
    if key.none_at_zero:
        assert none == 0


RULES = {
    "caseworker_decides": steps("indstilling_sendt_yc"),
    "joint_plan": steps("samtale_afholdt"),
    "documents_limited": lambda ledger: len(ledger.documents),
    "team_optional": steps("teammoede_afholdt"),
}


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """Run the scenario without a trial or a change of law."""
    return run(plan(tmp_path_factory.mktemp("bare"), trial={}, law=[]))[1]


@pytest.mark.parametrize(
    ("rule", "table"), [*((rule, "trial") for rule in RULES), ("team_optional", "law")]
)
def test_a_rule_holds_from_its_date(rule: str, table: str, bare: Ledger, tmp_path: Path) -> None:
    """A trial and a change of law take away what their rule says, for cases from their day on."""
    change: Any = {"start": date(2025, 11, 1), "rules": [rule]}
    tables = {"trial": {}, "law": []} | {table: change if table == "trial" else [change]}
    having = run(plan(tmp_path, **tables))[1]

    assert RULES[rule](having) < RULES[rule](bare)
    assert {bool(case.rules) for case in having.cases} == {True, False}


def test_sizes_may_be_zero(tmp_path: Path) -> None:
    """A process without cases, a unit without staff, meetings without places: all of it runs."""
    nothing = dict.fromkeys(CASES, 0)
    assert run(plan(tmp_path, cases=nothing))[1].cases == []
    ledger = run(plan(tmp_path, meeting__capacity=0, meeting__every_weeks=0, unit=UNSTAFFED))[1]
    assert steps("rimelig_grund_vurderet")(ledger) > 0
    assert steps("teammoede_afholdt")(ledger) == 0


UNSTAFFED = [
    {"name": f"{kind}-1", "kind": kind, "staff": 0, "part_time": 0, "meets": kind == "RT"}
    for kind in ("JC", "YC", "RT", "KF", "AA", "PL", "BO", "AST", "SYS")
]


def cells(sample: Sample, column: str) -> list[str]:
    """Return a column of the activities."""
    rows = sample.table("opera_aktiviteter.csv", "cp1252")
    return [row[column] for row in rows if row["Status"] != "Aflyst"]


def test_what_the_exports_lack(tmp_path: Path) -> None:
    """Shares of 100 take things away; at 0 everything is there."""
    made = {}
    for scale in (0, 100):
        keys = ("no_start", "no_actor", "no_unit", "no_deadline", "no_use_link", "day_stamps")
        changes: dict[str, Any] = {f"degrade__{key}": scale for key in keys}
        changes["degrade__clock_skew"] = -scale // 10
        own = plan(tmp_path, trial={}, **changes).sized(30)
        made[scale] = Sample(simulate(own, tmp_path / str(scale)))
    clean, poor = made[0], made[100]

    for column in ("Start", "Udf\u00f8rt af", "Organisatorisk enhed", "Frist"):
        assert any(cells(clean, column))
        assert not any(cells(poor, column))
    assert {len(cell) for cell in cells(poor, "Slut")} == {len("01-01-2026")}
    assert {len(cell) for cell in cells(clean, "Slut")} == {len("01-01-2026 09:00")}
    assert clean.sheet("workbase_dokumentbrug.xlsx")
    assert not poor.sheet("workbase_dokumentbrug.xlsx")
    assert clean.table("aktiv_haendelser.csv") != poor.table("aktiv_haendelser.csv")


def test_an_unknown_key_is_refused(tmp_path: Path) -> None:
    """A misspelt key or share stops the run; it does not pass for a 0."""
    with pytest.raises(ConfigError):
        plan(tmp_path, waste__unsued=3)
    with pytest.raises(ConfigError):
        run(plan(tmp_path, share__sanktion__lop=3))
