"""The part of a process that says what a layer may be laid over, and what a part may stand on."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from printstd.profiles.kinds import NonNegative, Positive, Ratio, Strict

PlateAngle = Annotated[float, Field(gt=0, lt=90, allow_inf_nan=False)]
"""Degrees from the build plate: 90 stands upright. (Services mix this with angles from the
vertical, which agree with it at 45 alone.)"""


class PastLimit(StrEnum):
    """What a figure beyond a `fail` limit ends in."""

    WARN = "warn"
    FAIL = "fail"


class Printability(Strict):
    """Limits of what prints without supports (facts of standards 5.3): beyond `warn` it is told,
    beyond `fail` it is told as what design guides refuse, and decided as `past_fail` says."""

    past_fail: PastLimit
    overhang_warn_deg: PlateAngle
    overhang_fail_deg: PlateAngle
    """Undersides flatter than this."""
    cantilever_warn_mm: Positive
    cantilever_fail_mm: Positive
    """How far a layer reaches out over nothing with one end held."""
    bridge_warn_mm: Positive
    bridge_fail_mm: Positive
    """Longest thread held at both ends."""
    contact_warn_mm2: NonNegative
    """Of the bed, in all."""
    tipping_share: Ratio
    """Of the bed's acceleration: a part that would tip over at less, if it only stood, is told."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.overhang_fail_deg > self.overhang_warn_deg:
            raise ValueError("overhang_fail_deg is flatter than overhang_warn_deg, or the same")
        if self.cantilever_warn_mm > self.cantilever_fail_mm:
            raise ValueError("cantilever_warn_mm is no more than cantilever_fail_mm")
        if self.bridge_warn_mm > self.bridge_fail_mm:
            raise ValueError("bridge_warn_mm is no more than bridge_fail_mm")
        return self
