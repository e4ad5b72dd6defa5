"""The simulation itself: cases run through their flows on SimPy's clock."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from procmine.synth.clock import DAY, at, day_of
from procmine.synth.ledger import Effort, Planned
from procmine.synth.record import Case, Span, Step

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    import simpy

    from procmine.synth.archive import Archive
    from procmine.synth.flow import Op, Section
    from procmine.synth.ledger import Ledger
    from procmine.synth.world import Office, Person, TeamMeeting, World

    Events = Generator[simpy.Event, Any, None]

__all__ = ["Engine"]

_MORNING, _EVENING, _WEEK = 7 * 60, 21 * 60, 7
_RUN_DAY, _NIGHT = 20, 6 * 60
_QUICK = 15


class Engine:
    """Runs the operations of flows; each method below is one kind of operation."""

    def __init__(self, world: World, ledger: Ledger, archive: Archive, layouts: Mapping[str, Any]) -> None:
        self.world, self.ledger, self.archive = world, ledger, archive
        self.late_kinds = layouts["late"]["kinds"]
        self.with_start = layouts["systems"]["with_start"]
        self.env = world.env

    def case(self, case: Case) -> Events:
        """Run a case from its first section to the last."""
        section: Section | None = case.flow.sections[case.flow.first]
        while section is not None:
            case.complained = case.complained or section.complaint
            for op in section.steps:
                if case.stall_after is not None and len(case.steps) >= case.stall_after:
                    return
                if self._applies(case, op):
                    yield from self._operate(case, section, op)
            section = self._next(case, section)
        waste = self.world.scenario.waste
        stream = case.stream("afterwards")
        if self._takes_late(case) and stream.hits(waste.after_decision):
            kind = self.late_kinds[stream.below(len(self.late_kinds))]
            office = case.visits[-1].office
            self.env.process(self.archive.afterwards(case, kind, office, None))

    @staticmethod
    def _takes_late(case: Case) -> bool:
        """Whether a late document would lie after the last decision of a finished case."""
        done = case.end is not None and bool(case.decisions)
        return done and not case.complained and case.flow.named != "grant"

    def take_on(self, case: Case) -> None:
        """Make somebody of the first section's unit with staff responsible for the file."""
        kind = self.world.scenario.responsible
        office = self._office(case, kind)
        person = self._worker(case, office)
        if person is not None and not case.sag.responsible:
            case.sag.responsible.append((self.env.now, person, office))
        if case.flow.changes and person is not None:
            self.env.process(self._change_hands(case, office))

    def _change_hands(self, case: Case, office: Office) -> Events:
        """Give the case to another caseworker of the unit, as often as drawn."""
        stream = case.stream("changes")
        for _ in range(stream.quantile(case.flow.changes)):
            yield self.env.timeout(stream.between(10, 70) * DAY)
            if case.end is not None:
                return
            person = office.staff[stream.below(len(office.staff))]
            if person is not case.workers.get(office.name):
                case.workers[office.name] = person
                case.sag.responsible.append((self.env.now, person, office))

    def meetings(self, meeting: TeamMeeting) -> Events:
        """Hold a team's meetings: first come, first heard, as many as there is room for."""
        rule, calendar = meeting.rule, self.world.calendar
        day = self.env.now // DAY
        day += (rule.weekday - day_of(day * DAY).weekday()) % _WEEK
        while True:
            date = day_of(day * DAY)
            paused = rule.summer_pause and date.isocalendar().week in (28, 29, 30)
            start = day * DAY + rule.hour * 60
            if calendar.works(day) and not paused and start > self.env.now:
                yield self.env.timeout(start - self.env.now)
                self._hear(meeting)
            day += rule.every_weeks * _WEEK

    def _hear(self, meeting: TeamMeeting) -> None:
        """Give the places of one meeting to the cases that waited longest."""
        now = self.env.now
        latest = now - meeting.rule.agenda_days * DAY
        agenda = [row for row in meeting.waiting if row[0] <= latest][: meeting.rule.capacity]
        if not agenda:
            return
        meeting.numbers += 1
        number = f"M-{meeting.office.name[:1]}{meeting.numbers}"
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
        name = op.get("do") or op.get("ask") or op.get("request") or op.get("before")
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
        for name, method in (
            ("do", self._do), ("ask", self._ask), ("reply", self._reply), ("file", self._file),
            ("await", self._await), ("request", self._request), ("before", self._before),
            ("meeting", self._meeting), ("run", self._run),
        ):  # fmt: skip
            if name in op:
                yield from method(case, section, op)
                return

    # Operations

    def _do(self, case: Case, section: Section, op: Op) -> Events:
        yield from self._lie(case, op)
        yield from self._work(case, section, op, op["do"])

    def _before(self, case: Case, section: Section, op: Op) -> Events:
        """Something done before the case began; nobody waits for it now."""
        stream = case.stream("before")
        office = self._office(case, op["unit"])
        t = self.env.now - stream.between(*op["days"]) * DAY
        day = self.world.calendar.next_day(t // DAY)
        t = day * DAY + self.world.calendar.opens + stream.below(400)
        while t in case.times:
            t += 1
        if t < self.env.now:
            step = self._row(case, section, op, op["before"], office, self._worker(case, office), t)
            self._keep(case, section, op, step)
        yield self.env.timeout(0)

    def _ask(self, case: Case, section: Section, op: Op) -> Events:
        waste = self.world.scenario.waste
        if case.stream("late request").hits(waste.late_request):
            yield self.env.timeout(waste.late_request_days * DAY)
        yield from self._lie(case, op)
        asker = {k: v for k, v in op.items() if k not in ("unit", "wait")}
        yield from self._work(case, section, asker, op["ask"])
        office = self._office(case, section.unit)
        document = self.archive.request(case, op["kind"], office, case.workers.get(office.name))
        case.waiting.append(self.env.process(self._got(case, section, op, document)))

    def _got(self, case: Case, section: Section, op: Op, document: Any) -> Events:
        office = self._office(case, op.get("unit", section.unit))
        yield from self._pass(case, op["wait"], f"got {op['kind']}")
        yield from self._free_minute(case)
        step = self._row(case, section, {}, op["got"], office, None, self.env.now)
        self._keep(case, section, op, step)
        self.archive.arrive(document)

    def _request(self, case: Case, section: Section, op: Op) -> Events:
        office = self._office(case, section.unit)
        person = self._worker(case, office)
        yield from self._free_minute(case)
        document = self.archive.request(case, op["request"], office, person)

        def come() -> Events:
            yield from self._pass(case, op["after"], "come")
            self.archive.arrive(document)

        case.waiting.append(self.env.process(come()))

    def _await(self, case: Case, _section: Section, _op: Op) -> Events:
        if case.waiting:
            yield self.env.all_of(case.waiting)
            case.waiting.clear()

    def _file(self, case: Case, section: Section, op: Op) -> Events:
        stream = case.stream("file")
        office = self._office(case, section.unit)
        person = self._worker(case, office)
        low, high = op["fewer"] if op["fewer_when"] in case.rules else op["n"]
        kinds = list(op["file"])
        for _ in range(min(stream.between(low, high), len(kinds))):
            kind = kinds.pop(stream.below(len(kinds)))
            wait = self.world.calendar.add(self.env.now, stream.between(10, 420)) - self.env.now
            self.env.process(self.archive.file(case, kind, office, person, wait))
        yield self.env.timeout(0)

    def _reply(self, case: Case, section: Section, op: Op) -> Events:
        """The citizen answers in time, answers late, or the deadline runs out."""
        if op["closes"] not in case.opened:
            return
        stream = case.stream("reply")
        deadline = case.opened[op["closes"]][1] or self.env.now
        answers = stream.hits(case.flow.share[op["share"]])
        delay = stream.quantile(case.flow.delay[op["after"]].points)
        when = self._citizen_time(self.env.now + delay)
        if answers and (when < deadline or op.get("late")):
            yield self.env.timeout(when - self.env.now)
            yield from self._free_minute(case)
            office = self._office(case, op["unit"])
            step = self._row(case, section, op, op["reply"], office, None, self.env.now)
            self._keep(case, section, op, step)
            receiver = self._office(case, section.unit)
            document = self.archive.incoming(case, op["document"], receiver)
            self.archive.arrive(document)
            return
        yield self.env.timeout(max(deadline + _NIGHT - self.env.now, 0))
        if "expiry" in op:
            yield from self._free_minute(case)
            office = self._office(case, op["clock"])
            step = self._row(case, section, op, op["expiry"], office, None, self.env.now)
            self._keep(case, section, op, step)
        case.close_span(op["closes"], self.env.now)

    def _run(self, case: Case, section: Section, op: Op) -> Events:
        """The monthly payment run: the last working day, for what came by the 20th."""
        today = day_of(self.env.now)
        months = 1 if today.day <= _RUN_DAY else 2
        year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
        day = at(today.replace(year=year, month=month + 1, day=1)) // DAY - 1
        while not self.world.calendar.works(day):
            day -= 1
        yield self.env.timeout(max(day * DAY + _NIGHT - self.env.now, 1))
        yield from self._free_minute(case)
        office = self._office(case, op["unit"])
        step = self._row(case, section, op, op["run"], office, None, self.env.now)
        self._keep(case, section, op, step)

    def _meeting(self, case: Case, section: Section, op: Op) -> Events:
        office = self._office(case, section.unit)
        meeting = self.world.meetings[office.name]
        while True:
            called = self.env.event()
            meeting.waiting.append((self.env.now, case, called))
            number, start = yield called
            stream = case.stream("meeting")
            takes = stream.between(*case.flow.takes[op["takes"]])
            person = self._worker(case, office)
            if not stream.hits(case.flow.share[op["share"]]):
                break
            planned = self.ledger.number("A")
            self.ledger.planned.append(
                Planned(planned, case, op["meeting"], start, start + takes, office, person, True)
            )
            yield from self._free_minute(case)
            step = self._row(case, section, {}, op["postponed"], office, person, self.env.now)
            self._keep(case, section, {}, step)
        begins = meeting.begin(start, takes)
        yield self.env.timeout(begins + takes - self.env.now)
        yield from self._free_minute(case)
        absent = stream.hits(case.flow.share[op["attended"]])
        step = self._row(case, section, op, op["meeting"], office, person, self.env.now)
        step = step._replace(start=begins, meeting=number, attended="no" if absent else "yes")
        self._keep(case, section, op, step)

    # What the operations share

    def _lie(self, case: Case, op: Op) -> Events:
        if "after" in op:
            name = op.get("do") or op.get("ask")
            yield from self._pass(case, op["after"], f"lie {name}")

    def _pass(self, case: Case, name: str, purpose: str) -> Events:
        """Let a drawn delay pass, longer by trend and season."""
        delay = case.flow.delay[name]
        drawn = case.stream(purpose).quantile(delay.points) * self._slower() // 10_000
        now, calendar = self.env.now, self.world.calendar
        if delay.working:
            then = calendar.add(now, drawn)
        elif delay.free:
            then = self._citizen_time(now + drawn)
        else:
            t = now + drawn
            day = calendar.next_day(t // DAY)
            then = day * DAY + calendar.opens + t % DAY * 8 // 24
        yield self.env.timeout(max(then - now, 0))

    def _slower(self) -> int:
        scenario = self.world.scenario
        today = day_of(self.env.now)
        years = (today - scenario.first).days * round(scenario.trend * 100) // 365
        season = round(scenario.season * 100) if today.month in (7, 12) else 0
        return max(10_000 + years + season, 1000)

    @staticmethod
    def _citizen_time(t: int) -> int:
        """Citizens answer by day and evening, also at weekends."""
        return t // DAY * DAY + _MORNING + t % DAY * (_EVENING - _MORNING) // DAY

    def _work(self, case: Case, section: Section, op: Op, name: str) -> Events:
        office = self._office(case, op.get("unit", section.unit))
        person = self._worker(case, office)
        start: int | None = None
        if person is not None and "takes" in op:
            minutes = case.stream(f"takes {name}").between(*case.flow.takes[op["takes"]])
            with person.desk.request(priority=int(case.decided is None)) as turn:
                yield turn
                begun = person.fit(self.env.now, minutes)
                yield self.env.timeout(begun + minutes - self.env.now)
            start = begun if op.get("system", section.system) in self.with_start else None
        elif self.world.hand(office.kind):
            day = self.world.calendar
            then = day.add(self.env.now, 0)
            yield self.env.timeout(max(then - self.env.now, 0))
        yield from self._free_minute(case)
        step = self._row(case, section, op, name, office, person, self.env.now)
        self._keep(case, section, op, step._replace(start=start))

    def _free_minute(self, case: Case) -> Events:
        """No two steps of a case in the same minute: their order is certain."""
        while self.env.now in case.times:
            yield self.env.timeout(1)
        case.times.add(self.env.now)

    def _office(self, case: Case, kind: str) -> Office:
        if kind not in case.homes:
            offices = self.world.offices[kind]
            home = case.sag.citizen.number * 7 // 3
            case.homes[kind] = offices[home % len(offices)]
        return case.homes[kind]

    def _worker(self, case: Case, office: Office) -> Person | None:
        """The case's own caseworker, a substitute while that one is away for long."""
        if not office.staff:
            return None
        if office.name not in case.workers:
            number = case.stream(f"worker {office.name}").below(len(office.staff))
            case.workers[office.name] = office.staff[number]
        person = case.workers[office.name]
        if person.long_away(self.env.now):
            number = office.staff.index(person)
            rest = office.staff[number + 1 :] + office.staff[:number]
            person = next((p for p in rest if not p.long_away(self.env.now)), person)
        return person

    def _outcome(self, case: Case, op: Op) -> str:
        source = op.get("outcome", "")
        if isinstance(source, str):
            if source and source not in case.drawn:
                table = case.flow.outcome[source]
                case.drawn[source] = case.stream(f"outcome {source}").pick(table)
            return case.drawn.get(source, "")
        return case.stream("outcome").pick(source)

    def _row(
        self, case: Case, section: Section, op: Op, name: str, office: Office,
        person: Person | None, end: int,
    ) -> Step:  # fmt: skip
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

    def _keep(self, case: Case, section: Section, op: Op, step: Step) -> None:
        """Write a step down, with the spans, visits and documents that hang on it."""
        practice = self.world.scenario.practice
        hidden = step.type in practice.steps and practice.start is not None
        hidden = hidden and day_of(step.end) >= practice.start
        case.times.add(step.end)
        if not hidden:
            case.steps.append(step)
        if step.type == case.flow.start_step:
            case.start = case.sag.last_start = step.end
        if step.start is not None and not hidden:
            case.spans.append(Span("working", step.start, step.end))
        if case.start is not None and not hidden:
            self._place(case, section, op, step)
        begun = step.start or step.end
        if "closes" in op:
            case.close_span(op["closes"], begun)
        if "opens" in op:
            deadline = None if step.frist is None else step.frist + DAY
            case.open_span(op["opens"], step.end, deadline)
        if step.outcome:
            case.outcome = step.outcome
            if case.end is None:
                case.outcome_at_end = step.outcome
        if op.get("uses"):
            case.decisions.append(step)
            self.archive.use(case, step)
        if op.get("decided"):
            case.decided = step.end
        if op.get("ends") or step.outcome in op.get("ends_if", ()):
            case.end = step.end
        for key in ("makes", "letter"):
            if key in op:
                self.archive.make(case, op[key], step, outgoing=key == "letter")
        if op.get("effort"):
            self.ledger.efforts.append(Effort(self.ledger.number("I"), case, step))

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
