"""Lifelines: each object's events in order, with integer keys and stored successors.

Laid out for the questions that are asked again and again (performance spec, section 8):
the directly-follows relation of an object type, with times in hours and in working hours,
is one GROUP BY over columns that lie sorted. Ids stay outside, in the log's own tables.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from procmine.config.worktime import WorkTime
from procmine.ocel.roles import Roles
from procmine.store.relations import Relations, among

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from procmine.config.load import Config

__all__ = ["FOLDER", "INDEX", "write_lifelines"]

FOLDER = "lifelines"
INDEX = "index.json"
_ROW_GROUP = 122_880
_BLOCK = 8 * _ROW_GROUP
_AT_ONCE = 2
"""Object types that are laid out side by side."""
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


def write_lifelines(snapshot: Path, config: Config, relations: Relations | None = None) -> None:
    """Write the lifelines of every object type beside the log in folder `snapshot`.

    Each file holds, sorted by object and time: ``key`` (row of the object in its table),
    ``activity`` (code, see the index), ``at_us`` (UTC microseconds), ``bs`` (cumulative working
    microseconds of the default calendar), and of the object's next event ``next_activity``,
    ``dt``, ``dbs`` (null at the end). ``unit``, ``resource`` and ``next_unit`` are rows of
    objects too: who did the event and the next one as the log names them, the least id where
    there are several, null where there is none or no role says what a unit is. (Which unit a
    visit belongs to is for the facts: there some kinds of units are no hands.)

    Parameters
    ----------
    snapshot
        The folder; the log lies in it already.
    config
        Definitions: the working hours.
    relations
        The log's relations, where they have been read already.
    """
    folder = snapshot / FOLDER
    folder.mkdir(exist_ok=True)
    known = relations or Relations.of_folder(snapshot / "ocel")
    events = _Events.of(known, config, _roles(snapshot))
    lived = np.unique(known.type[np.flatnonzero(np.bincount(known.target))]).tolist()
    names = sorted(known.types[code] for code in lived)
    index: dict[str, Any] = {
        "activities": sorted(known.kinds),
        "types": [{"name": name, "file": f"{n:03d}.parquet"} for n, name in enumerate(names)],
    }

    def write(row: dict[str, str]) -> None:
        pairs = known.paired(known.type == known.types.index(row["name"]))
        _write(folder / row["file"], pairs, events)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(write, index["types"]))
    (folder / INDEX).write_text(json.dumps(index, ensure_ascii=False), encoding="utf-8")


def _roles(snapshot: Path) -> Roles:
    file = snapshot / "ocel" / "log.json"
    told = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return Roles.from_dict(told.get("roles", {}))


@dataclass(frozen=True, slots=True)
class _Events:
    """Activity, instant, cumulative working time and actors by the event's row.

    `unit` and `resource` are rows of objects, -1 for none; None where no event has one.
    """

    activity: NDArray[np.int16] | NDArray[np.int32]
    at_us: NDArray[np.int64]
    worked: NDArray[np.int64]
    unit: NDArray[np.int32] | None
    resource: NDArray[np.int32] | None

    @classmethod
    def of(cls, relations: Relations, config: Config, roles: Roles) -> _Events:
        """Take the log's events; activities are numbered by name."""
        work = WorkTime.from_config(config)
        worked = np.empty_like(relations.at)
        for begin in range(0, len(worked), _BLOCK):
            block = slice(begin, begin + _BLOCK)
            worked[block] = work.business_us(relations.at[block], 0)
        # Two bytes a code, but where somebody's event types are as many as the events.
        narrow = len(relations.kinds) <= np.iinfo(np.int16).max
        number = {name: code for code, name in enumerate(sorted(relations.kinds))}
        codes = np.array([number[name] for name in relations.kinds], dtype=np.int32)
        activity = codes[relations.kind]
        return cls(
            activity.astype(np.int16) if narrow else activity,
            relations.at,
            worked,
            _acting(relations, roles.unit, roles.done_in),
            _acting(relations, roles.resource, roles.done_by),
        )


def _acting(
    relations: Relations, types: tuple[str, ...], qualifier: str
) -> NDArray[np.int32] | None:
    """Return the row of objects that acts in each event, the least id of several; -1 for none."""
    keys = np.flatnonzero(among(relations.types, types)[relations.type]).astype(np.int32)
    if not len(keys):
        return None
    keys = keys[np.asarray(pc.sort_indices(relations.objects.take(pa.array(keys))))]
    rank = np.full(len(relations.objects), -1, dtype=np.int32)
    rank[keys] = np.arange(len(keys), dtype=np.int32)
    least = relations.least(rank, qualifier)
    return np.where(least >= 0, keys[least], -1).astype(np.int32)


def _write(file: Path, pairs: NDArray[np.int64], events: _Events) -> None:
    """Write the lifelines of one type from its sorted pairs of object and event."""
    schema = _SCHEMA
    for at in (_SCHEMA.get_field_index("activity"), _SCHEMA.get_field_index("next_activity")):
        kind = pa.from_numpy_dtype(events.activity.dtype)
        schema = schema.set(at, schema.field(at).with_type(kind))
    coded = ["activity", "next_activity", "unit", "resource", "next_unit"]
    with pq.ParquetWriter(file, schema, compression="zstd", use_dictionary=coded) as writer:
        for begin in range(0, len(pairs), _BLOCK):
            # One row more, for what follows the last of the block.
            columns = _lifelines(pairs[begin : begin + _BLOCK + 1], events)
            table = pa.table(columns, schema=schema).slice(0, min(_BLOCK, len(pairs) - begin))
            writer.write_table(table, row_group_size=_ROW_GROUP)


def _lifelines(pairs: NDArray[np.int64], events: _Events) -> list[pa.Array]:
    """Return the columns of the schema; the last row has nothing behind it."""
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
    return [pa.array(column) for column in columns]


def _actors(
    who: NDArray[np.int32] | None, place: NDArray[np.int64], none: NDArray[np.bool_] | None = None
) -> pa.Array:
    """Return who acts at each place, null where nobody does."""
    if who is None:
        return pa.nulls(len(place), pa.int32())
    found = who[place]
    return pa.array(found, mask=(found < 0) if none is None else (found < 0) | none)
