"""From a snapshot to a report on disk: start or before/after, PDF, DOCX or HTML by the ending."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from procmine.effects.events import events_between
from procmine.errors import Fault, UsageError
from procmine.indicators.baseline import read_baseline, verify
from procmine.indicators.inputs import Span
from procmine.indicators.source import events_of, inputs_of, main_process
from procmine.report.change import change_model
from procmine.report.figures_data import measured
from procmine.report.start import start_model
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from procmine.indicators.baseline import Baseline
    from procmine.indicators.inputs import Inputs
    from procmine.report.model import ReportModel
    from procmine.store.snapshot import Snapshot

__all__ = ["ENDINGS", "build_report", "write_report"]

ENDINGS = (".docx", ".html", ".pdf")


def write_report(
    snapshot: Snapshot,
    output: Path,
    *,
    baseline: Path | None = None,
    since: date | None = None,
    municipality: str = "",
    process: str | None = None,
    extra: Sequence[Path] = (),
) -> Path:
    """Write the report of a snapshot; its format follows from the ending of `output`.

    Parameters
    ----------
    snapshot
        What is reported on.
    output
        ``.pdf`` (tagged, PDF/UA-1), ``.docx`` (editable) or ``.html``. Written whole or not
        at all. Same snapshot, baseline and arguments: same bytes.
    baseline
        A sealed baseline. Where there is a whole month of data after it, the report compares;
        else it is the report of the start.
    since
        First day of the effort, where it is not the day after the baseline's period. Without
        a baseline all earlier days are the period before, and the report says that it was
        chosen late.
    municipality
        Name to print.
    process
        Name of the process; that with most cases where none is given.
    extra
        Text files (UTF-8) with the municipality's own remarks, put in before the blanks.

    Raises
    ------
    UsageError
        An ending that is not known, or a file of remarks that cannot be read.
    ConfigError
        A baseline that cannot be read.

    Examples
    --------
    >>> write_report(None, Path("rapport.odt"))
    Traceback (most recent call last):
    ...
    procmine.errors.UsageError: ...
    """
    target = Path(output)
    form = _FORMS.get(target.suffix.lower())
    if form is None:
        known = ", ".join(ENDINGS)
        fault = Fault("bad_ending", detail=known)
        raise UsageError(t("cli.bad_ending", ending=target.suffix, known=known), (fault,))
    model = build_report(
        snapshot,
        baseline=baseline,
        since=since,
        municipality=municipality,
        process=process,
        extra=extra,
    )
    _write_whole(target, form(model))
    return target


def build_report(
    snapshot: Snapshot,
    *,
    baseline: Path | None = None,
    since: date | None = None,
    municipality: str = "",
    process: str | None = None,
    extra: Sequence[Path] = (),
) -> ReportModel:
    """Return the report as plain data; arguments as :func:`write_report`.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(build_report).parameters)[:3]
    ['snapshot', 'baseline', 'since']
    """
    from procmine.report.extra import with_remarks

    sealed = read_baseline(Path(baseline)) if baseline is not None else None
    name = process or _process_of(snapshot, sealed)
    inputs = inputs_of(snapshot, name)
    spans = _spans(inputs, sealed, since)
    if spans is None:
        found = measured(snapshot, inputs.process, sealed.span if sealed else None)
        model = start_model(snapshot, found, municipality=municipality, baseline=sealed)
        return with_remarks(model, extra)
    before, after = spans
    found = measured(snapshot, inputs.process, after)
    outside = events_of(snapshot.config, found.process.name)
    events = events_between(outside, before.first, found.span.last, found.process.name)
    found = replace(found, events=events)
    faults: tuple[Fault, ...] = ()
    if baseline is not None:
        config = snapshot.config.sources
        checked = verify(Path(baseline), found.definitions, [inputs], config)
        faults = tuple(fault for fault in checked if fault.code != "missing_process")
    model = change_model(
        snapshot, found, before, municipality=municipality, baseline=sealed, faults=faults
    )
    return with_remarks(model, extra)


def _process_of(snapshot: Snapshot, sealed: Baseline | None) -> str:
    """Return the process to report on: with a baseline, one that it measured."""
    main = main_process(snapshot).name
    if sealed is None:
        return main
    known = {process.name for process in snapshot.processes}
    measured_ones = [row["id"] for row in sealed.document["process"] if row["id"] in known]
    return main if main in measured_ones or not measured_ones else str(measured_ones[0])


def _spans(inputs: Inputs, sealed: Baseline | None, since: date | None) -> tuple[Span, Span] | None:
    """Return the spans before and after; None where no whole month of data lies after."""
    if sealed is None and since is None:
        return None
    first = Span.of(since, since).begin if since is not None else None
    begin = first or (sealed.span.finish if sealed else inputs.log_start)
    if sealed is not None:
        before = Span(sealed.span.begin, min(sealed.span.finish, begin))
    else:
        before = Span(min(inputs.log_start, begin), begin)
    after = Span(begin, max(begin, inputs.cut))
    return (before, after) if after.months() and before.days > 0 else None


def _write_whole(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        part.chmod(0o644)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _pdf(model: ReportModel) -> bytes:
    from procmine.report.typst_pdf import pdf_bytes

    return pdf_bytes(model)


def _docx(model: ReportModel) -> bytes:
    from procmine.report.docx_file import docx_bytes

    return docx_bytes(model)


def _html(model: ReportModel) -> bytes:
    from procmine.report.html_file import html_text

    return html_text(model).encode()


_FORMS: dict[str, Callable[[ReportModel], bytes]] = {
    ".pdf": _pdf,
    ".docx": _docx,
    ".html": _html,
}
