"""A log laid out for writers: rows of text in order, in bounded batches."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.ocel.exchange.attributes import OWN
from procmine.ocel.exchange.times import at_local_midnight, canonical_text
from procmine.ocel.exchange.values import as_text
from procmine.ocel.log import plain
from procmine.ocel.order import places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from procmine.ocel.log import Ocel

__all__ = ["EPOCH", "Declared", "Entity", "declarations", "entities", "own_columns"]

EPOCH = "1970-01-01T00:00:00Z"
BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Entity:
    """An event or object as a writer needs it.

    `values` are (attribute, text, from when), the time empty for events; `related` are
    (object, qualifier).
    """

    key: str
    kind: str
    time: str
    values: list[tuple[str, str, str]]
    related: list[tuple[str, str]]


Declared = dict[str, dict[str, tuple[str, str]]]


def declarations(log: Ocel, owner: str) -> Declared:
    """Return type to attribute to (value type, column), those of the log's own columns too.

    Examples
    --------
    >>> from procmine.ocel.log import Ocel
    >>> declarations(Ocel.build({}), "event")
    {}
    """
    table, key = _table(log, owner)
    types = sorted(pc.unique(plain(table[key])).to_pylist())
    found: Declared = {kind: {} for kind in types}
    for kind, attributes in log.declared(owner).items():
        found.setdefault(kind, {}).update(attributes)
    for column in own_columns(log, owner):
        name, value_type = next((n, v) for n, (c, v) in OWN.items() if c == column)
        filled = pc.is_valid(table[column])
        for kind in pc.unique(plain(table[key].filter(filled))).to_pylist():
            found[kind][name] = (value_type, column)
    return dict(sorted(found.items()))


def own_columns(log: Ocel, owner: str) -> list[str]:
    """Return the log's own columns that an exchange file must carry as attributes.

    The precision is written where a reader would not find it out by itself.
    """
    table, _ = _table(log, owner)
    if owner == "object":
        return ["number"] if table["number"].null_count < table.num_rows else []
    found = []
    if table["start"].null_count < table.num_rows:
        found.append("start")
    fine = pc.all(pc.equal(plain(table["precision"]), "second"), min_count=0).as_py()
    midnight = table.num_rows and at_local_midnight(table["time"].combine_chunks()).all()
    if not fine or midnight:
        found.append("precision")
    return found


def entities(log: Ocel, owner: str) -> Iterator[Entity]:
    """Yield events or objects in the log's order, with all that belongs to them."""
    table, kind_column = _table(log, owner)
    declared = declarations(log, owner)
    key_column = f"{owner}_id"
    relations = _Owned(log.e2o if owner == "event" else log.o2o, 0, table[key_column])
    changes = _Owned(log.object_changes, 0, table[key_column]) if owner == "object" else None
    for begin in range(0, table.num_rows, BATCH):
        batch = table.slice(begin, BATCH)
        cells = _cells(batch, kind_column, declared)
        keys, kinds = batch[key_column].to_pylist(), plain(batch[kind_column]).to_pylist()
        times = canonical_text(batch["time"]).to_pylist() if owner == "event" else [""] * len(keys)
        related = relations.lists(begin, len(keys), (1, 2))
        changed = changes.lists(begin, len(keys), (1, 3, 2)) if changes else None
        since = "" if owner == "event" else EPOCH
        for row, (key, kind, time) in enumerate(zip(keys, kinds, times, strict=True)):
            values = [(name, text, since) for name, text in cells[row]]
            if changed:
                values.extend(changed[row])
            yield Entity(key, kind, time, values, related[row])


class _Owned:
    """Rows of a table by the event or object that owns them."""

    def __init__(self, table: pa.Table, owner: int, among: pa.ChunkedArray) -> None:
        at = places(table.column(owner), among)
        self.order = np.argsort(at, kind="stable")
        self.starts = np.searchsorted(at[self.order], np.arange(len(among) + 1))
        self.table = table

    def lists(self, begin: int, count: int, columns: tuple[int, ...]) -> list[list[Any]]:
        """Return for each owner from `begin` on its rows as tuples of text."""
        bounds = self.starts[begin : begin + count + 1]
        low, high = int(bounds[0]), int(bounds[-1])
        part = self.table.take(pa.array(self.order[low:high]))
        texts = [
            pc.fill_null(plain(as_text(plain(part.column(c)))), "").to_pylist() for c in columns
        ]
        rows = list(zip(*texts, strict=True))
        ends = (bounds - low).tolist()
        return [rows[a:b] for a, b in pairwise(ends)]


def _cells(batch: pa.Table, kind_column: str, declared: Declared) -> list[list[tuple[str, str]]]:
    """Return for each row its filled attributes as text, by the declaration of its type."""
    found: list[list[tuple[str, str]]] = [[] for _ in range(batch.num_rows)]
    kinds = plain(batch[kind_column])
    by_column: dict[tuple[str, str], list[str]] = {}
    for kind, attributes in declared.items():
        for name, (_, column) in attributes.items():
            by_column.setdefault((name, column), []).append(kind)
    for (name, column), owners in sorted(by_column.items()):
        mine = pc.and_(pc.is_valid(batch[column]), pc.is_in(kinds, value_set=pa.array(owners)))
        rows = np.flatnonzero(np.asarray(mine.to_numpy()))
        if len(rows):
            texts = plain(as_text(plain(batch[column].take(pa.array(rows))))).to_pylist()
            for row, text in zip(rows.tolist(), texts, strict=True):
                found[row].append((name, text))
    return found


def _table(log: Ocel, owner: str) -> tuple[pa.Table, str]:
    if owner == "event":
        return log.events, "event_type"
    return log.objects, "object_type"
