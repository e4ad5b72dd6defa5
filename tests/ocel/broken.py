"""Small logs in the exchange formats, to be broken by a test: as text, as file, as database."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from procmine.ocel.validate import validate_path

if TYPE_CHECKING:
    from pathlib import Path

WHEN = "2024-01-01T10:00:00Z"
DOCUMENT: dict[str, Any] = {
    "eventTypes": [{"name": "A", "attributes": [{"name": "x", "type": "integer"}]}],
    "objectTypes": [{"name": "O", "attributes": [{"name": "y", "type": "string"}]}],
    "events": [
        {
            "id": "e1",
            "type": "A",
            "time": WHEN,
            "attributes": [{"name": "x", "value": "1"}],
            "relationships": [{"objectId": "o1", "qualifier": "q"}],
        }
    ],
    "objects": [
        {
            "id": "o1",
            "type": "O",
            "attributes": [{"name": "y", "value": "v", "time": "1970-01-01T00:00:00Z"}],
            "relationships": [{"objectId": "o1", "qualifier": "q"}],
        }
    ],
}
TABLES = """
create table event_map_type (ocel_type text, ocel_type_map text);
create table object_map_type (ocel_type text, ocel_type_map text);
create table event (ocel_id text, ocel_type text);
create table object (ocel_id text, ocel_type text);
create table event_object (ocel_event_id text, ocel_object_id text, ocel_qualifier text);
create table object_object (ocel_source_id text, ocel_target_id text, ocel_qualifier text);
insert into event_map_type values ('A', 'A');
insert into object_map_type values ('O', 'O');
insert into event values ('e1', 'A');
insert into object values ('o1', 'O');
insert into event_object values ('e1', 'o1', 'q');
create table event_A (ocel_id text, ocel_time timestamp);
create table object_O (ocel_id text, ocel_time timestamp, ocel_changed_field text, y text);
insert into event_A values ('e1', '2024-01-01T10:00:00Z');
insert into object_O values ('o1', '1970-01-01T00:00:00Z', null, 'v');
"""


def saved(path: Path, document: object) -> Path:
    """Write a document, or a text, to a file."""
    text = document if isinstance(document, str) else json.dumps(document)
    path.write_text(text, encoding="utf-8")
    return path


def database(folder: Path, script: str = "") -> Path:
    """Write a small valid database, then change it."""
    path = folder / "log.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(TABLES + script)
        connection.commit()
    return path


def found(path: Path) -> dict[str, int]:
    """Return the breaches of a file by code."""
    return {fault.code: fault.count for fault in validate_path(path)}
