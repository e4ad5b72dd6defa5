"""What waiting rests on beside the steps: meetings, paired objects, filed documents."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.facts.attributes import literal
from procmine.facts.booked import with_plan
from procmine.facts.busy import Islands, busy_intervals, persons_approved
from procmine.facts.claims import Filed, Slots, WaitInput
from procmine.facts.document_kinds import DocumentKinds
from procmine.facts.document_source import filed_documents, listed
from procmine.facts.openings import Links
from procmine.facts.timeline import NEVER
from procmine.store.relations import among

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from procmine.facts.source import Source
    from procmine.facts.timeline import Timeline
    from procmine.store.snapshot import Process

    Ints = NDArray[np.int64]

__all__ = ["WaitSource"]

_PERIODS = "ventefrister"


@dataclass(frozen=True)
class WaitSource:
    """What the chunks of one process share.

    Attributes
    ----------
    process
        The process with its catalogue.
    slots
        ``unit, at``: meetings held, in the whole log.
    links
        ``event_id, object``: what pairs openings with closers.
    filed
        Documents asked for, by case object (:func:`filed_documents`).
    mandatory_steps, periods, assumed_days, labels
        As in :class:`procmine.facts.claims.WaitInput`.
    work
        Staff and when each of them works on anything; None unless that may be used.
    """

    process: Process
    slots: pa.Table
    links: pa.Table
    filed: pa.Table | None
    mandatory_steps: frozenset[str]
    periods: tuple[dict[str, object], ...]
    assumed_days: int
    labels: Callable[[str], str]
    work: tuple[pa.Array, Islands] | None = None

    @classmethod
    def of(cls, source: Source, process: Process) -> WaitSource:
        """Read from the log; documents after ``prepare_documents`` where it has any."""
        config = source.config
        return cls(
            process=process,
            slots=with_plan(_slots(source, process), config, process.name),
            links=_links(source, process),
            filed=filed_documents(source, process) if source.roles.document else None,
            mandatory_steps=DocumentKinds.of(config).mandatory_steps(process.name),
            periods=tuple(config.files.get(_PERIODS, {}).get("period", ())),
            assumed_days=int(config.setting("assumed_citizen_deadline_days")),
            labels=partial(config.label, process=process.name),
            work=_work(source) if source.roles.resource and persons_approved(config) else None,
        )

    def given(
        self, line: Timeline, cases: pa.Table, *, starts_known: bool
    ) -> tuple[WaitInput, pa.Array]:
        """Return the input for a chunk of cases, and the ids of its documents."""
        filed, ids = self._filed(cases)
        units = pa.array(line.units, pa.string())
        unit = pc.fill_null(pc.index_in(self.slots["unit"], units), -1).to_numpy()
        named = np.asarray(pc.is_valid(self.slots["unit"]))
        kept = (unit >= 0) | ~named
        slots = Slots.of(
            unit[kept].astype(np.int64),
            self.slots["at"].to_numpy()[kept],
            np.asarray(self.slots["day"])[kept],
        )
        return WaitInput(
            catalogue=self.process.catalogue,
            links=self._links(line),
            slots=slots,
            filed=filed,
            mandatory_steps=self.mandatory_steps,
            periods=self.periods,
            assumed_days=self.assumed_days,
            labels=self.labels,
            busy=self._busy(line, starts_known=starts_known),
        ), ids

    def _busy(self, line: Timeline, *, starts_known: bool) -> tuple[Ints, Ints, Ints] | None:
        if self.work is None or not starts_known:
            return None
        staff, islands = self.work
        actor = pc.index_in(line.steps["resource"].cast(pa.string()), staff)
        return busy_intervals(line, pc.fill_null(actor, -1).to_numpy().astype(np.int64), islands)

    def _filed(self, cases: pa.Table) -> tuple[Filed, pa.Array]:
        if self.filed is None or not self.filed.num_rows:
            return Filed.none(), pa.array([], pa.string())
        place = pc.index_in(self.filed["target_id"], cases["object_id"].combine_chunks())
        ours = self.filed.filter(pc.is_valid(place))
        return Filed(
            case=pc.drop_null(place).to_numpy().astype(np.int64),
            requested=ours["requested"].to_numpy(),
            received=pc.fill_null(ours["received"], NEVER).to_numpy(),
            requested_day=np.asarray(ours["requested_day"], dtype=np.bool_),
            received_day=np.asarray(ours["received_day"], dtype=np.bool_),
            mandatory=np.asarray(ours["mandatory"], dtype=np.bool_),
        ), ours["object_id"].combine_chunks()

    def _links(self, line: Timeline) -> Links:
        if not self.links.num_rows:
            return Links.none()
        catalogue = self.process.catalogue
        types = _paired_types(catalogue.steps) if catalogue else ()
        rows = np.flatnonzero(line.are(types))
        steps = pa.table({
            "event_id": line.steps["event_id"].cast(pa.string()).take(pa.array(rows)),
            "step": rows,
        })  # fmt: skip
        found = steps.join(self.links, "event_id", join_type="inner")
        step, target = found["step"].to_numpy(), found["object"].to_numpy()
        order = np.lexsort((target, step))
        return Links(step[order], target[order])


def _paired_types(steps: tuple[object, ...]) -> tuple[str, ...]:
    return tuple(s.type for s in steps if s.has("opens") or s.has("closes"))  # type: ignore[attr-defined]  # steps of a catalogue


def _work(source: Source) -> tuple[pa.Array, Islands]:
    """Return the staff of the log and the time in which each of them works on anything."""
    roles = source.roles
    relations = source.relations
    rows = relations.rows(types=roles.resource)
    if roles.done_by:
        rows = rows[among(relations.qualifiers, [roles.done_by])[relations.qualifier[rows]]]
    source.connection.register(
        "_worked", relations.table(rows, "object_id", "began", "stamp", "by_day")
    )
    found = source.connection.sql(
        "SELECT DISTINCT object_id, began, stamp AS stopped FROM _worked "
        "WHERE began < stamp AND NOT by_day ORDER BY object_id, began, stopped"
    ).to_arrow_table()
    source.connection.unregister("_worked")
    names = found["object_id"].combine_chunks()
    staff = pc.unique(names)
    codes = pc.index_in(names, staff).to_numpy().astype(np.int64)
    return staff, Islands.of(codes, found["began"].to_numpy(), found["stopped"].to_numpy())


def _slots(source: Source, process: Process) -> pa.Table:
    """Return the first start of each meeting of each unit; without meetings, each start."""
    steps = process.catalogue.steps if process.catalogue else ()
    types = [step.type for step in steps if step.has("slot")]
    empty = pa.table({
        "unit": pa.array([], pa.string()), "at": pa.array([], pa.int64()),
        "day": pa.array([], pa.bool_()),
    })  # fmt: skip
    if not types:
        return empty
    roles = source.roles
    relations = source.relations
    held = relations.events.select(["start", "precision"])
    rows = np.flatnonzero(among(relations.kinds, types)[relations.kind])
    began = pc.coalesce(
        held["start"].take(pa.array(rows)).cast(pa.int64()), pa.array(relations.at[rows])
    )
    register = source.connection.register
    by_day = pc.equal(held["precision"].take(pa.array(rows)).cast(pa.string()), "day")
    register("_held", pa.table({"event": rows, "began": began, "by_day": by_day}))
    register(
        "_present",
        relations.table(
            relations.rows(kinds=types), "event", "object_id", "object_type", "qualifier"
        ),
    )
    query = f"""
        WITH part AS (
            SELECT r.event, o.object_id, coalesce(o.number, o.object_id) AS name,
                r.object_type IN ({listed(roles.unit)})
                    AND {literal(roles.done_in)} IN ('', r.qualifier) AS unit,
                r.object_type IN ({listed(roles.meeting)})
                    AND {literal(roles.held_at)} IN ('', r.qualifier) AS meeting
            FROM _present AS r
            JOIN objects AS o ON o.object_id = r.object_id
        )
        SELECT u.name AS unit, min(h.began) AS at, arg_min(h.by_day, h.began) AS day
        FROM _held AS h
        LEFT JOIN part AS u ON u.event = h.event AND u.unit
        LEFT JOIN part AS m ON m.event = h.event AND m.meeting
        GROUP BY u.name, m.object_id, CASE WHEN m.object_id IS NULL THEN h.began END
        ORDER BY unit NULLS FIRST, 2
    """
    found = source.connection.sql(query).to_arrow_table().select(["unit", "at", "day"])
    source.connection.unregister("_held")
    source.connection.unregister("_present")
    return found


def _links(source: Source, process: Process) -> pa.Table:
    """Return the objects of openings and closers that can tell which belong together.

    Not those that all steps of a case share, nor the people, units and meetings of a step.
    """
    catalogue = process.catalogue
    empty = pa.table({"event_id": pa.array([], pa.string()), "object": pa.array([], pa.int64())})
    if catalogue is None:
        return empty
    roles = source.roles
    shared = {c.case_type for c in source.config.catalogues} | {process.case_type}
    others = (*roles.resource, *roles.unit, *roles.citizen, *roles.folder, *roles.meeting)
    relations = source.relations
    kept = set(relations.types) - {*shared, *others}
    rows = relations.rows(kinds=_paired_types(catalogue.steps), types=kept)
    found = relations.table(rows, "event_id", "object_id")
    found = found.group_by(["event_id", "object_id"]).aggregate([])
    found = found.sort_by([("event_id", "ascending"), ("object_id", "ascending")])
    codes = found["object_id"].combine_chunks()
    if not len(codes):
        return empty
    ranked = pc.rank(codes, tiebreaker="dense")
    return pa.table({"event_id": found["event_id"], "object": ranked.cast(pa.int64())})
