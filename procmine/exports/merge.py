"""Merge a delivery's rows with the stored versions, and keep what was quarantined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.exports.fates import QUARANTINED
from procmine.exports.settle import Settlement, key_of, repairs
from procmine.exports.sql import literal, quoted_name
from procmine.exports.stage import FATES, PRECISION, staged_schema
from procmine.store.engine import quoted
from procmine.text import t

if TYPE_CHECKING:
    from pathlib import Path

    from procmine.exports.profile import TableSpec

__all__ = ["merge_table", "quarantine_rows", "write_quarantine"]

_STOPPED = FATES.index(QUARANTINED[0])


def _names(table: TableSpec) -> list[str]:
    return [n for n in staged_schema(table).names if not n.startswith("_")]


def merge_table(work: Settlement, table: TableSpec, target: Path, delivery: str) -> None:
    """Write all versions of a table's rows: those stored and those this delivery keeps.

    Leaves the view ``table_T`` over what was written; ``_current`` marks the versions
    that hold.
    """
    name = table.name
    columns = ", ".join(map(quoted_name, _names(table)))
    parts = []
    if name in work.staged:
        _new_rows(work, table)
        parts.append(
            f"SELECT _id, _content, {literal(delivery)} AS _delivery, f.shown AS _file, n._line, "
            f"make_timestamptz({work.cut}) AS _cut, true AS _current, n._repairs, {columns} "
            f"FROM new_{name} n JOIN files f ON n._file = f.number"
        )
    if name in work.stored:
        parts.append(_old_rows(work, table))
    work.con.execute(
        f"COPY ({' UNION ALL BY NAME '.join(parts)}) TO {quoted(target)} "
        "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 122880)"
    )
    target.chmod(0o600)
    work.con.execute(
        f"CREATE TEMP VIEW table_{name} AS SELECT *, file_row_number AS _row "
        f"FROM read_parquet({quoted(target)}, file_row_number = true)"
    )


def _new_rows(work: Settlement, table: TableSpec) -> None:
    name = table.name
    work.con.execute(
        f"CREATE TEMP VIEW new_{name} AS SELECT s.* EXCLUDE (_repairs, _fate, _where), "
        f"({repairs(work, table)})::INTEGER AS _repairs FROM staged_{name} s ANTI JOIN "
        f"(SELECT _file, _line FROM stopped WHERE tab = {literal(name)}) x "
        "ON s._file = x._file AND s._line = x._line"
    )


def _old_rows(work: Settlement, table: TableSpec) -> str:
    """Return the stored versions; those replaced or annulled no longer hold."""
    name = table.name
    held = set(_stored_columns(work, name))
    have = ", ".join(q for n in _names(table) if (q := quoted_name(n)) and n in held)
    if name not in work.staged:
        return f"SELECT * FROM stored_{name}"
    gone = f"SELECT _id FROM new_{name}"
    if table.key:
        gone += (
            f" UNION SELECT _id FROM stored_{name} WHERE _id NOT IN (SELECT _id FROM "
            f"staged_{name}) AND {key_of(table)} IN (SELECT {key_of(table)} FROM staged_{name})"
        )
    work.changed[name] = work.one(
        f"SELECT count(*) FROM stored_{name} WHERE _current AND _id IN ({gone})"
    )
    if table.rule is not None and table.id:
        ident, code = quoted_name(table.id), FATES.index(table.rule.code)
        annulled = (
            f"SELECT {ident} FROM raw_{name} WHERE _fate = {code} AND {ident} IS NOT NULL "
            f"AND {ident} NOT IN (SELECT _id FROM staged_{name})"
        )
        newer = f"epoch_us(_cut) <= {work.cut}"
        work.annulled[name] = work.one(
            f"SELECT count(*) FROM stored_{name} WHERE _current AND {newer} AND _id IN ({annulled})"
        )
        gone = f"{gone} UNION SELECT * FROM ({annulled}) WHERE true"
    return (
        f"SELECT _id, _content, _delivery, _file, _line, _cut, _current AND NOT "
        f"(_id IN ({gone}) AND epoch_us(_cut) <= {work.cut}) AS _current, _repairs, {have} "
        f"FROM stored_{name}"
    )


def _stored_columns(work: Settlement, name: str) -> list[str]:
    return [row[0] for row in work.con.execute(f"DESCRIBE stored_{name}").fetchall()]


def quarantine_rows(table: TableSpec, delivery: str) -> str:
    """Return a query for the table's quarantined rows of this delivery."""
    name = table.name
    places = " ".join(f"WHEN {i} THEN {literal(c.name)}" for i, c in enumerate(table.kept, start=1))
    codes = " ".join(f"WHEN {i} THEN {literal(code)}" for i, code in enumerate(FATES) if code)
    cells = ", ".join(
        f"{literal(n)}, {quoted_name(n)}" for n in _names(table) if not n.endswith(PRECISION)
    )
    return (
        f"SELECT {literal(delivery)} AS delivery, f.shown AS file, r._line AS line, "
        f'{literal(name)} AS "table", CASE q.fate {codes} END AS code, '
        f'CASE q.place {places} END AS "column", json_object({cells})::VARCHAR AS cells '
        f"FROM raw_{name} r JOIN (SELECT _file, _line, _fate AS fate, _where AS place "
        f"FROM raw_{name} WHERE _fate >= {_STOPPED} UNION ALL SELECT _file, _line, fate, place "
        f"FROM stopped WHERE tab = {literal(name)} AND fate >= {_STOPPED}) q "
        "ON r._file = q._file AND r._line = q._line JOIN files f ON f.number = r._file"
    )


