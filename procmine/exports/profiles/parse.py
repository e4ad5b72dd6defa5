"""Build a profile's parts from its parsed TOML, and check that its names fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from procmine.errors import Fault
from procmine.exports.names import nearest
from procmine.exports.profile import (
    Chosen,
    ColumnSpec,
    EventSpec,
    FileSpec,
    LinkSpec,
    ObjectSpec,
    Reach,
    Rule,
    SideSpec,
    TableSpec,
    UseSpec,
)
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Iterator

    from procmine.exports.profiles.lines import Lines

__all__ = ["parse_tables", "reference_faults"]

Raw = dict[str, Any]


def parse_tables(raw: Raw) -> tuple[TableSpec, ...]:
    """Build the tables of a profile whose structure has been checked."""
    return tuple(_table(row, raw) for row in raw.get("table", []))


def reference_faults(
    raw: Raw, tables: tuple[TableSpec, ...], where: str, lines: Lines
) -> list[tuple[Fault, str]]:
    """Return every use of a column that its table does not have, with line and nearest."""
    found = []
    for number, (row, table) in enumerate(zip(raw.get("table", []), tables, strict=True)):
        known = [column.name for column in table.columns]
        for name in _named_columns(row):
            if name in known:
                continue
            line = lines.find(["table", number], name)
            near = nearest(name, known)
            hint = t("exports.near", near=near) if near else t(
                "exports.known", known=", ".join(known)
            )  # fmt: skip
            fault = Fault("unknown_column", where, name, (line,), detail=near)
            found.append(
                (fault, t("exports.profile_column", file=where, line=line, word=name, hint=hint))
            )
    return found


def _named_columns(row: Raw) -> Iterator[str]:
    yield from filter(None, (row.get("id"),))
    yield from (*row.get("key", ()), *row.get("need", ()))
    if "rule" in row:
        yield row["rule"]["column"]
    for obj in row.get("object", ()):
        yield obj["column"]
        yield from obj.get("attributes", {}).values()
        yield from obj.get("changes", {}).values()
        yield from filter(None, (obj.get("changes_at"),))
    for link in row.get("link", ()):
        yield from (link["from"], link["to"])
    for event in row.get("event", ()):
        yield from _event_columns(event)
    if "use" in row:
        use = row["use"]
        yield from (use["object"], use["event"], use["source"], *_chosen_column(use["as"]))
    yield from row.get("side", {}).get("columns", {}).values()
    yield from row.get("code_list", {}).values()


def _event_columns(event: Raw) -> Iterator[str]:
    yield from _chosen_column(event["type"])
    yield from _texts(event.get("time", ()))
    yield from filter(None, (event.get("start"), event.get("changed")))
    if "when" in event:
        yield event["when"]["column"]
    yield from event.get("attributes", {}).values()
    for reach in event.get("objects", ()):
        yield from (reach["column"], *_chosen_column(reach["as"]))


def _chosen_column(raw: str | Raw) -> tuple[str, ...]:
    return () if isinstance(raw, str) else (raw["column"],)


def _texts(raw: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (raw,) if isinstance(raw, str) else tuple(raw)


def _file(raw: Raw) -> FileSpec:
    values: Raw = {k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()}
    return FileSpec(**values)


def _table(row: Raw, raw: Raw) -> TableSpec:
    rule = row.get("rule")
    side = row.get("side")
    use = row.get("use")
    codes = row.get("code_list")
    return TableSpec(
        name=row["name"],
        files=_texts(row["files"]),
        columns=tuple(_column(name, spec) for name, spec in row["columns"].items()),
        profile=raw["name"],
        system=str(raw.get("system", raw["name"])),
        file=_file(raw.get("file", {}) | row.get("file", {})),
        id=row.get("id", ""),
        key=tuple(row.get("key", ())),
        need=tuple(row.get("need", ())),
        rule=Rule(rule["column"], tuple(rule["keep"]), tuple(rule.get("known", ())),
                  rule.get("code", "not_performed")) if rule else None,
        objects=tuple(
            ObjectSpec(o["column"], o.get("attributes", {}), o.get("changes", {}),
                       o.get("changes_at", ""))
            for o in row.get("object", ())
        ),
        links=tuple(
            LinkSpec(k["as"], k["from"], k["to"], k.get("fallback", False))
            for k in row.get("link", ())
        ),
        events=tuple(_event(event) for event in row.get("event", ())),
        use=UseSpec(use["object"], use["event"], use["source"], use["events"],
                    _chosen(use["as"])) if use else None,
        side=SideSpec(side["name"], side["columns"]) if side else None,
        code_list=(codes["code"], codes["label"]) if codes else None,
    )  # fmt: skip


def _column(name: str, raw: Raw) -> ColumnSpec:
    values: Raw = {k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()}
    return ColumnSpec(name, **values)


def _chosen(raw: str | Raw) -> Chosen:
    if isinstance(raw, str):
        return Chosen(fixed=raw)
    return Chosen("", raw["column"], raw.get("map", {}), raw.get("else", ""))


def _event(raw: Raw) -> EventSpec:
    when = raw.get("when", {})
    return EventSpec(
        type=_chosen(raw["type"]),
        id=raw["id"],
        time=_texts(raw.get("time", ())),
        start=raw.get("start", ""),
        optional=raw.get("optional", False),
        changed=raw.get("changed", ""),
        when=when.get("column", ""),
        when_is=tuple(when.get("is", ())),
        when_is_not=tuple(when.get("is_not", ())),
        attributes=raw.get("attributes", {}),
        objects=tuple(
            Reach(_chosen(r["as"]), r["column"], tuple(r.get("follow", ())))
            for r in raw.get("objects", ())
        ),
    )
