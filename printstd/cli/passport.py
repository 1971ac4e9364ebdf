"""A passport from a certificate that verified, the order, the filament and the owner's own figures;
and what a passport says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from printstd.artifacts.passport import (
    CertifiedPart,
    Cost,
    CostItem,
    Counter,
    Machine,
    Maintenance,
    Material,
    PartIdentity,
    PassportRecord,
    Procurement,
    Run,
    Times,
)
from printstd.errors import InputError
from printstd.words import listed, said

if TYPE_CHECKING:
    from printstd.certify.passport import StatedPassport
    from printstd.certify.policy import TrustPolicy
    from printstd.certify.reading import RecordRow
    from printstd.profiles.feedstock_models import Feedstock
    from printstd.profiles.order_models import OrderRecord
    from printstd.profiles.passport_models import PassportDetails
    from printstd.profiles.records import Held
    from printstd.report.document import Fact, Subject

    Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Source:
    """What a verified certificate tells of the part. planned : (s, mg) of a program that is of this
    part alone."""

    certified: CertifiedPart
    planned: tuple[int, int]
    material: str
    machine: str
    records: tuple[RecordRow, ...]


def source_of(path: Path, policy: TrustPolicy, now: str, policy_file: Path | None = None) -> Source:
    """The certificate of one part: a program with its statements, or a statement about one part of
    a plate. Raises VerificationError where it does not hold, InputError where it is of several."""
    from printstd.adapters.files import read_file
    from printstd.certify.dsse import MAX_BUNDLE_BYTES
    from printstd.certify.parts import is_part, read_part
    from printstd.certify.predicates import PART
    from printstd.cli.running import shown
    from printstd.cli.sidecars import gather_alone

    if path.suffix == ".json" and path.is_file():
        data = read_file(path, max_bytes=MAX_BUNDLE_BYTES)
        if is_part(data):
            import hashlib

            beside = gather_alone(path, PART, policy, policy_file)
            part = read_part(data, shown(path.name), policy, now, beside=beside)
            profiles = {row.role: row.id or "" for row in part.profiles}
            certified = CertifiedPart(
                _kind(PART),
                hashlib.sha256(part.payload).hexdigest(),
                part.program_sha256,
                part.model_name,
                part.model_sha256,
                part.label,
                part.indication,
                part.pack,
                part.issued_at,
                part.verdict.value,
                (hashlib.sha256(part.payload).hexdigest(), *part.rests_on)
                if part.is_traced
                else (),
            )
            return Source(
                certified,
                (0, 0),
                profiles.get("material", ""),
                profiles.get("printer", ""),
                part.records,
            )
    return _of_program(path, policy, now, policy_file)


def _kind(predicate_type: str) -> str:
    """``https://printstd.example/gcode-part/v1`` -> ``gcode-part/v1``."""
    return predicate_type.removeprefix("https://printstd.example/")


def _of_program(path: Path, policy: TrustPolicy, now: str, policy_file: Path | None) -> Source:
    import hashlib

    from printstd.certify.predicates import RECHECK
    from printstd.cli.at_hand import program_of, verified_of
    from printstd.cli.running import shown
    from printstd.profiles.decision import Outcome

    verified = verified_of(program_of(path), policy, now, policy_file)
    recheck = verified.recheck
    if recheck is None or recheck.said.demand is None or verified.outcome is not Outcome.PASSED:
        raise InputError(
            said("a passport is of a part that was certified"),
            where=shown(path.name),
            got=said("verdict {verdict}", verdict=verified.outcome.value)
            if recheck is not None
            else said("no re-check"),
            wanted=said("a re-check with the verdict PASSED"),
            hint=said("certify the program, or mend the part"),
        )
    stated, demand = recheck.said, recheck.said.demand
    if demand.parts:
        raise InputError(
            said("a passport is of one part, and this program is of several"),
            where=shown(path.name),
            got=", ".join(part.label for part in demand.parts),
            wanted=said("the statement about one of them: OUT.gcode.part-LABEL.json"),
            hint=said("`printstd certify A B -o OUT.gcode` writes one for each part"),
        )
    name, sha256 = stated.models[0]
    made = verified.generation
    certified = CertifiedPart(
        _kind(RECHECK),
        hashlib.sha256(recheck.certificate.payload).hexdigest(),
        stated.subject_sha256,
        name,
        sha256,
        "",
        stated.indication,
        stated.pack,
        stated.issued_at,
        verified.outcome.value,
        tuple(
            hashlib.sha256(one.certificate.payload).hexdigest()
            for one in (recheck, made)
            if one is not None
        ),
    )
    return Source(
        certified,
        _planned(made.certificate.payload) if made is not None else (0, 0),
        demand.material.name,
        demand.machine.name,
        stated.records,
    )


