"""What a material is, apart from how it is printed: properties with their conditions and sources.

No program is made by them, only called by their polymer; checks and reports read them. So they have
a digest of their own (`Resolved.digests`, ``properties``).

A figure without its condition means nothing here: printed parts are not moulded ones, Z is not XY,
dry polyamide is not conditioned polyamide, and a family is not a grade (facts of standards 3, 8).
"""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from printstd.profiles.kinds import Celsius, Confidence, Finite, NonNegative, Positive, Strict


class Basis(StrEnum):
    """On what a figure was found."""

    PRINTED = "printed"
    MOULDED = "moulded"
    POLYMER = "polymer"
    """The material itself, whatever its shape."""
    SLICER_PROFILE = "slicer profile"
    """What a vendor's slicer reckons with."""


class Figure(Strict):
    """One property under one condition, in the unit that its key names: a value, a range, or a
    value inside a range."""

    value: Finite | None = None
    min: Finite | None = None
    max: Finite | None = None
    basis: Basis
    orientation: Literal["XY", "Z"] | None = None
    """Of a printed specimen: in the layers, or across them. None = it makes no difference, or the
    source does not say."""
    condition: str = ""
    """``dry``, ``conditioned``, ``amorphous``; what else the figure holds for."""
    method: str = ""
    """``ISO 1183``; empty where the source names none."""
    source: str
    confidence: Confidence

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        low, high = self.min, self.max
        if self.value is None and low is None and high is None:
            raise ValueError("a figure has a value, a min or a max")
        if low is not None and high is not None and low > high:
            raise ValueError("min is at most max")
        if self.value is not None and (
            (low is not None and self.value < low) or (high is not None and self.value > high)
        ):
            raise ValueError("the value lies from min to max")
        return self


class Drying(Strict):
    """One way of drying. It is not exceeded: a spool deforms."""

    way: Literal["spool", "hot air"]
    """On its spool in a filament dryer, or as a process specification for desiccant hot air."""
    min_c: Celsius
    max_c: Celsius | None = None
    """None = the source gives the lower end alone."""
    min_h: Positive | None = None
    max_h: Positive | None = None
    condition: str = ""
    source: str
    confidence: Confidence


class ChamberNeed(StrEnum):
    NONE = "none"
    HELPS = "enclosure helps"
    ENCLOSED = "enclosed"
    HEATED = "heated"
    """Actively heated; without it the part fails."""


class Chamber(Strict):
    """Around the part while it is printed."""

    need: ChamberNeed
    minimum_c: Celsius | None = None
    target_min_c: Celsius | None = None
    target_max_c: Celsius | None = None
    source: str
    confidence: Confidence


class Flammability(Strict):
    """What is expected of the family. A rating belongs to a grade, a colour and a thickness, so it
    is evidence that the user brings, never this."""

    family_worst: Literal["HB", "V-2", "V-1", "V-0"]
    family_best: Literal["HB", "V-2", "V-1", "V-0"]
    condition: str = ""
    method: str
    source: str
    confidence: Confidence


Figures = tuple[Figure, ...]


class Properties(Strict):
    """All that is known of a material's family. Empty lists: nothing is."""

    polymer: Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9+/-]*$")] | None = None
    """As a part is marked (ISO 1043-1, ISO 11469): the last part of MEX-TRB/P/ABS. None = it is not
    said, and the designation ends before it."""
    also_called: tuple[str, ...] = ()
    """Other designations under which a record of the feedstock may name it."""
    density_g_cm3: Figures = ()
    glass_transition_c: Figures = ()
    melting_c: Figures = ()
    hdt_b_c: Figures = ()
    """Heat deflection at 0.45 MPa, ISO 75 method B."""
    hdt_a_c: Figures = ()
    """Heat deflection at 1.8 MPa, ISO 75 method A."""
    vicat_c: Figures = ()
    tensile_strength_mpa: Figures = ()
    tensile_modulus_gpa: Figures = ()
    elongation_percent: Figures = ()
    shrinkage_free_percent: Figures = ()
    """Of printed parts, linear, as usually quoted."""
    shrinkage_compensated_percent: Figures = ()
    """What a printer's vendor makes parts larger by."""
    shrinkage_mould_percent: Figures = ()
    """ISO 294-4, of moulding: for orientation, and never a value for printed parts."""
    max_moisture_ppm: Figures = ()
    drying: tuple[Drying, ...] = ()
    chamber: Chamber | None = None
    flammability: Flammability | None = None

    @property
    def moisture_limit(self) -> Figure | None:
        """What filament may hold at most when it is printed."""
        return next((one for one in self.max_moisture_ppm if one.max is not None), None)


class PrinterChamber(Strict):
    """What stands around a printer's build volume."""

    kind: Literal["open", "enclosed", "heated"]
    """`enclosed`: walls, warmed by the bed alone. `heated`: by a heater of its own."""
    max_c: NonNegative | None = None
    """That a heater holds."""

    @model_validator(mode="after")
    def _heater_says_how_far(self) -> Self:
        if (self.kind == "heated") != (self.max_c is not None):
            raise ValueError("max_c goes with kind = 'heated', and with it alone")
        return self
