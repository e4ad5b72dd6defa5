"""Look up what people read: Danish by default, English where PROCMINE_LANG says so."""

from __future__ import annotations

import os
import re
import tomllib
from functools import cache
from importlib import resources

__all__ = ["language", "t", "texts"]


def language() -> str:
    """Return the language of messages: ``da``, or ``en`` where PROCMINE_LANG asks for it.

    Examples
    --------
    >>> language() in {"da", "en"}
    True
    """
    return "en" if os.environ.get("PROCMINE_LANG", "da").lower().startswith("en") else "da"


@cache
def texts(lang: str) -> dict[str, str]:
    """Return every text of a language, keyed by its dotted path.

    Examples
    --------
    >>> "store.absent" in texts("da")
    True
    """
    return dict(_flatten("", tomllib.loads(_source(lang))))


@cache
def _source(lang: str) -> str:
    return (resources.files("procmine.text") / f"{lang}.toml").read_text(encoding="utf-8")


@cache
def _section(lang: str, head: str) -> dict[str, str]:
    """Return the texts whose keys begin with `head`: a message need not wait for all of them.

    A table's header stands at the beginning of a line, and no text goes over several.
    """
    first, *parts = re.split(r"(?m)^(?=\[)", _source(lang))
    own = [part for part in parts if re.match(rf"\[{re.escape(head)}[.\]]", part)]
    return dict(_flatten("", tomllib.loads("".join((first, *own)))))


def _flatten(prefix: str, node: dict[str, object]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in node.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict):
            found.extend(_flatten(f"{key}.", value))
        else:
            found.append((key, str(value)))
    return found


def t(key: str, /, **values: object) -> str:
    """Return the text of `key` with `values` put in.

    Parameters
    ----------
    key
        Dotted path in ``text/da.toml``.
    values
        What the text's braces name; numbers and dates already written out by
        :mod:`procmine.text.formats`.

    Raises
    ------
    KeyError
        A key that no text has; the tests see to it that none is left.

    Examples
    --------
    >>> t("store.absent", path="min-log")
    'Der er intet lager i min-log.'
    """
    head = key.partition(".")[0]
    text = _section("en", head).get(key) if language() == "en" else None
    if text is None:
        text = _section("da", head)[key]
    return text.format(**values) if values else text
