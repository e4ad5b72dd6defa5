"""What can become of a row: the codes of exports spec, section 4."""

from __future__ import annotations

from procmine.text import t

__all__ = [
    "FATES",
    "LEFT_OUT",
    "NOT_ROWS",
    "PRECISION",
    "QUARANTINED",
    "REPAIRS",
    "repair_bit",
    "sentence",
]

LEFT_OUT = ("not_performed", "duplicate", "unchanged", "superseded", "erased")
QUARANTINED = (
    "bad_date", "march_gap", "future", "before_1990", "field_count", "missing_id",
    "missing_time", "orphan", "conflict", "too_large",
)  # fmt: skip
NOT_ROWS = ("title", "header", "blank", "repeated_header", "totals", "footer")
REPAIRS = (
    "cpr_nine_digits", "float_id", "no_break_blank", "hidden_row", "decomposed_letters",
    "october_hour", "start_dropped", "start_as_time", "unknown_unit", "unknown_activity",
    "sentinel_date", "person_missing", "object_from_reference", "cpr_masked",
    "trailing_delimiter", "bad_value", "unknown_value",
)  # fmt: skip
FATES = ("", *LEFT_OUT, *QUARANTINED)
"""The number of a row's fate in the staged rows is its place here."""
PRECISION = "#"
"""What a time column's name is followed by in the column of its precision."""


def repair_bit(code: str) -> int:
    """Return the bit that stands for a repair in a row's set of repairs.

    Examples
    --------
    >>> repair_bit("cpr_nine_digits"), repair_bit("float_id")
    (1, 2)
    """
    return 1 << REPAIRS.index(code)


def sentence(code: str) -> str:
    """Return a fate in plain Danish, with what to do about it.

    Examples
    --------
    >>> sentence("duplicate") != ""
    True
    """
    return t(f"fate.{code}")
