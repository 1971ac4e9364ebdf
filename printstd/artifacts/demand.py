"""AuditDemand: what a finished program must satisfy. Filled by the pipeline, embedded in the
statement, so that a later `verify` needs nothing else. It holds no widths, speeds or paths:
those are the generator's, and the auditor reads its own from the bytes.

Integers only (um, mC, mm3 in thousandths), because it is signed. A field that is added says by
`absent_means` what older certificates, which do not have it, mean: that what it is about was off.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from printstd.artifacts.codec import LEFT_OUT_WHEN_EMPTY, absent_means
from printstd.artifacts.layer_plan import LayerPlan

UNDECLARED: Final = (
    "layers",
    "walls",
    "shells",
    "infill",
    "adhesion",
    "supports",
    "fan",
    "nozzle",
    "bed",
)
"""What a program may be audited without: heights of layers, numbers of walls and solid layers,
density of the infill, what lies beside the part, fan and temperatures."""


@dataclass(frozen=True, slots=True)
class PlacementDemand:
    """The declared placement: the numbers of `artifacts.mesh.Placement`, same formula."""

    rotation_e9: tuple[int, int, int, int, int, int, int, int, int]
    translation_um: tuple[int, int, int]
    scale_e6: int


@dataclass(frozen=True, slots=True)
class MachineLimits:
    """Hard limits of the printer, bed frame."""

    name: str
    bed_um: tuple[int, int, int, int]
    """xmin, ymin, xmax, ymax that the nozzle may reach while printing the part."""
    travel_um: tuple[int, int, int, int, int, int]
    """xmin, ymin, zmin, xmax, ymax, zmax that any move may reach (start and end code too)."""
    max_feed_um_s: tuple[int, int, int, int]
    """X, Y, Z, E."""
    max_nozzle_mc: int
    max_bed_mc: int
    max_retract_um: int
    nozzle_um: int
    filament_um: int
    max_accel_mm_s2: int = 0
    """Largest acceleration a program may set; 0 = it may set none."""
    wipe_um: tuple[int, ...] = field(default=(), metadata=LEFT_OUT_WHEN_EMPTY)
    """xmin, ymin, xmax, ymax, zmin of a place beside the bed where the nozzle may go below zero;
    empty: there is none."""
    keep_out_um: tuple[tuple[int, int, int, int, int], ...] = field(
        default=(), metadata=LEFT_OUT_WHEN_EMPTY
    )
    """xmin, ymin, xmax, ymax, ztop of each place that the nozzle stays above."""


@dataclass(frozen=True, slots=True)
class MaterialWindow:
    """What the material allows, while extruding."""

    name: str
    nozzle_mc: tuple[int, int]
    bed_mc: tuple[int, int]
    max_flow_mm3_s_e3: int
    fan_off_layers: int
    """First layers on which the part fan must stand."""
    min_fan_permille: int
    """Mean over extrusion length that the fan must reach from `full_fan_layer` on; 0 = any."""
    full_fan_layer: int
    flow_permille: int = 1000
    """Declared flow ratio (extrusion multiplier)."""


@dataclass(frozen=True, slots=True)
class CommandRule:
    """One command that the dialect's allow-list lets a program use.

    Commands that are not listed are refused. Letters outside `letters` are refused.
    """

    command: str
    """``G1``, ``M104``, or an extended name (``START_PRINT``)."""
    letters: str
    """Allowed parameter letters, or for extended commands the space-separated KEY names."""
    meaning: str
    """The auditor's own verb: see printstd.audit.machine for the closed list."""
    max_count: int = 0
    """0 = any number."""
    where: str = "any"
    """``any``, ``before`` (only before the first layer) or ``after`` (only after the last)."""
    expansion: tuple[str, ...] = ()
    """For a macro: the lines it runs on the machine, which the audit executes instead."""


