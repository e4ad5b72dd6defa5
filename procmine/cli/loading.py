"""The verbs that fill a store: load, import, recompute."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from procmine.cli.output import whole_file
from procmine.cli.verb import PATH, progress_bar, quiet_option, say, store_argument, verb
from procmine.errors import ConfigError, Fault
from procmine.text import t
from procmine.text.formats import moment, number

if TYPE_CHECKING:
    from procmine.pipeline import LoadOutcome

__all__ = ["COMMANDS", "default_key"]


def default_key() -> Path:
    """Return the key file used where none is named: the user's own, outside every store."""
    named = os.environ.get("PROCMINE_KEY")
    return Path(named) if named else Path.home() / ".procmine" / "procmine.key"


@verb("load")
@click.argument("folder", type=PATH)
@click.option("--profile", default="kmd", show_default=True, help=t("cli.load.profile"))
@click.option("--store", type=PATH, required=True, help=t("cli.option.store"))
@click.option("--key", type=PATH, default=None, help=t("cli.load.key"))
@click.option("--extracted", default=None, help=t("cli.option.extracted"))
@click.option("--config", type=PATH, default=None, help=t("cli.option.config"))
@click.option("--report", type=PATH, default=None, help=t("cli.load.report"))
@quiet_option
def load(
    folder: Path,
    profile: str,
    store: Path,
    key: Path | None,
    extracted: str | None,
    config: Path | None,
    report: Path | None,
    *,
    quiet: bool,
) -> None:
    """Load a delivery and print the account of every row."""
    from procmine import pipeline
    from procmine.exports.page import account_page

    with progress_bar(quiet=quiet) as progress:
        outcome = pipeline.load(
            folder,
            profile,
            store,
            key=key or default_key(),
            extracted=extracted,
            config=config,
            progress=progress,
            notice=lambda sentence: say(sentence, quiet=quiet),
        )
    page = account_page(outcome.account)
    if report is not None:
        with whole_file(report) as part:
            part.write_text(_report(outcome, report, page), encoding="utf-8")
    say(page, quiet=quiet)
    if outcome.unchanged:
        say(t("cli.load.unchanged"), quiet=quiet)
    else:
        say(t("cli.load.done", cut=moment(outcome.snapshot.cut), store=store), quiet=quiet)


def _report(outcome: LoadOutcome, file: Path, page: str) -> str:
    """Return the account as the ending of the report file asks: JSON, else the page."""
    if file.suffix.lower() != ".json":
        return page + "\n"
    account = {
        **outcome.account.to_json(),
        "snapshot": outcome.snapshot.path.name,
        "unchanged": outcome.unchanged,
    }
    return json.dumps(account, ensure_ascii=False, indent=1)


@verb("import")
@click.argument("file", type=PATH)
@click.option("--store", type=PATH, required=True, help=t("cli.option.store"))
@click.option("--roles", type=PATH, default=None, help=t("cli.import.roles"))
@click.option("--config", type=PATH, default=None, help=t("cli.option.config"))
@click.option("--extracted", default=None, help=t("cli.option.extracted"))
@click.option("--process", "process", default=None, help=t("cli.import.process"))
@click.option("--case", default=None, help=t("cli.import.case"))
@click.option("--activity", default=None, help=t("cli.import.activity"))
@click.option("--time", default=None, help=t("cli.import.time"))
@click.option("--start", default=None, help=t("cli.import.start"))
@click.option("--resource", default=None, help=t("cli.import.resource"))
@click.option("--group", default=None, help=t("cli.import.group"))
@click.option("--missing", multiple=True, help=t("cli.import.missing"))
@click.option("--zone", default=None, help=t("cli.import.zone"))
@quiet_option
def import_log(
    file: Path,
    store: Path,
    roles: Path | None,
    config: Path | None,
    extracted: str | None,
    missing: tuple[str, ...],
    *,
    quiet: bool,
    **columns: str | None,
) -> None:
    """Import an event log into a store."""
    from procmine import pipeline
    from procmine.ocel.breaches import breach_line

    given = {name: value for name, value in columns.items() if value is not None}
    if missing:
        given["missing"] = missing  # type: ignore[assignment]
    with progress_bar(quiet=quiet) as progress:
        outcome = pipeline.import_log(
            file,
            store,
            roles=_roles(roles),
            config=config,
            extracted=extracted,
            progress=progress,
            **given,
        )
    counts = outcome.snapshot.manifest["counts"]
    say(t("cli.load.log", **{k: number(n) for k, n in counts.items()}), quiet=quiet)
    for breach in outcome.breaches:
        say(t("cli.import.breach", breach=breach_line(breach)), quiet=quiet)
    say(t("cli.import.done", store=store), quiet=quiet)


def _roles(file: Path | None) -> dict[str, Any] | None:
    if file is None:
        return None
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fault = Fault("bad_toml", file.name)
        raise ConfigError(t("config.bad_toml", file=file.name, line=str(error)), (fault,)) from None
    inner = raw.get("roles", raw)
    return dict(inner)


@verb("recompute")
@store_argument
@click.option("--config", type=PATH, default=None, help=t("cli.option.config"))
@quiet_option
def recompute(store: Path, config: Path | None, *, quiet: bool) -> None:
    """Make the fact tables anew."""
    from procmine import pipeline

    with progress_bar(quiet=quiet) as progress:
        snapshot = pipeline.recompute(store, config, progress=progress)
    say(t("cli.recompute.done", snapshot=snapshot.path.name), quiet=quiet)


COMMANDS = {"load": load, "import": import_log, "recompute": recompute}
