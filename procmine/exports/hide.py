"""Pseudonymise a whole kind of id once any of its values is shaped like a CPR number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path

    from procmine.exports.cells import Context
    from procmine.exports.profile import ColumnSpec, Profile, TableSpec

__all__ = ["hide_domains"]

_HIDDEN = "^[ghjkmnpqrsabcdef]{24}$"


def hide_domains(
    profile: Profile,
    staged: dict[str, list[Path]],
    stored: dict[str, Path],
    context: Context,
    staging: Path,
) -> set[str]:
    """Rewrite staged and stored rows so that ids of the domains in `context.shaped` are hidden.

    Stored tables are copied to `staging`; `stored` then names the copies. Returns the
    names of the tables rewritten.
    """
    rewritten: set[str] = set()
    for table in profile.tables:
        columns = _columns(table, context)
        if not columns:
            continue
        for path in staged.get(table.name, ()):
            _rewrite(path, path, table, columns, context)
        if table.name in stored:
            target = staging / f"stored-{table.name}.parquet"
            _rewrite(stored[table.name], target, table, columns, context)
            stored[table.name] = target
            rewritten.add(table.name)
    return rewritten


def _columns(table: TableSpec, context: Context) -> list[ColumnSpec]:
    kinds = ("id", "ref", "event")
    return [c for c in table.kept if c.kind in kinds and (c.to or c.name) in context.shaped]


def _rewrite(
    source: Path, target: Path, table: TableSpec, columns: list[ColumnSpec], context: Context
) -> None:
    file = pq.ParquetFile(source)
    names = file.schema_arrow.names
    part = target.with_suffix(".part")
    with pq.ParquetWriter(part, file.schema_arrow, compression="lz4") as writer:
        for batch in file.iter_batches():
            rows = pa.Table.from_batches([batch])
            for spec in columns:
                for name in (spec.name, *(("_id",) if spec.name == table.id else ())):
                    if name in names:
                        place = names.index(name)
                        hidden = _hide(rows[name].combine_chunks(), spec, context)
                        rows = rows.set_column(place, file.schema_arrow.field(place), hidden)
            writer.write_table(rows)
    part.chmod(0o600)
    part.replace(target)


def _hide(cells: pa.Array, spec: ColumnSpec, context: Context) -> pa.Array:
    if isinstance(cells, pa.ChunkedArray):
        cells = pa.concat_arrays(cells.chunks) if cells.num_chunks else pa.array([], pa.string())
    coded = cells.dictionary_encode()
    done = pc.match_substring_regex(coded.dictionary, _HIDDEN).to_pylist()
    domain = spec.to or spec.name
    names = [
        text if hidden else context.key.pseudonym("id", f"{domain}\0{text}")
        for text, hidden in zip(coded.dictionary.to_pylist(), done, strict=True)
    ]
    return pa.array(names, pa.string()).take(coded.indices)
