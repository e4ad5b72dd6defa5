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
    names
        Their ids.
    decided
        Microseconds of the first decision; the least there is where there is none.

    Examples
    --------
    >>> day = pd.to_datetime(["2026-01-01"], utc=True)
    >>> frame = pd.DataFrame({"case_id": ["a"], "citizen": ["p"]})
    >>> owners = Owners.of(frame, pd.Series(day))
    >>> owners.citizens(np.array([0])).tolist()
    ['p']
    """

    names: pa.Array
    decided: NDArray[np.int64]
    _case: pd.CategoricalDtype
    _citizen: pd.Categorical[str]

    @classmethod
    def of(cls, durations: pd.DataFrame, decided: pd.Series) -> Owners:
        """Give the cases of :func:`procmine.effects.windows.durations` a number each."""
        first = ~durations["case_id"].duplicated().to_numpy()
        cases = durations[first]
        names = pd.Index(cases["case_id"].astype("str"))
        stamps = pd.to_datetime(decided[first], utc=True).dt.tz_localize(None)
        return cls(
            pa.array(names, pa.string()),
            stamps.to_numpy("datetime64[us]").astype(np.int64),
            pd.CategoricalDtype(names),
            pd.Categorical(cases["citizen"].astype("str")),
        )

    @property
    def size(self) -> int:
        """How many cases there are."""
        return self.decided.size

    def cases(self, numbers: NDArray[np.int64]) -> pd.Categorical:
        """Return the ids of cases."""
        return pd.Categorical.from_codes(numbers, dtype=self._case)

    def citizens(self, numbers: NDArray[np.int64]) -> pd.Categorical[str]:
        """Return whose cases they are."""
        return self._citizen[numbers]


def micros(moment: pd.Timestamp) -> int:
    """Return an instant as microseconds since 1970.

    Examples
    --------
    >>> micros(pd.Timestamp("1970-01-02", tz="UTC"))
    86400000000
    """
    return int(moment.value) // 1000
