"""Toolpath -> Program: numbers, moves, what stands between them, one module per dialect."""

from __future__ import annotations

from printstd.gcode.writer import write_program

__all__ = ["write_program"]
