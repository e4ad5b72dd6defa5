"""All that users see, in Danish, in one place, and how numbers and dates are written."""

from procmine.text.catalogue import language, t

__all__ = ["language", "t"]
