"""The verbs that print case-level tables: cases, handovers, waits, documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from procmine.api import open_store, to_frame
from procmine.cli.lineage import with_sources
from procmine.cli.output import write_table
from procmine.cli.overview import LACKS, cannot_tell
from procmine.cli.verb import PATH, process_option, quiet_option, say, store_argument, verb
from procmine.facts.entered_twice import entered_twice
from procmine.facts.late import LATE
from procmine.facts.standing import checked, standing
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from procmine.api import Log

__all__ = ["COMMANDS"]

_GRADED = ("cases", "handovers")


def _table_verb(name: str) -> click.Command:
    @verb(name)
    @store_argument
    @process_option
    @click.option("--output", "-o", type=PATH, default=None, help=t("cli.option.output"))
    @click.option("--excel", is_flag=True, help=t("cli.option.excel"))
    @quiet_option
    def command(
        store: Path, process: str | None, output: Path | None, *, excel: bool, quiet: bool
    ) -> None:
        log = open_store(store)
        table: Callable[[str | None], pd.DataFrame] = getattr(log, name)
        found = log.snapshot.process(process).name
        rows = with_sources(table(process), log.snapshot, found, name)
        write_table(rows, output, excel=excel)
        _say_lacks(log, process, name, quiet=quiet)

    return command


def _say_lacks(log: Log, process: str | None, table: str, *, quiet: bool) -> None:
    snapshot = log.snapshot
    found = snapshot.process(process)
    for lack in cannot_tell(snapshot, found, LACKS[table]):
        say(lack, quiet=quiet)
    beside = standing(snapshot, found) if table in _GRADED else ""
    if table == "documents":
        beside = checked(snapshot, found, table)
    if beside:
        say(beside, quiet=quiet)


@verb("waits")
@store_argument
@process_option
@click.option(
    "--by",
    type=click.Choice(["interval", "case", "request"]),
    default="interval",
    help=t("cli.waits.by"),
)
@click.option("--output", "-o", type=PATH, default=None, help=t("cli.option.output"))
@click.option("--excel", is_flag=True, help=t("cli.option.excel"))
@quiet_option
def waits(
    store: Path, process: str | None, by: str, output: Path | None, *, excel: bool, quiet: bool
) -> None:
    """Print labelled intervals, cases with their hours per cause, or late requests."""
    log = open_store(store)
    if by == "request":
        frame = to_frame(log.snapshot.facts(process, LATE.name))
    else:
        frame = log.waits(process, by="case" if by == "case" else "interval")
    frame = with_sources(frame, log.snapshot, log.snapshot.process(process).name, "waits")
    write_table(frame, output, excel=excel)
    _say_lacks(log, process, "waits", quiet=quiet)


@verb("documents")
@store_argument
@process_option
@click.option("--entries", is_flag=True, help=t("cli.documents.entries"))
@click.option("--output", "-o", type=PATH, default=None, help=t("cli.option.output"))
@click.option("--excel", is_flag=True, help=t("cli.option.excel"))
@quiet_option
def documents(
    store: Path,
    process: str | None,
    output: Path | None,
    *,
    entries: bool,
    excel: bool,
    quiet: bool,
) -> None:
    """Print documents, or the facts that people entered in two systems (of the whole log)."""
    log = open_store(store)
    if entries:
        found = entered_twice(log.snapshot.path, log.snapshot.config)
        write_table(to_frame(found), output, excel=excel)
        return
    name = log.snapshot.process(process).name
    frame = with_sources(log.documents(process), log.snapshot, name, "documents")
    write_table(frame, output, excel=excel)
    _say_lacks(log, process, "documents", quiet=quiet)


COMMANDS = {name: _table_verb(name) for name in ("cases", "handovers")}
COMMANDS |= {"waits": waits, "documents": documents}
