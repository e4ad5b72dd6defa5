"""Write a table for people or programs: whole or not at all, formulas made harmless."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pandas as pd

from procmine.errors import Fault, UsageError
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["harmless", "whole_file", "write_table"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_table(frame: pd.DataFrame, output: Path | None, *, excel: bool = False) -> None:
    """Write `frame` by the ending of `output`, or as CSV to stdout.

    Parameters
    ----------
    frame
        The table. Instants are written as ISO 8601 with offset.
    output
        ``.csv``, ``.parquet``, ``.json`` (records) or ``.xlsx``.
    excel
        CSV for people: semicolons, decimal comma, a byte-order mark.

    Raises
    ------
    UsageError
        An ending that is none of these.
    """
    if output is None:
        click.echo(_csv(frame, excel=excel), nl=False)
        return
    ending = output.suffix.lower()
    writers: dict[str, Callable[[Path], object]] = {
        ".csv": lambda part: part.write_bytes(_bytes(frame, excel=excel)),
        ".parquet": lambda part: frame.to_parquet(part, index=False),
        ".json": lambda part: part.write_text(_json(frame), encoding="utf-8"),
        ".xlsx": lambda part: harmless(_text_times(frame)).to_excel(
            part, index=False, engine="openpyxl"
        ),
    }
    if ending not in writers:
        known = ", ".join(writers)
        fault = Fault("bad_ending", output.name, detail=known)
        raise UsageError(t("cli.bad_ending", ending=ending, known=known), (fault,))
    with whole_file(output) as part:
        writers[ending](part)


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Give a path to write to that takes the place of `target` only when all went well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=target.suffix)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        if os.name == "posix":
            mask = os.umask(0)
            os.umask(mask)
            part.chmod(0o666 & ~mask)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _bytes(frame: pd.DataFrame, *, excel: bool) -> bytes:
    return _csv(frame, excel=excel).encode("utf-8-sig" if excel else "utf-8")


def _csv(frame: pd.DataFrame, *, excel: bool) -> str:
    shown = harmless(_text_times(frame))
    if excel:
        return shown.to_csv(index=False, sep=";", decimal=",", lineterminator="\r\n")
    return shown.to_csv(index=False, lineterminator="\n")


def _json(frame: pd.DataFrame) -> str:
    return _text_times(frame).to_json(orient="records", force_ascii=False, indent=1)


def _text_times(frame: pd.DataFrame) -> pd.DataFrame:
    shown = frame.copy()
    for name in shown.columns:
        if isinstance(shown[name].dtype, pd.DatetimeTZDtype):
            # strftime writes the offset without a colon, which ISO 8601 wants.
            text = shown[name].dt.strftime("%Y-%m-%dT%H:%M:%S.%f%z").astype("str")
            iso = text.str.replace(r"\.000000", "", regex=True)
            shown[name] = iso.str.replace(r"(\d{2})(\d{2})$", r"\1:\2", regex=True).where(
                frame[name].notna(), None
            )
    return shown


def harmless(frame: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before texts that a spreadsheet would run as a formula."""
    shown = frame.copy()
    for name in shown.columns:
        column = shown[name]
        if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
            continue
        text = column.astype("str")
        risky = column.notna() & text.str.startswith(_FORMULA)
        if risky.any():
            shown[name] = text.mask(risky, "'" + text).where(column.notna(), None)
    return shown
