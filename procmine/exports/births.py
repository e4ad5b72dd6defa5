"""The band of years in which a citizen was born: all that may survive of a person's number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from procmine.exports.sql import quoted_name
from procmine.store.engine import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from procmine.exports.profile import Profile
    from procmine.exports.settle import Settlement

__all__ = ["BIRTH_BAND", "birth_band", "make_births"]

BIRTH_BAND = "birth_band"
"""The attribute of a citizen that holds the band."""
_DIGITS = 10


def birth_band(number: str, years: int) -> str:
    """Return the band of birth years that a person's number tells, empty where it tells none.

    The century follows from the seventh digit.

    Parameters
    ----------
    number
        Ten digits.
    years
        How many years a band spans; bands begin at year 0.

    Examples
    --------
    >>> birth_band("7101901234", 10), birth_band("7101054234", 5), birth_band("71019", 10)
    ('1990-1999', '2005-2009', '')
    """
    if len(number) != _DIGITS or not number.isdecimal():
        return ""
    short, seventh = int(number[4:6]), int(number[6])
    if seventh <= 3:
        year = 1900 + short
    elif seventh in (4, 9):
        year = (2000 if short <= 36 else 1900) + short
    else:
        year = (2000 if short <= 57 else 1800) + short
    first = year - year % years
    return f"{first}-{first + years - 1}"


def make_births(
    work: Settlement, profile: Profile, found: Mapping[str, str], previous: Path | None
) -> None:
    """Make the table ``births`` of citizens and their bands, where the profile asks for them.

    Bands that the snapshot before holds stay: a later delivery need not name everyone.
    """
    asking = [c.to for t in profile.tables for c in t.columns if c.birth_band]
    work.births = tuple(sorted(set(asking)))
    if not work.births:
        return
    rows = pa.table({"object_id": pa.array(list(found), pa.string()),
                     "band": pa.array(list(found.values()), pa.string())})  # fmt: skip
    work.con.register("read_births", rows)
    work.con.execute("CREATE TEMP TABLE births AS SELECT * FROM read_births")
    work.con.unregister("read_births")
    objects = previous / "ocel" / "objects.parquet" if previous else None
    if objects is None or not objects.exists():
        return
    column = f"attr.{BIRTH_BAND}"
    held = work.con.execute(f"DESCRIBE SELECT * FROM {quoted(objects)}").fetchall()
    if column in [row[0] for row in held]:
        work.con.execute(
            f"INSERT INTO births SELECT object_id, {quoted_name(column)} FROM {quoted(objects)} "
            f"WHERE {quoted_name(column)} IS NOT NULL "
            "AND object_id NOT IN (SELECT object_id FROM births)"
        )
