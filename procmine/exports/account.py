"""The account of a load: what became of every row, per file and reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from procmine.errors import ExportError, Fault
from procmine.text import t

__all__ = ["Account", "FileAccount"]


@dataclass(slots=True)
class FileAccount:
    """The rows of one file: read = kept + left out + quarantined."""

    file: str
    table: str
    profile: str
    read: int = 0
    kept: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    quarantined: dict[str, int] = field(default_factory=dict)
    repaired: dict[str, int] = field(default_factory=dict)
    not_rows: dict[str, int] = field(default_factory=dict)
    footer: int | None = None
    encoding: str = ""
    digest: str = ""

    @property
    def adds_up(self) -> bool:
        """Whether every row has exactly one fate."""
        stopped = sum(self.left_out.values()) + sum(self.quarantined.values())
        return self.read == self.kept + stopped

    def to_json(self) -> dict[str, Any]:
        """Return the figures of exports spec, section 4, and more."""
        return {
            "file": self.file,
            "table": self.table,
            "profile": self.profile,
            "read": self.read,
            "kept": self.kept,
            "left_out": dict(sorted(self.left_out.items())),
            "quarantined": dict(sorted(self.quarantined.items())),
            "repaired": dict(sorted(self.repaired.items())),
            "not_rows": dict(sorted(self.not_rows.items())),
            "footer": self.footer,
            "encoding": self.encoding,
        }


@dataclass(slots=True)
class Account:
    """What a load did with every row, and what people should know about it.

    Attributes
    ----------
    files
        One for each file of the delivery.
    counts
        Rows of the log's tables.
    unchanged
        The delivery brought nothing that the store did not hold.
    warnings
        Danish sentences: drift, vanished rows, what the delivery lacks.
    drift
        The same as data: new columns, activities and units, vanished rows and more.
    places
        By code the first few (file, line, column) of the rows quarantined.

    Examples
    --------
    >>> Account([FileAccount("a.csv", "a", "p", read=2, kept=2)]).to_json()["totals"]["kept"]
    2
    """

    files: list[FileAccount] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    unchanged: bool = False
    warnings: list[str] = field(default_factory=list)
    drift: dict[str, Any] = field(default_factory=dict)
    delivery: dict[str, Any] = field(default_factory=dict)
    control: list[dict[str, Any]] = field(default_factory=list)
    places: dict[str, list[tuple[str, int, str]]] = field(default_factory=dict)
    snapshot: str = ""

    @property
    def totals(self) -> dict[str, int]:
        """Sums over all files."""
        return {
            "read": sum(f.read for f in self.files),
            "kept": sum(f.kept for f in self.files),
            "left_out": sum(sum(f.left_out.values()) for f in self.files),
            "quarantined": sum(sum(f.quarantined.values()) for f in self.files),
        }

    def reasons(self, what: str) -> dict[str, int]:
        """Return sums by reason of ``left_out``, ``quarantined``, ``repaired``, ``not_rows``."""
        total: Counter[str] = Counter()
        for file in self.files:
            total.update(getattr(file, what))
        return dict(sorted(total.items()))

    def check(self) -> None:
        """Fail loudly where rows are unaccounted for.

        Raises
        ------
        ExportError
            With each file whose figures do not add up.
        """
        wrong = [f for f in self.files if not f.adds_up]
        if wrong:
            names = ", ".join(f.file for f in wrong)
            faults = tuple(Fault("rows_lost", f.file, count=f.read) for f in wrong)
            raise ExportError(t("exports.rows_lost", files=names), faults)

    def to_json(self) -> dict[str, Any]:
        """Return the report file of exports spec, section 4."""
        counts = {n: self.counts.get(n, 0) for n in
                  ("events", "objects", "e2o", "o2o", "object_changes")}  # fmt: skip
        return {
            "files": [file.to_json() for file in self.files],
            "totals": self.totals,
            **counts,
            "snapshot": self.snapshot,
            "unchanged": self.unchanged,
            "delivery": self.delivery,
            "warnings": self.warnings,
            "drift": self.drift,
            "control": self.control,
            "places": {code: [list(one) for one in found] for code, found in self.places.items()},
            "reminder": t("exports.reminder"),
        }
