"""What documents and double entries take: hours by status, what the law demands, entries twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.compute as pc

from procmine.aggregates.cells import cells_of
from procmine.aggregates.frames import arrow
from procmine.disclosure import suppress
from procmine.tables.numbers import coded, floats

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["demanded_unused", "effort_by_status", "entries_twice"]

_DEMANDED = "lovbundet"
_PAIR = ["field", "first_system", "system", "same"]
_KRONER = ["kroner_low", "kroner_middle", "kroner_high"]


def effort_by_status(documents: pa.Table | pd.DataFrame, statuses: pd.DataFrame) -> pd.DataFrame:
    """Sum the hours, and kroner where an hour has a price, that documents take by status.

    Parameters
    ----------
    documents
        The fact table with the touch times of ``dokumenttyper.toml``.
    statuses
        Their counts as :func:`procmine.aggregates.documents.document_statuses` gives them:
        what is hidden there is hidden here.

    Returns
    -------
    DataFrame
        ``status, n, hours_low, hours_middle, hours_high, citizens, suppressed`` and, with a
        price, ``kroner_low, kroner_middle, kroner_high``; in the order of `statuses`.

    Examples
    --------
    >>> documents = pd.DataFrame({"status": ["used"] * 6, **{f"{unit}_{bound}": [value] * 6
    ...     for unit, value in (("minutes", 10.0), ("kroner", None))
    ...     for bound in ("low", "middle", "high")}})
    >>> statuses = pd.DataFrame({"status": ["used"], "n": [6], "citizens": [6],
    ...     "suppressed": [False]})
    >>> effort_by_status(documents, statuses)[["status", "hours_middle"]].values.tolist()
    [['used', 1.0]]
    """
    table = arrow(documents)
    cells, found = cells_of({"status": table["status"]})
    for unit, size in (("hours", 60.0), ("kroner", 1.0)):
        column = "minutes" if unit == "hours" else unit
        for bound in ("low", "middle", "high"):
            found[f"{unit}_{bound}"] = cells.total(floats(table[f"{column}_{bound}"])) / size
    kept = statuses[["status", "n", "citizens", "suppressed"]]
    told = kept.merge(found, on="status", how="left")
    values = [name for name in found.columns if name != "status"]
    told[values] = told[values].mask(told["suppressed"].astype(bool))
    return told.drop(columns=_KRONER) if told[_KRONER].isna().all(axis=None) else told


def demanded_unused(documents: pa.Table | pd.DataFrame, kinds: pd.DataFrame) -> pd.DataFrame:
    """Pick the kinds that the law demands and of which documents are linked to no decision.

    Evidence for simpler rules, never waste (design sections 3 and 5).

    Parameters
    ----------
    documents
        The fact table.
    kinds
        Counts by kind and status, small ones hidden, as
        :func:`procmine.aggregates.documents.document_kinds` gives them.

    Examples
    --------
    >>> documents = pd.DataFrame({"kind": ["A", "B"], "status": ["unused"] * 2,
    ...     "nature": ["lovbundet", "ukendt"]})
    >>> kinds = documents.assign(n=[7, 8])
    >>> demanded_unused(documents, kinds)[["kind", "n"]].values.tolist()
    [['A', 7]]
    """
    table = arrow(documents)
    asked = pc.and_(pc.equal(table["nature"], _DEMANDED), pc.equal(table["status"], "unused"))
    wanted = set(table["kind"].filter(asked).unique().to_pylist())
    rows = kinds[(kinds["status"] == "unused") & kinds["kind"].isin(wanted)]
    return rows.drop(columns="status").reset_index(drop=True)


def entries_twice(
    entries: pa.Table | pd.DataFrame, *, minimum: int | None = None, disclose: bool = False
) -> pd.DataFrame:
    """Count the facts that people entered in two systems, by fact and pair of systems.

    Parameters
    ----------
    entries
        Rows as :func:`procmine.facts.entered_twice.entered_twice` finds them.
    minimum, disclose
        As for :func:`procmine.disclosure.suppress`.

    Returns
    -------
    DataFrame
        ``field, first_system, system, same, n, citizens, median_gap_days, suppressed``; `same`
        tells double entries from disagreements.

    Examples
    --------
    >>> from procmine.facts.entered_twice import ENTERED_TWICE
    >>> len(entries_twice(ENTERED_TWICE.empty()))
    0
    """
    table = arrow(entries)
    cells, keys = cells_of({name: table[name] for name in _PAIR})
    found = keys.assign(
        n=cells.count(),
        citizens=cells.distinct(coded(table["citizen_id"])[0]),
        median_gap_days=cells.quantiles(floats(table["days_between"]))[0],
    ).sort_values(["n", *_PAIR], ascending=[False, True, True, True, True], ignore_index=True)
    return suppress(
        found, disclose=disclose, minimum=minimum, values=["n"], percentiles=["median_gap_days"],
        within=[["field"], []],
    )  # fmt: skip
