"""The verbs around profiles and keys."""

from __future__ import annotations

from pathlib import Path

import click

from procmine.cli.danish import DanishGroup
from procmine.cli.loading import default_key
from procmine.cli.verb import PATH, quiet_option, say, verb
from procmine.text import t
from procmine.text.formats import number

__all__ = ["COMMANDS"]


@click.group("profile", cls=DanishGroup, help=t("cli.profile.help"))
def profile() -> None:
    """Show and check profiles."""


@verb("profile list")
def profile_list() -> None:
    """List the shipped profiles."""
    from procmine.exports import load_profile, profile_names

    for name in profile_names():
        found = load_profile(name)
        note = f" ({found.note})" if found.note else ""
        click.echo(f"{name}: {found.label}{note}")


@verb("profile show")
@click.argument("name")
def profile_show(name: str) -> None:
    """Print a profile as it stands."""
    from procmine.exports import load_profile

    for source, text in load_profile(name).sources.items():
        click.echo(f"# {source}\n{text}")


@verb("profile check")
@click.argument("file", type=PATH)
@quiet_option
def profile_check(file: Path, *, quiet: bool) -> None:
    """Check a profile of one's own."""
    from procmine.exports import load_profile

    found = load_profile(file)
    say(t("cli.profile.good", name=found.name, tables=number(len(found.tables))), quiet=quiet)


for command in (profile_list, profile_show, profile_check):
    profile.add_command(command)


@click.group("key", cls=DanishGroup, help=t("cli.key.help"))
def key() -> None:
    """Keep the key of the pseudonyms."""


@verb("key check")
@click.option("--key", "file", type=PATH, default=None, help=t("cli.load.key"))
def key_check(file: Path | None) -> None:
    """Say whether a key can be used, and its fingerprint."""
    from procmine.exports import open_key

    path = file or default_key()
    found = open_key(path, create=False)
    click.echo(t("cli.key.good", path=path, fingerprint=found.fingerprint))


@verb("key backup")
@click.argument("target", type=PATH)
@click.option("--key", "file", type=PATH, default=None, help=t("cli.load.key"))
@quiet_option
def key_backup(target: Path, file: Path | None, *, quiet: bool) -> None:
    """Copy the key to a safe place and read the copy back."""
    from procmine.exports import backup_key

    found = backup_key(file or default_key(), target)
    say(t("cli.key.copied", path=target, fingerprint=found.fingerprint), quiet=quiet)


for command in (key_check, key_backup):
    key.add_command(command)


COMMANDS = {"profile": profile, "key": key}
