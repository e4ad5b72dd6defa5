"""Tables that a snapshot keeps beside its log: benefits, facts, control figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.exports.sql import object_of, quoted_name
from procmine.store.engine import quoted

if TYPE_CHECKING:
    from pathlib import Path

    from procmine.exports.settle import Settlement

__all__ = ["write_side"]


def write_side(work: Settlement, folder: Path) -> None:
    """Write each side table that delivery or store holds, under its own column names."""
    for table in work.profile.tables:
        if table.side is None or not work.has(table.name):
            continue
        folder.mkdir(exist_ok=True)
        columns = []
        for name, source in table.side.columns.items():
            spec = table.column(source)
            value = object_of(spec) if spec.is_object else quoted_name(source)
            columns.append(f"{value} AS {quoted_name(name)}")
        target = folder / f"{table.side.name}.parquet"
        work.con.execute(
            f"COPY (SELECT {', '.join(columns)}, _delivery AS delivery, _file AS file, "
            f"_line AS line FROM current_{table.name} ORDER BY _id) TO {quoted(target)} "
            "(FORMAT parquet, COMPRESSION zstd)"
        )
        target.chmod(0o600)
