"""The typed profiles: what a TOML file in profiles/ may say, and nothing else.

Keys carry their unit. Every number a stage uses has its place here; a stage has no
defaults of its own. Ranges are checked by the model; relations between profiles
(a layer too thick for the nozzle) by `resolve`.
"""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from printstd.profiles.command_models import AllowedCommand as AllowedCommand
from printstd.profiles.command_models import Allowlist as Allowlist
from printstd.profiles.command_models import Dialect as Dialect
from printstd.profiles.command_models import Firmware as Firmware
from printstd.profiles.command_models import Macro as Macro
from printstd.profiles.design_models import Design
from printstd.profiles.infill_models import Bridges, Infill, Ironing
from printstd.profiles.kinds import (
    Celsius,
    NonNegative,
    Positive,
    Provenance,
    Ratio,
    Strict,
)
from printstd.profiles.kinds import Confidence as Confidence
from printstd.profiles.material_models import PrinterChamber, Properties
from printstd.profiles.printability_models import Printability
from printstd.profiles.proof_models import NOT_PROVEN, Proven, or_a_word
from printstd.profiles.range_models import Range as Range
from printstd.profiles.supports import Raft, Supports
from printstd.profiles.tool_models import PrimeTower, Tools
from printstd.profiles.volume_models import Volume as Volume
from printstd.profiles.wall_models import FuzzySkin, Overhangs, SpiralVase, WallOrder

# ------------------------------------------------------------------------------- materials


class Fan(Strict):
    """Cooling (facts of slicers 2.8)."""

    min_ratio: Ratio
    max_ratio: Ratio
    bridge_ratio: Ratio
    off_layers: Annotated[int, Field(ge=0)]
    full_layer: Annotated[int, Field(ge=0)]
    """1-based layer from which the full demand holds; ramps from `off_layers`."""
    below_layer_time_s: NonNegative
    """Fan rises from min to max between this and `slowdown_below_layer_time_s`."""
    slowdown_below_layer_time_s: NonNegative
    min_print_speed_mm_s: Positive


