"""Dated events outside the effort that fall in the windows, to be printed beside a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from procmine.text import t
from procmine.text.formats import day

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["OutsideEvent", "events_between", "read_events"]


@dataclass(frozen=True, slots=True)
class OutsideEvent:
    """A law, a system change, a reorganisation: something else that could explain a change.

    Attributes
    ----------
    on
        The day it took force.
    kind
        As in the file: law, it, registration, organisation, external.
    text
        What happened, as a reader is told it.
    processes
        The processes it touches; empty for all.
    source, certain
        Where it is known from, and whether the day is confirmed.

    Examples
    --------
    >>> event = OutsideEvent(date(2026, 7, 1), "lov", "Ny lov", ("sanktion",), "L 66", False)
    >>> event.line()
    'Ny lov (1. juli 2026; datoen er ikke bekræftet)'
    """

    on: date
    kind: str
    text: str
    processes: tuple[str, ...]
    source: str
    certain: bool

    def line(self) -> str:
        """Return text and day in one piece, with a word where the day is not confirmed."""
        when = day(self.on)
        if not self.certain:
            when = f"{when}; {t('effect.caveat.unconfirmed')}"
        return t("effect.caveat.event_item", text=self.text, date=when)


def read_events(raw: Mapping[str, Any]) -> tuple[OutsideEvent, ...]:
    """Return the events of a parsed ``haendelser.toml``, by day.

    Examples
    --------
    >>> raw = {"event": [{"date": date(2026, 7, 1), "kind": "lov", "text": "Ny lov"}]}
    >>> read_events(raw)[0].on.year
    2026
    """
    found = [
        OutsideEvent(
            on=row["date"],
            kind=str(row["kind"]),
            text=str(row["text"]),
            processes=tuple(row.get("processes", ())),
            source=str(row.get("source", "")),
            certain=bool(row.get("certain", True)),
        )
        for row in raw.get("event", [])
    ]
    return tuple(sorted(found, key=lambda event: (event.on, event.text)))


def events_between(
    events: Iterable[OutsideEvent],
    begin: date,
    finish: date,
    process: str = "",
    kinds: Iterable[str] | None = None,
) -> tuple[OutsideEvent, ...]:
    """Return the events from `begin` to `finish` that touch a process (G8).

    Parameters
    ----------
    begin, finish
        First and last day, both counted.
    process
        Only those that name it or none; all where empty.
    kinds
        Only these kinds; all where None.

    Examples
    --------
    >>> event = OutsideEvent(date(2026, 7, 1), "lov", "Ny lov", ("sanktion",), "", True)
    >>> len(events_between([event], date(2026, 1, 1), date(2026, 12, 31), "befordring"))
    0
    """
    wanted = None if kinds is None else frozenset(kinds)
    return tuple(
        event
        for event in events
        if begin <= event.on <= finish
        and (not process or not event.processes or process in event.processes)
        and (wanted is None or event.kind in wanted)
    )
