"""Erase a person, or cases past their retention, from a snapshot's folder; search for what is left.

What hangs on a person is found in the log: every object from which links lead to the
citizen, and every event that relates to one of those. A tombstone, a keyed code, stays
behind, so that a later load of the same rows leaves them out (exports spec, section 4).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from procmine.exports.sql import literal, quoted_name
from procmine.store.engine import connect, quoted
from procmine.tables.digests import in_letters

if TYPE_CHECKING:
    import duckdb

__all__ = ["Erased", "erase_before", "erase_person", "holdings", "tombstone"]

_STAMP = r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d+)?\+00"
"""A stamp as a quarantined row's cells hold it; the latest of them is the greatest text."""
_LOG = ("events", "objects", "e2o", "o2o", "object_changes")


@dataclass(slots=True)
class Erased:
    """Rows taken out, by file; objects and events that are gone; what is still found."""

    rows: dict[str, int] = field(default_factory=dict)
    objects: int = 0
    events: int = 0
    left: dict[str, int] = field(default_factory=dict)


def tombstone(object_id: str, fingerprint: str) -> str:
    """Return the code by which an erased object is known again, in letters only.

    Examples
    --------
    >>> tombstone("a:1", "k") == tombstone("a:1", "k") != tombstone("a:1", "other")
    True
    """
    digest = hashlib.blake2b(object_id.encode(), digest_size=12, key=fingerprint.encode())
    return in_letters(digest.hexdigest())


def holdings(folder: Path, object_id: str) -> dict[str, int]:
    """Return how many rows of each Parquet file below `folder` name an object.

    Parameters
    ----------
    folder
        A snapshot's folder, or a store's.
    object_id
        The object's id, e.g. a citizen's with its pseudonym.
    """
    con = connect()
    try:
        found = {}
        for path in sorted(folder.rglob("*.parquet")):
            count = _naming(con, path, [object_id, object_id.partition(":")[2]])
            if count:
                found[path.relative_to(folder).as_posix()] = count
        return found
    finally:
        con.close()


def erase_person(folder: Path, object_id: str) -> Erased:
    """Erase a citizen and all that hangs on the citizen from a snapshot's folder.

    Fact tables and aggregates are left to be made anew by the caller; `left` names the
    files outside them that still hold the person, empty where all went well.

    Raises
    ------
    OSError
        A file cannot be rewritten; those rewritten before it stay so.
    """
    return _erase(folder, f"SELECT {literal(object_id)} AS object_id", object_id)


def erase_before(
    folder: Path,
    day: str,
    folder_types: tuple[str, ...],
    citizen_of: str,
    citizen_types: tuple[str, ...] = (),
) -> Erased:
    """Erase the case files whose last event lies before a day, and citizens left with none.

    A case file without events goes by the latest stamp among its attributes; a citizen
    without a case file, or with none that stays, by the last of their own events; a
    quarantined row by the latest stamp in its cells, or the cut of the delivery it came in.

    Parameters
    ----------
    folder
        A snapshot's folder.
    day
        ISO date, in Danish local time.
    folder_types, citizen_of, citizen_types
        The log's roles: types of case files, the link from these to a citizen, and the
        types of citizens.
    """
    limit = f"({literal(day)}::TIMESTAMP AT TIME ZONE 'Europe/Copenhagen')"
    ocel = folder / "ocel"
    last = (
        "SELECT r.object_id, max(e.time) AS last FROM "
        f"{quoted(ocel / 'e2o.parquet')} r JOIN {quoted(ocel / 'events.parquet')} e "
        "ON e.event_id = r.event_id GROUP BY 1"
    )
    objects = quoted(ocel / "objects.parquet")
    old = (
        f"SELECT o.object_id FROM {objects} o LEFT JOIN last l USING (object_id) "
        f"WHERE o.object_type IN ({_listed(folder_types)}) "
        f"AND coalesce(l.last, {_latest_attribute(ocel)}) < {limit}"
    )
    links = f"{quoted(ocel / 'o2o.parquet')} WHERE qualifier = {literal(citizen_of)}"
    kept = f"SELECT target_id FROM {links} AND source_id NOT IN (SELECT object_id FROM old)"
    alone = (
        f"SELECT o.object_id FROM {objects} o LEFT JOIN last l USING (object_id) WHERE "
        f"(o.object_type IN ({_listed(citizen_types)}) AND l.last IS NOT NULL OR "
        f"o.object_id IN (SELECT target_id FROM {links})) AND o.object_id NOT IN ({kept}) "
        f"AND coalesce(l.last < {limit}, true)"
    )
    start = f"WITH last AS ({last}), old AS ({old}) SELECT object_id FROM old UNION {alone}"
    return _erase(folder, start, "", limit)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(literal, names)) or "''"


