"""What is planted beside the visits, waits and statuses, and the decoys among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from procmine.synth.record import Case, Step

__all__ = ["Plant"]


class Plant(NamedTuple):
    """One thing planted.

    Attributes
    ----------
    name
        What it is; ``docs/sandhed.md`` lists the names.
    item
        The step it hangs on, or the id of another row.
    related
        The row it repeats, where there is one.
    days
        How large it is, for those that are measured in days.
    decoy
        Whether it must not be flagged.
    """

    name: str
    case: Case | None
    item: Step | str
    related: str = ""
    days: int = 0
    decoy: bool = False
