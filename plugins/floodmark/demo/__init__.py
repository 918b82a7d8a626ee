"""Floodmark on one bare machine: real servers, a live workload, the same DAGs."""
