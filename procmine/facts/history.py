"""What an attribute of an object is at an instant: read once, looked up for many cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.facts.attributes import literal, text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.facts.source import Source

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

__all__ = ["History"]


@dataclass(frozen=True)
class History:
    """The values of one attribute of all objects of a log.

    Attributes
    ----------
    names
        The distinct values; codes are places in it, -1 is none.
    initial
        By row of the objects: the value from the beginning.
    times
        The distinct instants of changes, ascending (UTC microseconds).
    key
        Object and instant of each change as one number, ascending: as :meth:`_upto` packs
        them.
    latest, first
        The value that a change leaves, and the one it begins with: of several at one instant
        the greatest and the least.
    """

    names: tuple[str, ...]
    initial: Ints
    times: Ints
    key: Ints
    latest: Ints
    first: Ints

    @classmethod
    def of(cls, source: Source, attribute: str) -> History:
        """Read the history of an attribute; an empty name has none.

        Examples
        --------
        >>> from datetime import UTC, datetime
        >>> from procmine.config import load_config
        >>> from procmine.facts.source import Source
        >>> from procmine.ocel.roles import Roles
        >>> log = Source.of_tables({}, Roles(), load_config(), datetime(2026, 3, 2, tzinfo=UTC))
        >>> History.of(log, "grade").names
        ()
        """
        objects = source.relations.objects
        changes = source.connection.sql(
            "SELECT object_id, epoch_us(time) AS at, max(value) AS latest, min(value) AS first "
            f"FROM object_changes WHERE CAST(attribute AS VARCHAR) = {literal(attribute)} "
            "GROUP BY object_id, time"
        ).to_arrow_table()
        parts = [changes["latest"], changes["first"], _initial(source, attribute)]
        codes, names = _coded(parts)
        latest, first, initial = np.split(codes, np.cumsum([len(part) for part in parts])[:-1])
        known = pc.index_in(changes["object_id"], value_set=objects)
        row = np.asarray(pc.fill_null(known, -1), dtype=np.int64)
        times, place = np.unique(changes["at"].to_numpy(), return_inverse=True)
        key = row * (len(times) + 1) + place + 1
        order = np.argsort(key)[np.count_nonzero(row < 0) :]
        return cls(names, initial, times, key[order], latest[order], first[order])

    def at(self, rows: Ints, instants: Ints, *, first_known: bool = False) -> Ints:
        """Return the code of the value that each object has at its instant.

        Parameters
        ----------
        rows
            Rows of objects, -1 where there is none.
        instants
            UTC microseconds, one a row.
        first_known
            Where nothing is known up to the instant, take the first value that follows. For
            attributes whose history begins with the first delivery, long after their objects.
        """
        begin, until = self._upto(rows, None), self._upto(rows, instants)
        found = np.where(rows >= 0, _at(self.initial, np.maximum(rows, 0)), -1)
        if first_known:
            later = _at(self.first, until)
            following = (found < 0) & (until < self._upto(rows + 1, None)) & (rows >= 0)
            found = np.where(following, later, found)
        return np.where((until > begin) & (rows >= 0), _at(self.latest, until - 1), found)

    def shifts(self, rows: Ints, low: Ints, high: Ints) -> tuple[Ints, Bools]:
        """Count how often the value of each object becomes another after `low`, up to `high`.

        Returns
        -------
        counts, told
            The changes, and whether any value is known at all. What held before `low` is no
            change, nor is a change to the same value.
        """
        held = np.flatnonzero(self.latest >= 0)
        plain = History(self.names, self.initial, self.times, self.key[held], self.latest[held],
                        self.first[held])  # fmt: skip
        before = plain.at(rows, np.minimum(low, high))
        after, until = plain._upto(rows, np.minimum(low, high)), plain._upto(rows, high)
        after = np.where(low <= high, after, until)
        differs = np.concatenate([[0], plain.latest[1:] != plain.latest[:-1]])[: len(held)]
        total = np.concatenate([[0], np.cumsum(differs)])
        some = (until > after) & (rows >= 0)
        first = np.minimum(after + 1, until)
        counts = np.where(some, total[until] - total[first], 0)
        counts += some & (before >= 0) & (_at(plain.latest, after) != before)
        return counts, some | (before >= 0)

    def _upto(self, rows: Ints, instants: Ints | None) -> Ints:
        """Return how many changes lie before those of each row, or up to its instant."""
        place = 0 if instants is None else np.searchsorted(self.times, instants, side="right")
        found: Ints = np.searchsorted(self.key, rows * (len(self.times) + 1) + place, side="right")
        return found


def _initial(source: Source, attribute: str) -> pa.ChunkedArray:
    """Return the value from the beginning of each object, in the order of their table."""
    value = text(source, "object", attribute, "o")
    found = source.connection.sql(f"SELECT {value} AS value FROM objects AS o").to_arrow_table()
    return found["value"]


def _coded(parts: list[pa.ChunkedArray]) -> tuple[Ints, tuple[str, ...]]:
    """Return the code of each cell of some columns, one after the other, and the texts."""
    chunks = [chunk for part in parts for chunk in part.chunks]
    coded = pa.concat_arrays([pa.array([], pa.string()), *chunks]).dictionary_encode()
    codes = np.asarray(pc.fill_null(coded.indices, -1), dtype=np.int64)
    return codes, tuple(coded.dictionary.to_pylist())


def _at(values: Ints, places: Ints) -> Ints:
    """Return values by place; -1 outside."""
    inside = (places >= 0) & (places < len(values))
    return (
        np.where(inside, values[np.where(inside, places, 0)], -1) if len(values) else places * 0 - 1
    )
