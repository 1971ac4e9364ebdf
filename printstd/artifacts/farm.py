"""FarmPrinter, Spool, Reservation, FarmEvent: the farm's machines, its filament, its history.

Whole numbers and texts only, so that they can be hashed and kept anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from printstd.artifacts.codec import absent_means


@dataclass(frozen=True, slots=True)
class HostAddress:
    """How a printer's host is reached. address : ``octoprint+http://HOST:PORT`` and the like
    (docs/hosts.md). secret : name of a table in the farm's secrets, never the secret itself."""

    address: str
    secret: str = ""

    @property
    def kind(self) -> str:
        """The driver's name."""
        return self.address.split(":", 1)[0].split("+", 1)[0]


@dataclass(frozen=True, slots=True)
class Nozzle:
    """The nozzle that is screwed in. printed_s : how long it has printed."""

    id: str
    diameter_um: int
    printed_s: int = 0


@dataclass(frozen=True, slots=True)
class Loaded:
    """A spool on a printer. tool : that it feeds, from 0. flow_permille, pressure_advance_e6 : as
    calibrated for this spool on this machine; None where nobody did."""

    tool: int
    spool: str
    flow_permille: int | None = None
    pressure_advance_e6: int | None = None


@dataclass(frozen=True, slots=True)
class Calibration:
    """One setting of one machine as it was measured there, kept until another takes its place.

    printer : by its name in the farm. serial, nozzle, spool : the individuals it was measured with
    and holds for. value_e6, u_e6 : as in `artifacts.calibration.CalibrationRecord`, millionths of
    its unit. on : ISO date of the measurement. until_utc_s : until when the farm counts on it.
    is_applied : of a first layer: the machine's own Z was set to it since. by : who measured.
    sha256 : of the record that it was taken from.
    """

    printer: str
    serial: str
    nozzle: str
    kind: str
    spool: str
    material: str
    value_e6: int
    u_e6: int
    on: str
    until_utc_s: int
    is_applied: bool
    by: str
    sha256: str


@dataclass(frozen=True, slots=True)
class FarmPrinter:
    """One machine, as an individual.

    profile : id of the printer profile that it is an example of. tags : what else it offers.
    group : that shares power or a room. capability_until_utc_s : until when its record of
    capability counts; None where it has none. capability_sha256 : of that record. auto_clear : it
    throws off what it printed, so nobody needs to confirm that the bed is free. is_paused : it gets
    nothing new. needs_clear : something may lie on its bed. last_start_utc_ms : of the last start
    that was intended there.
    """

    name: str
    profile: str
    host: HostAddress
    nozzle: Nozzle
    serial: str = ""
    loaded: tuple[Loaded, ...] = ()
    tags: tuple[str, ...] = ()
    group: str = ""
    capability_sha256: str = ""
    capability_until_utc_s: int | None = None
    auto_clear: bool = False
    is_paused: bool = False
    needs_clear: bool = False
    last_start_utc_ms: int = 0
    is_retired: bool = field(default=False, metadata=absent_means(False))


@dataclass(frozen=True, slots=True)
class Seen:
    """A printer as its host last told. state : of `HostState`, or ``silent``. nozzle_mc, bed_mc :
    thousandths of a degree, None where unknown. heats : a heater is below what it was told."""

    printer: str
    at_utc_ms: int
    state: str
    file: str = ""
    message: str = ""
    progress_permille: int | None = None
    layer: int | None = None
    nozzle_mc: int | None = None
    bed_mc: int | None = None
    heats: bool = False


@dataclass(frozen=True, slots=True)
class Spool:
    """id : the farm's. material : id of its profile. left_mg : after all that was consumed."""

    id: str
    material: str
    left_mg: int
    colour: str = ""
    lot: str = ""


@dataclass(frozen=True, slots=True)
class Reservation:
    """Filament that an instance will take from a spool."""

    instance: int
    tool: int
    spool: str
    mg: int


@dataclass(frozen=True, slots=True)
class FarmEvent:
    """A line of the farm's history, which is only ever added to. about : (key, value): job,
    instance, printer, state, reason and so on. previous_sha256 : of the line before; sha256 : of
    this one, that included."""

    number: int
    at_utc_ms: int
    by: str
    kind: str
    about: tuple[tuple[str, str], ...]
    previous_sha256: str
    sha256: str