def _latest_attribute(ocel: Path) -> str:
    """Return an expression for the latest stamp among an object's attributes, as SQL."""
    fields = pq.read_schema(ocel / "objects.parquet")
    stamps = [f"o.{quoted_name(f.name)}" for f in fields if pa.types.is_timestamp(f.type)]
    return f"greatest({', '.join(stamps)})" if stamps else "NULL"


def _erase(folder: Path, start: str, person: str, limit: str = "") -> Erased:
    meta_path = folder / "tables" / "meta.json"
    meta: dict[str, Any] = json.loads(meta_path.read_text(encoding="utf-8"))
    con = connect()
    try:
        _belongings(con, folder, meta if person else {})
        _find(con, folder / "ocel", start)
        _find_aside(con, folder, meta)
        erased = Erased(
            objects=_one(con, "SELECT count(*) FROM gone"),
            events=_one(con, "SELECT count(*) FROM gone_events"),
        )
        late = _late(meta, limit) if limit else "false"
        rewrites = [*_tables(folder, meta), *_log(folder), *_aside(con, folder, late)]
        for path, condition in rewrites:
            removed = _rewrite(con, path, condition)
            if removed:
                erased.rows[path.relative_to(folder).as_posix()] = removed
        _bury(con, meta)
        meta_path.write_text(json.dumps(meta, ensure_ascii=False, indent=1) + "\n", "utf-8")
        found = _still_named(con, folder)
    finally:
        con.close()
    if person:
        found |= holdings(folder, person)
    erased.left = {name: n for name, n in found.items() if not name.startswith("facts/")}
    return erased


def _still_named(con: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, int]:
    """Search every file for the ids of what is gone; return how many rows name one, by file."""
    found = {}
    for path in sorted(folder.rglob("*.parquet")):
        columns = con.execute(f"DESCRIBE SELECT * FROM {quoted(path)}").fetchall()
        tests = [
            f"{quoted_name(name)} IN (SELECT object_id FROM gone)"
            for name, kind, *_ in columns
            if kind == "VARCHAR"
        ]
        where = " OR ".join(tests) or "false"
        count = _one(con, f"SELECT count(*) FROM {quoted(path)} WHERE {where}")
        if count:
            found[path.relative_to(folder).as_posix()] = count
    return found


def _belongings(con: duckdb.DuckDBPyConnection, folder: Path, meta: dict[str, Any]) -> None:
    """Make ``belongs``: objects that stand in rows with one citizen only, and no link says so."""
    con.execute("CREATE TEMP TABLE belongs (source_id VARCHAR, target_id VARCHAR)")
    for table, columns in meta.get("object_columns", {}).items():
        path = folder / "tables" / f"{table}.parquet"
        citizens = [quoted_name(name) for name, prefix in columns.items() if not prefix]
        named = [(quoted_name(name), prefix) for name, prefix in columns.items() if prefix]
        if path.exists():
            for citizen in citizens:
                for name, prefix in named:
                    con.execute(
                        f"INSERT INTO belongs SELECT DISTINCT {literal(prefix)} || {name}, "
                        f"{citizen} FROM {quoted(path)} WHERE _current AND {name} IS NOT NULL "
                        f"AND {citizen} IS NOT NULL"
                    )
    con.execute(
        "DELETE FROM belongs WHERE source_id IN (SELECT source_id FROM belongs GROUP BY 1 "
        "HAVING count(DISTINCT target_id) > 1)"
    )


