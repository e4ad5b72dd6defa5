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

from procmine.exports.sql import literal, quoted_name
from procmine.store.engine import connect, quoted
from procmine.tables.digests import in_letters

if TYPE_CHECKING:
    import duckdb

__all__ = ["Erased", "erase_before", "erase_person", "holdings", "tombstone"]

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


def erase_before(folder: Path, day: str, folder_types: tuple[str, ...], citizen_of: str) -> Erased:
    """Erase the case files whose last event lies before a day, and citizens left with none.

    Parameters
    ----------
    folder
        A snapshot's folder.
    day
        ISO date, in Danish local time.
    folder_types, citizen_of
        The log's roles: types of case files, and the link from these to a citizen.
    """
    types = ", ".join(map(literal, folder_types)) or "''"
    ocel = folder / "ocel"
    limit = f"({literal(day)}::TIMESTAMP AT TIME ZONE 'Europe/Copenhagen')"
    old = (
        f"SELECT o.object_id FROM {quoted(ocel / 'objects.parquet')} o "
        f"JOIN {quoted(ocel / 'e2o.parquet')} r ON r.object_id = o.object_id "
        f"JOIN {quoted(ocel / 'events.parquet')} e ON e.event_id = r.event_id "
        f"WHERE o.object_type IN ({types}) GROUP BY 1 HAVING max(e.time) < {limit}"
    )
    links = quoted(ocel / "o2o.parquet")
    alone = (
        f"SELECT target_id FROM {links} WHERE qualifier = {literal(citizen_of)} GROUP BY 1 "
        "HAVING bool_and(source_id IN (SELECT object_id FROM old))"
    )
    return _erase(folder, f"WITH old AS ({old}) SELECT object_id FROM old UNION {alone}", "")


def _erase(folder: Path, start: str, person: str) -> Erased:
    meta_path = folder / "tables" / "meta.json"
    meta: dict[str, Any] = json.loads(meta_path.read_text(encoding="utf-8"))
    con = connect()
    try:
        _find(con, folder / "ocel", start)
        erased = Erased(
            objects=_one(con, "SELECT count(*) FROM gone"),
            events=_one(con, "SELECT count(*) FROM gone_events"),
        )
        rewrites = [*_tables(folder, meta), *_log(folder), *_aside(con, folder)]
        for path, condition in rewrites:
            removed = _rewrite(con, path, condition)
            if removed:
                erased.rows[path.relative_to(folder).as_posix()] = removed
        _bury(con, meta)
        meta_path.write_text(json.dumps(meta, ensure_ascii=False, indent=1) + "\n", "utf-8")
    finally:
        con.close()
    if person:
        found = holdings(folder, person)
        erased.left = {name: n for name, n in found.items() if not name.startswith("facts/")}
    return erased


def _find(con: duckdb.DuckDBPyConnection, ocel: Path, start: str) -> None:
    """Make ``gone`` (objects from which links lead to the start) and ``gone_events``."""
    links = quoted(ocel / "o2o.parquet")
    con.execute(
        f"CREATE TEMP TABLE gone AS WITH RECURSIVE g AS ({start} UNION SELECT l.source_id "
        f"FROM {links} l JOIN g ON l.target_id = g.object_id) SELECT DISTINCT g.object_id, "
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


def _aside(con: duckdb.DuckDBPyConnection, folder: Path) -> list[tuple[Path, str]]:
    """Return side tables and quarantine: rows that name a person or a number that is gone."""
    found = []
    for path in sorted((folder / "side").glob("*.parquet")):
        names = [r[0] for r in con.execute(f"DESCRIBE SELECT * FROM {quoted(path)}").fetchall()]
        if "citizen_id" in names:
            found.append((path, "citizen_id IN (SELECT object_id FROM gone)"))
    quarantine = folder / "quarantine.parquet"
    if quarantine.exists():
        named = "'\"' || coalesce(g.number, g.object_id) || '\"'"
        test = f"EXISTS (SELECT 1 FROM gone g WHERE contains(cells, {named}))"
        found.append((quarantine, f"cells IS NOT NULL AND {test}"))
    return found


def _rewrite(con: duckdb.DuckDBPyConnection, path: Path, condition: str) -> int:
    count = _one(con, f"SELECT count(*) FROM {quoted(path)} WHERE coalesce({condition}, false)")
    if count:
        part = path.with_suffix(".part")
        con.execute(
            f"COPY (SELECT * FROM {quoted(path)} WHERE NOT coalesce({condition}, false)) "
            f"TO {quoted(part)} (FORMAT parquet, COMPRESSION zstd)"
        )
        part.chmod(0o600)
        part.replace(path)
    return count


def _bury(con: duckdb.DuckDBPyConnection, meta: dict[str, Any]) -> None:
    """Keep a tombstone of each object that is gone."""
    ids = [row[0] for row in con.execute("SELECT object_id FROM gone").fetchall()]
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
