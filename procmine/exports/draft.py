"""Write the draft of a profile's table from what its columns seem to hold."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING

from procmine.exports.guesses import is_named
from procmine.exports.names import slug
from procmine.exports.persons import echoed, mask_cpr
from procmine.text import t
from procmine.text.formats import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from procmine.exports.guesses import Guess
    from procmine.exports.suggest import Sheet

__all__ = ["draft_table", "head_of", "pattern_of", "table_names"]

_ROLES = {
    "ref": "case_qualifier", "citizen": "case_qualifier", "staff": "done_by", "unit": "done_in",
}  # fmt: skip
_RELATIONS = ("case_qualifier", "done_by", "done_in")
_TYPES = {"resource": "staff", "unit": "unit", "citizen": "citizen"}
_FEW, _LIST_WIDTH = 12, 3
_LITERAL = re.compile(r"([\[?])")


def head_of(
    sheets: Sequence[Sheet], name: str, words: dict[str, str], below: dict[str, tuple[str, ...]]
) -> str:
    """Return what stands above the tables of a draft: how the files are written, the roles.

    `below` are the words that lines below a table begin with.
    """
    kinds = {guess.kind for sheet in sheets for guess in sheet.columns}
    roles = [f'{role} = ["{words[kind]}"]' for role, kind in _TYPES.items() if kind in kinds]
    made = {_ROLES[kind] for kind in kinds if kind in _ROLES} | {"case_qualifier"}
    roles += [f'{role} = "{words[role]}"' for role in _RELATIONS if role in made]
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
        f"delimiter = {_text(sheets[0].delimiter)}",
        f"decimal = {_text(sheets[0].decimal)}",
        f"title_rows = {max(sheet.header_row for sheet in sheets)}",
        *(f"{kind} = {json.dumps(list(found), ensure_ascii=False)}"
          for kind, found in below.items()),
        f"dates = {_dates(sheets)}",
        "",
        "[roles]",
        *roles,
        "",
    ))  # fmt: skip


def _dates(sheets: Sequence[Sheet]) -> str:
    """Return the formats of those files that name day and month as the first one does."""
    like = [sheet for sheet in sheets if sheet.month_first == sheets[0].month_first]
    formats = dict.fromkeys((*(f for sheet in like for f in sheet.dates), "iso"))
    return json.dumps(list(formats))


def _own_file(sheet: Sheet, first: Sheet) -> list[str]:
    """Return how a file is written where it is not as the first one is."""
    parts = []
    if sheet.encoding != "xlsx" and sheet.delimiter != first.delimiter:
        parts.append(f"delimiter = {_text(sheet.delimiter)}")
    if sheet.decimal != first.decimal:
        parts.append(f"decimal = {_text(sheet.decimal)}")
    if sheet.month_first != first.month_first:
        parts.append(f"dates = {_dates([sheet])}")
    return [f"file = {{ {', '.join(parts)} }}"] if parts else []


def table_names(sheets: Sequence[Sheet], words: dict[str, str]) -> dict[str, str]:
    """Return each file's table name, by the file's name, no two alike."""
    names: dict[str, str] = {}
    for sheet in sheets:
        name = _name(sheet.path.stem) or words["table"]
        while name in names.values():
            name += "_b"
        names[sheet.path.name] = name
    return names


def draft_table(
    sheet: Sheet, sheets: Sequence[Sheet], names: dict[str, str], words: dict[str, str]
) -> str:
    """Return one table of the draft as TOML.

    `names` are the tables' names by file, `words` what objects and relations are called.
    """
    name = names[sheet.path.name]
    units = _list_of_units(sheet)
    ident = next((g for g in sheet.columns if g.kind == "id"), units)
    activity = next((g for g in sheet.columns if g.kind == "activity"), None)
    lines = [
        f"# {t('exports.suggest_file', encoding=sheet.encoding, row=sheet.header_row + 1)}",
        *([f"# {t('exports.suggest_sheet', sheet=sheet.sheet)}"] if sheet.sheet else []),
        *([f"# {t('exports.suggest_either_first')}"] if sheet.either_first else []),
        "[[table]]",
        f'name = "{name}"',
        f"files = {_text(pattern_of(sheet))}",
        *_own_file(sheet, sheets[0]),
    ]
    if sheet.code_list is not None:
        code, label = map(_text, sheet.code_list)
        lines.append(f"code_list = {{ code = {code}, label = {label} }}")
    if ident is not None:
        lines.append(f"id = {_text(ident.name)}")
    lines += _described(sheet, ident, activity, words)
    lines += ["", "[table.columns]"]
    own = _own_case(sheet)
    for guess in sheet.columns:
        over = f" {t('exports.suggest_above', above=guess.above)}" if guess.above else ""
        lines.append(f"# {guess.why} ({percent(guess.share)}){over}{_shown(guess)}")
        told = _column(guess, activity, words, names, own=own)
        lines.append(f"{_text(guess.name)} = {{ {told} }}")
    if units is None and sheet.code_list is None:
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
    status = _status(sheet)
    parts = [f"column = {_text(ident.name)}"]
    if ident.kind == "unit":
        parts.append(f"attributes = {_pairs(plain[:1], words['unit_kind'])}")
    else:
        parts.append(f"attributes = {_pairs([g for g in plain if g is not status])}")
        parts += [f"changes = {_pairs([status])}"] if status else []
    lines = [f"object = [{{ {', '.join(parts)} }}]"]
    owner = _owner(sheet)
    if owner:
        ends = f"from = {_text(owner[0].name)}, to = {_text(owner[1].name)}"
        lines.append(f'link = [{{ as = "{words["citizen_of"]}", {ends} }}]')
    return lines


def _own_case(sheet: Sheet) -> bool:
    """Whether the number of a row is that of a case: nothing else is one."""
    ids = [g for g in sheet.columns if g.kind == "id"]
    others = any(g.kind in ("ref", "citizen") for g in sheet.columns)
    return bool(ids) and not others and is_named(ids[0].name, "case")


def _pairs(columns: Sequence[Guess], name: str = "") -> str:
    """Return columns by the names of attributes, no two alike."""
    named: dict[str, str] = {}
    for guess in columns:
        key = name or slug(guess.name)
        if key and key not in named:
            named[key] = guess.name
    return f"{{ {', '.join(f'{key} = {_text(one)}' for key, one in named.items())} }}"


def _status(sheet: Sheet) -> Guess | None:
    """Return the column whose value a later delivery overwrites, by its name."""
    return next((g for g in sheet.columns if g.kind == "code" and is_named(g.name, "status")), None)


def _shown(guess: Guess) -> str:
    """Return the values of a column that has few, for whoever finishes the draft."""
    few = guess.kind in ("code", "activity", "outcome") and 0 < len(guess.values) <= _FEW
    return f": {', '.join(echoed(value) for value in guess.values)}" if few else ""


def _name(stem: str) -> str:
    """Return a table's name: of letters that an identifier lacks, none may hide a person."""
    name = slug(mask_cpr(stem, " "))
    return slug(mask_cpr(name, " ")).strip("0123456789_")


