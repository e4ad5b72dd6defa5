"""Faults as data, and the exceptions that carry them.

A fault names a code, a table or file, a column, a rule and rows; never the content of
a cell, which could be a person's number. People read faults through
:mod:`procmine.text`, programs through :attr:`ProcmineError.faults`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = [
    "ConfigError",
    "ExportError",
    "Fault",
    "LogError",
    "NotFoundError",
    "ProcmineError",
    "StoreError",
    "TableError",
    "UsageError",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, as data.

    Parameters
    ----------
    code
        What is wrong, e.g. ``missing_column``; a key of ``[fault]`` in ``text/da.toml``.
    where
        Table, file or configuration file it concerns.
    column
        Column or key, empty where the fault concerns the whole.
    rows
        Row or line numbers, at most a handful, counted from 1.
    count
        How many rows are concerned in all.
    detail
        Names that help to mend it (known columns, the nearest word). Never a cell.

    Examples
    --------
    >>> Fault("missing_column", "opera_sager.csv", "Sagsnr").line()
    'missing_column: opera_sager.csv, Sagsnr'
    """

    code: str
    where: str = ""
    column: str = ""
    rows: tuple[int, ...] = ()
    count: int = 0
    detail: str = ""

    def line(self) -> str:
        """Return the fault as one line for logs."""
        place = ", ".join(part for part in (self.where, self.column) if part)
        rows = f" (rows {', '.join(map(str, self.rows))})" if self.rows else ""
        detail = f": {self.detail}" if self.detail else ""
        return f"{self.code}: {place}{rows}{detail}" if place else f"{self.code}{rows}{detail}"


@dataclass(eq=False)
class ProcmineError(Exception):
    """A fault that the user can mend; the command line prints it and exits with 1.

    ``message`` is a whole sentence for people (Danish, from :mod:`procmine.text`);
    ``faults`` says the same as data.

    Examples
    --------
    >>> error = ProcmineError("Lageret findes ikke.", (Fault("no_store", "x"),))
    >>> str(error), error.faults[0].code
    ('Lageret findes ikke.', 'no_store')
    """

    message: str
    faults: tuple[Fault, ...] = field(default=())

    def __str__(self) -> str:
        """Return the sentence for people, or the faults where there is none."""
        return self.message or "\n".join(fault.line() for fault in self.faults)


class UsageError(ProcmineError, ValueError):
    """An argument that cannot be used as given."""


class TableError(ProcmineError, ValueError):
    """A table that breaks its schema."""


class ConfigError(ProcmineError, ValueError):
    """A configuration file, profile or catalogue that cannot be used."""


class ExportError(ProcmineError, ValueError):
    """An export that cannot be read at all."""


class LogError(ProcmineError, ValueError):
    """An event log that breaks the rules of OCEL 2.0 or XES."""


class NotFoundError(ProcmineError, LookupError):
    """What was asked for by a name or number that the log does not hold."""


class StoreError(ProcmineError, OSError):
    """A store that is absent, damaged or made by another version."""
