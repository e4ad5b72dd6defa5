"""Events and their relations to objects, from the rows of every table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.exports.attributes import EventColumns
from procmine.exports.profile import EventSpec, TableSpec
from procmine.exports.relations import Relations, related
from procmine.exports.sql import chosen, listed, literal, object_of, quoted_name
from procmine.exports.stage import PRECISION

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from procmine.exports.named import Names
    from procmine.exports.settle import Settlement

__all__ = ["event_relations", "make_events"]

_FINE = {1: "day", 2: "minute", 3: "second"}
_NONE = "SELECT '' AS event_id, '' AS event_type, now() AS time, 0 AS _yield, 0 AS _row WHERE false"


Yield = tuple[TableSpec, EventSpec, str]
"""What yields events: a table, its description, and the view of the rows that yield one."""


def make_events(
    work: Settlement, tables: list[TableSpec], rank: Mapping[str, int], cut: int
) -> tuple[list[Yield], list[str]]:
    """Make the table ``events``, in its order; return what yields them, and their columns.

    The latter are a query for the further columns of the events of each kind (in the order
    of ``_yield``), by ``_row``.
    """
    columns = EventColumns(tables)
    yields = [(t, e, f"yield_{t.name}_{i}") for t in tables for i, e in enumerate(t.events)]
    for table, event, view in yields:
        _yield(work, table, event, view, cut)
    _enums(work, [view for _, _, view in yields])
    heads = " UNION ALL ".join(
        f"SELECT _event_id AS event_id, _event_type::event_types AS event_type, _time AS time, "
        f"{number}::SMALLINT AS _yield, _row::INTEGER AS _row FROM {view}"
        for number, (_, _, view) in enumerate(yields)
    )
    work.con.execute("CREATE TEMP TABLE ranks (event_type VARCHAR, rank INTEGER)")
    if rank:
        work.con.executemany("INSERT INTO ranks VALUES (?, ?)", list(rank.items()))
    # A table keeps the order in which its rows are put in, so that rows need no number.
    work.con.execute(
        f"CREATE TEMP TABLE events AS SELECT e.* FROM ({heads or _NONE}) e LEFT JOIN ranks r "
        "ON r.event_type = e.event_type "
        "ORDER BY e.time, coalesce(r.rank, 1073741824), e.event_id, e._yield, e._row"
    )
    return yields, [_further(view, columns.select(t, e.attributes)) for t, e, view in yields]


def _enums(work: Settlement, views: list[str]) -> None:
    """Make types for words that recur, so that what is sorted and written is narrow."""
    words = " UNION ".join(
        f"SELECT DISTINCT _event_type, _delivery || '/' || _file AS source, _precision FROM {view}"
        for view in views
    )
    none = "SELECT '' AS _event_type, '' AS source, '' AS _precision"
    work.con.execute(f"CREATE TEMP TABLE words AS {words or none}")
    for name, column in (("event_types", "_event_type"), ("source_files", "source"),
                         ("precisions", "_precision")):  # fmt: skip
        enumerate_words(work, name, f"SELECT {column} FROM words UNION SELECT ''")


def enumerate_words(work: Settlement, name: str, query: str) -> list[str]:
    """Make an enumeration, in the order of the alphabet, of the words that a query yields."""
    rows = work.con.execute(f"SELECT DISTINCT * FROM ({query}) w(word) WHERE word IS NOT NULL")
    words = sorted(row[0] for row in rows.fetchall())
    work.con.execute(f"CREATE TYPE {name} AS ENUM ({', '.join(map(literal, words))})")
    return words


def _further(view: str, attributes: str) -> str:
    """Return a query for the columns of one kind of event beside id, type and time."""
    return (
        "SELECT _start AS start, _precision::precisions AS precision, "
        "(_delivery || '/' || _file)::source_files AS source_file, _line AS source_line, "
        f"{attributes}, _row::INTEGER AS _row FROM {view}"
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


def event_relations(
    work: Settlement, events: pa.Table, yields: list[Yield], names: Names
) -> Relations:
    """Return the relations of all events to objects, all of them numbers."""
    words = [
        f"SELECT {literal(reach.qualifier.fixed)}" if reach.qualifier.fixed
        else f"SELECT DISTINCT {chosen(reach.qualifier)} FROM {view}"
        for _, event, view in yields for reach in event.objects
    ]  # fmt: skip
    uses = _uses(work)
    words += [f"SELECT DISTINCT qualifier FROM ({query})" for query in uses]
    known = enumerate_words(work, "qualifiers", " UNION ".join([*words, "SELECT ''"]))
    return related(work, events, yields, uses, known, names)


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
