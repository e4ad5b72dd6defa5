"""Small logs written by hand, logs drawn at random, and the way to the real ones."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import strategies as st

from procmine.ocel.log import VALUE_TYPES, Ocel
from procmine.ocel.roles import Roles

REAL = Path(os.environ.get("PROCMINE_REAL_LOGS", Path(__file__).parents[3] / "shared" / "logs"))
BEGIN = 365 * 86_400_000_000
END = 130 * BEGIN


def real(name: str) -> Path:
    """Return the path of a real log, or skip the test where it is not there."""
    path = REAL / name
    if not path.is_file():
        pytest.skip(f"the real log {name} is not in {REAL.name} (PROCMINE_REAL_LOGS)")
    return path


def at(day: int, hour: float = 0.0) -> datetime:
    """Return an instant in January 2024."""
    minutes = round(hour * 60)
    return datetime(2024, 1, day, minutes // 60, minutes % 60, tzinfo=UTC)


def log(
    events: list[tuple[str, str, datetime]],
    objects: list[tuple[str, str]],
    e2o: list[tuple[str, str, str]],
    o2o: list[tuple[str, str, str]] = (),
    changes: list[tuple[str, str, datetime, str]] = (),
    attributes: dict[str, dict[str, str]] | None = None,
    roles: Roles | None = None,
    starts: dict[str, datetime] | None = None,
) -> Ocel:
    """Make a log: `attributes` are object attributes, name to object to text.

    Every object type that has an object with the attribute declares it, as text.
    """
    kinds = dict(objects)
    attributes = attributes or {}
    starts = starts or {}
    tables = {
        "events": pa.table(
            {
                "event_id": [e for e, _, _ in events],
                "event_type": [k for _, k, _ in events],
                "time": pa.array([w for _, _, w in events], VALUE_TYPES["time"]),
                "start": pa.array([starts.get(e) for e, _, _ in events], VALUE_TYPES["time"]),
                "precision": ["second"] * len(events),
                "source_file": pa.nulls(len(events), pa.string()),
                "source_line": pa.nulls(len(events), pa.int64()),
            }
        ),
        "objects": pa.table(
            {
                "object_id": [o for o, _ in objects],
                "object_type": [k for _, k in objects],
                "number": pa.nulls(len(objects), pa.string()),
                "source_file": pa.nulls(len(objects), pa.string()),
                "source_line": pa.nulls(len(objects), pa.int64()),
                **{
                    f"attr.{name}": pa.array([held.get(o) for o, _ in objects], pa.string())
                    for name, held in attributes.items()
                },
            }
        ),
        "e2o": _rows(e2o, ("event_id", "object_id", "qualifier")),
        "o2o": _rows(o2o, ("source_id", "target_id", "qualifier")),
        "object_changes": pa.table(
            {
                "object_id": pa.array([o for o, _, _, _ in changes], pa.string()),
                "attribute": pa.array([n for _, n, _, _ in changes], pa.string()),
                "time": pa.array([w for _, _, w, _ in changes], VALUE_TYPES["time"]),
                "value": pa.array([v for _, _, _, v in changes], pa.string()),
                "value_type": pa.array(["string"] * len(changes), pa.string()),
            }
        ),
        "attributes": _rows(
            sorted(
                {
                    ("object", kinds[o], name, "string", f"attr.{name}")
                    for name, held in attributes.items()
                    for o in held
                }
            ),
            ("owner", "type", "attribute", "value_type", "column"),
        ),
    }
    return Ocel.build(tables, roles)


def _rows(rows: list[tuple[str, ...]], names: tuple[str, ...]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    return pa.table(
        {name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)}
    )


LETTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn")) | st.sampled_from(
    "\n\t\r<>&\"'"
)
TEXT = st.text(LETTERS, max_size=8)
NAME = st.text(LETTERS, min_size=1, max_size=6)
INSTANT = st.integers(BEGIN, END)
CELLS = {
    "string": TEXT,
    "integer": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
    "time": INSTANT,
}


@st.composite
def any_log(draw: st.DrawFn) -> Ocel:
    """Draw a log with typed attributes, changes, starts, day stamps, numbers and qualifiers."""
    event_types = draw(st.lists(NAME, min_size=1, max_size=3, unique=True))
    object_types = draw(st.lists(NAME, min_size=1, max_size=3, unique=True))
    events = draw(_things("event", event_types))
    objects = draw(_things("object", object_types))
    event_ids = events["event_id"].to_pylist()
    object_ids = objects["object_id"].to_pylist()
    types = dict(zip(object_ids, objects["object_type"].to_pylist(), strict=True))
    declared = _declared("event", event_types) + _declared("object", object_types)
    tables = {
        "events": events,
        "objects": objects,
        "e2o": draw(_relations(event_ids, object_ids, ("event_id", "object_id"))),
        "o2o": draw(_relations(object_ids, object_ids, ("source_id", "target_id"))),
        "object_changes": draw(_changes(object_ids, types)),
        "attributes": _rows(declared, ("owner", "type", "attribute", "value_type", "column")),
    }
    return Ocel.build(tables)


def _declared(owner: str, kinds: list[str]) -> list[tuple[str, ...]]:
    return [(owner, kind, f"a {name}", name, f"attr.a {name}") for kind in kinds for name in CELLS]


@st.composite
def _things(draw: st.DrawFn, owner: str, kinds: list[str]) -> pa.Table:
    ids = draw(st.lists(NAME, min_size=0 if owner == "object" else 1, max_size=4, unique=True))
    count = len(ids)

    def cells(strategy: st.SearchStrategy, kind: pa.DataType) -> pa.Array:
        values = draw(st.lists(st.none() | strategy, min_size=count, max_size=count))
        return (
            pa.array(values, pa.int64()).cast(kind)
            if kind == VALUE_TYPES["time"]
            else (pa.array(values, kind))
        )

    columns = {
        f"{owner}_id": pa.array(ids, pa.string()),
        f"{owner}_type": draw(st.lists(st.sampled_from(kinds), min_size=count, max_size=count)),
    }
    columns[f"{owner}_type"] = pa.array(columns[f"{owner}_type"], pa.string())
    if owner == "event":
        times = draw(st.lists(INSTANT, min_size=count, max_size=count))
        columns["time"] = pa.array(times, pa.int64()).cast(VALUE_TYPES["time"])
        columns["start"] = cells(INSTANT, VALUE_TYPES["time"])
        precision = st.sampled_from(("second", "second", "minute", "day"))
        columns["precision"] = pa.array(
            draw(st.lists(precision, min_size=count, max_size=count)), pa.string()
        )
    else:
        columns["number"] = cells(NAME, pa.string())
    columns["source_file"] = pa.nulls(count, pa.string())
    columns["source_line"] = pa.nulls(count, pa.int64())
    for name, strategy in CELLS.items():
        columns[f"attr.a {name}"] = cells(strategy, VALUE_TYPES[name])
    return pa.table(columns)


@st.composite
def _relations(
    draw: st.DrawFn, left: list[str], right: list[str], names: tuple[str, str]
) -> pa.Table:
    rows = []
    if left and right:
        row = st.tuples(st.sampled_from(left), st.sampled_from(right), TEXT)
        rows = draw(st.lists(row, max_size=5, unique=True))
    return _rows(rows, (*names, "qualifier"))


@st.composite
def _changes(draw: st.DrawFn, ids: list[str], types: dict[str, str]) -> pa.Table:
    rows = []
    if types:
        rows = draw(
            st.lists(st.tuples(st.sampled_from(ids), INSTANT, TEXT, st.booleans()), max_size=4)
        )
    return pa.table(
        {
            "object_id": pa.array([o for o, _, _, _ in rows], pa.string()),
            "attribute": pa.array(
                ["a string" if s else "a integer" for _, _, _, s in rows], pa.string()
            ),
            "time": pa.array([w for _, w, _, _ in rows], pa.int64()).cast(VALUE_TYPES["time"]),
            "value": pa.array([v if s else str(len(v)) for _, _, v, s in rows], pa.string()),
            "value_type": pa.array(
                ["string" if s else "integer" for _, _, _, s in rows], pa.string()
            ),
        }
    )
