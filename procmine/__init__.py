"""Object-centric process mining of municipal casework, measured before and after.

Names are loaded on first use, so that importing the package costs next to nothing.

Examples
--------
>>> import procmine
>>> procmine.__version__.count(".")
2
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from procmine.version import __version__

if TYPE_CHECKING:
    from procmine.api import Log, from_pm4py, import_log, load, open_store

    open = open_store  # noqa: A001 - procmine.open is the name of the contract

__all__ = ["Log", "__version__", "from_pm4py", "import_log", "load", "open"]

_HOMES = {
    "Log": "Log",
    "from_pm4py": "from_pm4py",
    "import_log": "import_log",
    "load": "load",
    "open": "open_store",
}


def __getattr__(name: str) -> object:
    """Load a public name on first use."""
    if name in _HOMES:
        from procmine import api

        return getattr(api, _HOMES[name])
    if name == "figures":
        import importlib

        return importlib.import_module("procmine.figures")
    message = f"module 'procmine' has no attribute '{name}'"
    raise AttributeError(message)


def __dir__() -> list[str]:
    """List the public names for completion."""
    return sorted([*__all__, "figures"])
