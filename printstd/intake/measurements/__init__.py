"""The table of what was measured on printed parts, as spreadsheets write it."""

from printstd.intake.measurements.read import read_measurements

__all__ = ["read_measurements"]
