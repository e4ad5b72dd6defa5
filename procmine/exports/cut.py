"""The cut of a delivery: given, in a title block, or the latest stamp (design, section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from procmine.errors import Fault, UsageError
from procmine.exports.clock import micros
from procmine.store.engine import quoted
from procmine.text import t
from procmine.text.formats import ZONE

if TYPE_CHECKING:
    import duckdb

    from procmine.exports.delivery import Delivery
    from procmine.exports.profile import Profile

__all__ = ["Cut", "known_cut", "latest_stamp"]

_FIRST_YEAR, _LAST_YEAR = 1990, 9000


@dataclass(slots=True)
class Cut:
    """The delivery's cut: the instant (microseconds) and where it comes from."""

    us: int
    source: str


def known_cut(extracted: str | None, delivery: Delivery) -> Cut | None:
    """Return the cut that is given, or that the title blocks name; a date is its day's end.

    Raises
    ------
    UsageError
        `extracted` is no day and no instant.
    """
    if extracted:
        return Cut(_instant(extracted), "given")
    titled = delivery.title_date()
    return Cut(_end_of(titled), "title") if titled else None


def _instant(text: str) -> int:
    fault = Fault("bad_extracted")
    try:
        if len(text) == len("2026-01-31"):
            day: date = date.fromisoformat(text)
        else:
            day = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(t("exports.bad_extracted"), (fault,)) from error
    if not _FIRST_YEAR <= day.year < _LAST_YEAR:  # what no row may be from, no delivery is from
        raise UsageError(t("exports.bad_extracted"), (fault,))
    if not isinstance(day, datetime):
        return _end_of(day)
    return micros(day if day.tzinfo else day.replace(tzinfo=ZONE))


def _end_of(day: date) -> int:
    return micros(datetime.combine(day + timedelta(days=1), time(0), ZONE)) - 1


def latest_stamp(
    con: duckdb.DuckDBPyConnection, profile: Profile, staged: dict[str, list[Path]], now: int
) -> int:
    """Return the latest stamp that is not after the moment of the load, 0 where none is."""
    latest = 0
    for name, files in staged.items():
        columns = [c.name for c in profile.table(name).columns if c.kind == "time" and not c.ahead]
        paths = ", ".join(quoted(path) for path in files)
        for column in columns:
            escaped = column.replace('"', '""')
            row = con.execute(
                f'SELECT max(epoch_us("{escaped}")) FROM read_parquet([{paths}]) '
                f'WHERE _fate = 0 AND epoch_us("{escaped}") <= {now}'
            ).fetchone()
            latest = max(latest, (row[0] or 0) if row else 0)
    return latest
