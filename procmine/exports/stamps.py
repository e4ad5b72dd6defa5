"""Danish dates to UTC instants, column-wise: several formats, local time, precision.

A fixed-width format is read by slicing the column's bytes; what is left over (unpadded
dates, ISO 8601 with offset, Excel serials) is read once for each distinct text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from procmine.exports.clock import micros, transitions

__all__ = ["BAD", "DAY", "EMPTY", "GAP", "MINUTE", "OK", "SECOND", "Stamps", "parse_stamps"]

EMPTY, OK, BAD, GAP = 0, 1, 2, 3
DAY, MINUTE, SECOND = 1, 2, 3
_US = 1_000_000
_DAY_US = 86_400 * _US
_WIDTHS = {"Y": 4, "m": 2, "d": 2, "y": 2, "H": 2, "M": 2, "S": 2}
_LOOSE = {"Y": "4", "y": "2", "M": "2", "S": "2"}
_CENTURY_TURN = 70
_SERIAL = re.compile(r"^(\d{4,6})(?:[.,](\d+))?$")
_SERIAL_RANGE = (1.0, 2_958_466.0)
_ISO = re.compile(
    r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?$"
)
_ISO_FIXED = (
    "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d",
)  # fmt: skip
Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Stamps:
    """A column of stamps: UTC instants, how finely given, and what each cell came to.

    Attributes
    ----------
    us
        Microseconds since 1970, UTC; 0 where `status` is not OK.
    precision
        0 (none), DAY, MINUTE or SECOND.
    status
        EMPTY, OK, BAD or GAP (the hour that is missing in March).
    twice
        The local hour comes twice (October); `us` is the first of the two.
    year
        The local year as written.
    """

    us: Ints
    precision: Bytes
    status: Bytes
    twice: Flags
    year: Ints

    def second_hour(self, rows: Flags) -> None:
        """Move the rows given, all of them in the hour that comes twice, to the second."""
        self.us[rows] += 3600 * _US
        self.twice[rows] = False


def parse_stamps(cells: pa.Array, formats: tuple[str, ...], zone: str) -> Stamps:
    """Read a column of texts (trimmed, null or empty where there is none).

    Parameters
    ----------
    cells
        Strings.
    formats
        Tried in order: strptime patterns of ``%d %m %Y %y %H %M %S``, ``iso`` and
        ``excel`` (serial numbers).
    zone
        The zone of stamps that carry no offset.

    Examples
    --------
    >>> stamps = parse_stamps(pa.array(["02-03-2026 09:00", "x"]), ("%d-%m-%Y %H:%M",),
    ...                       "Europe/Copenhagen")
    >>> stamps.status.tolist(), int(stamps.us[0]) // 10**6
    ([1, 2], 1772438400)
    """
    cells = pc.fill_null(cells, "")
    size = len(cells)
    local = np.zeros(size, np.int64)
    precision = np.zeros(size, np.uint8)
    offset = np.full(size, np.iinfo(np.int64).min)
    lengths = pc.binary_length(cells).to_numpy(zero_copy_only=False)
    status = np.where(lengths == 0, EMPTY, BAD).astype(np.uint8)
    fixed = (f for name in formats for f in (_ISO_FIXED if name == "iso" else (name,)))
    for pattern in fixed:
        if "%" in pattern and (status == BAD).any():
            _read_fixed(cells, lengths, pattern, local, precision, status)
    if (status == BAD).any():
        _read_rest(cells, formats, local, precision, status, offset)
    return _to_utc(local, precision, status, offset, zone)


@cache
def _template(pattern: str) -> tuple[tuple[tuple[str, int], ...], int]:
    """Return a pattern's parts (field letter or literal, position) and its width."""
    parts: list[tuple[str, int]] = []
    place = 0
    i = 0
    while i < len(pattern):
        if pattern[i] == "%":
            parts.append((pattern[i : i + 2], place))
            place += _WIDTHS[pattern[i + 1]]
            i += 2
        else:
            parts.append((pattern[i], place))
            place += 1
            i += 1
    return tuple(parts), place


def _read_fixed(
    cells: pa.Array, lengths: Ints, pattern: str, local: Ints, precision: Bytes, status: Bytes
) -> None:
    parts, width = _template(pattern)
    rows = np.flatnonzero((lengths == width) & (status == BAD))
    if not len(rows):
        return
    matrix = _matrix(cells, rows, width)
    good = np.ones(len(rows), np.bool_)
    values: dict[str, Ints] = {}
    for part, place in parts:
        if part[0] != "%":
            good &= matrix[:, place] == ord(part)
            continue
        number = np.zeros(len(rows), np.int64)
        for k in range(place, place + _WIDTHS[part[1]]):
            digit = matrix[:, k].astype(np.int64) - 48
            good &= (digit >= 0) & (digit <= 9)
            number = number * 10 + digit
        values[part[1]] = number
    us, sane = _civil(values, good)
    hit = rows[sane]
    local[hit] = us[sane]
    precision[hit] = _finest(pattern)
    status[hit] = OK


def _matrix(cells: pa.Array, rows: Ints, width: int) -> Bytes:
    _, offsets_buffer, data_buffer = cells.buffers()
    kind = np.int64 if pa.types.is_large_string(cells.type) else np.int32
    offsets = np.frombuffer(offsets_buffer, kind)[cells.offset : cells.offset + len(cells)]
    data = np.frombuffer(data_buffer, np.uint8)
    starts = offsets[rows].astype(np.int64)
    if len(rows) == len(cells):
        return data[starts[0] : starts[0] + len(rows) * width].reshape(len(rows), width)
    whole: Bytes = data[starts[:, None] + np.arange(width)]
    return whole


