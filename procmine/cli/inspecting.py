"""The verbs that look at a store: info, trace, validate, export, prune."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from procmine.cli.verb import PATH, quiet_option, say, store_argument, verb
from procmine.errors import Fault, NotFoundError
from procmine.text import t
from procmine.text.formats import moment, number

if TYPE_CHECKING:
    from procmine.store.snapshot import Snapshot

__all__ = ["COMMANDS"]


@verb("info")
@store_argument
@quiet_option
def info(store: Path, *, quiet: bool) -> None:
    """Print what the store holds."""
    from procmine.cli.overview import overview
    from procmine.store.store import Store

    _ = quiet
    target = Store(store)
    snapshot = target.current()
    click.echo(t("cli.info.title", store=store, snapshot=snapshot.path.name))
    for name in ("events", "objects", "e2o", "o2o", "object_changes"):
        click.echo(f"  {t(f'log.{name}')}: {number(snapshot.manifest['counts'][name])}")
    period = f"{moment(snapshot.log_start)} \u2013 {moment(snapshot.cut)}"
    click.echo(f"  {t('log.period')}: {period} ({t('cli.info.cut_' + snapshot.log['cut_source'])})")
    click.echo(f"  {t('cli.info.snapshots')}: {number(len(target.snapshots()))}")
    for line in overview(snapshot):
        click.echo(line)


@verb("trace")
@store_argument
@click.argument("event_id")
@quiet_option
def trace(store: Path, event_id: str, *, quiet: bool) -> None:
    """Print where an event came from."""
    from procmine.api import open_store

    _ = quiet
    snapshot = open_store(store).snapshot
    for line in _origin(snapshot, event_id):
        click.echo(line)


def _origin(snapshot: Snapshot, event_id: str) -> list[str]:
    with snapshot.connect() as connection:
        query = "SELECT * FROM events WHERE event_id = ?"
        found = connection.sql(query, params=[event_id]).to_arrow_table().to_pylist()
    if not found:
        fault = Fault("no_event")
        raise NotFoundError(t("cli.trace.no_event"), (fault,))
    row = found[0]
    sources = {s["code"]: s for s in snapshot.log.get("sources", [])}
    source = sources.get(row["source_file"], {})
    lines = [
        t(
            "cli.trace.file",
            delivery=source.get("delivery", "\u2013"),
            file=source.get("file", "\u2013"),
        ),
        t(
            "cli.trace.line",
            line=row["source_line"] if row["source_line"] is not None else "\u2013",
        ),
    ]
    shown = [(k.removeprefix("attr."), v) for k, v in row.items() if not k.startswith("source_")]
    lines.extend(f"  {name}: {value}" for name, value in shown if value is not None)
    return lines


@verb("explain")
@store_argument
@click.argument("case_id")
@click.option("--process", "-p", default=None, help=t("cli.option.process"))
@click.option("--output", "-o", type=PATH, default=None, help=t("cli.explain.output"))
@quiet_option
def explain(
    store: Path, case_id: str, process: str | None, output: Path | None, *, quiet: bool
) -> None:
    """Tell a case in Danish, line by line; as a page it is drawn too."""
    from procmine.api import open_store
    from procmine.cli.output import whole_file, write_table

    log = open_store(store)
    told = log.story(case_id, process)
    title = t("cli.explain.case", case=case_id)
    rows = told[["kind", "text", "source"]].itertuples(index=False)
    lines = [(kind, text + (f" [{source}]" if source else "")) for kind, text, source in rows]
    if output is None:
        click.echo(title)
        for kind, line in lines:
            click.echo(("  " if kind in ("case", "step") else "      ") + line)
        return
    if output.suffix.lower() == ".html":
        from procmine.figures.page import figure_page

        page = figure_page(title, log.timeline(case_id, process), [line for _, line in lines])
        with whole_file(output) as part:
            part.write_text(page, encoding="utf-8")
    else:
        write_table(told, output)
    say(t("cli.explain.done", file=output), quiet=quiet)


@verb("validate")
@click.argument("target", type=PATH)
@click.option("--output", "-o", type=PATH, default=None, help=t("cli.validate.output"))
@quiet_option
def validate(target: Path, output: Path | None, *, quiet: bool) -> None:
    """Check a file or a store against the rules of OCEL 2.0."""
    from procmine.api import to_frame
    from procmine.cli.output import write_table
    from procmine.ocel.breaches import breach_line, breach_table
    from procmine.ocel.validate import validate_path

    faults = validate_path(_log_of(target))
    if output is not None:
        write_table(to_frame(breach_table(faults)), output)
    for fault in faults:
        click.echo(breach_line(fault))
    key = "cli.validate.valid" if not faults else "cli.validate.breaches"
    say(t(key, n=number(len(faults))), quiet=quiet)
    if faults:
        raise click.exceptions.Exit(1)


def _log_of(target: Path) -> Path:
    """Return a file as it is, and of a store the folder of its log's tables."""
    from procmine.store.store import Store

    store = Store(target)
    return store.current().path / "ocel" if target.is_dir() and store.exists else target


@verb("export")
@store_argument
@click.argument("file", type=PATH)
@click.option("--process", "-p", default=None, help=t("cli.option.process"))
@quiet_option
def export(store: Path, file: Path, process: str | None, *, quiet: bool) -> None:
    """Write the log in an exchange format, by the ending of the file."""
    from procmine.api import open_store
    from procmine.ocel.exchange import write

    log = open_store(store)
    case_type = log.snapshot.process(process).case_type if file.suffix in (".xes", ".gz") else None
    write(log.ocel, file, case_type=case_type)
    say(t("cli.export.done", file=file), quiet=quiet)


@verb("prune")
@store_argument
@click.option("--keep", type=click.IntRange(min=1), required=True, help=t("cli.prune.keep"))
@quiet_option
def prune(store: Path, keep: int, *, quiet: bool) -> None:
    """Remove old snapshots."""
    from procmine.store.store import Store

    gone = Store(store).prune(keep)
    say(t("cli.prune.done", n=number(len(gone))), quiet=quiet)


COMMANDS = {
    "info": info,
    "trace": trace,
    "explain": explain,
    "validate": validate,
    "export": export,
    "prune": prune,
}