def _planned(payload: bytes) -> tuple[int, int]:
    """(s, mg) as the generation certificate has them."""
    from printstd.certify.dsse import MAX_PAYLOAD_BYTES
    from printstd.certify.strict_json import parse

    statement = parse(payload, max_bytes=MAX_PAYLOAD_BYTES, what="the statement")
    totals = statement["predicate"].get("totals")
    if not isinstance(totals, dict):
        return 0, 0
    time_ms, filament_mg = totals.get("print_time_ms"), totals.get("filament_mg")
    return (
        round(time_ms / 1000) if type(time_ms) is int else 0,
        filament_mg if type(filament_mg) is int else 0,
    )


def record_of(
    source: Source,
    details: Held[PassportDetails],
    order: Held[OrderRecord] | None,
    feedstock: Held[Feedstock] | None,
    run: Run | None = None,
) -> PassportRecord:
    """Raises InputError where a record is not the one that was certified with, or where the owner
    says other than it does."""
    told = details.says
    says = {row.kind: dict(row.says) for row in source.records}
    _check_own(source.records, "order", order)
    _check_own(source.records, "feedstock", feedstock)
    ordered, spool = says.get("order", {}), says.get("feedstock", {})
    lot = _agreed(details, "material.lot", told.material.lot, spool.get("lot"))
    maker = _agreed(
        details, "material.manufacturer", told.material.manufacturer, spool.get("manufacturer")
    )
    order_id = _agreed(
        details, "procurement.order_id", told.procurement.order_id, ordered.get("id")
    )
    serial = _agreed(
        details, "machine.serial", told.machine.serial, says.get("capability", {}).get("serial")
    )
    head = order.says.order if order is not None else None
    purchaser = _agreed(
        details,
        "procurement.purchaser",
        told.procurement.purchaser,
        head.customer if head is not None else None,
    )
    supplier = _agreed(
        details,
        "procurement.supplier",
        told.procurement.supplier,
        head.supplier if head is not None else None,
    )
    procurement = Procurement(
        order_id,
        purchaser,
        supplier,
        (head.quantity or 0) if head is not None else 0,
        ordered.get("drawing", ""),
        ordered.get("changeIndex", ""),
        _day(told.procurement.delivered_on),
    )
    maintenance = Maintenance(
        _day(told.maintenance.last_service_on),
        _day(told.maintenance.next_service_on),
        tuple(Counter(one.name, one.value, one.unit) for one in told.maintenance.counters),
    )
    return PassportRecord(
        PartIdentity(
            told.part.serial,
            (told.part.gtin or "").zfill(14) if told.part.gtin else "",
            told.part.batch or "",
            told.link.resolver if told.link is not None else "",
        ),
        source.certified,
        Times(
            *source.planned,
            told.time.started_at or (run.began_at if run is not None else ""),
            told.time.finished_at or (run.ended_at if run is not None else ""),
        ),
        Material(source.material, maker, spool.get("polymer", ""), lot),
        Machine(source.machine, serial, told.machine.site or ""),
        details.sha256,
        Cost(
            told.cost.currency,
            told.cost.total,
            tuple(CostItem(item.name, item.amount) for item in told.cost.items),
        )
        if told.cost is not None
        else None,
        procurement if procurement != Procurement() else None,
        maintenance if maintenance != Maintenance() else None,
        run,
    )


