"""What was changed since a baseline was sealed, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.text import t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from procmine.errors import Fault

__all__ = ["changes"]


def changes(faults: Sequence[Fault], file: str) -> tuple[str, ...]:
    """Return the findings of :func:`procmine.indicators.baseline.verify` for people.

    One sentence a kind of change, each naming what was changed; one that says so where
    nothing was.

    Examples
    --------
    >>> changes((), "baseline.toml")
    ('Startmålingen er uændret, og lageret svarer til den.',)
    """
    if not faults:
        return (t("baseline.intact"),)
    named: dict[str, list[str]] = {}
    for fault in faults:
        what = {
            "changed_data": f"{fault.column}: {fault.detail}",
            "changed_config": fault.where,
        }.get(fault.code, fault.column)
        named.setdefault(fault.code, []).append(what)
    names = {code: "; ".join(one) for code, one in named.items()}
    said = []
    if "broken_seal" in names:
        said.append(t("baseline.broken_seal", file=file))
    if "changed_data" in names:
        said.append(t("baseline.changed_data", names=names["changed_data"]))
    if "missing_process" in names:
        said.append(t("baseline.missing_process", names=names["missing_process"]))
    if "changed_definition" in names:
        said.append(t("baseline.changed_definition", names=names["changed_definition"]))
    if "changed_config" in names:
        said.append(t("baseline.changed_config", names=names["changed_config"]))
    return tuple(said)
