"""Settle what becomes of each staged row among the others: this delivery's and the stored.

Staged rows stay in their files; rows that are stopped here stand in ``stopped`` (table,
file, line, fate), and what is left over is merged with the stored versions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from procmine.exports.fates import repair_bit
from procmine.exports.order import in_circles, in_order, needs
from procmine.exports.sql import content, letters, literal, quoted_name
from procmine.exports.stage import FATES
from procmine.store.engine import quoted

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from procmine.exports.profile import ColumnSpec, Profile, Rule, TableSpec, UseSpec

__all__ = ["Settlement", "annulled", "ident_of", "key_of", "left", "repairs", "settle"]


@dataclass(slots=True)
class Settlement:
    """The tables of a delivery and of the store, and where their rows lie.

    `staged` and `stored` map a table's name to its Parquet files; `cut` is the delivery's
    cut in microseconds; `rewritten` are stored tables whose ids were hidden since; `lacking`
    are the optional columns of each table that no file has had so far.
    """

    con: duckdb.DuckDBPyConnection
    profile: Profile
    staged: dict[str, list[Path]]
    stored: dict[str, Path]
    cut: int
    scratch: Path
    """A folder for what need not outlast the load."""
    vanished: dict[str, int] = field(default_factory=dict)
    annulled: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    rewritten: set[str] = field(default_factory=set)
    lacking: dict[str, set[str]] = field(default_factory=dict)
    merged: dict[str, Path] = field(default_factory=dict)
    """The files of the merged tables, all versions of their rows."""
    aside: list[str] = field(default_factory=list)
    """Tables of which rows are quarantined, so that there is a view ``aside_T``."""
    graves: bool = False
    """Whether the store holds tombstones, so that rows may have been left out as erased."""
    births: tuple[str, ...] = ()
    """Types of citizens whose band of birth years stands in the table ``births``."""

    def has(self, table: str) -> bool:
        """Whether delivery or store holds the table."""
        return table in self.staged or table in self.stored

    def one(self, query: str) -> int:
        """Run a query that yields one number."""
        rows = self.con.execute(query).fetchall()
        return int(rows[0][0] or 0) if rows else 0


def settle(work: Settlement) -> None:
    """Give every staged row its fate; needs the views that :func:`_views` makes."""
    work.con.execute(
        "CREATE TEMP TABLE stopped (tab VARCHAR, _file INTEGER, _line BIGINT, fate TINYINT,"
        " place TINYINT)"
    )
    _unit_names(work)
    wanted = {n for t in work.profile.tables if work.has(t.name) for n in needs(work.profile, t)}
    order = [table for table in in_order(work.profile) if work.has(table.name)]
    known: set[str] = set()
    for table in order:
        _views(work, table)
        if table.name in work.staged:
            _repeats(work, table)
            if table.name in work.stored:
                _against_store(work, table)
            _orphans(work, table, known)
        if table.name in wanted:
            _known_ids(work, table)
            known.add(table.name)
    again = in_circles(order)
    while again:  # what is stopped in one table can leave others behind in those before it
        before = work.one("SELECT count(*) FROM stopped")
        for table in order:
            if table.name in work.staged:
                _orphans(work, table, known)
            if table.name in wanted:
                _known_ids(work, table)
        again = work.one("SELECT count(*) FROM stopped") > before
    _forget_unlisted(work)


def _views(work: Settlement, table: TableSpec) -> None:
    """Make ``staged_T`` (rows without a fate, with id and content) and ``stored_T``.

    ``_last`` of a stored version is the cut of the latest delivery that shows it.
    """
    name = table.name
    if name in work.staged:
        files = ", ".join(quoted(path) for path in work.staged[name])
        work.con.execute(f"CREATE TEMP VIEW raw_{name} AS SELECT * FROM read_parquet([{files}])")
        work.con.execute(
            f"CREATE TEMP VIEW staged_{name} AS SELECT *, {ident_of(table)} AS _id FROM "
            f"(SELECT *, {content(table)} AS _content FROM raw_{name} WHERE _fate = 0)"
        )
    if name in work.stored:
        rows = f"SELECT * FROM read_parquet({quoted(work.stored[name])})"
        held = [row[0] for row in work.con.execute(f"DESCRIBE {rows}").fetchall()]
        last = "coalesce(_seen, _cut)" if "_seen" in held else "_cut"
        if name in work.rewritten:
            rows = f"SELECT * REPLACE ({content(table, held)} AS _content) FROM ({rows})"
            if not table.id:
                rows = f"SELECT * REPLACE ({letters('_content')} AS _id) FROM ({rows})"
        work.con.execute(
            f"CREATE TEMP VIEW stored_{name} AS SELECT *, epoch_us({last}) AS _last FROM ({rows})"
        )


def ident_of(table: TableSpec) -> str:
    """Return an expression for a row's id; without one it is made of the row's content."""
    if not table.id:
        return letters("_content")
    ident = quoted_name(table.id)
    return f"lower({ident})" if table.column(table.id).kind == "unit" else ident


def _stop(work: Settlement, table: str, select: str) -> None:
    work.con.execute(f"INSERT INTO stopped SELECT {literal(table)}, {select}")


def left(table: str) -> str:
    """Return the rows of the delivery that nothing has stopped yet."""
    return (
        f"(SELECT s.* FROM staged_{table} s ANTI JOIN (SELECT _file, _line FROM stopped "
        f"WHERE tab = {literal(table)}) x ON s._file = x._file AND s._line = x._line)"
    )


def _repeats(work: Settlement, table: TableSpec) -> None:
    """Stop the same row again (a duplicate), and the same id with other content (a conflict)."""
    name = table.name
    marks = work.con.sql(f"SELECT hash(_id) AS mark FROM staged_{name}").fetchnumpy()["mark"]
    marks.sort()
    twice = marks[1:][marks[1:] == marks[:-1]]
    if not len(twice):
        return
    work.con.register("suspects", pa.table({"mark": twice}))
    work.con.execute(
        f"CREATE OR REPLACE TEMP TABLE repeats AS SELECT _id, min(_content) <> max(_content) "
        f"AS differs, min((_file::BIGINT << 40) + _line) AS first "
        f"FROM staged_{name} WHERE hash(_id) IN (SELECT mark FROM suspects) "
        "GROUP BY _id HAVING count(*) > 1"
    )
    work.con.unregister("suspects")
    conflict, duplicate = FATES.index("conflict"), FATES.index("duplicate")
    _stop(work, name,
          f"s._file, s._line, CASE WHEN r.differs THEN {conflict} ELSE {duplicate} END, 0 "
          f"FROM staged_{name} s JOIN repeats r ON s._id = r._id "
          f"WHERE r.differs OR (s._file::BIGINT << 40) + s._line <> r.first")  # fmt: skip


def _against_store(work: Settlement, table: TableSpec) -> None:
    """Rows as stored are unchanged; rows of an older delivery than the stored superseded."""
    name = table.name
    same, older = FATES.index("unchanged"), FATES.index("superseded")
    _stop(work, name,
          f"s._file, s._line, CASE WHEN s._content = p._content THEN {same} ELSE {older} END, 0 "
          f"FROM {left(name)} s JOIN stored_{name} p ON s._id = p._id AND p._current "
          f"WHERE s._content = p._content OR p._last > {work.cut}")  # fmt: skip
    if table.key:
        held = f"FROM stored_{name} WHERE _current"
        _stop(work, name,
              f"s._file, s._line, {older}, 0 FROM {left(name)} s "
              f"WHERE s._id NOT IN (SELECT _id {held}) AND {key_of(table)} IN "
              f"(SELECT {key_of(table)} {held} AND _last > {work.cut})")  # fmt: skip
    _ended(work, table)
    if table.file.extract == "full":
        seen = f"SELECT _id FROM staged_{name}"
        if table.id:
            ident = quoted_name(table.id)
            seen += f" UNION SELECT {ident} FROM raw_{name} WHERE {ident} IS NOT NULL"
        work.vanished[name] = work.one(
            f"SELECT count(*) FROM stored_{name} WHERE _current AND _last <= {work.cut} "
            f"AND _id NOT IN ({seen})"
            + (f" AND {key_of(table)} NOT IN (SELECT {key_of(table)} FROM staged_{name})"
               if table.key else "")
        )  # fmt: skip


def _ended(work: Settlement, table: TableSpec) -> None:
    """Stop rows of a delivery older than that by which their version holds no longer.

    Of a store that does not say when a version ended, only the cut that showed it is known.
    """
    name, older = table.name, FATES.index("superseded")
    ended = f"epoch_us(_cut) >= {work.cut}"
    if "_until" in {row[0] for row in work.con.execute(f"DESCRIBE stored_{name}").fetchall()}:
        ended = f"coalesce(epoch_us(_until) > {work.cut}, {ended})"
    versions = f"FROM stored_{name} WHERE NOT _current AND {ended}"
    if work.one(f"SELECT count(*) {versions}"):
        _stop(work, name, f"s._file, s._line, {older}, 0 FROM {left(name)} s "
              f"SEMI JOIN (SELECT _id {versions}) p ON s._id = p._id")  # fmt: skip


def key_of(table: TableSpec) -> str:
    """Return an expression for what tells which row a later one corrects."""
    parts = [
        f"lower({quoted_name(name)})" if table.column(name).kind == "unit" else quoted_name(name)
        for name in table.key
    ]
    return f"hash({', '.join(parts)})"


def _orphans(work: Settlement, table: TableSpec, known: set[str]) -> None:
    defining = {t.defines: t for t in work.profile.tables if t.defines}
    for place, spec in enumerate(table.kept):
        if spec.kind != "ref" or spec.missing == "make" or spec.to not in defining:
            continue
        target = defining[spec.to]
        if not work.has(target.name) or target.name not in known | {table.name}:
            continue
        if work.graves and target.name in work.staged:
            _stop_erased(work, table, spec, target)
        if target.name == table.name:
            _own_orphans(work, table, spec, place)
        else:
            _stop_orphans(work, table, spec, place, f"SELECT id FROM ids_{target.name}")
    if table.use:
        _use_orphans(work, table, table.use)


def _stop_erased(work: Settlement, table: TableSpec, spec: ColumnSpec, target: TableSpec) -> None:
    """Leave out what names an erased row: it must not stand in the quarantine either.

    Not where another row says that the object is there: it is someone else's by now.
    """
    erased = FATES.index("erased")
    name, ident = quoted_name(spec.name), quoted_name(target.id)
    own = target.name == table.name
    there = f"({_ids(work, table)})" if own else f"ids_{target.name}"
    gone = (
        f"SELECT r.{ident} AS id FROM raw_{target.name} r LEFT JOIN stopped x ON "
        f"x.tab = {literal(target.name)} AND x._file = r._file AND x._line = r._line "
        f"WHERE (r._fate = {erased} OR x.fate = {erased}) "
        f"AND r.{ident} NOT IN (SELECT id FROM {there} WHERE id IS NOT NULL)"
    )
    _stop(work, table.name, f"s._file, s._line, {erased}, 0 FROM {left(table.name)} s "
          f"SEMI JOIN ({gone}) g ON s.{name} = g.id")  # fmt: skip


def _stop_orphans(
    work: Settlement, table: TableSpec, spec: ColumnSpec, place: int, known: str
) -> int:
    name, orphan = quoted_name(spec.name), FATES.index("orphan")
    before = work.one("SELECT count(*) FROM stopped")
    _stop(work, table.name,
          f"s._file, s._line, {orphan}, {place + 1} FROM {left(table.name)} s "
          f"ANTI JOIN ({known}) k ON s.{name} = k.id WHERE s.{name} IS NOT NULL")  # fmt: skip
    return work.one("SELECT count(*) FROM stopped") - before


def _own_orphans(work: Settlement, table: TableSpec, spec: ColumnSpec, place: int) -> None:
    """Stop references within the table: what is stopped can leave others behind."""
    known = f"SELECT _id AS id FROM {left(table.name)}"
    # A row that is there twice, unchanged or superseded still is there.
    there = tuple(FATES.index(c) for c in ("duplicate", "unchanged", "superseded"))
    if table.name in work.stored:
        known += f" UNION SELECT _id FROM stored_{table.name} WHERE _current"
    known += (
        f" UNION SELECT s._id FROM staged_{table.name} s JOIN stopped x ON s._file = x._file AND "
        f"s._line = x._line AND x.tab = {literal(table.name)} AND x.fate IN {there} "
        f"AND x.fate <> {FATES.index('duplicate')}"
    )
    while _stop_orphans(work, table, spec, place, known):
        pass


def _use_orphans(work: Settlement, table: TableSpec, use: UseSpec) -> None:
    name, orphan = quoted_name(use.event), FATES.index("orphan")
    place = [c.name for c in table.kept].index(use.event) + 1
    known = [
        f"SELECT {literal(source.casefold())} AS source, id FROM ids_{t.name}"
        for source, template in use.events.items()
        for t in work.profile.tables
        if any(e.id == template for e in t.events) and work.has(t.name)
    ]
    union = " UNION ".join(known) or "SELECT '' AS source, '' AS id WHERE false"
    _stop(work, table.name,
          f"s._file, s._line, {orphan}, {place} FROM {left(table.name)} s ANTI JOIN ({union}) k "
          f"ON s.{name} = k.id AND lower(s.{quoted_name(use.source)}) = k.source")  # fmt: skip


def annulled(table: TableSpec, rule: Rule) -> str:
    """Return a query for the ids of rows that the delivery has as left out by rule alone."""
    ident, code = quoted_name(table.id), FATES.index(rule.code)
    return (
        f"SELECT {ident} FROM raw_{table.name} WHERE _fate = {code} AND {ident} IS NOT NULL "
        f"AND {ident} NOT IN (SELECT _id FROM staged_{table.name})"
    )


def _known_ids(work: Settlement, table: TableSpec) -> None:
    """Keep the ids of the rows that are there, for the tables that refer to them."""
    work.con.execute(f"CREATE OR REPLACE TEMP TABLE ids_{table.name} AS {_ids(work, table)}")


def _ids(work: Settlement, table: TableSpec) -> str:
    parts = []
    if table.name in work.staged:
        parts.append(f"SELECT _id AS id FROM {left(table.name)}")
    if table.name in work.stored:
        held = f"SELECT _id AS id FROM stored_{table.name} WHERE _current"
        if table.name in work.staged and table.rule is not None and table.id:
            gone = annulled(table, table.rule)
            held += f" AND NOT (_id IN ({gone}) AND _last <= {work.cut})"
        parts.append(held)
    return " UNION ".join(parts)


def _unit_names(work: Settlement) -> None:
    """Make ``listed_units``: the names on the lists of units, as they are spelt there."""
    parts: list[str] = []
    for table in work.profile.tables:
        if not table.id or table.column(table.id).kind != "unit":
            continue
        column = quoted_name(table.id)
        files = [*work.staged.get(table.name, ()), *filter(None, [work.stored.get(table.name)])]
        parts.extend(
            f"SELECT {column} AS name FROM read_parquet({quoted(path)}) WHERE {column} IS NOT NULL"
            for path in files
        )
    union = " UNION ".join(parts) or "SELECT '' AS name WHERE false"
    work.con.execute(
        f"CREATE TEMP TABLE listed_units AS SELECT lower(name) AS folded, min(name) AS name "
        f"FROM ({union}) GROUP BY 1"
    )


def _forget_unlisted(work: Settlement) -> None:
    """Leave in ``listed_units`` the names whose line on the list holds: others have no kind."""
    held = []
    for table in work.profile.tables:
        if table.id and table.column(table.id).kind == "unit":
            held += [f"SELECT _id FROM {left(table.name)}"] if table.name in work.staged else []
            if table.name in work.stored:
                held.append(f"SELECT _id FROM stored_{table.name} WHERE _current")
    if held:
        union = " UNION ALL ".join(held)
        work.con.execute(f"DELETE FROM listed_units WHERE folded NOT IN ({union})")


def repairs(work: Settlement, table: TableSpec) -> str:
    """Return an expression for a kept row's repairs, those included that need other tables."""
    bits = ["_repairs"]
    defining = {t.defines for t in work.profile.tables if t.defines}
    held = {t.defines for t in work.profile.tables if t.defines and work.has(t.name)}
    for spec in table.kept:
        name = quoted_name(spec.name)
        if spec.kind == "unit" and table.id != spec.name:
            bits.append(
                f"CASE WHEN {name} IS NOT NULL AND lower({name}) NOT IN "
                f"(SELECT folded FROM listed_units) THEN {repair_bit('unknown_unit')} ELSE 0 END"
            )
        if spec.kind == "ref" and spec.to in defining - held:
            bits.append(
                f"CASE WHEN {name} IS NOT NULL THEN {repair_bit('object_from_reference')} "
                "ELSE 0 END"
            )
    return " | ".join(f"({bit})" for bit in bits)
