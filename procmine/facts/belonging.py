"""Which case file and which citizen each object of a log belongs to; the case objects by id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.store.columns import Codes, Places, joined
from procmine.store.relations import among

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.facts.source import Source
    from procmine.store.relations import Relations

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = ["Belonging"]

_ENDS = ("source_id", "target_id", "qualifier")


@dataclass(frozen=True)
class Belonging:
    """What the cases of every process are made from; arrays by row of the log's objects.

    Attributes
    ----------
    relations
        The log's relations.
    number
        The number that people know an object by; empty where it has none.
    folder, citizen
        Row of its case file (itself, where it is one) and of its citizen, -1 for none; of
        several the one with the least id.
    events
        How many relations to events it has.
    """

    relations: Relations
    number: pa.Array
    folder: Ints
    citizen: Ints
    events: Ints

    @classmethod
    def of(cls, source: Source) -> Belonging:
        """Read the links between the log's objects."""
        relations, roles = source.relations, source.roles
        links = _Links.of(source)
        folders = among(relations.types, roles.folder)[relations.type]
        citizens = among(relations.types, roles.citizen)[relations.type]
        rows = np.arange(len(relations.objects))
        folder = np.where(folders, rows, links.least(folders, roles.part_of))
        linked = links.least(citizens, roles.citizen_of)
        own = np.where(citizens, rows, linked)
        behind = np.where(folder >= 0, linked[folder], -1) if len(rows) else rows
        return cls(
            relations,
            joined(source.read("objects", ["number"]), "number"),
            folder,
            np.where(own >= 0, own, behind),
            np.bincount(relations.target, minlength=len(rows)),
        )

    def cases(self, case_type: str, chunk_rows: int) -> pa.Table:
        """Return the objects of a type that have events, by the number they go by.

        Parameters
        ----------
        case_type
            The type.
        chunk_rows
            How many relations a chunk holds, about.

        Returns
        -------
        table, in order of ``case_id, object_id``
            ``object_id``; ``case_id``: its number, or its id where another object of the
            type has that number too; ``folder_id``, ``citizen_id``; ``object_row,
            folder_row`` among the log's objects (-1: none); ``chunk``.
        """
        objects, types = self.relations.objects, self.relations.types
        ours = among(types, [case_type])[self.relations.type] & (self.events > 0)
        rows = np.flatnonzero(ours)
        ids = objects.take(pa.array(rows))
        number = pc.coalesce(self.number.take(pa.array(rows)), ids)
        codes = np.asarray(number.dictionary_encode().indices)
        alone = np.bincount(codes, minlength=1)[codes] == 1
        named = pa.table({"case_id": pc.if_else(pa.array(alone), number, ids), "object_id": ids})
        order = pc.sort_indices(
            named, sort_keys=[("case_id", "ascending"), ("object_id", "ascending")]
        )
        rows = rows[np.asarray(order)]
        folder, citizen = self.folder[rows], self.citizen[rows]
        chunk = (np.cumsum(self.events[rows]) - 1) // chunk_rows
        columns = {
            "folder_id": objects.take(pa.array(folder, mask=folder < 0)),
            "citizen_id": objects.take(pa.array(citizen, mask=citizen < 0)),
            "object_row": pa.array(rows),
            "folder_row": pa.array(folder),
            "chunk": pa.array(chunk.astype(np.int32)),
        }
        table = named.take(order)
        for name, column in columns.items():
            table = table.append_column(name, column)
        return table


@dataclass(frozen=True)
class _Links:
    """The links between objects: rows of both, qualifiers, and the order of the ids."""

    source: NDArray[np.int32]
    target: NDArray[np.int32]
    qualifier: NDArray[np.int32]
    qualifiers: tuple[str, ...]
    by_id: Ints

    @classmethod
    def of(cls, source: Source) -> _Links:
        objects = source.relations.objects
        ends, words = (Places(objects), Places(objects)), Codes()
        for part in source.read("o2o", list(_ENDS), _ENDS):
            for place, name in zip(ends, _ENDS, strict=False):
                place.add(part[name])
            words.add(part["qualifier"])
        begin, end, word = ends[0].cells(), ends[1].cells(), words.cells(wide=True)
        known = (begin >= 0) & (end >= 0)
        by_id = np.asarray(pc.sort_indices(objects), dtype=np.int64)
        return cls(begin[known], end[known], word[known], words.names, by_id)

    def least(self, which: Bools, qualifier: str) -> Ints:
        """Return for each object the one of `which` with the least id it is linked to, or -1."""
        kept = which[self.target]
        if qualifier:
            kept &= among(self.qualifiers, [qualifier])[self.qualifier]
        size = len(self.by_id)
        rank = np.empty(size, dtype=np.int64)
        rank[self.by_id] = np.arange(size)
        found = np.full(size, size)
        np.minimum.at(found, self.source[kept], rank[self.target[kept]])
        least: Ints = np.append(self.by_id, -1)[found]
        return least
