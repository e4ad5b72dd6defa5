"""Write an approval into a municipality's own file of definitions, everything else as it was."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procmine.config.catalogue import parse_catalogue
from procmine.config.load import default_folder
from procmine.config.mandates import parse_mandates
from procmine.errors import ConfigError, Fault, UsageError
from procmine.text import t

if TYPE_CHECKING:
    from datetime import date

__all__ = ["approved_text"]

_TABLE = "approval"
# Files of definitions that carry an approval, each by the array that makes it one.
_ROWS = {"mandates": "mandate", "dokumenttyper": "kind", "indikatorer": "indicator",
         "loefter": "promise"}  # fmt: skip
_HEAD = re.compile(r"^\s*\[")
_APPROVAL = re.compile(r"^\s*\[\s*approval\s*\]\s*(#.*)?$")
_KEY = re.compile(r"^(?P<indent>\s*)(?P<key>[A-Za-z_]+)\s*=")
_STRING = re.compile(r"""("(?:[^"\\]|\\.)*"|'[^']*'|[^#]*)""")


def approved_text(file: Path, by: str, role: str, on: date) -> str:
    """Return the file's text with the approval written into its table ``[approval]``.

    Comments, order and line ends stay as they are. Nothing is written to disk: the caller
    puts the whole text in place of the file, or nothing (spec cli.md, ``rules approve``).

    Parameters
    ----------
    file
        A catalogue, ``mandates.toml``, ``dokumenttyper.toml``, ``indikatorer.toml`` or
        ``loefter.toml`` of the municipality's own configuration folder.
    by, role
        Who approves, and in what role; one line each.
    on
        The day of the approval.

    Raises
    ------
    UsageError
        A file that ships with the program, an empty or unprintable name or role.
    ConfigError
        A file that is not there, has faults, or is of a kind that nobody approves.

    Examples
    --------
    >>> from datetime import date
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "mandates.toml")
    ...     _ = file.write_text("# egne regler" + chr(10) + "mandate = []" + chr(10))
    ...     print(approved_text(file, "A. Leder", "Jurist", date(2026, 3, 2)))
    # egne regler
    mandate = []
    <BLANKLINE>
    [approval]
    by = "A. Leder"
    role = "Jurist"
    on = 2026-03-02
    <BLANKLINE>
    """
    _check_names(by, role)
    real = file.resolve()
    if real.is_relative_to(default_folder().resolve()):
        raise UsageError(t("approve.shipped", file=file.name), (Fault("shipped", file.name),))
    try:
        before = real.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fault = Fault("no_file", file.name)
        raise ConfigError(t("approve.unreadable", file=file.name), (fault,)) from error
    raw = _parsed(before, file)
    _check_kind(raw, file)
    values = {"by": _quoted(by), "role": _quoted(role), "on": on.isoformat()}
    after = _written(before, values)
    _check_same(raw, after, file)
    return after


def _check_names(by: str, role: str) -> None:
    for name, value in (("by", by), ("role", role)):
        if not value.strip() or not value.isprintable():
            fault = Fault("bad_name", column=name)
            raise UsageError(t("approve.bad_name", option=f"--{name}"), (fault,))


def _parsed(text: str, file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = t("config.bad_toml", file=file.name, line=str(error))
        raise ConfigError(message, (Fault("bad_toml", file.name),)) from error


def _check_kind(raw: dict[str, Any], file: Path) -> None:
    """Refuse what nobody approves; a file with faults is not approved either."""
    if "process" in raw and "step" in raw:
        parse_catalogue(raw, file)
    elif file.stem in _ROWS and isinstance(raw.get(_ROWS[file.stem], []), list):
        if file.stem == "mandates":
            parse_mandates(raw, file)
    else:
        fault = Fault("not_approvable", file.name)
        raise ConfigError(t("approve.not_approvable", file=file.name), (fault,))


def _written(text: str, values: dict[str, str]) -> str:
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    heads = [n for n, line in enumerate(lines) if _HEAD.match(line)]
    place = next((n for n in heads if _APPROVAL.match(lines[n].rstrip("\r\n"))), None)
    if place is None:
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += end
        rows = [f"{key} = {value}" for key, value in values.items()]
        return "".join([*lines, *(row + end for row in ("", f"[{_TABLE}]", *rows))])
    until = next((n for n in heads if n > place), len(lines))
    left = dict(values)
    for n in range(place + 1, until):
        match = _KEY.match(lines[n])
        if match and match["key"] in left:
            lines[n] = _replaced(lines[n], match, left.pop(match["key"]))
    if not lines[place].endswith("\n"):
        lines[place] += end
    lines[place + 1 : place + 1] = [f"{key} = {value}{end}" for key, value in left.items()]
    return "".join(lines)


def _replaced(line: str, match: re.Match[str], value: str) -> str:
    """Return the line with another value, its comment and line end kept."""
    rest = line[match.end() :].lstrip(" \t")
    old = _STRING.match(rest)
    after = rest[old.end() :] if old else ""
    comment = after.strip()
    end = line[len(line.rstrip("\r\n")) :]
    note = f"  {comment}" if comment else ""
    return f"{match['indent']}{match['key']} = {value}{note}{end}"


def _check_same(before: dict[str, Any], text: str, file: Path) -> None:
    """See that nothing but the approval changed; a table in an unusual form is refused."""
    fault = Fault("unusual_table", file.name, _TABLE)
    try:
        after = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise ConfigError(t("approve.unusual", file=file.name), (fault,)) from None
    rest = [{k: v for k, v in raw.items() if k != _TABLE} for raw in (before, after)]
    if rest[0] != rest[1] or not after[_TABLE].get("by"):
        raise ConfigError(t("approve.unusual", file=file.name), (fault,))


def _quoted(text: str) -> str:
    return json.dumps(text.strip(), ensure_ascii=False)
