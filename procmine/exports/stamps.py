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
from procmine.exports.texts import lengths, places_of

__all__ = ["BAD", "DAY", "EMPTY", "GAP", "MINUTE", "OK", "SECOND", "Stamps", "parse_stamps"]

EMPTY, OK, BAD, GAP = 0, 1, 2, 3
DAY, MINUTE, SECOND = 1, 2, 3
_US = 1_000_000
_DAY_US = 86_400 * _US
_WIDTHS = {"Y": 4, "m": 2, "d": 2, "y": 2, "H": 2, "M": 2, "S": 2}
_LOOSE = {"Y": "4", "y": "2", "M": "2", "S": "2", "f": "1,9"}
_UNFIXED = ("%I", "%p", "%f")
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
Offsets = npt.NDArray[np.int32]
_FIRST_DAY = 3_651  # the last day of 1979; days are looked up from here to 2100
_DAYS = 45_000


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
        Tried in order: strptime patterns of ``%d %m %Y %y %H %M %S``, and ``%I %p %f`` which
        are read once per distinct text, ``iso`` and ``excel`` (serial numbers).
    zone
        The zone of stamps that carry no offset.

    Examples
    --------
    >>> stamps = parse_stamps(pa.array(["02-03-2026 09:00", "x"]), ("%d-%m-%Y %H:%M",),
    ...                       "Europe/Copenhagen")
    >>> stamps.status.tolist(), int(stamps.us[0]) // 10**6
    ([1, 2], 1772438400)
    """
    cells = pc.fill_null(cells, "") if cells.null_count else cells
    size = len(cells)
    read = _Read(
        np.zeros(size, np.int64), np.zeros(size, np.uint8), np.full(size, BAD, np.uint8),
        np.zeros(size, np.int64),
    )  # fmt: skip
    long = lengths(cells)
    read.status[long == 0] = EMPTY
    fixed = (f for name in formats for f in (_ISO_FIXED if name == "iso" else (name,)))
    left = True
    for pattern in fixed:
        if "%" in pattern and left and not any(part in pattern for part in _UNFIXED):
            left = _read_fixed(cells, long, pattern, read)
    offset = _read_rest(cells, formats, read) if left and (read.status == BAD).any() else None
    return _to_utc(read, offset, zone)


@dataclass(slots=True)
class _Read:
    """What has been read so far: local microseconds, precision, status, year as written."""

    local: Ints
    precision: Bytes
    status: Bytes
    year: Ints


@cache
def _template(pattern: str) -> tuple[tuple[tuple[str, int], ...], int]:
    """Return a pattern's parts (field letter or literal, position) and its width."""
    parts: list[tuple[str, int]] = []
    place = 0
    i = 0
    while i < len(pattern):
        if pattern[i] == "%":
            parts.append((pattern[i : i + 2], place))
            place += _WIDTHS.get(pattern[i + 1], 0)
            i += 2
        else:
            parts.append((pattern[i], place))
            place += 1
            i += 1
    return tuple(parts), place


def _read_fixed(cells: pa.Array, long: Offsets, pattern: str, read: _Read) -> bool:
    """Read the cells as wide as a pattern; tell whether any may be left to read."""
    parts, width = _template(pattern)
    wanted = (long == width) & (read.status == BAD)
    count = int(np.count_nonzero(wanted))
    if not count:
        return True
    whole = count == len(wanted)
    rows = np.arange(count) if whole else np.flatnonzero(wanted)
    offsets, data = places_of(cells if whole else cells.take(pa.array(rows)))
    first = int(offsets[0])
    letters = np.ascontiguousarray(data[first : first + count * width].reshape(count, width).T)
    values, good = _numbers(letters, parts)
    us, year, sane = _civil(values, good)
    if not sane.all():
        us, year, rows = us[sane], year[sane], rows[sane]
    hit = slice(None) if len(rows) == len(wanted) else rows
    read.local[hit], read.year[hit] = us, year
    read.precision[hit], read.status[hit] = _finest(pattern), OK
    return not whole or not sane.all()


def _numbers(
    letters: Bytes, parts: tuple[tuple[str, int], ...]
) -> tuple[dict[str, npt.NDArray[np.int32]], Flags]:
    """Return the numbers of a pattern's fields, and which cells are written after it.

    `letters` has a row for each position and a column for each cell.
    """
    good = np.ones(letters.shape[1], np.bool_)
    values: dict[str, npt.NDArray[np.int32]] = {}
    for part, place in parts:
        if part[0] != "%":
            good &= letters[place] == ord(part)
            continue
        number = np.zeros(letters.shape[1], np.int32)
        for k in range(place, place + _WIDTHS[part[1]], 2):
            tens, ones = letters[k] - np.uint8(48), letters[k + 1] - np.uint8(48)
            good &= (tens <= 9) & (ones <= 9)
            number = number * 100 + (tens * np.uint8(10) + ones)
        values[part[1]] = number
    return values, good


@cache
def _months() -> npt.NDArray[np.int32]:
    """Return the first day (since 1970) of each month from year 0 on."""
    first = np.arange(-1970 * 12, (10_000 - 1970) * 12 + 2).astype("M8[M]")
    return first.astype("M8[D]").astype(np.int32)


