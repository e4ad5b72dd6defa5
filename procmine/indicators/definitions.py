"""What is measured, as data: read from ``indikatorer.toml``, checked whole."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from procmine.config.catalogue import Approval, parse_approval
from procmine.effects.wording import Wording
from procmine.errors import ConfigError, Fault
from procmine.tables.digests import in_letters
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Definitions", "Indicator", "Match", "Promise", "read_definitions"]

Kind = Literal["duration", "per_case", "share_cases", "share_steps"]
_KINDS = ("duration", "per_case", "share_cases", "share_steps")
_DIRECTIONS = ("down", "up", "neutral")
_TABLES = ("handovers", "waits", "documents")
_FILE = "indikatorer.toml"


@dataclass(frozen=True, slots=True)
class Match:
    """A column and the values of it that match.

    Examples
    --------
    >>> Match("nature", ("intern",)).values
    ('intern',)
    """

    column: str
    values: tuple[str | bool, ...]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator: what is counted, in which unit, which way is good.

    Attributes
    ----------
    id, code, name, subject
        Its id; a short code (P1); its name; what stands first in a sentence about it.
    kind
        ``duration`` (time to the first decision), ``per_case`` (rows of a table, counted or
        summed per decided case), ``share_cases``, ``share_steps``.
    unit, decimals, direction, margin, margins
        Unit and how it is written; which way is good; the least change that matters, with
        other margins by process.
    processes
        The processes it applies to; empty for all.
    table, time, value, scale
        Of `per_case`: the table, the column that must lie at or before the decision, the
        column that is summed (empty: rows are counted), and the factor to the unit.
    where, unless, needs, unknown
        Rows that count; rows that do not; columns whose empty cells, and rows that, make a
        case one that cannot be assessed.
    among, hits, before
        Of shares: the steps (activity, outcome) that make the base, those that are hits, and
        whether the hit must come before the base step of its case.
    primary, safeguard, companions
        Headline indicator; shown in the fixed row on legal safeguards; the indicators that
        must stand beside it.
    missing
        What is missing where it cannot be measured, as the task on the overview names it.

    Examples
    --------
    >>> from procmine.config import load_config
    >>> found = read_definitions(load_config().files["indikatorer"])
    >>> [i.code for i in found.indicators if i.code]
    ['P1', 'P2', 'P3', 'P4']
    """

    id: str
    name: str
    subject: str
    kind: Kind
    unit: str
    direction: Literal["down", "up", "neutral"]
    margin: float
    code: str = ""
    decimals: int = 0
    margins: tuple[tuple[str, float], ...] = ()
    processes: tuple[str, ...] = ()
    table: str = ""
    time: str = ""
    value: str = ""
    scale: float = 1.0
    where: tuple[Match, ...] = ()
    unless: tuple[Match, ...] = ()
    needs: tuple[str, ...] = ()
    unknown: tuple[Match, ...] = ()
    among: tuple[tuple[str, str], ...] = ()
    hits: tuple[tuple[str, str], ...] = ()
    before: bool = False
    primary: bool = False
    safeguard: bool = False
    companions: tuple[str, ...] = ()
    missing: str = ""
    digest: str = ""

    @property
    def wording(self) -> Wording:
        """How it is spoken of."""
        return Wording(self.subject, self.unit, self.decimals)

    def margin_for(self, process: str) -> float:
        """Return the least change that matters in a process."""
        return dict(self.margins).get(process, self.margin)

    @property
    def rests_on_rules(self) -> bool:
        """Whether it counts redundant handovers or grades, which a rule table decides."""
        filters = (*self.where, *self.unless, *self.unknown)
        columns = {*self.needs, *(match.column for match in filters)}
        return self.table == "handovers" and bool(columns & {"redundant", "grade"})

    @property
    def is_share(self) -> bool:
        """Whether it is a share of cases or of steps."""
        return self.kind in ("share_cases", "share_steps")

    def applies_to(self, process: str) -> bool:
        """Say whether it is measured in a process."""
        return not self.processes or process in self.processes


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise made to the council: measured by an indicator, or a task.

    Examples
    --------
    >>> Promise("ressourcer", "Ressourcer", "", "25 sager").indicator
    ''
    """

    id: str
    name: str
    indicator: str
    missing: str


@dataclass(frozen=True, slots=True)
class Definitions:
    """Every indicator and promise of a configuration, and who approved them.

    Examples
    --------
    >>> Definitions((), ()).get("x") is None
    True
    """

    indicators: tuple[Indicator, ...]
    promises: tuple[Promise, ...]
    approval: Approval = field(default_factory=Approval)

    def get(self, name: str) -> Indicator | None:
        """Return the indicator with this id or code, or None."""
        return next((i for i in self.indicators if name in (i.id, i.code)), None)


def read_definitions(raw: Mapping[str, Any]) -> Definitions:
    """Build the definitions from the parsed file.

    Raises
    ------
    ConfigError
        With every fault at once: missing keys, unknown kinds, tables, companions.

    Examples
    --------
    >>> read_definitions({"indicator": [{"id": "x"}]})
    Traceback (most recent call last):
    ...
    procmine.errors.ConfigError: Filen indikatorer.toml har fejl: ...
    """
    rows = list(raw.get("indicator", []))
    faults = [fault for row in rows for fault in _faults(row)]
    ids = [str(row.get("id", "")) for row in rows]
    faults += [Fault("repeated_id", _FILE, name) for name in {i for i in ids if ids.count(i) > 1}]
    named = [(str(r.get("id", "")), str(c)) for r in rows for c in r.get("companions", ())]
    named += [
        (str(p["id"]), str(p["indicator"])) for p in raw.get("promise", []) if "indicator" in p
    ]
    faults += [Fault("unknown_indicator", _FILE, who, detail=c) for who, c in named if c not in ids]
    if faults:
        lines = "; ".join(fault.line() for fault in faults)
        raise ConfigError(t("config.bad_file", file=_FILE, faults=lines), tuple(faults))
    promises = tuple(
        Promise(p["id"], p["name"], p.get("indicator", ""), p.get("missing", ""))
        for p in raw.get("promise", [])
    )
    approval = parse_approval(raw.get("approval", {}))
    return Definitions(tuple(_indicator(row) for row in rows), promises, approval)


def _faults(row: Mapping[str, Any]) -> list[Fault]:
    who = str(row.get("id", ""))
    required = ("id", "name", "subject", "kind", "unit", "direction", "margin")
    found = [Fault("missing_key", _FILE, who, detail=key) for key in required if key not in row]
    kind = row.get("kind", "")
    if "kind" in row and kind not in _KINDS:
        found.append(Fault("unknown_kind", _FILE, who, detail=", ".join(_KINDS)))
    if "direction" in row and row["direction"] not in _DIRECTIONS:
        found.append(Fault("unknown_direction", _FILE, who, detail=", ".join(_DIRECTIONS)))
    if kind == "per_case" and row.get("table") not in _TABLES:
        found.append(Fault("unknown_table", _FILE, who, detail=", ".join(_TABLES)))
    if kind == "per_case" and not row.get("time"):
        found.append(Fault("missing_key", _FILE, who, detail="time"))
    if str(kind).startswith("share") and not (row.get("among") and row.get("hits")):
        found.append(Fault("missing_key", _FILE, who, detail="among, hits"))
    return found


def _indicator(row: Mapping[str, Any]) -> Indicator:
    text = json.dumps(row, sort_keys=True, ensure_ascii=False, default=str)
    plain = {
        key: row[key]
        for key in ("id", "name", "subject", "kind", "unit", "direction", "code", "decimals",
                    "table", "time", "value", "before", "primary", "safeguard", "missing")
        if key in row
    }  # fmt: skip
    return Indicator(
        **plain,
        margin=float(row["margin"]),
        margins=tuple(sorted((k, float(v)) for k, v in row.get("margins", {}).items())),
        processes=tuple(row.get("processes", ())),
        scale=float(row.get("scale", 1.0)),
        where=_matches(row.get("where", {})),
        unless=_matches(row.get("unless", {})),
        needs=tuple(row.get("needs", ())),
        unknown=_matches(row.get("unknown", {})),
        among=_steps(row.get("among", ())),
        hits=_steps(row.get("hits", ())),
        companions=tuple(row.get("companions", ())),
        digest=in_letters(hashlib.sha256(text.encode()).hexdigest()),
    )


def _matches(raw: Mapping[str, Any]) -> tuple[Match, ...]:
    return tuple(Match(column, tuple(values)) for column, values in raw.items())


def _steps(raw: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(row["activity"]), str(row.get("outcome", ""))) for row in raw)
