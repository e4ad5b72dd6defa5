"""A baseline, sealed before the first data after it: definitions, figures, curves, hashes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from procmine.disclosure import minimum_count
from procmine.effects.windows import look, utc
from procmine.errors import ConfigError, Fault, UsageError
from procmine.indicators.inputs import Inputs, Span
from procmine.indicators.measure import figure
from procmine.indicators.sample import draw
from procmine.indicators.seal import read_sealed, sealed_text, write_once
from procmine.tables.digests import in_letters
from procmine.text import t
from procmine.text.formats import day

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from procmine.indicators.definitions import Definitions, Indicator
    from procmine.indicators.measure import Figure

__all__ = ["FORMAT", "Baseline", "freeze", "read_baseline", "verify"]

FORMAT = 1
_POINTS = 13


@dataclass(frozen=True)
class Baseline:
    """A baseline as read: its period, figures, targets, and what it was made from.

    Attributes
    ----------
    span
        Its period.
    registered
        The day it was sealed.
    whole
        Whether the seal is unbroken.
    targets
        Target by indicator id.
    figures
        One row a process and an indicator: ``indicator, process, value, lower, upper, se,
        cases, citizens, ended, left_out, horizon_days``; hidden ones have no value, and on few
        citizens no counts either.
    document
        The whole file, without its seal.

    Examples
    --------
    >>> sorted(Baseline.__dataclass_fields__)[-1]
    'whole'
    """

    span: Span
    registered: date
    whole: bool
    targets: dict[str, float]
    figures: pd.DataFrame
    document: dict[str, Any]


def freeze(
    path: Path,
    definitions: Definitions,
    processes: Sequence[Inputs],
    span: Span,
    *,
    registered: date,
    config: Mapping[str, str],
    snapshot: str = "",
    targets: Mapping[str, float] | None = None,
    minimum: int | None = None,
) -> Baseline:
    """Measure every indicator of every process in a span and write it, sealed.

    The file is written whole or not at all, and never over another. What it says of the data
    (the hash of each process and indicator) covers the days of the span only, so later
    deliveries leave it valid unless they revise those days.

    Parameters
    ----------
    path
        File to write, ``baseline.toml``.
    definitions, processes, span
        What to measure, from what, and when.
    registered
        The day of sealing, as it will be printed.
    config
        Text of each configuration file by its path; each is hashed.
    snapshot
        Id of the snapshot it was made from, for the record.
    targets
        Target by indicator id.
    minimum
        Figures on fewer citizens are not written, nor shares that tell of fewer.

    Raises
    ------
    UsageError
        An empty span, nothing that can be measured, or a file that exists.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(freeze).parameters)[:4]
    ['path', 'definitions', 'processes', 'span']
    """
    if span.finish <= span.begin:
        raise UsageError(t("baseline.bad_span"), (Fault("bad_span"),))
    least = minimum_count(minimum)
    found = [
        (inputs, indicator, figure(indicator, inputs, span))
        for inputs in processes
        for indicator in definitions.indicators
        if indicator.applies_to(inputs.process)
    ]
    if not any(one.measured for _, _, one in found):
        message = t("baseline.no_figures", first=day(span.first), last=day(span.last))
        raise UsageError(message, (Fault("no_figures"),))
    document: dict[str, Any] = {
        "format": FORMAT,
        "registered": registered,
        "from": span.first,
        "to": span.last,
        "snapshot": snapshot,
        "targets": dict(sorted((targets or {}).items())),
        "config": {name: _digest(text) for name, text in sorted(config.items())},
        "process": [_process(inputs) for inputs in processes],
        "definition": [_definition(indicator) for indicator in definitions.indicators],
        "figure": [_figure(inputs, one, span, least) for inputs, _, one in found],
        "curve": [c for _, _, one in found if (c := _curve(one, least)) is not None],
    }
    write_once(path, sealed_text(document))
    return read_baseline(path)


def read_baseline(path: Path) -> Baseline:
    """Read a baseline, whether or not its seal is whole (ask `whole`).

    Raises
    ------
    ConfigError
        A file that cannot be read or has another format.
    """
    document, whole = read_sealed(path)
    fault = Fault("bad_format", path.name)
    if document.get("format") != FORMAT:
        raise ConfigError(t("baseline.bad_format", file=path.name), (fault,))
    try:
        return Baseline(
            span=Span.of(document["from"], document["to"]),
            registered=document["registered"],
            whole=whole,
            targets={k: float(v) for k, v in document.get("targets", {}).items()},
            figures=pd.DataFrame(document["figure"]),
            document=document,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(t("baseline.bad_format", file=path.name), (fault,)) from error


def verify(
    path: Path,
    definitions: Definitions,
    processes: Sequence[Inputs],
    config: Mapping[str, str],
) -> tuple[Fault, ...]:
    """Return what was changed since a baseline was sealed; empty where nothing was.

    Faults: ``broken_seal`` (the file itself), ``changed_data`` (column: process, detail:
    indicator), ``missing_process``, ``changed_definition`` (column: indicator),
    ``changed_config`` (where: the file).

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(verify).parameters)
    ['path', 'definitions', 'processes', 'config']
    """
    baseline = read_baseline(path)
    faults = [] if baseline.whole else [Fault("broken_seal", path.name)]
    sealed = baseline.document
    known = {inputs.process: inputs for inputs in processes}
    now = {indicator.id: indicator for indicator in definitions.indicators}
    for row in sealed["definition"]:
        indicator = now.get(row["id"])
        if indicator is None or indicator.digest != row["digest"]:
            faults.append(Fault("changed_definition", path.name, row["id"]))
    for row in sealed["process"]:
        if row["id"] not in known:
            faults.append(Fault("missing_process", "", row["id"]))
    for row in sealed["figure"]:
        part, indicator = known.get(row["process"]), now.get(row["indicator"])
        if part is None or indicator is None:
            continue
        seen = Span(utc(row["begin"]), utc(row["finish"]))
        if _data_digest(indicator, part, seen) != row["data"]:
            faults.append(Fault("changed_data", "", row["process"], detail=indicator.name))
    for name, digest in sealed["config"].items():
        if name not in config or _digest(config[name]) != digest:
            faults.append(Fault("changed_config", name))
    return tuple(faults)


def _digest(text: str) -> str:
    return in_letters(hashlib.sha256(text.encode()).hexdigest())


def _process(inputs: Inputs) -> dict[str, Any]:
    return {
        "id": inputs.process,
        "label": inputs.label,
        "horizon_days": float(inputs.horizon_days),
        "log_start": inputs.log_start.isoformat(),
        "cut": inputs.cut.isoformat(),
    }


def _definition(indicator: Indicator) -> dict[str, Any]:
    return {
        "id": indicator.id,
        "name": indicator.name,
        "unit": indicator.unit,
        "direction": indicator.direction,
        "margin": indicator.margin,
        "digest": indicator.digest,
    }


def _figure(inputs: Inputs, one: Figure, span: Span, least: int) -> dict[str, Any]:
    seen = inputs.clip(span)
    row: dict[str, Any] = {
        "indicator": one.indicator.id,
        "process": one.process,
        "begin": seen.begin.isoformat(),
        "finish": seen.finish.isoformat(),
        "data": _data_digest(one.indicator, inputs, seen),
        "hidden": one.few(least),
        "measured": one.measured,
    }
    if 0 < one.citizens < least:
        return row
    row |= {"cases": one.cases, "citizens": one.citizens}
    # Neither those ended nor, by subtraction, those still open.
    if not any(0 < n < least for n in (one.ended, one.cases - one.ended)):
        row["ended"] = one.ended
    if not 0 < one.left_out < least:
        row["left_out"] = one.left_out
    if one.measured and not row["hidden"]:
        estimate = one.estimate
        row |= {"value": estimate.value, "lower": estimate.lower, "upper": estimate.upper}
        row |= {"se": estimate.se}
    if one.horizon is not None:
        row["horizon_days"] = one.horizon
    return row


def _curve(one: Figure, least: int) -> dict[str, Any] | None:
    """Return the finished table of a curve: days, cases under observation, share left."""
    if one.window is None or one.citizens < least:
        return None
    table = one.window.risk_table(np.linspace(0.0, one.window.horizon, _POINTS))
    shown = table[table["at_risk"] >= least]
    return {
        "indicator": one.indicator.id,
        "process": one.process,
        "days": shown["days"].tolist(),
        "at_risk": shown["at_risk"].tolist(),
        # Whole percents, as on the pages: exact ones tell how many ended between two days.
        "survival": shown["survival"].round(2).tolist(),
    }


def _data_digest(indicator: Indicator, inputs: Inputs, span: Span) -> str:
    """Hash what an indicator sees of the data in a span: independent of row order."""
    if indicator.kind == "duration":
        seen = look(inputs.durations, span.begin, span.finish)
        frame = pd.DataFrame(
            {
                "case_id": seen.case_id.to_numpy(dtype=object),
                "entry": seen.entry.round(6),
                "stop": seen.stop.round(6),
                "ended": seen.ended,
            }
        )
    else:
        frame = draw(indicator, inputs, span).frame[["case_id", "value"]].copy()
        frame["value"] = frame["value"].astype(float).round(6)
    rows = sorted("|".join(map(str, row)) for row in frame.itertuples(index=False))
    return _digest("\n".join(rows))