def run_of(file: Path, source: Source, policy: TrustPolicy, now: str) -> Run:
    """The signed record of a run of this very program. Raises VerificationError where it is not."""
    from printstd.adapters.files import read_file
    from printstd.certify.as_run_statement import check_run_of, read_as_run
    from printstd.certify.dsse import MAX_BUNDLE_BYTES
    from printstd.certify.predicates import RECHECK
    from printstd.cli.running import shown

    name = shown(file.name)
    data = read_file(file, max_bytes=MAX_BUNDLE_BYTES)
    stated = read_as_run(data, name, policy.as_run_role, now, policy.stamps)
    own, record = source.certified, stated.record
    # A statement about one part of a plate is not what the plate was printed under.
    is_whole = own.statement == _kind(RECHECK)
    statement = own.statement_sha256 if is_whole else record.run.statement_sha256
    check_run_of(stated, name, program_sha256=own.program_sha256, statements=[statement])
    return Run(
        stated.sha256, record.verdict.value, record.outcome, record.began_at, record.ended_at
    )


def _day(day: object) -> str:
    return str(day) if day is not None else ""


def _check_own(
    records: tuple[RecordRow, ...], kind: str, given: Held[OrderRecord] | Held[Feedstock] | None
) -> None:
    own = next((row for row in records if row.kind == kind), None)
    if given is None or (own is not None and own.sha256 == given.sha256):
        return
    raise InputError(
        said("this record is not the one that the part was certified with"),
        where=given.name,
        got=said("sha256 {sha256}", sha256=given.sha256),
        wanted=said("sha256 {sha256}", sha256=own.sha256)
        if own is not None
        else said("none: the certificate names no such record"),
        hint=said(
            "certify with --order and --feedstock, then make the passport with the same files"
        ),
    )


def _agreed(
    details: Held[PassportDetails], key: str, owner: str | None, certified: str | None
) -> str:
    """What both say, or the one that says something."""
    if owner is not None and certified is not None and owner != certified:
        line = details.line(key)
        raise InputError(
            said("the owner's figures contradict the certificate"),
            where=f"{details.name}:{line}" if line is not None else details.name,
            got=said("{key} = {value}", key=key, value=owner),
            wanted=certified,
            hint=said("leave it out: the certificate says it"),
        )
    return owner or certified or ""


# ---- what a passport says


def verified_passport(
    path: Path, policy: TrustPolicy | None, now: str, policy_file: Path | None = None
) -> Subject | None:
    """What a passport says under a policy; None where the file is none. Raises VerificationError
    where the policy does not accept it."""
    import hashlib

    from printstd.adapters.files import read_file
    from printstd.certify.dsse import MAX_BUNDLE_BYTES
    from printstd.certify.passport import is_passport, passport_under
    from printstd.certify.predicates import PASSPORT
    from printstd.cli.at_hand import nobody_trusted
    from printstd.cli.running import shown
    from printstd.cli.sidecars import gather_alone
    from printstd.cli.verified import alone_rows
    from printstd.profiles.decision import Outcome
    from printstd.report.document import Fact, Section, Subject

    data = read_file(path, max_bytes=MAX_BUNDLE_BYTES)
    if not is_passport(data):
        return None
    name = shown(path.name)
    if policy is None:
        raise nobody_trusted(name, name)
    beside = gather_alone(path, PASSPORT, policy, policy_file)
    stated, held = passport_under(data, name, policy, now, beside)
    facts = (
        Fact(said("signed"), said("key {key_id}", key_id=stated.key_id or "")),
        *passport_facts(stated),
        *alone_rows(stated.by, stated.issued_at, stated.stamps, held),
    )
    section = Section("verify", Outcome.PASSED, (), (), (), ())
    return Subject(name, hashlib.sha256(data).hexdigest(), facts, (section,), (), None, 0)


