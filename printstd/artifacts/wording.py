"""What reports call the members of closed lists, in words that catalogues know."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from printstd.artifacts.features import FeatureKind
from printstd.units import LengthUnit
from printstd.words import Said, said

FEATURE_KINDS: Final[Mapping[FeatureKind, Said]] = MappingProxyType(
    {
        FeatureKind.EXTENT: said("extent"),
        FeatureKind.HOLE: said("hole"),
        FeatureKind.BOSS: said("boss"),
        FeatureKind.FILLET: said("fillet"),
        FeatureKind.ROUNDING: said("rounding"),
        FeatureKind.THICKNESS: said("thickness"),
        FeatureKind.GAP: said("gap"),
        FeatureKind.STEP: said("step"),
        FeatureKind.CONE: said("cone"),
        FeatureKind.SPHERE: said("sphere"),
        FeatureKind.ANGLE: said("angle"),
        FeatureKind.CHAMFER: said("chamfer"),
    }
)

LENGTH_UNITS: Final[Mapping[LengthUnit, Said]] = MappingProxyType(
    {
        LengthUnit.MICRON: said("micron"),
        LengthUnit.MILLIMETER: said("millimeter"),
        LengthUnit.CENTIMETER: said("centimeter"),
        LengthUnit.INCH: said("inch"),
        LengthUnit.FOOT: said("foot"),
        LengthUnit.METER: said("meter"),
    }
)

SIZE_UNITS: Final[Mapping[str, Said]] = MappingProxyType({"mm": said("mm"), "deg": said("deg")})
"""Units that sizes of drawings and of features are in."""

SENSE_NAMES: Final[Mapping[str, Said]] = MappingProxyType(
    {"outside": said("outside"), "inside": said("inside"), "step": said("step")}
)
"""Of sizes in a record of capability (`artifacts.capability.SENSES`)."""
