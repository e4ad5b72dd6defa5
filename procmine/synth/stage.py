"""What every operation of a flow uses: time, units, people, and writing things down."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from procmine.synth.clock import DAY, at, day_of
from procmine.synth.ledger import Effort
from procmine.synth.plants import Plant
from procmine.synth.record import Case, Span, Step

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    import simpy

    from procmine.synth.archive import Archive
    from procmine.synth.flow import Op, Section
    from procmine.synth.ledger import Ledger
    from procmine.synth.record import Events
    from procmine.synth.world import Office, Person, World

__all__ = ["Stage"]

_MORNING, _EVENING = 7 * 60, 21 * 60


class Stage:
    """One municipality at work: the clock, the books, and who does what."""

    def __init__(
        self, world: World, ledger: Ledger, archive: Archive, layouts: Mapping[str, Any]
    ) -> None:
        self.world, self.ledger, self.archive = world, ledger, archive
        self.late_kinds: list[str] = layouts["late"]["kinds"]
        self.with_start: list[str] = layouts["systems"]["with_start"]
        self.env = world.env

    @property
    def now(self) -> int:
        """The present minute."""
        return self.world.now

    def wait(self, case: Case, name: str, purpose: str) -> Events:
        """Let a drawn delay pass, longer by trend and season."""
        delay = case.flow.delay[name]
        drawn = case.stream(purpose).quantile(delay.points) * self._slower() // 10_000
        now, calendar = self.now, self.world.calendar
        if delay.working:
            then = calendar.add(now, drawn * self._pace(case) // 100)
        elif delay.free:
            then = self.citizen_time(now + drawn)
        else:
            t = now + drawn
            day = calendar.next_day(t // DAY)
            then = day * DAY + calendar.opens + t % DAY * 8 // 24
        yield self.env.timeout(max(then - now, 0))

    @staticmethod
    def _pace(case: Case) -> int:
        """Draw once whether everything takes its time in this case."""
        if case.pace is None:
            points = case.flow.pace
            case.pace = case.stream("pace").quantile(points) if points else 100
        return case.pace

    def _slower(self) -> int:
        scenario = self.world.scenario
        today = day_of(self.now)
        years = (today - scenario.first).days * round(scenario.trend * 100) // 365
        season = round(scenario.season * 100) if today.month in (7, 12) else 0
        return max(10_000 + years + season, 1000)

    @staticmethod
    def citizen_time(t: int) -> int:
        """Citizens answer by day and evening, also at weekends."""
        return t // DAY * DAY + _MORNING + t % DAY * (_EVENING - _MORNING) // DAY

    def work(
        self, case: Case, section: Section, op: Op, name: str
    ) -> Generator[simpy.Event, Any, Step]:
        """Let somebody of the unit do a step, at a time when both can; return the step."""
        office = self.office(case, op.get("unit", section.unit))
        person = self.worker(case, office)
        start: int | None = None
        if person is not None and "takes" in op:
            minutes = case.stream(f"takes {name}").between(*case.flow.takes[op["takes"]])
            with person.desk.request(priority=int(case.decided is None)) as turn:
                yield turn
                begun = person.fit(self.now, minutes)
                yield self.env.timeout(begun + minutes - self.now)
            start = begun if op.get("system", section.system) in self.with_start else None
        elif self.world.hand(office.kind):
            day = self.world.calendar
            then = day.add(self.now, 0)
            yield self.env.timeout(max(then - self.now, 0))
        yield from self.free_minute(case)
        step = self.row(case, section, op, name, office, person, self.now)._replace(start=start)
        self.keep(case, section, op, step)
        if person is not None and person is not case.workers[office.name]:
            self.ledger.plants.append(Plant("substitute", case, step, decoy=True))
        return step

    def free_minute(self, case: Case) -> Events:
        """No two steps of a case in the same minute: their order is certain."""
        while self.now in case.times:
            yield self.env.timeout(1)
        case.times.add(self.now)

    def office(self, case: Case, kind: str) -> Office:
        """Return the unit of a kind that has this citizen; ``AA/2`` is the next one of AA."""
        if kind not in case.homes:
            name, _, place = kind.partition("/")
            offices = self.world.offices[name]
            home = case.sag.citizen.number * 7 // 3 + int(place or 1) - 1
            case.homes[kind] = offices[home % len(offices)]
        return case.homes[kind]

    def worker(self, case: Case, office: Office) -> Person | None:
        """Return the case's own caseworker, a substitute while that one is away for long."""
        if not office.staff:
            return None
        if office.name not in case.workers:
            number = case.stream(f"worker {office.name}").below(len(office.staff))
            case.workers[office.name] = office.staff[number]
        person = case.workers[office.name]
        if person.long_away(self.now):
            number = office.staff.index(person)
            rest = office.staff[number + 1 :] + office.staff[:number]
            person = next((p for p in rest if not p.long_away(self.now)), person)
        return person

    def _outcome(self, case: Case, op: Op) -> str:
        source = op.get("outcome", "")
        if isinstance(source, str):
            if source and source not in case.drawn:
                table = case.flow.outcome[source]
                case.drawn[source] = case.stream(f"outcome {source}").pick(table)
            return case.drawn.get(source, "")
        return case.stream("outcome").pick(source)

    def row(
        self, case: Case, section: Section, op: Op, name: str, office: Office,
        person: Person | None, end: int,
    ) -> Step:  # fmt: skip
        """Make the row of a step that ends at a minute."""
        frist = None
        if "frist" in op:
            days = case.stream("frist").between(*op["frist"])
            frist = at(day_of(end) + timedelta(days=days))
        amount = case.stream("amount").between(*op["amount"]) if "amount" in op else 0
        return Step(
            event=self.ledger.number("A"), type=name, start=None, end=end, office=office,
            person=person, system=op.get("system", section.system),
            outcome=self._outcome(case, op), frist=frist, amount=amount,
            complaint=section.complaint,
        )  # fmt: skip

    def keep(self, case: Case, section: Section, op: Op, step: Step) -> None:
        """Write a step down, with the spans, visits and documents that hang on it."""
        case.times.add(step.end)
        if step.type == case.flow.start_step:
            case.start = step.end
            case.sag.starts.append(step.end)
        if not self._hidden(step):
            case.steps.append(step)
            if step.start is not None:
                case.spans.append(Span("working", step.start, step.end))
                if step.person is not None:
                    step.person.worked.append((step.start, step.end))
            if case.start is not None:
                self._place(case, section, op, step)
        if "closes" in op:
            case.close_span(op["closes"], step.start or step.end)
        if "opens" in op:
            deadline = None if step.frist is None else step.frist + DAY
            if step.frist is not None and not self.world.calendar.works(step.frist // DAY):
                self.ledger.plants.append(Plant("deadline_on_day_off", case, step, decoy=True))
            case.open_span(op["opens"], step.end, deadline)
        self._decide(case, op, step)
        for key in ("makes", "letter"):
            if key in op:
                self.archive.make(case, op[key], step, outgoing=key == "letter")
        if "effort" in op:
            effort = Effort(self.ledger.number("I"), case, step, op["effort"])
            self.ledger.efforts.append(effort)

    def _hidden(self, step: Step) -> bool:
        """Whether a change of practice keeps a step out of the register."""
        practice = self.world.scenario.practice
        changed = practice.start is not None and day_of(step.end) >= practice.start
        return changed and step.type in practice.steps

    def _decide(self, case: Case, op: Op, step: Step) -> None:
        """Note what a step decides, and whether the case ends with it."""
        if step.outcome:
            case.outcome = step.outcome
            if case.end is None and op.get("decided"):
                case.outcome_at_end = step.outcome
        if op.get("uses"):
            case.decisions.append(step)
            self.archive.use(case, step)
        if op.get("decided"):
            case.decided = step.end
        if op.get("ends") or step.outcome in op.get("ends_if", ()):
            case.end = step.end

    def _place(self, case: Case, section: Section, op: Op, step: Step) -> None:
        if self.world.hand(step.office.kind):
            day = day_of(step.start or step.end)
            self.ledger.visit(case, section, step, op.get("visit", ""), day)
        if not case.visits:
            return
        visit = case.visits[-1]
        if step.type == visit.pending_at:
            visit.grade, visit.pending_at = visit.pending, ""
        if step.type == section.lift_at:
            visit.grade = section.lift.get(visit.grade, visit.grade)
