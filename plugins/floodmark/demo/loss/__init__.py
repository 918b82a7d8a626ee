"""Rows lost beside a concurrent workload: Floodmark, fixed slices, look-backs."""
