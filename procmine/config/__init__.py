"""Definitions as data: catalogues, mandates, calendars, document kinds, settings."""

from procmine.config.catalogue import Approval, Catalogue, Mark, Phase, Step
from procmine.config.load import Config, default_folder, load_config
from procmine.config.mandates import Mandate

__all__ = [
    "Approval",
    "Catalogue",
    "Config",
    "Mandate",
    "Mark",
    "Phase",
    "Step",
    "default_folder",
    "load_config",
]
