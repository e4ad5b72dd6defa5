"""Lifelines: each object's events in order, with integer keys and stored successors.

Laid out for the questions that are asked again and again (performance spec, section 8):
the directly-follows relation of an object type, with times in hours and in working hours,
is one GROUP BY over columns that lie sorted. Ids stay outside, in the log's own tables.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from procmine.config.worktime import WorkTime
from procmine.ocel.roles import Roles
from procmine.store.engine import connect, quoted

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb
    from numpy.typing import NDArray

    from procmine.config.load import Config

__all__ = ["FOLDER", "INDEX", "write_lifelines"]

FOLDER = "lifelines"
INDEX = "index.json"
_ROW_GROUP = 122_880
_BLOCK = 1_000_000

_EVENTS = """
CREATE TEMP TABLE event AS
SELECT file_row_number::INTEGER AS place, event_id, t.code AS activity, epoch_us(time) AS at_us
FROM read_parquet({events}, file_row_number = true)
JOIN activity AS t ON t.name = event_type::VARCHAR
"""
_ACTIVITIES = """
CREATE TEMP TABLE activity AS
SELECT (row_number() OVER (ORDER BY name) - 1)::INTEGER AS code, name
FROM (SELECT DISTINCT event_type::VARCHAR AS name FROM read_parquet({events}))
"""
_OBJECTS = """
CREATE TEMP TABLE object AS
SELECT file_row_number::INTEGER AS key, object_id, object_type::VARCHAR AS type
FROM read_parquet({objects}, file_row_number = true)
"""
_TYPES = """
CREATE TEMP TABLE kind AS
SELECT (row_number() OVER (ORDER BY type) - 1)::INTEGER AS code, type
FROM (SELECT DISTINCT type FROM object)
"""
_RELATED = """
CREATE TEMP TABLE related AS
SELECT k.code, o.key, e.place,
       $unit = '' OR r.qualifier::VARCHAR = $unit AS as_unit,
       $resource = '' OR r.qualifier::VARCHAR = $resource AS as_resource
