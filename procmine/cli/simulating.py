"""The verbs around simulated deliveries: synth, evaluate."""

from __future__ import annotations

from pathlib import Path

import click

from procmine.cli.output import write_table
from procmine.cli.verb import PATH, progress_bar, quiet_option, say, store_argument, verb
from procmine.text import t
from procmine.text.formats import number

__all__ = ["COMMANDS"]


@verb("synth")
@click.argument("scenario")
@click.option("--output", "-o", type=PATH, required=True, help=t("cli.synth.output"))
@click.option("--seed", type=int, default=None, help=t("cli.synth.seed"))
@click.option("--cases", type=click.IntRange(min=1), default=None, help=t("cli.synth.cases"))
@quiet_option
def synth(scenario: str, output: Path, seed: int | None, cases: int | None, *, quiet: bool) -> None:
    """Make a synthetic delivery with its truth files."""
    from procmine.synth import simulate

    named: Path | str = Path(scenario) if scenario.endswith(".toml") else scenario
    with progress_bar(quiet=quiet) as bar:
        what = t("cli.synth.progress")
        simulate(named, output, seed=seed, cases=cases, progress=lambda d, n: bar(what, d, n))
    say(t("cli.synth.done", delivery=output / "delivery", truth=output / "truth"), quiet=quiet)


@verb("evaluate")
@store_argument
@click.option("--truth", type=PATH, required=True, help=t("cli.evaluate.truth"))
@click.option("--output", "-o", type=PATH, default=None, help=t("cli.option.output"))
@quiet_option
def evaluate(store: Path, truth: Path, output: Path | None, *, quiet: bool) -> None:
    """Compare what the detectors found with what was planted."""
    from procmine.evaluate import evaluate as compare
    from procmine.store.store import Store

    result = compare(Store(store).current(), truth)
    write_table(result.table, output)
    say(t("cli.evaluate.done", wrong=number(result.wrong)), quiet=quiet)


COMMANDS = {"synth": synth, "evaluate": evaluate}
