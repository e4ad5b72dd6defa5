"""The verb around checks by hand: a sheet out, its answers back in."""

from __future__ import annotations

from pathlib import Path

import click

from procmine.cli.danish import DanishCommand
from procmine.cli.output import whole_file
from procmine.cli.verb import PATH, process_option, quiet_option, say, store_argument, verb
from procmine.errors import Fault, NotFoundError, UsageError
from procmine.text import t
from procmine.text.formats import number

__all__ = ["COMMANDS"]

_MOST = 1_000


@verb("sample")
@store_argument
@process_option
@click.option("-n", "size", type=click.IntRange(1, _MOST), default=25, show_default=True,
              help=t("cli.sample.size"))  # fmt: skip
@click.option("--seed", default="1", show_default=True, help=t("cli.sample.seed"))
@click.option("--kind", type=click.Choice(["handovers", "documents"]), default="handovers",
              show_default=True, help=t("cli.sample.kind"))  # fmt: skip
@click.option("--output", "-o", type=PATH, required=True, help=t("cli.sample.output"))
@quiet_option
def draw(
    store: Path, process: str | None, size: int, seed: str, kind: str, output: Path, *, quiet: bool
) -> None:
    """Draw a sample and write the sheet to fill in."""
    from procmine.facts.handcheck import sheet_of
    from procmine.facts.sheet import write_sheet
    from procmine.store.store import Store

    if output.suffix.lower() != ".xlsx":
        fault = Fault("bad_ending", output.name, detail=".xlsx")
        raise UsageError(t("cli.bad_ending", ending=output.suffix, known=".xlsx"), (fault,))
    sheet = sheet_of(Store(store).current(), process, kind, size=size, seed=seed)
    if not sheet.rows:
        raise NotFoundError(t("cli.sample.nothing"), (Fault("nothing_to_draw", column=kind),))
    with whole_file(output) as part:
        write_sheet(sheet, part)
    say(t("cli.sample.done", n=number(len(sheet.rows)), file=output, seed=seed), quiet=quiet)


@verb("sample import")
@click.argument("store", type=PATH)
@click.argument("file", type=PATH, required=False)
@click.option("--rater", type=click.IntRange(1, 2), default=1, show_default=True,
              help=t("cli.sample_import.rater"))  # fmt: skip
@quiet_option
def take_in(store: Path, file: Path | None, rater: int, *, quiet: bool) -> None:
    """Keep the answers of a filled-in sheet in the store; without a store only read them."""
    from procmine.facts.agreement import import_sheet, sheet_agreement
    from procmine.store.store import Store

    if file is None:
        click.echo(sheet_agreement(store).sentence())
        say(t("cli.sample_import.not_kept"), quiet=quiet)
        return
    _, found = import_sheet(Store(store).current(), file, rater=rater)
    click.echo(found.sentence())
    say(t("cli.sample_import.comments"), quiet=quiet)


class SampleCommand(DanishCommand):
    """``sample STORE ...``, where ``sample import STORE FILE`` is a verb of its own."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: object,
    ) -> click.Context:
        """Hand over to the second verb where the first word is ``import``."""
        if args[:1] == ["import"]:
            return take_in.make_context(f"{info_name} import", args[1:], parent)
        return super().make_context(info_name, args, parent, **extra)


sample = SampleCommand(
    name="sample",
    callback=draw.callback,
    params=draw.params,
    help=draw.help,
    example=t("cli.sample.example"),
)

COMMANDS = {"sample": sample}
