"""Read the text of a profile, and say in words what is wrong where it is no TOML."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from procmine.errors import ConfigError, Fault
from procmine.exports.persons import mask_cpr, shown_name
from procmine.text import t

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_text", "read_toml"]

_MOST = 4 * 1024 * 1024
_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_WHY = (
    ("toml_twice", ("Cannot overwrite", "Cannot declare", "Duplicate inline", "Cannot mutate")),
    ("toml_quote", ("Illegal character", "Unterminated string")),
    ("toml_key", ("Expected '='", "Invalid initial character", "Invalid statement")),
    ("toml_bracket", ("Expected ']", "Unclosed", "Expected '}'")),
    ("toml_value", ("Invalid value", "Invalid date", "Expected newline")),
    ("toml_backslash", ("Unescaped", "Invalid hex")),
)
"""What the reader of TOML says, and what to do about it."""


def read_text(path: Path) -> str:
    """Return a profile's text.

    Raises
    ------
    ConfigError
        It is far too large, or not written in UTF-8.
    """
    shown = shown_name(path.name)
    if path.stat().st_size > _MOST:
        message = t("exports.profile_large", file=shown, most=_MOST // 1024**2)
        raise ConfigError(message, (Fault("too_large", shown),))
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        message = t("exports.profile_encoding", file=shown, line=line)
        raise ConfigError(message, (Fault("not_utf8", shown, rows=(line,)),)) from error


def read_toml(text: str, where: str) -> dict[str, Any]:
    """Parse a profile's text.

    Raises
    ------
    ConfigError
        It is no TOML; with the line and what usually helps.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        found = _PLACE.search(said)
        last = len(text.splitlines()) or 1
        line = int(found[1]) if found and found[1] else last
        said = mask_cpr(_PLACE.sub("", said))
        why = next((key for key, words in _WHY if said.startswith(words)), "toml_other")
        hint = t(f"exports.{why}", why=said)
        message = t("exports.profile_toml", file=where, line=line, why=hint)
        raise ConfigError(message, (Fault("bad_toml", where, rows=(line,)),)) from error
    except (RecursionError, ValueError) as error:  # nested or with a number beyond all sense
        message = t("exports.profile_toml", file=where, line=1, why=t("exports.toml_deep"))
        raise ConfigError(message, (Fault("bad_toml", where),)) from error
