"""What is measured: definitions as data, values, a sealed baseline, the overview.

Everything is a pure function of one process's fact tables; only the baseline reads and
writes a file.
"""
