"""Attribute values in text to typed columns, and back to canonical text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.ocel.exchange.times import ZONE, canonical_text, parse_stamps
from procmine.ocel.log import VALUE_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["as_text", "guess", "spread", "standard_type", "typed"]

_NAMES = {
    "string": "string",
    "text": "string",
    "str": "string",
    "varchar": "string",
    "id": "string",
    "char": "string",
    "character": "string",
    "nvarchar": "string",
    "clob": "string",
    "integer": "integer",
    "int": "integer",
    "long": "integer",
    "bigint": "integer",
    "smallint": "integer",
    "tinyint": "integer",
    "float": "float",
    "double": "float",
    "real": "float",
    "number": "float",
    "numeric": "float",
    "decimal": "float",
    "boolean": "boolean",
    "bool": "boolean",
    "time": "time",
    "date": "time",
    "datetime": "time",
    "timestamp": "time",
}
_INTEGER = r"^[+-]?\d+(?:\.0+)?$"
_FLOAT = r"^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[nN]a[nN]|[iI]nf(?:inity)?)$"
_STAMP = r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}.*)?$"
_LEADING_ZERO = r"^[+-]?0\d"


def standard_type(name: str) -> str | None:
    """Return the OCEL 2.0 name of a declared value type, None for one not known.

    Examples
    --------
    >>> standard_type("DOUBLE PRECISION"), standard_type("varchar(20)"), standard_type("blob")
    ('float', 'string', None)
    """
    first = re.match(r"\s*(\w+)", name)
    return _NAMES.get(first[1].lower()) if first else None


def typed(texts: pa.Array, value_type: str, zone: str = ZONE) -> pa.Array | None:
    """Return `texts` in the Arrow type of `value_type`; None where a filled cell does not fit.

    Examples
    --------
    >>> typed(pa.array(["1", None]), "integer").to_pylist()
    [1, None]
    >>> typed(pa.array(["1", "one"]), "integer") is None
    True
    """
    if value_type == "string":
        return texts
    if value_type == "time":
        stamps = parse_stamps(texts, zone)
        return None if stamps.bad.any() else stamps.instants
    if value_type == "boolean":
        return _boolean(texts)
    pattern = _INTEGER if value_type == "integer" else _FLOAT
    trimmed = pc.utf8_trim_whitespace(texts)
    if not _all(pc.match_substring_regex(trimmed, pattern)):
        return None
    plain = pc.replace_substring_regex(trimmed, r"^\+", "")
    if value_type == "integer":
        plain = pc.replace_substring_regex(plain, r"\.0+$", "")
    try:
        return plain.cast(VALUE_TYPES[value_type])
    except pa.ArrowInvalid:
        return None


def guess(texts: pa.Array) -> str:
    """Return the narrowest value type that every filled cell fits.

    A number with leading zeros is a name (a postal code, a case number), not a number.

    Examples
    --------
    >>> cells = (["1", "2.0"], ["1.5"], ["true"], ["0800"], ["x"], [None])
    >>> [guess(pa.array(column, pa.string())) for column in cells]
    ['integer', 'float', 'boolean', 'string', 'string', 'string']
    """
    text = pc.utf8_trim_whitespace(texts).drop_null()
    if not len(text):
        return "string"
    if _all(pc.match_substring_regex(text, r"^(?i:true|false)$")):
        return "boolean"
    if (
        _all(pc.match_substring_regex(text, _FLOAT))
        and not pc.any(pc.match_substring_regex(text, _LEADING_ZERO)).as_py()
    ):
        whole = _all(pc.match_substring_regex(text, _INTEGER))
        return "integer" if whole and typed(text, "integer") is not None else "float"
    if _all(pc.match_substring_regex(text, _STAMP)) and typed(text, "time") is not None:
        return "time"
    return "string"


def as_text(values: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Write typed values as canonical text: ``true``, ``1.5``, ``2024-03-02T09:00:00Z``.

    Examples
    --------
    >>> as_text(pa.array([True, None])).to_pylist()
    ['true', None]
    """
    if pa.types.is_timestamp(values.type):
        return canonical_text(values)
    return values.cast(pa.string())


def spread(
    length: int, pieces: Mapping[str, list[tuple[NDArray[np.int64], pa.Array]]]
) -> dict[str, pa.Array]:
    """Put pieces of values into full columns.

    Parameters
    ----------
    length
        Number of rows of the table.
    pieces
        Column to pairs of (rows, values); no row occurs twice in a column.

    Examples
    --------
    >>> spread(3, {"a": [(np.array([2]), pa.array(["x"]))]})["a"].to_pylist()
    [None, None, 'x']
    """
    columns = {}
    for name, parts in pieces.items():
        values = pa.concat_arrays([part for _, part in parts])
        rows = np.concatenate([part for part, _ in parts])
        index = np.zeros(length, dtype=np.int64)
        filled = np.zeros(length, dtype=np.bool_)
        index[rows] = np.arange(len(rows))
        filled[rows] = True
        columns[name] = values.take(pa.array(index, mask=~filled))
    return columns


def _boolean(texts: pa.Array) -> pa.Array | None:
    lowered = pc.utf8_lower(pc.utf8_trim_whitespace(texts))
    true = pc.is_in(lowered, value_set=pa.array(["true", "1"]))
    false = pc.is_in(lowered, value_set=pa.array(["false", "0"]))
    if not _all(pc.or_(pc.or_(true, false), pc.is_null(texts))):
        return None
    return pc.if_else(pc.is_null(texts), pa.scalar(None, pa.bool_()), true)


def _all(mask: pa.Array | pa.ChunkedArray) -> bool:
    return pc.all(mask, min_count=0).as_py() is not False
