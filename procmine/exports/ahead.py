"""Work on one thing while the next is made, in a thread beside."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["ahead"]

T = TypeVar("T")


def ahead(items: Generator[T, None, None]) -> Generator[T, None, None]:
    """Yield what a generator yields, in its order, each made while the one before is used.

    The generator runs in a thread, never more than one item ahead; what it raises arrives
    where it would without the thread. Nothing runs any more and the generator is closed
    once all items are taken, one could not be made, or this one is closed.

    Parameters
    ----------
    items
        What is slow to make; None is not among it.

    Examples
    --------
    >>> list(ahead(letter.upper() for letter in "abc"))
    ['A', 'B', 'C']
    """
    # Left in this order: what is being made is waited for, then the generator is closed.
    with closing(items), ThreadPoolExecutor(1, "ahead") as pool:
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item
