"""The municipality's own promises: how soon something is to follow, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from procmine.config.catalogue import Approval, parse_approval
from procmine.errors import ConfigError, Fault
from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["UNITS", "LocalPromise", "read_promises"]

UNITS = ("hours", "days", "months")
_FILE = "loefter.toml"
_NEEDED = ("id", "label", "object_type", "begins", "ends", "limit", "unit")


@dataclass(frozen=True, slots=True)
class LocalPromise:
    """After one of `begins` one of `ends` is to follow on the same object, within the limit.

    Hours are elapsed hours; days and months are calendar time and run out at the end of the
    local day. `outcomes` narrows the beginning to steps with one of these outcomes.
    """

    id: str
    label: str
    object_type: str
    begins: tuple[str, ...]
    ends: tuple[str, ...]
    limit: int
    unit: str
    outcomes: tuple[str, ...] = ()
    source: str = ""


def read_promises(raw: Mapping[str, Any]) -> tuple[tuple[LocalPromise, ...], Approval]:
    """Check and build the promises and their approval from the parsed ``loefter.toml``.

    Raises
    ------
    ConfigError
        With every fault of the file at once.

    Examples
    --------
    >>> from procmine.config import load_config
    >>> found, approval = read_promises(load_config().files["loefter"])
    >>> [(p.limit, p.unit) for p in found], approval.given
    ([(24, 'hours'), (14, 'days'), (1, 'months')], False)
    """
    faults: list[Fault] = []
    found = []
    for place, row in enumerate(raw.get("promise", []), start=1):
        lacks = [Fault("missing_key", _FILE, k, rows=(place,)) for k in _NEEDED if not row.get(k)]
        if row.get("unit") not in UNITS:
            lacks.append(Fault("unknown_unit", _FILE, "unit", (place,), detail=", ".join(UNITS)))
        faults += lacks
        if not lacks:
            found.append(
                LocalPromise(
                    row["id"], row["label"], row["object_type"], tuple(row["begins"]),
                    tuple(row["ends"]), int(row["limit"]), row["unit"],
                    tuple(row.get("outcomes", ())), row.get("source", ""),
                )
            )  # fmt: skip
    if faults:
        message = t("config.bad_file", file=_FILE, faults="; ".join(f.line() for f in faults))
        raise ConfigError(message, tuple(faults))
    return tuple(found), parse_approval(raw.get("approval", {}))
