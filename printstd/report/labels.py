"""What documents call things, in words that catalogues know: statuses, outcomes, stages, units."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from printstd.artifacts.finding import Status
from printstd.words import Said, said

STATUSES: Final[Mapping[str, Said]] = MappingProxyType(
    {
        Status.FAIL: said("FAIL"),
        Status.NOT_EVALUATED: said("NOT_EVALUATED"),
        Status.INDETERMINATE: said("INDETERMINATE"),
        Status.WARN: said("WARN"),
        Status.INFO: said("INFO"),
        Status.PASS: said("PASS"),
        Status.NOT_APPLICABLE: said("NOT_APPLICABLE"),
    }
)

OUTCOMES: Final[Mapping[str, Said]] = MappingProxyType(
    {
        "PASSED": said("PASSED"),
        "FAILED": said("FAILED"),
        "UNDECIDED": said("UNDECIDED"),
        "REFUSED": said("REFUSED"),
    }
)

STAGES: Final[Mapping[str, Said]] = MappingProxyType(
    {
        "validate": said("validate"),
        "slice": said("slice"),
        "audit": said("audit"),
        "verify": said("verify"),
        "as-run": said("as run"),
        "repair": said("repair"),
        "qualify": said("qualify"),
        "rebuild": said("rebuild"),
    }
)

STANDINGS: Final[Mapping[str, Said]] = MappingProxyType(
    {
        "in_force_verified": said("in force verified"),
        "in_force_unverified": said("in force unverified"),
        "withdrawn": said("withdrawn"),
        "foreign_direct": said("foreign direct"),
    }
)
"""What is known of a standard's being in force."""

UNITS: Final[Mapping[str, Said]] = MappingProxyType(
    {
        "mm": said("mm"),
        "mm2": said("mm2"),
        "mm3": said("mm3"),
        "cm3": said("cm3"),
        "um": said("um"),
        "deg": said("deg"),
        "degC": said("degC"),
        "mm/s": said("mm/s"),
        "mm/s2": said("mm/s2"),
        "mm3/s": said("mm3/s"),
        "s": said("s"),
        "layers": said("layers"),
        "beads": said("beads"),
        "lines": said("lines"),
        "bytes": said("bytes"),
        "times": said("times"),
        "edges": said("edges"),
        "facets": said("facets"),
        "shells": said("shells"),
        "pairs": said("pairs"),
        "vertices": said("vertices"),
        "moves": said("moves"),
        "travels": said("travels"),
        "arcs": said("arcs"),
        "crossings": said("crossings"),
        "gaps": said("gaps"),
        "open edges": said("open edges"),
        "holes": said("holes"),
        "islands": said("islands"),
        "sizes": said("sizes"),
        "tolerances": said("tolerances"),
        "days": said("days"),
        "differences": said("differences"),
        "fields": said("fields"),
        "h": said("h"),
        "withdrawn classes": said("withdrawn classes"),
        "of the area": said("of the area"),
        "of the layer's volume": said("of the layer's volume"),
        "of the room": said("of the room"),
        "of the volume": said("of the volume"),
        "of the section's volume": said("of the section's volume"),
        "of their length": said("of their length"),
    }
)
"""Units that findings measure in; one that is not here is shown as it is."""

FEATURES: Final[Mapping[str, Said]] = MappingProxyType(
    {
        "extent": said("extent"),
        "hole": said("hole"),
        "boss": said("boss"),
        "fillet": said("fillet"),
        "rounding": said("rounding"),
        "thickness": said("thickness"),
        "gap": said("gap"),
        "step": said("step"),
        "cone": said("cone"),
        "sphere": said("sphere"),
        "angle": said("angle"),
        "chamfer": said("chamfer"),
    }
)
"""What kinds of features are called (`artifacts.features.FeatureKind`)."""

DOCUMENT_TITLE: Final = said("Digital pre-production check report")
"""What packs call the document in English; where a pack has no words of its own for a language,
these are."""


def unit(name: str) -> str:
    return UNITS.get(name, name)


def stage(name: str) -> str:
    return STAGES.get(name, name)


def standing(name: str) -> str:
    return STANDINGS.get(name, name)
