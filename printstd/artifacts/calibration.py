"""CalibrationRecord: one setting of one machine with one spool, as it was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, get_args

CalibrationKind = Literal["flow", "pressure_advance", "temperature", "first_layer"]
CALIBRATION_KINDS: Final[tuple[CalibrationKind, ...]] = get_args(CalibrationKind)
UNITS: Final[Mapping[str, str]] = MappingProxyType(
    {"flow": "1", "pressure_advance": "s", "temperature": "degC", "first_layer": "mm"}
)
SCHEMA_VERSION: Final = "1.0"
E6: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class CalibrationRecord:
    """value_e6, u_e6 : millionths of `unit`; u is the expanded uncertainty (k = 2) of the value by
    what was measured and how finely the test print is divided, nothing else. before_e6 : with which
    it was printed. sets : the key of the profiles that the value is for; of the first layer there
    is none, that is the machine's own. by, on : who measured, and the ISO date. printer_serial,
    nozzle_id, spool : which individuals; a value holds for no other. samples : how many readings.
    """

    kind: CalibrationKind
    value_e6: int
    u_e6: int
    before_e6: int
    unit: str
    sets: str | None
    printer: str
    printer_serial: str
    nozzle_id: str
    nozzle_mm: float
    material: str
    spool: str
    process: str
    by: str
    on: str
    samples: int
    program_sha256: str
    form_sha256: str
    tool_version: str

    @property
    def flow_permille(self) -> int | None:
        """What a farm keeps of a spool; None where the record is of something else."""
        return round(self.value_e6 / 1000) if self.kind == "flow" else None

    @property
    def pressure_advance_e6(self) -> int | None:
        """Likewise, microseconds."""
        return self.value_e6 if self.kind == "pressure_advance" else None
