"""The store: snapshots of a log as Parquet, written whole, then switched to."""

from procmine.store.snapshot import Process, Snapshot
from procmine.store.store import Staging, Store

__all__ = ["Process", "Snapshot", "Staging", "Store"]
