"""The truth beside a delivery: what was planted, in the words of the command line."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from procmine.synth.busy import Desks
from procmine.synth.clock import DAY, day_of, iso
from procmine.synth.record import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from procmine.synth.delivery import Delivery
    from procmine.synth.record import Case, Document, Step, Visit
    from procmine.synth.world import World

__all__ = ["FLAGGED", "event_id", "partition", "settle", "write_truth"]

_ORDER = (
    "working", "citizen", "legal_period", "payment_run", "appeal_body", "document",
    "meeting_slot", "meeting_queue", "between_units", "busy", "unexplained",
)  # fmt: skip
_HORIZON = 365 * DAY
FLAGGED = ("duplicate", "renewed", "after_decision", "unused")
"""Statuses of documents that were planted as waste."""


def event_id(step: Step) -> str:
    """Return the id that a step's event has in the log."""
    system = "opera" if step.system == "opera" else "aktiv"
    return f"{system}:{step.event}"


def settle(case: Case) -> list[Visit]:
    """Return the visits of a case as they stand where it was cut.

    A planted loop that had not come back yet is the last visit, and no loop.
    """
    visits = list(case.visits)
    if not visits:
        return visits
    last = visits[-1]
    if last.merged and case.end is None and len(visits) > 1 and visits[-2].loop:
        # Whether what came back changed anything is not known yet.
        visits[-2] = replace(visits[-2], grade="")
        visits[-1] = replace(last, merged=False, grade="G5")
    elif last.grade in ("G1", "G2", "G3", "GK"):
        visits[-1] = replace(last, grade="G5")
    return visits


def partition(case: Case, world: World, cut: int, desks: Desks | None = None) -> Iterator[Span]:
    """Yield the case's time from start to end, each instant with the cause planted.

    Without `desks` nobody is said to be busy.
    """
    first = case.start
    if first is None:
        return
    last = case.end if case.end is not None else cut
    spans = [_clip(span, first, last) for span in _spans(case, world, cut)]
    spans += [_clip(span, first, last) for span in desks.busy(case)] if desks else []
    spans = [span for span in spans if span is not None]
    edges = sorted(
        {first, last, *(s.start for s in spans if s), *(s.end or last for s in spans if s)}
    )
    rank = {cause: i for i, cause in enumerate(_ORDER)}
    before: Span | None = None
    for start, end in pairwise(edges):
        over = [s.cause for s in spans if s and s.start <= start and (s.end or last) >= end]
        cause = min(over, key=rank.__getitem__, default=_ORDER[-1])
        if before is not None and before.cause == cause:
            before = before._replace(end=end)
            continue
        if before is not None:
            yield before
        before = Span(cause, start, end)
    if before is not None:
        yield before


def _clip(span: Span, first: int, last: int) -> Span | None:
    start = max(span.start, first)
    end = min(span.end if span.end is not None else last, last)
    return Span(span.cause, start, end) if start < end else None


def _spans(case: Case, world: World, cut: int) -> Iterator[Span]:
    for cause, (start, deadline) in case.opened.items():
        case_span = Span(cause, start, cut if deadline is None else min(deadline, cut))
        yield from _meeting(case, case_span, world)
    for span in case.spans:
        yield from _meeting(case, span, world)
    for document in case.documents:
        if document.requested is not None:
            yield Span("document", document.requested, document.received)
    for before, after in pairwise(case.visits):
        yield Span("between_units", before.last.end, after.first.start or after.first.end)


def _meeting(case: Case, span: Span, world: World) -> Iterator[Span]:
    """Split a wait for the meeting at the first one that was held."""
    if span.cause != "meeting":
        yield span
        return
    rooms = [m for m in world.meetings.values() if m.office in case.homes.values() and m.held]
    slot = min((s for m in rooms for s in m.held if s >= span.start), default=None)
    end = span.end
    if slot is None or (end is not None and slot >= end):
        yield Span("meeting_slot", span.start, end)
    else:
        yield Span("meeting_slot", span.start, slot)
        yield Span("meeting_queue", slot, end)


def _status(document: Document, delivery: Delivery) -> str:
    case = document.case
    if document.planted in ("exempt", "duplicate", "renewed"):
        return document.planted
    if any(how == "use" for _, how in delivery.uses(document)):
        return "used"
    received = document.received
    if document.planted == "after_decision" or (received is not None and _late(case, received)):
        return "after_decision"
    decided = any(step.end > (received or delivery.cut) for step in case.decisions)
    fresh = received is None or delivery.cut - received < _HORIZON
    if not decided or (case.end is None and fresh):
        return "undecided"
    return "unused"


def _late(case: Case, received: int) -> bool:
    """Whether the last decision was taken before, and nothing began anew since."""
    begun = [*case.sag.starts, *(step.end for step in case.steps if step.complaint)]
    last = max((step.end for step in case.decisions), default=received)
    return last < received and not any(last < start <= received for start in begun)


