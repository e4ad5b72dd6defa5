"""What is new, gone or lacking in a delivery, said before the snapshot is switched to."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from procmine.exports.names import nearest
from procmine.exports.persons import echoed
from procmine.exports.sql import listed, quoted_name
from procmine.text import t
from procmine.text.formats import number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from procmine.config.load import Config
    from procmine.exports.account import Account
    from procmine.exports.cells import Context
    from procmine.exports.delivery import Delivery
    from procmine.exports.settle import Settlement

__all__ = ["Drift", "read_drift"]

_MOST = 20


@dataclass(slots=True)
class Drift:
    """Sentences for people, the same as data, and what the next load compares with."""

    sentences: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    known: dict[str, Any] = field(default_factory=dict)
    fresh: list[str] = field(default_factory=list)
    """The sentences on what was not there at the last load."""

    def say(self, kind: str, items: list[str] | int, sentence: str, *, fresh: bool = False) -> None:
        """Add a finding where there is one; `fresh` says that it is new since the last load."""
        if items:
            self.data[kind] = items
            self.sentences.append(sentence)
            self.fresh += [sentence] * fresh


def read_drift(
    work: Settlement, delivery: Delivery, account: Account, context: Context, config: Config,
    meta: dict[str, Any],
) -> Drift:  # fmt: skip
    """Compare the delivery with the profile, the catalogues and the loads before."""
    drift = Drift()
    _columns(drift, delivery, meta)
    _values(drift, work, context)
    _units(drift, work, meta)
    _activities(drift, work, config, meta)
    _files(drift, delivery, account)
    _rows(drift, work)
    _ends(drift, work, config)
    if context.shaped:
        names = sorted(context.shaped)
        drift.say("pseudonymised_ids", names,
                  t("exports.pseudonymised_ids", names=", ".join(names)))  # fmt: skip
    return drift


def _list(items: Sequence[str], say: Callable[[str], str] = echoed) -> str:
    """Return the first of many items in words: no more are looked at closely."""
    shown = ", ".join(map(say, items[:_MOST]))
    left = len(items) - _MOST
    return shown if left <= 0 else t("exports.and_more", shown=shown, n=number(left))


def _with_nearest(known: Iterable[str], value: str) -> str:
    """Return a value as it may be said, and the known one it is nearest to."""
    near = echoed(nearest(value, known))
    word = echoed(value)
    return f"{word} ({t('exports.near', near=near)})" if near else word


def _columns(drift: Drift, delivery: Delivery, meta: dict[str, Any]) -> None:
    seen: dict[str, list[str]] = dict(meta.get("columns", {}))
    for source in delivery.sources:
        for header in source.headers:
            names = sorted({*header.places, *header.unknown})
            before = {*seen[source.table.name]} if source.table.name in seen else None
            fresh = [n for n in header.unknown if before is None or n not in before]
            for name in fresh:
                near = header.unknown[name]
                hint = f" {t('exports.near', near=near)}" if near else ""
                drift.data.setdefault("unknown_columns", []).append([source.shown, name])
                drift.sentences.append(
                    t("exports.unknown_column", file=source.shown, column=name) + hint
                )
                drift.fresh.append(drift.sentences[-1])
            if before is not None:
                _new_columns(drift, source.shown, [n for n in header.places if n not in before])
            seen[source.table.name] = sorted({*names, *(before or ())})
    drift.known["columns"] = seen


def _new_columns(drift: Drift, file: str, names: list[str]) -> None:
    """Say which columns of the profile an earlier delivery of the table lacked."""
    for name in names:
        drift.data.setdefault("new_columns", []).append([file, name])
        drift.sentences.append(t("exports.new_column", file=file, column=name))
        drift.fresh.append(drift.sentences[-1])


def _values(drift: Drift, work: Settlement, context: Context) -> None:
    for (table, column), values in sorted(context.unknown.items()):
        spec = work.profile.table(table).column(column)
        if not values or spec.kind == "activity" or not spec.may_echo:
            continue
        rule = work.profile.table(table).rule
        known = [*spec.known, *spec.values, *(rule.keep if rule else ())]
        names = _list(sorted(values), partial(_with_nearest, known))
        drift.data.setdefault("unknown_values", {})[f"{table}.{column}"] = sorted(values)
        drift.sentences.append(
            t("exports.unknown_values", table=table, column=column, values=names)
        )


def _units(drift: Drift, work: Settlement, meta: dict[str, Any]) -> None:
    rows = work.con.execute("SELECT name FROM unit_names ORDER BY 1").fetchall()
    names = [row[0] for row in rows]
    unknown = [
        row[0] for row in work.con.execute(
            "SELECT name FROM unit_names u ANTI JOIN listed_units l ON l.folded = u.folded "
            "ORDER BY 1"
        ).fetchall()
    ]  # fmt: skip
    count = number(len(unknown))
    drift.say("units_without_kind", unknown,
              t("exports.units_without_kind", n=count, names=_list(unknown)))  # fmt: skip
    if "units" in meta:
        before = {*meta["units"]}
        fresh = [n for n in names if n not in before]
        drift.say("new_units", fresh, t("exports.new_units", names=_list(fresh)), fresh=True)
    drift.known["units"] = names


def _activities(drift: Drift, work: Settlement, config: Config, meta: dict[str, Any]) -> None:
    kinds = {s.type for c in config.catalogues for s in c.steps}
    fixed = {e.type.fixed for x in work.profile.tables for e in x.events}
    found = [
        row[0] for row in
        work.con.execute("SELECT DISTINCT event_type FROM events ORDER BY 1").fetchall()
    ]  # fmt: skip
    unknown = [name for name in found if name not in kinds and name not in fixed]
    count = number(len(unknown))
    names = _list(unknown, partial(_with_nearest, kinds))
    drift.say("unknown_activities", unknown,
              t("exports.unknown_activities", n=count, names=names))  # fmt: skip
    if "activities" in meta:
        before = {*meta["activities"]}
        fresh = [n for n in found if n not in before]
        sentence = t("exports.new_activities", names=_list(fresh))
        drift.say("new_activities", fresh, sentence, fresh=True)
    drift.known["activities"] = found


def _files(drift: Drift, delivery: Delivery, account: Account) -> None:
    drift.say("other_files", delivery.others,
              t("exports.other_files", names=_list(delivery.others)))  # fmt: skip
    for source, file in zip(delivery.sources, account.files, strict=True):
        if source.survey is not None and source.survey.differs:
            drift.sentences.append(
                t("exports.other_encoding", file=file.file, found=source.survey.encoding)
            )
        if file.footer is not None and file.footer != file.read:
            drift.data.setdefault("footer", {})[file.file] = [file.footer, file.read]
            drift.sentences.append(t("exports.footer", file=file.file,
                                     said=number(file.footer), read=number(file.read)))  # fmt: skip
        if source.book is not None and source.book.others:
            drift.sentences.append(t("exports.other_sheets", file=file.file,
                                     n=number(len(source.book.others))))  # fmt: skip


def _rows(drift: Drift, work: Settlement) -> None:
    for kind, counts in (("vanished", work.vanished), ("annulled", work.annulled),
                         ("changed", work.changed)):  # fmt: skip
        for table, n in sorted(counts.items()):
            if n:
                drift.data.setdefault(kind, {})[table] = n
                drift.sentences.append(t(f"exports.{kind}", table=table, n=number(n)))


def _ends(drift: Drift, work: Settlement, config: Config) -> None:
    """Say where a process has cases but neither an end step nor an outcome (design 4)."""
    found = _types_by_case(work, sorted({c.case_type for c in config.catalogues}))
    for catalogue in config.catalogues:
        ends = {s.type for s in catalogue.steps if s.has("end") or s.has("end_if")}
        decided = {s.type for s in catalogue.steps if s.has("end_if")}
        own = {s.type for s in catalogue.steps} & found.get(catalogue.case_type, set())
        if not own:
            continue
        if ends and not ends & own:
            drift.data.setdefault("no_end", []).append(catalogue.process)
            drift.sentences.append(t("exports.no_end", process=catalogue.label))
        outcome = str(work.profile.roles.get("outcome", ""))
        if decided & own and outcome and not _has_outcome(work, outcome, decided):
            drift.data.setdefault("no_outcome", []).append(catalogue.process)
            drift.sentences.append(t("exports.no_outcome", process=catalogue.label))


def _types_by_case(work: Settlement, case_types: list[str]) -> dict[str, set[str]]:
    """Return the event types that relate to objects of each case type."""
    rows = work.con.execute(
        "SELECT object_type, event_type FROM related_types "
        f"WHERE object_type IN {listed(case_types or [''])}"
    ).fetchall()
    found: dict[str, set[str]] = {}
    for case_type, event_type in rows:
        found.setdefault(case_type, set()).add(event_type)
    return found


def _has_outcome(work: Settlement, outcome: str, types: set[str]) -> bool:
    column = quoted_name(f"attr.{outcome}")
    names = ", ".join(f"'{name}'" for name in sorted(types))
    held = [row[0] for row in work.con.execute("DESCRIBE events").fetchall()]
    if f"attr.{outcome}" not in held:
        return False
    return bool(work.one(
        f"SELECT count(*) FROM events WHERE event_type IN ({names}) "
        f"AND {column} IS NOT NULL"
    ))  # fmt: skip
