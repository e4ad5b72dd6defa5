"""A judgement from interval, margin and data gates by a fixed rule, never from p alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import isnan
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from procmine.effects.gates import Gate
    from procmine.effects.survival import Estimate

__all__ = ["Code", "Direction", "Target", "Verdict", "judge", "target_met"]

Direction = Literal["down", "up"]


class Code(StrEnum):
    """The five judgements; the names are those of the contract and stand in tables.

    Examples
    --------
    >>> Code.FORBEDRET.value
    'FORBEDRET'
    """

    FOR_LIDT_DATA = "FOR_LIDT_DATA"
    FORBEDRET = "FORBEDRET"
    FORVAERRET = "FORVAERRET"
    UAENDRET = "UAENDRET"
    UAFKLARET = "UAFKLARET"


class Target(StrEnum):
    """Whether a target is met: certainly, certainly not, or it cannot be told.

    Examples
    --------
    >>> list(Target)[0].value
    'reached'
    """

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judgement and why.

    Attributes
    ----------
    code
        One of the five.
    reason
        Of an undecided one: ``both`` (better and worse are possible), ``below`` (a change,
        but not one that matters), or ``registration`` (the practice of registration may have
        changed). Empty otherwise.
    failed
        The gates that do not hold.

    Examples
    --------
    >>> Verdict(Code.UAFKLARET, "both").failed
    ()
    """

    code: Code
    reason: str = ""
    failed: tuple[Gate, ...] = ()


def judge(
    change: Estimate,
    direction: Direction,
    margin: float,
    gates: Iterable[Gate] = (),
    *,
    registration_changed: bool = False,
) -> Verdict:
    """Judge a change by the rule of effects.md 6.

    With L and U the interval of the improvement (the change, turned so that good is
    positive) and d the margin: a gate fails, too little data; L > 0 and point >= d,
    improved; U < 0 and point <= -d, worse; -d < L and U < d, unchanged; else undecided.

    Parameters
    ----------
    change
        Now less before, in the unit of the indicator, with its 95 % interval.
    direction
        Which way is good. An indicator without a good way gets no judgement.
    margin
        Least change that matters, in the same unit, positive.
    gates
        The data gates; all must hold.
    registration_changed
        G3: the way an activity is registered may have changed; nothing is decided then.

    Examples
    --------
    >>> from procmine.effects.survival import Estimate
    >>> judge(Estimate.normal(-30, 5), "down", 14).code.value
    'FORBEDRET'
    >>> judge(Estimate.normal(-8, 3), "down", 10).code.value
    'UAFKLARET'
    >>> judge(Estimate.normal(1, 3), "down", 14).code.value
    'UAENDRET'
    """
    failed = tuple(gate for gate in gates if not gate.holds)
    if failed or isnan(change.se):
        return Verdict(Code.FOR_LIDT_DATA, failed=failed)
    sign = -1.0 if direction == "down" else 1.0
    point = sign * change.value
    low, high = sorted((sign * change.lower, sign * change.upper))
    if registration_changed:
        return Verdict(Code.UAFKLARET, "registration")
    if low > 0 and point >= margin:
        return Verdict(Code.FORBEDRET)
    if high < 0 and point <= -margin:
        return Verdict(Code.FORVAERRET)
    if -margin < low and high < margin:
        return Verdict(Code.UAENDRET)
    return Verdict(Code.UAFKLARET, "both" if low <= 0 <= high else "below")


def target_met(now: Estimate, target: float, direction: Direction) -> Target:
    """Say whether the level has certainly reached a target.

    Examples
    --------
    >>> from procmine.effects.survival import Estimate
    >>> target_met(Estimate.normal(80, 5), 100, "down").value
    'reached'
    >>> target_met(Estimate.normal(98, 5), 100, "down").value
    'open'
    """
    sign = -1.0 if direction == "down" else 1.0
    low, high = sorted((sign * now.lower, sign * now.upper))
    if low >= sign * target:
        return Target.REACHED
    return Target.NOT_REACHED if high < sign * target else Target.OPEN
