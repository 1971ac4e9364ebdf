"""3MF: package, model parts, build, and the plates of slicer projects.

Core with units, objects, components and build items; the Production extension, by which
objects live in other parts of the package. Any other extension that the file *requires* is
refused by name; those it merely uses are left out and said.
"""

from printstd.intake.threemf.reader import extruders_of_3mf, read_3mf

__all__ = ["extruders_of_3mf", "read_3mf"]
