"""What a page is: one question, one sentence of answer, figures with their tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Figure", "Missing", "Page", "Table"]


@dataclass(frozen=True)
class Table:
    """A table to show and to fetch as CSV; columns have their headings in the texts."""

    name: str
    caption: str
    frame: pd.DataFrame
    folded: bool = False


@dataclass(frozen=True)
class Figure:
    """A Plotly figure with a summary for those who do not see it, and its table."""

    name: str
    heading: str
    figure: Any
    summary: str
    table: Table | None = None
    note: str = ""


@dataclass(frozen=True)
class Missing:
    """What this log cannot tell, and why."""

    heading: str
    reason: str


@dataclass(frozen=True)
class Page:
    """A page's content.

    ``parts`` are figures, tables, missing things, or Dash components; ``method`` says how
    the numbers are made, sentence by sentence; ``rests_on_file`` names another file of
    definitions whose approval is told; ``hand_check`` names the kind of check by
    hand whose result stands beside the figures.
    """

    question: str
    answer: str
    parts: tuple[Any, ...] = ()
    method: tuple[str, ...] = ()
    rests_on_rules: bool = False
    hand_check: str = ""
    rests_on_file: str = ""
    extra_tables: tuple[Table, ...] = field(default=())

    @property
    def tables(self) -> dict[str, Table]:
        """Every table of the page by its name."""
        found = [part for part in self.parts if isinstance(part, Table)]
        found += [p.table for p in self.parts if isinstance(p, Figure) and p.table is not None]
        return {table.name: table for table in (*found, *self.extra_tables)}
