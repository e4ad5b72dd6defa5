"""Tiny logs from a list of events: who did what when to which case."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pyarrow as pa

from procmine.config.load import Config, from_sources, load_config
from procmine.config.worktime import WorkTime
from procmine.facts.lifelines import plan
from procmine.facts.run import chunk_facts
from procmine.facts.source import Source
from procmine.ocel.roles import Roles
from procmine.store.snapshot import Process
from procmine.tables.log import ATTRIBUTES, E2O, EVENTS, O2O, OBJECT_CHANGES, OBJECTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ZONE = ZoneInfo("Europe/Copenhagen")
MONDAY = datetime(2026, 3, 2, 9, tzinfo=ZONE)
ROLES = Roles(
    resource=("medarbejder",),
    unit=("enhed",),
    document=("dokument",),
    citizen=("borger",),
    meeting=("moede",),
    folder=("sag",),
    unit_kind="art",
    responsible="ansvarlig",
    responsible_unit="ansvarlig_enhed",
    target_group="maalgruppe",
    closed_on="slutdato",
    outcome="udfald",
    deadline="frist",
    case_qualifier="vedroerer",
    citizen_of="tilhoerer",
    part_of="del_af",
    filed_on="journaliseret_paa",
    done_by="udfoert_af",
    done_in="udfoert_i",
    held_at="behandlet_paa",
    requests="anmoder",
    receives="modtager",
    not_steps=("dokument_anmodet", "dokument_modtaget", "dokument_registreret"),
)
BARE = Roles(unit=("enhed",), resource=("medarbejder",))
TIME = pa.timestamp("us", tz="UTC")


def at(day: int, hour: float = 9) -> datetime:
    """Return an instant of March 2026 (2 March is a Monday), local hour with decimals."""
    begin = datetime(2026, 3, 1, tzinfo=ZONE) + timedelta(days=day - 1)
    return begin + timedelta(hours=hour)


@dataclass(frozen=True)
class Ev:
    """An event of the toy log.

    `unit` may be several, by blanks; `day` makes it a day stamp; `objects` are further
    relations as (qualifier, object id); `case` may be several, by blanks.
    """

    activity: str
    unit: str = ""
    time: datetime | date | None = None
    case: str = "C1"
    outcome: str | None = None
    deadline: datetime | date | None = None
    start: datetime | None = None
    by: str = ""
    id: str = ""
    meeting: str = ""
    objects: tuple[tuple[str, str], ...] = ()


@dataclass
class Toy:
    """A log in the making; every list may be added to before :meth:`tables`.

    `units` gives the kind of each unit (None: unknown; default: its own name when that is
    a kind of the shipped list, else unknown).
    """

    events: list[Ev]
    case_type: str = "sanktion"
    units: Mapping[str, str | None] = field(default_factory=dict)
    objects: list[tuple[str, str, dict[str, object]]] = field(default_factory=list)
    o2o: list[tuple[str, str, str]] = field(default_factory=list)
    changes: list[tuple[str, str, datetime, str | None]] = field(default_factory=list)
    roles: Roles = ROLES
    config: Config = field(default_factory=load_config)
    cut: datetime = field(default_factory=lambda: datetime(2026, 12, 31, 23, tzinfo=UTC))
    process: str = "sanktion"

    def tables(self) -> dict[str, pa.Table]:
        """Build the six tables of the log."""
        events = [self._stamped(number, ev) for number, ev in enumerate(self.events)]
        objects = self._objects(events)
        return {
            "events": _events(events),
            "objects": _object_table(objects),
            "e2o": self._e2o(events),
            "o2o": _relations(self.o2o),
            "object_changes": _changes(self.changes),
            "attributes": _attributes(objects),
        }

    def source(self) -> Source:
        """Open the log for the fact tables."""
        return Source.of_tables(self.tables(), self.roles, self.config, self.cut)

    def the_process(self) -> Process:
        """Return the process that the toy is about."""
        catalogue = self.config.catalogue(self.process)
        case_type = catalogue.case_type if catalogue else self.case_type
        return Process(self.process, self.process, case_type, "00-toy", catalogue)

    def _stamped(self, number: int, ev: Ev) -> Ev:
        return replace(
            ev,
            id=ev.id or f"e{number:03d}",
            time=ev.time if ev.time is not None else MONDAY + timedelta(hours=number),
        )

    def _objects(self, events: list[Ev]) -> dict[str, tuple[str, dict[str, object]]]:
        found: dict[str, tuple[str, dict[str, object]]] = {}
        catalogue = self.config.catalogue(self.process)
        case_type = catalogue.case_type if catalogue else self.case_type
        for ev in events:
            for case in ev.case.split():
                found.setdefault(case, (case_type, {}))
            for unit in ev.unit.split():
                found.setdefault(unit, ("enhed", {"art": self._kind(unit)}))
            if ev.by:
                found.setdefault(ev.by, ("medarbejder", {}))
            if ev.meeting:
                found.setdefault(ev.meeting, ("moede", {}))
        for name, object_type, attributes in self.objects:
            found[name] = (object_type, attributes)
        return found

    def _kind(self, unit: str) -> str | None:
        if unit in self.units:
            return self.units[unit]
        head = unit.split("-", maxsplit=1)[0]
        return head if head in self.config.unit_kinds() else None

    def _e2o(self, events: list[Ev]) -> pa.Table:
        rows: list[tuple[str, str, str]] = []
        for ev in events:
            rows += [(ev.id, case, "vedroerer") for case in ev.case.split()]
            rows += [(ev.id, unit, "udfoert_i") for unit in ev.unit.split()]
            rows += [(ev.id, ev.by, "udfoert_af")] if ev.by else []
            rows += [(ev.id, ev.meeting, "behandlet_paa")] if ev.meeting else []
            rows += [(ev.id, name, qualifier) for qualifier, name in ev.objects]
        columns = dict(zip(E2O.names, zip(*rows, strict=True) if rows else ((),) * 3, strict=True))
        return E2O.check(pa.table({k: pa.array(list(v), pa.string()) for k, v in columns.items()}))


@dataclass(frozen=True)
class Computed:
    """The fact tables of a toy that rest on events alone, as rows."""

    steps: list[dict[str, object]]
    cases: list[dict[str, object]]
    visits: list[dict[str, object]]
    handovers: list[dict[str, object]]

    def column(self, table: str, name: str) -> list[object]:
        """Return one column of a table."""
        return [row[name] for row in getattr(self, table)]


def facts(toy: Toy, **options: int) -> Computed:
    """Compute the facts of a toy log; options go to :func:`procmine.facts.lifelines.plan`."""
    source = toy.source()
    chunks = [
        chunk_facts(chunk, _worktime(toy.config))
        for chunk in plan(source, toy.the_process(), **options)
    ]
    source.connection.close()
    names = ("steps", "cases", "visits", "handovers")
    return Computed(
        **{n: [row for chunk in chunks for row in getattr(chunk, n).to_pylist()] for n in names}
    )


_TIMES: dict[str, WorkTime] = {}


def _worktime(config: Config) -> WorkTime:
    if config.digest not in _TIMES:
        _TIMES[config.digest] = WorkTime.from_config(config)
    return _TIMES[config.digest]


def config_with(sources: Mapping[str, str], *, defaults: bool = True) -> Config:
    """Return the shipped definitions with some files replaced, by relative path."""
    base = dict(load_config(defaults=defaults).sources)
    return from_sources(base | dict(sources))


def _moment(value: datetime | date | None) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day, tzinfo=ZONE)


def _events(events: Iterable[Ev]) -> pa.Table:
    rows = list(events)
    exact = [isinstance(ev.time, datetime) for ev in rows]
    table = pa.table(
        {
            "event_id": pa.array([ev.id for ev in rows], pa.string()),
            "event_type": pa.array([ev.activity for ev in rows], pa.string()),
            "time": pa.array([_moment(ev.time) for ev in rows], TIME),
            "start": pa.array([ev.start for ev in rows], TIME),
            "precision": pa.array(["minute" if e else "day" for e in exact], pa.string()),
            "source_file": pa.array(["toy.csv"] * len(rows), pa.string()),
            "source_line": pa.array(range(2, len(rows) + 2), pa.int64()),
            "attr.udfald": pa.array([ev.outcome for ev in rows], pa.string()),
            "attr.frist": pa.array([_moment(ev.deadline) for ev in rows], TIME),
        }
    )
    return EVENTS.check(table)


def _object_table(objects: Mapping[str, tuple[str, dict[str, object]]]) -> pa.Table:
    names = sorted(objects)
    extra = sorted({key for _, attributes in objects.values() for key in attributes} - {"number"})
    columns: dict[str, pa.Array] = {
        "object_id": pa.array(names, pa.string()),
        "object_type": pa.array([objects[n][0] for n in names], pa.string()),
        "number": pa.array([objects[n][1].get("number") for n in names], pa.string()),
        "source_file": pa.array([None] * len(names), pa.string()),
        "source_line": pa.array([None] * len(names), pa.int64()),
    }
    for key in extra:
        values = [objects[n][1].get(key) for n in names]
        columns[f"attr.{key}"] = pa.array(
            [None if v is None else str(v) for v in values], pa.string()
        )
    return OBJECTS.check(pa.table(columns))


def _relations(rows: list[tuple[str, str, str]]) -> pa.Table:
    return O2O.check(
        pa.table(
            {
                "source_id": pa.array([r[0] for r in rows], pa.string()),
                "target_id": pa.array([r[1] for r in rows], pa.string()),
                "qualifier": pa.array([r[2] for r in rows], pa.string()),
            }
        )
    )


def _changes(rows: list[tuple[str, str, datetime, str | None]]) -> pa.Table:
    return OBJECT_CHANGES.check(
        pa.table(
            {
                "object_id": pa.array([r[0] for r in rows], pa.string()),
                "attribute": pa.array([r[1] for r in rows], pa.string()),
                "time": pa.array([r[2] for r in rows], TIME),
                "value": pa.array([r[3] for r in rows], pa.string()),
                "value_type": pa.array(["string"] * len(rows), pa.string()),
            }
        )
    )


def _attributes(objects: Mapping[str, tuple[str, dict[str, object]]]) -> pa.Table:
    rows = [("event", "*", "udfald", "string", "attr.udfald")]
    rows.append(("event", "*", "frist", "time", "attr.frist"))
    seen = sorted({(kind, key) for kind, attributes in objects.values() for key in attributes})
    rows += [("object", k, a, "string", f"attr.{a}") for k, a in seen if a != "number"]
    return ATTRIBUTES.check(
        pa.table(
            {
                name: pa.array([row[i] for row in rows], pa.string())
                for i, name in enumerate(ATTRIBUTES.names)
            }
        )
    )