def _find_aside(con: duckdb.DuckDBPyConnection, folder: Path, meta: dict[str, Any]) -> None:
    """Make ``gone_aside``: what is gone, and what hangs on it by quarantined rows alone.

    An object that the log holds is none of these, nor one that another citizen stands with.
    """
    con.execute("CREATE TEMP TABLE gone_aside AS SELECT DISTINCT object_id FROM gone")
    con.execute("CREATE TEMP TABLE named_aside (row BIGINT, object_id VARCHAR, own BOOLEAN, "
                "citizen BOOLEAN)")  # fmt: skip
    path = folder / "quarantine.parquet"
    if not path.exists():
        return
    for table, columns in meta.get("object_columns", {}).items():
        for name, prefix in columns.items():
            own = str(name == meta.get("ids", {}).get(table)).lower()
            con.execute(
                "INSERT INTO named_aside SELECT file_row_number, "
                f"{literal(prefix)} || {_cell(name)}, {own}, {str(not prefix).lower()} "
                f"FROM read_parquet({quoted(path)}, file_row_number = true) "
                f'WHERE "table" = {literal(table)} AND {_cell(name)} IS NOT NULL'
            )
    others = (
        f"SELECT object_id FROM {quoted(folder / 'ocel' / 'objects.parquet')} UNION "
        "SELECT o.object_id FROM named_aside o JOIN named_aside c USING (row) WHERE c.citizen "
        "AND c.object_id NOT IN (SELECT object_id FROM gone)"
    )
    con.execute(
        "INSERT INTO gone_aside WITH RECURSIVE g AS (SELECT object_id FROM gone_aside UNION "
        "SELECT o.object_id FROM g JOIN named_aside n USING (object_id) "
        "JOIN named_aside o ON o.row = n.row WHERE o.own "
        f"AND o.object_id NOT IN ({others})) "
        "SELECT object_id FROM g WHERE object_id NOT IN (SELECT object_id FROM gone_aside)"
    )


def _cell(name: str) -> str:
    """Return a quarantined row's cell of that name, as SQL."""
    place = "/" + name.replace("~", "~0").replace("/", "~1")
    return f"json_extract_string(cells, {literal(place)})"


def _find(con: duckdb.DuckDBPyConnection, ocel: Path, start: str) -> None:
    """Make ``gone`` (objects from which links lead to the start) and ``gone_events``."""
    links = quoted(ocel / "o2o.parquet")
    con.execute(
        f"CREATE TEMP TABLE gone AS WITH RECURSIVE g AS ({start} UNION SELECT l.source_id "
        f"FROM (SELECT source_id, target_id FROM {links} UNION ALL FROM belongs) l "
        "JOIN g ON l.target_id = g.object_id) SELECT DISTINCT g.object_id, "
        f"o.number FROM g LEFT JOIN {quoted(ocel / 'objects.parquet')} o "
        "ON o.object_id = g.object_id"
    )
    con.execute(
        f"CREATE TEMP TABLE gone_events AS SELECT DISTINCT event_id FROM "
        f"{quoted(ocel / 'e2o.parquet')} r JOIN gone g ON g.object_id = r.object_id"
    )


def _log(folder: Path) -> list[tuple[Path, str]]:
    gone = "(SELECT object_id FROM gone)"
    events = "event_id IN (SELECT event_id FROM gone_events)"
    conditions = {
        "events": events,
        "e2o": events,
        "objects": f"object_id IN {gone}",
        "object_changes": f"object_id IN {gone}",
        "o2o": f"source_id IN {gone} OR target_id IN {gone}",
    }
    return [(folder / "ocel" / f"{name}.parquet", conditions[name]) for name in _LOG]


