"""Compare the municipality's own management figures with the log."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from procmine.exports.names import fold
from procmine.exports.persons import echoed
from procmine.exports.sql import listed, literal
from procmine.text import t
from procmine.text.formats import number, percent

if TYPE_CHECKING:
    from procmine.config.load import Config
    from procmine.exports.profile import Profile
    from procmine.exports.settle import Settlement

__all__ = ["compare_control"]

SIDE = "kontroltal"
_YEAR = r"((?:19|20)\d{2})"
_MONTH = re.compile(
    rf"{_YEAR}[-./ ]?(\d{{1,2}})(?:[-./]\d{{1,2}})?|(?:\d{{1,2}}[-./])?(\d{{1,2}})[-./ ]?{_YEAR}",
    re.ASCII,
)


def compare_control(work: Settlement, profile: Profile, config: Config) -> list[dict[str, Any]]:
    """Return a row for each control figure: its count, the log's, the difference, a sentence.

    What a measure counts stands in the profile's ``[control]`` (event types, or
    ``milestone:NAME`` of the catalogues); a measure named like an activity counts that.
    A measure that nothing maps has no figure from the log.
    """
    table = next((x for x in profile.tables if x.side and x.side.name == SIDE), None)
    if table is None or not work.has(table.name) or table.side is None:
        return []
    names = {k: f'"{v}"' for k, v in table.side.columns.items()}
    rows = work.con.execute(
        f"SELECT {names['month']}, {names['measure']}, {names['count']}, {names['source']} "
        f"FROM current_{table.name} WHERE {names['count']} IS NOT NULL ORDER BY 1, 2, 4"
    ).fetchall()
    found = []
    for month, measure, count, source in rows:
        types = _types(measure or "", profile, config)
        when = _month(month)
        ours = _events_in(work, when, types) if types and when else None
        row = {"month": when, "measure": measure, "count": count, "source": source, "log": ours}
        found.append(row | {"sentence": _sentence(row)})
    return found


def _types(measure: str, profile: Profile, config: Config) -> list[str]:
    rules = {fold(k): v for k, v in profile.control.items()}
    rule = rules.get(fold(measure), "")
    steps = [step for catalogue in config.catalogues for step in catalogue.steps]
    if ":" in rule:
        name, _, kind = rule.partition(":")
        return sorted({step.type for step in steps if step.has(name, kind)})
    if rule:
        return rule.split()
    return sorted({s.type for s in steps if fold(measure) in (s.type, fold(s.label))})


def _month(text: str | None) -> str:
    """Return a month as 2025-02, however it is written, or nothing; never the cell itself."""
    found = _MONTH.fullmatch((text or "").strip())
    if found is None:
        return ""
    year, month = (found[1], found[2]) if found[1] else (found[4], found[3])
    return f"{year}-{int(month):02d}" if 1 <= int(month) <= 12 else ""


def _events_in(work: Settlement, month: str, types: list[str]) -> int:
    return work.one(
        "SELECT count(*) FROM events WHERE strftime(time AT TIME ZONE 'Europe/Copenhagen', "
        f"'%Y-%m') = {literal(month)} AND event_type IN {listed(types)}"
    )


def _sentence(row: dict[str, Any]) -> str:
    measure, source = (
        echoed(row["measure"] or ""),
        echoed(row["source"] or t("exports.control_own")),
    )
    values = {"month": row["month"] or t("exports.control_when"), "measure": measure,
              "source": source, "theirs": number(row["count"])}  # fmt: skip
    if row["log"] is None:
        return t("exports.control_unknown", **values)
    difference = abs(row["log"] - row["count"])
    share = difference / row["count"] if row["count"] else None
    return t("exports.control", **values, ours=number(row["log"]), diff=number(difference),
             share=percent(share, 1))  # fmt: skip
