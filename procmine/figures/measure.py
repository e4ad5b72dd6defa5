"""How wide a text is in Arial, so that boxes and labels fit it without a browser."""

from __future__ import annotations

__all__ = ["text_width", "wrapped"]

_NARROW = set("iljtfrI.,:;'|!()[] -/")
_WIDE = set("mwMW@%") | {chr(0xE6), chr(0xC6)}


def text_width(text: str, size: float = 13.0) -> float:
    """Estimate the width of `text` in pixels at font size `size`, on the safe side.

    Examples
    --------
    >>> text_width("ill") < text_width("mmm")
    True
    """
    units = 0.0
    for letter in text:
        if letter in _NARROW:
            units += 0.34
        elif letter in _WIDE:
            units += 0.92
        elif letter.isupper():
            units += 0.70
        else:
            units += 0.57
    return units * size


def wrapped(text: str, width: float, size: float = 13.0, lines: int = 3) -> list[str]:
    r"""Break `text` into at most `lines` lines of `width` pixels; the rest ends in dots.

    Examples
    --------
    >>> wrapped("to ord", 30)
    ['to', 'ord']
    >>> wrapped("etmegetlangtord", 60, lines=1)
    ['etmeget\u2026']
    """
    found: list[str] = []
    line = ""
    for word in text.split() or [text]:
        longer = f"{line} {word}".strip()
        if line and text_width(longer, size) > width:
            found.append(line)
            line = word
        else:
            line = longer
    found.append(line)
    cut = len(found) > lines
    found = found[:lines]
    if cut:
        found[-1] += "\u2026"
    return [_fitted(line, width, size) for line in found]


def _fitted(line: str, width: float, size: float) -> str:
    if text_width(line, size) <= width:
        return line
    kept = line.rstrip("\u2026")
    while kept and text_width(kept + "\u2026", size) > width:
        kept = kept[:-1]
    return kept + "\u2026"
