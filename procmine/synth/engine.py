"""The simulation itself: cases run through their flows on SimPy's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.synth.clock import DAY, day_of
from procmine.synth.operations import OPERATIONS

if TYPE_CHECKING:
    from procmine.synth.flow import Op, Section
    from procmine.synth.record import Case, Events
    from procmine.synth.stage import Stage
    from procmine.synth.world import Office, TeamMeeting

__all__ = ["Engine"]

_WEEK = 7
_NAMED = ("do", "ask", "request", "before", "extend")
"""What an operation that happens in a share of the cases is called by."""


class Engine:
    """Takes cases on, runs them through their flows, and holds the team's meetings."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def case(self, case: Case) -> Events:
        """Run a case from its first section to the last."""
        section: Section | None = case.flow.sections[self._first(case)]
        while section is not None:
            case.complained = case.complained or section.complaint
            for op in section.steps:
                if case.stall_after is not None and len(case.steps) >= case.stall_after:
                    return
                if self._applies(case, op):
                    yield from self._operate(case, section, op)
            section = self._next(case, section)
        waste = self.stage.world.scenario.waste
        stream = case.stream("afterwards")
        if self._takes_late(case) and stream.hits(waste.after_decision):
            kind = self.stage.late_kinds[stream.below(len(self.stage.late_kinds))]
            office = case.visits[-1].office
            self.stage.env.process(self.stage.archive.afterwards(case, kind, office, None))

    @staticmethod
    def _first(case: Case) -> str:
        """Return the section that a case begins with."""
        other = case.flow.other_first
        if other and case.stream("first").hits(case.flow.share[other["share"]]):
            return other["to"]
        return case.flow.first

    @staticmethod
    def _takes_late(case: Case) -> bool:
        """Whether a late document would lie after the last decision of a finished case."""
        done = case.end is not None and bool(case.decisions)
        return done and not case.complained and case.flow.named != "grant"

    def take_on(self, case: Case) -> None:
        """Make somebody of the first section's unit with staff responsible for the file."""
        kind = self.stage.world.scenario.responsible
        office = self.stage.office(case, kind)
        person = self.stage.worker(case, office)
        if person is not None and not case.sag.responsible:
            case.sag.responsible.append((self.stage.now, person, office))
        if case.flow.changes and person is not None:
            self.stage.env.process(self._change_hands(case, office))

    def _change_hands(self, case: Case, office: Office) -> Events:
        """Give the case to another caseworker of the unit, as often as drawn."""
        stream = case.stream("changes")
        for _ in range(stream.quantile(case.flow.changes)):
            yield self.stage.env.timeout(stream.between(10, 70) * DAY)
            if case.end is not None:
                return
            person = office.staff[stream.below(len(office.staff))]
            if person is not case.workers.get(office.name):
                case.workers[office.name] = person
                case.sag.responsible.append((self.stage.now, person, office))

    def meetings(self, meeting: TeamMeeting) -> Events:
        """Hold a team's meetings: first come, first heard, as many as there is room for."""
        rule, calendar = meeting.rule, self.stage.world.calendar
        day = self.stage.now // DAY
        day += (rule.weekday - day_of(day * DAY).weekday()) % _WEEK
        while True:
            date = day_of(day * DAY)
            paused = rule.summer_pause and date.isocalendar().week in (28, 29, 30)
            start = day * DAY + rule.hour * 60
            if calendar.works(day) and not paused and start > self.stage.now:
                yield self.stage.env.timeout(start - self.stage.now)
                self._hear(meeting)
            day += max(rule.every_weeks, 1) * _WEEK

    def _hear(self, meeting: TeamMeeting) -> None:
        """Give the places of one meeting to the cases that waited longest."""
        now = self.stage.now
        latest = now - meeting.rule.agenda_days * DAY
        agenda = [row for row in meeting.waiting if row[0] <= latest][: meeting.rule.capacity]
        if not agenda:
            return
        number = self.stage.ledger.number("M")
        for row in agenda:
            meeting.waiting.remove(row)
            row[2].succeed((number, now))

    def _applies(self, case: Case, op: Op) -> bool:
        if "when" in op and op["when"] not in case.rules:
            return False
        if op.get("unless") in case.rules:
            return False
        if "reply" in op or "meeting" in op or "share" not in op:
            return True
        name = next(op[key] for key in _NAMED if key in op)
        return case.stream(f"share {name}").hits(case.flow.share[op["share"]])

    def _next(self, case: Case, section: Section) -> Section | None:
        for way in section.next:
            if "when" in way and way["when"] not in case.rules:
                continue
            if "if" in way and case.outcome not in way["if"]:
                continue
            share = case.flow.share[way["share"]] if "share" in way else None
            if share is not None and not case.stream(f"go {way['to']}").hits(share):
                continue
            return case.flow.sections[way["to"]] if "to" in way else None
        return None

    def _operate(self, case: Case, section: Section, op: Op) -> Events:
        for name, operation in OPERATIONS.items():
            if name in op:
                yield from operation(self.stage, case, section, op)
                return
