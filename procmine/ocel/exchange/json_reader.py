"""OCEL 2.0 JSON, and OCEL 1.0 JSON, read as a stream."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from procmine.errors import Fault, LogError
from procmine.ocel.exchange.assemble import assemble
from procmine.ocel.exchange.raw import RawBuilder, value_text
from procmine.ocel.exchange.stream import JsonStream
from procmine.ocel.exchange.tally import Tally
from procmine.ocel.exchange.times import ZONE
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from procmine.ocel.exchange.result import ReadResult

__all__ = ["read_json"]

SECTIONS = ("eventTypes", "objectTypes", "events", "objects")
OLD = "ocel:"
NONE: list[object] = []


def read_json(path: Path, *, zone: str = ZONE) -> ReadResult:
    """Read an OCEL 2.0 JSON file; an OCEL 1.0 file is read with a note that it is one.

    Parameters
    ----------
    path
        The file, UTF-8.
    zone
        Zone of stamps that name none.

    Raises
    ------
    LogError
        The file is no JSON, or holds neither of the two formats.
    """
    tally = Tally()
    builder = RawBuilder(tally)
    seen: set[str] = set()
    with path.open(encoding="utf-8-sig", newline="") as file:
        stream = JsonStream(file, path.name)
        for key in stream.names():
            _section(stream, key, builder, tally, seen)
        stream.finish()
    if seen.intersection((f"{OLD}events", f"{OLD}objects")):
        tally.add("older_standard", path.name, detail="OCEL 1.0")
    else:
        absent = [name for name in SECTIONS if name not in seen]
        if absent:
            faults = tuple(Fault("missing_section", path.name, name) for name in absent)
            text = t("ocel.missing_section", file=path.name, names=", ".join(absent))
            raise LogError(text, faults)
    return assemble(builder.log(), tally, source=path.name, zone=zone)


def _section(
    stream: JsonStream, key: str, builder: RawBuilder, tally: Tally, seen: set[str]
) -> None:
    first = stream.peek()
    if key in SECTIONS and first == "[":
        seen.add(key)
        for row, item in enumerate(stream.items(), start=1):
            _item(key, item, builder, tally, row)
    elif key in (f"{OLD}events", f"{OLD}objects") and first == "{":
        seen.add(key)
        for name, item in stream.pairs():
            _old_item(key, name, item, builder, tally)
    elif first == "{":
        for _ in stream.pairs():
            continue
    elif first == "[":
        for _ in stream.items():
            continue
    else:
        stream.value()


def _item(section: str, item: object, builder: RawBuilder, tally: Tally, row: int) -> None:
    """Take one item: in one go where it is just as the standard wants it, else with care."""
    if (
        section in ("events", "objects")
        and isinstance(item, dict)
        and _sound(item, section, builder)
    ):
        return
    if not isinstance(item, dict):
        tally.add("malformed", section, row=row)
    elif section == "events":
        key = _id(item.get("id"), section, tally, row)
        builder.event(
            key,
            _text(item.get("type")),
            _text(item.get("time")),
            _values(item, section, tally, row),
            _related(item, section, tally, row),
        )
    elif section == "objects":
        key = _id(item.get("id"), section, tally, row)
        builder.object(
            key,
            _text(item.get("type")),
            _dated(item, section, tally, row),
            _related(item, section, tally, row),
        )
    else:
        owner = "event" if section == "eventTypes" else "object"
        name = _text(item.get("name"))
        if name is None:
            tally.add("malformed", section, "name", row)
            return
        if "attributes" not in item:
            tally.add("missing_key", section, "attributes", row)
        builder.declare(owner, name, _declared(item, section, tally, row))


def _sound(item: dict[str, Any], section: str, builder: RawBuilder) -> bool:
    """Take an event or object if all its keys are there and hold text; say whether."""
    try:
        key, kind = item["id"], item["type"]
        told, held = item.get("relationships", NONE), item.get("attributes", NONE)
        if not (isinstance(told, list) and isinstance(held, list)):
            return False
        related = [(r["objectId"], r["qualifier"]) for r in told]
        if section == "events":
            time = item["time"]
            values = [(a["name"], a["value"], "s") for a in held]
            "".join([key, kind, time, *chain(*values), *chain(*related)])
            builder.event(key, kind, time, values, related)
        else:
            dated = [(a["name"], a["value"], "s", a["time"]) for a in held]
            "".join([key, kind, *chain(*dated), *chain(*related)])
            builder.object(key, kind, dated, related)
    except (KeyError, TypeError, AttributeError):
        return False
    return True


def _declared(
    item: dict[str, object], section: str, tally: Tally, row: int
) -> Iterator[tuple[str, str]]:
    for attribute in _dicts(item, "attributes", section, tally, row):
        name, value_type = attribute.get("name"), attribute.get("type")
        if not isinstance(name, str) or not name:
            tally.add("malformed", section, "attributes", row)
            continue
        if not isinstance(value_type, str):
            tally.add("missing_key", section, "type", row)
            value_type = "string"
        yield name, value_type


def _values(
    item: dict[str, object], section: str, tally: Tally, row: int
) -> Iterator[tuple[str, str, str]]:
    for attribute in _dicts(item, "attributes", section, tally, row):
        name, value = attribute.get("name"), attribute.get("value")
        if not isinstance(name, str):
            tally.add("malformed", section, "attributes", row)
            continue
        if not isinstance(value, str):
            tally.add("value_not_text", section, name, row)
        found = value_text(value)
        if found is not None:
            yield name, *found


def _dated(
    item: dict[str, object], section: str, tally: Tally, row: int
) -> Iterator[tuple[str, str, str, str | None]]:
    for attribute in _dicts(item, "attributes", section, tally, row):
        time = _text(attribute.get("time"))
        if time is None:
            tally.add("missing_key", section, "time", row)
        for name, text, kind in _values({"attributes": [attribute]}, section, tally, row):
            yield name, text, kind, time


def _related(
    item: dict[str, object], section: str, tally: Tally, row: int
) -> Iterator[tuple[str | None, str | None]]:
    for relation in _dicts(item, "relationships", section, tally, row):
        target = _id(relation.get("objectId"), section, tally, row)
        qualifier = _text(relation.get("qualifier"))
        if qualifier is None:
            tally.add("missing_key", section, "qualifier", row)
        elif not isinstance(relation["qualifier"], str):
            tally.add("value_not_text", section, "qualifier", row)
        yield target, qualifier or ""


def _dicts(
    item: dict[str, object], key: str, section: str, tally: Tally, row: int
) -> list[dict[str, object]]:
    node = item.get(key, NONE)
    if not isinstance(node, list):
        tally.add("malformed", section, row=row)
        return []
    good = [entry for entry in node if isinstance(entry, dict)]
    if len(good) < len(node):
        tally.add("malformed", section, row=row, count=len(node) - len(good))
    return good


def _id(value: object, section: str, tally: Tally, row: int) -> str | None:
    if isinstance(value, str) or value is None:
        return value
    tally.add("id_not_text", section, "id", row)
    return _text(value)


def _text(value: object) -> str | None:
    found = value_text(value)
    return None if found is None else found[0]


def _old_item(section: str, key: str, item: object, builder: RawBuilder, tally: Tally) -> None:
    if not isinstance(item, dict):
        tally.add("malformed", section)
        return
    values = item.get(f"{OLD}vmap")
    filled = [
        (name, text)
        for name, value in (values.items() if isinstance(values, dict) else ())
        if (text := value_text(value)) is not None
    ]
    if section == f"{OLD}objects":
        kind = _text(item.get(f"{OLD}type"))
        _declare_old(builder, "object", kind, filled)
        builder.object(key, kind, [(name, *text, None) for name, text in filled], ())
        return
    kind = _text(item.get(f"{OLD}activity"))
    _declare_old(builder, "event", kind, filled)
    related = item.get(f"{OLD}omap")
    targets = [(_text(one), "") for one in related] if isinstance(related, list) else []
    builder.event(
        key,
        kind,
        _text(item.get(f"{OLD}timestamp")),
        [(name, *text) for name, text in filled],
        targets,
    )


_BY_KIND = {"b": "boolean", "i": "integer", "f": "float", "s": "string"}


def _declare_old(
    builder: RawBuilder, owner: str, kind: str | None, filled: list[tuple[str, tuple[str, str]]]
) -> None:
    """OCEL 1.0 declares no attributes: what the values are is what they are declared as."""
    if kind is None:
        return
    types = builder.event_types if owner == "event" else builder.object_types
    known = types.setdefault(kind, {})
    for name, (_, sort) in filled:
        value_type = _BY_KIND[sort]
        held = known.setdefault(name, value_type)
        if held != value_type:
            mixed = {held, value_type} == {"integer", "float"}
            known[name] = "float" if mixed else "string"
