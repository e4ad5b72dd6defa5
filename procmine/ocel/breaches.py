"""Breaches of the rules as people read them, and as a table for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from procmine.ocel.exchange.tally import EFFECTS, effect
from procmine.text import t
from procmine.text.formats import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from procmine.errors import Fault

__all__ = ["breach_line", "breach_row", "breach_table"]

FEW = 5
COLUMNS = pa.schema(
    [
        ("rule", pa.string()),
        ("effect", pa.string()),
        ("table", pa.string()),
        ("column", pa.string()),
        ("row", pa.int64()),
        ("count", pa.int64()),
        ("detail", pa.string()),
        ("explanation", pa.string()),
    ]
)


def breach_line(fault: Fault) -> str:
    """Return a breach as one sentence: what, where, how many, which rows first, what was done.

    Examples
    --------
    >>> from procmine.errors import Fault
    >>> print(breach_line(Fault("bad_time", "events", "time", (2, 7), 2)))
    Et tidspunkt kan ikke læses (bad_time): events, time; 2 gange, række 2, 7; udeladt.
    """
    known = fault.code in EFFECTS
    what = t(f"breach.{fault.code}") if known else t("breach.refused")
    place = ", ".join(part for part in (fault.where, fault.column, fault.detail) if part)
    parts = [f"{what} ({fault.code})" + (f": {place}" if place else "")]
    times = [t("breach.count", n=number(fault.count))] if fault.count else []
    if fault.rows:
        rows = ", ".join(str(row) for row in fault.rows[:FEW])
        more = " \u2026" if max(fault.count, len(fault.rows)) > FEW else ""
        times.append(t("breach.rows", rows=rows + more))
    if times:
        parts.append(", ".join(times))
    if known:
        parts.append(t(f"breach_effect.{effect(fault)}"))
    return "; ".join(parts) + "."


def breach_row(fault: Fault) -> dict[str, Any]:
    """Return a breach as data, with its first rows only, for a manifest.

    Examples
    --------
    >>> from procmine.errors import Fault
    >>> breach_row(Fault("bad_time", "events", "time", tuple(range(1, 9)), 8))["rows"]
    (1, 2, 3, 4, 5)
    """
    return {**asdict(fault), "rows": fault.rows[:FEW]}


def breach_table(faults: Iterable[Fault]) -> pa.Table:
    """Return breaches as a table: a row for each row of the log that breaks a rule.

    Returns
    -------
    pa.Table
        ``rule, effect`` (``note``, ``mended``, ``left_out``; empty where the file is
        refused), ``table, column, row`` (counted from 1, or the line in XML; null where
        there is none), ``count`` (how often the rule is broken there in all; rows beyond
        the first thousand are counted, not listed), ``detail, explanation``.

    Examples
    --------
    >>> from procmine.errors import Fault
    >>> breach_table([Fault("bad_time", "events", "time", (2, 7), 2)])["row"].to_pylist()
    [2, 7]
    """
    rows: list[Mapping[str, Any]] = []
    for fault in faults:
        base = {
            "rule": fault.code,
            "effect": effect(fault) if fault.code in EFFECTS else "",
            "table": fault.where,
            "column": fault.column,
            "count": max(fault.count, 1),
            "detail": fault.detail,
            "explanation": breach_line(fault),
        }
        rows.extend({**base, "row": row} for row in fault.rows or (None,))
    return pa.Table.from_pylist(list(rows), schema=COLUMNS)
