"""The verbs around profiles, catalogues, keys and persons."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from procmine.cli.danish import DanishGroup
from procmine.cli.loading import default_key
from procmine.cli.output import whole_file
from procmine.cli.verb import PATH, progress_bar, quiet_option, say, verb
from procmine.errors import UsageError
from procmine.text import t
from procmine.text.formats import day as in_words
from procmine.text.formats import number

if TYPE_CHECKING:
    from procmine.erasing import Forgotten

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
    from procmine.exports.profiles.notes import profile_notes

    found = load_profile(file)
    for note in profile_notes(found):
        click.echo(note)
    say(t("cli.profile.good", name=found.name, tables=number(len(found.tables))), quiet=quiet)


@verb("profile suggest")
@click.argument("files", nargs=-1, required=True, type=PATH)
@click.option("--output", "-o", type=PATH, default=None, help=t("cli.profile.output"))
@click.option("--name", default="", help=t("cli.profile.name"))
@quiet_option
def profile_suggest(
    files: tuple[Path, ...], output: Path | None, name: str, *, quiet: bool
) -> None:
    """Draft a profile for unknown files."""
    from procmine.exports.suggest import suggest_profile

    _write_text(suggest_profile(files, name), output, quiet=quiet)


def _write_text(text: str, output: Path | None, *, quiet: bool) -> None:
    if output is None:
        click.echo(text)
        return
    with whole_file(output) as part:
        part.write_text(text, encoding="utf-8")
    say(t("cli.profile.drafted", file=output), quiet=quiet)


for one in (profile_list, profile_show, profile_check, profile_suggest):
    profile.add_command(one)


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


for one in (key_check, key_backup):
    key.add_command(one)


@verb("person")
@click.option("--key", "file", type=PATH, default=None, help=t("cli.load.key"))
@click.option("--store", type=PATH, required=True, help=t("cli.option.store"))
@click.option("--forget", "erase", is_flag=True, help=t("cli.person.forget"))
@quiet_option
def person(file: Path | None, store: Path, *, erase: bool, quiet: bool) -> None:
    """Say what is held of a person whose CPR number stands on standard input, or erase it."""
    from procmine.erasing import forget, held, person_id

    cpr = sys.stdin.readline().strip()
    found = person_id(store, file or default_key(), cpr)
    rows = held(store, found)
    click.echo(t("cli.person.pseudonym", pseudonym=found.partition(":")[2]))
    for name, count in rows.items():
        click.echo(f"  {name}: {number(count)}")
    if not rows:
        click.echo(t("cli.person.nothing"))
    elif erase:
        _say_forgotten(forget(store, person=found), quiet=quiet)


@verb("forget")
@click.argument("store", type=PATH)
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), default=None,
              help=t("cli.forget.before"))  # fmt: skip
@click.option("--person", "pseudonym", default=None, help=t("cli.forget.person"))
@click.option("--yes", "sure", is_flag=True, help=t("cli.forget.yes"))
@quiet_option
def forget_verb(
    store: Path, before: datetime | None, pseudonym: str | None, *, sure: bool, quiet: bool
) -> None:
    """Erase a person, or cases past their retention, from every snapshot."""
    from procmine.erasing import forget, retention_day

    day = before.date() if before else None
    if before is None and pseudonym is None:
        day = retention_day(store)
        if not sure:
            raise UsageError(t("cli.forget.retention", day=in_words(day)))
    with progress_bar(quiet=quiet) as progress:
        done = forget(store, person=pseudonym, before=day, progress=progress)
    _say_forgotten(done, quiet=quiet)


def _say_forgotten(done: Forgotten, *, quiet: bool) -> None:
    say(
        t(
            "cli.forget.done",
            objects=number(done.objects),
            events=number(done.events),
            snapshots=number(done.snapshots),
        ),
        quiet=quiet,
    )
    for name, count in done.left.items():
        click.echo(t("cli.forget.left", file=name, n=number(count)))


@click.group("catalogue", cls=DanishGroup, help=t("cli.catalogue.help"))
def catalogue() -> None:
    """Find what the catalogues lack."""


@verb("catalogue check")
@click.argument("store", type=PATH)
def catalogue_check(store: Path) -> None:
    """List activities that stand in no catalogue, and units without a kind."""
    from procmine.exports.catalogues import unmapped
    from procmine.store.store import Store

    snapshot = Store(store).current()
    roles = snapshot.roles
    found = unmapped(snapshot.path, snapshot.config, roles.unit, roles.unit_kind, roles.not_steps)
    for title, names in (("activities", found.activities), ("units", found.units)):
        click.echo(t(f"cli.catalogue.{title}", n=number(len(names))))
        for name, count in names.items():
            click.echo(f"  {name}: {number(count)}")


@verb("catalogue suggest")
@click.argument("store", type=PATH)
@click.option("--process", required=True, help=t("cli.catalogue.process"))
@click.option("--case-type", required=True, help=t("cli.catalogue.case_type"))
@click.option("--output", "-o", type=PATH, default=None, help=t("cli.profile.output"))
@quiet_option
def catalogue_suggest(
    store: Path, process: str, case_type: str, output: Path | None, *, quiet: bool
) -> None:
    """Draft a catalogue with classes for a person to judge."""
    from procmine.exports.catalogues import draft_catalogue
    from procmine.store.store import Store

    snapshot = Store(store).current()
    draft = draft_catalogue(snapshot.path, process, case_type, snapshot.config)
    _write_text(draft, output, quiet=quiet)


for one in (catalogue_check, catalogue_suggest):
    catalogue.add_command(one)


COMMANDS = {
    "profile": profile,
    "key": key,
    "person": person,
    "forget": forget_verb,
    "catalogue": catalogue,
}
