"""The command ``procmine``: finds its verbs when they are asked for, and reports faults."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import click

from procmine.cli.danish import LINE, DanishGroup, usage_text
from procmine.cli.verb import without_persons
from procmine.errors import ProcmineError, UsageError
from procmine.text import t
from procmine.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

_INTERRUPTED = "Query interrupted"
# Verb to module; a module is imported only when its verb is called, so that
# ``procmine --help`` and completion answer at once.
VERBS = {
    "load": "loading",
    "import": "loading",
    "recompute": "loading",
    "demo": "serving",
    "dashboard": "serving",
    "info": "inspecting",
    "trace": "inspecting",
    "explain": "inspecting",
    "validate": "inspecting",
    "prune": "inspecting",
    "export": "inspecting",
    "cases": "tables",
    "handovers": "tables",
    "waits": "tables",
    "documents": "tables",
    "discover": "discovering",
    "indicators": "measuring",
    "effect": "measuring",
    "baseline": "measuring",
    "report": "measuring",
    "profile": "keeping",
    "key": "keeping",
    "person": "keeping",
    "forget": "keeping",
    "catalogue": "keeping",
    "rules": "ruling",
    "sample": "sampling",
    "tables": "workbook",
    "synth": "simulating",
    "evaluate": "simulating",
}


class Verbs(DanishGroup):
    """The group of verbs, each found in its module by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of the work."""
        _ = ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a verb's module and return its command."""
        _ = ctx
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"procmine.cli.{VERBS[cmd_name]}")
        command: click.Command = module.COMMANDS[cmd_name]
        return command

    def told(self, ctx: click.Context, name: str) -> str:
        """Take a verb's line from the texts; its module is not imported for it."""
        _ = ctx
        return click.Command(name, help=t(f"cli.{name}.help")).get_short_help_str(limit=LINE)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; exit with 0, 1 (a fault to mend) or 2 (wrong usage)."""
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    command = Verbs(name="procmine", help=t("cli.help"))
    command.params.append(
        click.Option(
            ["--version"],
            is_flag=True,
            expose_value=False,
            is_eager=True,
            callback=_version,
            help=t("cli.version"),
        )
    )
    try:
        result = command.main(args=arguments, prog_name="procmine", standalone_mode=False)
    except BrokenPipeError:
        return 0
    except (click.ClickException, click.Abort, KeyboardInterrupt, ProcmineError, OSError) as error:
        message, code = _told(error)
        click.echo(without_persons(message), err=True)
        return code
    except RuntimeError as error:  # so the engine says that Ctrl-C came during a query
        if str(error) != _INTERRUPTED:
            raise
        click.echo(t("cli.stopped"), err=True)
        return 1
    return result if isinstance(result, int) else 0


def _told(error: BaseException) -> tuple[str, int]:
    """Return what to say about a fault, and the exit code: 2 for wrong usage, else 1."""
    match error:
        case click.exceptions.NoArgsIsHelpError():
            return (error.ctx.get_help() if error.ctx else t("cli.wrong_usage")), 2
        case click.UsageError():
            return usage_text(error), 2
        case ProcmineError():
            return str(error), 2 if isinstance(error, UsageError) else 1
        case click.ClickException():
            return error.format_message(), 1
        case OSError():
            reason = error.strerror or type(error).__name__
            return t("cli.os_error", reason=reason), 1
    return t("cli.stopped"), 1


def _version(ctx: click.Context, _param: click.Parameter, value: object) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(f"procmine {__version__}")
        ctx.exit()
