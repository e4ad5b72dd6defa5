"""The causes of waiting in their order, their tracks and natures, read from their data file."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CAUSES", "NATURES", "REST", "TRACKS", "TRACK_CAUSE", "track"]

_RAW = tomllib.loads((resources.files("procmine.facts") / "causes.toml").read_text("utf-8"))

CAUSES: tuple[str, ...] = tuple(_RAW["order"])
"""Names of the causes; the first that applies labels an instant."""

TRACKS: tuple[str, ...] = tuple(row["name"] for row in _RAW["track"])
"""What intervals lie on, in order of precedence."""

NATURES: tuple[str, ...] = tuple(row["nature"] for row in _RAW["track"])
"""Nature of each track."""

TRACK_CAUSE: NDArray[np.int64] = np.array([CAUSES.index(row["cause"]) for row in _RAW["track"]])
"""Place in CAUSES of each track's cause."""

REST = len(TRACKS) - 1
"""The track of time that nothing else claims."""


def track(name: str) -> int:
    """Return a track's place in the order.

    Examples
    --------
    >>> track("working"), CAUSES[TRACK_CAUSE[track("citizen_assumed")]]
    (0, 'citizen')
    """
    return TRACKS.index(name)
