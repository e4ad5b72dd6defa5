"""Stamps in text to instants in UTC, a column at a time."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["INSTANT", "ZONE", "Stamps", "at_local_midnight", "canonical_text", "parse_stamps"]

INSTANT = pa.timestamp("us", tz="UTC")
ZONE = "Europe/Copenhagen"
_ALL_ISO = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:\d{2})$"
_DAY = r"^\d{4}-\d{2}-\d{2}$"
_ZONED = r"[T ]\d.*(?:[zZ]|[+-]\d{2}(?::?\d{2})?)$"
_DAY_FIRST = r"^\d{1,2}[-./]\d{1,2}[-./]\d{4}(?:$|[T ,])"
_YEAR_FIRST = r"^\d{4}/\d{1,2}/\d{1,2}(?:$|[T ])"
_ISO = r"^\d{4}(?:-?\d{2}-?\d{2}|-?W\d{2}-?\d)(?:$|[T ]\d{2}.*$)"
_OVER = (
    (r":59:60(?=[.,Z+-]|$)", ":59:59", timedelta(seconds=1)),
    (r"(?<=[T ])24:00(:00(?:[.,]0+)?)?(?=[Z+-]|$)", "00:00", timedelta(days=1)),
)
_FORMATS = (
    "%a %b %d %Y %H:%M:%S GMT%z",
    "%a, %d %b %Y %H:%M:%S %z",
)


@dataclass(frozen=True, slots=True)
class Stamps:
    """A parsed column of stamps.

    `instants` holds null where there was no stamp or none that could be read; `naive` says
    which had no zone and were taken as local time, `day` which were a date alone, `bad`
    which were filled and could not be read; `cut` counts those that were told in finer
    parts than microseconds, which are left off.
    """

    instants: pa.Array
    naive: NDArray[np.bool_]
    day: NDArray[np.bool_]
    bad: NDArray[np.bool_]
    cut: int = 0


def parse_stamps(texts: pa.Array | pa.ChunkedArray, zone: str = ZONE) -> Stamps:
    """Read ISO 8601 stamps (and the formats that exports are known for) as UTC instants.

    A stamp without a zone is local time of `zone`; in the hour that is repeated in autumn
    the earlier of the two is meant, in the hour that is skipped the moment after it.

    Examples
    --------
    >>> texts = pa.array(["2024-03-02T10:00:00+01:00", "2024-03-02 10:00", "2024-03-02", "x"])
    >>> stamps = parse_stamps(texts)
    >>> [str(stamp)[:16] for stamp in stamps.instants.to_pylist()[:3]]
    ['2024-03-02 09:00', '2024-03-02 09:00', '2024-03-01 23:00']
    >>> stamps.naive.tolist(), stamps.day.tolist(), stamps.bad.tolist()[3]
    ([False, True, True, False], [False, False, True, False], True)
    """
    flat = _flat(texts)
    plain = _plain(flat)
    if plain is not None:
        nothing = np.zeros(len(flat), dtype=np.bool_)
        return Stamps(plain, nothing, nothing.copy(), nothing.copy())
    text = pc.utf8_trim_whitespace(flat)
    empty = _mask(pc.or_(pc.is_null(text), pc.equal(text, "")), null=True)
    text = _to_iso(text)
    day = _mask(pc.match_substring_regex(text, _DAY))
    zoned = _mask(pc.match_substring_regex(text, _ZONED))
    cut = 0
    if _mask(pc.match_substring_regex(text, r"\.\d{7,}")).any():
        finer = _mask(pc.match_substring_regex(text, r"\.\d{6}\d*[1-9]"))
        cut = int(finer.sum())
        text = pc.replace_substring_regex(text, r"(\.\d{6})\d+", r"\1")
    instants, rest = _iso(text, zoned, empty, zone)
    naive = ~zoned & ~empty
    if rest.any():
        instants, rest = _others(text, instants, rest, naive, day, zone)
    return Stamps(instants, naive & ~rest, day & ~rest, rest, cut)


def canonical_text(instants: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Write instants as ISO 8601 in UTC, with as many decimals as they need.

    Examples
    --------
    >>> canonical_text(pa.array([0, 1_500_000], INSTANT)).to_pylist()
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:01.5Z']
    """
    text = pc.strftime(instants.cast(INSTANT), format="%Y-%m-%dT%H:%M:%S")
    trimmed = pc.utf8_rtrim(pc.utf8_rtrim(text, "0"), ".")
    fraction = pc.match_substring(text, ".")
    return pc.binary_join_element_wise(pc.if_else(fraction, trimmed, text), "Z", "")