FROM read_parquet({e2o}) AS r
JOIN object AS o ON o.object_id = r.object_id
JOIN event AS e ON e.event_id = r.event_id
JOIN kind AS k ON k.type = o.type
"""
_LIVED = """
SELECT code, type FROM kind WHERE code IN (SELECT DISTINCT code FROM related) ORDER BY code
"""
_ACTORS = """
SELECT key FROM object WHERE list_contains(?, type) ORDER BY object_id
"""
_ACTING = """
SELECT r.place, min(a.rank) AS rank
FROM related AS r JOIN actor AS a ON a.key = r.key WHERE r.as_{part} GROUP BY r.place
"""
_PLACE_BITS = 32
_SCHEMA = pa.schema(
    [
        pa.field("key", pa.int32(), nullable=False),
        pa.field("activity", pa.int16(), nullable=False),
        pa.field("at_us", pa.int64(), nullable=False),
        pa.field("bs", pa.int64(), nullable=False),
        pa.field("next_activity", pa.int16()),
        pa.field("dt", pa.int64()),
        pa.field("dbs", pa.int64()),
        pa.field("unit", pa.int32()),
        pa.field("resource", pa.int32()),
        pa.field("next_unit", pa.int32()),
    ]
)


def write_lifelines(snapshot: Path, config: Config) -> None:
    """Write the lifelines of every object type beside the log in folder `snapshot`.

    Each file holds, sorted by object and time: ``key`` (row of the object in its table),
    ``activity`` (code, see the index), ``at_us`` (UTC microseconds), ``bs`` (cumulative working
    microseconds of the default calendar), and of the object's next event ``next_activity``,
    ``dt``, ``dbs`` (null at the end). ``unit``, ``resource`` and ``next_unit`` are rows of
    objects too: who did the event and the next one as the log names them, the least id where
    there are several, null where there is none or no role says what a unit is. (Which unit a
    visit belongs to is for the facts: there some kinds of units are no hands.)
    """
    folder = snapshot / FOLDER
    folder.mkdir(exist_ok=True)
    files = {name: quoted(snapshot / "ocel" / f"{name}.parquet") for name in
             ("events", "objects", "e2o")}  # fmt: skip
    roles = _roles(snapshot)
    with connect() as connection:
        for statement in (_ACTIVITIES, _EVENTS, _OBJECTS, _TYPES):
            connection.execute(statement.format(**files))
        parts = {"unit": roles.done_in, "resource": roles.done_by}
        connection.execute(_RELATED.format(**files), parts)
        events = _Events.read(connection, config, roles)
        index: dict[str, Any] = {"activities": _names(connection), "types": []}
        for number, (code, name) in enumerate(connection.execute(_LIVED).fetchall()):
            file = f"{number:03d}.parquet"
            # Joined on strings by the database, which spills; laid out as integers.
            pairs = connection.execute(
                "SELECT (key::BIGINT << ?) | place AS pair FROM related WHERE code = ?",
                [_PLACE_BITS, code],
            ).fetchnumpy()["pair"]
            pq.write_table(
                _lifelines(_distinct(np.asarray(pairs, dtype=np.int64)), events),
                folder / file,
                compression="zstd",
                row_group_size=_ROW_GROUP,
                use_dictionary=["activity", "next_activity", "unit", "resource", "next_unit"],
            )
            index["types"].append({"name": name, "file": file})
    (folder / INDEX).write_text(json.dumps(index, ensure_ascii=False), encoding="utf-8")


def _roles(snapshot: Path) -> Roles:
    file = snapshot / "ocel" / "log.json"
    told = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return Roles.from_dict(told.get("roles", {}))


def _names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute("SELECT name FROM activity ORDER BY code").fetchall()
    return [row[0] for row in rows]


@dataclass(frozen=True, slots=True)
class _Events:
    """Activity, instant, cumulative working time and actors by the event's row in its table.

    `unit` and `resource` are rows of objects, -1 for none; None where no event has one.
    """

    activity: NDArray[np.int16] | NDArray[np.int32]
    at_us: NDArray[np.int64]
    worked: NDArray[np.int64]
    unit: NDArray[np.int32] | None
    resource: NDArray[np.int32] | None

    @classmethod
    def read(cls, connection: duckdb.DuckDBPyConnection, config: Config, roles: Roles) -> _Events:
        """Take the columns out of the database and add the working time, block by block."""
        found = connection.execute("SELECT activity, at_us FROM event ORDER BY place").fetchnumpy()
        at_us = np.asarray(found["at_us"], dtype=np.int64)
        work = WorkTime.from_config(config)
        worked = np.empty_like(at_us)
        for begin in range(0, len(at_us), _BLOCK):
            block = slice(begin, begin + _BLOCK)
            worked[block] = work.business_us(at_us[block], 0)
        # Two bytes a code, but where somebody's event types are as many as the events.
        codes = np.asarray(found["activity"], dtype=np.int32)
        narrow = codes.max(initial=0) <= np.iinfo(np.int16).max
        return cls(
            codes.astype(np.int16) if narrow else codes,
            at_us,
            worked,
            _acting(connection, "unit", roles.unit, len(at_us)),
            _acting(connection, "resource", roles.resource, len(at_us)),
        )


def _acting(
    connection: duckdb.DuckDBPyConnection, part: str, types: tuple[str, ...], events: int
) -> NDArray[np.int32] | None:
    """Return the row of objects that acts in each event, the least id of several; -1 for none."""
    found = connection.execute(_ACTORS, [list(types)]).fetchnumpy()
    keys = np.asarray(found["key"], dtype=np.int32)
    if not len(keys):
        return None
    ranked = pa.table({"key": keys, "rank": np.arange(len(keys), dtype=np.int32)})
    connection.register("actor", ranked)
    acting = connection.execute(_ACTING.format(part=part)).fetchnumpy()
    connection.unregister("actor")
    who = np.full(events, -1, dtype=np.int32)
    who[np.asarray(acting["place"])] = keys[np.asarray(acting["rank"])]
    return who


def _distinct(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the pairs sorted, each once (an event may name an object under two qualifiers)."""
    ordered = np.sort(pairs)
    once: NDArray[np.int64] = ordered[np.diff(ordered, prepend=-1) != 0]
    return once


def _lifelines(pairs: NDArray[np.int64], events: _Events) -> pa.Table:
    """Return the lifelines of one type from its sorted pairs of object and event."""
    key = (pairs >> _PLACE_BITS).astype(np.int32)
    place = pairs & ((1 << _PLACE_BITS) - 1)
    last = np.diff(key, append=-1) != 0
    after = np.append(place[1:], 0)
    activity, at_us, worked = (
        column[place] for column in (events.activity, events.at_us, events.worked)
    )
    columns = (
        key,
        activity,
        at_us,
        worked,
        pa.array(events.activity[after], mask=last),
        pa.array(events.at_us[after] - at_us, mask=last),
        pa.array(events.worked[after] - worked, mask=last),
        _actors(events.unit, place),
        _actors(events.resource, place),
        _actors(events.unit, after, last),
    )
    arrays = [pa.array(column) for column in columns]
    schema = _SCHEMA
    for at in (_SCHEMA.get_field_index("activity"), _SCHEMA.get_field_index("next_activity")):
        schema = schema.set(at, schema.field(at).with_type(arrays[at].type))
    return pa.table(arrays, schema=schema)


def _actors(
    who: NDArray[np.int32] | None, place: NDArray[np.int64], none: NDArray[np.bool_] | None = None
) -> pa.Array:
    """Return who acts at each place, null where nobody does."""
    if who is None:
        return pa.nulls(len(place), pa.int32())
    found = who[place]
    return pa.array(found, mask=(found < 0) if none is None else (found < 0) | none)
