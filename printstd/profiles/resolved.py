"""Resolved: one request's profiles, flat, with the origin of every value and a digest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from printstd.dataclass import dataclass
from printstd.errors import UsageError
from printstd.profiles.epochs import NEWEST, Epoch
from printstd.profiles.models import Allowlist, Dialect, Material, Printer, Process
from printstd.profiles.records import NONE_GIVEN, Records
from printstd.profiles.standard_models import (
    AngleBand,
    Designation,
    EdgeBand,
    Pack,
    ToleranceBand,
    ToleranceTable,
)
from printstd.units import nm, um
from printstd.words import said

if TYPE_CHECKING:
    from printstd.profiles.fits import SizeTables
    from printstd.profiles.grade_models import GradeTable
    from printstd.profiles.moulding_models import MouldingTable

PROCESS_DESIGNATION: Final = "MEX-TRB/P"


@dataclass(frozen=True, slots=True)
class Request:
    """What the user chose; names of profiles, and single values set over them."""

    pack: str = "int"
    tolerance_class: str | None = None
    """None: the pack's default."""
    material: str = "pla"
    process: str = "standard-0.20"
    printer: str | None = None
    overrides: tuple[tuple[str, str], ...] = ()
    """``("process.infill.density_ratio", "0.3")``: `--set key=value`, values in TOML."""
    epoch: int | None = None
    """None: the newest (`profiles.epochs`)."""
    more_materials: tuple[str, ...] = ()
    """Of the second tool and those after it; empty: all tools have `material`."""