def at_local_midnight(instants: pa.Array | pa.ChunkedArray, zone: str = ZONE) -> NDArray[np.bool_]:
    """Say of each instant whether it is 00:00 local time.

    Examples
    --------
    >>> at_local_midnight(pa.array([-3_600_000_000, 0], INSTANT)).tolist()
    [True, False]
    """
    local = pc.local_timestamp(instants.cast(pa.timestamp("us", tz=zone)))
    return _mask(pc.equal(pc.floor_temporal(local, unit="day"), local))


def _plain(text: pa.Array) -> pa.Array | None:
    """Read a column in which every cell is an ISO stamp with a zone; None for any other."""
    if text.null_count or not len(text):
        return None
    if not pc.all(pc.match_substring_regex(text, _ALL_ISO)).as_py():
        return None
    try:
        return text.cast(INSTANT)
    except pa.ArrowInvalid:
        return None


def _to_iso(text: pa.Array) -> pa.Array:
    """Turn ``2-3-2024 10:00`` and ``2024/03/02`` round; day before month, as Danes write."""
    day_first = pc.any(pc.match_substring_regex(text, _DAY_FIRST)).as_py()
    year_first = pc.any(pc.match_substring_regex(text, _YEAR_FIRST)).as_py()
    if not day_first and not year_first:
        return text
    if day_first:
        pattern = r"^(\d{1,2})[-./](\d{1,2})[-./](\d{4})(?:$|[T ,]+(.*)$)"
        text = pc.replace_substring_regex(text, pattern, r"\3-\2-\1 \4")
    if year_first:
        pattern = r"^(\d{4})/(\d{1,2})/(\d{1,2})(?:$|[T ]+(.*)$)"
        text = pc.replace_substring_regex(text, pattern, r"\1-\2-\3 \4")
    text = pc.replace_substring_regex(text, r"^(\d{4})-(\d)-", r"\1-0\2-")
    text = pc.replace_substring_regex(text, r"^(\d{4}-\d{2})-(\d)( |$)", r"\1-0\2\3")
    text = pc.replace_substring_regex(text, r" (\d):", r" 0\1:")
    return pc.utf8_trim_whitespace(text)


def _iso(
    text: pa.Array, zoned: NDArray[np.bool_], empty: NDArray[np.bool_], zone: str
) -> tuple[pa.Array, NDArray[np.bool_]]:
    aware, aware_bad = _cast(text, zoned, INSTANT)
    local, local_bad = _cast(text, ~zoned & ~empty, pa.timestamp("us"))
    placed = pc.assume_timezone(local, zone, ambiguous="earliest", nonexistent="latest")
    return pc.coalesce(aware, placed.cast(INSTANT)), aware_bad | local_bad


def _cast(
    text: pa.Array, mask: NDArray[np.bool_], kind: pa.DataType
) -> tuple[pa.Array, NDArray[np.bool_]]:
    """Cast what `mask` picks; where a cell cannot be cast, cast the others without it."""
    bad = np.zeros(len(mask), dtype=np.bool_)
    if not mask.any():
        return pa.nulls(len(mask), kind), bad
    picked = pc.if_else(pa.array(mask), text, pa.scalar(None, pa.string()))
    try:
        return picked.cast(kind), bad
    except pa.ArrowInvalid:
        distinct = picked.dictionary_encode()
        good = [_castable(value, kind) for value in distinct.dictionary.to_pylist()]
        indices = np.asarray(pc.fill_null(distinct.indices, 0).to_numpy(zero_copy_only=False))
        fits = np.array(good, dtype=np.bool_)[indices]
        bad = mask & ~fits
        kept = pc.if_else(pa.array(mask & fits), text, pa.scalar(None, pa.string()))
        return kept.cast(kind), bad


