"""From what happened to the rows of the reference layouts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from procmine.synth.clock import DAY
from procmine.synth.draws import Stream
from procmine.synth.extras import contacts, control, enquiries, facts, notes, support
from procmine.synth.files import Cell, Day, Stamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from procmine.config import Config
    from procmine.synth.clock import Calendar
    from procmine.synth.ledger import Ledger
    from procmine.synth.record import Case, Document, Step

    Row = tuple[Cell, ...]

__all__ = ["Delivery"]

_OPERA, _AKTIV, _GRANT = "opera", "aktiv", "befordring"
_CLOSING = 30 * DAY


@dataclass
class Delivery:
    """The tables of one delivery, as streams of rows."""

    ledger: Ledger
    config: Config
    words: Mapping[str, Any]
    cut: int
    calendar: Calendar

    def __post_init__(self) -> None:
        """Leave out cases that had not begun, and order steps by their numbers."""
        self.cases = [case for case in self.ledger.cases if case.start is not None]
        self.degrade = self.ledger.scenario.degrade
        known = {id(case) for case in self.cases}
        rows = [(case, step) for case in self.cases for step in case.steps]
        self.steps = sorted(rows, key=lambda row: int(row[1].event.partition("-")[2]))
        self.documents = [d for d in self.ledger.documents if id(d.case) in known]
        files = {case.sag.id for case in self.cases}
        self.sager = [sag for sag in self.ledger.sager if sag.id in files]

    def tables(self) -> dict[str, Iterator[Row]]:
        """Return every table by its name in the layouts."""
        tables = {
            "sager": self._sager(),
            "ansvar": self._responsible(),
            "planer": self._plans(),
            "aktiviteter": self._activities(),
            "indsatser": self._efforts(),
            "dokumenter": self._documents(),
            "dokumentbrug": self._uses(),
            "sanktioner": self._sanctions(),
            "haendelser": self._events(),
            "befordring": self._grants(),
            "enheder": self._units(),
        }
        if self.ledger.scenario.extras:
            tables |= {
                "notater": notes(self),
                "henvendelser": enquiries(self),
                "forsoergelse": support(self),
                "kontakter": contacts(self),
                "oplysninger": facts(self),
                "kontroltal": control(self),
            }
        return tables

    def label(self, case: Case, step_type: str) -> str:
        """Return the text that the exports hold for a step."""
        catalogue = self.config.catalogue(case.flow.process)
        step = catalogue.step(step_type) if catalogue else None
        return step.label if step else step_type

    def outcome(self, case: Case, step: Step) -> str:
        """Return the text of a step's outcome."""
        catalogue = self.config.catalogue(case.flow.process)
        entry = catalogue.step(step.type) if catalogue else None
        return entry.outcomes.get(step.outcome, step.outcome) if entry else step.outcome

    def closed(self, case: Case) -> int | None:
        """Return the day on which a finished case's file was closed, or None."""
        last = max(step.end for step in case.steps) + _CLOSING
        return last if case.end is not None and last < self.cut else None

    def _drop(self, step: Step, what: str, share: float) -> bool:
        seed = self.ledger.scenario.seed
        return bool(share) and Stream(seed, "drop", what, step.event).hits(share)

    def _person(self, step: Step) -> str:
        if step.person is None or self._drop(step, "actor", self.degrade.no_actor):
            return ""
        return step.person.initials

    def _unit(self, step: Step) -> str:
        return "" if self._drop(step, "unit", self.degrade.no_unit) else step.office.name

    def _stamp(self, step: Step, minute: int) -> Cell:
        day = self._drop(step, "day", self.degrade.day_stamps)
        return Day(minute) if day else Stamp(minute)

    def _sager(self) -> Iterator[Row]:
        ends: dict[str, list[int | None]] = {}
        for case in self.cases:
            ends.setdefault(case.sag.id, []).append(self.closed(case))
        for sag in self.sager:
            closed = [end for end in ends[sag.id] if end is not None]
            last = max(closed) if len(closed) == len(ends[sag.id]) else None
            sag.closed = last
            reasons = self.words["endings"][sag.process]
            drawn = Stream(self.ledger.scenario.seed, "ending", sag.id).below(len(reasons))
            reason = reasons[drawn] if last else ""
            end = Day(last) if last else None
            yield (
                sag.id, sag.citizen.cpr, sag.group, Day(sag.opened), end, reason,
                self.ledger.scenario.municipality,
            )  # fmt: skip

    def _responsible(self) -> Iterator[Row]:
        for sag in self.sager:
            for when, person, office in sag.responsible:
                yield sag.id, Stamp(when), person.initials, office.name

    def _plans(self) -> Iterator[Row]:
        for case in self.cases:
            if case.flow.named == "plan":
                status = self.words["finished" if case.end else "in_progress"]
                told = next(
                    (s for s in case.steps if s.outcome and s.outcome in _outcomes(case)), None
                )
                advice = self.outcome(case, told) if told else ""
                made = Stamp(case.start or 0)
                yield case.id, case.sag.id, self.words["plan"], made, status, advice

    def _activities(self) -> Iterator[Row]:
        for case, step in self.steps:
            if step.system != _OPERA:
                continue
            start = None
            if step.start is not None and not self._drop(step, "start", self.degrade.no_start):
                start = self._stamp(step, step.start)
            hidden = self._drop(step, "deadline", self.degrade.no_deadline)
            frist = None if step.frist is None or hidden else Day(step.frist)
            yield (
                step.event, case.sag.id, *self._named(case), step.meeting,
                self.label(case, step.type), start, self._stamp(step, step.end),
                self._person(step), self._unit(step), self.words["done"],
                self.words["remark"], self.outcome(case, step), frist,
                self.words[step.attended] if step.attended else "",
            )  # fmt: skip
        for row in self.ledger.planned:
            if row.case.start is None:
                continue
            status = self.words["cancelled"]
            person = row.person.initials if row.person else ""
            yield (
                row.number, row.case.sag.id, *self._named(row.case), "",
                self.label(row.case, row.type), Stamp(row.start), Stamp(row.end), person,
                row.office.name, status, self.words["remark"], "", None, "",
            )  # fmt: skip

    @staticmethod
    def _named(case: Case) -> tuple[str, str]:
        plan = case.id if case.flow.named == "plan" else ""
        return plan, case.id if case.flow.named == "sanction" else ""

    def _efforts(self) -> Iterator[Row]:
        for effort in self.ledger.efforts:
            case, step = effort.case, effort.step
            if case.start is None:
                continue
            over = step.end + Stream(case.seed, "effort", effort.number).between(60, 200) * DAY
            end = Stamp(over) if over < self.cut else None
            kind, unit = self.words[effort.kind], step.office.name
            yield effort.number, case.sag.id, kind, Stamp(step.end), end, unit

    def _documents(self) -> Iterator[Row]:
        words = self.words
        for d in self.documents:
            asked = d.office.name if d.requested is not None else ""
            yield (
                d.id, d.case.sag.id, *self._named(d.case), d.kind, words["title"],
                words[d.direction], _stamp(d.requested), _stamp(d.received),
                _stamp(self.registered(d)), d.person.initials if d.person else "",
                d.office.name, d.pages, None if d.valid_to is None else Day(d.valid_to),
                d.digest if d.received is not None else "", d.replaces, asked, d.reason, d.sender,
            )  # fmt: skip

    def registered(self, document: Document) -> int | None:
        """Return when a document was registered, None where that is yet to come."""
        when = document.registered
        return when if when is not None and when < self.cut else None

    def uses(self, document: Document) -> list[tuple[Step, str]]:
        """Return the use links that the delivery holds."""
        lost = self.degrade.no_use_link
        return [u for u in document.uses if not self._drop(u[0], f"use {document.id}", lost)]

    def _uses(self) -> Iterator[Row]:
        for document in self.documents:
            for step, how in self.uses(document):
                yield document.id, self.words[step.system], step.event, self.words[how]

    def _sanctions(self) -> Iterator[Row]:
        rates = list(self.words["rates"].values())
        for case in self.cases:
            if case.flow.named == "sanction":
                stream = Stream(case.seed, case.id, "rate")
                rate = rates[stream.below(len(rates))]
                amount = rate * stream.between(1, 5) if case.outcome else 0
                status = self.words["finished" if case.end else "in_progress"]
                offence = Day((case.start or 0) - (case.start or 0) % DAY)
                yield (
                    case.id, case.sag.citizen.cpr, case.sag.id, self.words["law"], offence,
                    f"{rate} kr", f"{amount},00", status,
                )  # fmt: skip

    def _events(self) -> Iterator[Row]:
        skew = self.degrade.clock_skew
        for case, step in self.steps:
            if step.system == _AKTIV:
                complaint = f"K{case.id}" if step.complaint else ""
                yield (
                    step.event, case.id, complaint, self.label(case, step.type),
                    self._stamp(step, step.end + skew), self._person(step), self._unit(step),
                    self.outcome(case, step),
                )  # fmt: skip

    def _grants(self) -> Iterator[Row]:
        for case, step in self.steps:
            if step.system == _GRANT:
                amount = f"{step.amount},{step.amount * 7 % 100:02d}" if step.amount else ""
                yield (
                    step.event, case.id, case.sag.citizen.cpr, case.sag.id,
                    self.label(case, step.type), self._stamp(step, step.end),
                    self._person(step), self._unit(step), amount,
                )  # fmt: skip

    def _units(self) -> Iterator[Row]:
        for unit in self.ledger.scenario.units:
            yield unit.name, unit.kind


def _stamp(minute: int | None) -> Cell:
    return None if minute is None else Stamp(minute)


def _outcomes(case: Case) -> Mapping[str, int]:
    return case.flow.outcome.get(case.flow.advice, {})
