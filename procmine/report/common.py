"""What both kinds of report say: warnings, what is not measured, blanks, where data are from."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from procmine.config.catalogue import Approval, parse_approval
from procmine.report.model import Blank, Listing, Paragraph, Section, Table
from procmine.report.numbers import days, interval, plain
from procmine.text import t
from procmine.text.formats import day, number, percent

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from procmine.indicators.baseline import Baseline
    from procmine.report.figures_data import Measured
    from procmine.store.snapshot import Snapshot

__all__ = [
    "fill_section",
    "footer",
    "foundation",
    "last_day",
    "listed",
    "missing_section",
    "rules_note",
    "subtitle",
    "warnings",
    "ways_section",
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


def subtitle(found: Measured, municipality: str) -> str:
    """Say of which process, place and period the report is.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(subtitle).parameters)
    ['found', 'municipality']
    """
    span = {"first": day(found.span.first), "last": day(found.span.last)}
    if municipality:
        return t("report.subtitle_place", process=found.process.label, place=municipality, **span)
    return t("report.subtitle", process=found.process.label, **span)


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
    return t("report.short.rules_approved", role=approval.role, on=_day_of(approval.on))


def ways_section(found: Measured, page: int, *, narrow: bool = False) -> Section:
    """Return the five longest ways as a section; narrow without the cause.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(ways_section).parameters)
    ['found', 'page', 'narrow']
    """
    heading = t("report.ways.heading")
    if found.ways.empty:
        return Section(heading, (Paragraph(t("report.ways.none")),), page)
    label = found.label
    rows = tuple(
        (
            label(row["source"]),
            label(row["target"]),
            number(row["n"]),
            number(row["citizens"]),
            days(row["median_days"]),
            interval(row["lower"], row["upper"], 1 if row["median_days"] < 10 else 0),  # noqa: PLR2004
            _cause(row["cause"], row["cause_share"]),
        )
        for row in found.ways.to_dict("records")
    )
    names = ("source", "target", "n", "citizens", "median", "interval", "cause")
    kept = len(names) - narrow
    span = {"first": day(found.span.first), "last": day(found.span.last)}
    table = Table(
        t("report.ways.caption", **span),
        tuple(t(f"report.ways.{name}") for name in names[:kept]),
        tuple(row[:kept] for row in rows),
        (2.9, 2.9, 1.0, 1.2, 1.4, 1.6, 3.4)[:kept],
        right=(2, 3, 4, 5),
        note=t("report.ways.note"),
    )
    return Section(heading, (table,), page)


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
    snapshot: Snapshot, found: Measured, baseline: Baseline | None = None
) -> tuple[tuple[str, str], ...]:
    """Return where the numbers come from.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(foundation).parameters)
    ['snapshot', 'found', 'baseline']
    """
    manifest = snapshot.manifest
    rows = [
        ("cut", day(last_day(snapshot))),
        ("period", f"{day(found.span.first)} \u2013 {day(found.span.last)}"),
        ("files", _files(snapshot)),
        ("definitions", _definitions(snapshot, found)),
        ("small", t("report.source.small_of", most=number(found.least - 1))),
    ]
    if baseline is not None:
        rows.append(("baseline", _baseline(baseline)))
    if found.events:
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
    values = {"files": number(len(sources)), "deliveries": number(len(deliveries))}
    return t("report.source.files_of", **values)


def _baseline(baseline: Baseline) -> str:
    key = "report.source.baseline_of" if baseline.whole else "report.source.baseline_broken"
    return t(
        key,
        first=day(baseline.span.first),
        last=day(baseline.span.last),
        registered=day(baseline.registered),
    )


def _cause(cause: object, share: float) -> str:
    if not isinstance(cause, str):
        return t("report.none")
    name = t(f"figure.cause.{cause}")
    return t("report.ways.cause_share", cause=plain(name), share=percent(share))


def listed(items: Iterable[str]) -> Listing:
    """Return sentences as a list, empty ones left out.

    Examples
    --------
    >>> listed(["En.", ""]).items
    ('En.',)
    """
    return Listing(tuple(item for item in items if item))
