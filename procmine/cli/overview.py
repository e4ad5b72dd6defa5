"""What ``procmine info`` says of each process, and what its log cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from procmine.aggregates.quality import actors_missing, precision_of_stamps
from procmine.errors import Fault
from procmine.facts.unplaced import read_unplaced
from procmine.ocel.breaches import breach_line
from procmine.store.snapshot import empty_columns, read_narrow
from procmine.text import t
from procmine.text.formats import number, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from procmine.store.snapshot import Process, Snapshot

__all__ = ["ALL_LACKS", "LACKS", "cannot_tell", "overview"]

_IN_ORDER = ("catalogue", "mandates", "unit", "unit_kind", "resource", "start", "document",
             "decisions")  # fmt: skip
ALL_LACKS = frozenset(_IN_ORDER)
LACKS = {
    "cases": frozenset({"catalogue"}),
    "handovers": frozenset({"catalogue", "mandates", "unit", "unit_kind"}),
    "waits": frozenset({"catalogue", "unit", "start"}),
    "documents": frozenset({"document", "decisions"}),
}
"""What the log must have for a table to say all it can."""
_TOLD_BY = ("unit", "unit_kind", "resource", "start", "precision")


def overview(snapshot: Snapshot) -> Iterator[str]:
    """Give the lines of the page: types, approvals, each process, what is missing."""
    for kind in ("event", "object"):
        types = sorted(_types(snapshot, kind))
        yield t(f"cli.info.{kind}_types", n=number(len(types)), names=", ".join(types))
    suspected = snapshot.log.get("suspected_markers", [])
    if suspected:
        yield t("cli.info.suspected", names=", ".join(suspected))
    for breach in snapshot.manifest.get("breaches", []):
        yield t("cli.import.breach", breach=_told(breach))
    account = snapshot.manifest.get("account")
    if account:
        yield _totals(account)
    for process in snapshot.processes:
        yield from _process(snapshot, process)
    if snapshot.config.catalogues:
        yield _unplaced(snapshot)


def _told(breach: str | dict[str, Any]) -> str:
    """Return a breach as a sentence; older snapshots hold it as text."""
    if isinstance(breach, str):
        return breach
    return breach_line(Fault(**{**breach, "rows": tuple(breach["rows"])}))


def cannot_tell(
    snapshot: Snapshot, process: Process, about: frozenset[str] = ALL_LACKS
) -> list[str]:
    """Say plainly what the log of a process lacks, and which figures fall with it.

    Parameters
    ----------
    about
        Only these lacks: those that matter to one table (:data:`LACKS`).
    """
    columns = ("unit", "unit_kind", "resource", "start")
    lacks = empty_columns(snapshot.facts_file(process.name, "steps"), columns)
    if "unit" in lacks:
        lacks.discard("unit_kind")
    if process.catalogue is None:
        lacks.add("catalogue")
    if not snapshot.config.mandates:
        lacks.add("mandates")
    marked = process.catalogue.steps if process.catalogue else ()
    if not snapshot.roles.document:
        lacks.add("document")
    elif not any(step.has("rests_on_documents") for step in marked):
        lacks.add("decisions")
    return [t(f"cli.info.no_{lack}") for lack in _IN_ORDER if lack in lacks & about]


def _unplaced(snapshot: Snapshot) -> str:
    found = read_unplaced(snapshot)
    names = ", ".join(f"{name} {number(n)}" for name, n in found)
    detail = f" ({names})" if names else ""
    return t("cli.info.unplaced", n=number(sum(n for _, n in found)), detail=detail)


def _types(snapshot: Snapshot, kind: str) -> list[str]:
    name = f"{kind}_type"
    column = read_narrow(snapshot.file(f"{kind}s"), [name])[name]
    return [str(name) for name in pc.unique(column).to_pylist()]


def _totals(account: dict[str, Any]) -> str:
    totals = {name: number(value) for name, value in account["totals"].items()}
    return t("cli.load.total", **totals)


def _process(snapshot: Snapshot, process: Process) -> Iterator[str]:
    cases = snapshot.facts(process.name, "cases", ["open", "no_start_step"])
    steps = snapshot.facts(process.name, "steps", list(_TOLD_BY))
    still = pc.sum(cases["open"]).as_py()
    yield t(
        "cli.info.process",
        name=process.name,
        label=process.label,
        cases=number(cases.num_rows),
        open=t("cli.info.unknown") if still is None else number(still),
        steps=number(steps.num_rows),
    )
    without = pc.sum(cases["no_start_step"]).as_py() or 0
    if without and process.catalogue is not None:
        yield t("cli.info.no_start_step", n=number(without))
    missing = actors_missing(steps)
    total = max(1, missing["steps"])
    for name in ("no_unit", "no_kind", "no_resource"):
        if 0 < missing[name] < missing["steps"]:
            share = percent(missing[name] / total, 1)
            yield t(f"cli.info.share_{name}", n=number(missing[name]), share=share)
    precision = precision_of_stamps(steps)
    shares = zip(precision["precision"], precision["share"].astype("float"), strict=True)
    parts = [
        f"{t('cli.info.precision_' + str(name))} {percent(share, 1)}" for name, share in shares
    ]
    yield t("cli.info.precision", parts=", ".join(parts))
    for lack in cannot_tell(snapshot, process):
        yield f"    {lack}"
