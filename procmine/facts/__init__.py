"""The fact tables: computed once per snapshot, in columns, stored beside it."""

from procmine.facts.run import compute

__all__ = ["compute"]
