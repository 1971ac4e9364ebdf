"""Toolpath -> Program: numbers, moves, what stands between them, one module per dialect."""

from __future__ import annotations

from printstd.gcode.writer import finished, write_program

__all__ = ["finished", "write_program"]
