"""The table of a drawing's characteristics, as spreadsheets of any locale write it, or TOML."""

from printstd.intake.characteristics.read import read_characteristics

__all__ = ["read_characteristics"]
