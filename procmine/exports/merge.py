"""Merge a delivery's rows with the stored versions, and keep what was quarantined.

Rows are copied as columns, those that recur as the dictionaries they are; what has to be the
same in every load (the hash of a row's content) is asked of the engine.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from procmine.exports.ahead import ahead
from procmine.exports.fates import FATES, QUARANTINED, REPAIRS, repair_bit
from procmine.exports.settle import Settlement, annulled, ident_of, key_of, left, repairs
from procmine.exports.sql import content, literal, quoted_name
from procmine.exports.stage import CODED, staged_schema
from procmine.exports.texts import compact
from procmine.store.engine import quoted

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from procmine.exports.profile import TableSpec

__all__ = ["Tally", "cell_names", "merge_table"]

_STOPPED = FATES.index(QUARANTINED[0])
_GROUP = 122_880
_WORDS = pa.dictionary(pa.int32(), pa.string())
_SQL = {
    pa.string(): "VARCHAR", _WORDS: "VARCHAR", pa.float64(): "DOUBLE", pa.int64(): "BIGINT",
    pa.int32(): "INTEGER", pa.uint8(): "UTINYINT", pa.bool_(): "BOOLEAN",
    pa.uint64(): "UBIGINT", pa.timestamp("us", tz="UTC"): "TIMESTAMPTZ",
}  # fmt: skip
Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.int8]


@dataclass(slots=True)
class Tally:
    """What became of the rows of one file: how many have each fate, and each repair."""

    fates: Counter[str] = field(default_factory=Counter)
    repairs: Counter[str] = field(default_factory=Counter)


def cell_names(table: TableSpec) -> list[str]:
    """Return the columns of a table's cells, those of the precisions of times included."""
    return [n for n in staged_schema(table).names if not n.startswith("_")]


