"""Lifelines: each object's events in order, with integer keys and stored successors.

Laid out for the questions that are asked again and again (performance spec, section 8):
the directly-follows relation of an object type, with times in hours and in working hours,
is one GROUP BY over columns that lie sorted. Ids stay outside, in the log's own tables.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from procmine.config.worktime import WorkTime
from procmine.store.engine import connect, quoted

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

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
SELECT (row_number() OVER (ORDER BY name) - 1)::SMALLINT AS code, name
FROM (SELECT DISTINCT event_type::VARCHAR AS name FROM read_parquet({events}))
"""
_OBJECTS = """
CREATE TEMP TABLE object AS
SELECT file_row_number::INTEGER AS key, object_id, object_type::VARCHAR AS type
FROM read_parquet({objects}, file_row_number = true)
"""
_RELATED = """
CREATE TEMP TABLE related AS
SELECT DISTINCT o.type, o.key, e.place
FROM read_parquet({e2o}) AS r
JOIN object AS o ON o.object_id = r.object_id
JOIN event AS e ON e.event_id = r.event_id
"""
_LIFELINE = """
COPY (
    SELECT r.key, e.activity, e.at_us, w.bs,
           lead(e.activity) OVER life AS next_activity,
           lead(e.at_us) OVER life - e.at_us AS dt, lead(w.bs) OVER life - w.bs AS dbs
    FROM related AS r JOIN event AS e USING (place) JOIN worked AS w USING (place)
    WHERE r.type = {type}
    WINDOW life AS (PARTITION BY r.key ORDER BY r.place)
    ORDER BY r.key, r.place
) TO {file} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {rows})
"""


def write_lifelines(snapshot: Path, config: Config) -> None:
    """Write the lifelines of every object type beside the log in folder `snapshot`.

    Each file holds, sorted by object and time: ``key`` (row of the object in its table),
    ``activity`` (code, see the index), ``at_us`` (UTC microseconds), ``bs`` (cumulative working
    microseconds of the default calendar), and of the object's next event ``next_activity``,
    ``dt``, ``dbs`` (null at the end).
    """
    folder = snapshot / FOLDER
    folder.mkdir(exist_ok=True)
    files = {name: quoted(snapshot / "ocel" / f"{name}.parquet") for name in
             ("events", "objects", "e2o")}  # fmt: skip
    with connect() as connection:
        for statement in (_ACTIVITIES, _EVENTS, _OBJECTS):
            connection.execute(statement.format(**files))
        _worked(connection, config)
        connection.execute(_RELATED.format(**files))
        types = connection.execute("SELECT DISTINCT type FROM related ORDER BY type").fetchall()
        index: dict[str, Any] = {"activities": _names(connection), "types": []}
        for number, (name,) in enumerate(types):
            file = f"{number:03d}.parquet"
            literal = "'" + name.replace("'", "''") + "'"
            target = quoted(folder / file)
            connection.execute(_LIFELINE.format(type=literal, file=target, rows=_ROW_GROUP))
            index["types"].append({"name": name, "file": file})
    (folder / INDEX).write_text(json.dumps(index, ensure_ascii=False), encoding="utf-8")


def _names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute("SELECT name FROM activity ORDER BY code").fetchall()
    return [row[0] for row in rows]


def _worked(connection: duckdb.DuckDBPyConnection, config: Config) -> None:
    """Add the cumulative working time of each event, block by block."""
    work = WorkTime.from_config(config)
    connection.execute("CREATE TEMP TABLE worked (place INTEGER, bs BIGINT)")
    ((last,),) = connection.execute("SELECT coalesce(max(place), -1) FROM event").fetchall()
    for begin in range(0, last + 1, _BLOCK):
        block = connection.sql(
            "SELECT place, at_us FROM event WHERE place >= ? AND place < ?",
            params=[begin, begin + _BLOCK],
        ).to_arrow_table()
        worked = work.business_us(block["at_us"].to_numpy(), 0)
        connection.register("block", pa.table({"place": block["place"], "bs": pa.array(worked)}))
        connection.execute("INSERT INTO worked SELECT place, bs FROM block")
        connection.unregister("block")
