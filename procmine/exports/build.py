"""Build the log from the merged tables: objects, relations, events, in SQL throughout.

Everything is made anew from the rows that hold, so that a log never depends on the order
in which its deliveries came (but for what a later one replaced).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from procmine.exports.ahead import ahead
from procmine.exports.attributes import event_attributes, object_attributes
from procmine.exports.changes import object_changes
from procmine.exports.events import event_relations, make_events
from procmine.exports.named import Names
from procmine.exports.sql import fill, literal, object_of, quoted_name
from procmine.store.engine import quoted
from procmine.tables.log import ATTR_PREFIX

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

    from procmine.exports.events import Yield
    from procmine.exports.profile import TableSpec
    from procmine.exports.relations import Relations
    from procmine.exports.settle import Settlement

__all__ = ["build_log"]

_BATCH = 122_880
_DISTINCT = ("event_id", "time", "start", "source_line")
_DICTIONARY = 64 * 1024 * 1024
_NONE = (
    "SELECT now() AS start, '' AS precision, '' AS source_file, 0::BIGINT AS source_line "
    "WHERE false"
)
Places = npt.NDArray[np.int32]
_WORDS = pa.dictionary(pa.int32(), pa.string())
_RELATIONS = pa.schema([(name, _WORDS) for name in ("event_id", "object_id", "qualifier")])
_PARQUET = "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 122880)"


def build_log(work: Settlement, out: Path, rank: Mapping[str, int], cut: int) -> dict[str, int]:
    """Write the six tables of the log to `out`; return how many rows each has.

    Parameters
    ----------
    work
        With a view ``table_T`` for every table that delivery or store holds.
    out
        Folder for the Parquet files.
    rank
        Rank of each event type (its row in the catalogue).
    cut
        The log's end in microseconds: no event lies after it.
    """
    tables = [t for t in work.profile.tables if work.has(t.name)]
    pa.default_memory_pool().release_unused()  # what the reading of the files left behind
    _current(work, tables)
    _links(work, tables)
    held = Names(work, tables, work.scratch)
    _objects(work, tables, held)
    yields, further = make_events(work, tables, rank, cut)
    declared: list[tuple[str, ...]] = []
    _write_objects(work, tables, out, declared)
    event_attributes(work, tables, declared)
    _write_events_and_relations(work, out, yields, further, held, declared)
    _write_rest(work, tables, out, declared)
    names = ("events", "objects", "e2o", "o2o", "object_changes")
    return {n: work.one(f"SELECT count(*) FROM {quoted(out / f'{n}.parquet')}") for n in names}


def _write_events_and_relations(
    work: Settlement, out: Path, yields: list[Yield], further: list[str], held: Names,
    declared: list[tuple[str, ...]],
) -> None:  # fmt: skip
    """Write both side by side; leaves the view ``events`` and the table ``related_types``."""
    target = out / "events.parquet"
    events, objects = _fetched(work)
    order, rest = _further(work, further, *(events[n].to_numpy() for n in ("_yield", "_row")))
    pa.default_memory_pool().release_unused()
    with ThreadPoolExecutor(1, "events") as beside:
        written = beside.submit(_write_events, events, rest, order, declared, target)
        del order, rest
        found = event_relations(work, events, yields, held)
        pa.default_memory_pool().release_unused()
        related = _write_relations(found, events, objects, out / "e2o.parquet")
        written.result()
    work.con.register("related_types", related)
    work.con.execute(f"CREATE TEMP VIEW events AS SELECT * FROM {quoted(target)}")


def _current(work: Settlement, tables: list[TableSpec]) -> None:
    """Make ``current_T``: the rows that hold, each unit in its one spelling."""
    names = [
        f"SELECT {quoted_name(c.name)} AS name FROM table_{t.name}"
        for t in tables for c in t.kept if c.kind == "unit"
    ]  # fmt: skip
    union = " UNION ".join(names) or "SELECT NULL::VARCHAR AS name"
    work.con.execute(
        "CREATE TEMP TABLE unit_names AS SELECT u.folded, coalesce(any_value(l.name), "
        f"min(u.name)) AS name FROM (SELECT lower(name) AS folded, name FROM ({union}) "
        "WHERE name IS NOT NULL) u LEFT JOIN listed_units l ON l.folded = u.folded GROUP BY 1"
    )
    for table in tables:
        units = [quoted_name(c.name) for c in table.kept if c.kind == "unit"]
        swap = ", ".join(f"u{i}.name AS {name}" for i, name in enumerate(units))
        joins = " ".join(
            f"LEFT JOIN unit_names u{i} ON u{i}.folded = lower(t.{name})"
            for i, name in enumerate(units)
        )
        replaced = f"t.* REPLACE ({swap})" if units else "t.*"
        for view, where in (("current", " WHERE t._current"), ("versions", "")):
            work.con.execute(
                f"CREATE TEMP VIEW {view}_{table.name} AS SELECT {replaced} "
                f"FROM table_{table.name} t {joins}{where}"
            )


def _links(work: Settlement, tables: list[TableSpec]) -> None:
    """Make ``o2o`` with its qualifiers; a fallback holds only where nothing else does."""
    sure: list[str] = []
    fallback: list[str] = []
    for table in tables:
        for link in table.links:
            source = object_of(table.column(link.source))
            target = object_of(table.column(link.target))
            query = (
                f"SELECT {source} AS source_id, {target} AS target_id, "
                f"{literal(link.qualifier)} AS qualifier FROM current_{table.name} "
                f"WHERE {source} IS NOT NULL AND {target} IS NOT NULL AND {source} <> {target}"
            )
            (fallback if link.fallback else sure).append(query)
    empty = "SELECT ''::VARCHAR AS source_id, ''::VARCHAR AS target_id, '' AS qualifier WHERE false"
    union = " UNION ".join(sure) or empty
    work.con.execute(f"CREATE TEMP TABLE o2o AS SELECT DISTINCT * FROM ({union})")
    if fallback:
        work.con.execute(
            f"INSERT INTO o2o SELECT DISTINCT f.* FROM ({' UNION '.join(fallback)}) f ANTI JOIN "
            "(SELECT source_id, qualifier FROM o2o) o "
            "ON o.source_id = f.source_id AND o.qualifier = f.qualifier"
        )


def _objects(work: Settlement, tables: list[TableSpec], held: Names) -> None:
    """Make ``named``: every object, its type, the source's number, and where it stands."""
    parts = []
    for table in tables:
        for spec in table.kept:
            if not spec.is_object:
                continue
            name = quoted_name(spec.name)
            number = "NULL" if spec.kind in ("citizen", "staff") else name
            kind = f"split_part({name}, ':', 1)" if spec.kind == "staff" else literal(spec.to)
            what = f"{object_of(spec)}, {kind}, {number}"
            parts.append(
                f"SELECT {what}, _delivery || '/' || _file, _line, 0 FROM current_{table.name} "
                f"WHERE {name} IS NOT NULL"
                if spec.name == table.id
                else f"SELECT DISTINCT {what}, NULL, NULL, 1 FROM {held.view(table, spec)} "
                f"WHERE held AND {name} IS NOT NULL"
            )
    none = "SELECT '', '', '', '', 0::BIGINT, 0 WHERE false"  # a delivery of side tables alone
    union = " UNION ALL ".join(parts) or none
    work.con.execute(
        "CREATE TEMP TABLE named AS SELECT object_id, min(object_type) AS object_type, "
        "min(number) AS number, arg_min(source_file, (rank, source_file, source_line)) "
        "AS source_file, arg_min(source_line, (rank, source_file, source_line)) AS source_line "
        f"FROM ({union}) o(object_id, object_type, number, source_file, source_line, rank) "
        "GROUP BY object_id"
    )
    work.con.execute(
        "CREATE TEMP TABLE objects AS SELECT *, (row_number() OVER (ORDER BY object_type, "
        "object_id))::INTEGER AS place FROM named"
    )
    work.con.execute("DROP TABLE named")


