"""Bytes of a model file to a welded mesh: STL, 3MF, OBJ and PLY.

    read_model(data, name="bracket.stl") -> ModelFile

Readers are strict: a file is read whole and rightly, or refused with what is wrong and where
(`InputError`, exit 4). Nothing is dropped, closed or guessed; what is odd but harmless comes
along as findings of rule PAR-01, each with its own code.
"""

from printstd.intake.limits import Limits
from printstd.intake.read import extruders_of, read_model

__all__ = ["Limits", "extruders_of", "read_model"]
