"""Rows on their way from the source: Arrow batches, checked, cast, counted, hashed."""
