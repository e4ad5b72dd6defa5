"""Everything that happened in one municipality, in the order in which it happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from procmine.synth.clock import day_of
from procmine.synth.draws import Stream
from procmine.synth.record import Case, Citizen, Document, Sag, Visit

if TYPE_CHECKING:
    from datetime import date

    from procmine.synth.flow import Flow, Section
    from procmine.synth.plants import Plant
    from procmine.synth.record import Step
    from procmine.synth.scenario import Scenario
    from procmine.synth.world import Office, Person

__all__ = ["Effort", "Ledger", "Planned"]

_BIRTH_YEARS = (57, 105)


class Planned(NamedTuple):
    """A booked step that was cancelled: a row, but no event."""

    number: str
    case: Case
    type: str
    start: int
    end: int
    office: Office
    person: Person | None


class Effort(NamedTuple):
    """An offer or a mentor that began with a step."""

    number: str
    case: Case
    step: Step
    kind: str


@dataclass
class Ledger:
    """Cases, citizens, documents, with running numbers for each."""

    scenario: Scenario
    cases: list[Case] = field(default_factory=list)
    citizens: list[Citizen] = field(default_factory=list)
    sager: list[Sag] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    planned: list[Planned] = field(default_factory=list)
    efforts: list[Effort] = field(default_factory=list)
    plants: list[Plant] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, prefix: str) -> str:
        """Return the next number of a series, e.g. ``A-17``."""
        self.numbers[prefix] = self.numbers.get(prefix, 0) + 1
        return f"{prefix}-{self.numbers[prefix]}"

    def open_case(self, flow: Flow, index: int, at: int, groups: list[str]) -> Case:
        """Open a case for a citizen, new or known."""
        scenario = self.scenario
        stream = Stream(scenario.seed, flow.process, index, "citizen")
        if self.citizens and stream.hits(scenario.parallel):
            citizen = self.citizens[stream.below(len(self.citizens))]
        else:
            citizen = self._citizen()
        sag = self._sag(citizen, flow, at, groups[stream.below(len(groups))])
        number = sag.id if flow.prefix == _SAG else self.number(flow.prefix)
        day = day_of(at)
        rules = frozenset(
            rule for c in (scenario.trial, *scenario.law) if c.holds(day) for rule in c.rules
        )
        case = Case(flow, number, index, scenario.seed, sag, rules)
        if stream.hits(scenario.stalled):
            case.stall_after = stream.between(2, 8)
        self.cases.append(case)
        return case

    def _sag(self, citizen: Citizen, flow: Flow, at: int, group: str) -> Sag:
        """Return the file of a case; some processes share one with earlier cases."""
        for sag in citizen.sager:
            if sag.process == flow.process and flow.reuses_file:
                return sag
        sag = Sag(self.number(_SAG), citizen, group, at, flow.process)
        citizen.sager.append(sag)
        self.sager.append(sag)
        return sag

    def _citizen(self) -> Citizen:
        number = len(self.citizens)
        stream = Stream(self.scenario.seed, "cpr", number)
        year = stream.between(*_BIRTH_YEARS) % 100
        day, month = stream.between(61, 88), stream.between(1, 12)
        # The serial counts up through the citizens, so that no two share a number.
        cpr = ""
        while not cpr or cpr in self._seen:
            cpr = f"{day:02d}{month:02d}{year:02d}-{1000 + number % 9000:04d}"
            year = (year + 1) % 100
        self._seen.add(cpr)
        citizen = Citizen(number, cpr)
        self.citizens.append(citizen)
        return citizen

    _seen: set[str] = field(default_factory=set)

    @staticmethod
    def visit(case: Case, section: Section, step: Step, grade: str, day: date) -> None:
        """Let a step go on with the visit it is in, or begin the planted next one."""
        current = case.visits[-1] if case.visits else None
        if current is not None and current.office is step.office:
            current.last = step
            return
        planted = grade or section.grade or "G5"
        merged = planted == "merged"
        if section.until is not None and day > section.until:
            planted = "G5"
        visit = Visit(step.office, step, step, "" if merged else planted, merged=merged)
        visit.loop = section.loop
        if section.grade_at and not grade:
            visit.grade, visit.pending, visit.pending_at = "G5", planted, section.grade_at
        case.visits.append(visit)


_SAG = "S"
