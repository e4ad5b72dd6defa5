"""Cells to typed columns, one kind of column at a time: checked, repaired, pseudonymised.

Nothing of a person leaves this module: what it returns holds pseudonyms, no free text and
nothing shaped like a CPR number (exports spec, section 5).
"""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from procmine.exports.births import birth_band
from procmine.exports.names import fold, slug, tidy
from procmine.exports.persons import has_cpr, mask_cpr, normal_cpr
from procmine.exports.shapes import CPR_PATTERN
from procmine.exports.texts import empty_as_null, ends, lengths, places_of, with_nulls

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from procmine.exports.persons import Key
    from procmine.exports.profile import ColumnSpec, FileSpec

__all__ = ["BY_TEXT", "Context", "Typed", "type_cells"]

Flags = npt.NDArray[np.bool_]
_FLOAT_ID = r"^\d+[.,]0{1,2}$"
"""A whole number with decimals; three noughts are thousands."""
_LEAST_CPR = 10
_OTHER_LETTERS = r"[^\x20-\x7e]"
_TEN_DIGITS = r"(?s)(?:\p{N}.*){10}"
_BLANK, _TILDE = 0x20, 0x7E
BY_TEXT = ("unit", "code", "activity", "outcome", "staff", "citizen", "secret")
"""Kinds of columns that are worked out once per distinct text."""


@dataclass(slots=True)
class Context:
    """What all columns of a delivery share.

    `activities` and `outcomes` map folded labels to identifiers; `robots` are patterns of
    folded staff names; `shaped` collects the id domains that hold CPR-shaped values;
    `unknown` the values that nothing maps, by column; `caches` what was worked out per
    distinct text.
    """

    key: Key
    activities: Mapping[str, str]
    outcomes: Mapping[str, str]
    robots: tuple[str, ...]
    robot_type: str
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    shaped: set[str] = field(default_factory=set)
    unknown: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    caches: dict[tuple[str, str], dict[str, tuple[str | None, str]]] = field(default_factory=dict)
    tombstones: frozenset[str] = frozenset()
    """Codes of erased objects; rows that name one are left out."""
    births: dict[str, str] = field(default_factory=dict)
    """Citizens' bands of birth years, where the profile asks for them."""


@dataclass(slots=True)
class Typed:
    """A typed column and the rows that were repaired, by code."""

    values: pa.Array
    repairs: dict[str, Flags] = field(default_factory=dict)


def type_cells(
    cells: pa.Array, spec: ColumnSpec, file: FileSpec, table: str, context: Context
) -> Typed:
    """Return the values of a column (any kind but times), null where a cell is empty."""
    if spec.kind in ("id", "ref", "event"):
        return _ids(cells, spec, context)
    if spec.kind in ("number", "integer"):
        return _numbers(cells, spec, file)
    if spec.kind == "flag":
        return _flags(cells, file)
    if spec.kind == "plain":
        return _plain(cells)
    judge = _judge(spec, table, context)
    return _by_text(
        cells.dictionary_encode(), judge, context.caches.setdefault((table, spec.name), {})
    )


def _by_text(
    cells: pa.DictionaryArray,
    judge: Callable[[str], tuple[str | None, str]],
    cache: dict[str, tuple[str | None, str]],
) -> Typed:
    """Work a column out once per distinct text: (value, code of the repair or nothing)."""
    texts = cells.dictionary.to_pylist()
    for text in texts:
        if text not in cache:
            cache[text] = (None, "") if not text else judge(text)
    codes = cells.indices.to_numpy(zero_copy_only=False)
    values = list(dict.fromkeys(cache[text][0] for text in texts))
    values = [value for value in values if value is not None]
    place: dict[str | None, int] = {value: k for k, value in enumerate(values)}
    places = np.array([place.get(cache[text][0], -1) for text in texts], np.int32)
    found = places[codes]
    out = Typed(
        pa.DictionaryArray.from_arrays(with_nulls(found, found < 0, pa.int32()),
                                       pa.array(values, pa.string()))
    )  # fmt: skip
    repairs = [cache[text][1] for text in texts]
    for code in sorted({r for r in repairs if r}):
        hit = np.array([r == code for r in repairs], np.bool_)
        out.repairs[code] = hit[codes]
    return out


