"""The integer streams: what they promise."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from procmine.synth.draws import QUANTILES, Stream


def test_known_numbers() -> None:
    """The numbers of a stream are fixed for ever: a change would change every delivery."""
    stream = Stream(1, "case", 7)
    assert [stream.below(1000) for _ in range(5)] == [849, 952, 499, 313, 648]


@given(st.integers(), st.integers(1, 10**9))
def test_below_stays_below(seed: int, n: int) -> None:
    """A draw lies in its range, whatever the seed."""
    assert 0 <= Stream(seed).below(n) < n


def test_streams_do_not_touch_each_other() -> None:
    """Draws for one purpose leave those for another as they were."""
    first, other = Stream(1, "a"), Stream(1, "b")
    alone = [Stream(1, "a").bits()]
    other.bits()
    assert [first.bits()] == alone


def test_shares_come_out() -> None:
    """A share of 30 percent comes true in about 30 of 100 draws; 0 and 100 always hold."""
    stream = Stream("shares")
    hits = sum(stream.hits(30) for _ in range(20_000))
    assert 0.28 < hits / 20_000 < 0.32
    assert not any(stream.hits(0) for _ in range(1000))
    assert all(stream.hits(100) for _ in range(1000))


def test_quantiles_come_out() -> None:
    """The median of many draws is the middle point that the file gives."""
    points = [0, 10, 20, 40, 80, 200]
    assert len(points) == len(QUANTILES)
    stream = Stream("quantiles")
    drawn = sorted(stream.quantile(points) for _ in range(20_001))
    assert abs(drawn[10_000] - 20) <= 1
    assert drawn[0] >= 0
    assert drawn[-1] <= 200