@dataclass(frozen=True, slots=True)
class Compensations:
    """What the toolpath was told to change, so that the audit compares like with like."""

    xy_um: int = 0
    """Outline grown (+) or shrunk (-)."""
    hole_um: int = 0
    """Holes grown (+), on top of xy."""
    elephant_foot_um: int = 0
    """First layer shrunk by this much."""
    circles: bool = field(default=False, metadata=absent_means(False))
    """Round holes and pins may be made as circles through the corners of the model's polygons."""
    polygons: bool = field(default=True, metadata=absent_means(True))
    """They may be made as those polygons. At least one of both is so; a program of unknown origin
    is free to do either."""
    fuzzy_um: int = field(default=0, metadata=absent_means(0))
    """From the second layer on external walls lie up to this far off, out or in, at random."""
    fuzzy_holes: bool = field(default=False, metadata=absent_means(False))
    """Those around holes, too."""
    scale_xy_e6: int = 1_000_000
    scale_z_e6: int = 1_000_000
    """Shrinkage: nominal times this is what is printed."""


@dataclass(frozen=True, slots=True)
class RangeLimits:
    """What holds instead for the layers whose middle lies between two heights (`IntegrityLimits`
    has the meanings)."""

    from_um: int
    to_um: int
    infill_permille: tuple[int, int] | None
    min_wall_count: int
    solid_layers: tuple[int, int]
    solid_um: tuple[int, int]
    infill_shows: str


@dataclass(frozen=True, slots=True)
class IroningDemand:
    """A second pass over skins that face up, which may add a little plastic to a full layer."""

    flow_permille: int
    """Of area times layer height."""
    pitch_um: int
    """From line to line: with the flow it says how thin such lines are."""


@dataclass(frozen=True, slots=True)
class IntegrityLimits:
    """Does the program make this model at all (from the process profile)."""

    outward_um: int
    inward_um: int
    contiguous_um: int
    """Length of boundary over which `inward_um` must be exceeded to count."""
    solid_fill_permille: tuple[int, int]
    """Deposited volume over section volume in solid layers."""
    infill_permille: tuple[int, int] | None
    """Density window of the sparse inside; None where it was not declared."""
    infill_every_layers: int = field(metadata=absent_means(1))
    """Sparse infill may stand in one of so many layers, for all of them."""
    infill_shows: str = field(metadata=absent_means("middle"))
    """Where the declared density is to be found: ``middle`` (away from walls and shells),
    ``whole`` (walls' sides included: it follows them), ``near_surface`` (next to walls and shells;
    elsewhere voids may grow with the distance) or ``under_roofs`` (right under what must be solid;
    elsewhere only what carries that)."""
    min_wall_count: int
    """Walls that must be there; 0 where it was not declared."""
    solid_layers: tuple[int, int]
    """Solid layers demanded at bottom and top; 0 where not declared."""
    volume_permille: tuple[int, int]
    """Whole-part deposited volume against the volume the rules above imply."""
    air_um: int
    """Longest straight stretch that may be laid over nothing with both ends held."""
    supports_allowed: bool
    adhesion_allowed: bool
    """Skirt and brim on the first layer."""
    solid_um: tuple[int, int] = field(default=(0, 0), metadata=absent_means((0, 0)))
    """The thickness that the solid layers at bottom and top must come to together, where layers
    are of different heights and their number does not say it; only with `solid_layers`."""
    ranges: tuple[RangeLimits, ...] = field(default=(), metadata=absent_means(()))
    ironing: IroningDemand | None = field(default=None, metadata=absent_means(None))
    """None: no layer may hold more than fills it."""


@dataclass(frozen=True, slots=True)
class ToleranceRow:
    """Sizes in (over_um, up_to_um] may deviate by +-deviation_um."""

    over_um: int
    up_to_um: int
    deviation_um: int


@dataclass(frozen=True, slots=True)
class ClearanceDemand:
    """Of parts printed one after the other: what of the machine comes near to finished ones."""

    radius_um: int
    """Around the nozzle, as low as its tip."""
    gantry_um: int
    """Above the nozzle's tip, across the whole bed."""


