"""Write the draft of a profile's table from what its columns seem to hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.exports.names import slug
from procmine.text import t
from procmine.text.formats import percent

if TYPE_CHECKING:
    from procmine.exports.suggest import Guess, Sheet

__all__ = ["draft_table"]

_ROLES = {
    "ref": "case_qualifier", "citizen": "case_qualifier", "staff": "done_by", "unit": "done_in",
}  # fmt: skip


def draft_table(sheet: Sheet, taken: set[str], words: dict[str, str]) -> str:
    """Return one table of the draft as TOML.

    `taken` are the names used so far, `words` what objects and relations are called.
    """
    name = slug(sheet.path.stem).strip("0123456789_") or words["table"]
    while name in taken:
        name += "_b"
    taken.add(name)
    ident = next((g for g in sheet.columns if g.kind == "id"), None)
    activity = next((g for g in sheet.columns if g.kind == "activity"), None)
    times = [g for g in sheet.columns if g.kind == "time"]
    lines = [
        f"# {t('exports.suggest_file', encoding=sheet.encoding, row=sheet.header_row + 1)}",
        "[[table]]",
        f'name = "{name}"',
        f'files = "{_pattern(sheet)}"',
    ]
    if ident is not None:
        lines.append(f"id = {_text(ident.name)}")
    lines += ["", "[table.columns]"]
    for guess in sheet.columns:
        lines.append(f"# {guess.why} ({percent(guess.share)})")
        lines.append(f"{_text(guess.name)} = {{ {_column(guess, activity, words)} }}")
    if times and (activity is not None or ident is not None):
        lines += _event(sheet, name, activity, times, words)
    return "\n".join([*lines, ""])


def _pattern(sheet: Sheet) -> str:
    stem = sheet.path.stem.rstrip("0123456789-_") or sheet.path.stem
    return f"{stem}*{sheet.path.suffix}"


def _column(guess: Guess, activity: Guess | None, words: dict[str, str]) -> str:
    kind = guess.kind
    if kind == "activity" and guess is not activity:
        kind = "code"
    parts = [f'kind = "{kind}"']
    if kind in ("citizen", "staff", "unit"):
        parts.append(f'to = "{words[kind]}"')
    elif kind == "ref" or (kind == "id" and activity is None):
        parts.append(f'to = "{slug(guess.name) or words["object"]}"')
    return ", ".join(parts)


def _event(
    sheet: Sheet, name: str, activity: Guess | None, times: list[Guess], words: dict[str, str]
) -> list[str]:
    """Draft the event: the time that differs most from row to row is its time."""
    stamp = max(times, key=lambda guess: guess.distinct)
    kind = f"{{ column = {_text(activity.name)} }}" if activity is not None else f'"{name}"'
    objects = []
    for guess in sheet.columns:
        role = _ROLES.get(guess.kind)
        if guess.kind == "id" and activity is None:
            role = _ROLES["ref"]
        if role:
            objects.append(f'  {{ as = "{words[role]}", column = {_text(guess.name)} }},')
    return [
        "",
        f"# {t('exports.suggest_event')}",
        "[[table.event]]",
        f"type = {kind}",
        f'id = "{name}:{{id}}"',
        f"time = {_text(stamp.name)}",
        "optional = true",
        "objects = [",
        *objects,
        "]",
    ]


def _text(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
