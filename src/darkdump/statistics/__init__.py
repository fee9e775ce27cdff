"""Limits, intervals and curves."""
