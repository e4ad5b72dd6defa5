"""The scan for CPR numbers, as a reader sees them and not only as ASCII writes them.

A number may be written with other digits (full-width, Arabic), another hyphen or blank, or
with letters in it that nobody sees: whoever reads it reads the same number.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["CPR_PATTERN", "has_cpr", "mask_cpr", "plainly"]

_DAY_MONTH = "(?:0[1-9]|[12][0-9]|3[01]|6[1-9]|[78][0-9]|9[01])(?:0[1-9]|1[0-2])"
_GAP = r"[-\s]{0,3}"
"""A hyphen or a blank; blanks about a hyphen, or several, look like one on a page."""
CPR_PATTERN = rf"(?:^|[^0-9]){_DAY_MONTH}[0-9]{{2}}{_GAP}[0-9]{{4}}(?:[^0-9]|$)"
"""For RE2, which looks at no letters around: day 01-31 or 61-91, month, year, four digits."""
_CPR = re.compile(rf"(?<![0-9]){_DAY_MONTH}[0-9]{{2}}{_GAP}[0-9]{{4}}(?![0-9])")
MASK = "\u2039cpr\u203a"
_MINUS = "\u2212"
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters that look like blanks but are none to Unicode."""
_UNSEEN = ("Cf", "Cc", "Mn", "Me")


def has_cpr(text: str) -> bool:
    r"""Whether anything in `text` is shaped like a CPR number, in whatever digits and blanks.

    Examples
    --------
    >>> has_cpr("ref 710190-1234"), has_cpr("7101901234567")
    (True, False)
    >>> has_cpr("\uff17\uff11\uff10\uff11\uff19\uff10\u20131234"), has_cpr("710190\u200b1234")
    (True, True)
    """
    return _CPR.search(plainly(text)[0]) is not None


def mask_cpr(text: str, mask: str = MASK) -> str:
    r"""Return `text` with everything shaped like a CPR number replaced.

    Examples
    --------
    >>> mask_cpr("fil 7101901234.csv") == mask_cpr("fil 710190\u20091234.csv")
    True
    >>> ascii(mask_cpr("fil 7101901234.csv"))
    "'fil \\u2039cpr\\u203a.csv'"
    """
    plain, places = plainly(text)
    if places is None:
        return _CPR.sub(mask, text)
    out, done = [], 0
    for found in _CPR.finditer(plain):
        out += [text[done : places[found.start()]], mask]
        done = places[found.end() - 1] + 1
    return "".join([*out, text[done:]])


def plainly(text: str) -> tuple[str, list[int] | None]:
    r"""Return `text` with ASCII digits, hyphens and blanks, and without what nobody sees.

    The second is where each of its letters stands in `text`; None where they are the same.

    Examples
    --------
    >>> plainly("\uff17\u200b\u2013x")
    ('7-x', [0, 2, 3])
    """
    if text.isascii() and text.isprintable():
        return text, None
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        kind = unicodedata.category(letter)
        if letter.isspace() or letter in _BLANK:
            plain = " "
        elif kind in _UNSEEN:
            continue
        elif letter.isdigit():
            plain = str(unicodedata.digit(letter))
        else:
            plain = "-" if kind == "Pd" or letter == _MINUS else letter
        letters.append(plain)
        places.append(place)
    return "".join(letters), places
