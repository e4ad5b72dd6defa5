"""Documents by status and kind, and how far the links to decisions reach."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from procmine.aggregates.cells import Cells, Owned, people
from procmine.aggregates.frames import arrow, fetched, opened
from procmine.disclosure import suppress
from procmine.tables.numbers import coded, floats, placed

__all__ = ["document_coverage", "document_flags", "document_kinds", "document_statuses"]

_COVERAGE = """
SELECT year, unit, decided, linked, share AS coverage, assessable
FROM coverage ORDER BY unit IS NOT NULL, year, unit
"""


def document_statuses(
    documents: pa.Table | pd.DataFrame,
    cases: pa.Table | pd.DataFrame,
    *,
    minimum: int | None = None,
    disclose: bool = False,
) -> pd.DataFrame:
    """Count documents by their primary status (design section 5).

    Returns
    -------
    DataFrame
        ``status, n, cases, citizens, wait_days`` (calendar days waited because of them),
        ``suppressed``.

    Examples
    --------
    >>> from procmine.tables.facts import CASES, DOCUMENTS
    >>> len(document_statuses(DOCUMENTS.empty(), CASES.empty()))
    0
    """
    own = _owned(documents, cases, "status", "wait_caused_hours")
    cells, keys = own.cells("status")
    waited = cells.total(floats(own.rows["wait_caused_hours"])) / 24
    found = keys.assign(**own.counts(cells), wait_days=waited).sort_values(
        ["n", "status"], ascending=[False, True], ignore_index=True
    )
    return suppress(
        found, disclose=disclose, minimum=minimum, values=["n", "cases", "wait_days"], within=[[]]
    )


def document_kinds(
    documents: pa.Table | pd.DataFrame,
    cases: pa.Table | pd.DataFrame,
    *,
    minimum: int | None = None,
    disclose: bool = False,
) -> pd.DataFrame:
    """Count documents by kind and status: ``kind, status, n, cases, citizens, suppressed``.

    Examples
    --------
    >>> from procmine.tables.facts import CASES, DOCUMENTS
    >>> len(document_kinds(DOCUMENTS.empty(), CASES.empty()))
    0
    """
    own = _owned(documents, cases, "kind", "status")
    cells, keys = own.cells("kind", "status")
    found = keys.assign(**own.counts(cells)).sort_values(["kind", "status"], ignore_index=True)
    return suppress(
        found, disclose=disclose, minimum=minimum, values=["n", "cases"],
        within=[["kind"], ["status"]],
    )  # fmt: skip


def document_flags(
    documents: pa.Table | pd.DataFrame,
    cases: pa.Table | pd.DataFrame,
    *,
    minimum: int | None = None,
    disclose: bool = False,
) -> pd.DataFrame:
    """Count documents by flag; one may carry several: ``flag, n, cases, citizens``.

    Examples
    --------
    >>> from procmine.tables.facts import CASES, DOCUMENTS
    >>> len(document_flags(DOCUMENTS.empty(), CASES.empty()))
    0
    """
    own = _owned(documents, cases, "flags")
    codes, labels = coded(own.rows["flags"])
    # A text of flags is taken apart once, however many documents bear it.
    apart = [set((text or "").split()) for text in (*labels.to_pylist(), None)]
    found = pd.DataFrame(
        [
            _counted(own.of(np.array([flag in flags for flags in apart])[codes]), flag)
            for flag in sorted(set().union(*apart))
        ],
        columns=["flag", "n", "cases", "citizens"],
    )
    found = found.astype(dict.fromkeys(found.columns[1:], "int64"))
    found = found.sort_values(["n", "flag"], ascending=[False, True], ignore_index=True)
    return suppress(found, disclose=disclose, minimum=minimum, values=["n", "cases"])


def document_coverage(
    coverage: pa.Table | pd.DataFrame, *, minimum: int | None = None, disclose: bool = False
) -> pd.DataFrame:
    """Give the share of decided cases with a document linked to a decision.

    Parameters
    ----------
    coverage
        The fact table of that name: a row a year, and a row a year and unit.

    Returns
    -------
    DataFrame
        ``year, unit`` (empty: all units), ``decided`` cases, those ``linked``,
        ``coverage`` (0 to 1), ``assessable`` (the gate is passed), ``suppressed``.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"year": [2026], "unit": pd.Series([None], dtype="string"),
    ...     "decided": [20], "linked": [15], "share": [0.75], "assessable": [True]})
    >>> document_coverage(rows)["coverage"].tolist()
    [0.75]
    """
    columns = ["year", "unit", "decided", "linked", "share", "assessable"]
    with opened(coverage=arrow(coverage).select(columns)) as connection:
        found = fetched(connection.sql(_COVERAGE))
    # What is not linked, and the units beside the whole year, tell of the rest.
    parts = {"some": found["linked"], "others": found["decided"] - found["linked"]}
    told = suppress(
        found.assign(whole=found["unit"].isna(), **parts),
        disclose=disclose,
        count="decided",
        minimum=minimum,
        values=["linked", "coverage"],
        within=[["year", "whole"]],
        partial={"linked": ["some", "others"]},
    ).drop(columns="whole")
    told["coverage"] = told["coverage"].mask(told["linked"].isna())
    return told


def _owned(
    documents: pa.Table | pd.DataFrame, cases: pa.Table | pd.DataFrame, *columns: str
) -> Owned:
    """Return columns of all documents; one of no known case is of a citizen of its own."""
    told, known = arrow(documents), arrow(cases)
    case, labels = coded(told["case_id"])
    place = placed(told["case_id"], known["case_id"].cast(pa.string()).combine_chunks())
    number = people(known)
    alone = number.size + np.arange(told.num_rows)
    person = np.where(place >= 0, np.append(number, [0])[place], alone)
    return Owned(told.select(columns), np.where(case < len(labels), case, -1), person)


def _counted(own: Owned, flag: str) -> dict[str, object]:
    cells = Cells(np.zeros(own.case.size, dtype=np.int64), 1)
    return {"flag": flag} | {name: n[0] for name, n in own.counts(cells).items()}
