"""A sealed text file: TOML whose first line holds the hash of all that follows."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import tomllib
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procmine.errors import ConfigError, Fault, UsageError
from procmine.tables.digests import in_letters
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["read_sealed", "sealed_text", "write_once"]

_SEAL = "seal = "


def sealed_text(document: Mapping[str, Any]) -> str:
    r"""Return a document as TOML with its seal on the first line.

    Values may be texts, numbers, booleans, dates, lists of these, tables, lists of tables.
    Same document, same bytes.

    Examples
    --------
    >>> print(sealed_text({"n": 2, "part": [{"a": 0.5}]}).split("\n", 1)[1])
    n = 2
    <BLANKLINE>
    [[part]]
    a = 0.5
    <BLANKLINE>
    """
    body = "\n".join(_lines(document, "")).strip() + "\n"
    return f'{_SEAL}"{_hash(body)}"\n{body}'


def _hash(body: str) -> str:
    return in_letters(hashlib.sha256(body.replace("\r\n", "\n").encode()).hexdigest())


def _lines(table: Mapping[str, Any], prefix: str) -> list[str]:
    lines = [f"{_key(k)} = {_value(v)}" for k, v in table.items() if not _is_table(v)]
    for key, value in table.items():
        path = f"{prefix}{_key(key)}"
        if isinstance(value, dict):
            lines += ["", f"[{path}]", *_lines(value, f"{path}.")]
        elif _is_table(value):
            for row in value:
                lines += ["", f"[[{path}]]", *_lines(row, f"{path}.")]
    return lines


def _is_table(value: object) -> bool:
    if isinstance(value, dict):
        return True
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _key(key: str) -> str:
    plain = key.replace("_", "").replace("-", "")
    return key if plain.isascii() and plain.isalnum() else _quoted(key)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        # repr gives back the same number; inf and nan are words that TOML knows too.
        return repr(float(value))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_value(item) for item in value)}]"
    return _quoted(str(value))


def read_sealed(path: Path) -> tuple[dict[str, Any], bool]:
    """Return a sealed file's document, and whether its seal is whole.

    Raises
    ------
    ConfigError
        A file that is not there, not text, not TOML, or without a seal.
    """
    try:
        text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
        document = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = t("baseline.not_toml", file=path.name)
        raise ConfigError(message, (Fault("not_toml", path.name),)) from error
    seal = document.pop("seal", None)
    if not isinstance(seal, str):
        raise ConfigError(t("baseline.bad_format", file=path.name), (Fault("no_seal", path.name),))
    first, _, body = text.partition("\n")
    return document, first == f'{_SEAL}"{seal}"' and _hash(body) == seal


def write_once(path: Path, text: str) -> None:
    """Write a file whole or not at all, and never over another.

    Raises
    ------
    UsageError
        Where the file exists already.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            fault = Fault("file_exists", path.name)
            raise UsageError(t("baseline.exists", file=path.name), (fault,))
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
