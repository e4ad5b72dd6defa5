"""The command line: one command with verbs (spec cli.md)."""

from procmine.cli.main import main

__all__ = ["main"]
