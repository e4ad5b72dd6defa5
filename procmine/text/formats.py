"""Danish numbers, dates and durations, independent of the machine's locale."""

from __future__ import annotations

import math
from datetime import date, datetime
from zoneinfo import ZoneInfo

__all__ = ["MONTHS", "ZONE", "day", "moment", "month", "number", "percent", "short_day"]

ZONE = ZoneInfo("Europe/Copenhagen")
MONTHS = (
    "januar", "februar", "marts", "april", "maj", "juni",
    "juli", "august", "september", "oktober", "november", "december",
)  # fmt: skip
_MINUS = "\u2212"


def number(value: float | None, decimals: int = 0) -> str:
    r"""Write a number the Danish way; an en dash where there is none.

    Examples
    --------
    >>> number(1234.5, 1), number(-3), number(None)
    ('1.234,5', '\u22123', '\u2013')
    """
    if value is None or math.isnan(value):
        return "\u2013"
    text = f"{abs(value):,.{decimals}f}".translate(str.maketrans(",.", ".,"))
    negative = value < 0 and any(digit in text for digit in "123456789")
    return f"{_MINUS}{text}" if negative else text


def percent(share: float | None, decimals: int = 0) -> str:
    r"""Write a share (0 to 1) in percent, with a non-breaking blank before the sign.

    Examples
    --------
    >>> percent(0.125, 1)
    '12,5\xa0%'
    """
    return number(None) if share is None else f"{number(share * 100, decimals)}\u00a0%"


def day(value: date | datetime | None) -> str:
    """Write a day: ``2. marts 2026``. An instant is taken in Danish local time.

    Examples
    --------
    >>> day(date(2026, 3, 2))
    '2. marts 2026'
    """
    if value is None:
        return number(None)
    local = _local(value)
    return f"{local.day}. {MONTHS[local.month - 1]} {local.year}"


def short_day(value: date | datetime | None) -> str:
    """Write a day with figures: ``02-03-2026``.

    Examples
    --------
    >>> short_day(date(2026, 3, 2))
    '02-03-2026'
    """
    return number(None) if value is None else f"{_local(value):%d-%m-%Y}"


def month(value: date | datetime) -> str:
    """Write a month: ``marts 2026``.

    Examples
    --------
    >>> month(date(2026, 3, 2))
    'marts 2026'
    """
    local = _local(value)
    return f"{MONTHS[local.month - 1]} {local.year}"


def moment(value: datetime | None) -> str:
    """Write an instant in Danish local time: ``2. marts 2026 kl. 09.00``.

    Examples
    --------
    >>> from datetime import UTC
    >>> moment(datetime(2026, 3, 2, 8, tzinfo=UTC))
    '2. marts 2026 kl. 09.00'
    """
    if value is None:
        return number(None)
    local = value.astimezone(ZONE)
    return f"{day(local)} kl. {local:%H.%M}"


def _local(value: date | datetime) -> date:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(ZONE)
    return value
