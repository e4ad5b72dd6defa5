"""Read attributes by their role, whatever columns and types hold them."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.facts.source import Source

__all__ = ["as_of", "day_end", "day_ends", "instant", "literal", "script", "text"]

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


def as_of(
    source: Source,
    attribute: str,
    objects: pa.Array,
    at: NDArray[np.int64],
    *,
    first_known: bool = False,
) -> list[str | None]:
    """Return the value of an attribute of each object at its instant.

    Parameters
    ----------
    source
        The log.
    attribute
        The attribute's name; empty for none.
    objects
        Ids, one a row; empty where there is no object.
    at
        Microseconds since 1970 (UTC), one a row.
    first_known
        Where nothing is known up to the instant, take the first value that follows. For
        attributes whose history begins with the first delivery, long after their objects.
    """
    if not attribute or not len(objects):
        return [None] * len(objects)
    keys = pa.table({"key": pa.array(range(len(objects))), "object_id": objects, "at": at})
    source.connection.register("_asof", keys)
    query = script("asof").format(
        attribute=literal(attribute),
        initial=text(source, "object", attribute, "o"),
        later="f.value" if first_known else "NULL",
    )
    found = source.connection.sql(query).to_arrow_table()
    source.connection.unregister("_asof")
    values: list[str | None] = [None] * len(objects)
    for key, value in zip(found["key"].to_pylist(), found["value"].to_pylist(), strict=True):
        values[key] = value
    return values


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


def day_ends(source: Source, values: list[str | None]) -> NDArray[np.int64]:
    """Return the end of the local day that each text names, as microseconds since 1970.

    Texts that name no day, and empty ones, give the least 64-bit integer.
    """
    none = np.iinfo(np.int64).min
    distinct = sorted({value for value in values if value})
    source.connection.register("_day", pa.table({"value": pa.array(distinct, pa.string())}))
    found = source.connection.execute(
        f"SELECT value, epoch_us({day_end('value')}) FROM _day"
    ).fetchall()
    source.connection.unregister("_day")
    ends = {value: none if end is None else end for value, end in found}
    return np.array([ends.get(value, none) if value else none for value in values], dtype=np.int64)
