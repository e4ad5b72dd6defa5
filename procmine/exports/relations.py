"""Relations of events to objects, as numbers: one for each, in columns.

A relation is (event, object, qualifier) in one number, so that millions of them are sorted,
told apart and written without a table of ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from procmine.exports.sql import chosen, literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from procmine.exports.named import Names
    from procmine.exports.profile import Chosen, EventSpec, Reach, TableSpec
    from procmine.exports.settle import Settlement

__all__ = ["Relations", "related"]

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.integer[Any]]
_BATCH = 122_880


@dataclass(slots=True)
class Relations:
    """All relations: sorted numbers, how many objects there are, and the qualifiers.

    A number is ``(event * objects + object) * len(words) + qualifier``, events and objects
    by their places counted from 0.

    Examples
    --------
    >>> found = Relations(np.array([7]), 2, ("a", "b"))
    >>> [part.tolist() for part in found.parts(found.keys)]
    [[1], [1], [1]]
    """

    keys: Ints
    objects: int
    words: tuple[str, ...]

    def parts(self, keys: Ints) -> tuple[Ints, Ints, Ints]:
        """Return the places of events and objects, and the qualifiers, of relations."""
        rest, word = np.divmod(keys, max(len(self.words), 1))
        event, thing = np.divmod(rest, max(self.objects, 1))
        return event, thing, word

    def numbers(self, seq: Codes, place: Codes, word: Codes | int) -> Ints:
        """Return relations as numbers; events and objects counted from 1."""
        numbers: Ints = (seq.astype(np.int64) - 1) * self.objects + (place - 1)
        numbers *= len(self.words)
        numbers += word
        return numbers


def related(
    work: Settlement, yields: Sequence[tuple[TableSpec, EventSpec, str]], uses: Sequence[str],
    words: Sequence[str], names: Names,
) -> Relations:  # fmt: skip
    """Return the relations of all events; `uses` are queries for some more of them.

    Needs ``events``, ``objects``, ``o2o`` and the type ``qualifiers`` of `words`.
    """
    count = work.con.execute("SELECT count(*) FROM objects").fetchall()[0][0]
    found = Relations(np.zeros(0, np.int64), count, tuple(words))
    followed = {k for _, event, _ in yields for reach in event.objects for k in reach.follow}
    links = _Links(work, count, sorted(followed))
    parts: list[Ints] = []
    for number, (table, event, view) in enumerate(yields):
        if event.objects:
            rows = _rows_of(work, table, event, view, number, found, names)
            groups = _groups(work, table, event)
            parts.extend(_of_event(event, rows, groups, found, links))
    for query in uses:
        rows = work.con.sql(
            f"SELECT e.seq, o.place, enum_code(u.qualifier::qualifiers) AS word FROM ({query}) u "
            "JOIN events e ON e.event_id = u.event_id "
            "JOIN objects o ON o.object_id = u.object_id WHERE u.qualifier IS NOT NULL"
        ).to_arrow_table()
        parts.append(found.numbers(*(rows[name].to_numpy() for name in ("seq", "place", "word"))))
    found.keys = np.concatenate([found.keys, *parts])
    parts.clear()
    found.keys.sort()
    return found


@dataclass(slots=True)
class _Rows:
    """The events of one kind: their places and rows, and by row each reach's object and word."""

    seq: Codes
    row: Codes
    places: list[Codes]
    words: list[Codes | int]


def _rows_of(
    work: Settlement, table: TableSpec, event: EventSpec, view: str, number: int,
    found: Relations, names: Names,
) -> _Rows:  # fmt: skip
    at = work.con.sql(f"SELECT _row, seq FROM events WHERE _yield = {number}").fetchnumpy()
    words: dict[str, Codes | int] = {
        str(each): found.words.index(each.fixed) if each.fixed else _picked(work, view, each)
        for each in {reach.qualifier for reach in event.objects}
    }
    return _Rows(
        at["seq"],
        at["_row"],
        [names.places(table, reach.column) for reach in event.objects],
        [words[str(reach.qualifier)] for reach in event.objects],
    )


