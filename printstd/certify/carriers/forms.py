"""The carriers' names. Apart from their readers, so that slicing imports none of them."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Form(StrEnum):
    GCODE = "gcode"
    """The program alone; what is certified of it stands beside it."""
    TAIL = "tail"
    BAMBU = "gcode.3mf"
    BGCODE = "bgcode"


SUFFIXES: Final = MappingProxyType({".gcode.3mf": Form.BAMBU, ".bgcode": Form.BGCODE})


def form_of_name(name: str) -> Form:
    """By the ending of a product's name."""
    lower = name.lower()
    return next((form for ending, form in SUFFIXES.items() if lower.endswith(ending)), Form.GCODE)
