"""How names from outside are compared and written as identifiers."""

from __future__ import annotations

import difflib
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["fold", "nearest", "reserved", "slug", "tidy"]

_BLANKS = re.compile(r"\s+")
_OTHER = re.compile(r"[^a-z0-9]+")
_LETTERS = str.maketrans(
    {"\u00e6": "ae", "\u00f8": "oe", "\u00e5": "aa", "\u00f6": "oe", "\u00e4": "ae", "\u00df": "ss"}
)


def tidy(text: str) -> str:
    r"""Return `text` composed, with single blanks inside and none around it.

    Examples
    --------
    >>> tidy(" Jobcenter \u00a0 Nord ")
    'Jobcenter Nord'
    """
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", text)).strip()


def fold(text: str) -> str:
    """Return the form in which names are compared: tidy, without regard to case.

    Examples
    --------
    >>> fold("CPR-Nr. ") == fold("cpr-nr.")
    True
    """
    return tidy(text).casefold()


def slug(text: str) -> str:
    r"""Return an ASCII identifier of a label (exports spec, section 4; processes spec).

    Examples
    --------
    >>> slug("F\u00f8rtidspension"), slug("Uden \u00e6ndring")
    ('foertidspension', 'uden_aendring')
    """
    folded = fold(text).translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode()
    return _OTHER.sub("_", plain).strip("_")


def reserved(name: str) -> bool:
    """Whether a column may not be called so in a profile: names of our own look like it.

    Examples
    --------
    >>> reserved("_CASE_KEY"), reserved("Request #"), reserved("Sagsnr")
    (True, True, False)
    """
    return name.startswith("_") or name.endswith("#")


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word most like `word`, empty where none is like it.

    Examples
    --------
    >>> nearest("delimeter", ["delimiter", "decimal"])
    'delimiter'
    """
    by_fold = {fold(name): name for name in known}
    close = difflib.get_close_matches(fold(word), by_fold, n=1, cutoff=0.6)
    return by_fold[close[0]] if close else ""
