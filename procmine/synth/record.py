"""What happened to a case, and what was planted in it, as it happens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from procmine.synth.draws import Stream

if TYPE_CHECKING:
    from collections.abc import Generator

    import simpy

    from procmine.synth.flow import Flow
    from procmine.synth.world import Office, Person

    Events = Generator[simpy.Event, Any, None]
    """What a running operation is: it yields the events that it waits for."""

__all__ = ["Case", "Citizen", "Document", "Sag", "Span", "Step", "Visit"]


class Span(NamedTuple):
    """A time in which the case waits for a known cause (end None: until the cut)."""

    cause: str
    start: int
    end: int | None


class Step(NamedTuple):
    """One thing done: the row that the exports will hold."""

    event: str
    type: str
    start: int | None
    end: int
    office: Office
    person: Person | None
    system: str
    outcome: str = ""
    frist: int | None = None
    meeting: str = ""
    attended: str = ""
    amount: int = 0
    complaint: bool = False


@dataclass(slots=True)
class Visit:
    """A run of steps by one unit, with the grade that was planted."""

    office: Office
    first: Step
    last: Step
    grade: str
    pending: str = ""
    pending_at: str = ""
    merged: bool = False
    loop: bool = False


@dataclass(slots=True)
class Document:
    """A document: when it was asked for and came, and what it was planted as."""

    id: str
    case: Case
    kind: str
    direction: str
    planted: str
    requested: int | None
    received: int | None
    office: Office
    person: Person | None
    pages: int
    digest: str
    valid_to: int | None = None
    registered: int | None = None
    replaces: str = ""
    related: str = ""
    reason: str = ""
    sender: str = ""
    flags: list[str] = field(default_factory=list)
    decoy: str = ""
    uses: list[tuple[Step, str]] = field(default_factory=list)


@dataclass(slots=True)
class Citizen:
    """A citizen: an invented number, and the documents held so far."""

    number: int
    cpr: str
    archive: dict[str, Document] = field(default_factory=dict)
    sager: list[Sag] = field(default_factory=list)


@dataclass(slots=True)
class Sag:
    """A case file of a citizen in the caseworkers' system."""

    id: str
    citizen: Citizen
    group: str
    opened: int
    process: str
    starts: list[int] = field(default_factory=list)
    """When each case of the file began."""
    closed: int | None = None
    responsible: list[tuple[int, Person, Office]] = field(default_factory=list)


@dataclass(slots=True)
class Case:
    """One run of a process: its steps, spans, visits and documents."""

    flow: Flow
    id: str
    index: int
    seed: int
    sag: Sag
    rules: frozenset[str]
    start: int | None = None
    end: int | None = None
    decided: int | None = None
    outcome: str = ""
    complained: bool = False
    stall_after: int | None = None
    pace: int | None = None
    steps: list[Step] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    opened: dict[str, tuple[int, int | None]] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    times: set[int] = field(default_factory=set)
    decisions: list[Step] = field(default_factory=list)
    outcome_at_end: str = ""
    drawn: dict[str, str] = field(default_factory=dict)
    homes: dict[str, Office] = field(default_factory=dict)
    workers: dict[str, Person] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)
    waiting: list[simpy.Process] = field(default_factory=list)

    def stream(self, purpose: str) -> Stream:
        """Return a stream of its own for each purpose and each time it comes up."""
        count = self.used.get(purpose, 0)
        self.used[purpose] = count + 1
        return Stream(self.seed, self.flow.process, self.index, purpose, count)

    def open_span(self, cause: str, at: int, deadline: int | None = None) -> None:
        """Begin to wait for a cause, at most until `deadline`."""
        self.opened[cause] = (at, deadline)

    def close_span(self, cause: str, at: int) -> None:
        """End a wait: at its closer or its deadline, whichever came first."""
        if cause in self.opened:
            start, deadline = self.opened.pop(cause)
            self.spans.append(Span(cause, start, at if deadline is None else min(at, deadline)))
