"""The glossary that code, pages and reports share."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

__all__ = ["Term", "glossary"]


@dataclass(frozen=True, slots=True)
class Term:
    """A term: its word in code, what the reader sees, what it means."""

    id: str
    da: str
    meaning: str


@cache
def glossary() -> tuple[Term, ...]:
    """Return all terms in the order of the file.

    Examples
    --------
    >>> next(term.da for term in glossary() if term.id == "handover")
    'overlevering'
    """
    text = (resources.files("procmine.text") / "glossary.toml").read_text(encoding="utf-8")
    return tuple(Term(**row) for row in tomllib.loads(text)["term"])
