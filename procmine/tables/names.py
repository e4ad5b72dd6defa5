"""Names of files that more than one layer must agree on."""

from __future__ import annotations

__all__ = ["SYNTHETIC_MARK"]

SYNTHETIC_MARK = "SYNTETISK.txt"
"""A delivery that holds this file is simulated, and every page and report says so."""