def _picked(work: Settlement, view: str, qualifier: Chosen) -> Codes:
    """Return the number of the qualifier that a column of each row picks; -1 where none."""
    rows = work.con.sql(
        f"SELECT _row, coalesce(enum_code({chosen(qualifier)}::qualifiers)::INTEGER, -1) AS word "
        f"FROM {view}"
    ).fetchnumpy()
    words = np.full(int(rows["_row"].max(initial=0)) + 1, -1, np.int32)
    words[rows["_row"]] = rows["word"]
    return words


def _groups(work: Settlement, table: TableSpec, event: EventSpec) -> list[list[int]]:
    """Return the reaches, those together that may lead to the same relation."""
    groups: dict[tuple[str, str], list[int]] = {}
    for i, reach in enumerate(event.objects):
        final = _final_type(work, table.column(reach.column).to, reach.follow)
        groups.setdefault((str(reach.qualifier), final), []).append(i)
    return list(groups.values())


def _of_event(
    event: EventSpec, rows: _Rows, groups: list[list[int]], found: Relations, links: _Links
) -> Iterator[Ints]:
    """Yield the relations of one kind of event, some hundred thousand events at a time."""
    for start in range(0, len(rows.seq), _BATCH):
        here = slice(start, start + _BATCH)
        for group in groups:
            reached = [_reached(rows, here, event.objects[i], i, found, links) for i in group]
            many = len(group) > 1 or len(event.objects[group[0]].follow) > 1
            yield np.unique(np.concatenate(reached)) if many else reached[0]


def _reached(
    rows: _Rows, here: slice, reach: Reach, number: int, found: Relations, links: _Links
) -> Ints:
    """Return one relation of some events: to the object of a column, or along its links."""
    row, seq, word = rows.row[here], rows.seq[here], rows.words[number]
    place = rows.places[number][row]
    named = place > 0
    if not isinstance(word, int):
        word = word[row]
        named &= word >= 0
    there = np.flatnonzero(named)
    place = place[there]
    for link in reach.follow:
        among, place = links.follow(place, link)
        there = there[among]
    return found.numbers(seq[there], place, word if isinstance(word, int) else word[there])


class _Links:
    """The links between objects, by qualifier: where those of an object begin, how many."""

    def __init__(self, work: Settlement, count: int, qualifiers: list[str]) -> None:
        self.known = {name: _link(work, count, name) for name in qualifiers}

    def follow(self, places: Codes, qualifier: str) -> tuple[Ints, Codes]:
        """Return the rows of `places` that have such links, and where the links end."""
        first, counts, targets = self.known[qualifier]
        each = counts[places]
        rows = np.repeat(np.arange(len(places)), each)
        nth = np.arange(len(rows)) - np.repeat(np.cumsum(each) - each, each)
        return rows, targets[first[places][rows] + nth]


def _link(work: Settlement, count: int, qualifier: str) -> tuple[Ints, Ints, Codes]:
    rows = work.con.sql(
        "SELECT a.place AS source, b.place AS target FROM o2o k "
        "JOIN objects a ON a.object_id = k.source_id "
        "JOIN objects b ON b.object_id = k.target_id "
        f"WHERE k.qualifier = {literal(qualifier)} ORDER BY 1, 2"
    ).to_arrow_table()
    counts = np.bincount(rows["source"].to_numpy(), minlength=count + 1)
    return np.cumsum(counts) - counts, counts, rows["target"].to_numpy()


def _final_type(work: Settlement, kind: str, follow: tuple[str, ...]) -> str:
    """Return the type in which links end, as the profile declares them."""
    for link in follow:
        ends = {
            t.column(k.target).to for t in work.profile.tables for k in t.links
            if k.qualifier == link and t.column(k.source).to == kind
        }  # fmt: skip
        kind = min(ends, default="")
    return kind
