"""Which part stands where: places on the bed for all parts of a print."""

from printstd.plating.arrange import arrange

__all__ = ["arrange"]
