"""Keep the rows that are quarantined: where they stood, why, and such cells as parse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.exports.fates import FATES, PRECISION, QUARANTINED
from procmine.exports.merge import cell_names
from procmine.exports.sql import fill, literal, quoted_name
from procmine.store.engine import quoted
from procmine.text import t

if TYPE_CHECKING:
    from pathlib import Path

    from procmine.exports.profile import TableSpec
    from procmine.exports.settle import Settlement

__all__ = ["quarantine_places", "quarantine_rows", "write_quarantine"]

_PLACES = 5


def quarantine_rows(table: TableSpec, delivery: str) -> str:
    """Return a query for the table's quarantined rows of this delivery."""
    name = table.name
    places = " ".join(f"WHEN {i} THEN {literal(c.name)}" for i, c in enumerate(table.kept, start=1))
    codes = " ".join(f"WHEN {i} THEN {literal(code)}" for i, code in enumerate(FATES) if code)
    cells = ", ".join(
        f"{literal(n)}, {quoted_name(n)}" for n in cell_names(table) if not n.endswith(PRECISION)
    )
    return (
        f"SELECT {literal(delivery)} AS delivery, f.shown AS file, r._line AS line, "
        f'{literal(name)} AS "table", CASE r._fate {codes} END AS code, '
        f'CASE r._where {places} END AS "column", json_object({cells})::VARCHAR AS cells '
        f"FROM aside_{name} r JOIN files f ON f.number = r._file"
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
    fill(work.con, "strays", strays)
    cellless = (
        f'SELECT {literal(delivery)} AS delivery, f.shown AS file, s.line, s.tab AS "table", '
        's.code, NULL::VARCHAR AS "column", NULL::VARCHAR AS cells '
        "FROM strays s JOIN files f ON f.number = s.file"
    )
    parts = [cellless]
    parts += [quarantine_rows(work.profile.table(n), delivery) for n in work.aside]
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


def quarantine_places(work: Settlement) -> dict[str, list[tuple[str, int, str]]]:
    """Return by code the first places (file, line, column) of the rows just quarantined.

    The column is empty where the row as a whole is at fault.
    """
    rows = work.con.execute(
        "SELECT code, file, line, coalesce(\"column\", '') FROM quarantined "
        "QUALIFY row_number() OVER (PARTITION BY code ORDER BY file, line) <= "
        f"{_PLACES} ORDER BY code, file, line"
    ).fetchall()
    found: dict[str, list[tuple[str, int, str]]] = {}
    for code, file, line, column in rows:
        found.setdefault(code, []).append((file, line, column))
    return found
