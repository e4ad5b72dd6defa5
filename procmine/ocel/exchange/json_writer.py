"""OCEL 2.0 JSON, written a batch at a time, as the standard's schema wants it."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING

from procmine.ocel.exchange.rows import Declared, Entity, declarations, entities
from procmine.ocel.exchange.whole import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from procmine.ocel.log import Ocel

__all__ = ["write_json"]


def write_json(log: Ocel, path: Path) -> None:
    """Write the log as OCEL 2.0 JSON in UTF-8, all instants in UTC, all values as text.

    Parameters
    ----------
    log
        The log.
    path
        The file; it is written whole or not at all.
    """
    with whole_file(path) as place, place.open("w", encoding="utf-8", newline="\n") as file:
        file.write('{"objectTypes": ')
        _array(file, _types(declarations(log, "object")))
        file.write(',\n"eventTypes": ')
        _array(file, _types(declarations(log, "event")))
        file.write(',\n"objects": ')
        _array(file, (_object(entity) for entity in entities(log, "object")))
        file.write(',\n"events": ')
        _array(file, (_event(entity) for entity in entities(log, "event")))
        file.write("}\n")


def _array(file: IO[str], items: Iterator[dict[str, object]]) -> None:
    encode = json.JSONEncoder(ensure_ascii=False).encode
    file.write("[")
    separator = "\n"
    for item in items:
        file.write(separator + encode(item))
        separator = ",\n"
    file.write("]")


def _types(declared: Declared) -> Iterator[dict[str, object]]:
    for kind, attributes in declared.items():
        listed = [{"name": n, "type": value_type} for n, (value_type, _) in attributes.items()]
        yield {"name": kind, "attributes": listed}


def _event(entity: Entity) -> dict[str, object]:
    return {
        "id": entity.key,
        "type": entity.kind,
        "time": entity.time,
        "attributes": [{"name": name, "value": text} for name, text, _ in entity.values],
        "relationships": _related(entity),
    }


def _object(entity: Entity) -> dict[str, object]:
    values = [{"name": name, "time": time, "value": text} for name, text, time in entity.values]
    return {
        "id": entity.key,
        "type": entity.kind,
        "attributes": values,
        "relationships": _related(entity),
    }


def _related(entity: Entity) -> list[dict[str, str]]:
    return [{"objectId": target, "qualifier": qualifier} for target, qualifier in entity.related]
