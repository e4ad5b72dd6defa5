"""The verb that discovers models."""

from __future__ import annotations

from pathlib import Path

import click

from procmine.cli.output import whole_file, write_table
from procmine.cli.verb import PATH, process_option, quiet_option, say, store_argument, verb
from procmine.errors import Fault, UsageError
from procmine.text import t

__all__ = ["COMMANDS"]

MODELS = (
    "dfg", "ocdfg", "ocpn", "bpmn", "petri_net", "process_tree", "variants", "handovers",
)  # fmt: skip


@verb("discover")
@store_argument
@process_option
@click.option("--model", default="dfg", show_default=True, help=t("cli.discover.model"))
@click.option("--output", "-o", type=PATH, default=None, help=t("cli.discover.output"))
@quiet_option
def discover(
    store: Path, process: str | None, model: str, output: Path | None, *, quiet: bool
) -> None:
    """Discover one or several models and write them, or print their tables."""
    from procmine.api import open_store
    from procmine.cli.models import write_model

    wanted = [name.strip() for name in model.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in MODELS]
    if unknown or not wanted:
        fault = Fault("unknown_model", detail=", ".join(MODELS))
        raise UsageError(t("cli.discover.unknown", known=fault.detail), (fault,))
    snapshot = open_store(store).snapshot
    for name in wanted:
        target = _target(output, name, several=len(wanted) > 1)
        if target is None:
            printed = write_model(snapshot, process, name, None)
            if printed is not None:
                write_table(printed, None)
            continue
        with whole_file(target) as part:
            table = write_model(snapshot, process, name, part)
        if table is not None and target.suffix == ".csv":
            write_table(table, target)
        say(t("cli.discover.done", model=name, file=target), quiet=quiet)


def _target(output: Path | None, model: str, *, several: bool) -> Path | None:
    if output is None or not several:
        return output
    return output.with_name(f"{output.stem}-{model}{output.suffix}")


COMMANDS = {"discover": discover}
