"""The fixed row on legal safeguards: what happened to the citizens' rights, as shares in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.disclosure import minimum_count
from procmine.indicators.measure import figure
from procmine.indicators.told import value_of
from procmine.text import t

if TYPE_CHECKING:
    from procmine.indicators.definitions import Definitions, Indicator
    from procmine.indicators.inputs import Inputs, Span

__all__ = ["safeguards"]


def safeguards(
    definitions: Definitions, inputs: Inputs, span: Span, minimum: int | None = None
) -> tuple[str, ...]:
    """Return a sentence for each safeguard of the process: the share, or what is missing.

    Counts of 1 to 4 citizens are not told, nor those left of the base.

    Examples
    --------
    >>> import pandas as pd
    >>> from procmine.config import load_config
    >>> from procmine.effects.windows import utc
    >>> from procmine.indicators.definitions import read_definitions
    >>> from procmine.indicators.inputs import Inputs, Span
    >>> day = pd.to_datetime(["2026-01-01"], utc=True)
    >>> cases = pd.DataFrame({"case_id": ["a"], "start": day, "decided": day, "end": day,
    ...     "open": [False]})
    >>> inputs = Inputs("sanktion", "S", {"cases": cases}, utc("2026-02-01"), day[0], 120)
    >>> definitions = read_definitions(load_config().files["indikatorer"])
    >>> safeguards(definitions, inputs, Span(day[0], inputs.cut))[1]
    'Sager lukket uden sanktion: Ikke målt endnu. Mangler: ...'
    """
    least = minimum_count(minimum)
    seen = inputs.clip(span)
    return tuple(
        _sentence(indicator, inputs, seen, least)
        for indicator in definitions.indicators
        if indicator.safeguard and indicator.applies_to(inputs.process)
    )


def _sentence(indicator: Indicator, inputs: Inputs, span: Span, least: int) -> str:
    found = figure(indicator, inputs, span)
    if not found.measured:
        task = t("overview.task", missing=indicator.missing or indicator.name)
        return f"{indicator.name}: {task}"
    if found.citizens < least:
        return t("overview.few", name=indicator.name)
    return t("overview.share", name=indicator.name, value=value_of(found, least)[0])
