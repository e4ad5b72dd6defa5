"""Check that each column of a profile is of a kind that fits the use made of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from procmine.errors import Fault
from procmine.exports.profile import OBJECT_KINDS
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Iterator

    from procmine.exports.profile import TableSpec
    from procmine.exports.profiles.lines import Lines

__all__ = ["kind_faults"]

Raw = dict[str, Any]
_TIME = ("time",)
_WORDS = ("id", "ref", "event", "citizen", "staff", "unit", "code", "activity", "outcome", "plain",
          "secret")  # fmt: skip
_KEPT = (*_WORDS, "time", "number", "integer", "flag")
_OBJECTS = tuple(sorted(OBJECT_KINDS))


def kind_faults(
    raw: Raw, tables: tuple[TableSpec, ...], where: str, lines: Lines
) -> list[tuple[Fault, str]]:
    """Return what cannot be used as the profile says, with its line.

    Names of columns are known to exist, and the structure follows the schema.
    """
    found = []
    seen: set[str] = set()
    for number, (row, table) in enumerate(zip(raw.get("table", []), tables, strict=True)):
        place: list[str | int] = ["table", number]
        for name, kinds in _uses(row):
            spec = table.column(name)
            if spec.kind in kinds and (kinds is not _OBJECTS or spec.to):
                continue
            line = lines.find([*place, "columns"], name)
            sentence = t("exports.profile_kind", file=where, line=line, word=name,
                         kind=spec.kind, kinds=", ".join(kinds))  # fmt: skip
            found.append((Fault("wrong_kind", where, name, (line,)), sentence))
        for k, event in enumerate(table.events):
            if not (event.time or event.start or event.changed):
                line = lines.find([*place, "event", k])
                sentence = t("exports.profile_no_time", file=where, line=line)
                found.append((Fault("wrong_value", where, "event", (line,)), sentence))
        if table.name in seen:
            line = lines.find(place, "name")
            sentence = t("exports.profile_table_twice", file=where, line=line, word=table.name)
            found.append((Fault("wrong_value", where, "name", (line,)), sentence))
        seen.add(table.name)
        for key, word in _values(table):
            line = lines.find(place if key in row.get("file", row) else ["file"], key)
            sentence = t("exports.profile_value", file=where, line=line, key=key, word=word,
                         hint=t(f"exports.wanted_{key}"))  # fmt: skip
            if sentence not in [said for _, said in found]:
                found.append((Fault("wrong_value", where, key, (line,)), sentence))
    return found


def _uses(row: Raw) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the columns that a table's parts use, each with the kinds that fit."""
    if "id" in row:
        yield row["id"], _WORDS
    yield from ((name, _KEPT) for name in (*row.get("key", ()), *row.get("need", ())))
    for obj in row.get("object", ()):
        yield obj["column"], _OBJECTS
        values = (*obj.get("attributes", {}).values(), *obj.get("changes", {}).values())
        yield from ((name, _KEPT) for name in values)
        yield from ((name, _TIME) for name in [obj.get("changes_at")] if name)
    for link in row.get("link", ()):
        yield from ((link[end], _OBJECTS) for end in ("from", "to"))
    for event in row.get("event", ()):
        yield from _event_uses(event)
    if "use" in row:
        use = row["use"]
        yield use["object"], _OBJECTS
        yield from ((name, _WORDS) for name in (use["event"], use["source"]))
        yield from _chosen(use["as"])
    yield from ((name, _KEPT) for name in row.get("side", {}).get("columns", {}).values())
    yield from ((name, _WORDS) for name in row.get("code_list", {}).values())


def _event_uses(event: Raw) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from _chosen(event["type"])
    times = event.get("time", ())
    yield from ((name, _TIME) for name in ([times] if isinstance(times, str) else times))
    yield from ((name, _TIME) for name in [event.get("start")] if name)
    yield from ((name, _KEPT) for name in [event.get("changed")] if name)
    if "when" in event:
        yield event["when"]["column"], _WORDS
    yield from ((name, _KEPT) for name in event.get("attributes", {}).values())
    for reach in event.get("objects", ()):
        yield reach["column"], _OBJECTS
        yield from _chosen(reach["as"])


def _chosen(raw: str | Raw) -> Iterator[tuple[str, tuple[str, ...]]]:
    if not isinstance(raw, str):
        yield raw["column"], _WORDS


def _values(table: TableSpec) -> Iterator[tuple[str, str]]:
    """Yield the settings of a table's files that mean nothing: (key, word)."""
    if table.id and table.key:
        yield "key", table.key[0]
    try:
        ZoneInfo(table.file.timezone)
    except (KeyError, ValueError, OSError):  # a folder of the time zones is an OSError
        yield "timezone", table.file.timezone
    for day in table.file.sentinels:
        try:
            date.fromisoformat(day)
        except ValueError:
            yield "sentinels", day
