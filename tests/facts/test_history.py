"""What an attribute is at an instant, and how often it changes: against a plain look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from procmine.config import load_config
from procmine.facts.history import History
from procmine.facts.source import Source
from procmine.ocel.roles import Roles
from procmine.tables.log import ATTRIBUTES, OBJECT_CHANGES, OBJECTS

if TYPE_CHECKING:
    from collections.abc import Sequence

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
VALUES = st.sampled_from(["a", "b", "c", None])
MANY = 16
INITIAL = st.lists(VALUES, min_size=MANY, max_size=MANY)
CHANGES = st.lists(st.tuples(st.integers(0, MANY - 1), st.integers(0, 9), VALUES), max_size=60)


def history(initial: list[str | None], changes: list[tuple[int, int, str | None]]) -> History:
    """Return the history of the attribute "grade" of objects o0, o1, ..."""
    objects = [
        {"object_id": f"o{n}", "object_type": "case", "number": None, "source_file": None,
         "source_line": None, "attr.grade": value}
        for n, value in enumerate(initial)
    ]  # fmt: skip
    rows = [
        {"object_id": f"o{o}", "attribute": "grade", "time": EPOCH + timedelta(microseconds=at),
         "value": value, "value_type": "string"}
        for o, at, value in changes
    ]  # fmt: skip
    declared = [{"owner": "object", "type": "case", "attribute": "grade", "column": "attr.grade",
                 "value_type": "string"}]  # fmt: skip
    schema = OBJECTS.arrow().append(pa.field("attr.grade", pa.string()))
    tables = {
        "objects": pa.Table.from_pylist(objects, schema=schema),
        "object_changes": pa.Table.from_pylist(rows, schema=OBJECT_CHANGES.arrow()),
        "attributes": pa.Table.from_pylist(declared, schema=ATTRIBUTES.arrow()),
    }
    source = Source.of_tables(tables, Roles(), load_config(defaults=False), EPOCH)
    return source.history("grade")


def plainly(
    initial: str | None, changes: Sequence[tuple[int, str | None]], at: int, *, first_known: bool
) -> str | None:
    """Return the value at an instant, one change at a time; the greatest of one instant."""
    past = [(t, v is not None, v or "") for t, v in changes if t <= at]
    if past:
        return max(past)[2] or None
    future = [(t, v is None, v or "") for t, v in changes if t > at]
    later = min(future)[2] or None if future and first_known else None
    return initial or later


@settings(max_examples=8, deadline=None)
@given(INITIAL, CHANGES, st.integers(-1, 10), st.booleans())
def test_value_at_an_instant(
    initial: list[str | None],
    changes: list[tuple[int, int, str | None]],
    at: int,
    first_known: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    """The last change up to then, else the value from the beginning, else the first to come."""
    found = history(initial, changes)
    rows = np.array([*range(MANY), -1])
    codes = found.at(rows, np.full(len(rows), at), first_known=first_known)
    named = [found.names[code] if code >= 0 else None for code in codes.tolist()]
    expected = [
        plainly(initial[o], [(t, v) for c, t, v in changes if c == o], at, first_known=first_known)
        for o in range(MANY)
    ]
    assert named == [*expected, None]


@settings(max_examples=8, deadline=None)
@given(INITIAL, CHANGES, st.integers(0, 9), st.integers(0, 9))
def test_shifts_between_two_instants(
    initial: list[str | None], changes: list[tuple[int, int, str | None]], low: int, high: int
) -> None:
    """Each value after the first that differs from the one before; none where none is known."""
    found = history(initial, changes)
    rows = np.array([*range(MANY), -1])
    counts, told = found.shifts(rows, np.full(len(rows), low), np.full(len(rows), high))
    for o in range(MANY):
        filled = [(t, v) for c, t, v in changes if c == o and v is not None and t <= high]
        times = [min(low, high), *sorted({t for t, _ in filled if t > low})]
        seen = [plainly(initial[o], filled, t, first_known=False) for t in times]
        held = [value for value in seen if value is not None]
        assert told[o] == bool(held)
        assert counts[o] == sum(a != b for a, b in pairwise(held))
    assert (counts[-1], told[-1]) == (0, False)
