"""The operations that flows are made of; each function is one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.synth.clock import DAY, at, day_of
from procmine.synth.ledger import Planned
from procmine.synth.plants import Plant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from procmine.synth.flow import Op, Section
    from procmine.synth.record import Case, Document, Events
    from procmine.synth.stage import Stage

__all__ = ["OPERATIONS"]

_RUN_DAY, _NIGHT = 20, 6 * 60
_LATEST = 60
"""Minutes before a deadline after which nobody prolongs it any more."""


def _do(stage: Stage, case: Case, section: Section, op: Op) -> Events:
    yield from _lie(stage, case, op)
    yield from stage.work(case, section, op, op["do"])


def _before(stage: Stage, case: Case, section: Section, op: Op) -> Events:
    """Something done before the case began; nobody waits for it now."""
    stream = case.stream("before")
    office = stage.office(case, op["unit"])
    t = stage.now - stream.between(*op["days"]) * DAY
    day = stage.world.calendar.next_day(t // DAY)
    t = day * DAY + stage.world.calendar.opens + stream.below(400)
    while t in case.times:
        t += 1
    if t < stage.now:
        step = stage.row(case, section, op, op["before"], office, stage.worker(case, office), t)
        stage.keep(case, section, op, step)
    yield stage.env.timeout(0)


def _ask(stage: Stage, case: Case, section: Section, op: Op) -> Events:
    waste = stage.world.scenario.waste
    late = case.stream("late request").hits(waste.late_request)
    if late:
        yield stage.env.timeout(waste.late_request_days * DAY)
    yield from _lie(stage, case, op)
    asker = {k: v for k, v in op.items() if k not in ("unit", "wait")}
    step = yield from stage.work(case, section, asker, op["ask"])
    if late:
        days = waste.late_request_days
        stage.ledger.plants.append(Plant("late_request", case, step, days=days))
    office = stage.office(case, section.unit)
    document = stage.archive.request(case, op["kind"], office, case.workers.get(office.name))
    case.waiting.append(stage.env.process(_got(stage, case, section, op, document)))


def _got(stage: Stage, case: Case, section: Section, op: Op, document: Document) -> Events:
    office = stage.office(case, op.get("unit", section.unit))
    yield from stage.wait(case, op["wait"], f"got {op['kind']}")
    yield from stage.free_minute(case)
    step = stage.row(case, section, {}, op["got"], office, None, stage.now)
    stage.keep(case, section, op, step)
    stage.archive.arrive(document)


def _request(stage: Stage, case: Case, section: Section, op: Op) -> Events:
    office = stage.office(case, section.unit)
    person = stage.worker(case, office)
    yield from stage.free_minute(case)
    document = stage.archive.request(case, op["request"], office, person)

    def come() -> Events:
        yield from stage.wait(case, op["after"], "come")
        stage.archive.arrive(document)

    case.waiting.append(stage.env.process(come()))


def _await(stage: Stage, case: Case, _section: Section, _op: Op) -> Events:
    if case.waiting:
        yield stage.env.all_of(case.waiting)
        case.waiting.clear()


def _file(stage: Stage, case: Case, section: Section, op: Op) -> Events:
    stream = case.stream("file")
    office = stage.office(case, section.unit)
    person = stage.worker(case, office)
    low, high = op["fewer"] if op["fewer_when"] in case.rules else op["n"]
    kinds = list(op["file"])
    for _ in range(min(stream.between(low, high), len(kinds))):
        kind = kinds.pop(stream.below(len(kinds)))
        wait = stage.world.calendar.add(stage.now, stream.between(10, 420)) - stage.now
        stage.env.process(stage.archive.file(case, kind, office, person, wait))
    yield stage.env.timeout(0)


def _reply(stage: Stage, case: Case, section: Section, op: Op) -> Events:
    """Let the citizen answer in time, answer late, or the deadline run out."""
    if op["closes"] not in case.opened:
        return
    stream = case.stream("reply")
    deadline = case.opened[op["closes"]][1] or stage.now
    answers = stream.hits(case.flow.share[op["share"]])
    delay = stream.quantile(case.flow.delay[op["after"]].points)
    when = stage.citizen_time(stage.now + delay)
    if answers and (when < deadline or op.get("late")):
        yield stage.env.timeout(when - stage.now)
        yield from stage.free_minute(case)
        office = stage.office(case, op["unit"])
        step = stage.row(case, section, op, op["reply"], office, None, stage.now)
        stage.keep(case, section, op, step)
        receiver = stage.office(case, section.unit)
        document = stage.archive.incoming(case, op["document"], receiver)
        stage.archive.arrive(document)
        return
    yield stage.env.timeout(max(deadline + _NIGHT - stage.now, 0))
    if "expiry" in op:
        yield from stage.free_minute(case)
        office = stage.office(case, op["clock"])
        step = stage.row(case, section, op, op["expiry"], office, None, stage.now)
        stage.keep(case, section, op, step)
    case.close_span(op["closes"], stage.now)


def _extend(stage: Stage, case: Case, section: Section, op: Op) -> Events:
    """Give the citizen more time by a second letter, while the first period still runs."""
    if op["prolongs"] not in case.opened:
        return
    first, deadline = case.opened[op["prolongs"]]
    stream = case.stream("extend")
    office = stage.office(case, section.unit)
    person = stage.worker(case, office)
    minutes = stream.between(*case.flow.takes[op["takes"]])
    asked = stage.world.calendar.next_day(stage.now // DAY + stream.between(*op["days"])) * DAY
    begun = person.fit(asked + stream.below(DAY), minutes) if person else asked
    if person is None or deadline is None or begun + minutes + _LATEST > deadline:
        return
    yield stage.env.timeout(begun + minutes - stage.now)
    yield from stage.free_minute(case)
    frist = deadline - DAY + stream.between(*op["more"]) * DAY
    step = stage.row(case, section, {}, op["extend"], office, person, stage.now)
    start = begun if step.system in stage.with_start else None
    stage.keep(case, section, op, step._replace(frist=frist, start=start))
    case.opened[op["prolongs"]] = (first, frist + DAY)
    stage.ledger.plants.append(Plant("hearing_extended", case, step, decoy=True))


def _run(stage: Stage, case: Case, section: Section, op: Op) -> Events:
    """Wait for the payment run: the last working day, for what came by the 20th."""
    today = day_of(stage.now)
    months = 1 if today.day <= _RUN_DAY else 2
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    day = at(today.replace(year=year, month=month + 1, day=1)) // DAY - 1
    while not stage.world.calendar.works(day):
        day -= 1
    yield stage.env.timeout(max(day * DAY + _NIGHT - stage.now, 1))
    yield from stage.free_minute(case)
    office = stage.office(case, op["unit"])
    step = stage.row(case, section, op, op["run"], office, None, stage.now)
    stage.keep(case, section, op, step)


def _meeting(stage: Stage, case: Case, section: Section, op: Op) -> Events:
    office = stage.office(case, section.unit)
    meeting = stage.world.meetings[office.name]
    while True:
        called = stage.env.event()
        meeting.waiting.append((stage.now, case, called))
        number, start = yield called
        stream = case.stream("meeting")
        takes = stream.between(*case.flow.takes[op["takes"]])
        person = stage.worker(case, office)
        if not stream.hits(case.flow.share[op["share"]]):
            break
        planned = stage.ledger.number("A")
        stage.ledger.planned.append(
            Planned(planned, case, op["meeting"], start, start + takes, office, person)
        )
        yield from stage.free_minute(case)
        step = stage.row(case, section, {}, op["postponed"], office, person, stage.now)
        stage.keep(case, section, {}, step)
    begins = meeting.begin(start, takes)
    yield stage.env.timeout(begins + takes - stage.now)
    yield from stage.free_minute(case)
    absent = stream.hits(case.flow.share[op["attended"]])
    step = stage.row(case, section, op, op["meeting"], office, person, stage.now)
    step = step._replace(start=begins, meeting=number, attended="no" if absent else "yes")
    stage.keep(case, section, op, step)


def _lie(stage: Stage, case: Case, op: Op) -> Events:
    if "after" in op:
        name = op.get("do") or op.get("ask")
        yield from stage.wait(case, op["after"], f"lie {name}")


OPERATIONS: Mapping[str, Callable[[Stage, Case, Section, Op], Events]] = {
    "do": _do,
    "ask": _ask,
    "reply": _reply,
    "extend": _extend,
    "file": _file,
    "await": _await,
    "request": _request,
    "before": _before,
    "meeting": _meeting,
    "run": _run,
}
