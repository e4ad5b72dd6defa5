"""Events and their relations to objects, from the rows of every table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.exports.attributes import EventColumns
from procmine.exports.profile import EventSpec, Reach, TableSpec
from procmine.exports.sql import chosen, listed, literal, object_of, quoted_name
from procmine.exports.stage import PRECISION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from procmine.exports.settle import Settlement

__all__ = ["make_events"]

_FINE = {1: "day", 2: "minute", 3: "second"}


def make_events(
    work: Settlement, tables: list[TableSpec], rank: Mapping[str, int], cut: int
) -> list[tuple[str, ...]]:
    """Make the tables ``events`` (with their place ``seq``) and ``e2o``."""
    columns = EventColumns(tables)
    yields = [(t, e, f"yield_{t.name}_{i}") for t in tables for i, e in enumerate(t.events)]
    for table, event, view in yields:
        _yield(work, table, event, view, cut)
    parts = [
        f"SELECT _event_id AS event_id, _event_type AS event_type, _time AS time, "
        f"_start AS start, _precision AS precision, _delivery || '/' || _file "
        f"AS source_file, _line AS source_line, {columns.select(t, e.attributes)}, "
        f"{number} AS _yield, _row FROM {view}"
        for number, (t, e, view) in enumerate(yields)
    ]
    union = " UNION ALL ".join(parts) or _empty(columns)
    work.con.execute("CREATE TEMP TABLE ranks (event_type VARCHAR, rank INTEGER)")
    if rank:
        work.con.executemany("INSERT INTO ranks VALUES (?, ?)", list(rank.items()))
    work.con.execute(
        "CREATE TEMP TABLE events AS SELECT e.*, row_number() OVER (ORDER BY e.time, "
        f"coalesce(r.rank, 1073741824), e.event_id) AS seq FROM ({union}) e "
        "LEFT JOIN ranks r ON r.event_type = e.event_type"
    )
    _relations(work, yields)
    return []


def _empty(columns: EventColumns) -> str:
    extra = "".join(f", NULL AS {quoted_name(name)}" for name in sorted(columns.columns))
    return (
        "SELECT '' AS event_id, '' AS event_type, now() AS time, now() AS start, '' AS precision, "
        f"'' AS source_file, 0::BIGINT AS source_line{extra}, 0 AS _yield, 0 AS _row WHERE false"
    )


def _event_id(event: EventSpec) -> str:
    before, _, after = event.id.partition("{id}")
    return f"{literal(before)} || _id || {literal(after)}"


def _yield(work: Settlement, table: TableSpec, event: EventSpec, view: str, cut: int) -> None:
    """Make a view of the rows that yield the event, with its id, type and times."""
    if event.changed:
        _yield_changes(work, table, event, view, cut)
        return
    times = [*event.time, *([event.start] if event.start else [])]
    stamp = f"coalesce({', '.join(map(quoted_name, times))})"
    fine = " ".join(f"WHEN {quoted_name(n)} IS NOT NULL THEN {_precision(n)}" for n in times)
    first = f"coalesce({', '.join(map(quoted_name, event.time))})"
    start = (
        f"CASE WHEN {first} IS NOT NULL THEN {quoted_name(event.start)} END"
        if event.start and event.time
        else "NULL::TIMESTAMPTZ"
    )
    work.con.execute(
        f"CREATE TEMP VIEW {view} AS SELECT *, {_event_id(event)} AS _event_id, "
        f"{chosen(event.type)} AS _event_type, {stamp} AS _time, {start} AS _start, "
        f"CASE {fine} END AS _precision FROM current_{table.name} "
        f"WHERE {stamp} IS NOT NULL AND epoch_us({stamp}) <= {cut}{_when(event)} "
        f"AND {chosen(event.type)} IS NOT NULL"
    )


def _precision(name: str) -> str:
    fine = quoted_name(name + PRECISION)
    cases = " ".join(f"WHEN {k} THEN '{word}'" for k, word in _FINE.items())
    return f"CASE {fine} {cases} END"


def _when(event: EventSpec) -> str:
    if not event.when:
        return ""
    name = f"lower(coalesce({quoted_name(event.when)}, ''))"
    out = ""
    if event.when_is:
        out += f" AND {name} IN {listed(w.lower() for w in event.when_is)}"
    if event.when_is_not:
        out += f" AND {name} NOT IN {listed(w.lower() for w in event.when_is_not)}"
    return out


def _yield_changes(
    work: Settlement, table: TableSpec, event: EventSpec, view: str, cut: int
) -> None:
    """Yield an event for each delivery whose value differs from the one before.

    It happened after the cut before and up to the cut that shows it: those are its start
    and its time, both days.
    """
    value = quoted_name(event.changed)
    work.con.execute(
        f"CREATE TEMP VIEW {view} AS SELECT *, {_event_id(event)} || '/' || "
        "strftime(_time AT TIME ZONE 'UTC', '%Y-%m-%d') AS _event_id, "
        f"{chosen(event.type)} AS _event_type, 'day' AS _precision FROM "
        f"(SELECT *, _cut AS _time, lag(_cut) OVER w AS _start, lag({value}) OVER w AS _earlier "
        f"FROM versions_{table.name} WINDOW w AS (PARTITION BY _id ORDER BY _cut, _content)) "
        f"WHERE _start IS NOT NULL AND {value} IS DISTINCT FROM _earlier AND {value} IS NOT NULL "
        f"AND epoch_us(_time) <= {cut}{_when(event)}"
    )


def _relations(work: Settlement, yields: list[tuple[TableSpec, EventSpec, str]]) -> None:
    parts = []
    for number, (table, event, view) in enumerate(yields):
        groups: dict[tuple[str, str], list[str]] = {}
        for reach in event.objects:
            source = f"{view} v JOIN events e ON e._yield = {number} AND e._row = v._row"
            query, target = _reach(work, table, source, reach)
            groups.setdefault((str(reach.qualifier), target), []).append(query)
        for queries in groups.values():
            many = len(queries) > 1 or "o2o" in queries[0]
            union = " UNION ALL ".join(queries)
            parts.append(f"SELECT DISTINCT * FROM ({union})" if many else union)
    for query in _uses(work):
        parts.append(
            "SELECT e.seq, u.object_id, u.qualifier FROM "
            f"({query}) u JOIN events e ON e.event_id = u.event_id"
        )
    none = "SELECT 0 AS seq, '' AS object_id, '' AS qualifier WHERE false"
    union = " UNION ALL ".join(parts) or none
    work.con.execute(
        "CREATE TEMP VIEW e2o AS SELECT r.seq, o.place, r.qualifier "
        f"FROM ({union}) r JOIN objects o ON o.object_id = r.object_id"
    )


def _reach(work: Settlement, table: TableSpec, view: str, reach: Reach) -> tuple[str, str]:
    """Return a query for the relation, and the type of object it ends in."""
    spec = table.column(reach.column)
    ident = object_of(spec, "v")
    qualifier = chosen(reach.qualifier, "v")
    joins, target = "", ident
    kind = spec.to
    for step, link in enumerate(reach.follow):
        joins += (
            f" JOIN o2o k{step} ON k{step}.source_id = {target} "
            f"AND k{step}.qualifier = {literal(link)}"
        )
        target = f"k{step}.target_id"
        kind = f"{kind}>{link}"
    query = (
        f"SELECT e.seq, {target} AS object_id, {qualifier} AS qualifier FROM {view}{joins} "
        f"WHERE {target} IS NOT NULL AND {qualifier} IS NOT NULL"
    )
    return query, _final_type(work, spec.to, reach.follow)


def _final_type(work: Settlement, kind: str, follow: tuple[str, ...]) -> str:
    """Return the type in which links end, as the profile declares them."""
    for link in follow:
        ends = {
            t.column(k.target).to for t in work.profile.tables for k in t.links
            if k.qualifier == link and t.column(k.source).to == kind
        }  # fmt: skip
        kind = min(ends, default="")
    return kind


def _uses(work: Settlement) -> list[str]:
    parts = []
    for table in work.profile.tables:
        use = table.use
        if use is None or not work.has(table.name):
            continue
        source, ident = quoted_name(use.source), quoted_name(use.event)
        cases = []
        for word, template in use.events.items():
            before, _, after = template.partition("{id}")
            cases.append(
                f"WHEN lower({source}) = lower({literal(word)}) "
                f"THEN {literal(before)} || {ident} || {literal(after)}"
            )
        target = object_of(table.column(use.object))
        parts.append(
            f"SELECT DISTINCT CASE {' '.join(cases)} END AS event_id, {target} AS object_id, "
            f"{chosen(use.qualifier)} AS qualifier FROM current_{table.name} "
            f"WHERE {target} IS NOT NULL"
        )
    return parts
