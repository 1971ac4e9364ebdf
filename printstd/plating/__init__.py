"""Which part stands where, and which is printed first."""

from printstd.plating.arrange import arrange
from printstd.plating.one_by_one import printing_order

__all__ = ["arrange", "printing_order"]
