"""A catalogue: the event types of one process, with class, marks and rank."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from procmine.errors import ConfigError, Fault
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["CLASSES", "VALUE_CLASSES", "Approval", "Catalogue", "Mark", "Phase", "Step"]

CLASSES = ("decision", "contact", "information", "assessment", "admin", "system")
VALUE_CLASSES = CLASSES[:4]
_PLAIN = ("elaboration", "returns", "slot", "start", "end", "rests_on_documents")
_NAMED = ("opens", "closes", "milestone")
_KINDS = ("citizen", "document", "meeting", "payment_run", "appeal_body", "appeal")
_MARK = re.compile(r"^(?P<name>[a-z_]+)(?::(?P<kind>[a-z_]+))?(?:\((?P<args>[^)]*)\))?$")


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved a file of definitions, in what role, when; empty until someone has.

    Examples
    --------
    >>> Approval().given
    False
    """

    by: str = ""
    role: str = ""
    on: str = ""

    @property
    def given(self) -> bool:
        """Whether name and date are there."""
        return bool(self.by and self.on)


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark on a step, e.g. ``opens:document(laegeattest_modtaget)``.

    Examples
    --------
    >>> Mark.parse("opens:document(a, b)")
    Mark(name='opens', kind='document', args=('a', 'b'))
    """

    name: str
    kind: str = ""
    args: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Mark:
        """Read a mark from its text.

        Raises
        ------
        ConfigError
            A mark that the contract does not know.
        """
        match = _MARK.match(text.strip())
        name = match["name"] if match else ""
        kind = (match["kind"] or "") if match else ""
        listed = (match["args"] or "") if match else ""
        args = tuple(part.strip() for part in listed.split(",") if part.strip())
        known = (
            (name in _PLAIN and not kind and not args)
            or (name == "end_if" and args)
            or (name in ("opens", "closes") and kind in _KINDS)
            or (name == "milestone" and kind)
        )
        if not known:
            raise ConfigError(t("config.bad_mark", mark=text), (Fault("bad_mark", detail=text),))
        return cls(name, kind, args)


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of a process; ``counts`` is false where its time is not the case's own."""

    id: str
    label: str
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """One event type of a process: a row of the catalogue; its place there is its rank."""

    type: str
    label: str
    rank: int
    units: tuple[str, ...] = ()
    cls: str = ""
    marks: tuple[Mark, ...] = ()
    phase: str = ""
    outcomes: dict[str, str] = field(default_factory=dict, hash=False)
    labels: tuple[str, ...] = ()
    """Further texts that exports use for it."""

    def has(self, name: str, kind: str = "") -> bool:
        """Whether it carries the mark `name`, of `kind` where one is given."""
        return any(m.name == name and (not kind or m.kind == kind) for m in self.marks)

    def mark(self, name: str, kind: str = "") -> tuple[Mark, ...]:
        """Return its marks called `name`, of `kind` where one is given."""
        return tuple(m for m in self.marks if m.name == name and (not kind or m.kind == kind))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A process: its case type, its steps in rank order, its phases, who approved it.

    Examples
    --------
    >>> from procmine.config import load_config
    >>> config = load_config()
    >>> [c.process for c in config.catalogues]
    ['befordring', 'rehabilitering', 'sanktion', 'sygedagpenge_opstart']
    """

    process: str
    label: str
    case_type: str
    steps: tuple[Step, ...]
    phases: tuple[Phase, ...] = ()
    horizon_days: int | None = None
    approval: Approval = field(default_factory=Approval)
    file: str = ""

    def step(self, event_type: str) -> Step | None:
        """Return the step of an event type, or None."""
        return next((step for step in self.steps if step.type == event_type), None)

    def closers(self, opening: Mark) -> tuple[str, ...]:
        """Return the event types that close `opening`: those it names, else all of its kind."""
        if opening.args:
            return opening.args
        return tuple(s.type for s in self.steps if s.has("closes", opening.kind))


def parse_catalogue(raw: Mapping[str, Any], file: Path) -> Catalogue:
    """Check and build a catalogue from its parsed TOML.

    Raises
    ------
    ConfigError
        With every fault of the file at once.
    """
    faults: list[Fault] = []
    steps = []
    for rank, row in enumerate(raw.get("step", [])):
        step = _step(row, rank, file, faults)
        if step is not None:
            steps.append(step)
    for key in ("process", "case_type"):
        if not raw.get(key):
            faults.append(Fault("missing_key", file.name, key))
    types = [step.type for step in steps]
    for repeated in sorted({name for name in types if types.count(name) > 1}):
        faults.append(Fault("repeated_type", file.name, repeated))
    faults.extend(_unknown_closers(steps, file))
    if faults:
        message = t("config.bad_file", file=file.name, faults="; ".join(f.line() for f in faults))
        raise ConfigError(message, tuple(faults))
    return Catalogue(
        process=raw["process"],
        label=raw.get("label", raw["process"]),
        case_type=raw["case_type"],
        steps=tuple(steps),
        phases=tuple(
            Phase(p["id"], p.get("label", p["id"]), bool(p.get("counts", True)))
            for p in raw.get("phases", [])
        ),
        horizon_days=raw.get("horizon_days"),
        approval=parse_approval(raw.get("approval", {})),
        file=file.name,
    )


def parse_approval(raw: Mapping[str, Any]) -> Approval:
    """Build an approval from its table; a date may be a TOML date or text."""
    on = raw.get("on", "")
    return Approval(
        str(raw.get("by", "")),
        str(raw.get("role", "")),
        on.isoformat() if isinstance(on, date) else str(on),
    )


def _step(row: Mapping[str, Any], rank: int, file: Path, faults: list[Fault]) -> Step | None:
    name = row.get("type", "")
    if not name:
        faults.append(Fault("missing_key", file.name, "type", rows=(rank + 1,)))
        return None
    cls = row.get("class", "")
    if cls and cls not in CLASSES:
        faults.append(Fault("unknown_class", file.name, name, detail=", ".join(CLASSES)))
    marks = []
    for text in row.get("marks", []):
        try:
            marks.append(Mark.parse(text))
        except ConfigError:
            faults.append(Fault("bad_mark", file.name, name, detail=str(text)))
    return Step(
        type=name,
        label=row.get("label", name),
        rank=rank,
        units=tuple(row.get("units", ())),
        cls=cls,
        marks=tuple(marks),
        phase=row.get("phase", ""),
        outcomes=dict(row.get("outcomes", {})),
        labels=tuple(row.get("labels", ())),
    )


def _unknown_closers(steps: list[Step], file: Path) -> list[Fault]:
    known = {step.type for step in steps}
    return [
        Fault("unknown_closer", file.name, step.type, detail=name)
        for step in steps
        for mark in step.mark("opens")
        for name in mark.args
        if name not in known
    ]
