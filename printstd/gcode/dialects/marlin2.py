"""Marlin 2: the plain answers of the base."""

from __future__ import annotations

from printstd.gcode.dialects.base import Phrases


class Marlin2(Phrases):
    """Sources: Marlin 2 documentation of each command; parser.cpp and M486.cpp for names."""