def _civil(values: dict[str, Ints], good: Flags) -> tuple[Ints, Flags]:
    """Return local microseconds and which rows name a day and time that exist."""
    if "y" in values:
        short = values["y"]
        year = short + np.where(short < _CENTURY_TURN, 2000, 1900)
    else:
        year = values["Y"]
    month, day = values["m"], values["d"]
    zero = np.zeros(len(year), np.int64)
    hour, minute, second = (values.get(k, zero) for k in "HMS")
    sane = good & (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    sane &= (hour <= 23) & (minute <= 59) & (second <= 59)
    months = np.where(sane, (year - 1970) * 12 + month - 1, 0)
    first = months.astype("M8[M]").astype("M8[D]").astype(np.int64)
    next_first = (months + 1).astype("M8[M]").astype("M8[D]").astype(np.int64)
    sane &= first + day <= next_first
    seconds = (first + day - 1) * 86_400 + hour * 3600 + minute * 60 + second
    return np.where(sane, seconds * _US, 0), sane


def _finest(pattern: str) -> int:
    if "%S" in pattern:
        return SECOND
    return MINUTE if "%H" in pattern else DAY


def _read_rest(
    cells: pa.Array, formats: tuple[str, ...], local: Ints, precision: Bytes, status: Bytes,
    offset: Ints,
) -> None:  # fmt: skip
    rows = np.flatnonzero(status == BAD)
    coded = cells.take(pa.array(rows)).dictionary_encode()
    texts = coded.dictionary.to_pylist()
    read = [_read_one(text, formats) for text in texts]
    codes = coded.indices.to_numpy()
    good = np.array([one is not None for one in read], np.bool_)[codes]
    filled = [one or (0, 0, 0) for one in read]
    table = np.array(filled, np.int64).reshape(len(read), 3)[codes]
    hit = rows[good]
    local[hit], precision[hit], offset[hit] = table[good, 0], table[good, 1], table[good, 2]
    status[hit] = OK


def _read_one(text: str, formats: tuple[str, ...]) -> tuple[int, int, int] | None:
    """Return local microseconds, precision and offset (the least integer: none)."""
    none = int(np.iinfo(np.int64).min)
    for pattern in formats:
        if pattern == "iso":
            found = _read_iso(text, none)
        elif pattern == "excel":
            found = _read_serial(text, none)
        else:
            match = _loose(pattern).match(text)
            found = _from_parts(match.groupdict(), _finest(pattern), none) if match else None
        if found is not None:
            return found
    return None


@cache
def _loose(pattern: str) -> re.Pattern[str]:
    parts, _ = _template(pattern)
    body = "".join(
        re.escape(part) if part[0] != "%"
        else rf"(?P<{part[1]}>\d{{{_LOOSE.get(part[1], '1,2')}}})"
        for part, _ in parts
    )  # fmt: skip
    return re.compile(rf"^{body}$", re.ASCII)


def _from_parts(parts: dict[str, str], finest: int, offset: int) -> tuple[int, int, int] | None:
    year = int(parts["Y"]) if "Y" in parts else int(parts["y"])
    if "y" in parts:
        year += 2000 if year < _CENTURY_TURN else 1900
    try:
        stamp = datetime(
            year, int(parts["m"]), int(parts["d"]),
            int(parts.get("H", 0)), int(parts.get("M", 0)), int(parts.get("S", 0)), tzinfo=UTC,
        )  # fmt: skip
    except ValueError:
        return None
    return micros(stamp), finest, offset


def _read_iso(text: str, none: int) -> tuple[int, int, int] | None:
    match = _ISO.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    parts = {"Y": year, "m": month, "d": day, "H": hour or "0", "M": minute or "0",
             "S": second or "0"}  # fmt: skip
    finest = DAY if hour is None else MINUTE if second is None else SECOND
    found = _from_parts(parts, finest, none)
    if found is None or (zone and hour is None):
        return found
    us = found[0] + (int(fraction.ljust(6, "0")[:6]) if fraction else 0)
    if not zone:
        return us, finest, none
    if zone == "Z":
        return us, finest, 0
    sign = -1 if zone[0] == "-" else 1
    return us, finest, sign * (int(zone[1:3]) * 60 + int(zone[-2:])) * 60 * _US


def _read_serial(text: str, none: int) -> tuple[int, int, int] | None:
    match = _SERIAL.match(text)
    if match is None:
        return None
    days = float(text.replace(",", "."))
    if not _SERIAL_RANGE[0] <= days < _SERIAL_RANGE[1]:
        return None
    seconds = round((days - 25_569) * 86_400)
    whole = seconds % 86_400 == 0
    finest = DAY if whole else MINUTE if seconds % 60 == 0 else SECOND
    return seconds * _US, finest, none


def _to_utc(local: Ints, precision: Bytes, status: Bytes, offset: Ints, zone: str) -> Stamps:
    year = local.astype("M8[us]").astype("M8[Y]").astype(np.int64) + 1970
    own = offset != np.iinfo(np.int64).min
    before, after, shifts, first = transitions(zone)
    place = np.searchsorted(before, local, side="right")
    shift = np.concatenate(([first], shifts))[place]
    us = local - shift
    # At index k the clock went from `before[k]` to `after[k]` (both local).
    last = np.clip(place - 1, 0, len(before) - 1)
    gap = (place > 0) & (local >= before[last]) & (local < after[last])
    ahead = np.clip(place, 0, len(before) - 1)
    twice = (place < len(before)) & (local >= after[ahead]) & (local < before[ahead])
    day = precision == DAY
    gap &= ~own & ~day & (status == OK)
    twice &= ~own & ~day & (status == OK)
    us = np.where(own, local - np.where(own, offset, 0), us)
    status = np.where(gap, GAP, status).astype(np.uint8)
    return Stamps(np.where(status == OK, us, 0), precision, status, twice, year)
