"""Which part stands where, which way up, and which is printed first."""

from printstd.plating.arrange import arrange
from printstd.plating.one_by_one import printing_order
from printstd.plating.orient import Orientation, orient

__all__ = ["Orientation", "arrange", "orient", "printing_order"]
