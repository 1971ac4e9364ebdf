"""PassportRecord: what is told of one printed part over its life, beside its certificate.

Time, cost, procurement and maintenance are the fourth to seventh dimension of building information
models. Signed, so it holds whole numbers and texts: amounts as decimal texts, days and UTC times.
Empty texts and lists are left out: what nobody said is not there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from printstd.artifacts.codec import LEFT_OUT_WHEN_EMPTY as _IF_SAID


@dataclass(frozen=True, slots=True)
class CertifiedPart:
    """What its certificate says. statement_sha256 : of the signed payload of kind `statement`,
    ``gcode-recheck/v1`` or ``gcode-part/v1``. rests_on : of that and of every other payload that it
    stands on, so that a revocation of any is noticed; empty in the passports of older tools."""

    statement: str
    statement_sha256: str
    program_sha256: str
    model_name: str
    model_sha256: str
    label: str
    standard: str
    pack: str
    issued_at: str
    verdict: str
    rests_on: tuple[str, ...] = field(default=(), metadata=_IF_SAID)


@dataclass(frozen=True, slots=True)
class PartIdentity:
    """gtin : 14 digits. resolver : host that the label's address names."""

    serial: str
    gtin: str = field(default="", metadata=_IF_SAID)
    batch: str = field(default="", metadata=_IF_SAID)
    resolver: str = field(default="", metadata=_IF_SAID)


@dataclass(frozen=True, slots=True)
class Times:
    """planned : as the generation certificate counts it (heating apart), and for the whole program;
    0 where there is no such certificate, or other parts are in it. The rest is the owner's."""

    planned_print_s: int = field(default=0, metadata=_IF_SAID)
    planned_filament_mg: int = field(default=0, metadata=_IF_SAID)
    started_at: str = field(default="", metadata=_IF_SAID)
    finished_at: str = field(default="", metadata=_IF_SAID)


@dataclass(frozen=True, slots=True)
class CostItem:
    name: str
    amount: str


@dataclass(frozen=True, slots=True)
class Cost:
    """currency : ISO 4217. total, amount : decimal texts."""

    currency: str
    total: str
    items: tuple[CostItem, ...] = field(default=(), metadata=_IF_SAID)


@dataclass(frozen=True, slots=True)
class Procurement:
    order_id: str = field(default="", metadata=_IF_SAID)
    purchaser: str = field(default="", metadata=_IF_SAID)
    supplier: str = field(default="", metadata=_IF_SAID)
    quantity: int = field(default=0, metadata=_IF_SAID)
    drawing: str = field(default="", metadata=_IF_SAID)
    change_index: str = field(default="", metadata=_IF_SAID)
    delivered_on: str = field(default="", metadata=_IF_SAID)


@dataclass(frozen=True, slots=True)
class Material:
    """profile : of the certificate. The rest by the feedstock's record, or by the owner."""

    profile: str = field(default="", metadata=_IF_SAID)
    manufacturer: str = field(default="", metadata=_IF_SAID)
    polymer: str = field(default="", metadata=_IF_SAID)
    lot: str = field(default="", metadata=_IF_SAID)


@dataclass(frozen=True, slots=True)
class Machine:
    """profile : of the certificate."""

    profile: str = field(default="", metadata=_IF_SAID)
    serial: str = field(default="", metadata=_IF_SAID)
    site: str = field(default="", metadata=_IF_SAID)


@dataclass(frozen=True, slots=True)
class Counter:
    """Of the machine when the part was made: ``printing``, ``1284.5``, ``h``."""

    name: str
    value: str
    unit: str


@dataclass(frozen=True, slots=True)
class Maintenance:
    last_service_on: str = field(default="", metadata=_IF_SAID)
    next_service_on: str = field(default="", metadata=_IF_SAID)
    counters: tuple[Counter, ...] = field(default=(), metadata=_IF_SAID)


@dataclass(frozen=True, slots=True)
class Run:
    """The signed record of how it was printed. statement_sha256 : of its payload. verdict :
    ``conforms`` or ``deviates``; outcome : as the printer's host has it."""

    statement_sha256: str
    verdict: str
    outcome: str
    began_at: str
    ended_at: str


@dataclass(frozen=True, slots=True)
class PassportRecord:
    """details_sha256 : of the file that the owner's figures were read from."""

    part: PartIdentity
    certified: CertifiedPart
    times: Times
    material: Material
    machine: Machine
    details_sha256: str
    cost: Cost | None = field(default=None, metadata=_IF_SAID)
    procurement: Procurement | None = field(default=None, metadata=_IF_SAID)
    maintenance: Maintenance | None = field(default=None, metadata=_IF_SAID)
    as_run: Run | None = field(default=None, metadata=_IF_SAID)
