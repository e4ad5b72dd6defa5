"""Making the next while one is used: order, bound, errors, and nothing left running."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from procmine.exports.ahead import ahead

if TYPE_CHECKING:
    from collections.abc import Generator


class _Made:
    """A generator of numbers that tells what it made, in which thread, and whether it ended."""

    def __init__(self, fails_at: int | None = None) -> None:
        self.fails_at = fails_at
        self.made: list[int] = []
        self.threads: set[int] = set()
        self.closed = False

    def numbers(self, count: int) -> Generator[int, None, None]:
        try:
            for number in range(count):
                self.threads.add(threading.get_ident())
                if number == self.fails_at:
                    raise LookupError
                self.made.append(number)
                yield number
        finally:
            self.closed = True


def test_all_items_come_in_order_from_one_other_thread() -> None:
    """Items are the generator's, in its order; one thread beside the caller's makes them."""
    made = _Made()
    assert list(ahead(made.numbers(100))) == list(range(100))
    assert made.closed
    assert len(made.threads) == 1
    assert threading.get_ident() not in made.threads
    assert list(ahead(_Made().numbers(0))) == []


def test_never_more_than_one_item_ahead() -> None:
    """While an item is used, at most the next one has been made."""
    made = _Made()
    for number in ahead(made.numbers(20)):
        assert made.made[-1] <= number + 1


def test_an_error_comes_after_the_items_before_it() -> None:
    """What the generator raises reaches the caller in its place, and the thread has ended."""
    before = threading.active_count()
    made = _Made(fails_at=3)
    taken: list[int] = []
    with pytest.raises(LookupError):
        taken.extend(ahead(made.numbers(9)))
    assert taken == made.made == [0, 1, 2]
    assert made.closed
    assert threading.active_count() == before


@pytest.mark.parametrize("error", [KeyboardInterrupt, LookupError])
def test_an_error_in_the_use_closes_all(error: type[BaseException]) -> None:
    """When the caller stops early, the generator is closed and the thread has ended."""
    before = threading.active_count()
    made = _Made()
    items = ahead(made.numbers(9))

    def use() -> None:
        with closing(items):
            for _ in items:
                raise error

    with pytest.raises(error):
        use()
    assert made.closed
    assert len(made.made) <= 2
    assert threading.active_count() == before


def test_closed_before_the_first_item() -> None:
    """One that nobody began makes nothing."""
    made = _Made()
    ahead(made.numbers(9)).close()
    assert made.made == []


def test_two_in_a_row() -> None:
    """One may feed another: an error behind both comes through, and both have ended."""
    before = threading.active_count()
    inner = _Made(fails_at=2)
    outer: list[int] = []
    doubled = (2 * number for number in ahead(inner.numbers(9)))
    with pytest.raises(LookupError):
        outer.extend(ahead(doubled))
    assert outer == [0, 2]
    assert inner.closed
    assert threading.active_count() == before
