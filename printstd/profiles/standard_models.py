"""The typed profiles of what work is judged by: tables of tolerances, and packs that name them."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from printstd.profiles.kinds import Confidence, Date, NonNegative, Positive, Provenance, Strict


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
    """How a drawing names the class; ``{class}`` is replaced: ``ISO 2768-{class}``. In tables of
    geometrical tolerances ``{geometrical}`` too: ``ISO 2768-{class}{geometrical}``."""


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


class AdditiveStandard(Strict):
    """A standard for additive manufacturing or its feedstock that a pack names."""

    designation: str
    title_en: str
    adopts: str | None = None
    """The international standard, with the edition that it copies: an identical national standard
    copies a dated one."""
    degree: Literal["base", "IDT", "MOD", "EQV", "NEQ", "none", "not_stated"]
    status: StandardStatus
    status_checked_on: Date
    national_adoption: Literal["not_applicable", "verified", "not_verified"]
    source: str
    confidence: Confidence


class Pack(Strict):
    """A national pack: which tables, under which designations, with which demands."""

    id: str
    country: str
    title_en: str
    tolerance_table: str
    """Id of a file in standards/."""
    designation: str
    """Id of one of that table's designations."""
    title_block: TableReference | None = None
    """A table without classes, in standards/: what a tolerance that the drawing states for all
    sizes is cited under. None where `tolerance_table` is such a table itself, or none is known."""
    title_block_tolerance_mm: Positive | None = None
    """That tolerance, +-mm for every size without one of its own. Given with the request; a pack
    file gives none."""
    title_block_tolerance_minutes: Annotated[int, Field(gt=0, le=600)] | None = None
    """The same for angles, +-minutes of arc."""
    geometrical: TableReference | None = None
    """General geometrical tolerances, a file in standards/geometrical/."""
    grades: TableReference | None = None
    """Limits and fits, a file in standards/grades/."""
    deviations_designation: str | None = None
    """Id of the designation of the same table that carries limit deviations of holes and shafts,
    where that is a standard of its own."""
    moulding: TableReference | None = None
    """Plastic mouldings to compare with, a file in standards/moulding/."""
    default_class: str | None = None
    """None where the table has no classes."""
    document_title: dict[str, str]
    """Language -> title of the document it issues ("certificate of conformity" is a regulated
    term in some countries: the pack words it)."""
    regulated_words: tuple[str, ...] = ()
    """Words that a document's title must not hold in this country, in any case of letters."""
    languages: tuple[str, ...]
    additive_standards: tuple[AdditiveStandard, ...]
    mandatory_checks: tuple[str, ...]
    """Check ids that must run and decide."""
    mandatory_audit_rules: tuple[str, ...]
    requires_capability: bool = False
    """Sizes pass only where a record of capability shows that the machine holds their limits
    (CAP-01, which is mandatory then)."""
    least_cpk: Annotated[float, Field(ge=1, le=3, allow_inf_nan=False)] = 1.0
    """What the lower 95 % bound of Cpk must reach for a class to be held. 1: three standard
    deviations on the worse side end within the limits; ours, contracts ask for more."""
    provenance: Provenance