def _write_objects(
    work: Settlement, tables: list[TableSpec], out: Path, declared: list[tuple[str, ...]]
) -> None:
    columns, joins = object_attributes(work, tables, declared)
    select = "".join(f", {column}" for column in columns)
    _copy(
        work,
        f"SELECT o.object_id, o.object_type, o.number, o.source_file, o.source_line{select} "
        f"FROM objects o {' '.join(joins)} ORDER BY o.place",
        out / "objects.parquet",
    )


def _write_rest(
    work: Settlement, tables: list[TableSpec], out: Path, declared: list[tuple[str, ...]]
) -> None:
    _copy(
        work,
        "SELECT r.* FROM o2o r JOIN objects a ON a.object_id = r.source_id JOIN objects b "
        "ON b.object_id = r.target_id ORDER BY a.place, b.place, qualifier",
        out / "o2o.parquet",
    )
    _copy(work, object_changes(tables), out / "object_changes.parquet")
    work.con.execute(
        "CREATE TEMP TABLE declared (owner VARCHAR, type VARCHAR, attribute VARCHAR, "
        'value_type VARCHAR, "column" VARCHAR)'
    )
    fill(work.con, "declared", declared)
    _copy(
        work,
        "SELECT DISTINCT * FROM declared ORDER BY owner, type, attribute",
        out / "attributes.parquet",
    )


def _fetched(work: Settlement) -> tuple[pa.Table, pa.Table]:
    """Return events and objects in their order; the engine lets go of the events."""
    events = work.con.sql("FROM events").to_arrow_table()
    objects = work.con.sql(
        "SELECT object_id, object_type FROM objects ORDER BY place"
    ).to_arrow_table()
    work.con.execute("DROP TABLE events")
    pa.default_memory_pool().release_unused()
    return events, objects


