"""What a load knows before it reads a row: key, labels, ranks, lists of codes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procmine.errors import ConfigError, ExportError, Fault
from procmine.exports.cells import Context
from procmine.exports.names import fold
from procmine.exports.persons import Key, has_cpr, mask_cpr, open_key, shown_name
from procmine.exports.rows import Chunk, Reading
from procmine.exports.text_file import read_csv
from procmine.exports.workbook import read_book
from procmine.text import t

if TYPE_CHECKING:
    from procmine.config.load import Config
    from procmine.exports.delivery import Delivery
    from procmine.exports.profile import Profile

__all__ = ["checked_definitions", "checked_key", "make_context", "ranks_of", "read_codes"]


def checked_definitions(config: Config) -> Config:
    """Return the definitions: a store keeps their files whole, so no person may stand in them.

    Raises
    ------
    ConfigError
        A line holds what is shaped like a CPR number.
    """
    for name, text in sorted(config.sources.items()):
        if has_cpr(name):
            raise _person_in(name, 0)
        for line, words in enumerate(text.splitlines(), start=1):
            if has_cpr(words):
                raise _person_in(name, line)
    return config


def _person_in(name: str, line: int) -> ConfigError:
    file = shown_name(name)
    message = t("exports.config_person", file=file, line=line)
    return ConfigError(message, (Fault("person_number", file, rows=(line,)),))


def checked_key(path: Path, meta: dict[str, Any]) -> Key:
    """Open the key, made on the first load only; it must be the one of the store.

    Raises
    ------
    ExportError
        The key is absent, unusable, or another than the store's.
    """
    wanted = meta.get("key")
    key = open_key(path, create=wanted is None)
    if wanted is not None and key.fingerprint != wanted:
        raise ExportError(t("exports.other_key", path=mask_cpr(str(path))), (Fault("other_key"),))
    return key


def make_context(profile: Profile, config: Config, key: Key, meta: dict[str, Any]) -> Context:
    """Return what all columns share: key, labels of activities and outcomes, robots."""
    activities: dict[str, str] = {}
    outcomes: dict[str, str] = {}
    for catalogue in config.catalogues:
        for step in catalogue.steps:
            for label in (step.type, step.label, *step.labels):
                activities.setdefault(fold(label), step.type)
            for name, label in step.outcomes.items():
                outcomes.setdefault(fold(label), name)
                outcomes.setdefault(fold(name), name)
    robots = tuple(fold(pattern) for pattern in profile.robots)
    context = Context(key, activities, outcomes, robots, profile.robot_type)
    context.shaped |= set(meta.get("hidden", ()))
    context.tombstones = frozenset(meta.get("tombstones", ()))
    return context


def ranks_of(config: Config) -> dict[str, int]:
    """Return the rank of each event type: its least row in any catalogue."""
    ranks: dict[str, int] = {}
    for catalogue in config.catalogues:
        for step in catalogue.steps:
            ranks[step.type] = min(step.rank, ranks.get(step.type, step.rank))
    return ranks


def read_codes(delivery: Delivery, context: Context) -> None:
    """Read the lists of codes first: other tables' columns are looked up in them."""
    for source in delivery.sources:
        if source.table.code_list is None:
            continue
        code, label = source.table.code_list
        reading = Reading(source.path, source.shown, source.table)
        chunks: Iterator[Chunk]
        if source.book is not None:
            chunks = read_book(source.book, reading)
        elif source.survey is not None and source.header is not None:
            chunks = read_csv(reading, source.survey, source.header, source.delimiter, careful=True)
        else:
            continue
        places = source.headers[0].places
        known = context.codes.setdefault(source.table.name, {})
        for chunk in chunks:
            codes, labels = (chunk.cells[places[n]].to_pylist() for n in (code, label))
            known.update(
                {fold(c): mask_cpr(n.strip()) for c, n in zip(codes, labels, strict=True) if c}
            )
