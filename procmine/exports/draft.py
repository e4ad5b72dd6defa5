"""Write the draft of a profile's table from what its columns seem to hold."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from procmine.exports.names import slug
from procmine.exports.persons import echoed
from procmine.text import t
from procmine.text.formats import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from procmine.exports.suggest import Guess, Sheet

__all__ = ["draft_table", "head_of"]

_ROLES = {
    "ref": "case_qualifier", "citizen": "case_qualifier", "staff": "done_by", "unit": "done_in",
}  # fmt: skip
_TYPES = {"resource": "staff", "unit": "unit", "citizen": "citizen"}
_FEW, _LIST_WIDTH = 12, 3


def head_of(
    sheets: Sequence[Sheet], name: str, dates: tuple[str, ...], words: dict[str, str],
    below: dict[str, tuple[str, ...]],
) -> str:  # fmt: skip
    """Return what stands above the tables of a draft: how the files are written, the roles.

    `below` are the words that lines below a table begin with.
    """
    listed = ", ".join(f'"{one}"' for one in dates)
    kinds = {guess.kind for sheet in sheets for guess in sheet.columns}
    delimiter = "\\t" if sheets[0].delimiter == "\t" else sheets[0].delimiter
    decimal = next((sheet.decimal for sheet in sheets if sheet.decimal != ","), ",")
    roles = [f'{role} = ["{words[kind]}"]' for role, kind in _TYPES.items() if kind in kinds]
    roles += [f'{role} = "{words[role]}"' for role in ("case_qualifier", "done_by", "done_in")]
    if any(_owner(sheet) for sheet in sheets):
        roles.append(f'citizen_of = "{words["citizen_of"]}"')
    if any(_list_of_units(sheet) for sheet in sheets):
        roles.append(f'unit_kind = "{words["unit_kind"]}"')
    if "outcome" in kinds:
        roles.append(f'outcome = "{words["outcome"]}"')
    return "\n".join((
        f"# {t('exports.suggest_head')}",
        "format = 1",
        f"name = {_text(name)}",
        f"system = {_text(name)}",
        "",
        "[file]",
        'encoding = "auto"',
        f'delimiter = "{delimiter}"',
        f'decimal = "{decimal}"',
        f"title_rows = {max(sheet.header_row for sheet in sheets)}",
        *(f"{kind} = {json.dumps(list(found), ensure_ascii=False)}"
          for kind, found in below.items()),
        f"dates = [{listed}]",
        "",
        "[roles]",
        *roles,
        "",
    ))  # fmt: skip


def draft_table(sheet: Sheet, taken: set[str], words: dict[str, str]) -> str:
    """Return one table of the draft as TOML.

    `taken` are the names used so far, `words` what objects and relations are called.
    """
    name = slug(sheet.path.stem).strip("0123456789_") or words["table"]
    while name in taken:
        name += "_b"
    taken.add(name)
    units = _list_of_units(sheet)
    ident = next((g for g in sheet.columns if g.kind == "id"), units)
    activity = next((g for g in sheet.columns if g.kind == "activity"), None)
    lines = [
        f"# {t('exports.suggest_file', encoding=sheet.encoding, row=sheet.header_row + 1)}",
        "[[table]]",
        f'name = "{name}"',
        f"files = {_text(_pattern(sheet))}",
    ]
    if ident is not None:
        lines.append(f"id = {_text(ident.name)}")
    lines += _described(sheet, ident, activity, words)
    lines += ["", "[table.columns]"]
    for guess in sheet.columns:
        lines.append(f"# {guess.why} ({percent(guess.share)}){_shown(guess)}")
        lines.append(f"{_text(guess.name)} = {{ {_column(guess, activity, words)} }}")
    if units is None:
        lines += _events(sheet, name, ident, activity, words)
    return "\n".join([*lines, ""])


def _list_of_units(sheet: Sheet) -> Guess | None:
    """Return the column of units where the file is a list of them, each of them once."""
    own = [g for g in sheet.columns if g.kind == "unit" and g.distinct == 1]
    small = len(sheet.columns) <= _LIST_WIDTH and {g.kind for g in sheet.columns} <= {
        "unit",
        "code",
    }
    return own[0] if own and small else None


def _owner(sheet: Sheet) -> tuple[Guess, Guess] | None:
    """Return the column of cases and that of citizens, where a file has one of each."""
    cases = [g for g in sheet.columns if g.kind == "id"]
    citizens = [g for g in sheet.columns if g.kind == "citizen"]
    if any(g.kind == "activity" for g in sheet.columns) or len(citizens) != 1 or not cases:
        return None
    return cases[0], citizens[0]


def _described(
    sheet: Sheet, ident: Guess | None, activity: Guess | None, words: dict[str, str]
) -> list[str]:
    """Draft the object that a row describes, and whose it is."""
    if ident is None or activity is not None:
        return []
    plain = [g for g in sheet.columns if g.kind in ("code", "number", "outcome")]
    pairs = ", ".join(f"{slug(g.name)} = {_text(g.name)}" for g in plain if slug(g.name))
    if ident.kind == "unit":
        pairs = ", ".join(f"{words['unit_kind']} = {_text(g.name)}" for g in plain[:1])
    lines = [f"object = [{{ column = {_text(ident.name)}, attributes = {{ {pairs} }} }}]"]
    owner = _owner(sheet)
    if owner:
        ends = f"from = {_text(owner[0].name)}, to = {_text(owner[1].name)}"
        lines.append(f'link = [{{ as = "{words["citizen_of"]}", {ends} }}]')
    return lines


def _shown(guess: Guess) -> str:
    """Return the values of a column that has few, for whoever finishes the draft."""
    few = guess.kind in ("code", "activity", "outcome") and 0 < len(guess.values) <= _FEW
    return f": {', '.join(echoed(value) for value in guess.values)}" if few else ""


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
    if guess.ahead:
        parts.append("ahead = true")
    return ", ".join(parts)


def _events(
    sheet: Sheet, name: str, ident: Guess | None, activity: Guess | None, words: dict[str, str]
) -> list[str]:
    """Draft the events: one where a column names them, else one for each time that is past."""
    times = [g for g in sheet.columns if g.kind == "time" and not g.ahead]
    if not times or (activity is None and ident is None):
        return []
    if activity is None:
        lines: list[str] = []
        for stamp in times:
            place = slug(stamp.name) or str(times.index(stamp) + 1)
            lines += _event(sheet, (f'"{name}_{place}"', f"{name}:{{id}}/{place}"), stamp, words)
        return lines
    stamp = max(times, key=lambda guess: (not guess.begins, guess.distinct))
    begin = next((g for g in times if g.begins and g is not stamp), None)
    kind = f"{{ column = {_text(activity.name)} }}"
    return _event(sheet, (kind, f"{name}:{{id}}"), stamp, words, begin)


def _event(
    sheet: Sheet, named: tuple[str, str], stamp: Guess, words: dict[str, str],
    begin: Guess | None = None,
) -> list[str]:  # fmt: skip
    kind, ident = named
    objects = []
    whole = any(g.kind == "activity" for g in sheet.columns)
    for guess in sheet.columns:
        role = _ROLES.get(guess.kind)
        if guess.kind == "id" and not whole:
            role = _ROLES["ref"]
        if role:
            objects.append(f'  {{ as = "{words[role]}", column = {_text(guess.name)} }},')
    outcome = [g.name for g in sheet.columns if g.kind == "outcome"]
    return [
        "",
        f"# {t('exports.suggest_event')}",
        "[[table.event]]",
        f"type = {kind}",
        f'id = "{ident}"',
        f"time = {_text(stamp.name)}",
        *([f"start = {_text(begin.name)}"] if begin else []),
        *([] if begin else ["optional = true"]),
        *(f"attributes = {{ {words['outcome']} = {_text(one)} }}" for one in outcome[:1]),
        "objects = [",
        *objects,
        "]",
    ]


def _text(name: str) -> str:
    """Return a name as TOML writes it."""
    return json.dumps(name, ensure_ascii=False)
