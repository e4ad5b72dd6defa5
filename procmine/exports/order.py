"""In what order tables are settled: each after those that its references name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from procmine.exports.profile import Profile, TableSpec, UseSpec

__all__ = ["in_circles", "in_order", "needs"]


def in_order(profile: Profile) -> list[TableSpec]:
    """Return the tables so that each comes after those that its references name."""
    wants = {table.name: needs(profile, table) for table in profile.tables}
    done: list[TableSpec] = []
    left = list(profile.tables)
    while left:
        names = {table.name for table in done}
        ready = [t for t in left if wants[t.name] <= names] or left[:1]
        done.extend(ready)
        left = [t for t in left if t not in ready]
    return done


def needs(profile: Profile, table: TableSpec) -> set[str]:
    """Return the other tables whose ids a table refers to."""
    defining = {t.defines: t.name for t in profile.tables if t.defines}
    named = {defining[c.to] for c in table.columns if c.kind == "ref" and c.to in defining}
    return (named - {table.name}) | (_event_tables(profile, table.use) if table.use else set())


def _event_tables(profile: Profile, use: UseSpec) -> set[str]:
    wanted = set(use.events.values())
    return {t.name for t in profile.tables if any(e.id in wanted for e in t.events)}


def in_circles(order: list[TableSpec]) -> bool:
    """Tell whether a table names one that comes after it, or itself before it names others."""
    place = {table.defines: i for i, table in enumerate(order) if table.defines}
    for i, table in enumerate(order):
        named = [place[c.to] for c in table.kept if c.kind == "ref" and c.to in place]
        if any(p > i or (p == i and k < len(named) - 1) for k, p in enumerate(named)):
            return True
    return False