class Origins(Mapping[str, str]):
    """Key -> where its value comes from, worked out when somebody asks."""

    def __init__(self, work_out: Callable[[], dict[str, str]]) -> None:
        self._work_out = work_out

    @cached_property
    def _found(self) -> dict[str, str]:
        return self._work_out()

    def __getitem__(self, key: str) -> str:
        return self._found[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __reduce__(self) -> tuple[object, ...]:
        # What works them out cannot go to another process; they can.
        return (dict, (dict(self._found),))


@dataclass(frozen=True, slots=True, eq=False)
class Resolved:
    """Everything a run demands. The process is already capped by the printer's limits."""

    request: Request
    pack: Pack
    table: ToleranceTable
    designation: Designation
    tolerance_class: str
    bands: tuple[ToleranceBand, ...]
    """Linear sizes; empty where the title block's tolerance is not given."""
    material: Material
    process: Process
    printer: Printer | None
    """None where the request names none: validate's machine checks are then NOT_EVALUATED."""
    dialect: Dialect | None
    allowlist: Allowlist | None
    origins: Mapping[str, str]
    """``process.layer_height_mm`` -> ``profiles/processes/standard-0.20.toml:7``, or
    ``--set``, or ``capped by printers/...`` ; every leaf value has one."""
    digests: Mapping[str, str]
    """``pack | standard | material | process | printer | dialect | allowlist`` -> sha256 of the
    canonical bytes of that resolved profile; ``properties`` -> of the material's properties, by
    which no program is made."""
    epoch: Epoch = NEWEST
    """Which bytes are made of all this."""
    tool_materials: tuple[Material, ...] = ()
    """One for each tool of the printer, from tool 0; empty: all have `material`."""
    records: Records = NONE_GIVEN
    """What the user gave beside the model: no program is made by them."""
    tool: int = 0
    """Which tool's material `material` is (`of_tool`)."""
    grades: GradeTable | None = None
    """Limits and fits; None where the pack has none."""
    grades_designation: Designation | None = None
    """The name that the pack cites them by."""
    edge_bands: tuple[EdgeBand, ...] = ()
    """Broken edges."""
    angle_bands: tuple[AngleBand, ...] = ()
    geometrical_class: str | None = None
    """``K`` where the request's class is ``mK``."""
    geometrical_designation: Designation | None = None
    """The name that the pack cites general geometrical tolerances by; None without such a class,
    and where the pack has none."""
    moulding: MouldingTable | None = None
    """Plastic mouldings, to compare with; None where the pack has none."""
    moulding_designation: Designation | None = None
    """The name that the pack cites them by."""

    @property
    def n_tools(self) -> int:
        """As many as parts may be given to: those of the printer, or without one those that a
        material was named for."""
        if self.printer is None:
            return max(1, len(self.tool_materials))
        return self.printer.tools.count if self.printer.tools else 1

    def material_of(self, tool: int) -> Material:
        """tool : from 0."""
        return self.tool_materials[tool] if self.tool_materials else self.material

    def of_tool(self, tool: int) -> Resolved:
        """The same demands for a part that this tool makes, from 0. Raises UsageError where the
        machine has no such tool."""
        if tool == self.tool:
            return self
        if not 0 <= tool < self.n_tools:
            raise UsageError(
                said("the machine has no such extruder"),
                got=said("extruder {tool}", tool=tool + 1),
                wanted=said("1 to {n_tools}", n_tools=self.n_tools)
                if self.n_tools > 1
                else said("1, the only one"),
                hint=said("a printer profile with [tools] has several: docs/several-tools.md"),
            )
        return replace(self, material=self.material_of(tool), tool=tool)

    @property
    def is_tolerated_by_order(self) -> bool:
        """The order names individual tolerances: what the machine holds then decides of the
        drawing's individual sizes."""
        order = self.records.order
        return order is not None and bool(order.says.part.tolerances.specific)

    @property
    def mandatory_checks(self) -> tuple[str, ...]:
        """The pack's, and the one that judges the machine where pack or order ask for it."""
        asked = self.pack.mandatory_checks
        is_asked = self.pack.requires_capability or self.is_tolerated_by_order
        # None named: all are.
        if not is_asked or not asked or "CAP-01" in asked:
            return asked
        return (*asked, "CAP-01")

    @property
    def nozzle_mm(self) -> float:
        """The printer's nozzle, or the 0.4 mm that every limit in the profiles is written for."""
        return self.printer.nozzle_mm if self.printer else 0.4

    @property
    def layer_window_um(self) -> tuple[int, int]:
        """The least and the greatest height of a layer: the printer's, and no bead is higher than
        wide (facts of slicers 2.1, 2.2). Without a printer every height counts as possible."""
        if self.printer is None:
            return (1, 1_000_000)
        widths = self.process.widths
        narrowest = min(width for name, width in widths if name != "first_layer_mm")
        highest = min(self.printer.max_layer_height_mm, narrowest)
        return (um(self.printer.min_layer_height_mm), um(highest))

    @property
    def process_designation(self) -> str:
        """``MEX-TRB/P/PLA``: material extrusion by thermal reaction bonding of polymers (ISO/ASTM
        52900:2021; the short form by ISO 27548:2024, the form with the polymer: knowledge, medium;
        facts of standards 6). It ends before the polymer where tools have different ones, or the
        material does not say."""
        polymers = {one.properties.polymer for one in self.tool_materials or (self.material,)}
        (polymer,) = polymers if len(polymers) == 1 else (None,)
        return f"{PROCESS_DESIGNATION}/{polymer}" if polymer else PROCESS_DESIGNATION

    @property
    def indication(self) -> str:
        """How a drawing would name the class that sizes are judged by: ``ISO 2768-m``."""
        return self.designation.indication_template.replace("{class}", self.tolerance_class)

    @property
    def wants_title_block(self) -> bool:
        """The pack has no classes, and the drawing's own tolerance is not given."""
        return not self.table.classes and not self.bands

    @property
    def size_tables(self) -> SizeTables:
        """What limits on a drawing are read with (`fits.parse_limits`)."""
        from printstd.profiles.fits import SizeTables

        return SizeTables(
            self.table,
            self.designation,
            self.grades,
            self.grades_designation,
            self.moulding,
            self.moulding_designation,
        )

    def deviation_mm(self, size_mm: float) -> float | None:
        """Permissible deviation +-mm of a linear size; None where the table has no row for it."""
        for band in self.bands:
            above = size_mm >= band.over_mm if band.includes_lower else size_mm > band.over_mm
            if above and size_mm <= band.up_to_mm:
                return band.deviation_mm
        return None

    def radius_deviation_mm(self, size_mm: float) -> float | None:
        """Permissible deviation +-mm of an external radius or the height of a chamfer; None where
        the table has no row for it."""
        from printstd.profiles.general import band_of

        band = band_of(self.edge_bands, nm(size_mm))
        return None if band is None else band.deviation_mm

    def angle_deviation_deg(self, shorter_side_mm: float) -> float | None:
        """Permissible deviation +-degrees of an angle whose shorter side is so long, or None where
        the table has no row for it."""
        side_nm = nm(shorter_side_mm)
        for band in self.angle_bands:
            ends = band.up_to_mm is not None and side_nm > nm(band.up_to_mm)
            if side_nm > nm(band.over_mm) and not ends:
                return band.deviation_minutes / 60
        return None