class Material(Strict):
    id: str
    name: str
    """As machines know it: PLA, PETG, ABS."""
    filament_diameter_mm: Positive
    density_g_cm3: Positive
    cost_per_kg: NonNegative | None = None
    colour: Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")] | None = None
    """``#RRGGBB``, for hosts to show; nothing is made by it."""
    nozzle_c: Celsius
    first_layer_nozzle_c: Celsius
    bed_c: Celsius
    first_layer_bed_c: Celsius
    nozzle_window_c: tuple[Celsius, Celsius]
    bed_window_c: tuple[Celsius, Celsius]
    max_flow_mm3_s: Positive
    flow_ratio: Annotated[float, Field(gt=0.5, lt=1.5)]
    shrinkage_xy_ratio: Annotated[float, Field(ge=0, lt=0.05)]
    """0.0022 = the part shrinks by 0.22 %, so it is printed 1/(1-0.0022) larger."""
    shrinkage_z_ratio: Annotated[float, Field(ge=0, lt=0.05)]
    pressure_advance_s: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] | None = None
    """Linear (pressure) advance with this material, of the nozzle and drive that it is printed
    with: bundled materials give none. None = the machine keeps its own; 0 = none is made. The
    audit takes no more than 2 s."""
    min_wall_mm: Positive
    recommended_wall_mm: Positive
    fan: Fan
    properties: Annotated[Properties, Field(exclude=True)] = Properties.model_construct()
    """What it is, apart from how it is printed: no program is made by it, so it is digested and
    shown by itself (`printstd profiles show material NAME`)."""
    provenance: Provenance

    @model_serializer(mode="wrap")
    def _without_unsaid(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        """A material without a colour has the digest that it had before there were any."""
        told: dict[str, object] = handler(self)
        return told if self.colour else {k: v for k, v in told.items() if k != "colour"}


class Axes(Strict):
    x: Positive
    y: Positive
    z: Positive
    e: Positive


class MotionLimits(Strict):
    """What the firmware will do with faster requests; the time planner uses the same."""

    max_speed_mm_s: Axes
    max_accel_mm_s2: Axes
    print_accel_mm_s2: Positive
    travel_accel_mm_s2: Positive
    retract_accel_mm_s2: Positive
    jerk_mm_s: Axes | None = None
    """Classic per-axis jerk (Marlin, Buddy, RRF)."""
    square_corner_velocity_mm_s: Positive | None = None
    """Klipper."""
    minimum_cruise_ratio: Annotated[float, Field(ge=0, lt=1)] | None = None
    """Klipper; at 1 nothing would ever move."""
    emit: bool
    """True: the program sets M201/M203/M204/M205 so that the machine has what we planned with."""

    @model_validator(mode="after")
    def _one_corner_model(self) -> Self:
        if (self.jerk_mm_s is None) == (self.square_corner_velocity_mm_s is None):
            raise ValueError("give jerk_mm_s or square_corner_velocity_mm_s, one of the two")
        return self


class Retraction(Strict):
    """Facts of slicers 2.10."""

    length_mm: NonNegative
    speed_mm_s: Positive
    deretract_speed_mm_s: Positive
    min_travel_mm: NonNegative
    lift_mm: NonNegative
    hop_slope_deg: Annotated[float, Field(ge=0, lt=90, allow_inf_nan=False)]
    """The nozzle is lifted while it travels, at this slope, and lands from straight above; 0 = it
    is lifted straight up first."""
    is_wiping: bool
    before_wipe_ratio: Ratio
    on_layer_change: bool
    only_when_leaving: bool
    """A way that crosses no outline of the part needs no retraction: a thread inside does no
    harm. False: every way of `min_travel_mm` or more has one."""
    max_length_mm: Positive
    """Filament drawn back further than this leaves the melt zone and jams: the audit's limit."""


class Clearance(Strict):
    """What moves with the nozzle and could run into a finished part (facts of slicers K2)."""

    radius_mm: Positive
    """All of the head lies within this distance of the nozzle, as low as the nozzle itself."""
    gantry_mm: Positive
    """The beam that carries the head spans the bed this high above the nozzle's tip."""


class Printer(Strict):
    id: str
    vendor: str
    model: str
    firmware: Firmware
    proven: Annotated[Proven, Field(exclude=True, json_schema_extra=or_a_word)] = NOT_PROVEN
    """Digested by itself: no program is made by it, and what is learned of a printer must not
    change one (`proof_models.proof_of`)."""
    nozzle_mm: Positive
    volume: Volume
    chamber: PrinterChamber | None = None
    """None: the profile does not say what stands around the build volume."""
    motion: MotionLimits
    retraction: Retraction
    clearance: Clearance
    max_nozzle_c: Celsius
    max_bed_c: Celsius
    min_layer_height_mm: Positive
    max_layer_height_mm: Positive
    start_code: tuple[str, ...]
    """Our own lines, in one small language: ``{nozzle_c} {first_layer_nozzle_c} {bed_c}
    {first_layer_bed_c} {park_z_mm} {park_x_mm} {park_y_mm}``; an unknown placeholder is a
    profile error."""
    end_code: tuple[str, ...]
    layer_change_code: tuple[str, ...] = ()
    macros: tuple[Macro, ...] = ()
    allowlist: str
    """Id of a file in allowlists/: what the audit lets a program for this machine say."""
    has_m73: bool
    has_object_labels: bool
    has_arcs: bool
    """It knows G2 and G3. Klipper does where printer.cfg has [gcode_arcs] with a fine resolution
    (its default is 1 mm); its allow-list is then one that has them."""
    uses_pressure_advance: bool
    thumbnails_px: tuple[tuple[int, int], ...]
    tools: Tools | None = None
    provenance: Provenance


# ------------------------------------------------------------------------------- processes


class SeamPosition(StrEnum):
    ALIGNED = "aligned"
    REAR = "rear"
    NEAREST = "nearest"


class WallGenerator(StrEnum):
    CLASSIC = "classic"
    VARIABLE = "variable"


class Widths(Strict):
    external_perimeter_mm: Positive
    perimeter_mm: Positive
    infill_mm: Positive
    solid_infill_mm: Positive
    top_infill_mm: Positive
    support_mm: Positive
    first_layer_mm: Positive


class Walls(Strict):
    generator: WallGenerator
    """`variable`: the innermost walls of narrow places change their width, so that beads fill the
    place exactly; `classic`: all have one width."""
    min_bead_width_ratio: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
    max_bead_width_ratio: Annotated[float, Field(ge=1, le=3, allow_inf_nan=False)]
    """Of the nozzle: beads of variable walls are no narrower and no wider."""
    transition_length_ratio: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)]
    """Of the nozzle: over this length a variable wall changes its width where the number of
    beads changes."""
    count: Annotated[int, Field(ge=1, le=20)]
    order: WallOrder
    precise_outer: bool
    """The second wall lies a whole width inside the outer one, not a spacing: it does not push it
    out (facts of slicers C10)."""
    one_on_first_layer: bool
    one_on_top: bool
    """Where nothing lies above, the outer wall alone: the top infill takes the room (C5)."""
    thin_walls: bool
    gap_fill: bool
    seam: SeamPosition
    seam_gap_ratio: Ratio
    """Of the nozzle: a loop stops this much before its start."""
    small_perimeter_length_mm: NonNegative


