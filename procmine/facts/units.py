"""Who did a step: unit, staff, meeting; and which of several units counts."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.facts.attributes import literal, text
from procmine.facts.segments import bounds, last_before, segment_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.facts.source import Source
    from procmine.store.relations import Relations

__all__ = ["MEETING", "RESOURCE", "UNIT", "Acting", "Parts", "choose", "read_parts", "turns"]

UNIT, RESOURCE, MEETING = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Parts:
    """Units, staff and meetings of the log, in order of their ids; arrays by that place.

    `kind` numbers :attr:`kinds` (-1: unknown); `hand` is false for the kinds that are
    skipped (design section 3) and for what is no unit.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    part: NDArray[np.int64]
    kind: NDArray[np.int64]
    hand: NDArray[np.bool_]
    kinds: tuple[str, ...]


def read_parts(source: Source) -> Parts:
    """Read the objects that act, in order of their ids."""
    roles = source.roles
    wanted = ((UNIT, roles.unit), (RESOURCE, roles.resource), (MEETING, roles.meeting))
    selects = [
        f"SELECT o.object_id, coalesce(o.number, o.object_id) AS name, {part} AS part, "
        f"{text(source, 'object', roles.unit_kind, 'o')} "
        f"AS kind FROM objects AS o WHERE CAST(o.object_type AS VARCHAR) = {literal(name)}"
        for part, types in wanted
        for name in types
    ]
    query = " UNION ALL ".join(selects) or (
        "SELECT NULL::VARCHAR AS object_id, NULL::VARCHAR AS name, 0 AS part, "
        "NULL::VARCHAR AS kind LIMIT 0"
    )
    table = source.connection.sql(
        f"SELECT * FROM ({query}) ORDER BY object_id, part"
    ).to_arrow_table()
    part = table["part"].to_numpy().astype(np.int64)
    found = [kind or None for kind in table["kind"].to_pylist()]
    kinds = tuple(sorted({kind for kind in found if kind is not None}))
    number = {name: code for code, name in enumerate(kinds)}
    skipped = source.config.skipped_kinds()
    return Parts(
        ids=tuple(table["object_id"].to_pylist()),
        names=tuple(table["name"].to_pylist()),
        part=part,
        kind=np.array([-1 if k is None else number[k] for k in found], dtype=np.int64),
        hand=(part == UNIT) & np.array([k not in skipped for k in found], dtype=np.bool_),
        kinds=kinds,
    )


@dataclass(frozen=True, slots=True)
class Acting:
    """Who did the events of a log: what the steps of every process share.

    Attributes
    ----------
    relations
        The log's events and relations.
    parts
        Units, staff, meetings.
    begins, units
        Where the units of each event begin, and their places, ascending.
    least
        Least place of an event's staff and of its meeting, -1 for none, by the part.
    """

    relations: Relations
    parts: Parts
    begins: NDArray[np.int64]
    units: NDArray[np.int32]
    least: dict[int, NDArray[np.int32]]

    @classmethod
    def of(cls, source: Source) -> Acting:
        """Read them from a log."""
        relations, parts, roles = source.relations, read_parts(source), source.roles
        begins, units = relations.by_event(_codes(relations, parts, UNIT), roles.done_in)
        least = {
            part: relations.least(_codes(relations, parts, part), qualifier)
            for part, qualifier in ((RESOURCE, roles.done_by), (MEETING, roles.held_at))
        }
        return cls(relations, parts, begins, units, least)

    def by(self, events: NDArray[np.int64], part: int) -> NDArray[np.int64]:
        """Return the least staff member or meeting of each of `events`, -1 for none."""
        return self.least[part][events].astype(np.int64)

    def units_of(self, events: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the units of `events` as pairs of place in `events` and place in `parts`."""
        begins = self.begins[events]
        number = self.begins[events + 1] - begins
        rows = np.repeat(np.arange(len(events)), number)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(number) - number, number)
        return rows, self.units[begins[rows] + within].astype(np.int64)


def _codes(relations: Relations, parts: Parts, part: int) -> NDArray[np.int32]:
    """Return for each object of the log its place among those that act in `part`, else -1."""
    rows = np.flatnonzero(parts.part == part)
    ids = pa.array([parts.ids[row] for row in rows.tolist()], pa.string())
    if not len(ids):
        return np.full(len(relations.objects), -1, dtype=np.int32)
    found = np.asarray(pc.fill_null(pc.index_in(relations.objects, value_set=ids), -1))
    return np.where(found >= 0, rows[found], -1).astype(np.int32)


def choose(
    offsets: NDArray[np.int64],
    rows: NDArray[np.int64],
    places: NDArray[np.int64],
    hand: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Return the place of the unit that counts for each step, -1 where there is none.

    Where an event has several, skipped units give way to others; the current unit stays
    if it is among them, else the least id takes over (design section 3).

    Parameters
    ----------
    offsets
        The cases among the steps, as :func:`procmine.facts.segments.bounds` gives them.
    rows, places
        Pairs of step and unit, sorted.
    hand
        By place: whether the unit is a hand.

    Examples
    --------
    >>> hand = np.array([True, True])
    >>> rows, places = np.array([0, 1, 1, 2]), np.array([1, 0, 1, 0])
    >>> choose(np.array([0, 3]), rows, places, hand).tolist()
    [1, 1, 0]
    """
    size = int(offsets[-1])
    chosen = np.full(size, -1, dtype=np.int64)
    has_hand = np.zeros(size, dtype=np.bool_)
    if not len(rows):
        return chosen
    has_hand[rows[hand[places]]] = True
    keep = hand[places] | ~has_hand[rows]
    rows, places = rows[keep], places[keep]
    chosen[rows[::-1]] = places[::-1]
    several = has_hand & (np.bincount(rows, minlength=size) > 1)
    if several.any():
        _settle(offsets, rows * len(hand) + places, len(hand), chosen, has_hand, several)
    return chosen


def _settle(
    offsets: NDArray[np.int64],
    pairs: NDArray[np.int64],
    width: int,
    chosen: NDArray[np.int64],
    has_hand: NDArray[np.bool_],
    several: NDArray[np.bool_],
) -> None:
    """Let the current unit stay, for the first such step of every case, then the second ..."""
    before = last_before(has_hand, offsets, itself=False)
    steps = np.flatnonzero(several)
    turn = turns(segment_of(offsets)[steps])
    order = np.argsort(turn, kind="stable")
    cuts = np.searchsorted(turn[order], np.arange(int(turn.max()) + 2))
    for begin, end in pairwise(cuts.tolist()):
        now = steps[order[begin:end]]
        current = np.where(before[now] >= 0, chosen[before[now]], -1)
        wanted = now * width + current
        found = np.minimum(np.searchsorted(pairs, wanted), len(pairs) - 1)
        stays = (current >= 0) & (pairs[found] == wanted)
        chosen[now[stays]] = current[stays]


def turns(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count the rows of each run of equal `keys` from 0.

    Examples
    --------
    >>> turns(np.array([4, 4, 7])).tolist()
    [0, 1, 0]
    """
    offsets = bounds(keys)
    return np.arange(len(keys)) - np.repeat(offsets[:-1], np.diff(offsets))
