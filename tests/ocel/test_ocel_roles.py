"""Roles as people give them: plain data, checked before anything is read by them."""

from __future__ import annotations

import pytest

from procmine.errors import ConfigError
from procmine.ocel.roles import Roles


def test_a_name_or_a_list_of_names() -> None:
    """One name stands for a list of one where a role takes several."""
    roles = Roles.from_dict({"unit": "team", "resource": ["clerk", "robot"], "outcome": "result"})
    assert (roles.unit, roles.resource, roles.outcome) == (("team",), ("clerk", "robot"), "result")


@pytest.mark.parametrize("raw", [{"unit": 3}, {"unit": [3]}, {"outcome": ["a"]}, {"units": "a"}])
def test_what_is_no_role_is_refused(raw: dict[str, object]) -> None:
    """A value of another type, or a role nobody knows, is a fault to mend."""
    with pytest.raises(ConfigError):
        Roles.from_dict(raw)
