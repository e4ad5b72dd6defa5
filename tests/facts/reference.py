"""The handover rules written out plainly, one case and one step at a time.

Slow and simple on purpose: what the column-wise code must agree with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from tests.facts.toy import ZONE, Ev, Toy

if TYPE_CHECKING:
    from procmine.config.catalogue import Catalogue, Step
    from procmine.config.mandates import Mandate

VALUE = {"decision", "contact", "information", "assessment"}
NO_RANK = 10**9


@dataclass
class S:
    """A step with what is found out about it."""

    ev: Ev
    rank: int
    row: Step | None
    time: datetime
    by_day: bool
    placed: datetime
    unit: str | None = None
    hand: bool = False
    visit: int | None = None

    @property
    def elaboration(self) -> bool:
        return self.row is not None and self.row.has("elaboration")

    @property
    def value(self) -> bool:
        return self.elaboration or (self.row is not None and self.row.cls in VALUE)

    @property
    def day(self) -> date:
        return self.placed.astimezone(ZONE).date()


@dataclass
class V:
    """A visit."""

    unit: str
    kind: str | None
    steps: list[S] = field(default_factory=list)
    credited: list[S] = field(default_factory=list)
    grade: str | None = None
    reason: str = ""
    kept: bool = True
    mandated: bool = False
    rule: str | None = None

    @property
    def product(self) -> str:
        if any(not s.elaboration for s in self.credited):
            return "new"
        if self.credited:
            return "elaboration"
        if any(s.row is None or (not s.row.cls and not s.elaboration) for s in self.steps):
            return "unknown"
        return "none"


@dataclass
class Case:
    """A case worked out."""

    steps: list[S]
    visits: list[V]
    start: datetime
    end: datetime | None
    open: bool


def solve(toy: Toy) -> dict[str, Case]:
    """Work out every case of a toy log."""
    process = toy.the_process()
    catalogue = process.catalogue
    assert catalogue is not None
    events = [toy._stamped(n, ev) for n, ev in enumerate(toy.events)]
    found: dict[str, Case] = {}
    for name in sorted({case for ev in events for case in ev.case.split()}):
        mine = [ev for ev in events if name in ev.case.split() and _is_step(ev, toy, catalogue)]
        if mine:
            found[name] = _case(mine, toy, catalogue)
    return found


def _is_step(ev: Ev, toy: Toy, catalogue: Catalogue) -> bool:
    if ev.activity in toy.roles.not_steps:
        return False
    if catalogue.step(ev.activity):
        return True
    return not any(other.step(ev.activity) for other in toy.config.catalogues)


def _case(events: list[Ev], toy: Toy, catalogue: Catalogue) -> Case:
    steps = [_step(ev, catalogue) for ev in events]
    for s in steps:
        if s.by_day:
            lower = [
                other.time
                for other in steps
                if not other.by_day and other.day == s.day and other.rank < s.rank
            ]
            s.placed = max(lower, default=s.time)
    steps.sort(key=lambda s: (s.placed, s.rank, s.ev.id))
    _choose_units(steps, toy)
    begin = next((i for i, s in enumerate(steps) if s.row and s.row.has("start")), 0)
    after = steps[begin:]
    ending = next((s for s in after if _ends(s) and s.placed <= toy.cut), None)
    visits = _visits(after, toy)
    _credit(after, visits, catalogue, toy)
    is_open = ending is None
    _grade(after, visits, toy, is_open=is_open)
    return Case(steps, visits, after[0].placed, ending.placed if ending else None, is_open)


def _step(ev: Ev, catalogue: Catalogue) -> S:
    row = catalogue.step(ev.activity)
    by_day = not isinstance(ev.time, datetime)
    time = ev.time
    if by_day:
        assert ev.time is not None
        time = datetime(ev.time.year, ev.time.month, ev.time.day, tzinfo=ZONE)
    assert isinstance(time, datetime)
    return S(ev, row.rank if row else NO_RANK, row, time, by_day, time)


def _ends(s: S) -> bool:
    if s.row is None:
        return False
    return s.row.has("end") or any(s.ev.outcome in mark.args for mark in s.row.mark("end_if"))


def _choose_units(steps: list[S], toy: Toy) -> None:
    skipped = toy.config.skipped_kinds()
    current: str | None = None
    for s in steps:
        units = sorted(s.ev.unit.split())
        hands = [u for u in units if toy._kind(u) not in skipped]
        if hands:
            s.unit = current if current in hands else hands[0]
            s.hand = True
            current = s.unit
        elif units:
            s.unit = units[0]


def _visits(steps: list[S], toy: Toy) -> list[V]:
    visits: list[V] = []
    for s in steps:
        if not s.hand or s.unit is None:
            continue
        if not visits or visits[-1].unit != s.unit:
            visits.append(V(s.unit, toy._kind(s.unit)))
        visits[-1].steps.append(s)
        s.visit = len(visits) - 1
    return visits


def _credit(steps: list[S], visits: list[V], catalogue: Catalogue, toy: Toy) -> None:
    opened_by = _openers(steps, catalogue)
    lies: int | None = None
    for place, s in enumerate(steps):
        if s.visit is not None:
            lies = s.visit
        if not s.value:
            continue
        target = lies
        if s.visit is None:
            opener = opened_by.get(place)
            if opener is not None and (lies is None or visits[lies].unit != opener):
                following = [
                    t.visit
                    for t in steps[place + 1 :]
                    if t.visit is not None
                    and visits[t.visit].unit == opener
                    and _begins(t.visit, steps, place)
                ]
                target = following[0] if following else None
        if target is not None:
            visits[target].credited.append(s)


def _begins(visit: int, steps: list[S], place: int) -> bool:
    first = next(i for i, s in enumerate(steps) if s.visit == visit)
    return first > place


def _openers(steps: list[S], catalogue: Catalogue) -> dict[int, str]:
    """For each closing step the hand whose opening it closes: first in, first out."""
    found: dict[int, str] = {}
    for row in catalogue.steps:
        for mark in row.mark("opens"):
            closers = catalogue.closers(mark)
            waiting: list[S] = []
            for place, s in enumerate(steps):
                if s.ev.activity == row.type:
                    waiting.append(s)
                elif s.ev.activity in closers and waiting:
                    opener = waiting.pop(0)
                    if opener.hand and opener.unit is not None:
                        found[place] = opener.unit
                    else:
                        found.pop(place, None)
    return found


def _appeal(steps: list[S], visit: V) -> bool:
    depth = 0
    first, last = steps.index(visit.steps[0]), steps.index(visit.steps[-1])
    for place, s in enumerate(steps):
        if place == first and depth == 0:
            return False
        if s.row and s.row.has("opens", "appeal"):
            depth += 1
        if s.row and s.row.has("closes", "appeal"):
            depth = max(depth - 1, 0)
        if first <= place <= last and depth == 0:
            return False
    return True


def _grade(steps: list[S], visits: list[V], toy: Toy, *, is_open: bool) -> None:
    previous: V | None = None
    for number, v in enumerate(visits):
        if previous is not None and previous.unit == v.unit:
            v.reason, v.kept = "merged", False
            continue
        _grade_one(steps, visits, number, previous, toy, is_open=is_open)
        v.kept = v.grade not in ("G1", "G2")
        if v.kept:
            previous = v


def _grade_one(  # noqa: C901, PLR0911, PLR0912 - one branch a row of the table
    steps: list[S], visits: list[V], number: int, previous: V | None, toy: Toy, *, is_open: bool
) -> None:
    v = visits[number]
    rows = [m for m in toy.config.mandates if m.process in (toy.process, "*")]
    law = None
    if previous is not None:
        sender = visits[number - 1].steps[-1]
        law = next((m for m in rows if m.basis == "law" and _fits(m, v, previous, sender)), None)
    v.mandated = law is not None
    v.rule = law.id if law else None
    if _rests_on_days(visits, number):
        v.grade, v.reason = None, "day_order"
        return
    if previous is None:
        v.grade, v.reason = "G5", "first_visit"
        return
    if law is not None:
        beyond = [s for s in v.credited if not s.elaboration and s.ev.activity not in law.purpose]
        v.grade = "G0" if beyond else "G0b"
        v.reason = "mandated_new" if beyond else "mandated_none"
        return
    if number == len(visits) - 1:
        v.grade, v.reason = "G5", "last_visit"
        return
    appeal = _appeal(steps, v)
    if appeal and v.product == "new":
        v.grade, v.reason = "G5", "appeal_new"
        return
    local = [
        m
        for m in rows
        if _kinds(m, v, previous) and _contains(m, v) and (m.basis == "local" or not _valid(m, v))
    ]
    if local:
        v.grade, v.reason, v.rule = "G5", "local", local[0].id
        return
    if appeal:
        v.grade, v.reason = "G3", "appeal"
        return
    if v.product == "elaboration":
        v.grade, v.reason = "G3", "elaboration"
        return
    following = visits[number + 1]
    back = following.unit == previous.unit or (
        previous.kind is not None and following.kind == previous.kind
    )
    if v.product == "none":
        if back and any(s.row and s.row.has("returns") for s in v.steps):
            if any(
                not s.elaboration and s.row and s.row.cls in ("information", "contact", "decision")
                for s in following.credited
            ):
                v.grade, v.reason = "GK", "changed_something"
                return
            if is_open and number + 1 == len(visits) - 1:
                v.grade, v.reason = None, "open"
                return
        v.grade = "G2" if back else "G1"
        v.reason = "return_without_product" if back else "pass_through"
        return
    if v.product == "unknown":
        v.grade, v.reason = None, "no_catalogue"
        return
    v.grade, v.reason = "G5", "other"


def _lost_beside(steps: list[S], visits: list[V], number: int, toy: Toy) -> bool:
    """Whether a step that names no unit, but needs one, lies up to the visits on either side."""
    skipped = toy.config.skipped_kinds()
    low = steps.index(visits[number - 1].steps[-1])
    high = steps.index(visits[number + 1].steps[0])
    return any(
        s.unit is None and not (s.row and s.row.units and set(s.row.units) <= skipped)
        for s in steps[low:high]
    )


def _rests_on_days(visits: list[V], number: int) -> bool:
    v = visits[number]
    days = {s.day for s in v.steps}
    if len(days) > 1:
        return False
    near = visits[max(number - 1, 0) : number + 2]
    return any(s.by_day and s.day in days for other in near for s in other.steps)


def _kinds(m: Mandate, v: V, previous: V) -> bool:
    return m.from_kind in ("*", previous.kind) and m.to_kind in ("*", v.kind)


def _valid(m: Mandate, v: V) -> bool:
    day = v.steps[0].day
    return (m.valid_from or date.min) <= day <= (m.valid_to or date.max)


def _contains(m: Mandate, v: V) -> bool:
    return any(s.ev.activity in m.purpose for s in v.steps)


def _fits(m: Mandate, v: V, previous: V, sender: S) -> bool:
    return (
        _kinds(m, v, previous)
        and _valid(m, v)
        and (not m.after or sender.ev.activity in m.after)
        and (not m.purpose or _contains(m, v))
    )


def rows(toy: Toy) -> list[tuple[object, ...]]:
    """Return the handovers: case, from, to, grade, reason, redundant, doubtful, mandated, rule."""
    found: list[tuple[object, ...]] = []
    for name, case in solve(toy).items():
        for number, v in enumerate(case.visits[1:], 1):
            before = case.visits[number - 1]
            redundant = None if v.reason == "no_catalogue" else not v.kept
            beside = number - 1 if v.reason == "merged" else number
            doubtful = redundant and _lost_beside(case.steps, case.visits, beside, toy)
            found.append(
                (
                    name, before.steps[-1].ev.id, v.steps[0].ev.id, before.unit, v.unit,
                    v.grade, v.reason, redundant, doubtful,
                    v.mandated and v.reason != "merged",
                    None if v.reason == "merged" else v.rule,
                )
            )  # fmt: skip
    return found


def moment(hours: int) -> datetime:
    """Return Monday 2 March 2026 at 00:00 local time, plus whole hours."""
    return datetime(2026, 3, 2, tzinfo=ZONE) + timedelta(hours=hours)
