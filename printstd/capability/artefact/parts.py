"""The parts of the set: what each is made of, which sizes of it are measured, what they tell.

After facts of standards 4.3, "as far as they fit": a part holds only shapes that the checks let
pass, since nobody certifies a part that fails them. What lies beyond the limits of a 0.4 mm nozzle
(holes of 0.8 mm, ribs of 0.6 mm, faces that hang over at less than 20 degrees) stands on parts of
its own, called ``..-limits``, which are printed to be seen to fail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, radians, sin
from typing import TYPE_CHECKING, Final

from printstd.artifacts.capability import Along, Sense
from printstd.capability.artefact.lettering import relief
from printstd.capability.artefact.solids import box, cylinder, drawn_out, united

if TYPE_CHECKING:
    from manifold3d import Manifold


@dataclass(frozen=True, slots=True)
class Sized:
    """A size to be measured. id : ``CA-5``, as the table of measurements names it."""

    id: str
    sense: Sense
    along: Along
    nominal_mm: float
    what: str


@dataclass(frozen=True, slots=True)
class ArtefactPart:
    """One part. purpose : what measuring it tells. looked_at : what no calliper measures: to be
    seen or felt, and written down by the user. is_printable : every shape is within the limits."""

    id: str
    purpose: str
    solid: Callable[[], Manifold]
    sizes: tuple[Sized, ...]
    looked_at: tuple[str, ...] = ()
    is_printable: bool = True


_LENGTH, _WIDTH, _HEIGHT, _BLOCK = 100.0, 10.0, 8.0, 5.0
_PITCHES: Final = (7.5, 10.0, 12.5, 15.0, 20.0)
"""Between the same sides of neighbours. A pitch of 5 would join two blocks that are 5 long: that
size is the block itself."""
_FIRST: Final = 15.0


def _block_starts() -> list[float]:
    starts = [_FIRST]
    for pitch in _PITCHES:
        starts.append(starts[-1] + pitch)
    return starts


def _bar(*, is_turned: bool) -> Manifold:
    bar = box((0, 0, 0), (_LENGTH, _WIDTH, _HEIGHT))
    side = (_WIDTH - _BLOCK) / 2
    blocks = [
        # Each reaches into the bar, so that no two faces merely touch.
        box((x, side, _HEIGHT / 2), (x + _BLOCK, side + _BLOCK, _HEIGHT + _BLOCK))
        for x in _block_starts()
    ]
    solid = united([bar, *blocks])
    return solid.rotate((0, 0, 90)) if is_turned else solid


def _bar_sizes(name: str) -> tuple[Sized, ...]:
    starts = _block_starts()
    found: list[tuple[Sense, float, str]] = [
        ("outside", _LENGTH, "whole length"),
        ("outside", _BLOCK, "length of the first block"),
        *(
            ("step", start - starts[0], f"left side of block 1 to left side of block {nth}")
            for nth, start in enumerate(starts[1:], 2)
        ),
        *(
            ("inside", pitch - _BLOCK, f"gap between blocks {nth} and {nth + 1}")
            for nth, pitch in enumerate(_PITCHES, 1)
        ),
    ]
    return _numbered(name, "xy", found)


def _numbered(name: str, along: Along, found: list[tuple[Sense, float, str]]) -> tuple[Sized, ...]:
    return tuple(
        Sized(f"{name}-{nth}", sense, along, size, what)
        for nth, (sense, size, what) in enumerate(found, 1)
    )


_STEP_MM, _STEPS, _TREAD, _TOWER_WIDTH = 5.0, 10, 8.0, 25.0


def _tower() -> Manifold:
    return united(
        box((step * _TREAD, 0, 0), (_STEPS * _TREAD, _TOWER_WIDTH, (step + 1) * _STEP_MM))
        for step in range(_STEPS)
    )


_HEIGHTS: Final[list[tuple[Sense, float, str]]] = [
    *(("outside", _STEP_MM * step, f"bed to step {step}") for step in range(1, _STEPS + 1)),
    *(("step", _STEP_MM * (step - 1), f"step 1 to step {step}") for step in (2, 5, _STEPS)),
]


_PLATE: Final = 2.0
_RINGS: Final = ((50.0, 42.0), (30.0, 24.0), (14.0, 9.0))


_DIAMETERS: Final[list[tuple[Sense, float, str]]] = [
    *(("outside", outer, f"ring {outer:g}, outside") for outer, _ in _RINGS),
    *(("inside", inner, f"ring {inner:g}, inside") for _, inner in _RINGS),
]


def _rings() -> Manifold:
    plate = cylinder(0, 0, 56.0, 0, _PLATE)
    rings = [
        cylinder(0, 0, outer, 1.0, _PLATE + 5) - cylinder(0, 0, inner, 0.5, _PLATE + 6)
        for outer, inner in _RINGS
    ]
    return united([plate, *rings])


_HOLES: Final = (6.0, 4.0, 3.0, 2.0, 1.5, 1.0)
_TINY_HOLES: Final = (0.8, 0.5)
_PINS: Final = (6.0, 4.0, 3.0, 2.0, 1.5)
_TINY_PINS: Final = (1.0, 0.8, 0.5)
_ROW: Final = 12.0


def _holes(diameters: tuple[float, ...]) -> Manifold:
    plate = box((0, 0, 0), (_ROW * len(diameters), _ROW, 5))
    for nth, diameter in enumerate(diameters):
        plate -= cylinder(_ROW * (nth + 0.5), _ROW / 2, diameter, -1, 6)
    return plate


def _pins(diameters: tuple[float, ...]) -> Manifold:
    plate = box((0, 0, 0), (_ROW * len(diameters), _ROW, _PLATE))
    return united(
        [
            plate,
            *(
                cylinder(
                    _ROW * (nth + 0.5), _ROW / 2, diameter, 1.0, _PLATE + min(5 * diameter, 10)
                )
                for nth, diameter in enumerate(diameters)
            ),
        ]
    )


_RIBS: Final = (2.0, 1.2, 0.8)
_THIN_RIBS: Final = (0.6, 0.4, 0.3, 0.2)
_SLOTS: Final = (2.0, 1.2, 0.8, 0.6)
_NARROW_SLOTS: Final = (0.4, 0.3, 0.2)
"""No bead fits on their floors: the audit does not let a program of them pass."""


def _ribs(widths: tuple[float, ...]) -> Manifold:
    plate = box((0, 0, 0), (8.0 * len(widths), 14, _PLATE))
    return united(
        [
            plate,
            *(
                box((8.0 * nth + 3, 2, 1.0), (8.0 * nth + 3 + width, 12, _PLATE + 5))
                for nth, width in enumerate(widths)
            ),
        ]
    )


def _slots(widths: tuple[float, ...]) -> Manifold:
    plate = box((0, 0, 0), (8.0 * len(widths), 14, 7))
    for nth, width in enumerate(widths):
        plate -= box((8.0 * nth + 3, 2, 2), (8.0 * nth + 3 + width, 12, 8))
    return plate


_ANGLES: Final = (70, 65, 60, 55, 50, 45, 40, 35, 30, 25, 20)
_FACE, _TOP = 12.0, 16.0


def _overhangs() -> Manifold:
    fins = [box((0, 0, 0), (6, 10.0 * len(_ANGLES) - 4, _PLATE))]
    for nth, angle in enumerate(_ANGLES):
        out, up = _FACE * cos(radians(angle)), _FACE * sin(radians(angle))
        # It ends in a face of 1 mm: an edge as sharp as the angle would come out blunt.
        profile = [
            *((0, 0), (6, 0), (6, _TOP - 1 - up), (6 + out, _TOP - 1)),
            *((6 + out, _TOP), (0, _TOP)),
        ]
        fins.append(drawn_out(profile, 10.0 * nth, 10.0 * nth + 6))
    return united(fins)


_SPANS: Final = (5.0, 10.0, 15.0, 20.0, 30.0)
_PILLAR, _BEAM_LOW, _BEAM_HIGH, _BEAM_WIDTH = 5.0, 8.0, 10.0, 10.0


def _bridges(spans: tuple[float, ...]) -> Manifold:
    length = _PILLAR + sum(span + _PILLAR for span in spans)
    solids = [box((0, 0, _BEAM_LOW), (length, _BEAM_WIDTH, _BEAM_HIGH))]
    x = 0.0
    for span in (*spans, 0.0):
        solids.append(box((x, 0, 0), (x + _PILLAR, _BEAM_WIDTH, _BEAM_LOW + 1)))
        x += _PILLAR + span
    return united(solids)


_SLOPES: Final = (0, 15, 30, 45, 60, 75, 90)
_SLOPE_MM: Final = 15.0


def _slopes() -> Manifold:
    """Solid below each face: no plate hangs over, whatever its angle."""
    solids = [box((0, 0, 0), (20, 18.0 * len(_SLOPES), _PLATE))]
    for nth, angle in enumerate(_SLOPES):
        out, up = _SLOPE_MM * cos(radians(angle)), _SLOPE_MM * sin(radians(angle))
        back = 2.0
        profile = [(0, 0), (back + out, 0), (back + out, 4), (back, 4 + up), (0, 4 + up)]
        if angle in (0, 90):
            profile = [(0, 0), (back + out, 0), (back + out, 4 + up), (0, 4 + up)]
        solids.append(drawn_out(profile, 18.0 * nth, 18.0 * nth + 15))
    return united(solids)


def _is_text(stroke: str) -> str:
    return f"text with strokes of {stroke} mm is read"


PARTS: Final = (
    ArtefactPart(
        "LA-X", "lengths along X, scale", lambda: _bar(is_turned=False), _bar_sizes("LA-X")
    ),
    ArtefactPart(
        "LA-Y", "lengths along Y, scale", lambda: _bar(is_turned=True), _bar_sizes("LA-Y")
    ),
    ArtefactPart(
        "LA-Z",
        "heights, first layer",
        _tower,
        _numbered("LA-Z", "z", _HEIGHTS),
    ),
    ArtefactPart(
        "CA",
        "diameters, roundness, loss of holes",
        _rings,
        (
            *_numbered("CA", "xy", _DIAMETERS),
            Sized("CA-7", "outside", "z", _PLATE, "plate, at its rim"),
        ),
    ),
    ArtefactPart(
        "RH",
        "smallest hole",
        lambda: _holes(_HOLES),
        _numbered("RH", "xy", [("inside", d, f"hole of {d:g}") for d in _HOLES]),
    ),
    ArtefactPart(
        "RP",
        "smallest pin",
        lambda: _pins(_PINS),
        _numbered("RP", "xy", [("outside", d, f"pin of {d:g}") for d in _PINS]),
    ),
    ArtefactPart(
        "RR",
        "smallest rib",
        lambda: _ribs(_RIBS),
        _numbered("RR", "xy", [("outside", w, f"rib of {w:g}") for w in _RIBS]),
    ),
    ArtefactPart(
        "RS",
        "smallest slot",
        lambda: _slots(_SLOTS),
        _numbered("RS", "xy", [("inside", w, f"slot of {w:g}") for w in _SLOTS]),
    ),
    ArtefactPart(
        "OV",
        "overhangs",
        _overhangs,
        (),
        tuple(f"face at {angle} degrees from the plate is clean" for angle in _ANGLES),
    ),
    ArtefactPart(
        "BR",
        "bridges",
        lambda: _bridges(_SPANS),
        (),
        tuple(f"sag of the span of {span:g} mm" for span in _SPANS),
    ),
    ArtefactPart(
        "ST",
        "surface texture by angle",
        _slopes,
        (),
        tuple(f"Ra and Rz of the face at {angle} degrees from the plate" for angle in _SLOPES),
    ),
    ArtefactPart(
        "LB",
        "text, raised and sunk",
        lambda: relief(((0.6, 0.4), (0.8, 0.6), (1.0, 1.0))),
        (),
        tuple(_is_text(stroke) for stroke in ("0.6", "0.8", "1.0")),
    ),
    ArtefactPart(
        "RH-limits",
        "holes below what the checks let pass",
        lambda: _holes(_TINY_HOLES),
        _numbered("RH-limits", "xy", [("inside", d, f"hole of {d:g}") for d in _TINY_HOLES]),
        is_printable=False,
    ),
    ArtefactPart(
        "RP-limits",
        "pins below what the checks let pass",
        lambda: _pins(_TINY_PINS),
        _numbered("RP-limits", "xy", [("outside", d, f"pin of {d:g}") for d in _TINY_PINS]),
        is_printable=False,
    ),
    ArtefactPart(
        "RR-limits",
        "ribs below what the checks let pass",
        lambda: _ribs(_THIN_RIBS),
        _numbered("RR-limits", "xy", [("outside", w, f"rib of {w:g}") for w in _THIN_RIBS]),
        is_printable=False,
    ),
    ArtefactPart(
        "RS-limits",
        "slots below what a program can be certified for",
        lambda: _slots(_NARROW_SLOTS),
        _numbered("RS-limits", "xy", [("inside", w, f"slot of {w:g}") for w in _NARROW_SLOTS]),
        ("the narrowest slot that is open",),
        is_printable=False,
    ),
    ArtefactPart(
        "BR-limits",
        "a bridge beyond what the checks let pass",
        lambda: _bridges((40.0,)),
        (),
        ("sag of the span of 40 mm",),
        is_printable=False,
    ),
    ArtefactPart(
        "LB-limits",
        "text below what the checks let pass",
        lambda: relief(((0.4, 0.2), (0.5, 0.2))),
        (),
        tuple(_is_text(stroke) for stroke in ("0.4", "0.5")),
        is_printable=False,
    ),
)
"""In the order of facts of standards 4.3; the ``-limits`` last."""
