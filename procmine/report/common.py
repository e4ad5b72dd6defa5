"""What both kinds of report say: warnings, what is not measured, blanks, where data are from."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from procmine.config.catalogue import Approval, parse_approval
from procmine.report.model import Blank, Listing, Paragraph, Section, Table
from procmine.report.numbers import plain
from procmine.text import t
from procmine.text.formats import day, number

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from procmine.indicators.baseline import Baseline
    from procmine.indicators.inputs import Span
    from procmine.report.figures_data import Measured
    from procmine.store.snapshot import Snapshot

__all__ = [
    "both_spans",
    "fill_section",
    "footer",
    "foundation",
    "last_day",
    "listed",
    "missing_section",
    "rules_note",
    "subtitle",
    "warnings",
]

_FILLERS = ("report.sign.advice", "report.sign.decision")


def last_day(snapshot: Snapshot) -> datetime:
    """Return the last instant of the log's last day; the cut itself may be the next midnight.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(last_day).parameters)
    ['snapshot']
    """
    return snapshot.cut - timedelta(microseconds=1)


def both_spans(before: Span, now: Span) -> dict[str, str]:
    """Return first and last day of two spans as the texts name them.

    Examples
    --------
    >>> from procmine.indicators.inputs import Span
    >>> spans = [Span.of("2026-01-01", "2026-01-31"), Span.of("2026-02-01", "2026-02-28")]
    >>> both_spans(*spans)["last1"]
    '28. februar 2026'
    """
    edges = {"first0": before.first, "last0": before.last, "first1": now.first, "last1": now.last}
    return {name: day(value) for name, value in edges.items()}


def subtitle(found: Measured, municipality: str, before: Span | None = None) -> str:
    """Say of which process, place and period the report is.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(subtitle).parameters)
    ['found', 'municipality', 'before']
    """
    parts = [part for part in (found.process.label, municipality) if part]
    return f"{', '.join(parts)}. {_period(found, before)}"


def _period(found: Measured, before: Span | None) -> str:
    if before is not None:
        return t("report.change.caption", **both_spans(before, found.span)) + "."
    return t("report.period", first=day(found.span.first), last=day(found.span.last))


def warnings(snapshot: Snapshot, found: Measured) -> tuple[str, ...]:
    """Say what a reader must know first.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(warnings).parameters)
    ['snapshot', 'found']
    """
    said = [t("report.synthetic")] if snapshot.synthetic else []
    open_parts = [part for part, approval in _approvals(snapshot, found) if not approval.given]
    if open_parts:
        said.append(t("report.unapproved", what=plain(_joined(open_parts))))
    if found.process.catalogue is None:
        said.append(t("report.no_catalogue"))
    if found.totals.cases and found.totals.open is None:
        said.append(t("report.no_end"))
    if found.totals.cases and not found.totals.knows_citizens:
        said.append(t("report.no_citizens"))
    if snapshot.log.get("cut_source") == "latest":
        said.append(t("report.cut_guessed"))
    return tuple(said)


def rules_note(snapshot: Snapshot) -> str:
    """Say who approved the rules of handovers, or that no one has (design section 3).

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(rules_note).parameters)
    ['snapshot']
    """
    approval = snapshot.config.mandates_approval
    if not approval.given:
        return t("report.short.rules")
    names = ", ".join(filter(None, (approval.by, approval.role)))
    return t("report.short.rules_approved", names=names, on=_day_of(approval.on))


def missing_section(rows: Iterable[tuple[str, str]], page: int) -> Section:
    """Return what is not measured: name and what is missing, with room for who and when.

    Examples
    --------
    >>> missing_section([("Brugertilfredshed", "svar")], 2).blocks[0].rows[0][:2]
    ('Brugertilfredshed', 'Svar')
    """
    heading = t("report.missing.heading")
    blank = t("report.fill_line")
    lines = tuple((name, plain(lacks), blank, blank) for name, lacks in rows)
    if not lines:
        return Section(heading, (Paragraph(t("report.missing.none")),), page)
    names = ("measure", "lacks", "responsible", "due")
    table = Table(
        t("report.missing.caption"),
        tuple(t(f"report.missing.{name}") for name in names),
        lines,
        (3.4, 4.6, 1.8, 1.5),
    )
    return Section(heading, (table,), page)


def fill_section(page: int) -> Section:
    """Return the blanks that people fill in.

    Examples
    --------
    >>> len(fill_section(2).blocks)
    2
    """
    blanks = tuple(Blank(t(key), t(f"{key}_hint"), 2) for key in _FILLERS)
    return Section(t("report.sign.heading"), blanks, page)


def foundation(
    snapshot: Snapshot,
    found: Measured,
    baseline: Baseline | None = None,
    before: Span | None = None,
) -> tuple[tuple[str, str], ...]:
    """Return where the numbers come from.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(foundation).parameters)
    ['snapshot', 'found', 'baseline', 'before']
    """
    manifest = snapshot.manifest
    rows = [
        ("cut", day(last_day(snapshot))),
        ("period", _period(found, before)),
        ("files", _files(snapshot)),
        ("definitions", _definitions(snapshot, found)),
        ("small", t("report.source.small_of", most=number(found.least - 1))),
    ]
    if baseline is not None:
        rows.append(("baseline", _baseline(baseline)))
    # Beside a comparison they stand among its caveats.
    if found.events and before is None:
        rows.append(("events", "; ".join(event.line() for event in found.events)))
    rows += [
        ("program", f"procmine {manifest.get('procmine', '')}"),
        ("snapshot", str(manifest.get("id", snapshot.path.name))),
        ("hash", str(manifest.get("hash", ""))),
        ("config", str(manifest.get("config", ""))),
    ]
    return tuple((t(f"report.source.{name}"), value) for name, value in rows)


def footer(snapshot: Snapshot) -> str:
    """Return the line at the foot of each page.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(footer).parameters)
    ['snapshot']
    """
    return t(
        "report.footer",
        version=snapshot.manifest.get("procmine", ""),
        cut=day(last_day(snapshot)),
        snapshot=snapshot.manifest.get("id", snapshot.path.name),
    )


def _approvals(snapshot: Snapshot, found: Measured) -> list[tuple[str, Approval]]:
    config, catalogue = snapshot.config, found.process.catalogue
    raw = config.files.get("indikatorer", {}).get("approval", {})
    parts = [(t("report.part.indicators"), parse_approval(raw))]
    if catalogue is not None:
        rules = (t("report.part.mandates"), config.mandates_approval)
        parts = [(t("report.part.catalogue"), catalogue.approval), rules, *parts]
    return parts


def _definitions(snapshot: Snapshot, found: Measured) -> str:
    said = []
    for part, approval in _approvals(snapshot, found):
        # The role and the day, not the person's name: a report names no one.
        values = {"part": plain(part), "role": approval.role, "on": _day_of(approval.on)}
        key = "report.source.approved" if approval.given else "report.source.not_approved"
        said.append(t(key, **values))
    return "; ".join(said)


def _day_of(text: str) -> str:
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text


def _joined(parts: list[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    return t("report.part.two", first=", ".join(parts[:-1]), last=parts[-1])


def _files(snapshot: Snapshot) -> str:
    sources = snapshot.log.get("sources", [])
    if not sources:
        return t("report.source.imported")
    deliveries = {source.get("delivery", "") for source in sources}
    files = sum(1 for source in sources if not source.get("sheet"))
    values = {"files": number(files), "deliveries": number(len(deliveries))}
    return t("report.source.files_of", **values)


def _baseline(baseline: Baseline) -> str:
    key = "report.source.baseline_of" if baseline.whole else "report.source.baseline_broken"
    return t(
        key,
        first=day(baseline.span.first),
        last=day(baseline.span.last),
        registered=day(baseline.registered),
    )


def listed(items: Iterable[str]) -> Listing:
    """Return sentences as a list, empty ones left out.

    Examples
    --------
    >>> listed(["En.", ""]).items
    ('En.',)
    """
    return Listing(tuple(item for item in items if item))
