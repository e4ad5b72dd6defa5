"""Documents by status and kind, and how far the links to decisions reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.aggregates.frames import fetched, opened
from procmine.disclosure import suppress

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["document_coverage", "document_flags", "document_kinds", "document_statuses"]

_JOINED = """
SELECT d.*, coalesce(c.citizen_id, c.case_id, d.document_id) AS person
FROM documents AS d LEFT JOIN cases AS c USING (case_id)
"""
_STATUSES = """
SELECT status, count(*) AS n, count(DISTINCT case_id) AS cases,
       count(DISTINCT person) AS citizens, sum(wait_caused_hours) / 24 AS wait_days
FROM ({joined}) GROUP BY status ORDER BY n DESC, status
"""
_KINDS = """
SELECT kind, status, count(*) AS n, count(DISTINCT case_id) AS cases,
       count(DISTINCT person) AS citizens
FROM ({joined}) GROUP BY kind, status ORDER BY kind NULLS LAST, status
"""
_FLAGS = """
SELECT flag, count(*) AS n, count(DISTINCT case_id) AS cases,
       count(DISTINCT person) AS citizens
FROM (SELECT *, unnest(string_split(flags, ' ')) AS flag FROM ({joined}))
WHERE flag <> '' GROUP BY flag ORDER BY n DESC, flag
"""
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
    values = ["n", "cases", "wait_days"]
    return _counted(_STATUSES, documents, cases, values, [[]], minimum, disclose=disclose)


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
    values, within = ["n", "cases"], [["kind"], ["status"]]
    return _counted(_KINDS, documents, cases, values, within, minimum, disclose=disclose)


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
    return _counted(_FLAGS, documents, cases, ["n", "cases"], [], minimum, disclose=disclose)


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
    with opened(coverage=coverage) as connection:
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


def _counted(
    query: str,
    documents: pa.Table | pd.DataFrame,
    cases: pa.Table | pd.DataFrame,
    values: list[str],
    within: list[list[str]],
    minimum: int | None,
    *,
    disclose: bool,
) -> pd.DataFrame:
    with opened(documents=documents, cases=cases) as connection:
        found = fetched(connection.sql(query.format(joined=_JOINED)))
    return suppress(found, disclose=disclose, minimum=minimum, values=values, within=within)