def _castable(value: str, kind: pa.DataType) -> bool:
    try:
        pa.array([value]).cast(kind)
    except pa.ArrowInvalid:
        return False
    return True


def _others(
    text: pa.Array,
    instants: pa.Array,
    rest: NDArray[np.bool_],
    naive: NDArray[np.bool_],
    day: NDArray[np.bool_],
    zone: str,
) -> tuple[pa.Array, NDArray[np.bool_]]:
    """Read the stamps that are not ISO 8601, each distinct text once."""
    rows = np.flatnonzero(rest)
    encoded = text.take(pa.array(rows)).dictionary_encode()
    parsed = [_one(value, zone) for value in encoded.dictionary.to_pylist()]
    micros = np.asarray(pc.fill_null(instants.cast(pa.int64()), 0)).astype(np.int64)
    filled = ~_mask(pc.is_null(instants))
    still = rest.copy()
    for row, code in zip(rows, encoded.indices.to_pylist(), strict=True):
        found = parsed[code]
        if found is None:
            continue
        micros[row], naive[row], day[row] = found
        filled[row] = True
        still[row] = False
    return pa.array(micros, mask=~filled).cast(INSTANT), still


def _one(value: str, zone: str) -> tuple[int, bool, bool] | None:
    """Read one stamp: microseconds since 1970, whether it lacked a zone, was a date."""
    head = value.split(" (", maxsplit=1)[0].strip()
    found = _by_form(head) or _basic(head)
    if found is None:
        return None
    stamp, day = found
    naive = stamp.tzinfo is None
    aware = stamp.replace(tzinfo=ZoneInfo(zone)) if naive else stamp
    past = aware - datetime(1970, 1, 1, tzinfo=UTC)
    return past // timedelta(microseconds=1), naive, day


def _by_form(text: str) -> tuple[datetime, bool] | None:
    for form in _FORMATS:
        with suppress(ValueError):
            return datetime.strptime(text, form), False  # noqa: DTZ007
    return None


def _basic(text: str) -> tuple[datetime, bool] | None:
    """Read the rarer forms of ISO 8601 and RFC 3339: basic form, weeks, ``t`` and ``z``, UTC.

    A leap second is the instant that follows it, 24:00 the next midnight; a zone's name in
    brackets, as Java writes it beside the offset, adds nothing.
    """
    plain = re.sub(r"\[[\w/+-]+\]$", "", text.upper())
    plain = re.sub(r"\s*(?:Z|UTC|GMT)$", "Z", plain)
    plain = re.sub(r"\s+(?=[+-]\d{2}:?\d{2}$)", "", plain)
    more = timedelta()
    for late, early, step in _OVER:
        if re.search(late, plain):
            plain, more = re.sub(late, early, plain), step
    if not re.match(_ISO, plain, re.ASCII):
        return None
    with suppress(ValueError, OverflowError):
        return datetime.fromisoformat(plain) + more, len(plain) <= len("2024-W01-1")
    return None


def _flat(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    if pa.types.is_dictionary(texts.type):
        texts = texts.cast(pa.string())
    if isinstance(texts, pa.ChunkedArray):
        combined = texts.combine_chunks()
        return combined.chunk(0) if isinstance(combined, pa.ChunkedArray) else combined
    return texts


def _mask(values: pa.Array | pa.ChunkedArray, *, null: bool = False) -> NDArray[np.bool_]:
    filled = pc.fill_null(values, null)
    return np.asarray(filled.to_numpy(zero_copy_only=False), dtype=np.bool_).copy()
