"""What a reader must know beside a period effect, as sentences without small counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.text import t
from procmine.text.formats import day, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from procmine.effects.events import OutsideEvent
    from procmine.effects.period import PeriodEffect

__all__ = ["caveats_of"]


def caveats_of(
    effect: PeriodEffect,
    sparse: Sequence[Sequence[str]],
    events: Sequence[OutsideEvent],
    least: int,
    *,
    chosen_late: bool,
    compared: bool,
) -> tuple[str, ...]:
    """Return what a reader must know beside a period effect, each a sentence.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(caveats_of).parameters)[:2]
    ['effect', 'sparse']
    """
    said: list[str] = []
    if events:
        said.append(t("effect.caveat.events", events="; ".join(e.line() for e in events)))
    if effect.shortened:
        days, asked = number(effect.horizon), number(effect.horizon_asked)
        said.append(t("effect.caveat.shortened", days=days, asked=asked))
    if still := effect.after.sight.n_open:
        said.append(_count("effect.caveat.open", still, least))
    begin = effect.after.sight.begin.to_pydatetime()
    said.append(t("effect.caveat.practice", date=day(begin)))
    if effect.before.clustered or effect.after.clustered:
        said.append(t("effect.caveat.clustered"))
    if any(sparse):
        months = ", ".join(month for window in sparse for month in window)
        said.append(t("effect.caveat.sparse", months=months))
    if lost := effect.left_out:
        said.append(_count("effect.caveat.left_out", lost, least))
    if chosen_late:
        said.append(t("effect.caveat.chosen_late"))
    if not compared:
        said.append(t("effect.caveat.no_comparison"))
    return tuple(said)


def _count(key: str, n: int, least: int) -> str:
    """Return a sentence with a count, or the one for few."""
    if n < least:
        return t(f"{key}_few", least=number(least))
    return t(key, n=number(n))