def write_quarantine(
    work: Settlement, delivery: str, strays: list[tuple[int, str, int, str]], stored: Path | None,
    target: Path,
) -> int:  # fmt: skip
    """Write all quarantined rows, this delivery's and the stored ones; return the new ones.

    `strays` are rows without cells: (file, table, line, code). Rows that an earlier
    delivery quarantined likewise (same table, code, line and cells) are not repeated.
    """
    work.con.execute("CREATE TEMP TABLE strays (file INTEGER, tab VARCHAR, line BIGINT, "
                     "code VARCHAR)")  # fmt: skip
    if strays:
        work.con.executemany("INSERT INTO strays VALUES (?, ?, ?, ?)", strays)
    cellless = (
        f'SELECT {literal(delivery)} AS delivery, f.shown AS file, s.line, s.tab AS "table", '
        's.code, NULL::VARCHAR AS "column", NULL::VARCHAR AS cells '
        "FROM strays s JOIN files f ON f.number = s.file"
    )
    parts = [cellless]
    parts += [quarantine_rows(work.profile.table(n), delivery) for n in work.staged]
    said = " ".join(f"WHEN {literal(c)} THEN {literal(t(f'fate.{c}'))}" for c in QUARANTINED)
    work.con.execute(
        f"CREATE TEMP TABLE quarantined AS SELECT *, CASE code {said} END AS sentence "
        f"FROM ({' UNION ALL '.join(parts)})"
    )
    old = f"read_parquet({quoted(stored)})" if stored is not None and stored.exists() else None
    if old:
        work.con.execute(
            f"DELETE FROM quarantined q WHERE EXISTS (SELECT 1 FROM {old} o WHERE "
            'o."table" = q."table" AND o.code = q.code AND o.line = q.line AND o.file = q.file '
            "AND o.cells IS NOT DISTINCT FROM q.cells)"
        )
    union = f"SELECT * FROM {old} UNION ALL BY NAME " if old else ""
    work.con.execute(
        f"COPY ({union}SELECT * FROM quarantined ORDER BY file, line) TO {quoted(target)} "
        "(FORMAT parquet, COMPRESSION zstd)"
    )
    target.chmod(0o600)
    return work.one("SELECT count(*) FROM quarantined")