def _judge(
    spec: ColumnSpec, table: str, context: Context
) -> Callable[[str], tuple[str | None, str]]:
    if spec.kind == "citizen":
        return lambda text: _citizen(text, spec, context)
    if spec.kind == "staff":
        return lambda text: (_staff(text, spec, context), "")
    if spec.kind == "secret":
        return lambda text: (context.key.pseudonym("secret", fold(text)), "")
    values = {fold(k): mask_cpr(v) for k, v in spec.values.items()}
    values |= context.codes.get(spec.codes, {})
    known = set(values) | {fold(word) for word in spec.known}
    if spec.kind == "activity":
        values = {**context.activities, **values}
    elif spec.kind == "outcome":
        values = {**context.outcomes, **values}
    unknown = context.unknown.setdefault((table, spec.name), {})
    named = spec.kind in ("activity", "outcome")

    def judge(text: str) -> tuple[str | None, str]:
        if (found := values.get(fold(text))) is not None:
            return found, ""
        clean = mask_cpr(tidy(text))
        masked = clean != tidy(text)
        value: str | None = clean
        if named:
            value, joined = _identifier(clean)
            masked = masked or joined
        new = spec.kind == "activity" or (known and fold(clean) not in known)
        if new and not masked:
            unknown[clean[:40]] = unknown.get(clean[:40], 0) + 1
        repair = "unknown_activity" if spec.kind == "activity" else "unknown_value"
        return value, "cpr_masked" if masked else repair if new else ""

    return judge


def _identifier(label: str) -> tuple[str | None, bool]:
    """Return a label's identifier, and whether it had to be masked.

    Letters that an identifier lacks may stand between the digits of a number.
    """
    name = slug(label)
    shaped = has_cpr(name)
    return (slug(mask_cpr(name)) if shaped else name) or None, shaped


def _citizen(text: str, spec: ColumnSpec, context: Context) -> tuple[str | None, str]:
    plain = normal_cpr(text)
    if plain.strip("0") == "" and len(plain) >= _LEAST_CPR - 1:
        return None, "person_missing"
    short = plain[:1] == "0" and text.lstrip()[:1] != "0"
    repaired = "cpr_nine_digits" if short else ""
    citizen = f"{spec.to}:{context.key.pseudonym('citizen', plain)}"
    band = birth_band(plain, spec.birth_band) if spec.birth_band else ""
    if band:
        context.births[citizen] = band
    return citizen, repaired


def _staff(text: str, spec: ColumnSpec, context: Context) -> str:
    name = fold(text).split("@", 1)[0]
    robot = any(fnmatch.fnmatchcase(name, pattern) for pattern in context.robots)
    kind = context.robot_type if robot and context.robot_type else spec.to
    return f"{kind}:{context.key.pseudonym('staff', name)}"


def _ids(cells: pa.Array, spec: ColumnSpec, context: Context) -> Typed:
    out = Typed(cells)
    floats = _float_ids(cells)
    if floats is not None:
        whole = pc.replace_substring_regex(cells, r"[.,]0+$", "")
        out.values = pc.if_else(pa.array(floats), whole, cells)
        out.repairs["float_id"] = floats
    domain = spec.to or spec.name
    if spec.pseudonym:
        out.values = _hidden(out.values, domain, context)
    else:
        shaped = cpr_shaped(out.values)
        if shaped is not None:
            context.shaped.add(domain)
            out.values = _hidden(out.values, domain, context, shaped)
    out.values = empty_as_null(out.values)
    return out


def _float_ids(cells: pa.Array) -> Flags | None:
    """Return which ids are written as whole floats, or None where none is.

    Only those that end in a nought are looked at closely.
    """
    rows = np.flatnonzero(ends(cells)[1] == ord("0"))
    if not len(rows):
        return None
    found = pc.match_substring_regex(cells.take(pa.array(rows)), _FLOAT_ID)
    if not pc.any(found).as_py():
        return None
    floats = np.zeros(len(cells), np.bool_)
    floats[rows] = found.to_numpy(zero_copy_only=False)
    return floats


def _hidden(
    cells: pa.Array, domain: str, context: Context, only: pa.Array | None = None
) -> pa.Array:
    coded = cells.dictionary_encode()
    names = [
        context.key.pseudonym("id", f"{domain}\0{text}") if text else ""
        for text in coded.dictionary.to_pylist()
    ]
    hidden = pa.array(names, pa.string()).take(coded.indices)
    return hidden if only is None else pc.if_else(only, hidden, cells)