@dataclass(frozen=True, slots=True)
class RegionDemand:
    """What is demanded inside one volume of a project (a modifier) otherwise than around it
    (`IntegrityLimits` has the meanings). Regions come in the order of the file: where several are,
    the last one that says something counts."""

    item: int
    """Build item that it belongs to, by number in the file, from 0."""
    volume: int
    """Number among the components or volumes of that item's object, from 0."""
    infill_permille: tuple[int, int] | None
    """(0, 0): none is declared inside; None: as around it."""
    infill_shows: str
    """Empty: as around it."""
    min_wall_count: int
    """0: as around it."""
    bottom_layers: int | None
    top_layers: int | None
    """None: as around it."""


@dataclass(frozen=True, slots=True)
class SurfaceTrace:
    """A straight line on a flat face of the model, in its own axes as it is to be made (nm).

    On an upright or leaning face it runs straight up; on a level one both ends are one point.
    """

    side: int
    """0 or 1: which of the two faces that a size lies between; 1 is the one further along."""
    start_nm: tuple[int, int, int]
    end_nm: tuple[int, int, int]
    normal_e9: tuple[int, int, int]
    """Out of the material."""


@dataclass(frozen=True, slots=True)
class RoundSurface:
    """A cylinder of the model, in its own axes as it is to be made."""

    point_nm: tuple[int, int, int]
    """On the axis, in the middle of its length."""
    axis_e9: tuple[int, int, int]
    length_nm: int
    from_e9: tuple[int, int, int]
    """Unit vector across the axis to where the arc begins; it turns right-handed about the axis."""
    arc_mdeg: int
    """360000 where it closes."""
    is_hollow: bool
    """The material lies outside."""


@dataclass(frozen=True, slots=True)
class SizeDemand:
    """One size that the program is to be measured for, and what it may be.

    It says where the model has the size; how large the model has it is told apart from what the
    drawing wants. Lengths are those of the finished part: declared compensations come on top.
    """

    number: str
    """The characteristic's, on the drawing; of a size that no drawing names, the feature's id."""
    shape: str
    """``extent``, ``planes``, ``diameter`` or ``radius``; ``none`` where the row has no feature of
    the model that could be measured: it can never be decided."""
    nominal_nm: int
    lower_nm: int
    upper_nm: int
    """Permissible deviations."""
    model_nm: int
    """As the model has it."""
    chord_nm: int = field(default=0, metadata=LEFT_OUT_WHEN_EMPTY)
    """Of a CAD file's mesh, by how much its facets may make the size another: it adds to U."""
    axis: int = field(default=0, metadata=LEFT_OUT_WHEN_EMPTY)
    """Of an extent: 0, 1, 2 for the model's X, Y, Z."""
    traces: tuple[SurfaceTrace, ...] = field(default=(), metadata=LEFT_OUT_WHEN_EMPTY)
    """Of ``planes``."""
    surface: RoundSurface | None = field(default=None, metadata=LEFT_OUT_WHEN_EMPTY)
    """Of ``diameter`` and ``radius``."""
    reason: str = field(default="", metadata=LEFT_OUT_WHEN_EMPTY)
    """Of ``none``."""


@dataclass(frozen=True, slots=True)
class DrawingDemand:
    """The characteristics of a part. sha256 : of the table that the drawing's were read from;
    empty where the sizes were recognised on the model and no drawing was given."""

    sha256: str
    sizes: tuple[SizeDemand, ...]


@dataclass(frozen=True, slots=True)
class PartDemand:
    """One of the several parts of a plate."""

    label: str
    """ASCII; findings call the part so."""
    model_sha256: str
    model_unit_nm: int
    model_plate: int | None
    placement: PlacementDemand | None
    """None: searched for."""
    layer_count: int | None
    """Of the plate's layers, the lowest so many; None: by the model's height."""
    model_items: tuple[int, ...] = field(default=(), metadata=LEFT_OUT_WHEN_EMPTY)
    """Of a 3MF project the build items that are this part, by their number in the file from 0;
    empty: all of them."""
    integrity: IntegrityLimits | None = field(default=None, metadata=LEFT_OUT_WHEN_EMPTY)
    compensations: Compensations | None = field(default=None, metadata=LEFT_OUT_WHEN_EMPTY)
    """Both where this part was asked for otherwise than the rest of the plate."""
    regions: tuple[RegionDemand, ...] = field(default=(), metadata=LEFT_OUT_WHEN_EMPTY)
    tool: int = field(default=0, metadata=LEFT_OUT_WHEN_EMPTY)
    """That makes it, from 0."""
    is_of_tool: bool = field(default=False, metadata=LEFT_OUT_WHEN_EMPTY)
    """It is what the model file, a project, gives to this tool of its objects."""
    drawing: DrawingDemand | None = field(default=None, metadata=LEFT_OUT_WHEN_EMPTY)


