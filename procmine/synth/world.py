"""The people and places of one simulated municipality."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import simpy

from procmine.synth.clock import DAY, Calendar, day_of
from procmine.synth.draws import Stream

if TYPE_CHECKING:
    from procmine.synth.record import Case
    from procmine.synth.scenario import Meeting, Scenario, Unit

__all__ = ["Office", "Person", "TeamMeeting", "World"]

_LETTERS = "abcdefghijklmnoprstuvy"
_SUMMER = range(28, 31)
_LONG_AWAY = 4


@dataclass(eq=False)
class Person:
    """A caseworker: initials, a desk that serves one case at a time, days off."""

    initials: str
    desk: simpy.PriorityResource
    day_off: int | None
    summer_week: int
    calendar: Calendar
    worked: list[tuple[int, int]] = field(default_factory=list)
    """Begin and end of everything that is registered with both, in the order it ended."""

    def away(self, day: int) -> bool:
        """Whether the person is off on a day (number since 1 January 2000)."""
        date = day_of(day * DAY)
        week = date.isocalendar().week
        return date.weekday() == self.day_off or self.summer_week <= week < self.summer_week + 3

    def fit(self, t: int, minutes: int) -> int:
        """Return when work of `minutes` can start at or after t without a break."""
        calendar = self.calendar
        day = calendar.next_day(t // DAY)
        start = max(t, day * DAY + calendar.opens)
        while self.away(day) or start + minutes > day * DAY + calendar.closes:
            day = calendar.next_day(day + 1)
            start = day * DAY + calendar.opens
        return start

    def long_away(self, t: int) -> bool:
        """Whether the person's next working day is more than a few days off."""
        return self.fit(t, 1) // DAY - t // DAY > _LONG_AWAY


@dataclass(eq=False)
class Office:
    """A unit with its staff."""

    unit: Unit
    staff: list[Person]

    @property
    def name(self) -> str:
        """The unit's name in the exports."""
        return self.unit.name

    @property
    def kind(self) -> str:
        """The unit's kind."""
        return self.unit.kind


@dataclass(eq=False)
class TeamMeeting:
    """The batch meeting of a team: who waits, which meetings were held."""

    office: Office
    rule: Meeting
    waiting: list[tuple[int, Case, simpy.Event]] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    """Start of every meeting at which a case was heard."""
    cursor: int = 0

    def begin(self, start: int, takes: int) -> int:
        """Return when the next case of the meeting at `start` is heard."""
        if start not in self.held[-1:]:
            self.held.append(start)
            self.cursor = start
        begins = self.cursor
        self.cursor += takes
        return begins


class World:
    """One municipality: clock, calendars, units, staff, meetings."""

    def __init__(
        self, scenario: Scenario, start: int, calendar: Calendar, skipped: frozenset[str]
    ) -> None:
        self.scenario = scenario
        self.env = simpy.Environment(initial_time=start)
        self.calendar = calendar
        self.skipped = skipped
        self.offices: dict[str, list[Office]] = {}
        number = 0
        for unit in scenario.units:
            staff = [self._person(unit, number + i) for i in range(unit.staff)]
            number += unit.staff
            self.offices.setdefault(unit.kind, []).append(Office(unit, staff))
        self.meetings = {
            office.name: TeamMeeting(office, scenario.meeting)
            for offices in self.offices.values()
            for office in offices
        }

    @property
    def now(self) -> int:
        """The present minute."""
        return int(self.env.now)

    def _person(self, unit: Unit, number: int) -> Person:
        stream = Stream(self.scenario.seed, "person", number)
        base = len(_LETTERS)
        initials = "".join(
            _LETTERS[n % base]
            for n in (number * 5 + 3, number // base * 7 + number, number * 3 + 1)
        )
        return Person(
            initials=f"{initials}{number // base + 1}",
            desk=simpy.PriorityResource(self.env),
            day_off=stream.below(5) if stream.hits(unit.part_time) else None,
            summer_week=stream.between(_SUMMER.start - 1, _SUMMER.stop),
            calendar=self.calendar,
        )

    def hand(self, kind: str) -> bool:
        """Whether units of a kind count as hands on the case."""
        return kind not in self.skipped
