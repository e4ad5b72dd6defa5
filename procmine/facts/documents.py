"""Documents: what became of each of them (design section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from procmine.facts.attributes import day_last, script
from procmine.facts.causes import NATURES, REST, track
from procmine.facts.document_kinds import DocumentKinds
from procmine.facts.document_source import (
    coverage,
    listed,
    named_types,
    register_cases,
    register_marked,
)
from procmine.facts.document_text import document_sentences
from procmine.facts.effort import document_effort
from procmine.tables.facts import DOCUMENTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from procmine.config.catalogue import Step
    from procmine.facts.source import Source
    from procmine.store.snapshot import Process

__all__ = ["FLAGS", "document_table"]

_DAY_US = 86_400_000_000
_US = pa.timestamp("us", tz="UTC")
_REPEATS = ("duplicate", "renewed")
_NATURES = tuple(NATURES[each] for each in (track("citizen"), track("document_mandatory"), REST))
"""Of exempt documents, of those that the minimum set demands, and of all others."""

FLAGS = ("duplicate", "renewed", "after_decision", "unused", "above_minimum")
"""Flags a document can have, in the order they are written."""


def document_table(
    source: Source,
    process: Process,
    steps: pa.Table,
    cases: pa.Table,
    caused: pa.Table | None = None,
) -> tuple[pa.Table, pa.Table]:
    """Judge the documents of a process.

    Parameters
    ----------
    source
        The log, after :func:`procmine.facts.document_source.prepare_documents`.
    process
        The process.
    steps, cases
        Its facts. Of the steps only those matter that are marked as resting on documents
        or as openings of an appeal.
    caused
        Hours waited for each document (:func:`procmine.facts.wait_documents.caused_hours`).

    Returns
    -------
    documents, coverage
        The fact table, and coverage by year and unit
        (:func:`procmine.facts.document_source.coverage`).
    """
    kinds = DocumentKinds.of(source.config)
    register_cases(source, cases)
    register_marked(source, process, steps)
    rates = coverage(source, kinds.gate)
    source.connection.register("_coverage", rates.filter(pc.is_null(rates["unit"])))
    required = kinds.minimum_rows(process.name)
    columns = {"decision": pa.string(), "key": pa.string(), "required": pa.int64()}
    minimum = {
        name: pa.array([row[place] for row in required], kind)
        for place, (name, kind) in enumerate(columns.items())
    }
    source.connection.register("_minimum", pa.table(minimum))
    source.connection.execute(script("document_cases").format(named=listed(named_types(source))))
    judged = source.connection.sql(
        script("document_status").format(
            cut=source.cut_us,
            horizon=kinds.horizon_days * _DAY_US,
            day_last=day_last("make_timestamptz(d.received)"),
        )
    ).to_arrow_table()
    decides = any(s.has("rests_on_documents") for s in _marked(process))
    table = _finish(source, judged, caused, kinds, decides=decides)
    effort = document_effort(table, source.config)
    for name in effort.column_names:
        table = table.append_column(name, effort[name])
    return DOCUMENTS.check(table), rates


def _marked(process: Process) -> tuple[Step, ...]:
    return process.catalogue.steps if process.catalogue else ()


def _finish(
    source: Source,
    judged: pa.Table,
    caused: pa.Table | None,
    kinds: DocumentKinds,
    *,
    decides: bool,
) -> pa.Table:
    reasons_known = bool(source.roles.document_reason) and _declared(source)
    status, shown = _statuses(judged, reasons_known=reasons_known)
    written = np.full(judged.num_rows, "", dtype=object)
    for name in FLAGS:
        written[shown[name]] += f" {name}"
    repeats = pa.array(shown["duplicate"] | shown["renewed"])
    nature = np.select([_bools(judged["exempt"]), _bools(judged["mandatory"])], [0, 1], 2)
    return pa.table(
        {
            "document_id": judged["number"],
            "object_id": judged["object_id"],
            "case_id": judged["case_id"],
            "kind": judged["kind"],
            "direction": judged["direction"],
            "requested": judged["requested"].cast(_US),
            "received": judged["received"].cast(_US),
            "first_used": judged["first_used"].cast(_US),
            "status": pa.array(status),
            "flags": pa.array([each.strip() for each in written.tolist()], pa.string()),
            "nature": pa.array(_NATURES).take(pa.array(nature)),
            "rule": _rules(judged, status, kinds),
            "related_document": pc.if_else(repeats, judged["related_number"], None),
            "wait_caused_hours": _caused(judged, caused),
            "explanation": document_sentences(judged, status, shown, kinds.gate, decides=decides),
            "citizen_id": judged["citizen_id"],
            "pages": judged["pages"].cast(pa.float64()),
            "assessable": judged["assessable"],
            "received_day": judged["received_day"],
        }
    )


def _statuses(
    judged: pa.Table, *, reasons_known: bool
) -> tuple[NDArray[np.str_], dict[str, NDArray[np.bool_]]]:
    """Return the status of each document, the first that fits, and which have which flag."""
    exempt, after, undecided, assessable = (
        _bools(judged[name]) for name in ("exempt", "after_decision", "undecided", "assessable")
    )
    repeats = np.array(judged["repeats"].to_pylist(), dtype=object)
    used = ~_bools(pc.is_null(judged["first_used"]))
    shown = {
        "duplicate": ~exempt & (repeats == _REPEATS[0]),
        "renewed": ~exempt & (repeats == _REPEATS[1]),
        "after_decision": ~exempt & after,
        "unused": ~exempt & ~used & ~after & ~undecided & assessable,
        "above_minimum": _bools(judged["above_minimum"]),
    }
    ranked = {
        "exempt": exempt,
        "duplicate": shown["duplicate"],
        "renewed": shown["renewed"] & reasons_known,
        "used": used,
        "after_decision": after,
        "undecided": undecided,
        "not_assessable": ~assessable,
    }
    status = np.select(list(ranked.values()), list(ranked), "unused").astype(str)
    return status, shown


def _rules(judged: pa.Table, status: NDArray[np.str_], kinds: DocumentKinds) -> pa.Array:
    """Name what each status rests on: kind, hash, validity, link, decision or coverage."""
    label = pc.coalesce(judged["label"], judged["kind"].cast(pa.string()), pa.scalar(""))
    kind = pc.binary_join_element_wise("dokumenttyper", label, ":")
    fixed = {
        "duplicate": "hash", "used": "use_link", "after_decision": "decision",
        "undecided": f"horizon:{kinds.horizon_days}", "not_assessable": f"coverage:{kinds.gate}",
        "unused": f"coverage:{kinds.gate}", "exempt": "", "renewed": "",
    }  # fmt: skip
    rule = pa.array([fixed[name] for name in status.tolist()], pa.string())
    return pc.if_else(pc.equal(rule, ""), kind, rule)


def _caused(judged: pa.Table, caused: pa.Table | None) -> pa.Array:
    size = judged.num_rows
    if caused is None or not caused.num_rows:
        return pa.array(np.zeros(size))
    place = pc.index_in(judged["object_id"], caused["object_id"].combine_chunks())
    waited = pc.take(caused["hours"], place)
    return pc.if_else(pc.is_null(place), 0.0, waited)


def _declared(source: Source) -> bool:
    row = source.connection.execute(
        "SELECT count(*) FROM attributes WHERE CAST(owner AS VARCHAR) = 'object' "
        "AND CAST(attribute AS VARCHAR) = ?",
        [source.roles.document_reason],
    ).fetchall()
    return bool(row[0][0])


def _bools(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    plain = pc.fill_null(column, fill_value=False).to_numpy(zero_copy_only=False)
    found: NDArray[np.bool_] = plain.astype(bool)
    return found