@dataclass(frozen=True, slots=True)
class ToolDemand:
    """One of the tools of a machine that has several. number : as the machine counts it, from 0."""

    number: int
    is_shared: bool
    """All tools feed one nozzle, which has one temperature."""
    material: MaterialWindow
    filament_um: int
    scale_xy_e6: int
    scale_z_e6: int
    """Of parts that it makes, see `Compensations`."""


@dataclass(frozen=True, slots=True)
class TowerDemand:
    """Where tools purge after a change."""

    purge_mm3_e3: tuple[tuple[int, int, int], ...]
    """(tool that leaves, tool that comes, what it lays there at least before it lays anything of a
    part), for each two of the print's."""
    box_um: tuple[int, int, int, int] | None = field(default=None, metadata=LEFT_OUT_WHEN_EMPTY)
    """x, y of its low and of its high corner, bed frame, with its brim; None: searched for."""


@dataclass(frozen=True, slots=True)
class AuditDemand:
    """Everything the auditor is told; see the module's docstring."""

    dialect: str
    machine: MachineLimits
    material: MaterialWindow
    commands: tuple[CommandRule, ...]
    layers: LayerPlan
    compensations: Compensations
    placement: PlacementDemand | None
    """None: the audit searches XY translation and quarter turns and reports what it found."""
    model_unit_nm: int
    """Nanometres per unit of the model file's numbers."""
    model_plate: int | None
    integrity: IntegrityLimits
    tolerance_class: str
    """E.g. ``GOST 30893.1-2002 - m``, for the report."""
    tolerance_rows: tuple[ToleranceRow, ...]
    """Empty: the pack has no table and no size is judged."""
    heal_um: int = field(default=0, metadata=absent_means(0))
    """Open ends of the model's sections up to this far apart count as joined; 0 = the model must be
    closed."""
    mandatory_rules: tuple[str, ...] = ()
    """Audit rules that must run and decide for a PASSED statement; empty = all."""
    parts: tuple[PartDemand, ...] = field(default=(), metadata=LEFT_OUT_WHEN_EMPTY)
    """Of a plate of several parts, every copy of every model; the fields above on one model are
    then those of the first. Empty: the print is of one part."""
    regions: tuple[RegionDemand, ...] = field(default=(), metadata=LEFT_OUT_WHEN_EMPTY)
    """Of the one part of the print; those of a plate's parts are theirs."""
    clearance: ClearanceDemand | None = field(default=None, metadata=LEFT_OUT_WHEN_EMPTY)
    """Given where the parts are printed one after the other."""
    tools: tuple[ToolDemand, ...] = field(default=(), metadata=LEFT_OUT_WHEN_EMPTY)
    """Those that the print uses, rising, where the machine has several; `material` is then that of
    the first, with a bed that is right for all."""
    tower: TowerDemand | None = field(default=None, metadata=LEFT_OUT_WHEN_EMPTY)
    """Given where several tools are used and are to purge."""
    drawing: DrawingDemand | None = field(default=None, metadata=LEFT_OUT_WHEN_EMPTY)
    """Of the one part of the print; those of a plate's parts are theirs."""
    undeclared: tuple[str, ...] = field(default=(), metadata=LEFT_OUT_WHEN_EMPTY)
    """Names of `UNDECLARED`: what nobody said of a program of unknown origin. Its rules measure and
    tell, and decide nothing."""