def cpr_shaped(cells: pa.Array) -> pa.Array | None:
    """Return which cells hold something CPR-shaped, or None where none does."""
    if lengths(cells).max(initial=0) < _LEAST_CPR:
        return None
    shaped = pc.fill_null(pc.match_substring_regex(cells, CPR_PATTERN), fill_value=False)
    offsets, data = places_of(cells)
    letters = data[offsets[0] : offsets[-1]]
    if letters.max(initial=_BLANK) > _TILDE or letters.min(initial=_BLANK) < _BLANK:
        shaped = _with_other_letters(cells, shaped)
    return shaped if pc.any(shaped).as_py() else None


def _with_other_letters(cells: pa.Array, shaped: pa.Array) -> pa.Array:
    """Look closely at texts of ten digits and letters beyond ASCII: they are few."""
    odd = pc.and_(pc.match_substring_regex(cells, _OTHER_LETTERS),
                  pc.match_substring_regex(cells, _TEN_DIGITS))  # fmt: skip
    rows = np.flatnonzero(pc.fill_null(odd, fill_value=False).to_numpy(zero_copy_only=False))
    if not len(rows):
        return shaped
    flags = shaped.to_numpy(zero_copy_only=False).copy()
    flags[rows] |= [has_cpr(text) for text in cells.take(pa.array(rows)).to_pylist()]
    return pa.array(flags)


def _plain(cells: pa.Array) -> Typed:
    out = Typed(cells)
    shaped = cpr_shaped(cells)
    if shaped is not None:
        flags = shaped.to_numpy(zero_copy_only=False)
        texts = cells.to_pylist()
        for row in np.flatnonzero(flags):
            texts[row] = mask_cpr(texts[row])
        out.values = pa.array(texts, pa.string())
        out.repairs["cpr_masked"] = flags
    out.values = empty_as_null(out.values)
    return out


def _numbers(cells: pa.Array, spec: ColumnSpec, file: FileSpec) -> Typed:
    text = pc.replace_substring_regex(cells, r"[\s\x{00a0}]", "")
    text = pc.replace_substring_regex(text, r"^\x{2212}", "-")
    other = "." if file.decimal == "," else ","
    pattern = rf"^-?\d{{1,3}}(?:\{other}\d{{3}})+(?:\{file.decimal}\d+)?$"
    grouped = pc.match_substring_regex(text, pattern)
    plain = pc.if_else(grouped, pc.replace_substring(text, other, ""), text)
    plain = pc.replace_substring(plain, file.decimal, ".") if file.decimal == "," else plain
    sane = pc.match_substring_regex(plain, r"^-?\d{1,15}(?:\.\d{1,9})?$")
    if spec.kind == "integer":
        plain = pc.replace_substring_regex(plain, r"\.0+$", "")
        sane = pc.and_(sane, pc.match_substring_regex(plain, r"^-?\d+$"))
    # As it would be written: groups and blanks taken out, and noughts in front.
    for written in (plain, _without_noughts(plain)):
        shaped = None if written is None else cpr_shaped(written)
        if shaped is not None:
            sane = pc.and_not(sane, shaped)
    kept = pc.if_else(sane, plain, pa.scalar(None, pa.string()))
    values = kept.cast(pa.int64() if spec.kind == "integer" else pa.float64())
    return _with_bad(values, cells, sane)


def _without_noughts(figures: pa.Array) -> pa.Array | None:
    """Return figures without the noughts in front, or None where none is that long."""
    if lengths(figures).max(initial=0) <= _LEAST_CPR:
        return None
    return pc.replace_substring_regex(figures, r"^-?0+", "")


def _flags(cells: pa.Array, file: FileSpec) -> Typed:
    folded = pc.utf8_lower(cells)
    yes = pc.is_in(folded, pa.array([fold(word) for word in file.yes]))
    no = pc.is_in(folded, pa.array([fold(word) for word in file.no]))
    values = pc.if_else(pc.or_(yes, no), yes, pa.scalar(None, pa.bool_()))
    return _with_bad(values, cells, pc.or_(yes, no))


def _with_bad(values: pa.Array, cells: pa.Array, sane: pa.Array) -> Typed:
    bad = pc.and_not(pc.not_equal(cells, ""), sane).to_numpy(zero_copy_only=False)
    return Typed(values, {"bad_value": bad} if bad.any() else {})
