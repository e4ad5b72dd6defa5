"""How the tests run: properties the same each time here, other examples in the soak."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# A busy machine is slow, not wrong, so no example has a deadline. The same examples are
# drawn in every run, so that a red run means a change; HYPOTHESIS_PROFILE=explore draws anew.
settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
