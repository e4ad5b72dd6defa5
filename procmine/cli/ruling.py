"""The verbs around rules: who approves them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from procmine.cli.danish import DanishGroup
from procmine.cli.output import whole_file
from procmine.cli.verb import PATH, quiet_option, say, verb
from procmine.errors import Fault, UsageError
from procmine.text import t
from procmine.text.formats import day

__all__ = ["COMMANDS"]

_DAY = click.DateTime(["%Y-%m-%d"])
_LOCAL = ZoneInfo("Europe/Copenhagen")


@click.group("rules", cls=DanishGroup, help=t("cli.rules.help"))
def rules() -> None:
    """Approve definitions."""


@verb("rules approve")
@click.argument("file", type=PATH)
@click.option("--by", required=True, help=t("cli.rules_approve.by"))
@click.option("--role", required=True, help=t("cli.rules_approve.role"))
@click.option("--on", type=_DAY, required=True, help=t("cli.rules_approve.on"))
@quiet_option
def approve(file: Path, by: str, role: str, on: datetime, *, quiet: bool) -> None:
    """Write an approval into a file of definitions."""
    from procmine.config.approve import approved_text

    if on.date() > datetime.now(UTC).astimezone(_LOCAL).date():
        raise UsageError(t("approve.future"), (Fault("future", column="on"),))
    text = approved_text(file, by, role, on.date())
    # A link keeps pointing at its file: the file behind it is replaced, not the link.
    with whole_file(file.resolve()) as part:
        part.write_bytes(text.encode("utf-8"))
    done = t("approve.done", file=file.name, by=by.strip(), role=role.strip(), on=day(on.date()))
    say(done, quiet=quiet)
    say(t("approve.recompute", folder=_config_folder(file)), quiet=quiet)


def _config_folder(file: Path) -> Path:
    """Return the configuration folder that a file belongs to; catalogues lie one below."""
    folder = file.parent
    return folder.parent if folder.name == "catalogues" else folder


rules.add_command(approve)

COMMANDS = {"rules": rules}
