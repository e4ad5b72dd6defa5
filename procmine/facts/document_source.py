"""What the judgement of documents rests on: their times, uses, repeats, cases, decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.facts.attributes import day_last, instant, literal, script, text
from procmine.facts.document_kinds import DocumentKinds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from procmine.facts.source import Source
    from procmine.store.snapshot import Process

__all__ = [
    "coverage",
    "filed_documents",
    "listed",
    "named_types",
    "prepare_documents",
    "register_cases",
    "register_marked",
]

_DAY_US = 86_400_000_000
_US = pa.timestamp("us", tz="UTC")
_TOUCHING = ("event", "event_id", "event_type", "stamp", "by_day", "object_id", "qualifier")


def prepare_documents(source: Source) -> None:
    """Read the log's documents, their repeats and their uses into DuckDB's temporary tables.

    Once per log, before :func:`filed_documents` and :func:`document_table`; they leave the
    tables ``_document, _filed, _kind, _repeat, _use``.
    """
    roles, run = source.roles, source.connection.execute
    named = {
        name: text(source, "object", getattr(roles, f"document_{name}"), "o")
        for name in ("kind", "direction", "hash", "reason", "pages")
    }
    relations, connection = source.relations, source.connection
    touching = relations.rows(types=roles.document)
    near = np.zeros(len(relations.at), dtype=np.bool_)
    near[relations.event[touching]] = True
    beside = relations.rows(types=roles.citizen)
    beside = beside[near[relations.event[beside]]]
    connection.register("_touching", relations.table(touching, *_TOUCHING))
    connection.register("_beside", relations.table(beside, "event", "object_id"))
    run(
        script("document_base").format(
            documents=listed(roles.document),
            folders=listed(roles.folder),
            citizens=listed(roles.citizen),
            valid_to=instant(source, "object", roles.document_valid_to, "o"),
            anyhow=not (roles.requests or roles.receives or roles.creates or roles.registers),
            requests=literal(roles.requests or "-"),
            receives=literal(roles.receives or "-"),
            creates=literal(roles.creates or "-"),
            registers=literal(roles.registers or "-"),
            filed_on=literal(roles.filed_on),
            part_of=literal(roles.part_of),
            citizen_of=literal(roles.citizen_of),
            **named,
        )
    )
    run(
        script("document_filed").format(
            filed_on=literal(roles.filed_on),
            anyhow="FALSE" if roles.filed_on else "TRUE",
            others=listed((*roles.document, *roles.resource, *roles.unit)),
        )
    )
    _register_kinds(source)
    run(script("document_repeats"))
    kinds = DocumentKinds.of(source.config)
    deciding = [
        s.type for c in source.config.catalogues for s in c.steps if s.has("rests_on_documents")
    ]
    run(script("document_uses").format(deciding=listed(deciding), uses=listed(kinds.uses)))
    connection.unregister("_touching")
    connection.unregister("_beside")


def filed_documents(source: Source, process: Process) -> pa.Table:
    """Return the documents filed on the process's case objects that were asked for.

    Returns
    -------
    table, one row a document and case
        ``object_id, target_id`` (the case object), ``requested, received`` (UTC
        microseconds, `received` may be empty), ``requested_day, received_day`` (bool),
        ``mandatory`` (its kind is in the minimum set of the decision).
    """
    required = DocumentKinds.of(source.config).minimum(process.name)
    query = f"""
        WITH elsewhere AS (
            SELECT DISTINCT object_id FROM _filed
            WHERE type IN ({listed(named_types(source))}) AND type <> ?
        )
        SELECT d.object_id, f.target_id, d.requested, d.received, d.requested_day,
            d.received_day, coalesce(k.key IN ({listed(required)}), false) AS mandatory
        FROM _document AS d
        JOIN _filed AS f ON f.object_id = d.object_id AND f.type = ?
        LEFT JOIN elsewhere AS e ON e.object_id = d.object_id
        LEFT JOIN _kind AS k ON k.kind = d.kind
        WHERE d.requested IS NOT NULL
          AND (e.object_id IS NULL OR f.type IN ({listed(named_types(source))}))
        ORDER BY d.object_id, f.target_id
    """
    case_type = process.case_type
    return source.connection.sql(query, params=[case_type, case_type]).to_arrow_table()


def coverage(source: Source, gate: float) -> pa.Table:
    """Return the share of decided cases with a use link, by year and unit.

    Returns
    -------
    table, one row a year and unit
        ``year`` (local calendar year of the decisions), ``unit`` (of the case; empty for
        all), ``decided`` (cases), ``linked`` (those with a use link), ``share``,
        ``assessable`` (the share reaches `gate`).
    """
    query = """
        WITH decided AS (
            SELECT DISTINCT d.case_no, d.year, c.unit
            FROM _decision AS d JOIN _case_time AS c ON c.case_no = d.case_no
        ),
        linked AS (
            SELECT DISTINCT d.case_no FROM _decision AS d JOIN _use AS u ON u.event_id = d.event_id
        ),
        counted AS (
            SELECT d.year, d.unit, grouping(d.unit) AS whole, count(*) AS decided,
                count(l.case_no) AS linked
            FROM decided AS d LEFT JOIN linked AS l ON l.case_no = d.case_no
            GROUP BY GROUPING SETS ((d.year), (d.year, d.unit))
        )
        SELECT year, CAST(unit AS VARCHAR) AS unit, decided, linked,
            linked / decided AS share, linked / decided >= ? AS assessable
        FROM counted WHERE whole = 1 OR unit IS NOT NULL ORDER BY year, unit NULLS FIRST
    """
    return source.connection.sql(query, params=[gate]).to_arrow_table()


def register_cases(source: Source, cases: pa.Table) -> None:
    """Make the cases known to DuckDB as ``_case_time``; an open one stops at the cut.

    Joins go by ``case_no``, the row of the case: numbers are compared faster than ids.
    """
    names = cases.column_names
    table = pa.table({
        "case_no": np.arange(cases.num_rows, dtype=np.int32),
        "case_id": cases["case_id"],
        "object_id": cases["object_id"],
        "folder_id": cases["folder_id"] if "folder_id" in names
        else pa.nulls(cases.num_rows, pa.string()),
        "start": cases["start"].cast(_US).cast(pa.int64()),
        "stop": pc.fill_null(cases["end"].cast(_US).cast(pa.int64()), source.cut_us),
        "unit": cases["unit"].cast(pa.string()),
        "open": pc.fill_null(cases["open"].cast(pa.bool_()), fill_value=False),
    })  # fmt: skip
    _store(source, "_case_time", table)


def register_marked(source: Source, process: Process, steps: pa.Table) -> None:
    """Make decisions and new starts known to DuckDB as ``_decision`` and ``_new_start``.

    A new start is a start step in the same case file, or the opening of an appeal.
    """
    marked = process.catalogue.steps if process.catalogue else ()
    source.connection.register("_fact_steps", steps)
    deciding = listed(s.type for s in marked if s.has("rests_on_documents"))
    appeals = listed(s.type for s in marked if s.has("opens", "appeal"))
    starting = {s.type for c in source.config.catalogues for s in c.steps if s.has("start")}
    relations = source.relations
    began = relations.table(relations.rows(kinds=starting), "object_id", "stamp")
    source.connection.register("_starting", began)
    source.connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE _decision AS
        SELECT c.case_no, s.event_id, s.seq, CAST(s.activity AS VARCHAR) AS activity,
            CASE WHEN CAST(s.precision AS VARCHAR) = 'day'
                THEN {day_last("s.time")} ELSE epoch_us(s.time) END AS stamp,
            year(timezone('Europe/Copenhagen', s.time)) AS year
        FROM _fact_steps AS s
        JOIN _case_time AS c ON c.case_id = s.case_id
        WHERE CAST(s.activity AS VARCHAR) IN ({deciding}) AND epoch_us(s.time) <= {source.cut_us}
    """)
    source.connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE _new_start AS
        WITH began AS (
            SELECT object_id, stamp FROM _starting
        )
        SELECT c.case_no, b.stamp FROM began AS b JOIN _case_time AS c ON c.folder_id = b.object_id
        UNION
        SELECT c.case_no, b.stamp FROM began AS b JOIN _case_time AS c ON c.object_id = b.object_id
        UNION
        SELECT c.case_no, epoch_us(s.time) AS stamp FROM _fact_steps AS s
        JOIN _case_time AS c ON c.case_id = s.case_id
        WHERE CAST(s.activity AS VARCHAR) IN ({appeals})
    """)
    source.connection.unregister("_fact_steps")
    source.connection.unregister("_starting")


def named_types(source: Source) -> tuple[str, ...]:
    """Return the case types that are no case files: a document filed there names its case."""
    types = {c.case_type for c in source.config.catalogues}
    return tuple(sorted(types - set(source.roles.folder)))


def listed(names: Iterable[str]) -> str:
    """Return names as a SQL list; one empty name where there is none."""
    return ", ".join(literal(name) for name in sorted(set(names))) or "''"


def _register_kinds(source: Source) -> None:
    kinds = DocumentKinds.of(source.config)
    found = source.connection.execute(
        "SELECT DISTINCT kind FROM _document WHERE kind IS NOT NULL ORDER BY kind"
    ).fetchall()
    names = [row[0] for row in found]
    known = [kinds.find(name) for name in names]
    days = [None if k.validity_days is None else k.validity_days * _DAY_US for k in known]
    table = pa.table({
        "kind": pa.array(names, pa.string()),
        "key": pa.array([kinds.key(name) for name in names], pa.string()),
        "label": pa.array([k.label for k in known], pa.string()),
        "validity_us": pa.array(days, pa.int64()),
        "exempt": pa.array([k.exempt for k in known], pa.bool_()),
    })  # fmt: skip
    _store(source, "_kind", table)


def _store(source: Source, name: str, table: pa.Table) -> None:
    source.connection.register("_given", table)
    source.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM _given")
    source.connection.unregister("_given")
