"""What the verbs share: help and examples by name, common options, progress, tables out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from procmine.cli.danish import DanishCommand
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "PATH",
    "process_option",
    "progress_bar",
    "quiet_option",
    "say",
    "store_argument",
    "verb",
    "without_persons",
]

F = TypeVar("F", bound=Callable[..., Any])
PATH = click.Path(path_type=Path)
_DELAY_SECONDS = 1.0
_LEAST_DIGITS = 10


def verb(name: str) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a verb whose help and example stand under ``[cli.NAME]`` in the texts."""
    key = name.replace(" ", "_").replace("-", "_")

    def decorate(function: Callable[..., Any]) -> click.Command:
        made: click.Command = click.command(
            name.rsplit(maxsplit=1)[-1],
            cls=DanishCommand,
            help=t(f"cli.{key}.help"),
            example=t(f"cli.{key}.example"),
        )(function)
        return made

    return decorate


def store_argument(function: F) -> F:
    """Add the argument STORE."""
    return click.argument("store", type=PATH)(function)


def process_option(function: F) -> F:
    """Add the option --process."""
    return click.option("--process", "-p", default=None, help=t("cli.option.process"))(function)


def quiet_option(function: F) -> F:
    """Add the option --quiet."""
    return click.option("--quiet", "-q", is_flag=True, help=t("cli.option.quiet"))(function)


def say(text: str, *, quiet: bool = False) -> None:
    """Print a message to people on stderr, so that stdout stays data."""
    if not quiet:
        click.echo(without_persons(text), err=True)


def without_persons(text: str) -> str:
    """Return a message as it may be said: what a name or a path brought in is masked."""
    if sum(letter.isdigit() for letter in text) < _LEAST_DIGITS:
        return text
    from procmine.exports.shapes import mask_cpr

    return mask_cpr(text)


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Callable[..., None]]:
    """Give a function (what, done, total) that draws a bar on a terminal after a second.

    Nothing is drawn where stderr is not a terminal.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda *_: None
        return
    from tqdm import tqdm

    bar = tqdm(delay=_DELAY_SECONDS, leave=False, bar_format="{desc} {percentage:3.0f} % |{bar}|")

    def step(what: str, done: int = 0, total: int = 0) -> None:
        if bar.desc != what:
            bar.reset(total=total)
            bar.set_description_str(what, refresh=False)
        bar.total = total or None
        bar.update(done - bar.n)

    try:
        yield step
    finally:
        bar.close()
