"""The verbs that measure: indicators, effect, baseline, report."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pandas as pd

from procmine.cli.danish import DanishGroup
from procmine.cli.output import write_table
from procmine.cli.verb import PATH, process_option, quiet_option, say, store_argument, verb
from procmine.errors import ConfigError, Fault, UsageError
from procmine.text import t
from procmine.text.formats import number

if TYPE_CHECKING:
    from procmine.effects.assess import Assessment
    from procmine.indicators.inputs import Inputs, Span
    from procmine.store.snapshot import Snapshot

__all__ = ["COMMANDS"]

DAY = click.DateTime(["%Y-%m-%d"])


def _open(store: Path) -> Snapshot:
    from procmine.store.store import Store

    return Store(store).current()


@verb("indicators")
@store_argument
@process_option
@click.option("--baseline", type=PATH, default=None, help=t("cli.option.baseline"))
@click.option("--by", default="", help=t("cli.indicators.by"))
@click.option("--from", "first", type=DAY, default=None, help=t("cli.indicators.first"))
@click.option("--to", "last", type=DAY, default=None, help=t("cli.indicators.last"))
@click.option("--min-count", type=int, default=None, help=t("cli.option.min_count"))
@click.option("--output", "-o", type=PATH, default=None, help=t("cli.option.output"))
@click.option("--excel", is_flag=True, help=t("cli.option.excel"))
@quiet_option
def indicators(
    store: Path,
    process: str | None,
    baseline: Path | None,
    by: str,
    first: datetime | None,
    last: datetime | None,
    min_count: int | None,
    output: Path | None,
    *,
    excel: bool,
    quiet: bool,
) -> None:
    """Print every indicator with n and interval, small counts hidden."""
    from procmine.indicators.baseline import read_baseline
    from procmine.indicators.source import definitions_of, events_of, inputs_of
    from procmine.indicators.values import values

    snapshot = _open(store)
    frozen = read_baseline(baseline) if baseline else None
    names = [process] if process else [p.name for p in snapshot.processes]
    definitions, tables, beside = definitions_of(snapshot.config), [], []
    for name in names:
        inputs = inputs_of(snapshot, name)
        if any(i.rests_on_rules and i.applies_to(name) for i in definitions.indicators):
            beside.append(f"{inputs.label}: {inputs.standing}" if inputs.standing else "")
        tables.append(
            values(
                definitions,
                inputs,
                _span(inputs, first, last, frozen.span if frozen else None),
                by=[part.strip() for part in by.split(",") if part.strip()],
                before=frozen.span if frozen else None,
                targets=frozen.targets if frozen else None,
                events=events_of(snapshot.config, inputs.process),
                minimum=min_count,
            )
        )
    write_table(pd.concat(tables, ignore_index=True), output, excel=excel)
    for line in filter(None, beside):
        say(line, quiet=quiet)


def _span(
    inputs: Inputs, first: datetime | None, last: datetime | None, before: Span | None
) -> Span:
    from procmine.indicators.inputs import Span

    whole = Span(before.finish if before else inputs.log_start, inputs.cut)
    begin = Span.of(first, first).begin if first else whole.begin
    finish = Span.of(last, last).finish if last else whole.finish
    if finish <= begin:
        raise UsageError(t("cli.indicators.no_after"), (Fault("empty_span"),))
    return Span(begin, finish)


@verb("effect")
@store_argument
@process_option
@click.option(
    "--indicator", default="sagsbehandlingstid", show_default=True, help=t("cli.effect.indicator")
)
@click.option("--from", "first", type=DAY, required=True, help=t("cli.effect.first"))
@click.option("--before-from", "begin", type=DAY, default=None, help=t("cli.effect.begin"))
@click.option("--method", type=click.Choice(["survival"]), default="survival", show_default=True,
              help=t("cli.effect.method"))  # fmt: skip
@click.option("--min-count", type=int, default=None, help=t("cli.option.min_count"))
@click.option("--output", "-o", type=PATH, default=None, help=t("cli.option.output"))
@quiet_option
def effect(
    store: Path,
    process: str | None,
    indicator: str,
    first: datetime,
    begin: datetime | None,
    method: str,
    min_count: int | None,
    output: Path | None,
    *,
    quiet: bool,
) -> None:
    """Print an indicator before and after a date, with interval and verdict."""
    from procmine.indicators.inputs import Span
    from procmine.indicators.judged import judged
    from procmine.indicators.measure import change
    from procmine.indicators.source import definitions_of, events_of, inputs_of

    _ = method
    snapshot = _open(store)
    inputs = inputs_of(snapshot, process)
    wanted = {i.id: i for i in definitions_of(snapshot.config).indicators}
    if indicator not in wanted:
        known = ", ".join(sorted(wanted))
        raise UsageError(t("cli.effect.unknown", known=known), (Fault("unknown_indicator"),))
    at = Span.of(first, first).begin
    opens = Span.of(begin, begin).begin if begin else inputs.log_start
    if not opens < at < inputs.cut:
        raise UsageError(t("cli.effect.outside"), (Fault("outside_log"),))
    found = change(wanted[indicator], inputs, Span(opens, at), Span(at, inputs.cut))
    told = judged(found, inputs, events_of(snapshot.config, inputs.process))
    if told is None:
        raise UsageError(t("cli.effect.neutral"), (Fault("no_direction"),))
    row = {"indicator": indicator, "process": inputs.process, **told.record(min_count)}
    if output is not None:
        write_table(_one_row(row), output)
    for line in _effect_lines(told, row, quiet=quiet):
        click.echo(line)
    if wanted[indicator].rests_on_rules and inputs.standing:
        click.echo(inputs.standing)


def _one_row(row: dict[str, object]) -> pd.DataFrame:
    """Put the lists of a record into cells: caveats as text, gates by their codes."""
    flat = dict(row)
    flat["caveats"] = " ".join(str(text) for text in _listed(row["caveats"]))
    flat["gates"] = " ".join(
        f"{gate['code']}:{'ok' if gate['holds'] else 'no'}"
        for gate in _listed(row["gates"])
        if isinstance(gate, dict)
    )
    return pd.DataFrame([flat])


def _listed(value: object) -> list[object]:
    """Return a value of a record that is a list."""
    return list(value) if isinstance(value, list | tuple) else []


def _effect_lines(told: Assessment, row: dict[str, object], *, quiet: bool) -> list[str]:
    lines = [told.name, f"{row['word']}: {row['sentence']}"]
    if row["n"] is not None:
        counts = {key: number(float(str(row[name]))) for key, name in _COUNTS.items()}
        lines.append(t("cli.effect.counts", **counts))
    lines.extend(told.caveats)
    if not quiet:
        lines.extend(["", told.method, told.formula, told.footnote])
    return lines


_COUNTS = {"n0": "n_before", "c0": "citizens_before", "n1": "n", "c1": "citizens"}


@click.group("baseline", cls=DanishGroup, help=t("cli.baseline.help"))
def baseline() -> None:
    """Freeze and verify a baseline."""


@verb("baseline freeze")
@store_argument
@process_option
@click.option("--from", "first", type=DAY, required=True, help=t("cli.baseline.first"))
@click.option("--to", "last", type=DAY, required=True, help=t("cli.baseline.last"))
@click.option("--output", "-o", type=PATH, required=True, help=t("cli.baseline.output"))
@click.option("--targets", type=PATH, default=None, help=t("cli.baseline.targets"))
@click.option("--min-count", type=int, default=None, help=t("cli.option.min_count"))
@quiet_option
def freeze(
    store: Path,
    process: str | None,
    first: datetime,
    last: datetime,
    output: Path,
    targets: Path | None,
    min_count: int | None,
    *,
    quiet: bool,
) -> None:
    """Measure every indicator in a period and seal the figures."""
    from procmine.indicators import baseline as frozen
    from procmine.indicators.inputs import Span
    from procmine.indicators.source import definitions_of, inputs_of

    snapshot = _open(store)
    names = [process] if process else [p.name for p in snapshot.processes]
    made = frozen.freeze(
        output,
        definitions_of(snapshot.config),
        [inputs_of(snapshot, name) for name in names],
        Span.of(first, last),
        registered=datetime.now(UTC).date(),
        config=snapshot.config.sources,
        snapshot=snapshot.path.name,
        targets=_targets(targets),
        minimum=min_count,
    )
    say(t("cli.baseline.frozen", file=output, n=number(len(made.figures))), quiet=quiet)


def _targets(file: Path | None) -> dict[str, float]:
    if file is None:
        return {}
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
        return {name: float(value) for name, value in raw.get("targets", raw).items()}
    except (tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        fault = Fault("bad_toml", file.name)
        raise ConfigError(t("config.bad_toml", file=file.name, line=str(error)), (fault,)) from None


@verb("baseline verify")
@store_argument
@click.argument("file", type=PATH)
@quiet_option
def verify(store: Path, file: Path, *, quiet: bool) -> None:
    """Say whether the store or the file was changed since the baseline was sealed."""
    _ = quiet
    from procmine.indicators import baseline as frozen
    from procmine.indicators.changes import changes
    from procmine.indicators.source import definitions_of, inputs_of

    snapshot = _open(store)
    inputs = [inputs_of(snapshot, p.name) for p in snapshot.processes]
    config = snapshot.config
    faults = frozen.verify(file, definitions_of(config), inputs, config.sources)
    for sentence in changes(faults, file.name):
        click.echo(sentence)
    if faults:
        raise click.exceptions.Exit(1)


baseline.add_command(freeze)
baseline.add_command(verify)


@verb("report")
@store_argument
@process_option
@click.option("--baseline", type=PATH, default=None, help=t("cli.option.baseline"))
@click.option("--output", "-o", type=PATH, required=True, help=t("cli.report.output"))
@click.option("--municipality", default="", help=t("cli.report.municipality"))
@click.option("--from", "first", type=DAY, default=None, help=t("cli.report.first"))
@click.option("--extra", type=PATH, multiple=True, help=t("cli.report.extra"))
@quiet_option
def report(
    store: Path,
    process: str | None,
    baseline: Path | None,
    output: Path,
    municipality: str,
    first: datetime | None,
    extra: tuple[Path, ...],
    *,
    quiet: bool,
) -> None:
    """Write the report to the committee."""
    from procmine.report import write_report

    since: date | None = first.date() if first else None
    write_report(
        _open(store),
        output,
        baseline=baseline,
        since=since,
        municipality=municipality,
        process=process,
        extra=extra,
    )
    say(t("cli.report.done", file=output), quiet=quiet)


COMMANDS = {
    "indicators": indicators,
    "effect": effect,
    "baseline": baseline,
    "report": report,
}
