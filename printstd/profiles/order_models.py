"""The record of an order of a part (`--order`), after ISO/ASTM 52901: what is asked for, of whom,
by which drawing, and how it is accepted.

The names of fields are ours, their structure is that of clauses 4.2 and 4.3 (facts of standards
2.11). Every field may be left out: what is missing is a finding (ORD-01), not an error."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from printstd.profiles.kinds import Finite, Positive, Strict

Name = Annotated[str, Field(min_length=1, max_length=200)]
Point = tuple[Finite, Finite, Finite]
Angle = Annotated[float, Field(ge=-360, le=360, allow_inf_nan=False)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Letters = Literal[
    "X", "Y", "Z", "XY", "XZ", "YX", "YZ", "ZX", "ZY", "XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX"
]
"""ISO 17295: axes along which the part is longest, second longest, shortest; it may be
shortened."""


class OrderHead(Strict):
    id: Name | None = None
    customer: Name | None = None
    supplier: Name | None = None
    part_name: Name | None = None
    quantity: Annotated[int, Field(ge=1)] | None = None
    delivery_address: Name | None = None
    packaging: Name | None = None


class GeometryRef(Strict):
    """The file that is ordered. STL says no unit: `units` does."""

    file: Name | None = None
    format: Name | None = None
    version: Name | None = None
    sha256: Sha256 | None = None
    units: Literal["mm", "cm", "m", "in", "ft", "um"] | None = None


class DrawingRef(Strict):
    number: Name | None = None
    index: Name | None = None
    """Of its last change."""
    version: Name | None = None


class Tolerances(Strict):
    general: Name | None = None
    """As a drawing names the class: ``ISO 2768-m``. It chooses pack and class."""
    specific: tuple[Name, ...] = ()
    """ISO 1101 and individual ones, as texts; they are judged by `--characteristics`."""


class OrderZone(Strict):
    """A box in the frame of the file, in mm whatever its unit."""

    name: Name
    min_mm: Point
    max_mm: Point

    @model_validator(mode="after")
    def _has_room(self) -> OrderZone:
        if any(low >= high for low, high in zip(self.min_mm, self.max_mm, strict=True)):
            raise ValueError("min_mm lies below max_mm on every axis")
        return self


class SurfaceTexture(Strict):
    parameter: Literal["Ra", "Rz"]
    max_um: Positive
    zones: tuple[Name, ...] = ()
    """Names of functional or cosmetic zones; empty: all over."""


class OrderedOrientation(Strict):
    """How the part is built: one of the three, or the notation with the angles that make it."""

    notation: Letters | None = None
    rotate_deg: tuple[Angle, Angle, Angle] | None = None
    """About X, then Y, then Z of the bed, as `--rotate`."""
    delegated: bool = False
    """The supplier chooses."""

    @model_validator(mode="after")
    def _one_way(self) -> OrderedOrientation:
        is_given = self.notation is not None or self.rotate_deg is not None
        if is_given == self.delegated:
            raise ValueError("give notation or rotate_deg, or delegated = true, not both")
        return self


class OrderedPart(Strict):
    geometry: GeometryRef = GeometryRef()
    drawing: DrawingRef = DrawingRef()
    tolerances: Tolerances = Tolerances()
    functional_zones: tuple[OrderZone, ...] = ()
    cosmetic_zones: tuple[OrderZone, ...] = ()
    surface_texture: SurfaceTexture | None = None
    orientation: OrderedOrientation | None = None

    @model_validator(mode="after")
    def _zones_are_known(self) -> OrderedPart:
        names = [zone.name for zone in (*self.functional_zones, *self.cosmetic_zones)]
        if len(set(names)) != len(names):
            raise ValueError("two zones have one name")
        asked = self.surface_texture.zones if self.surface_texture else ()
        unknown = [name for name in asked if name not in names]
        if unknown:
            raise ValueError(f"surface_texture names a zone that is not there: {unknown[0]}")
        return self


class OrderedFeedstock(Strict):
    spec: Name | None = None
    """The polymer, as a part is marked, or the name of the material profile."""
    lot: Name | None = None
    storage: Name | None = None
    reuse: Name | None = None


class OrderedProcess(Strict):
    designation: Annotated[str, Field(pattern=r"^[A-Z]{2,4}(-[A-Z/]+)*(/[A-Z0-9+-]+)*$")] | None = (
        None
    )
    """ISO/ASTM 52900: ``MEX-TRB/P``, or with the polymer ``MEX-TRB/P/PLA``."""
    post_processing: tuple[Name, ...] = ()
    control: Name | None = None


class Acceptance(Strict):
    repair_allowed: bool | None = None
    acceptable_imperfections: tuple[Name, ...] = ()


class Inspection(Strict):
    qualification_part: bool | None = None
    first_production_part: bool | None = None
    pre_shipment: bool | None = None


class OrderRecord(Strict):
    order: OrderHead = OrderHead()
    part: OrderedPart = OrderedPart()
    feedstock: OrderedFeedstock = OrderedFeedstock()
    process: OrderedProcess = OrderedProcess()
    acceptance: Acceptance = Acceptance()
    inspection: Inspection = Inspection()
    documentation: tuple[Name, ...] = ()


ESSENTIAL: Final = (
    "order.id",
    "part.geometry.sha256",
    "part.geometry.units",
    "part.tolerances.general|part.tolerances.specific",
    "part.orientation",
    "feedstock.spec",
)
"""What the record is checked for by the structure of ISO/ASTM 52901, and what it is called."""

EXPECTED: Final = (
    "order.customer",
    "order.supplier",
    "order.part_name",
    "order.quantity",
    "order.delivery_address",
    "order.packaging",
    "part.geometry.file",
    "part.geometry.format",
    "part.functional_zones",
    "part.surface_texture",
    "process.designation",
    "process.control",
    "acceptance.repair_allowed",
    "inspection.qualification_part|inspection.first_production_part|inspection.pre_shipment",
    "documentation",
)
"""Further fields of its clauses."""
