"""The log: OCEL 2.0 as checked Arrow tables, its roles, its exchange formats."""
