"""What documents cost in minutes and kroner, by a table of touch times (low, middle, high).

Estimates for a steering group, never measurements: minutes per page and per document come
from a time study or a sample, and the table says what they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.facts.document_kinds import kind_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from procmine.config.load import Config

__all__ = ["BOUNDS", "document_effort"]

BOUNDS = ("low", "middle", "high")
_FILE = "dokumenttyper"


def document_effort(documents: pa.Table, config: Config) -> pa.Table:
    """Return minutes and kroner of each document, low, middle and high.

    Parameters
    ----------
    documents
        Rows with ``kind`` and ``pages`` (the fact table of documents).
    config
        ``dokumenttyper.toml``: ``[minutes]`` with ``per_page`` and ``fixed``, each low,
        middle and high; ``fixed_minutes`` of a kind in their place; ``hour_cost`` in kroner,
        without which kroner stay empty.

    Returns
    -------
    table, one row a document
        ``minutes_low, minutes_middle, minutes_high, kroner_low, kroner_middle,
        kroner_high``. Where the number of pages is not known only the fixed part counts.

    Examples
    --------
    >>> from procmine.config import load_config
    >>> rows = pa.table({"kind": ["Notat", None], "pages": [30.0, None]})
    >>> document_effort(rows, load_config())["minutes_middle"].to_pylist()
    [35.0, 5.0]
    """
    raw = config.files.get(_FILE, {})
    minutes = raw.get("minutes", {})
    own = {
        kind_key(name): row.get("fixed_minutes")
        for row in raw.get("kind", [])
        for name in (row["label"], *row.get("labels", ()))
    }
    codes = documents["kind"].cast(pa.string()).combine_chunks().dictionary_encode()
    names = codes.dictionary.to_pylist()
    place = pc.fill_null(codes.indices, len(names)).to_numpy()
    pages = pc.fill_null(documents["pages"], 0.0).to_numpy()
    columns = {}
    for bound in BOUNDS:
        usual = _bound(minutes.get("fixed"), bound)
        fixed = [_bound(own.get(kind_key(name)), bound, usual) for name in names]
        total = np.array([*fixed, usual])[place] + pages * _bound(minutes.get("per_page"), bound)
        columns[f"minutes_{bound}"] = pa.array(total)
    rate = minutes.get("hour_cost")
    for bound in BOUNDS:
        cost = pc.multiply(columns[f"minutes_{bound}"], _bound(rate, bound) / 60.0)
        nothing = pa.nulls(documents.num_rows, pa.float64())
        columns[f"kroner_{bound}"] = nothing if rate is None else cost
    return pa.table(columns)


def _bound(table: Mapping[str, float] | None, bound: str, otherwise: float = 0.0) -> float:
    return otherwise if table is None else float(table.get(bound, otherwise))
