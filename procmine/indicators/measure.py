"""One indicator in one span, or its change from one span to another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import hypot, isnan, nan
from typing import TYPE_CHECKING

from procmine.effects.means import mean, mean_change, share, share_change
from procmine.effects.period import LEAST_AT_RISK, compare, window_mean
from procmine.effects.survival import Estimate
from procmine.effects.windows import common_horizon, look
from procmine.indicators.sample import Sample, draw
from procmine.indicators.split import split

if TYPE_CHECKING:
    from procmine.effects.period import PeriodEffect, WindowMean
    from procmine.indicators.definitions import Indicator
    from procmine.indicators.inputs import Inputs, Span
    from procmine.indicators.split import Split

__all__ = ["Change", "Figure", "change", "figure", "from_sample"]

_NOTHING = Estimate(nan, nan, nan, nan)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with what it rests on.

    Attributes
    ----------
    indicator, process, span
        What, where and when.
    estimate
        Value and 95 % interval, in the indicator's unit; NaN where it cannot be measured.
    cases, citizens, ended
        What it rests on; `ended` counts decided cases.
    left_out
        Cases of the span that could not be assessed.
    horizon
        Of a duration: days beyond which a case counts as the horizon. Else None.
    window
        Of a duration: the curve behind it. Else None.
    split
        Of the others: how what they rest on divides. None of a duration.

    Examples
    --------
    >>> Figure.__dataclass_fields__["left_out"].type
    'int'
    """

    indicator: Indicator
    process: str
    span: Span
    estimate: Estimate
    cases: int
    citizens: int
    ended: int
    left_out: int
    horizon: float | None = None
    window: WindowMean | None = None
    split: Split | None = None

    @property
    def measured(self) -> bool:
        """Whether there is a value at all."""
        return not isnan(self.estimate.value)

    @property
    def fewest(self) -> int:
        """The fewest citizens that the value would tell the number of."""
        parts = self.split.fewest if self.split else 0
        return min(self.citizens, parts) if parts else self.citizens

    def few(self, least: int) -> bool:
        """Whether the value would give away a number of citizens from 1 to one below `least`.

        That of a share of 98 percent of 141 gives away the 3 others.
        """
        return 0 < self.fewest < least


@dataclass(frozen=True, slots=True)
class Change:
    """An indicator before and now, and the difference.

    Attributes
    ----------
    before, now
        The two figures.
    estimate
        Now less before.
    effect
        Of a duration: the period effect behind it. Else None.

    Examples
    --------
    >>> Change.__dataclass_fields__["effect"].default is None
    True
    """

    before: Figure
    now: Figure
    estimate: Estimate
    effect: PeriodEffect | None = None

    def few(self, least: int) -> bool:
        """Whether one of the two figures may not be shown, and so not the change either."""
        return self.before.few(least) or self.now.few(least)


def figure(
    indicator: Indicator, inputs: Inputs, span: Span, horizon: float | None = None
) -> Figure:
    """Measure an indicator in a span.

    Parameters
    ----------
    horizon
        Of a duration: use this one as it is (for months and groups beside a total). Without
        it the process's horizon is taken, as far as ten cases are under observation.

    Examples
    --------
    >>> import pandas as pd
    >>> from procmine.config import load_config
    >>> from procmine.effects.windows import utc
    >>> from procmine.indicators.definitions import read_definitions
    >>> from procmine.indicators.inputs import Inputs, Span
    >>> start = pd.Series(pd.date_range("2026-01-01", periods=20, freq="D", tz="UTC"))
    >>> cases = pd.DataFrame({"case_id": range(20), "start": start, "open": False,
    ...     "decided": start + pd.Timedelta(days=30), "end": start + pd.Timedelta(days=40)})
    >>> inputs = Inputs("x", "X", {"cases": cases}, utc("2026-06-01"), utc("2026-01-01"), 120)
    >>> definitions = read_definitions(load_config().files["indikatorer"])
    >>> found = figure(definitions.indicators[0], inputs, Span.of("2026-01-01", "2026-05-31"))
    >>> found.estimate.value, found.horizon
    (30.0, 120.0)
    """
    clipped = inputs.clip(span)
    if indicator.kind == "duration":
        return _duration(indicator, inputs, clipped, horizon)
    return from_sample(indicator, inputs, clipped, draw(indicator, inputs, clipped))


def _duration(indicator: Indicator, inputs: Inputs, span: Span, horizon: float | None) -> Figure:
    seen = look(inputs.durations, span.begin, span.finish)
    asked = inputs.horizon_days
    used = common_horizon([seen], asked, LEAST_AT_RISK) if horizon is None else horizon
    return _of_window(indicator, inputs, span, window_mean(seen, used))


