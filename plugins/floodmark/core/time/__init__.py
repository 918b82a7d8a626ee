"""Moments, intervals, slices and lengths of time; clocks on walls."""
