"""Attributes whose names Python cannot spell as arguments."""

from __future__ import annotations

from typing import Any

__all__ = ["named"]


def named(label: str, **data: str) -> dict[str, Any]:
    """Return an accessible name, and further attributes with their ``_`` as ``-``.

    Examples
    --------
    >>> named("Zoom ind", data_zoom="in")
    {'aria-label': 'Zoom ind', 'data-zoom': 'in'}
    """
    return {"aria-label": label} | {name.replace("_", "-"): value for name, value in data.items()}
