"""Check a profile against the published schema; each fault with line and nearest word."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from procmine.errors import Fault
from procmine.exports.names import nearest
from procmine.exports.persons import has_cpr
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

    from procmine.exports.profiles.lines import Lines

__all__ = ["person_faults", "structure_faults"]

_FROM_DATA = ("values", "map")
"""Their keys are what cells hold: compared with, never written."""
_PATTERNED = {"name": "name", "id": "id", "code": "name"}
_SECTIONS = ("table", "event")
_TYPES = ("string", "array", "object", "integer", "boolean")


def person_faults(raw: dict[str, Any], where: str, lines: Lines) -> list[tuple[Fault, str]]:
    """Return where a profile holds what is shaped like a CPR number: it would be written on."""
    found = []
    for line in sorted({lines.find(path) for path in _persons(raw, [])}):
        sentence = t("exports.profile_person", file=where, line=line)
        found.append((Fault("person_number", where, rows=(line,)), sentence))
    return found


def _persons(value: object, path: list[str | int]) -> Iterator[list[str | int]]:
    if isinstance(value, str) and has_cpr(value):
        yield path
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _persons(item, [*path, place])
    elif isinstance(value, dict):
        own = bool(path) and path[-1] in _FROM_DATA
        for key, item in value.items():
            if not own and has_cpr(key):
                yield [*path, key]
            yield from _persons(item, [*path, key])


def structure_faults(raw: dict[str, Any], where: str, lines: Lines) -> list[tuple[Fault, str]]:
    """Return what breaks the schema, as data and as a sentence."""
    found: list[tuple[Fault, str]] = []
    for error in sorted(_validator().iter_errors(raw), key=lambda e: list(map(str, e.path))):
        found.extend(_sentences(error, where, lines))
    return found


@cache
def _validator() -> Validator:
    from jsonschema import Draft202012Validator

    from procmine.exports.profiles import profile_schema

    return Draft202012Validator(profile_schema())


def _sentences(error: ValidationError, where: str, lines: Lines) -> list[tuple[Fault, str]]:
    path = list(error.path)
    schema: Any = error.schema
    wanted: Any = error.validator_value
    instance: Any = error.instance
    if error.validator == "additionalProperties":
        known = list(schema.get("properties", {}))
        extra = [key for key in instance if key not in known]
        return [_unknown(key, known, path, where, lines) for key in extra]
    line = lines.find(path)
    if error.validator == "required":
        key = error.message.split("'")[1]
        fault = Fault("missing_key", where, key, (line,))
        return [(fault, t("exports.profile_missing", file=where, line=line, key=key))]
    if error.validator == "enum":
        known = [str(value) for value in wanted]
        word = str(instance)
        line = lines.find(path, word)
        fault = Fault("unknown_word", where, str(path[-1]), (line,), detail=nearest(word, known))
        return [(fault, _nearest_sentence("profile_word", word, known, where, line))]
    name = str(next((part for part in reversed(path) if isinstance(part, str)), ""))
    fault = Fault("wrong_type", where, ".".join(map(str, path)), (line,))
    sentence = t("exports.profile_type", file=where, line=line, key=name, hint=_wanted(error))
    return [(fault, sentence)]


def _wanted(error: ValidationError) -> str:
    """Return in words what should stand where something of another form does."""
    if error.validator in ("const", "minLength", "minItems", "minProperties", "maxLength"):
        return t(f"exports.wanted_{error.validator.lower()}", value=error.validator_value)
    schema: Any = error.schema
    wanted: Any = error.validator_value
    if error.validator in ("minimum", "maximum"):
        low, high = schema.get("minimum", 0), schema.get("maximum", 0)
        return t("exports.wanted_range", low=low, high=high)
    if error.validator == "pattern":
        return t(f"exports.wanted_{_PATTERNED.get(str(error.path[-1]), 'date')}")
    if error.validator == "anyOf":
        parts = {one.get("type", "array") for one in wanted}
        return t("exports.wanted_any" if "object" in parts else "exports.wanted_texts")
    if error.path[-1] in _SECTIONS:
        return t("exports.wanted_section")
    return t(f"exports.wanted_{wanted if wanted in _TYPES else 'other'}")


def _unknown(
    key: str, known: list[str], path: list[str | int], where: str, lines: Lines
) -> tuple[Fault, str]:
    line = lines.find(path, key)
    fault = Fault("unknown_key", where, key, (line,), detail=nearest(key, known))
    return fault, _nearest_sentence("profile_word", key, known, where, line)


def _nearest_sentence(key: str, word: str, known: list[str], where: str, line: int) -> str:
    near = nearest(word, known)
    listed = ", ".join(f"'{one}'" for one in known)
    hint = t("exports.near", near=near) if near else t("exports.known", known=listed)
    return t(f"exports.{key}", file=where, line=line, word=word, hint=hint)
