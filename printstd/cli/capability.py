"""Records of capability at the command line: given with a call, and told of in reports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from printstd.words import listed, said

if TYPE_CHECKING:
    from printstd.artifacts.capability import CapabilityRecord, ClassHeld, MeasuredCharacteristic
    from printstd.certify.policy import TrustPolicy
    from printstd.ports import Clock
    from printstd.profiles.records import GivenCapability, Records
    from printstd.report.document import Fact, Subject

_DOUBTFUL = 0.05


def capability_of(
    file: Path | None, trust: Path | None, clock: Clock | None = None
) -> GivenCapability | None:
    """The record that a call names. Raises UsageError where a key is named and no record;
    VerificationError where none of those keys signed it, or it is no record."""
    from printstd.errors import UsageError

    if file is None:
        if trust is not None:
            raise UsageError(
                said("--trust is of the record of capability here"),
                got=said("--trust and no --capability"),
                wanted=said("--capability FILE with it"),
                hint=said("`printstd verify` takes the keys of programs"),
            )
        return None
    import hashlib

    from printstd.adapters.clock import SystemClock
    from printstd.adapters.files import read_file
    from printstd.adapters.keys import load_trusted
    from printstd.certify.capability import read_capability
    from printstd.certify.dsse import MAX_BUNDLE_BYTES
    from printstd.cli.running import shown
    from printstd.profiles.records import GivenCapability

    data = read_file(file, max_bytes=MAX_BUNDLE_BYTES)
    name = shown(file.name)
    stated = read_capability(data, name, load_trusted(trust) if trust is not None else None)
    today = (clock or SystemClock()).now_utc()[: len("2026-11-26")]
    return GivenCapability(
        stated.record, name, hashlib.sha256(data).hexdigest(), stated.key_id, today
    )


def with_capability(
    records: Records, file: Path | None, trust: Path | None, clock: Clock | None = None
) -> Records:
    """The records of a call, with the one that `--capability` names; see `capability_of`."""
    from dataclasses import replace

    given = capability_of(file, trust, clock)
    return records if given is None else replace(records, capability=given)


def verified_record(
    path: Path, policy: TrustPolicy | None, now: str, policy_file: Path | None = None
) -> Subject | None:
    """What a record of capability says under a policy; None where the file is none. Raises
    VerificationError where the policy does not accept it, or it is not valid today."""
    import hashlib

    from printstd.adapters.files import read_file
    from printstd.certify.capability import capability_under, is_capability
    from printstd.certify.dsse import MAX_BUNDLE_BYTES
    from printstd.certify.predicates import CAPABILITY
    from printstd.cli.at_hand import nobody_trusted
    from printstd.cli.running import shown
    from printstd.cli.sidecars import gather_alone
    from printstd.cli.verified import alone_rows
    from printstd.profiles.decision import Outcome
    from printstd.report.document import Fact, Section, Subject

    data = read_file(path, max_bytes=MAX_BUNDLE_BYTES)
    if not is_capability(data):
        return None
    name = shown(path.name)
    if policy is None:
        raise nobody_trusted(name, name)
    beside = gather_alone(path, CAPABILITY, policy, policy_file)
    stated, held = capability_under(data, name, policy, now, beside)
    facts = (
        Fact(said("signed"), said("key {key_id}", key_id=stated.key_id or "")),
        Fact(said("issued"), stated.issued_at),
        *capability_facts(stated.record),
        *alone_rows(stated.by, stated.issued_at, stated.stamps, held),
    )
    section = Section("verify", Outcome.PASSED, (), (), (), ())
    return Subject(name, hashlib.sha256(data).hexdigest(), facts, (section,), (), None, 0)


def capability_facts(record: CapabilityRecord) -> tuple[Fact, ...]:
    """What a record says: first of what, then what each range holds, then every characteristic."""
    from printstd.report.document import Fact

    machine = record.machine
    humidity = record.humidity_percent
    climate = said("{celsius:g} C", celsius=record.temperature_mdeg_c / 1000)
    if humidity is not None:
        climate = said(
            "{celsius:g} C, {humidity} % r.h.",
            celsius=record.temperature_mdeg_c / 1000,
            humidity=humidity,
        )
    rows = [
        Fact(
            said("machine"),
            said(
                "{printer}, serial {serial}, nozzle {nozzle:g} mm",
                printer=machine.printer,
                serial=machine.serial,
                nozzle=machine.nozzle_um / 1000,
            ),
        ),
        Fact(
            said("material"),
            said("{material}, lot {lot}", material=machine.material, lot=machine.lot),
        ),
        Fact(
            said("process"),
            said(
                "{process}, sha256 {sha256}", process=machine.process, sha256=machine.process_sha256
            ),
        ),
        Fact(said("measured on"), record.measured_on),
        Fact(said("valid until"), record.valid_until),
        Fact(
            said("temperature"),
            said("{climate} (reference: 20 C, ISO 1)", climate=climate),
        ),
    ]
    rows += [
        Fact(
            said("instrument"),
            said(
                "{id}, calibrated {start}, due {end}, U {u:.4f} mm (k=2)",
                id=one.id,
                start=one.calibrated_on,
                end=one.calibration_due,
                u=one.u_nm / 1e6,
            ),
        )
        for one in record.instruments
    ]
    rows.append(
        Fact(
            said("demand"),
            said(
                "lower 95 % bound of Cpk at least {least:.2f} (ISO 22514 machine performance), by "
                "{standard}",
                least=record.least_cpk_e4 / 10_000,
                standard=record.standard,
            ),
        )
    )
    from printstd.artifacts.wording import SENSE_NAMES

    for held in record.ranges:
        name = said(
            "{over:g} to {up_to:g} mm, {sense}, {along}",
            over=held.over_nm / 1e6,
            up_to=held.up_to_nm / 1e6,
            sense=SENSE_NAMES.get(held.sense, held.sense),
            along=held.along,
        )
        which = ", ".join(held.characteristics)
        value = (
            said("holds class {letter} ({which})", letter=held.tolerance_class, which=which)
            if held.tolerance_class
            else said("holds no class ({which})", which=which)
        )
        rows.append(Fact(name, value))
    rows += [Fact(one.id, _told(one)) for one in record.characteristics]
    return tuple(rows)


def _told(one: MeasuredCharacteristic) -> str:
    parts: list[str] = [
        said(
            "{nominal:g} mm: {count} parts, bias {bias:+.4f} mm, spread s {spread:.4f} mm, "
            "{least:g} to {greatest:g} mm, U {u:.4f} mm",
            nominal=one.nominal_nm / 1e6,
            count=one.parts,
            bias=one.bias_nm / 1e6,
            spread=one.spread_nm / 1e6,
            least=one.least_nm / 1e6,
            greatest=one.greatest_nm / 1e6,
            u=one.u_nm / 1e6,
        )
    ]
    if one.normality_e4 is not None:
        parts.append(_normality(one.normality_e4 / 10_000))
    if one.outliers:
        named = ", ".join(f"{row.part} ({row.measured_nm / 1e6:g})" for row in one.outliers)
        parts.append(said("outliers, which are in every figure: {named}", named=named))
    if one.reason:
        parts.append(said("NOT_EVALUATED: {reason}", reason=one.reason))
    else:
        parts += [_class(row) for row in one.classes]
    return listed(parts, "; ")


def _normality(value: float) -> str:
    from printstd.kernels.process_indices import normality_p

    chance = normality_p(value)
    if chance < _DOUBTFUL:
        return said(
            "normality is doubtful (Anderson-Darling {value:.3f}, chance {chance:.1e})",
            value=value,
            chance=chance,
        )
    return said("normality is not refuted (Anderson-Darling {value:.3f})", value=value)


def _class(row: ClassHeld) -> str:
    if row.reason:
        return said(
            "class {letter}: NOT_EVALUATED, {reason}", letter=row.tolerance_class, reason=row.reason
        )
    values = {
        "letter": row.tolerance_class,
        "tolerance": row.tolerance_nm / 1e6,
        "cp": (row.cp_e4 or 0) / 10_000,
        "cp_low": (row.cp_lower_e4 or 0) / 10_000,
        "cpk": (row.cpk_e4 or 0) / 10_000,
        "cpk_low": (row.cpk_lower_e4 or 0) / 10_000,
    }
    if row.verdict == "PASS":
        return said(
            "class {letter} (+-{tolerance:g}): held, Cp {cp:.2f} (at least {cp_low:.2f}), Cpk "
            "{cpk:.2f} (at least {cpk_low:.2f})",
            **values,
        )
    return said(
        "class {letter} (+-{tolerance:g}): not held, Cp {cp:.2f} (at least {cp_low:.2f}), Cpk "
        "{cpk:.2f} (at least {cpk_low:.2f})",
        **values,
    )