def pattern_of(sheet: Sheet) -> str:
    """Return a pattern of the file's name, whatever is in it, that shows no person."""
    whole = mask_cpr(unicodedata.normalize("NFC", sheet.path.stem), "*")
    stem = whole.rstrip("0123456789-_. *") or whole.rstrip("*")
    literal = _LITERAL.sub(r"[\1]", stem)
    return f"{literal}*{sheet.path.suffix}"


def _column(
    guess: Guess, activity: Guess | None, words: dict[str, str], names: dict[str, str], *, own: bool
) -> str:
    """Return what a column holds; `own` says that the row's number is that of its case."""
    kind = guess.kind
    if kind == "activity" and guess is not activity:
        kind = "code"
    parts = [f'kind = "{kind}"']
    if kind in ("citizen", "staff", "unit"):
        parts.append(f'to = "{words[kind]}"')
    elif kind == "ref" or (kind == "id" and (activity is None or own)):
        parts.append(f'to = "{slug(guess.name) or words["object"]}"')
    if guess.alias:
        parts.append(f"names = [{_text(guess.alias)}]")
    if guess.ahead:
        parts.append("ahead = true")
    if guess.midnight:
        parts.append("days = true")
    if guess.codes:
        parts.append(f"codes = {_text(names[guess.codes])}")
    return ", ".join(parts)


