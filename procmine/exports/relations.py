"""Relations of events to objects, as numbers: one for each, in columns.

A relation is (event, object, qualifier) in one number, so that millions of them are sorted,
told apart and written without a table of ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from procmine.exports.sql import chosen, literal, object_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from procmine.exports.profile import EventSpec, Reach, TableSpec
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
    words: Sequence[str],
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
            parts.extend(_of_event(work, table, event, view, number, found, links))
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


def _of_event(
    work: Settlement, table: TableSpec, event: EventSpec, view: str, number: int,
    found: Relations, links: _Links,
) -> Iterator[Ints]:  # fmt: skip
    """Yield the relations of one kind of event: each row's objects are looked up once."""
    at = work.con.sql(f"SELECT _row, seq FROM events WHERE _yield = {number}").fetchnumpy()
    seq_of = np.zeros(int(at["_row"].max(initial=0)) + 1, np.int32)
    seq_of[at["_row"]] = at["seq"]
    names = list(dict.fromkeys(reach.column for reach in event.objects))
    places = "".join(f", coalesce(o{i}.place, 0) AS p{i}" for i in range(len(names)))
    words = "".join(
        f", coalesce(enum_code({chosen(reach.qualifier, 'v')}::qualifiers)::INTEGER, -1) AS q{i}"
        for i, reach in enumerate(event.objects) if not reach.qualifier.fixed
    )  # fmt: skip
    joins = " ".join(
        f"LEFT JOIN objects o{i} ON o{i}.object_id = {object_of(table.column(name), 'v')}"
        for i, name in enumerate(names)
    )
    groups: dict[tuple[str, str], list[int]] = {}
    for i, reach in enumerate(event.objects):
        final = _final_type(work, table.column(reach.column).to, reach.follow)
        groups.setdefault((str(reach.qualifier), final), []).append(i)
    rows = work.con.sql(f"SELECT v._row{places}{words} FROM {view} v {joins}")
    for batch in rows.to_arrow_reader(_BATCH):
        seq = seq_of[batch["_row"].to_numpy()]
        for group in groups.values():
            reached = [
                _reached(batch, seq, event.objects[i], names, i, found, links) for i in group
            ]
            many = len(group) > 1 or len(event.objects[group[0]].follow) > 1
            yield np.unique(np.concatenate(reached)) if many else reached[0]


def _reached(
    batch: pa.RecordBatch, seq: Codes, reach: Reach, names: list[str], number: int,
    found: Relations, links: _Links,
) -> Ints:  # fmt: skip
    """Return one relation of a batch of rows: to the object of a column, or along its links."""
    place = batch[f"p{names.index(reach.column)}"].to_numpy()
    fixed = reach.qualifier.fixed
    word = (
        np.full(len(seq), found.words.index(fixed), np.int32)
        if fixed
        else batch[f"q{number}"].to_numpy()
    )
    rows = np.flatnonzero((place > 0) & (word >= 0) & (seq > 0))
    place = place[rows]
    for link in reach.follow:
        among, place = links.follow(place, link)
        rows = rows[among]
    return found.numbers(seq[rows], place, word[rows])


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
