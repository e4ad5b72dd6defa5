"""Fact tables in, aggregated tables out: what pages, reports and notebooks show."""

from procmine.aggregates.process_map import ProcessMap, process_map, simplified

__all__ = ["ProcessMap", "process_map", "simplified"]
