"""A scenario: one municipality, its sizes, its rates, what is planted."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procmine.errors import ConfigError, Fault
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

__all__ = ["Change", "Degrade", "Meeting", "Practice", "Scenario", "Unit", "Waste", "load_scenario"]


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisational unit: its name in the exports, its kind, its staff."""

    name: str
    kind: str
    staff: int = 0
    part_time: int = 30
    """Percent of the staff with a fixed day off."""
    meets: bool = False
    """Whether it holds the batch meetings."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """The team's batch meeting: weekday (0 is Monday), cases at most, weeks between."""

    weekday: int = 1
    hour: int = 9
    capacity: int = 5
    every_weeks: int = 1
    agenda_days: int = 5
    summer_pause: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """Rules of a flow that hold for cases which start on or after a day."""

    start: date | None = None
    rules: frozenset[str] = frozenset()

    def holds(self, day: date) -> bool:
        """Whether a case that starts on `day` is under the change."""
        return self.start is not None and day >= self.start


@dataclass(frozen=True, slots=True)
class Practice:
    """A change of registration practice: steps that are done but no longer registered."""

    start: date | None = None
    steps: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Waste:
    """Shares (percent) of planted documents, and of decoys that must not be flagged."""

    unused: float = 0
    duplicate: float = 0
    renewed: float = 0
    after_decision: float = 0
    renewed_with_reason: float = 0
    used_elsewhere: float = 0
    """Decoy: unused where it is filed, but a decision in another case rests on it."""
    late_request: float = 0
    late_request_days: int = 0


@dataclass(frozen=True, slots=True)
class Degrade:
    """What the exports lack or blur (percent; clock skew in minutes)."""

    no_start: float = 0
    no_actor: float = 0
    no_unit: float = 0
    no_use_link: float = 0
    no_deadline: float = 0
    day_stamps: float = 0
    clock_skew: int = 0


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything a simulated delivery depends on, besides the flows.

    Examples
    --------
    >>> load_scenario("demo").municipality
    '999'
    """

    name: str
    seed: int
    municipality: str
    place: str
    first: date
    until: date
    cases: Mapping[str, int]
    units: tuple[Unit, ...]
    meeting: Meeting = field(default_factory=Meeting)
    trial: Change = field(default_factory=Change)
    law: tuple[Change, ...] = ()
    """Changes of law: they hold with and without the trial."""
    waste: Waste = field(default_factory=Waste)
    degrade: Degrade = field(default_factory=Degrade)
    share: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    trend: float = 0
    """Percent a year by which delays grow (or shrink, below 0)."""
    season: float = 0
    """Percent by which delays grow in July and December."""
    parallel: float = 0
    """Percent of cases whose citizen already has one."""
    stalled: float = 0
    """Percent of cases that stop moving and stay open."""
    practice: Practice = field(default_factory=Practice)
    mess: int = 0
    """Percent of the planted faults of ``data/mess.toml``; 0 is a clean delivery."""
    municipalities: tuple[Mapping[str, Any], ...] = ()
    responsible: str = ""
    """Kind of the units whose staff answer for the case files."""
    extras: bool = True
    """Whether notes, contacts, enquiries and side tables are written."""

    def sized(self, cases: int) -> Scenario:
        """Return the scenario with `cases` cases in all, shared as before.

        A larger scenario gets staff and room at meetings in proportion.
        """
        total = sum(self.cases.values())
        if self.municipalities:
            whole = sum(part["cases"] for part in self.municipalities)
            parts = (
                {**p, "cases": max(1, p["cases"] * cases // whole)} for p in self.municipalities
            )
            return replace(self, municipalities=tuple(parts))
        sizes = {p: max(1, n * cases // total) if n else 0 for p, n in self.cases.items()}
        if cases <= total:
            return replace(self, cases=sizes)
        units = tuple(replace(u, staff=-(-u.staff * cases // total)) for u in self.units)
        places = -(-self.meeting.capacity * cases // total)
        return replace(
            self, cases=sizes, units=units, meeting=replace(self.meeting, capacity=places)
        )

    def parts(self) -> Iterator[Scenario]:
        """Yield each municipality of a scenario of several, with its own seed and size.

        A part says ``municipality``, ``place`` and ``cases`` (in all); the rest is shared.
        """
        for number, part in enumerate(self.municipalities, 1):
            own = replace(self, municipalities=()).sized(part["cases"])
            names = {key: part[key] for key in ("municipality", "place")}
            yield replace(own, seed=self.seed * 1000 + number, **names)

    def without_trial(self) -> Scenario:
        """Return the same world where the trial never began."""
        return replace(self, trial=Change())


def load_scenario(source: str | Path) -> Scenario:
    """Read a scenario file, or a shipped scenario by its name.

    Raises
    ------
    ConfigError
        A file that is not there, is no TOML, or has a key that means nothing.
    """
    path = Path(source)
    shipped = resources.files("procmine.synth") / "scenarios" / f"{source}.toml"
    if path.suffix != ".toml" and shipped.is_file():
        text = shipped.read_text(encoding="utf-8")
    elif path.is_file():
        text = path.read_text(encoding="utf-8")
    else:
        raise ConfigError(t("synth.no_scenario", name=source), (Fault("no_scenario"),))
    try:
        raw = tomllib.loads(text)
        return _scenario(raw)
    except (tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        message = t("synth.bad_scenario", name=source, why=str(error))
        raise ConfigError(message, (Fault("bad_scenario"),)) from error


def _scenario(raw: dict[str, Any]) -> Scenario:
    raw.pop("format", None)
    practice = raw.pop("practice", {})
    return Scenario(
        units=tuple(Unit(**row) for row in raw.pop("unit")),
        meeting=Meeting(**raw.pop("meeting", {})),
        trial=_change(raw.pop("trial", {})),
        law=tuple(_change(row) for row in raw.pop("law", ())),
        practice=Practice(practice.get("start"), frozenset(practice.get("steps", ()))),
        waste=Waste(**raw.pop("waste", {})),
        degrade=Degrade(**raw.pop("degrade", {})),
        municipalities=tuple(raw.pop("part", ())),
        **raw,
    )


def _change(row: Mapping[str, Any]) -> Change:
    return Change(row.get("start"), frozenset(row.get("rules", ())))
