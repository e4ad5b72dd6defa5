"""Matching in order: columns against a queue."""

from __future__ import annotations

from collections import deque

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from procmine.facts.intervals import fifo


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=40))
def test_equals_a_queue(events: list[tuple[int, bool]]) -> None:
    """Each closer takes the longest open opening of its group, or is lost."""
    opens = sorted((group, at) for at, (group, opening) in enumerate(events) if opening)
    closes = sorted((group, at) for at, (group, opening) in enumerate(events) if not opening)
    queues: dict[int, deque[int]] = {}
    expected = {}
    for at, (group, opening) in enumerate(events):
        queue = queues.setdefault(group, deque())
        if opening:
            queue.append(at)
        elif queue:
            expected[queue.popleft()] = at
    columns = [np.array([p[i] for p in part], dtype=np.int64) for part in (opens, closes)
               for i in (0, 1)]  # fmt: skip
    matched = fifo(*columns)
    got = {opens[n][1]: closes[m][1] for n, m in enumerate(matched.tolist()) if m >= 0}

    assert got == expected
