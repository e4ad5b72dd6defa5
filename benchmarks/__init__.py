"""Benchmarks: the same question to procmine and to others, in one interleaved run."""
