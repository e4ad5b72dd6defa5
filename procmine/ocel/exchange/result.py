"""What a reader returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from procmine.errors import Fault
    from procmine.ocel.log import Ocel

__all__ = ["ReadResult"]


@dataclass(frozen=True, slots=True)
class ReadResult:
    """A log and every breach that was met while it was read.

    Examples
    --------
    >>> from procmine.ocel.log import Ocel
    >>> ReadResult(Ocel.build({})).breaches
    []
    """

    ocel: Ocel
    breaches: list[Fault] = field(default_factory=list)
