"""Click's own words in the language of the user: headings of the help, wrong usage."""

from __future__ import annotations

import click

from procmine.text import t

__all__ = ["LINE", "DanishCommand", "DanishGroup", "usage_text"]

LINE = 60
"""Letters that a verb's line in the help of its group may have."""


class _DanishHelp:
    """Help with headings and the help option in the user's language."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the line that shows how the command is called."""
        pieces = self.collect_usage_pieces(ctx)  # type: ignore[attr-defined]
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=t("cli.usage") + " ")

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the option --help with its explanation."""
        option: click.Option | None = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = t("cli.help_option")
        return option

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options under their heading."""
        records = [
            record
            for param in self.get_params(ctx)  # type: ignore[attr-defined]
            if (record := param.get_help_record(ctx)) is not None
        ]
        if records:
            with formatter.section(t("cli.options")):
                formatter.write_dl(records)


class DanishCommand(_DanishHelp, click.Command):
    """A verb: its help ends with an example."""

    def __init__(self, *args: object, example: str = "", **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.example = example

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example under its heading."""
        _ = ctx
        if self.example:
            with formatter.section(t("cli.example")):
                for line in self.example.splitlines():
                    formatter.write(f"  {line}\n")


class DanishGroup(_DanishHelp, click.Group):
    """A group of verbs, listed under its own heading."""

    command_class = DanishCommand

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write options, then the verbs with a line each."""
        super().format_options(ctx, formatter)
        rows = [(name, self.told(ctx, name)) for name in self.list_commands(ctx)]
        if rows:
            with formatter.section(t("cli.verbs")):
                formatter.write_dl(rows)

    def told(self, ctx: click.Context, name: str) -> str:
        """Return what a verb does, in a line."""
        command = self.get_command(ctx, name)
        return command.get_short_help_str(limit=LINE) if command is not None else ""


def usage_text(error: click.UsageError) -> str:
    """Return the message of a wrong usage, with the way to the help."""
    path = error.ctx.command_path if error.ctx else "procmine"
    return f"{_message(error)}\n{t('cli.see_help', command=path)}"


def _message(error: click.UsageError) -> str:
    match error:
        case click.NoSuchOption():
            return t("cli.no_such_option", name=error.option_name)
        case click.MissingParameter():
            names = "/".join(error.param.opts) if error.param else ""
            return t("cli.missing_parameter", name=names)
        case click.BadParameter():
            names = "/".join(error.param.opts) if error.param else ""
            return t("cli.bad_parameter", name=names)
    verb = error.ctx.args[0] if error.ctx and error.ctx.args else ""
    return t("cli.no_such_verb", name=verb) if verb else t("cli.wrong_usage")
