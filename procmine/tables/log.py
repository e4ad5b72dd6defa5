"""The five tables of an OCEL 2.0 log as procmine holds them, and their lineage.

Attributes stand as further columns ``attr.NAME`` behind the named ones: of an event in
EVENTS, of an object (its value from the beginning) in OBJECTS. Where one name has
different types in different event or object types, the most common type has the column
``attr.NAME`` and each other ``attr.NAME:TYPE``. Which type declares which attribute, and
with which OCEL type, stands in the declarations (:data:`ATTRIBUTES`).
"""

from __future__ import annotations

from procmine.tables.schema import Column, Schema

__all__ = [
    "ATTRIBUTES",
    "ATTR_PREFIX",
    "E2O",
    "EVENTS",
    "LOG_TABLES",
    "O2O",
    "OBJECTS",
    "OBJECT_CHANGES",
]

ATTR_PREFIX = "attr."

EVENTS = Schema(
    "events",
    "one row an event, sorted by time, rank of its type, id",
    (
        Column("event_id", "string", "the event's id", key=True),
        Column("event_type", "code", "event type (activity)"),
        Column("time", "instant", "when it happened; completion where it has a start"),
        Column("start", "instant", "when it began, where the source says so", nullable=True),
        Column("precision", "code", "second, minute or day: how finely the stamp was given"),
        Column("source_file", "code", "delivery and file it came from", nullable=True),
        Column("source_line", "int", "line in that file, header counted", nullable=True),
    ),
    open=True,
)

OBJECTS = Schema(
    "objects",
    "one row an object",
    (
        Column("object_id", "string", "the object's id", key=True),
        Column("object_type", "code", "object type"),
        Column("number", "string", "the source's own number; empty: the id", nullable=True),
        Column("source_file", "code", "delivery and file it came from", nullable=True),
        Column("source_line", "int", "line in that file", nullable=True),
    ),
    open=True,
)

E2O = Schema(
    "e2o",
    "one row a relation of an event to an object",
    (
        Column("event_id", "string", "the event", key=True),
        Column("object_id", "string", "the object", key=True),
        Column("qualifier", "code", "the object's part in the event", key=True),
    ),
)

O2O = Schema(
    "o2o",
    "one row a relation of an object to an object",
    (
        Column("source_id", "string", "the object that points", key=True),
        Column("target_id", "string", "the object pointed at", key=True),
        Column("qualifier", "code", "how the two belong together", key=True),
    ),
)

OBJECT_CHANGES = Schema(
    "object_changes",
    "one row a value that an object's attribute takes from a time on",
    (
        Column("object_id", "string", "the object"),
        Column("attribute", "code", "name of the attribute"),
        Column("time", "instant", "from when the value holds"),
        Column("value", "string", "the value in canonical text", nullable=True),
        Column("value_type", "code", "string, integer, float, boolean or time"),
    ),
)

ATTRIBUTES = Schema(
    "attributes",
    "one row an attribute that an event or object type declares",
    (
        Column("owner", "code", "event or object", key=True),
        Column("type", "string", "the event or object type", key=True),
        Column("attribute", "string", "the attribute's name", key=True),
        Column("value_type", "code", "string, integer, float, boolean or time"),
        Column("column", "string", "the column of events or objects that holds it"),
    ),
)

LOG_TABLES = (EVENTS, OBJECTS, E2O, O2O, OBJECT_CHANGES, ATTRIBUTES)