def passport_facts(stated: StatedPassport) -> tuple[Fact, ...]:
    """Everything that is told of the part."""
    from printstd.certify.passport import link
    from printstd.report.document import Fact

    record = stated.record
    own, part, times = record.certified, record.part, record.times
    rows: list[tuple[str, str]] = [
        (said("serial"), part.serial),
        (said("GTIN"), part.gtin),
        (said("batch"), part.batch),
        (
            said("model"),
            said("{name}, sha256 {sha256}", name=own.model_name, sha256=own.model_sha256),
        ),
        (said("part"), own.label),
        (
            said("certificate"),
            said(
                "{kind}, {verdict}, {issued_at}, sha256 {sha256}",
                kind=own.statement,
                verdict=own.verdict,
                issued_at=own.issued_at,
                sha256=own.statement_sha256,
            ),
        ),
        (said("program"), said("sha256 {sha256}", sha256=own.program_sha256)),
        (
            said("standard"),
            said("{indication}, pack {pack}", indication=own.standard, pack=own.pack),
        ),
        (said("issued"), stated.issued_at),
        (
            said("printing time, planned"),
            said("{seconds} s (heating apart)", seconds=times.planned_print_s)
            if times.planned_print_s
            else "",
        ),
        (
            said("filament, planned"),
            said("{grams:.3f} g", grams=times.planned_filament_mg / 1000)
            if times.planned_filament_mg
            else "",
        ),
        (said("print started"), times.started_at),
        (said("print finished"), times.finished_at),
        (
            said("material"),
            _joined(record.material.profile, record.material.polymer, record.material.manufacturer),
        ),
        (said("material lot"), record.material.lot),
        (
            said("machine"),
            _joined(record.machine.profile, record.machine.serial, record.machine.site),
        ),
    ]
    if record.as_run is not None:
        run = record.as_run
        rows.append(
            (
                said("as-run record"),
                said(
                    "{verdict}, {outcome}, sha256 {sha256}",
                    verdict=run.verdict,
                    outcome=run.outcome,
                    sha256=run.statement_sha256,
                ),
            )
        )
    if record.cost is not None:
        cost = record.cost
        rows.append((said("cost"), f"{cost.total} {cost.currency}"))
        rows += [
            (said("cost of {name}", name=item.name), f"{item.amount} {cost.currency}")
            for item in cost.items
        ]
    if record.procurement is not None:
        bought = record.procurement
        rows += [
            (said("order"), bought.order_id),
            (said("purchaser"), bought.purchaser),
            (said("supplier"), bought.supplier),
            (said("ordered quantity"), str(bought.quantity) if bought.quantity else ""),
            (said("drawing"), _joined(bought.drawing, bought.change_index)),
            (said("delivered on"), bought.delivered_on),
        ]
    if record.maintenance is not None:
        kept = record.maintenance
        rows += [
            (said("last service"), kept.last_service_on),
            (said("next service"), kept.next_service_on),
        ]
        rows += [
            (said("counter {name}", name=one.name), f"{one.value} {one.unit}")
            for one in kept.counters
        ]
    rows.append((said("address"), link(stated) or ""))
    return tuple(Fact(name, value) for name, value in rows if value)


def _joined(*texts: str) -> str:
    return listed([text for text in texts if text])


def label_rows(stated: StatedPassport) -> tuple[tuple[str, str], ...]:
    """What stands on the label, in the order of importance."""
    record = stated.record
    own, part = record.certified, record.part
    bought = record.procurement or Procurement()
    return (
        (said("serial"), part.serial),
        (said("batch"), part.batch),
        (said("model"), own.model_name),
        (said("drawing"), " ".join(t for t in (bought.drawing, bought.change_index) if t)),
        (said("order"), bought.order_id),
        (
            said("material"),
            " ".join(
                t
                for t in (record.material.polymer or record.material.profile, record.material.lot)
                if t
            ),
        ),
        (
            said("machine"),
            " ".join(t for t in (record.machine.profile, record.machine.serial) if t),
        ),
        (said("standard"), own.standard),
        (said("program"), f"{own.verdict} {own.issued_at[:10]}"),
        (said("passport"), f"sha256 {stated.sha256[:16]}…"),
    )
