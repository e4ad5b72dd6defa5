"""One planted fault: where it fits, what it makes of a row, which rows it adds."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from procmine.synth.files import Cell, Hidden, Raw, as_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from procmine.synth.files import Row

    Fault = Mapping[str, Any]
    """A table of ``data/mess.toml``."""

__all__ = ["added", "changed", "fits"]


def fits(fault: Fault, columns: Sequence[str], row: tuple[Cell, ...]) -> bool:
    """Whether a fault can be planted at a row without changing what the row means."""
    if "filled" in fault and not row[columns.index(fault["filled"])]:
        return False
    if fault["how"] != "mend":
        return True
    cell = row[columns.index(fault["column"])]
    if "{0}" not in fault.get("value", ""):
        return cell is None or cell == ""
    return bool(cell) and ("form" not in fault or _mended_text(fault, cell) != as_text(cell))


def changed(fault: Fault, columns: Sequence[str], row: tuple[Cell, ...]) -> Row:
    """Return the row itself, written in another way where the fault says so."""
    match fault["how"]:
        case "hide":
            return Hidden(row)
        case "tail":
            return Raw(";".join(map(as_text, row)) + ";")
        case "mend":
            return _mended(fault, columns, row)
    return row


def added(
    fault: Fault, columns: Sequence[str], row: tuple[Cell, ...], number: str, copy: int
) -> list[Row]:
    """Return the rows that the fault puts after a row.

    Parameters
    ----------
    number
        What the id of a new row ends in.
    copy
        How many times the fault was planted before.
    """
    how = fault["how"]
    if how in ("mend", "hide", "tail"):
        return []
    if how == "again":
        return [row]
    if how == "line":
        return [_line(fault, columns)]
    cells: list[Cell] = [f"{str(row[0]).partition('-')[0]}-{number}", *row[1:]]
    for column, value in fault.get("cells", {}).items():
        cells[columns.index(column)] = value.format(n=copy)
    first = tuple(cells)
    if "column" in fault:
        cells[columns.index(fault["column"])] = fault["value"].format(n=copy)
    if how == "extra_field":
        return [Raw(";".join(as_text(cell) for cell in cells))]
    return [first, tuple(cells)] if how == "twice" else [tuple(cells)]


def _mended(fault: Fault, columns: Sequence[str], row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    cells = list(row)
    place = columns.index(fault["column"])
    if "from" in fault:
        cells[place] = cells[columns.index(fault["from"])]
        cells[columns.index(fault["empty"])] = None
    else:
        cells[place] = _mended_text(fault, cells[place])
    return tuple(cells)


def _mended_text(fault: Fault, cell: Cell) -> str:
    text = str(fault["value"]).format(as_text(cell)[: fault.get("letters")])
    text = text.replace(fault.get("without", "\0"), "")
    if "form" in fault:
        text = unicodedata.normalize(fault["form"], text)
    return text.upper() if fault.get("upper") else text


def _line(fault: Fault, columns: Sequence[str]) -> Raw:
    rest = ";" * (len(columns) - 1)
    texts = {"header": ";".join(columns), "blank": rest}
    return Raw(texts.get(fault["value"], fault["value"] + rest), no_row=True)