def _civil(
    values: dict[str, npt.NDArray[np.int32]], good: Flags
) -> tuple[Ints, npt.NDArray[np.int32], Flags]:
    """Return local microseconds, the year, and which rows name a day and time that exist."""
    if "y" in values:
        short = values["y"]
        year = short + np.where(short < _CENTURY_TURN, 2000, 1900).astype(np.int32)
    else:
        year = values["Y"]
    month, day = values["m"], values["d"]
    sane = good & (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    months = np.where(sane, year * 12 + month - 1, 0)
    first = _months()[months]
    sane &= first + day <= _months()[months + 1]
    seconds = (first + day - 1).astype(np.int64) * 86_400
    for name, most, worth in (("H", 23, 3600), ("M", 59, 60), ("S", 59, 1)):
        if name in values:
            sane &= values[name] <= most
            seconds += values[name] * worth
    seconds *= _US
    return seconds, year, sane


def _finest(pattern: str) -> int:
    if "%S" in pattern:
        return SECOND
    return MINUTE if "%H" in pattern or "%I" in pattern else DAY


def _read_rest(cells: pa.Array, formats: tuple[str, ...], read: _Read) -> Ints:
    """Read what no pattern of fixed width fits; return each cell's own offset from UTC."""
    offset = np.full(len(cells), np.iinfo(np.int64).min)
    rows = np.flatnonzero(read.status == BAD)
    coded = cells.take(pa.array(rows)).dictionary_encode()
    texts = coded.dictionary.to_pylist()
    found = [_read_one(text, formats) for text in texts]
    codes = coded.indices.to_numpy()
    good = np.array([one is not None for one in found], np.bool_)[codes]
    filled = [one or (0, 0, 0) for one in found]
    table = np.array(filled, np.int64).reshape(len(found), 3)[codes]
    hit = rows[good]
    read.local[hit], read.precision[hit], offset[hit] = (table[good, k] for k in range(3))
    read.status[hit] = OK
    read.year[hit] = read.local[hit].astype("M8[us]").astype("M8[Y]").astype(np.int64) + 1970
    return offset


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
        else r"(?P<p>[AaPp][Mm])" if part == "%p"
        else rf"(?P<{part[1]}>\d{{{_LOOSE.get(part[1], '1,2')}}})"
        for part, _ in parts
    )  # fmt: skip
    return re.compile(rf"^{body}$", re.ASCII)


def _from_parts(parts: dict[str, str], finest: int, offset: int) -> tuple[int, int, int] | None:
    year = int(parts["Y"]) if "Y" in parts else int(parts["y"])
    if "y" in parts:
        year += 2000 if year < _CENTURY_TURN else 1900
    hour = int(parts.get("H", 0))
    if "I" in parts:
        if not 1 <= int(parts["I"]) <= 12:
            return None
        hour = int(parts["I"]) % 12 + 12 * (parts["p"].lower() == "pm")
    fraction = int(parts.get("f", "0").ljust(6, "0")[:6])
    try:
        stamp = datetime(
            year, int(parts["m"]), int(parts["d"]),
            hour, int(parts.get("M", 0)), int(parts.get("S", 0)), tzinfo=UTC,
        )  # fmt: skip
    except ValueError:
        return None
    return micros(stamp) + fraction, finest, offset


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


def _to_utc(read: _Read, offset: Ints | None, zone: str) -> Stamps:
    """Shift local times; the few days on which the clock changes are looked at closely."""
    local, status, size = read.local, read.status, len(read.local)
    shifts, special = _days(zone)
    day = np.clip(local // _DAY_US - _FIRST_DAY, 0, len(shifts) - 1)
    us = local - shifts[day]
    twice = np.zeros(size, np.bool_)
    near = np.flatnonzero(special[day])
    if len(near):
        shift, gap, again = _near_changes(local[near], zone)
        us[near] = local[near] - shift
        told = (read.precision[near] != DAY) & (status[near] == OK)
        if offset is not None:
            told &= offset[near] == np.iinfo(np.int64).min
        status[near[gap & told]] = GAP
        twice[near[again & told]] = True
    if offset is not None:
        own = offset != np.iinfo(np.int64).min
        us[own] = local[own] - offset[own]
    us[status != OK] = 0
    return Stamps(us, read.precision, status, twice, read.year)


@cache
def _days(zone: str) -> tuple[Ints, Flags]:
    """Return the offset from UTC of each local day, and which days are near a change."""
    before, after, _, _ = transitions(zone)
    begins = (np.arange(_DAYS, dtype=np.int64) + _FIRST_DAY) * _DAY_US
    special = np.zeros(_DAYS, np.bool_)
    for change in (before, after):
        place = np.clip(change // _DAY_US - _FIRST_DAY, 1, _DAYS - 2)
        for near in (-1, 0, 1):
            special[place + near] = True
    return _near_changes(begins, zone)[0], special


def _near_changes(local: Ints, zone: str) -> tuple[Ints, Flags, Flags]:
    """Return offsets from UTC, and which local times are missing, and which come twice."""
    before, after, shifts, first = transitions(zone)
    place = np.searchsorted(before, local, side="right")
    shift = np.concatenate(([first], shifts))[place]
    # At index k the clock went from `before[k]` to `after[k]` (both local).
    last = np.clip(place - 1, 0, len(before) - 1)
    gap = (place > 0) & (local >= before[last]) & (local < after[last])
    ahead = np.clip(place, 0, len(before) - 1)
    twice = (place < len(before)) & (local >= after[ahead]) & (local < before[ahead])
    return shift, gap, twice
