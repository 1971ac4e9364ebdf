"""Characteristics: the rows of a drawing that a part is judged by, and what was found of each.

Sizes are exact: whole millionths of their unit, which for lengths are nanometres. Nothing here
was ever a binary fraction of what the drawing says.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from printstd.artifacts.features import FeatureKind
from printstd.artifacts.finding import Status


@dataclass(frozen=True, slots=True)
class Limits:
    """What a row says of its limits, not yet looked up in any table.

    text : as written behind the size (``H13``, ``+0.1/0``, ``±0.2``, ``m``); empty where nothing
    is: then the general class of the request holds. lower_e6, upper_e6 : of a row that has a column
    for each, in millionths of its unit: deviations, or where `are_sizes` the sizes themselves.
    """

    text: str
    lower_e6: int | None = None
    upper_e6: int | None = None
    are_sizes: bool = False


@dataclass(frozen=True, slots=True)
class Selector:
    """Which feature of the model a row is about: its id, or a kind with a place or an axis.

    point_nm : two coordinates say nothing about Z. axis : ``X``, ``Y`` or ``Z`` of the model.
    text : as written.
    """

    text: str
    feature_id: str = ""
    kinds: tuple[FeatureKind, ...] = ()
    point_nm: tuple[int, ...] = ()
    axis: str = ""


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One row of the drawing, in the order of the file."""

    number: str
    """As the drawing's balloon has it."""
    line: int
    """1-based, of the file."""
    selector: Selector
    nominal_e6: int
    unit: str
    """``mm`` or ``deg``."""
    limits: Limits
    datum: str = ""
    """Recorded: a size of a feature has none, so none is judged."""
    reference: str = ""
    """Where on the drawing it stands: sheet and zone."""
    designator: str = ""
    """``critical``, ``major``, ``safety``..., as written."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class CharacteristicList:
    """A drawing's table as it was read."""

    name: str
    sha256: str
    format: str
    """Encoding, separator and decimal mark that were found, in words."""
    rows: tuple[Characteristic, ...]

    @property
    def is_recognised(self) -> bool:
        """No drawing was read: the sizes are those that are recognised on the mesh."""
        return not self.sha256


RECOGNISED: Final = CharacteristicList("", "", "recognised on the mesh", ())
"""Asks for the sizes that a drawing would name, where there is none."""


class NominalFrom(StrEnum):
    """Where a nominal size comes from."""

    DRAWING = "drawing"
    MESH = "nominal recovered from the mesh"
    """No drawing says it: such a row shows what was recognised, and stands for no drawing."""
    STEP = "size of the STEP file"
    """Exact, and of no drawing either: what it may deviate by, the file does not say."""


@dataclass(frozen=True, slots=True)
class SizeResult:
    """One measurement of a characteristic against its limits."""

    size: float | None
    """mm or deg; None where nothing could be measured."""
    deviation: float | None
    u: float | None
    """Expanded, k = 2."""
    verdict: Status
    basis: str
    """What was measured, how, and what U is made of; or why there is no size."""


@dataclass(frozen=True, slots=True)
class PredictedTerm:
    """What one step of the process does to a size that the verdict does not know of."""

    name: str
    systematic: float
    """Signed, added up."""
    random: float
    """Half width (k = 2), added in quadrature."""
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Predicted:
    """The part that is likely to come out; what would be decided of it is a forecast, no
    verdict."""

    terms: tuple[PredictedTerm, ...]
    deviation: float
    u: float
    forecast: Status
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class CharacteristicResult:
    """One row of the accountability table: AS9102 form 3 has its columns in this order (number,
    reference location, designator, requirement, results), what is ours follows."""

    number: str
    reference: str
    designator: str
    requirement: str
    feature: str
    """Id and description of the feature that the row was matched with; empty where with none."""
    unit: str
    nominal: float | None
    lower: float | None
    upper: float | None
    """Permissible deviations."""
    nominal_from: NominalFrom
    limits_from: str
    """Standard, class, grade or the drawing itself."""
    datum: str
    note: str
    model: SizeResult | None
    """What the model file says."""
    commanded: SizeResult | None
    """What the program's beads make; None where none was audited."""
    predicted: Predicted | None
    verdict: Status
    rule: str
    """The decision rule in force."""