def _of_window(indicator: Indicator, inputs: Inputs, span: Span, window: WindowMean) -> Figure:
    seen, used = window.sight, window.horizon
    reached = bool(seen.cases) and (seen.stop.max() >= used or seen.curve.at(used) <= 0)
    sound = used > 0 and reached and not seen.curve.emptied_before(used)
    return Figure(
        indicator=indicator,
        process=inputs.process,
        span=span,
        estimate=window.mean if sound else _NOTHING,
        cases=seen.cases,
        citizens=seen.citizens,
        ended=seen.n_ended,
        left_out=0,
        horizon=used,
        window=window if sound else None,
    )


def from_sample(indicator: Indicator, inputs: Inputs, span: Span, sample: Sample) -> Figure:
    """Return the figure of values already drawn; for many parts of one sample.

    Examples
    --------
    >>> import inspect
    >>> list(inspect.signature(from_sample).parameters)
    ['indicator', 'inputs', 'span', 'sample']
    """
    cases = sample.cases
    return Figure(
        indicator=indicator,
        process=inputs.process,
        span=span,
        estimate=_level(indicator, sample),
        cases=cases,
        citizens=sample.citizens,
        ended=cases,
        left_out=sample.left_out,
        split=split(sample.value, sample.person, share=indicator.is_share),
    )


def _level(indicator: Indicator, sample: Sample) -> Estimate:
    if not sample.measurable or not sample.value.size:
        return _NOTHING
    if indicator.kind == "per_case":
        found = mean(sample.value, sample.person)
        upper = _zero_upper(indicator, sample) if _all_zero(sample) else found.upper
        return replace(found, lower=max(0.0, found.lower), upper=upper)
    return _scaled(share(*_hits(indicator, sample)), indicator.scale)


def _all_zero(sample: Sample) -> bool:
    return not sample.value.any()


def _zero_upper(indicator: Indicator, sample: Sample) -> float:
    """Return how many there might be where none was seen: Wilson's limit for 0 of n citizens.

    An interval from 0 to 0 would claim that there never is one.
    """
    return share(0, sample.citizens).upper * (indicator.scale if not indicator.value else 1.0)


def _hits(indicator: Indicator, sample: Sample) -> tuple[int, int]:
    hits, base = sample.hits
    return round(hits / indicator.scale), base


def _scaled(estimate: Estimate, scale: float) -> Estimate:
    return Estimate(
        estimate.value * scale, estimate.se * scale, estimate.lower * scale, estimate.upper * scale
    )


def change(
    indicator: Indicator,
    inputs: Inputs,
    before: Span,
    now: Span,
    samples: tuple[Sample, Sample] | None = None,
) -> Change:
    """Compare an indicator in two spans of the same data.

    Durations by period analysis at a common horizon; the others by Welch's or Newcombe's
    interval. `before` must end no later than `now` begins. `samples` are the two of
    :func:`procmine.indicators.sample.draw`, where they are drawn already.

    Examples
    --------
    >>> import pandas as pd
    >>> from procmine.config import load_config
    >>> from procmine.effects.windows import utc
    >>> from procmine.indicators.definitions import read_definitions
    >>> from procmine.indicators.inputs import Inputs, Span
    >>> start = pd.Series(pd.date_range("2026-01-01", periods=100, freq="D", tz="UTC"))
    >>> took = pd.to_timedelta([40] * 50 + [30] * 50, unit="D")
    >>> cases = pd.DataFrame({"case_id": range(100), "start": start, "open": False,
    ...     "decided": start + took, "end": start + took})
    >>> inputs = Inputs("x", "X", {"cases": cases}, utc("2026-06-01"), utc("2026-01-01"), 120)
    >>> definitions = read_definitions(load_config().files["indikatorer"])
    >>> spans = Span.of("2026-01-01", "2026-03-31"), Span.of("2026-04-01", "2026-05-31")
    >>> change(definitions.indicators[0], inputs, *spans).estimate.value < 0
    True
    """
    old, new = inputs.clip(before), inputs.clip(now)
    if indicator.kind == "duration":
        effect = compare(
            inputs.durations, (old.begin, old.finish), (new.begin, new.finish), inputs.horizon_days
        )
        sides = ((old, effect.before), (new, effect.after))
        figures = [_of_window(indicator, inputs, span, window) for span, window in sides]
        return Change(figures[0], figures[1], effect.change, effect)
    drawn = samples or (draw(indicator, inputs, old), draw(indicator, inputs, new))
    figures = [
        from_sample(indicator, inputs, span, sample)
        for span, sample in zip((old, new), drawn, strict=True)
    ]
    return Change(figures[0], figures[1], _difference(indicator, *drawn))


def _difference(indicator: Indicator, before: Sample, now: Sample) -> Estimate:
    sound = before.measurable and now.measurable
    if not sound or not before.value.size or not now.value.size:
        return _NOTHING
    if indicator.kind == "per_case":
        found = mean_change(before.value, now.value, (before.person, now.person))
        if _all_zero(before) and _all_zero(now):
            half = hypot(_zero_upper(indicator, before), _zero_upper(indicator, now))
            return replace(found, se=half / 2, lower=-half, upper=half)
        return found
    pair = (_hits(indicator, before), _hits(indicator, now))
    return _scaled(share_change(*pair), indicator.scale)
