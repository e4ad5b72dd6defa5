"""Check that what a profile names hangs together: no name twice, nothing that is not there."""

from __future__ import annotations

import codecs
import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from procmine.errors import Fault
from procmine.exports.names import fold, nearest, reserved, tidy
from procmine.ocel.roles import Roles
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Iterator

    from procmine.exports.profiles.lines import Lines

__all__ = ["fit_faults", "part_faults"]

Raw = dict[str, Any]
_Found = tuple[list[str | int], str, str, str]
"""Where, the word, which sentence, and the words known."""
_PLACEHOLDER = re.compile(r"\{[^}]*\}?")


def part_faults(raw: Raw, where: str, lines: Lines) -> list[tuple[Fault, str]]:
    """Return a fault where a profile has neither tables nor parts, or both."""
    both = "union" in raw and "table" in raw
    if ("union" in raw or raw.get("table")) and not both:
        return []
    line = lines.find(["union"]) if both else 1
    sentence = t(f"exports.profile_{'both' if both else 'nothing'}", file=where, line=line)
    return [(Fault("no_tables", where, rows=(line,)), sentence)]


def fit_faults(raw: Raw, where: str, lines: Lines) -> list[tuple[Fault, str]]:
    """Return what names something twice, or something that is not there, with its line.

    The structure follows the schema.
    """
    found = []
    for path, word, code, near in _all(raw):
        line = lines.find(path)
        hint = t("exports.near", near=near) if near else ""
        sentence = t(f"exports.profile_{code}", file=where, line=line, word=word, hint=hint)
        sentence = sentence.replace("  ", " ").rstrip()
        found.append((Fault(code, where, word, (line,), detail=near), sentence))
    return found


def _all(raw: Raw) -> Iterator[_Found]:
    yield from _file(raw.get("file", {}), ["file"])
    known = [role.name for role in fields(Roles)]
    for role in raw.get("roles", {}):
        if role not in known:
            yield ["roles", role], role, "role", nearest(role, known)
    lists = {row["name"] for row in raw["table"] if "code_list" in row}
    for number, row in enumerate(raw["table"]):
        place: list[str | int] = ["table", number]
        yield from _file(row.get("file", {}), [*place, "file"])
        files = [row["files"]] if isinstance(row["files"], str) else row["files"]
        yield from (([*place, "files"], one, "pattern", "") for one in files
                    if not one or "/" in one or "\\" in one)  # fmt: skip
        if not files:
            yield [*place, "files"], "files", "pattern", ""
        yield from _columns(row["columns"], [*place, "columns"], lists)
        ids: set[str] = set()
        for k, event in enumerate(row.get("event", ())):
            at: list[str | int] = [*place, "event", k, "id"]
            if event["id"] in ids:
                yield at, event["id"], "id_twice", ""
            ids.add(event["id"])
            yield from ((at, one, "placeholder", "") for one in _PLACEHOLDER.findall(event["id"])
                        if one != "{id}")  # fmt: skip
            if event["id"].count("{id}") > 1:
                yield at, event["id"], "placeholder", ""


def _file(raw: Raw, place: list[str | int]) -> Iterator[_Found]:
    if raw.get("delimiter") in ('"', "\n", "\r", "\0"):
        yield [*place, "delimiter"], repr(raw["delimiter"]).strip("'"), "delimiter", ""
    said = raw.get("encoding", "auto")
    try:
        codecs.lookup("utf-8" if said == "auto" else said)
    except LookupError:
        near = nearest(said, ("auto", "utf-8", "windows-1252", "utf-16"))
        yield [*place, "encoding"], said, "unknown_encoding", near


def _columns(columns: Raw, place: list[str | int], lists: set[str]) -> Iterator[_Found]:
    seen: set[str] = set()
    for name, spec in columns.items():
        at = [*place, name]
        if reserved(name):
            yield at, name, "reserved", name.strip("_# ")
        for one in (name, *spec.get("names", ())):
            if fold(one) in seen:
                yield at, tidy(one), "column_twice", ""
            seen.add(fold(one))
        if "codes" in spec and spec["codes"] not in lists:
            yield at, spec["codes"], "codes", nearest(spec["codes"], lists)
