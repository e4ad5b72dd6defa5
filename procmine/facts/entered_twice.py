"""Facts entered by people in two systems: a table of its own beside the documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from procmine.facts.attributes import script
from procmine.store.engine import connect, quoted
from procmine.tables.schema import Column, Schema
from procmine.text import t
from procmine.text.formats import number

if TYPE_CHECKING:
    from pathlib import Path

    from procmine.config.load import Config

__all__ = ["ENTERED_TWICE", "entered_twice", "pairs"]

_FILE = "dokumenttyper"
_SIDE = "side/facts.parquet"
_WITHIN = 30

ENTERED_TWICE = Schema(
    "entered_twice",
    "one row an entry of a fact that was entered in another system before",
    (
        Column("fact_id", "string", "the later entry", key=True),
        Column("first_id", "string", "the entry before it"),
        Column("citizen_id", "string", "the citizen's pseudonym"),
        Column("field", "code", "which fact"),
        Column("first_system", "code", "system of the earlier entry"),
        Column("system", "code", "system of the later entry"),
        Column("first_unit", "code", "unit of the earlier entry", nullable=True),
        Column("unit", "code", "unit of the later entry", nullable=True),
        Column("first_time", "instant", "when it was entered first"),
        Column("time", "instant", "when it was entered again"),
        Column("days_between", "float", "days between the two", "d"),
        Column("same", "bool", "the same value; else the two systems disagree"),
        Column("explanation", "string", "the entry in a Danish sentence"),
    ),
)


def entered_twice(snapshot: Path, config: Config) -> pa.Table:
    """Find the facts that people entered in a second system.

    An entry counts where the same fact of the same citizen was entered in another system
    at most so many days before (``[facts] within_days`` of ``dokumenttyper.toml``, default
    30). Unequal values are no double entry but a disagreement (``same`` is false). Copies
    made by the systems themselves are left out.

    Parameters
    ----------
    snapshot
        Folder of the snapshot; without its side table of facts the answer is empty.
    config
        The definitions.

    Returns
    -------
    table, one row a later entry (schema ENTERED_TWICE)
    """
    found = pairs(snapshot, config)
    sentences = [
        t(
            "document.entered_twice" if same else "document.disagreement",
            field=field, first=first, second=second, days=number(days, 1),
        )
        for same, field, first, second, days in zip(
            *(found[name].to_pylist() for name in
              ("same", "field", "first_system", "system", "days_between")), strict=True,
        )
    ]  # fmt: skip
    return ENTERED_TWICE.check(found.append_column("explanation", pa.array(sentences, pa.string())))


def pairs(snapshot: Path, config: Config) -> pa.Table:
    """Return what :func:`entered_twice` finds, not put in words: enough for sums.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(pairs).parameters)
    ['snapshot', 'config']
    """
    file = snapshot / _SIDE
    if not file.exists():
        return ENTERED_TWICE.empty().drop_columns("explanation")
    within = int(config.files.get(_FILE, {}).get("facts", {}).get("within_days", _WITHIN))
    query = script("entered_twice").format(facts=f"read_parquet({quoted(file)})", within=within)
    with connect() as connection:
        return connection.sql(query).to_arrow_table()