def _events(
    sheet: Sheet, name: str, ident: Guess | None, activity: Guess | None, words: dict[str, str]
) -> list[str]:
    """Draft the events: one where a column names them, else one for each time that is past."""
    times = [g for g in sheet.columns if g.kind == "time" and not g.ahead]
    lines: list[str] = []
    status = _status(sheet)
    if activity is None and ident is not None and status is not None:
        lines += _changed(name, ident, status, words)
    if not times or (activity is None and ident is None):
        return lines or ["", f"# {t('exports.suggest_no_event')}"]
    if activity is None:
        own = _nearest_times(sheet, times)
        places: set[str] = set()
        for stamp in times:
            place = slug(stamp.told)
            if not place or place in places:
                place = f"{place}_{times.index(stamp) + 1}".strip("_")
            places.add(place)
            named = (f'"{name}_{place}"', f"{name}:{{id}}/{place}")
            lines += _event(sheet, named, stamp, words, left=own[stamp.name])
        return lines
    moving = [g for g in times if not g.fixed] or times
    stamp = max(moving, key=lambda guess: (not guess.begins, guess.distinct))
    begin = next((g for g in moving if g.begins and g is not stamp), None)
    kind = f"{{ column = {_text(activity.name)} }}"
    drafted = _event(sheet, (kind, f"{name}:{{id}}"), stamp, words, begin, left=_of_case(sheet))
    more = [g.name for g in moving if g not in (stamp, begin)]
    if more:
        drafted.insert(1, f"# {t('exports.suggest_more_times', names=', '.join(more))}")
    return drafted


def _changed(name: str, ident: Guess, status: Guess, words: dict[str, str]) -> list[str]:
    """Draft the event that a status is another than in the delivery before."""
    kinds = {value: f"{name}_{slug(value)}" for value in status.values if slug(value)}
    pairs = ", ".join(f"{_text(value)} = {_text(kind)}" for value, kind in kinds.items())
    kind = f"{name}_{slug(status.name)}"
    return [
        "",
        f"# {t('exports.suggest_changed')}",
        "[[table.event]]",
        f"type = {{ column = {_text(status.name)}, map = {{ {pairs} }}, else = {_text(kind)} }}",
        f"id = {_text(f'{kind}:{{id}}')}",
        f"changed = {_text(status.name)}",
        f'objects = [{{ as = "{words["case_qualifier"]}", column = {_text(ident.name)} }}]',
    ]


def _of_case(sheet: Sheet) -> set[str]:
    """Return the staff and units of cases, where others are those of events, and repeated ones."""
    left = {g.name for g in sheet.columns if g.same}
    for kind in ("staff", "unit"):
        of_kind = [g for g in sheet.columns if g.kind == kind]
        if not all(g.fixed for g in of_kind):
            left |= {g.name for g in of_kind if g.fixed}
    return left


def _nearest_times(sheet: Sheet, times: Sequence[Guess]) -> dict[str, set[str]]:
    """Return by time the columns that belong to another: an outcome, or one of several staff.

    They belong to the time before them in the row, or the first one where none is.
    """
    left: dict[str, set[str]] = {stamp.name: set() for stamp in times}
    for kind in ("staff", "unit", "outcome"):
        of_kind = [g for g in sheet.columns if g.kind == kind]
        if kind != "outcome" and len(of_kind) < 2:
            continue
        for guess in of_kind:
            before = sheet.columns[: sheet.columns.index(guess)]
            own = next((g for g in reversed(before) if g in times), times[0])
            for stamp in times:
                if stamp is not own:
                    left[stamp.name].add(guess.name)
    return left


def _event(
    sheet: Sheet, named: tuple[str, str], stamp: Guess, words: dict[str, str],
    begin: Guess | None = None, *, left: set[str],
) -> list[str]:  # fmt: skip
    """Draft an event at a time; the columns `left` are not its own."""
    kind, ident = named
    objects = []
    whole = any(g.kind == "activity" for g in sheet.columns)
    columns = [g for g in sheet.columns if g.name not in left]
    for guess in columns:
        role = _ROLES.get(guess.kind)
        if guess.kind == "id" and (not whole or _own_case(sheet)):
            role = _ROLES["ref"]
        if role:
            objects.append(f'  {{ as = "{words[role]}", column = {_text(guess.name)} }},')
    outcome = [g.name for g in columns if g.kind == "outcome"]
    case = any(f'"{words["case_qualifier"]}"' in line for line in objects)
    return [
        "",
        f"# {t('exports.suggest_event')}",
        *([] if case else [f"# {t('exports.suggest_no_case')}"]),
        "[[table.event]]",
        f"type = {kind}",
        f'id = "{ident}"',
        f"time = {_text(stamp.name)}",
        *([f"start = {_text(begin.name)}"] if begin else []),
        *([] if whole else ["optional = true"]),
        *(f"attributes = {{ {words['outcome']} = {_text(one)} }}" for one in outcome[:1]),
        "objects = [",
        *objects,
        "]",
    ]


def _text(name: str) -> str:
    """Return a name as TOML writes it."""
    return json.dumps(name, ensure_ascii=False)
