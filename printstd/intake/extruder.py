"""Which extruder a model file asks for."""

from __future__ import annotations

from printstd.intake.limits import Limits
from printstd.intake.sniff import Format, sniff


def extruder_of(data: bytes, *, name: str, plate: int | None = None) -> int | None:
    """From 1; None where the file says none. data : of a file that `read_model` takes.

    Raises InputError where it asks for several.
    """
    if sniff(data, name) is not Format.THREE_MF:
        return None
    from printstd.intake.threemf.extruders import extruder_of_3mf

    return extruder_of_3mf(data, plate, Limits())
