"""The mess of real exports, planted row by row with what must become of each."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Any

from procmine.synth.draws import Stream
from procmine.synth.faults import added, changed, fits
from procmine.synth.files import Cell, Raw

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from procmine.synth.files import Row

__all__ = ["Account", "Mess"]


@dataclass
class Account:
    """What must become of the rows of one file."""

    read: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)
    not_rows: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, Any]:
        """Return it as the load report writes it."""
        away = self.left_out.total() + self.quarantined.total()
        return {
            "read": self.read,
            "kept": self.read - away,
            "left_out": dict(sorted(self.left_out.items())),
            "quarantined": dict(sorted(self.quarantined.items())),
            "repaired": dict(sorted(self.repaired.items())),
            "not_rows": dict(sorted(self.not_rows.items())),
        }


class Mess:
    """Plants faults in the rows of tables, and keeps the account.

    Parameters
    ----------
    seed
        Where the faults fall depends on it.
    scale
        Percent of the numbers that ``data/mess.toml`` gives; 0 plants nothing.
    avoid
        Rows with this word in a cell are left as they are: they are left out by rule,
        and a row has one fate.
    """

    def __init__(self, seed: int, scale: int, avoid: str) -> None:
        self.seed, self.scale, self.avoid = seed, scale, avoid
        source = resources.files("procmine.synth") / "data" / "mess.toml"
        raw = tomllib.loads(source.read_text(encoding="utf-8"))
        self.faults: list[dict[str, Any]] = raw["fault"] if scale else []
        self.split: Mapping[str, int] = raw["split"] if scale else {}
        self.formats: Mapping[str, Mapping[str, Any]] = raw["formats"] if scale else {}
        self.books: Mapping[str, Mapping[str, Any]] = raw["books"] if scale else {}

    def plant(
        self, table: str, columns: Sequence[str], rows: list[tuple[Cell, ...]], account: Account
    ) -> Iterator[Row]:
        """Yield the rows of a table with its faults among them."""
        mine = [fault for fault in self.faults if fault["table"] == table]
        after: dict[int, list[Row]] = {}
        instead: dict[int, Row] = {}
        for number, fault in enumerate(mine):
            stream = Stream(self.seed, "mess", table, number)
            self._spread(fault, number, columns, rows, stream, after, instead, account)
        for index, row in enumerate(rows):
            account.read += 1
            yield instead.get(index, row)
            for extra in after.get(index, ()):
                account.read += _counts(extra)
                yield extra

    def _spread(
        self,
        fault: Mapping[str, Any],
        number: int,
        columns: Sequence[str],
        rows: list[tuple[Cell, ...]],
        stream: Stream,
        after: dict[int, list[Row]],
        instead: dict[int, Row],
        account: Account,
    ) -> None:
        wanted = -(-fault["n"] * self.scale // 100)
        places = [
            i
            for i, row in enumerate(rows)
            if i not in instead and self.avoid not in row and fits(fault, columns, row)
        ]
        for copy in range(min(wanted, len(places))):
            index = places.pop(stream.below(len(places)))
            extras = added(fault, columns, rows[index], f"X{number}{copy}", copy)
            instead[index] = changed(fault, columns, rows[index])
            after.setdefault(index, []).extend(extras)
            if fault["fate"]:
                count = 2 if fault["how"] == "twice" else 1
                getattr(account, fault["fate"])[fault["code"]] += count


def _counts(row: Row) -> bool:
    """Whether an extra line counts as a row that is read."""
    return not (isinstance(row, Raw) and row.no_row)
