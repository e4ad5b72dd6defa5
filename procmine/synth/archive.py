"""Documents: how they come, and what is planted among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from procmine.synth.clock import DAY
from procmine.synth.draws import Stream
from procmine.synth.record import Document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from procmine.synth.ledger import Ledger
    from procmine.synth.record import Case, Events, Step
    from procmine.synth.world import Office, Person, World

__all__ = ["Archive"]

_INCOMING, _OUTGOING, _INTERNAL = "in", "out", "own"
_MARGIN = 3
_AGAIN, _SEEN = 25, 20
"""Percent of documents that a later decision rests on too, or that were only looked at."""
_OWN = "intern"


class Archive:
    """Makes documents in simulated time and writes down what each was planted as."""

    def __init__(
        self, world: World, ledger: Ledger, kinds: Mapping[str, Mapping[str, Any]],
        words: Mapping[str, str],
    ) -> None:  # fmt: skip
        self.world, self.ledger, self.kinds, self.words = world, ledger, kinds, words

    def exempt(self, kind: str) -> bool:
        """Whether the rules exempt a kind (letters, receipts, notes)."""
        return bool(self.kinds.get(kind, {}).get("exempt"))

    def request(self, case: Case, kind: str, office: Office, person: Person | None) -> Document:
        """Ask for a document now; it has not come yet."""
        document = self._new(case, kind, office, person, _INCOMING)
        document.requested = self.world.now
        return document

    def arrive(self, document: Document) -> None:
        """Let a document come now, and plant what follows from it."""
        case = document.case
        now = self.world.now
        document.received = now
        stream = case.stream("document")
        self._enter(document, stream)
        if document.planted != "used" or document.direction != _INCOMING:
            return
        waste = self.world.scenario.waste
        process = self.world.env.process
        if stream.hits(waste.unused):
            document.planted = "unused"
        if stream.hits(waste.duplicate):
            process(self._duplicate(document, stream))
        elif self._validity(document.kind) and stream.hits(waste.renewed):
            process(self._renew(document, stream))

    def incoming(self, case: Case, kind: str, office: Office) -> Document:
        """Return a document that somebody sends without being asked for it by letter."""
        return self._new(case, kind, office, case.workers.get(office.name), _INCOMING)

    def make(self, case: Case, kind: str, step: Step, *, outgoing: bool = False) -> None:
        """Write a document or letter as part of a step."""
        way = _OUTGOING if outgoing else _INTERNAL
        document = self._new(case, kind, step.office, step.person, way)
        document.received = self.world.now
        self._enter(document, case.stream("document"))

    def file(
        self, case: Case, kind: str, office: Office, person: Person | None, minutes: int
    ) -> Events:
        """Let a document come unasked in a while."""
        yield self.world.env.timeout(minutes)
        self.arrive(self._new(case, kind, office, person, _INCOMING))

    def use(self, case: Case, step: Step) -> None:
        """Link the documents that a decision rests on."""
        stream = case.stream("use")
        for document in case.documents:
            if document.received is None or document.received >= step.end:
                continue
            if document.planted == "used" and (not document.uses or stream.hits(_AGAIN)):
                document.uses.append((step, "use"))
            elif document.planted == "unused" and stream.hits(_SEEN):
                document.uses.append((step, "seen"))
        elsewhere = self.world.scenario.waste.used_elsewhere
        for document in case.sag.citizen.archive.values():
            other = document.case is not case and document.planted == "unused"
            if other and stream.hits(elsewhere):
                document.uses.append((step, "use"))
                document.decoy = "used_elsewhere"

    def afterwards(self, case: Case, kind: str, office: Office, person: Person | None) -> Events:
        """Plant a document after the last decision of a finished case."""
        stream = case.stream("afterwards")
        yield self.world.env.timeout(stream.between(1, 12) * DAY)
        if case.sag.starts[-1] > case.decisions[-1].end:
            return
        document = self._new(case, kind, office, person, _INCOMING)
        document.planted = "after_decision"
        document.received = self.world.now
        self._enter(document, stream)

    def _new(
        self, case: Case, kind: str, office: Office, person: Person | None, way: str
    ) -> Document:
        number = self.ledger.number("D")
        stream = Stream(case.seed, case.flow.process, case.index, "file", len(case.documents))
        origin = self.kinds.get(kind, {}).get("origin", _OWN if way != _INCOMING else "ekstern")
        document = Document(
            id=number,
            case=case,
            kind=kind,
            direction=way,
            planted="exempt" if self.exempt(kind) else "used",
            requested=None,
            received=None,
            office=office,
            person=person,
            pages=stream.quantile([1, 1, 3, 5, 9, 30]),
            digest=f"{stream.bits():016x}{stream.bits():016x}",
            sender=str(origin),
        )
        case.documents.append(document)
        self.ledger.documents.append(document)
        return document

    def _validity(self, kind: str) -> int:
        return int(self.kinds.get(kind, {}).get("validity_days", 0))

    def _enter(self, document: Document, stream: Stream) -> None:
        """Register a document that is here, and give a reason where one is due."""
        now = self.world.now
        document.registered = now + stream.between(3, 170)
        archive = document.case.sag.citizen.archive
        days = self._validity(document.kind)
        if not days:
            return
        document.valid_to = now + days * DAY
        before = archive.get(document.kind)
        if before is not None and before.received is not None:
            still = before.received + (days + _MARGIN) * DAY > now
            if still and document.planted not in ("renewed", "duplicate"):
                document.reason = self.words["reason" if document.related else "other_matter"]
                document.decoy = "renewed_with_reason" if document.related else "other_matter"
                document.replaces = before.id
        archive[document.kind] = document

    def _duplicate(self, first: Document, stream: Stream) -> Events:
        """Plant the same file again, under a new number."""
        yield self.world.env.timeout(stream.between(1, 14) * DAY + stream.below(180))
        if first.case.decided is not None:
            return
        again = self._new(first.case, first.kind, first.office, first.person, first.direction)
        again.planted, again.digest, again.pages = "duplicate", first.digest, first.pages
        again.related = first.id
        again.flags.append("duplicate")
        again.received = self.world.now
        self._enter(again, stream)

    def _renew(self, first: Document, stream: Stream) -> Events:
        """Plant a new copy of a kind that is still valid; as a decoy, with a reason."""
        yield self.world.env.timeout(stream.between(8, 50) * DAY + stream.below(180))
        if first.case.decided is not None:
            return
        again = self._new(first.case, first.kind, first.office, first.person, first.direction)
        again.related = first.id
        if not stream.hits(self.world.scenario.waste.renewed_with_reason):
            again.planted = "renewed"
            again.flags.append("renewed")
        again.received = self.world.now
        self._enter(again, stream)