def _write_events(
    events: pa.Table, rest: pa.Table, order: Places, declared: list[tuple[str, ...]], target: Path
) -> None:
    """Write the events in their order, words that recur as the dictionaries they are."""
    known = {row[4] for row in declared if row[0] == "event"}
    rest = rest.select(
        [n for n in rest.column_names if n in known or not n.startswith(ATTR_PREFIX)]
    )
    heads = events.select(["event_id", "event_type", "time"])
    schema = pa.schema([*heads.schema, *rest.schema])
    with pq.ParquetWriter(
        target, schema, compression="zstd", compression_level=1, store_schema=False,
        use_dictionary=[name for name in schema.names if name not in _DISTINCT],
        write_statistics=["time"],
    ) as writer:  # fmt: skip
        for start in range(0, max(len(order), 1), _BATCH):
            head = heads.slice(start, _BATCH)
            tail = rest.take(pa.array(order[start : start + _BATCH]))
            writer.write_table(pa.table([*head.columns, *tail.columns], schema=schema))
    target.chmod(0o600)


def _further(
    work: Settlement, queries: list[str], kinds: Places, rows: Places
) -> tuple[Places, pa.Table]:
    """Return the further columns of all events, and the place of each event among them.

    `kinds` and `rows` tell for each event which query yields it, and for which row.
    """
    order = np.zeros(len(kinds), np.int32)
    parts: list[pa.Table] = []
    count = 0
    for kind, query in enumerate(queries):
        reader = work.con.sql(query).to_arrow_reader(_BATCH)
        batches = chain(
            (pa.Table.from_batches([batch]) for batch in reader), [reader.schema.empty_table()]
        )
        part = pa.concat_tables(map(_dictionaries, batches))
        own = part["_row"].to_numpy()
        place = np.zeros(int(own.max(initial=-1)) + 1, np.int32)
        place[own] = np.arange(count, count + len(own))
        mine = kinds == kind
        order[mine] = place[rows[mine]]
        count += len(own)
        parts.append(part.drop_columns("_row"))
    parts = parts or [work.con.sql(_NONE).to_arrow_table()]
    return order, pa.concat_tables(parts).unify_dictionaries().combine_chunks()


def _dictionaries(rows: pa.Table) -> pa.Table:
    for place, cell in enumerate(rows.schema):
        if cell.type == pa.string():
            rows = rows.set_column(place, cell.name, rows[cell.name].dictionary_encode())
    return rows


def _write_relations(
    found: Relations, events: pa.Table, objects: pa.Table, target: Path
) -> pa.Table:
    """Put the ids into the sorted relations batch by batch; return which types are related.

    Each row group is a run, and brings the dictionaries of its own ids, so that no id is
    hashed or written twice: events follow one another, and objects are looked up by place.
    """
    event_types, event_kind = _codes(events["event_type"])
    object_types, object_kind = _codes(objects["object_type"])
    event_ids, object_ids = (_one(rows.column(0)) for rows in (events, objects))
    seen = np.zeros((len(object_types), len(event_types)), np.bool_)
    qualifiers = pa.array(found.words, pa.string())

    def made() -> Generator[tuple[tuple[Places, ...], pa.Table], None, None]:
        for run in found.runs:
            numbers = found.parts(run)
            yield numbers, _coded(numbers, event_ids, object_ids, qualifiers)

    with (
        pq.ParquetWriter(
            target, _RELATIONS, compression="zstd", compression_level=1, write_statistics=False,
            store_schema=False, dictionary_pagesize_limit=_DICTIONARY,
        ) as writer,
        closing(ahead(made())) as parts,
    ):  # fmt: skip
        for (event, thing, _), part in parts:
            writer.write_table(part, row_group_size=max(part.num_rows, 1))
            seen[object_kind[thing], event_kind[event]] = True
    target.chmod(0o600)
    named, happened = np.nonzero(seen)
    return pa.table(
        {"object_type": object_types.take(named), "event_type": event_types.take(happened)}
    )


def _coded(
    numbers: tuple[Places, ...], events: pa.Array, objects: pa.Array, qualifiers: pa.Array
) -> pa.Table:
    """Return relations as dictionaries of the ids that occur, in their order, and indices."""
    event, thing, word = numbers
    first = int(event[0]) if len(event) else 0
    last = int(event[-1]) + 1 if len(event) else 0
    there = np.zeros(len(objects), np.bool_)
    there[thing] = True
    place = np.cumsum(there, dtype=np.int32) - 1
    ids = objects.take(pa.array(np.flatnonzero(there)))
    columns: dict[str, tuple[npt.NDArray[np.integer[Any]], pa.Array]] = {
        "event_id": (event - first, events.slice(first, last - first)),
        "object_id": (place[thing], ids),
        "qualifier": (word, qualifiers),
    }
    return pa.table(
        {
            name: pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), texts)
            for name, (codes, texts) in columns.items()
        }
    )


def _one(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _codes(column: pa.ChunkedArray) -> tuple[pa.Array, npt.NDArray[np.integer[Any]]]:
    """Return a column's words, each once, and the number of each row's word."""
    coded = _one(column.dictionary_encode())
    return coded.dictionary, coded.indices.to_numpy()


def _copy(work: Settlement, query: str, target: Path) -> None:
    work.con.execute(f"COPY ({query}) TO {quoted(target)} {_PARQUET}")
    target.chmod(0o600)