def write_truth(folder: Path, delivery: Delivery, world: World) -> None:
    """Write the truth files of one municipality."""
    folder.mkdir(parents=True, exist_ok=True)
    cases = delivery.cases
    _write(folder / "cases.csv", _CASES, _case_rows(cases, delivery))
    _write(folder / "visits.csv", _VISITS, _visit_rows(cases))
    _write(folder / "handovers.csv", _HANDOVERS, _handover_rows(cases))
    _write(folder / "waits.csv", _WAITS, _wait_rows(delivery, world))
    _write(folder / "busy.csv", _BUSY, _busy_rows(delivery, world))
    _write(folder / "documents.csv", _DOCUMENTS, _document_rows(delivery))
    _write(folder / "plants.csv", _PLANTS, _plant_rows(delivery))


_CASES = ("process", "case_id", "start", "end", "open", "decided", "outcome", "trial")
_VISITS = (
    "process", "case_id", "visit", "first_event", "last_event", "unit", "kind", "start",
    "grade", "redundant", "redundant_reason",
)  # fmt: skip
_HANDOVERS = (
    "process", "case_id", "from_event", "to_event", "from", "to", "grade", "redundant",
    "redundant_reason",
)  # fmt: skip
_WAITS = ("process", "case_id", "cause", "start", "end", "censored", "business_minutes")
_BUSY = ("case_id", "start", "minutes")
_PLANTS = ("name", "decoy", "process", "case_id", "id", "related", "days")
_DOCUMENTS = (
    "process", "case_id", "document_id", "kind", "status", "flags", "related_document",
)  # fmt: skip


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _case_rows(cases: list[Case], delivery: Delivery) -> Iterator[tuple[object, ...]]:
    for case in cases:
        end = iso(case.end) if case.end is not None else ""
        decided = iso(case.decided) if case.decided is not None else ""
        in_trial = delivery.ledger.scenario.trial.holds(day_of(case.start or 0))
        open_ = case.end is None
        yield (
            case.flow.process, case.id, iso(case.start or 0), end, _yes(open_), decided,
            case.outcome_at_end, _yes(in_trial),
        )  # fmt: skip


def _visit_rows(cases: list[Case]) -> Iterator[tuple[object, ...]]:
    for case in cases:
        for number, visit in enumerate(settle(case), 1):
            redundant, reason = _redundant(visit)
            first = visit.first
            yield (
                case.flow.process, case.id, number, event_id(first), event_id(visit.last),
                visit.office.name, visit.office.kind, iso(first.start or first.end),
                visit.grade, _yes(redundant), reason,
            )  # fmt: skip


def _handover_rows(cases: list[Case]) -> Iterator[tuple[object, ...]]:
    for case in cases:
        for before, after in pairwise(settle(case)):
            redundant, reason = _redundant(after)
            yield (
                case.flow.process, case.id, event_id(before.last), event_id(after.first),
                before.office.name, after.office.name, after.grade, _yes(redundant), reason,
            )  # fmt: skip


def _redundant(visit: Visit) -> tuple[bool, str]:
    if visit.merged:
        return True, "merged"
    return (True, "entered") if visit.grade in ("G1", "G2") else (False, "")


def _wait_rows(delivery: Delivery, world: World) -> Iterator[tuple[object, ...]]:
    cut = delivery.cut
    for case in delivery.cases:
        for span in partition(case, world, cut):
            end = span.end or cut
            censored = case.end is None and end == cut
            yield (
                case.flow.process, case.id, span.cause, iso(span.start), iso(end),
                _yes(censored), world.calendar.worked(span.start, end),
            )  # fmt: skip


def _busy_rows(delivery: Delivery, world: World) -> Iterator[tuple[object, ...]]:
    desks = Desks(delivery.cut, delivery.cases)
    for case in delivery.cases:
        for span in partition(case, world, delivery.cut, desks):
            if span.cause == "busy":
                end = span.end or delivery.cut
                yield case.id, iso(span.start), end - span.start


def _plant_rows(delivery: Delivery) -> Iterator[tuple[object, ...]]:
    """List what the injectors wrote down, then the decoys among documents and meetings."""
    for plant in delivery.ledger.plants:
        item = plant.item if isinstance(plant.item, str) else event_id(plant.item)
        process, case = (plant.case.flow.process, plant.case.id) if plant.case else ("", "")
        yield plant.name, _yes(plant.decoy), process, case, item, plant.related, plant.days or ""
    for document in delivery.documents:
        if document.decoy and _status(document, delivery) not in FLAGGED:
            own = document.case
            yield document.decoy, "true", own.flow.process, own.id, document.id, "", ""
    heard = Counter(step.meeting for _, step in delivery.steps if step.meeting)
    for meeting, plans in heard.items():
        if plans > 1:
            yield "shared_meeting", "true", "", "", meeting, "", ""


def _document_rows(delivery: Delivery) -> Iterator[tuple[object, ...]]:
    for document in delivery.documents:
        case = document.case
        yield (
            case.flow.process, case.id, document.id, document.kind,
            _status(document, delivery), ";".join(document.flags), document.related,
        )  # fmt: skip


def _yes(value: bool) -> str:  # noqa: FBT001 - one value, one word
    return "true" if value else "false"
