"""Digests written so that no run of digits in them is taken for a person's number."""

from __future__ import annotations

__all__ = ["in_letters"]

_LETTERS = str.maketrans("0123456789abcdef", "ghjkmnpqrsabcdef")


def in_letters(digest: str) -> str:
    """Return a hexadecimal digest in letters only.

    One digest in some hundred holds ten digits in a row that are shaped like a CPR number,
    and whoever scans what procmine wrote would have to look into each (exports spec,
    section 5).

    Parameters
    ----------
    digest
        Lower-case hexadecimal digits.

    Examples
    --------
    >>> in_letters("00ff19")
    'ggffhs'
    """
    return digest.translate(_LETTERS)