def _schema(table: TableSpec) -> pa.Schema:
    """Return the schema of a table's versions as they are written."""
    coded = {spec.name for spec in table.kept if spec.kind in CODED}
    own = [
        pa.field("_id", pa.string()), pa.field("_content", pa.uint64()),
        pa.field("_delivery", _WORDS, nullable=False), pa.field("_file", _WORDS, nullable=False),
        pa.field("_line", pa.int64()),
        pa.field("_cut", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("_current", pa.bool_(), nullable=False),
        pa.field("_seen", pa.timestamp("us", tz="UTC")),
        pa.field("_until", pa.timestamp("us", tz="UTC")), pa.field("_repairs", pa.int32()),
    ]  # fmt: skip
    cells = [
        cell.with_type(_WORDS) if cell.name in coded else cell
        for cell in staged_schema(table) if not cell.name.startswith("_")
    ]  # fmt: skip
    return pa.schema([*own, *cells])


def merge_table(
    work: Settlement, table: TableSpec, target: Path, delivery: str
) -> dict[int, Tally]:
    """Write all versions of a table's rows: those this delivery keeps and those stored.

    Leaves the view ``table_T`` over what was written, where ``_current`` marks the versions
    that hold, and ``aside_T`` over the rows to quarantine. Returns what became of the rows
    of each file of the delivery, by the file's number.
    """
    name = table.name
    tallies: dict[int, Tally] = {}
    if name in work.staged:
        _write(work, table, target, delivery, tallies)
    else:
        work.con.execute(
            f"COPY (SELECT * EXCLUDE (_last) FROM stored_{name}) TO {quoted(target)} "
            "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 122880)"
        )
    target.chmod(0o600)
    work.merged[name] = target
    work.con.execute(
        f"CREATE TEMP VIEW table_{name} AS SELECT *, file_row_number AS _row "
        f"FROM read_parquet({quoted(target)}, file_row_number = true)"
    )
    return tallies


def _write(
    work: Settlement, table: TableSpec, target: Path, delivery: str, tallies: dict[int, Tally]
) -> None:
    """Write the new rows in the order of the files, then the stored ones."""
    schema = _schema(table)
    coded = [cell.name for cell in schema if cell.type == _WORDS]
    aside = work.staged[table.name][0].with_name(f"aside-{table.name}.parquet")
    with (
        pq.ParquetWriter(
            target, schema, compression="zstd", compression_level=1, store_schema=False,
            use_dictionary=coded, write_statistics=False,
        ) as writer,
        _Aside(aside) as quarantined,
        closing(ahead(_versions(work, table, delivery, schema, tallies, quarantined))) as versions,
    ):  # fmt: skip
        for rows in versions:
            writer.write_table(rows)
    pa.default_memory_pool().release_unused()
    if quarantined.rows:
        work.aside.append(table.name)
        work.con.execute(
            f"CREATE TEMP VIEW aside_{table.name} AS SELECT * FROM read_parquet({quoted(aside)})"
        )


class _Aside:
    """A file of staged rows to quarantine, with their fates; made once there is one."""

    def __init__(self, path: Path) -> None:
        self.path, self.rows = path, 0
        self._open = ExitStack()
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def add(self, rows: pa.Table) -> None:
        if self._writer is None:
            self.path.touch(0o600)
            writer = pq.ParquetWriter(self.path, rows.schema, compression="lz4")
            self._writer = self._open.enter_context(writer)
        self._writer.write_table(rows)
        self.rows += rows.num_rows


def _versions(
    work: Settlement, table: TableSpec, delivery: str, schema: pa.Schema,
    tallies: dict[int, Tally], aside: _Aside,
) -> Generator[pa.Table, None, None]:  # fmt: skip
    shown = dict(work.con.execute("SELECT number, shown FROM files").fetchall())
    stopped = _Stopped(work, table.name)
    coded = [n for n in cell_names(table) if schema.field(n).type == _WORDS]
    with closing(ahead(_groups(work.staged[table.name], coded))) as groups:
        for rows in groups:
            number = rows["_file"][0].as_py()
            fate, where = stopped.judge(number, rows)
            tally = tallies.setdefault(number, Tally())
            counts = np.bincount(fate, minlength=len(FATES)).tolist()
            tally.fates.update({c: n for c, n in zip(FATES, counts, strict=True) if n})
            out = fate >= _STOPPED
            if out.any():
                aside.add(_with_fates(rows, fate, where).filter(pa.array(out)))
            if (fate == 0).any():
                kept = _kept(work, table, rows, fate == 0)
                _count_repairs(tally, kept)
                yield _completed(work, kept, schema, delivery, shown[number])
    if table.name in work.stored:
        stored = work.con.sql(_old_rows(work, table, schema))
        for batch in stored.to_arrow_reader(_GROUP):
            yield pa.Table.from_batches([batch]).cast(schema)


def _groups(parts: list[Path], coded: list[str]) -> Generator[pa.Table, None, None]:
    """Read parts some hundred thousand rows of a file (of a sheet) at a time.

    The columns `coded` are read as dictionaries.
    """
    for part in parts:
        with pq.ParquetFile(part, read_dictionary=coded) as file:
            held: list[pa.Table] = []
            for number in range(file.num_row_groups):
                rows = file.read_row_group(number, use_threads=False)
                full = sum(group.num_rows for group in held) >= _GROUP
                if held and (full or held[-1]["_file"][0] != rows["_file"][0]):
                    yield _together(held)
                    held.clear()
                held.append(rows)
            if held:
                yield _together(held)


def _together(groups: list[pa.Table]) -> pa.Table:
    return pa.concat_tables(groups).unify_dictionaries().combine_chunks()


class _Stopped:
    """The rows of a table that were stopped after they were staged, by file and line."""

    def __init__(self, work: Settlement, name: str) -> None:
        rows = work.con.sql(
            "SELECT _file, _line, fate, place FROM stopped WHERE tab = ? ORDER BY ALL",
            params=[name],
        ).to_arrow_table()  # fmt: skip
        self.files, self.lines, self.fates, self.places = (
            rows[n].to_numpy() for n in ("_file", "_line", "fate", "place")
        )

    def judge(self, file: int, rows: pa.Table) -> tuple[Bytes, Bytes]:
        """Return the fate of each row, and the place of the column that gave it."""
        fate, where = (rows[n].to_numpy().copy() for n in ("_fate", "_where"))
        first, last = np.searchsorted(self.files, [file, file + 1])
        if first == last:
            return fate, where
        own, lines = self.lines[first:last], rows["_line"].to_numpy()
        at = np.minimum(np.searchsorted(own, lines), len(own) - 1)
        hit = own[at] == lines
        fate[hit] = self.fates[first:last][at[hit]]
        where[hit] = self.places[first:last][at[hit]]
        return fate, where


def _with_fates(rows: pa.Table, fate: Bytes, where: Bytes) -> pa.Table:
    for name, values in (("_fate", fate), ("_where", where)):
        rows = rows.set_column(rows.schema.get_field_index(name), name, pa.array(values))
    return rows


def _kept(work: Settlement, table: TableSpec, rows: pa.Table, keep: Flags) -> pa.Table:
    """Return the rows that are kept, with their ids, hashes and all their repairs."""
    if not keep.all():
        rows = rows.filter(pa.array(keep)).combine_chunks()
        for place, cell in enumerate(rows.schema):
            if cell.type == _WORDS:  # the words of other rows must not be written
                rows = rows.set_column(place, cell, compact(rows[cell.name].chunk(0)))
    ident = ident_of(table)
    plain = bool(table.id) and ident == quoted_name(table.id)
    work.con.register("kept_rows", rows)
    found = work.con.sql(
        f"SELECT {'' if plain else f'{ident} AS _id, '}_content, "
        f"({repairs(work, table)})::INTEGER AS _repairs "
        f"FROM (SELECT *, {content(table)} AS _content FROM kept_rows)"
    ).to_arrow_table()
    work.con.unregister("kept_rows")
    rows = rows.drop_columns("_repairs")
    for name in found.column_names:
        rows = rows.append_column(name, found[name])
    return rows.append_column("_id", rows[table.id]) if plain else rows


def _completed(
    work: Settlement, rows: pa.Table, schema: pa.Schema, delivery: str, file: str
) -> pa.Table:
    """Return kept rows as versions: with their delivery and file, and marked to hold."""
    size = rows.num_rows
    one = pa.array(np.zeros(size, np.int32))
    columns = {name: rows[name] for name in rows.column_names} | {
        "_delivery": pa.DictionaryArray.from_arrays(one, pa.array([delivery])),
        "_file": pa.DictionaryArray.from_arrays(one, pa.array([file])),
        "_cut": pa.array(np.full(size, work.cut)).cast(schema.field("_cut").type),
        "_current": pa.array(np.ones(size, np.bool_)),
        **{name: pa.nulls(size, schema.field(name).type) for name in ("_seen", "_until")},
    }
    return pa.table([columns[name] for name in schema.names], schema=schema)


def _count_repairs(tally: Tally, kept: pa.Table) -> None:
    bits = kept["_repairs"].to_numpy()
    bits = bits[bits != 0]
    for code in REPAIRS:
        count = int(np.count_nonzero(bits & repair_bit(code)))
        if count:
            tally.repairs[code] += count


def _old_rows(work: Settlement, table: TableSpec, schema: pa.Schema) -> str:
    """Return the stored versions; those replaced or annulled no longer hold."""
    name = table.name
    held = set(_stored_columns(work, name))
    gone = f"SELECT _id FROM {left(name)}"
    if table.key:
        gone += (
            f" UNION SELECT _id FROM stored_{name} WHERE _id NOT IN (SELECT _id FROM "
            f"staged_{name}) AND {key_of(table)} IN (SELECT {key_of(table)} FROM staged_{name})"
        )
    newer = f"_last <= {work.cut}"
    work.changed[name] = work.one(
        f"SELECT count(*) FROM stored_{name} WHERE _current AND {newer} AND _id IN ({gone})"
    )
    if table.rule is not None and table.id:
        out = annulled(table, table.rule)
        work.annulled[name] = work.one(
            f"SELECT count(*) FROM stored_{name} WHERE _current AND {newer} AND _id IN ({out})"
        )
        gone = f"{gone} UNION SELECT * FROM ({out}) WHERE true"
    read = {name: quoted_name(name) if name in held else "NULL" for name in schema.names}
    read["_current"] = f"(_current AND NOT (_id IN ({gone}) AND {newer}))"
    ends = f"WHEN _current AND _id IN ({gone}) AND {newer} THEN make_timestamptz({work.cut})"
    read["_until"] = f"CASE {ends} ELSE {read['_until']} END"
    shown = f"WHEN {newer} AND _id IN ({_unchanged(name)}) AND _current"
    read["_seen"] = f"CASE {shown} THEN make_timestamptz({work.cut}) ELSE {read['_seen']} END"
    columns = ", ".join(
        f"{read[cell.name]}::{_SQL[cell.type]} AS {quoted_name(cell.name)}" for cell in schema
    )
    return f"SELECT {columns} FROM stored_{name}"


def _unchanged(name: str) -> str:
    """Return a query for the ids of rows that the delivery has as they are stored."""
    return (
        f"SELECT s._id FROM staged_{name} s JOIN stopped x ON x._file = s._file "
        f"AND x._line = s._line WHERE x.tab = {literal(name)} "
        f"AND x.fate = {FATES.index('unchanged')}"
    )


def _stored_columns(work: Settlement, name: str) -> list[str]:
    return [row[0] for row in work.con.execute(f"DESCRIBE stored_{name}").fetchall()]
