"""The "52902-style" set of test parts: our own geometry (facts of standards 4.3, a proposal of this
project), in the families that ISO/ASTM 52902 names. No part of it is a part of that standard, whose
sizes nobody here has seen; so none may be called one."""

from printstd.capability.artefact.parts import PARTS, ArtefactPart, Sized

__all__ = ["PARTS", "ArtefactPart", "Sized"]
