"""Whether the columns of a store can be joined with those that a profile reads now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from procmine.errors import ExportError, Fault
from procmine.exports.stage import staged_schema
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from procmine.exports.profile import Profile, TableSpec

__all__ = ["check_stored", "pseudonyms_of"]


def pseudonyms_of(table: TableSpec) -> list[str]:
    """Return the columns of which the profile asks for pseudonyms."""
    return sorted(spec.name for spec in table.kept if spec.pseudonym)


def check_stored(
    profile: Profile, stored: Mapping[str, Path], pseudonyms: Mapping[str, Iterable[str]]
) -> None:
    """Make sure that stored rows mean the same as those that the profile reads.

    Any value can be kept as a text; a text that was no number does not become one, and a
    row whose number was stored as it stands is not known again by a pseudonym.

    Parameters
    ----------
    profile
        The profile of this load.
    stored
        The stored tables.
    pseudonyms
        The columns of each table that were stored as pseudonyms, where that is known.

    Raises
    ------
    ExportError
        A column has another kind, or is a pseudonym only now or no longer.
    """
    for table in profile.tables:
        if table.name not in stored:
            continue
        held = pq.read_schema(stored[table.name])
        wrong = [
            cell.name for cell in staged_schema(table)
            if not cell.name.startswith("_") and cell.name in held.names
            and not _becomes(held.field(cell.name).type, cell.type)
        ]  # fmt: skip
        if table.name in pseudonyms:
            wrong += sorted({*pseudonyms[table.name]} ^ {*pseudonyms_of(table)} & {*held.names})
        if wrong:
            message = t("exports.other_columns", table=table.name, column=wrong[0])
            raise ExportError(message, (Fault("other_columns", table.name, wrong[0]),))


def _becomes(old: pa.DataType, new: pa.DataType) -> bool:
    """Tell whether every value of a type is one of another."""
    words = pa.types.is_dictionary(new) or pa.types.is_string(new)
    return bool(words or old == new or (pa.types.is_integer(old) and pa.types.is_floating(new)))
