"""The part of a process that says how small a shape may be drawn and still be made.

Each limit is a pair: below the first the shape is not made reliably and its check fails, below the
second it is warned about (facts of standards 5.3). They are written for one nozzle; those that
come from the width of a bead grow and shrink with the nozzle in use.
"""

from typing import Annotated, Final, NamedTuple, Self

from pydantic import Field, model_validator

from printstd.profiles.kinds import NonNegative, Positive, Strict

LimitPair = tuple[NonNegative, NonNegative]
"""(fails below, warned about below)."""


class Limits(NamedTuple):
    """One rule's limits for the nozzle in use, mm."""

    fail_mm: float
    warn_mm: float


class Design(Strict):
    """Smallest shapes (facts of standards 5.3), mm, for a nozzle of `nozzle_mm`."""

    nozzle_mm: Positive
    free_wall_mm: LimitPair
    """A wall that is held along one side only."""
    feature_mm: LimitPair
    """A shape that stands by itself, in its smaller direction."""
    hole_mm: LimitPair
    """Diameter."""
    pin_mm: LimitPair
    """Diameter."""
    moving_gap_mm: LimitPair
    """Between bodies that shall move against each other."""
    static_gap_mm: LimitPair
    """Between two faces of one body."""
    stroke_mm: LimitPair
    """Of raised and sunk text."""
    relief_mm: LimitPair
    """How far text stands out or is sunk in."""
    letter_height_mm: Positive
    """Below this, text is warned about."""
    skin_mm: LimitPair
    """Floors and roofs, straight up; no bead is so wide that this would follow the nozzle."""
    knife_edge_deg: Annotated[float, Field(gt=0, lt=90, allow_inf_nan=False)]
    """Angle of material at an edge: sharper ones come out blunt."""
    watched_mm: Positive
    """Walls and gaps up to this are measured."""

    @model_validator(mode="after")
    def _fail_before_warn(self) -> Self:
        for name in PAIRS:
            fail, warn = getattr(self, name)
            if fail > warn:
                raise ValueError(
                    f"{name}: the first limit (fails below) is not above the second, got {fail:g} "
                    f"and {warn:g}"
                )
        return self

    def limits(self, name: str, nozzle_mm: float) -> Limits:
        """The pair of that name for a nozzle; KeyError where there is none."""
        ratio = nozzle_mm / self.nozzle_mm if PAIRS[name] else 1.0
        fail, warn = getattr(self, name)
        return Limits(fail * ratio, warn * ratio)


PAIRS: Final = {
    "free_wall_mm": True,
    "feature_mm": True,
    "hole_mm": True,
    "pin_mm": True,
    "moving_gap_mm": False,
    "static_gap_mm": False,
    "stroke_mm": True,
    "relief_mm": False,
    "skin_mm": False,
}
"""Name of each pair -> whether it is of the width of a bead, and so follows the nozzle."""
