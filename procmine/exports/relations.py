"""Relations of events to objects, as numbers: one for each, in columns.

A relation is (event, object, qualifier) in one number, so that millions of them are sorted,
told apart and written without a table of ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from procmine.exports.sql import chosen, literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from procmine.exports.named import Names
    from procmine.exports.profile import Chosen, EventSpec, Reach, TableSpec
    from procmine.exports.settle import Settlement

__all__ = ["Relations", "related"]

Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
Codes = npt.NDArray[np.integer[Any]]
_BATCH = 61_440


@dataclass(slots=True)
class Relations:
    """All relations: sorted numbers, how many objects there are, and the qualifiers.

    A number is ``(event * objects + object) * len(words) + qualifier``, events and objects
    by their places counted from 0. The numbers come in runs, each of the events that follow
    on those of the run before.

    Examples
    --------
    >>> found = Relations(2, ("a", "b"), [np.array([7])])
    >>> [part.tolist() for part in found.parts(found.runs[0])]
    [[1], [1], [1]]
    """

    objects: int
    words: tuple[str, ...]
    runs: Iterable[Ints]

    def parts(self, keys: Ints) -> tuple[Places, Places, Places]:
        """Return the places of events and objects, and the qualifiers, of relations."""
        rest = keys // max(len(self.words), 1)
        word = (keys - rest * len(self.words)).astype(np.int32)
        event = rest // max(self.objects, 1)
        rest -= event * self.objects
        return event.astype(np.int32), rest.astype(np.int32), word

    def numbers(self, seq: Codes, place: Codes, word: Codes | int) -> Ints:
        """Return relations as numbers; events and objects counted from 1."""
        numbers: Ints = (seq.astype(np.int64) - 1) * self.objects + (place - 1)
        numbers *= len(self.words)
        numbers += word
        return numbers


def related(
    work: Settlement, events: pa.Table, yields: Sequence[tuple[TableSpec, EventSpec, str]],
    uses: Sequence[str], words: Sequence[str], names: Names,
) -> Relations:  # fmt: skip
    """Return the relations of all events; `uses` are queries for some more of them.

    Needs ``objects``, ``o2o`` and the type ``qualifiers`` of `words`.
    """
    count = work.one("SELECT count(*) FROM objects")
    found = Relations(count, tuple(words), [])
    followed = {k for _, event, _ in yields for reach in event.objects for k in reach.follow}
    links = _Links(work, count, sorted(followed))
    kinds, rows = (events[name].to_numpy() for name in ("_yield", "_row"))
    known: list[tuple[EventSpec, _Rows]] = []
    for number, (table, event, view) in enumerate(yields):
        if event.objects:
            at = np.flatnonzero(kinds == number).astype(np.int32)
            known.append((event, _rows_of(work, table, event, view, found, names, at, rows[at])))
    used = _used(work, events, uses, found)
    found.runs = _runs(found, known, links, used, len(kinds))
    return found


@dataclass(slots=True)
class _Rows:
    """The events of one kind: their places and rows, and by row each reach's object and word."""

    seq: Codes
    row: Codes
    places: list[Codes]
    words: list[Codes | int]


def _rows_of(
    work: Settlement, table: TableSpec, event: EventSpec, view: str, found: Relations,
    names: Names, at: Codes, row: Codes,
) -> _Rows:  # fmt: skip
    words: dict[str, Codes | int] = {
        str(each): found.words.index(each.fixed) if each.fixed else _picked(work, view, each)
        for each in {reach.qualifier for reach in event.objects}
    }
    return _Rows(
        at + 1,
        row,
        [names.places(table, reach.column) for reach in event.objects],
        [words[str(reach.qualifier)] for reach in event.objects],
    )


def _used(work: Settlement, events: pa.Table, uses: Sequence[str], found: Relations) -> Ints:
    """Return the relations that queries name, in order."""
    parts = [np.zeros(0, np.int64)]
    seq = pa.array(np.arange(1, len(events) + 1, dtype=np.int32))
    work.con.register("numbered", pa.table({"event_id": events["event_id"], "seq": seq}))
    for query in uses:
        rows = work.con.sql(
            f"SELECT e.seq, o.place, enum_code(u.qualifier::qualifiers) AS word FROM ({query}) u "
            "JOIN numbered e ON e.event_id = u.event_id "
            "JOIN objects o ON o.object_id = u.object_id WHERE u.qualifier IS NOT NULL"
        ).to_arrow_table()
        parts.append(found.numbers(*(rows[name].to_numpy() for name in ("seq", "place", "word"))))
    work.con.unregister("numbered")
    return np.sort(np.concatenate(parts))


def _runs(
    found: Relations, known: list[tuple[EventSpec, _Rows]], links: _Links, used: Ints, events: int
) -> Iterator[Ints]:
    """Yield the relations of some hundred thousand events at a time, in order."""
    for first in range(1, events + 1, _BATCH):
        ends = np.array([first, first + _BATCH])
        begin, end = np.searchsorted(used, found.numbers(ends, np.ones(1, np.int64), 0))
        parts = [used[begin:end]]
        for event, rows in known:
            here = slice(*np.searchsorted(rows.seq, ends).tolist())
            for number, reach in enumerate(event.objects):
                parts.append(_reached(rows, here, reach, number, found, links))
        yield _each_once(parts)


def _picked(work: Settlement, view: str, qualifier: Chosen) -> Codes:
    """Return the number of the qualifier that a column of each row picks; -1 where none."""
    rows = work.con.sql(
        f"SELECT _row, coalesce(enum_code({chosen(qualifier)}::qualifiers)::INTEGER, -1) AS word "
        f"FROM {view}"
    ).fetchnumpy()
    words = np.full(int(rows["_row"].max(initial=0)) + 1, -1, np.int32)
    words[rows["_row"]] = rows["word"]
    return words


def _each_once(parts: list[Ints]) -> Ints:
    """Return all numbers in order; several columns and links may lead to the same relation."""
    keys = np.concatenate(parts)
    keys.sort(kind="stable")  # runs in order, of which a merge makes more than a quicksort
    first = np.ones(len(keys), np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    return keys[first]


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
