"""Read attributes by their role, whatever columns and types hold them."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.facts.source import Source

__all__ = ["day_end", "day_ends", "day_last", "instant", "literal", "script", "text"]

_ZONE = "'Europe/Copenhagen'"


def script(name: str) -> str:
    """Return the text of a SQL file of this package, without its comments.

    Comments name the same braces as the query; a name with a line break in it, put there,
    would end the comment and be run.
    """
    told = (resources.files("procmine.facts") / f"{name}.sql").read_text(encoding="utf-8")
    return "\n".join(line for line in told.splitlines() if not line.lstrip().startswith("--"))


def literal(text: str) -> str:
    """Return a string as a SQL literal.

    Examples
    --------
    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def text(source: Source, owner: str, attribute: str, table: str) -> str:
    """Return the SQL expression of an attribute's text, ``NULL`` where the log has none.

    Parameters
    ----------
    source
        The log.
    owner
        ``event`` or ``object``.
    attribute
        The attribute's name, as the roles give it; empty for none.
    table
        Alias of the table with the columns.
    """
    found = [f"CAST({table}.{name} AS VARCHAR)" for name, _ in _columns(source, owner, attribute)]
    return f"COALESCE({', '.join(found)}, NULL)" if found else "CAST(NULL AS VARCHAR)"


def instant(source: Source, owner: str, attribute: str, table: str) -> str:
    """Return the SQL expression of the instant at which a deadline runs out.

    A date, or local midnight, means the end of that local day (design section 4).
    """
    found = [
        _runs_out(f"{table}.{name}", kind) for name, kind in _columns(source, owner, attribute)
    ]
    return f"COALESCE({', '.join(found)}, NULL)" if found else "CAST(NULL AS TIMESTAMPTZ)"


def day_end(value: str) -> str:
    """Return the SQL expression of the end of the local day that the text `value` names.

    A text with an offset is an instant; one without, a local date or time.
    """
    local = (
        f"coalesce(CASE WHEN length({value}) <= 19 THEN try_cast({value} AS TIMESTAMP) END, "
        f"timezone({_ZONE}, try_cast({value} AS TIMESTAMPTZ)))"
    )
    return f"timezone({_ZONE}, date_trunc('day', {local}) + INTERVAL 1 DAY)"


def day_last(stamp: str) -> str:
    """Return the SQL expression of the last microsecond of the local day of an instant.

    Nights on which clocks change are in it: such a day has 23 or 25 hours.
    """
    local = f"date_trunc('day', timezone({_ZONE}, {stamp}))"
    return f"epoch_us(timezone({_ZONE}, {local} + INTERVAL 1 DAY)) - 1"


def _columns(source: Source, owner: str, attribute: str) -> list[tuple[str, str]]:
    if not attribute:
        return []
    query = (
        'SELECT DISTINCT CAST("column" AS VARCHAR) AS c, CAST(value_type AS VARCHAR) AS t '
        "FROM attributes WHERE CAST(owner AS VARCHAR) = ? AND CAST(attribute AS VARCHAR) = ? "
        "ORDER BY c"
    )
    rows = source.connection.execute(query, [owner, attribute]).fetchall()
    return [('"' + name.replace('"', '""') + '"', kind) for name, kind in rows]


def _runs_out(column: str, kind: str) -> str:
    if kind == "string":
        parsed = (
            f"coalesce(CASE WHEN length({column}) <= 19 "
            f"THEN timezone({_ZONE}, try_cast({column} AS TIMESTAMP)) END, "
            f"try_cast({column} AS TIMESTAMPTZ))"
        )
    elif kind == "time":
        parsed = column
    else:
        return "CAST(NULL AS TIMESTAMPTZ)"
    local = f"timezone({_ZONE}, {parsed})"
    return (
        f"CASE WHEN {local} = date_trunc('day', {local}) "
        f"THEN timezone({_ZONE}, {local} + INTERVAL 1 DAY) ELSE {parsed} END"
    )


def day_ends(source: Source, values: tuple[str, ...]) -> NDArray[np.int64]:
    """Return the end of the local day that each text names, as microseconds since 1970.

    Texts that name no day, and empty ones, give the least 64-bit integer.
    """
    none = np.iinfo(np.int64).min
    source.connection.register("_day", pa.table({"value": pa.array(values, pa.string())}))
    found = source.connection.execute(
        f"SELECT value, epoch_us({day_end('value')}) FROM _day"
    ).fetchall()
    source.connection.unregister("_day")
    ends = {value: none if end is None else end for value, end in found}
    return np.array([ends[value] if value else none for value in values], dtype=np.int64)