def _tables(folder: Path, meta: dict[str, Any]) -> list[tuple[Path, str]]:
    """Return the checked tables with the condition for rows that name what is gone."""
    found = []
    for table, columns in meta.get("object_columns", {}).items():
        path = folder / "tables" / f"{table}.parquet"
        tests = [
            f"({literal(prefix)} || {quoted_name(name)}) IN (SELECT object_id FROM gone)"
            for name, prefix in columns.items()
        ]
        if path.exists() and tests:
            found.append((path, " OR ".join(tests)))
    return found


def _late(meta: dict[str, Any], limit: str) -> str:
    """Return the test of quarantined rows whose time lies before a limit, as SQL."""
    cuts = " ".join(
        f"WHEN {literal(d['name'])} THEN {literal(d['cut'])}::TIMESTAMPTZ"
        for d in meta.get("deliveries", ())
    )
    cut = f"CASE delivery {cuts} END" if cuts else "NULL"
    stamps = f"list_max(regexp_extract_all(cells, {literal(_STAMP)}))::TIMESTAMPTZ"
    return f"coalesce({stamps}, {cut}) < {limit}"


def _aside(con: duckdb.DuckDBPyConnection, folder: Path, late: str) -> list[tuple[Path, str]]:
    """Return side tables and quarantine: rows that name a person or a number that is gone."""
    found = []
    for path in sorted((folder / "side").glob("*.parquet")):
        names = [r[0] for r in con.execute(f"DESCRIBE SELECT * FROM {quoted(path)}").fetchall()]
        if "citizen_id" in names:
            found.append((path, "citizen_id IN (SELECT object_id FROM gone)"))
    quarantine = folder / "quarantine.parquet"
    if quarantine.exists():
        named = "to_json(coalesce(g.number, g.object_id))::VARCHAR"
        test = f"EXISTS (SELECT 1 FROM gone g WHERE contains(cells, {named}))"
        rows = "SELECT row FROM named_aside WHERE object_id IN (SELECT object_id FROM gone_aside)"
        held = f"cells IS NOT NULL AND ({test} OR file_row_number IN ({rows}))"
        condition = f"({held}) OR ({late})"
        found.append((quarantine, condition))
    return found


def _rewrite(con: duckdb.DuckDBPyConnection, path: Path, condition: str) -> int:
    rows = f"read_parquet({quoted(path)}, file_row_number = true)"
    count = _one(con, f"SELECT count(*) FROM {rows} WHERE coalesce({condition}, false)")
    if count:
        part = path.with_suffix(".part")
        con.execute(
            f"COPY (SELECT * EXCLUDE (file_row_number) FROM {rows} "
            f"WHERE NOT coalesce({condition}, false)) "
            f"TO {quoted(part)} (FORMAT parquet, COMPRESSION zstd)"
        )
        part.chmod(0o600)
        part.replace(path)
    return count


def _bury(con: duckdb.DuckDBPyConnection, meta: dict[str, Any]) -> None:
    """Keep a tombstone of each object that is gone."""
    ids = [row[0] for row in con.execute("SELECT object_id FROM gone_aside").fetchall()]
    stones = {*meta.get("tombstones", ()), *(tombstone(i, meta["key"]) for i in ids)}
    meta["tombstones"] = sorted(stones)


def _naming(con: duckdb.DuckDBPyConnection, path: Path, words: list[str]) -> int:
    columns = con.execute(f"DESCRIBE SELECT * FROM {quoted(path)}").fetchall()
    tests = [
        f"contains({quoted_name(name)}::VARCHAR, {literal(word)})"
        for name, kind, *_ in columns
        for word in words
        if kind.startswith("VARCHAR")
    ]
    if not tests:
        return 0
    return _one(con, f"SELECT count(*) FROM {quoted(path)} WHERE {' OR '.join(tests)}")


def _one(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return int(row[0] or 0) if row else 0
