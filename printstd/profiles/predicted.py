"""What is likely to become of a commanded size on the machine: a forecast beside the verdict.

Terms after facts of validation 3.3. Systematic ones add with their sign, random ones in quadrature
(each a half width, k = 2). None of it changes a verdict: the verdict is about what the program
commands, and these are about a machine, a spool and a day that nobody has measured here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import pi, sqrt
from typing import Final

from printstd.artifacts.capability import MeasuredCharacteristic
from printstd.artifacts.characteristics import Predicted, PredictedTerm
from printstd.artifacts.conformity import decided
from printstd.artifacts.features import FeatureKind
from printstd.artifacts.finding import Status
from printstd.profiles.capability import of_size, why_not
from printstd.profiles.resolved import Resolved
from printstd.words import said

ROUND_LOSS: Final = 1 - pi / 4
_LEVEL: Final = 0.1
_INSIDE: Final = frozenset({FeatureKind.HOLE, FeatureKind.GAP, FeatureKind.FILLET})
_OUTSIDE: Final = frozenset(
    {FeatureKind.BOSS, FeatureKind.THICKNESS, FeatureKind.EXTENT, FeatureKind.ROUNDING}
)


@dataclass(frozen=True, slots=True)
class CapabilityClass:
    """Half width of what an FFF machine holds: the greater of a length and a share of the size."""

    name: str
    least_mm: float
    ratio: float


CLASSES: Final = {
    "A": CapabilityClass("A", 0.2, 0.0015),
    "B": CapabilityClass("B", 0.3, 0.003),
    "C": CapabilityClass("C", 0.5, 0.005),
}
"""Project-defined, from vendors' and services' statements (facts of standards 1.8, 5.1)."""
UNQUALIFIED: Final = CLASSES["C"]
"""Of a machine of which nobody has shown more."""
FILAMENT_MM: Final = 0.05
"""GB/T 42620-2023 (facts of standards 3.5): permissible deviation of a filament's diameter."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A size that a forecast is made of.

    size_mm, off_mm, u_mm : the size and its deviation from the nominal as commanded by a program,
    or where there is none as the model has it, with U. upright : 1 for a size along the build
    direction, 0 for one across it. is_commanded : a program was measured. model_off_mm,
    model_u_mm : the model's own deviation, with U. directions : which ways the size lies, all of
    which must have been measured.
    """

    kind: FeatureKind
    size_mm: float
    off_mm: float
    u_mm: float
    upright: float
    is_commanded: bool
    sense: str | None = None
    """As records of capability name it; None of what they do not speak of."""
    directions: tuple[str, ...] = ()
    model_off_mm: float = 0.0
    model_u_mm: float = 0.0


def predicted(subject: Subject, lower_mm: float, upper_mm: float, resolved: Resolved) -> Predicted:
    """The terms, their sum, and what would be decided of a part that came out so."""
    measured = _measured(subject, resolved)
    if measured is not None:
        # What was measured holds slicing, flow, shrinkage and layers in it, as it was measured
        # against the model: none of them is added again, nor what this program loses to slicing.
        terms = [_start(_of_model(subject)), measured]
    else:
        terms = [_start(subject)]
        if not subject.is_commanded:
            terms += _layers(subject, resolved)
        terms += [*_flow(subject, resolved), _shrinkage(subject, resolved), _machine(subject)]
    off = sum(term.systematic for term in terms)
    u = sqrt(sum(term.random**2 for term in terms))
    forecast = decided(
        *(round(value * 1e6) for value in (off, u, lower_mm, upper_mm)),
    )
    return Predicted(
        tuple(terms),
        round(off, 6),
        round(u, 6),
        forecast,
        _suggestion(subject, off, u, lower_mm, upper_mm, forecast),
    )


def _of_model(subject: Subject) -> Subject:
    """As if no program had been measured."""
    if not subject.is_commanded:
        return subject
    return replace(
        subject, off_mm=subject.model_off_mm, u_mm=subject.model_u_mm, is_commanded=False
    )


def _start(subject: Subject) -> PredictedTerm:
    name = said("commanded by the program") if subject.is_commanded else said("the model")
    source = said("measured on the beads") if subject.is_commanded else said("the file")
    return PredictedTerm(name, subject.off_mm, subject.u_mm, source, "measured")


def _layers(subject: Subject, resolved: Resolved) -> list[PredictedTerm]:
    """Heights come in whole layers: up to half of one is missing or too much at either end."""
    if subject.upright < _LEVEL:
        return []
    half = resolved.process.layer_height_mm / 2 * subject.upright
    source = said("process.layer_height_mm; facts of standards 5.4")
    return [PredictedTerm(said("layer quantisation"), 0.0, half, source, "derived")]


def _flow(subject: Subject, resolved: Resolved) -> list[PredictedTerm]:
    """A thicker or thinner filament makes wider or narrower beads: w = A / h + h (1 - pi / 4), so
    two sides are off by dA / h together, out of the material."""
    if subject.upright > 1 - _LEVEL or subject.kind not in _INSIDE | _OUTSIDE:
        return []
    height = resolved.process.layer_height_mm
    width = resolved.process.widths.external_perimeter_mm
    share = 2 * FILAMENT_MM / resolved.material.filament_diameter_mm
    times = 0.5 if subject.kind in (FeatureKind.FILLET, FeatureKind.ROUNDING) else 1.0
    spread = times * share * (width - height * ROUND_LOSS)
    source = said("filament of +-{tolerance} mm (GB/T 42620-2023)", tolerance=FILAMENT_MM)
    return [PredictedTerm(said("flow"), 0.0, spread, source, "verified, secondary")]


def _shrinkage(subject: Subject, resolved: Resolved) -> PredictedTerm:
    """What the material shrinks by less what the program makes larger for it; the range that is
    quoted is its spread."""
    material = resolved.material
    upright = subject.upright > 0.5
    made_for = material.shrinkage_z_ratio if upright else material.shrinkage_xy_ratio
    name = said("shrinkage of {material}", material=material.name)
    figures = [
        figure
        for figure in material.properties.shrinkage_free_percent
        if figure.orientation in (None, "Z" if upright else "XY")
        and figure.min is not None
        and figure.max is not None
    ]
    if not figures:
        source = said("the material's profile quotes no free shrinkage")
        return PredictedTerm(name, 0.0, 0.0, source, "unknown")
    low, high = figures[0].min or 0.0, figures[0].max or 0.0
    middle, half = (low + high) / 200, (high - low) / 200
    return PredictedTerm(
        name,
        -(middle - made_for) * subject.size_mm,
        half * subject.size_mm,
        f"{figures[0].source}: {low:g} to {high:g} %",
        figures[0].confidence.value,
    )


def _measured(subject: Subject, resolved: Resolved) -> PredictedTerm | None:
    """By the record of capability: of the characteristics that speak for the size the one that is
    off most, bias and two standard deviations together. None where there is no record, or it does
    not speak of this machine, material, process, or size."""
    given = resolved.records.capability
    if given is None or subject.sense is None or why_not(given, resolved):
        return None
    rows: list[MeasuredCharacteristic] = []
    for along in subject.directions:
        found = of_size(given.says, resolved, round(subject.size_mm * 1e6), subject.sense, along)
        if not found or any(one.reason for one in found):
            return None
        rows += found
    worst = max(rows, key=lambda one: abs(one.bias_nm) + 2 * one.spread_nm, default=None)
    if worst is None:
        return None
    return PredictedTerm(
        said("machine, as measured"),
        worst.bias_nm / 1e6,
        2 * worst.spread_nm / 1e6,
        said(
            "{name}: {count} parts of characteristic {characteristic}, serial {serial}, lot {lot}",
            name=given.name,
            count=worst.parts,
            characteristic=worst.id,
            serial=given.says.machine.serial,
            lot=given.says.machine.lot,
        ),
        "measured",
    )


def _machine(subject: Subject) -> PredictedTerm:
    own = UNQUALIFIED
    return PredictedTerm(
        said("machine"),
        0.0,
        max(own.least_mm, own.ratio * subject.size_mm),
        said(
            "capability class {name}, which is taken of a machine without a capability record "
            "(facts of standards 1.8)",
            name=own.name,
        ),
        "derived",
    )


def _suggestion(
    subject: Subject, off: float, u: float, lower: float, upper: float, forecast: Status
) -> str:
    """By how much the size would have to change for the forecast to be in the middle of its limits;
    nothing where it conforms, or where no change of it would help."""
    if forecast is Status.PASS:
        return ""
    if 2 * u >= upper - lower:
        return said(
            "limits {width:.3f} mm wide: what is unknown of the machine is wider, measure it",
            width=upper - lower,
        )
    change = (lower + upper) / 2 - off
    return said(
        "{size:.3f} mm in the model, {change:+.3f} mm, brings it to the middle of its limits",
        size=subject.size_mm + change,
        change=change,
    )