class Shells(Strict):
    top_layers: Annotated[int, Field(ge=0)]
    bottom_layers: Annotated[int, Field(ge=0)]
    top_min_thickness_mm: NonNegative
    bottom_min_thickness_mm: NonNegative
    ensure_vertical: bool
    solid_below_area_mm2: NonNegative


class Speeds(Strict):
    external_perimeter_mm_s: Positive
    perimeter_mm_s: Positive
    small_perimeter_mm_s: Positive
    infill_mm_s: Positive
    solid_infill_mm_s: Positive
    top_infill_mm_s: Positive
    gap_fill_mm_s: Positive
    bridge_mm_s: Positive
    ironing_mm_s: Positive
    support_mm_s: Positive
    support_interface_mm_s: Positive
    first_layer_mm_s: Positive
    travel_mm_s: Positive
    travel_z_mm_s: Positive


class Accelerations(Strict):
    """0 = do not set."""

    default_mm_s2: NonNegative
    perimeter_mm_s2: NonNegative
    external_perimeter_mm_s2: NonNegative
    infill_mm_s2: NonNegative
    solid_infill_mm_s2: NonNegative
    top_infill_mm_s2: NonNegative
    bridge_mm_s2: NonNegative
    first_layer_mm_s2: NonNegative
    travel_mm_s2: NonNegative


class Adhesion(Strict):
    skirt_loops: Annotated[int, Field(ge=0)]
    skirt_distance_mm: NonNegative
    skirt_layers: Annotated[int, Field(ge=0)]
    skirt_min_filament_mm: NonNegative
    brim_width_mm: NonNegative
    brim_gap_mm: NonNegative


class Plate(Strict):
    """Several parts of one print."""

    spacing_mm: NonNegative
    """Between any two parts, brims apart."""
    by_object: bool
    """One part after the other, each to its top, instead of all together layer by layer."""


class Compensation(Strict):
    xy_mm: Annotated[float, Field(ge=-1, le=1)]
    hole_mm: Annotated[float, Field(ge=-1, le=1)]
    """Radius added to holes, on top of xy."""
    elephant_foot_mm: Annotated[float, Field(ge=0, le=1)]
    circle_chord_mm: Annotated[float, Field(ge=0, le=0.05)]
    """Round holes and pins are laid as circles of their nominal size, as polygons that stray from
    them by no more than this; 0 = as the model's own polygons."""


class Arcs(Strict):
    """Facts of slicers H15."""

    max_deviation_mm: Annotated[float, Field(ge=0, le=0.1, allow_inf_nan=False)]
    """Runs of short moves are written as arcs (G2, G3) that stay this close to them; 0 = never."""


class Integrity(Strict):
    """Whether the program makes this model at all (DESIGN, "What a verdict is")."""

    outward_mm: Positive
    inward_mm: Positive
    contiguous_mm: Positive
    solid_fill_ratio: tuple[Positive, Positive]
    infill_window_ratio: tuple[Positive, Positive]
    """Measured over declared density."""
    volume_ratio: tuple[Positive, Positive]
    max_air_mm: Positive


class Layers(Strict):
    """Heights other than one for all; the printer's own bounds hold for every layer."""

    max_surface_error_um: Annotated[int, Field(ge=0, le=1000)]
    """Layers are as high as keeps the corners of their stairs this near to every facet; 0 = all
    layers are `layer_height_mm` high."""
    exact_top: bool
    """The last layer ends at the part's top, to the micrometre."""


class Process(Strict):
    id: str
    title_en: str
    layer_height_mm: Positive
    first_layer_height_mm: Positive
    slice_closing_mm: NonNegative
    heal_gap_mm: Annotated[float, Field(gt=0, le=100)]
    """With --heal: open ends up to this far apart are a gap in the surface; what had to be closed
    over more is a guess, and is not certified."""
    resolution_mm: NonNegative
    """Contours are simplified by no more than this, and after that lines that make the outline;
    all other lines by three times as much (`toolpath.smoothing`)."""
    avoid_crossing_walls: bool
    max_detour_mm: NonNegative
    """A way around walls is taken if it is no more than this longer than the straight one; 0 = no
    limit."""
    widths: Widths
    walls: Walls
    overhangs: Overhangs
    fuzzy_skin: FuzzySkin
    spiral_vase: SpiralVase
    shells: Shells
    infill: Infill
    bridges: Bridges
    ironing: Ironing
    speeds: Speeds
    accelerations: Accelerations
    adhesion: Adhesion
    supports: Supports
    raft: Raft
    plate: Plate
    prime_tower: PrimeTower
    compensation: Compensation
    layers: Layers
    ranges: tuple[Range, ...] = ()
    """In any order; none may overlap."""
    arcs: Arcs
    printability: Printability
    integrity: Integrity
    design: Design
    provenance: Provenance
