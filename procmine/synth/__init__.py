"""A jobcentre in a box: simulated deliveries whose truth is known.

The simulation stands apart from the analyses: it imports none of them, and none of them
reads what it writes beside a delivery.
"""

from procmine.synth.scenario import Scenario, load_scenario
from procmine.synth.simulate import Summary, simulate

__all__ = ["Scenario", "Summary", "load_scenario", "simulate"]
