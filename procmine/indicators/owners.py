"""The usable cases of a process by their numbers: whose they are, and when they were decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Owners", "micros"]


@dataclass(frozen=True)
class Owners:
    """Cases that can be measured, numbered in their order.

    Attributes
    ----------
    names, citizens
        Their ids; the citizens whose cases they are, each once.
    person
        The number of each case's citizen.
    decided
        Microseconds of the first decision; the least there is where there is none.

    Examples
    --------
    >>> day = pd.to_datetime(["2026-01-01"], utc=True)
    >>> frame = pd.DataFrame({"case_id": ["a"], "citizen": ["p"]})
    >>> Owners.of(frame, pd.Series(day)).citizens.to_pylist()
    ['p']
    """

    names: pa.Array
    citizens: pa.Array
    person: NDArray[np.int64]
    decided: NDArray[np.int64]

    @classmethod
    def of(cls, durations: pd.DataFrame, decided: pd.Series) -> Owners:
        """Give the cases of :func:`procmine.effects.windows.durations` a number each."""
        first = ~durations["case_id"].duplicated().to_numpy()
        cases = durations[first]
        names, people = (
            pa.chunked_array([pa.array(cases[name].astype("str"), pa.string())]).combine_chunks()
            for name in ("case_id", "citizen")
        )
        coded = people.dictionary_encode()
        stamps = pd.to_datetime(decided[first], utc=True).dt.tz_localize(None)
        return cls(
            names,
            coded.dictionary,
            np.asarray(coded.indices, dtype=np.int64),
            stamps.to_numpy("datetime64[us]").astype(np.int64),
        )

    @property
    def size(self) -> int:
        """How many cases there are."""
        return self.decided.size


def micros(moment: pd.Timestamp) -> int:
    """Return an instant as microseconds since 1970.

    Examples
    --------
    >>> micros(pd.Timestamp("1970-01-02", tz="UTC"))
    86400000000
    """
    return int(moment.value) // 1000
