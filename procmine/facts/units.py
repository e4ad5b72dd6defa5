"""Who did a step: unit, staff, meeting; and which of several units counts."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from procmine.facts.attributes import literal, text
from procmine.facts.segments import bounds, last_before, segment_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.facts.source import Source

__all__ = ["MEETING", "RESOURCE", "UNIT", "Parts", "choose", "read_parts", "turns"]

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
    """Read the objects that act, and make them known to DuckDB as ``_part``."""
    roles = source.roles
    wanted = (
        (UNIT, roles.unit, roles.done_in),
        (RESOURCE, roles.resource, roles.done_by),
        (MEETING, roles.meeting, roles.held_at),
    )
    selects = [
        f"SELECT o.object_id, coalesce(o.number, o.object_id) AS name, {part} AS part, "
        f"{literal(qualifier)} AS qualifier, {text(source, 'object', roles.unit_kind, 'o')} "
        f"AS kind FROM objects AS o WHERE CAST(o.object_type AS VARCHAR) = {literal(name)}"
        for part, types, qualifier in wanted
        for name in types
    ]
    query = " UNION ALL ".join(selects) or (
        "SELECT NULL::VARCHAR AS object_id, NULL::VARCHAR AS name, 0 AS part, "
        "'' AS qualifier, NULL::VARCHAR AS kind LIMIT 0"
    )
    table = source.connection.sql(
        f"SELECT * FROM ({query}) ORDER BY object_id, part"
    ).to_arrow_table()
    place = pa.array(np.arange(table.num_rows, dtype=np.int64))
    known = table.select(["object_id", "part", "qualifier"]).append_column("place", place)
    source.connection.register("_part_found", known)
    source.connection.execute("CREATE OR REPLACE TEMP TABLE _part AS SELECT * FROM _part_found")
    source.connection.unregister("_part_found")
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
