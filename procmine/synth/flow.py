"""Flows: what happens in a process, step by step, read from data files.

A flow names steps, units, delays, branches and the grade of each visit that it plants.
Nothing of it stands in Python.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Any

from procmine.errors import ConfigError, Fault
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

__all__ = ["Delay", "Flow", "Section", "load_flow"]

_POINTS = 6
_MINUTES = {"work": 60, "days": 24 * 60, "free": 24 * 60}

Op = dict[str, Any]
"""One operation of a section: the keys that the flow file gives it."""


@dataclass(frozen=True, slots=True)
class Delay:
    """How long something lies: values at fixed quantiles, in minutes."""

    working: bool
    free: bool
    points: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Consecutive operations by one unit, and where the case goes then.

    Attributes
    ----------
    grade
        Grade of the visit that starts here, ``merged`` where it becomes one with the
        visit before the loop, empty where it goes on with the visit it is in.
    grade_at
        Step that earns the grade; until then the visit is the last one.
    until
        Last day of the rule behind a mandated grade; later visits have none.
    lift_at, lift
        A step that changes the grade of the visit it falls in, and how.
    """

    name: str
    unit: str
    system: str
    steps: tuple[Op, ...]
    next: tuple[Op, ...]
    grade: str = ""
    grade_at: str = ""
    until: date | None = None
    lift_at: str = ""
    lift: Mapping[str, str] = field(default_factory=dict)
    loop: bool = False
    complaint: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """A process: its sections and the numbers that drive it."""

    process: str
    prefix: str
    first: str
    benefit: str
    sections: Mapping[str, Section]
    share: Mapping[str, float]
    delay: Mapping[str, Delay]
    takes: Mapping[str, tuple[int, int]]
    outcome: Mapping[str, Mapping[str, int]]
    named: str
    """Which column of the exports names its cases: plan, sanction, grant or file."""
    changes: tuple[int, ...] = ()
    """How often the responsible caseworker changes: values at the quantiles."""
    pace: tuple[int, ...] = ()
    """How long the waits between steps are in one case, in percent: at the quantiles."""
    advice: str = ""
    """The table of outcomes that the plan's list shows as the team's advice."""
    other_first: Mapping[str, str] = field(default_factory=dict)
    """Another section (``to``) that a ``share`` of the cases begin with."""
    reuses_file: bool = False
    """Whether the cases of one citizen share one case file."""

    @property
    def start_step(self) -> str:
        """The step that opens a case."""
        steps = self.sections[self.first].steps
        return str(next(op["do"] for op in steps if "do" in op))


def load_flow(process: str, share: Mapping[str, float] | None = None) -> Flow:
    """Read the shipped flow of a process, with a scenario's shares in place of its own.

    Raises
    ------
    ConfigError
        No flow of that name, a share it does not know, or a section that is not there.

    Examples
    --------
    >>> load_flow("sanktion").prefix
    'SA'
    """
    source = resources.files("procmine.synth") / "flows" / f"{process}.toml"
    if not source.is_file():
        raise ConfigError(t("synth.no_flow", name=process), (Fault("no_flow", detail=process),))
    raw = tomllib.loads(source.read_text(encoding="utf-8"))
    unknown = sorted(set(share or {}) - set(raw["share"]))
    if unknown:
        names = ", ".join(unknown)
        raise ConfigError(t("synth.unknown_share", name=process, keys=names))
    sections = {row["name"]: _section(row, raw.get("system", "opera")) for row in raw["section"]}
    return Flow(
        process=raw["process"],
        prefix=raw["prefix"],
        named=raw["named"],
        first=raw["first"],
        benefit=raw["benefit"],
        sections=sections,
        share={**raw["share"], **(share or {})},
        delay={name: _delay(row) for name, row in raw["delay"].items()},
        takes={name: (row[0], row[1]) for name, row in raw["takes"].items()},
        outcome=raw.get("outcome", {}),
        changes=tuple(raw.get("changes", ())),
        pace=tuple(raw.get("pace", ())),
        advice=raw.get("advice", ""),
        other_first=raw.get("other_first", {}),
        reuses_file=raw.get("reuses_file", False),
    )


def _delay(row: Mapping[str, Any]) -> Delay:
    if len(row["at"]) != _POINTS:
        raise ConfigError(t("synth.points", n=_POINTS))
    scale = _MINUTES[row["unit"]]
    return Delay(
        row["unit"] == "work", row["unit"] == "free", tuple(value * scale for value in row["at"])
    )


def _section(row: Mapping[str, Any], system: str) -> Section:
    return Section(
        name=row["name"],
        unit=row["unit"],
        system=row.get("system", system),
        steps=tuple(row["steps"]),
        next=tuple(row.get("next", ())),
        grade=row.get("grade", ""),
        grade_at=row.get("grade_at", ""),
        until=row.get("until"),
        lift_at=row.get("lift_at", ""),
        lift=row.get("lift", {}),
        loop=row.get("loop", False),
        complaint=row.get("complaint", False),
    )
