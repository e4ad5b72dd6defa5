"""The fact tables: computed once per snapshot, in columns, stored beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from procmine.facts.run import compute

__all__ = ["compute"]


def __getattr__(name: str) -> object:
    """Load the computation on first use: those who read facts need none of it."""
    if name == "compute":
        from procmine.facts.run import compute

        return compute
    raise AttributeError(name)
