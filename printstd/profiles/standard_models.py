"""The typed profiles of what work is judged by: tables of tolerances, and packs that name them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from printstd.profiles.kinds import Date, NonNegative, Positive, Strict
from printstd.profiles.models import Confidence, Provenance


class StandardStatus(StrEnum):
    IN_FORCE_VERIFIED = "in_force_verified"
    IN_FORCE_UNVERIFIED = "in_force_unverified"
    WITHDRAWN = "withdrawn"
    FOREIGN_DIRECT = "foreign_direct"


class Designation(Strict):
    """One national or international name under which a table is carried."""

    id: str
    """``iso-2768-1``, ``gost-30893.1``."""
    designation: str
    """As it is written on a drawing: ``ISO 2768-1``, ``ГОСТ 30893.1-2002``."""
    aliases: tuple[str, ...] = ()
    """How else drawings name it: ``GOST 30893.1``."""
    edition: str
    title_en: str
    degree: Literal["base", "IDT", "MOD", "EQV", "NEQ", "none", "not_stated"]
    """How it stands to the international standard; not_stated: no source says."""
    status: StandardStatus
    status_note: str
    status_checked_on: Date
    source: str
    confidence: Confidence
    indication_template: str
    """How a drawing names the class; ``{class}`` is replaced: ``ISO 2768-{class}``."""


class ToleranceBand(Strict):
    """Sizes over `over_mm` up to and including `up_to_mm` may deviate by +-deviation_mm."""

    over_mm: NonNegative
    up_to_mm: Positive
    deviation_mm: Positive
    includes_lower: bool = False
    """True for the first row only: its lower bound belongs to it."""


class EdgeBand(Strict):
    """External radii and chamfer heights over `over_mm` up to and including `up_to_mm`."""

    over_mm: NonNegative
    up_to_mm: Positive | None = None
    """None in the last row: it has no end."""
    deviation_mm: Positive
    includes_lower: bool = False


class AngleBand(Strict):
    """Angles whose shorter side is over `over_mm` up to and including `up_to_mm` long."""

    over_mm: NonNegative
    up_to_mm: Positive | None = None
    """None in the last row: it has no end."""
    deviation_minutes: Annotated[int, Field(gt=0, le=180)]
    """Minutes of arc: 90 is 1 degree 30 minutes."""


class EdgeTable(Strict):
    """General tolerances of broken edges, by class letter."""

    clause: str
    source: str
    confidence: Confidence
    classes: dict[str, tuple[EdgeBand, ...]]


class AngleTable(Strict):
    """General tolerances of angles by the length of the shorter side, by class letter."""

    clause: str
    source: str
    confidence: Confidence
    classes: dict[str, tuple[AngleBand, ...]]


class ToleranceTable(Strict):
    """General tolerances of linear and angular sizes, by class letter."""

    id: str
    title_en: str
    clause: str
    designations: tuple[Designation, ...]
    classes: dict[str, tuple[ToleranceBand, ...]]
    """Linear sizes except broken edges."""
    broken_edges: EdgeTable | None = None
    angles: AngleTable | None = None
    source: str
    confidence: Confidence


class TableReference(Strict):
    """A table, and the name that a pack cites it by."""

    table: str
    """Id of a file."""
    designation: str
    """Id of one of that table's designations."""


class Pack(Strict):
    """A national pack: which table, under which designation, with which demands."""

    id: str
    country: str
    title_en: str
    tolerance_table: str
    """Id of a file in standards/."""
    designation: str
    """Id of one of that table's designations."""
    grades: TableReference | None = None
    """Limits and fits, a file in standards/grades/."""
    default_class: str
    document_title: dict[str, str]
    """Language -> title of the document it issues ("certificate of conformity" is a regulated
    term in some countries: the pack words it)."""
    languages: tuple[str, ...]
    additive_standards: tuple[AdditiveStandard, ...]
    mandatory_checks: tuple[str, ...]
    """Check ids that must run and decide."""
    mandatory_audit_rules: tuple[str, ...]
    provenance: Provenance


class AdditiveStandard(Strict):
    designation: str
    title_en: str
    status: StandardStatus
    national_adoption: Literal["not_applicable", "verified", "not_verified"]
    source: str


Pack.model_rebuild()
