"""Statements about one part of a plate, as `verify` and `inspect` tell them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from printstd.words import listed, said

if TYPE_CHECKING:
    from printstd.certify.parts import StatedPart
    from printstd.certify.policy import TrustPolicy
    from printstd.certify.verify import Verified
    from printstd.report.document import Fact, Subject


def verified_part(
    path: Path,
    models: Sequence[Path],
    policy: TrustPolicy | None,
    now: str,
    policy_file: Path | None = None,
) -> Subject | None:
    """What a statement about one part says under a policy, without the program it was laid by;
    None where the file is none. Raises VerificationError where it does not hold, or the model is
    another."""
    import hashlib

    from printstd.adapters.files import read_file
    from printstd.certify.dsse import MAX_BUNDLE_BYTES
    from printstd.certify.parts import is_part, read_part
    from printstd.certify.predicates import PART
    from printstd.cli.at_hand import nobody_trusted
    from printstd.cli.running import shown
    from printstd.cli.sidecars import gather_alone
    from printstd.cli.verified import alone_rows
    from printstd.errors import VerificationError
    from printstd.report.document import Fact, Section, Subject

    data = read_file(path, max_bytes=MAX_BUNDLE_BYTES)
    if not is_part(data):
        return None
    name = shown(path.name)
    if policy is None:
        raise nobody_trusted(name, name)
    beside = gather_alone(path, PART, policy, policy_file)
    stated = read_part(data, name, policy, now, beside=beside)
    for model in models:
        digest = hashlib.sha256(read_file(model)).hexdigest()
        if digest != stated.model_sha256:
            raise VerificationError(
                said("this is not the model that the part was certified for"),
                where=shown(model.name),
                got=said("sha256 {sha256}", sha256=digest),
                wanted=said("sha256 {sha256}", sha256=stated.model_sha256),
                hint=said("give the very file that was certified"),
            )
    facts = [
        *part_facts(stated),
        *alone_rows(stated.by, stated.issued_at, stated.stamps, stated.held),
    ]
    if models:
        facts.append(Fact(said("model"), said("the given file is the certified one")))
    section = Section("verify", stated.verdict, (), (), (), ())
    return Subject(name, hashlib.sha256(data).hexdigest(), tuple(facts), (section,), (), None, 0)


def part_of_plate(
    path: Path, label: str, program: bytes, verified: Verified, policy: TrustPolicy, now: str
) -> tuple[Fact, ...]:
    """The statement about one part beside a plate's program, held against both. Raises
    VerificationError where it is not there or does not belong to them."""
    from printstd.adapters.files import read_if_present
    from printstd.certify.dsse import MAX_BUNDLE_BYTES
    from printstd.certify.parts import check_against, read_part
    from printstd.cli.commands.certify import part_sidecar
    from printstd.cli.running import shown
    from printstd.errors import VerificationError

    file = part_sidecar(path, label)
    bundle = read_if_present(file, max_bytes=MAX_BUNDLE_BYTES)
    recheck = verified.recheck
    demand = recheck.said.demand if recheck is not None else None
    if bundle is None or recheck is None or demand is None:
        known = [part.label for part in demand.parts] if demand is not None else []
        raise VerificationError(
            said("there is no statement about this part"),
            where=shown(file.name),
            got=said("parts of this plate: {parts}", parts=", ".join(known) or "-"),
            wanted=said("--part LABEL, and its statement beside the program"),
            hint=said("`printstd certify A B -o OUT.gcode` writes one for each part"),
        )
    stated = read_part(bundle, shown(file.name), policy, now, is_alone=False)
    check_against(stated, shown(file.name), program, recheck.certificate.payload, demand)
    return part_facts(stated, is_program_held=True)


def part_facts(stated: StatedPart, *, is_program_held: bool = False) -> tuple[Fact, ...]:
    """What was signed about one part."""
    from printstd.report.document import Fact

    signer = stated.key_id or stated.claimed_key_id
    whole = [row for row in stated.rows if not row[2]]
    rows = [
        Fact(said("part"), stated.label),
        Fact(
            said("model"),
            said("{name}, sha256 {sha256}", name=stated.model_name, sha256=stated.model_sha256),
        ),
        Fact(
            said("program"),
            said("sha256 {sha256}, which was held against it", sha256=stated.program_sha256)
            if is_program_held
            else said(
                "sha256 {sha256}; no program was held against it", sha256=stated.program_sha256
            ),
        ),
        Fact(
            said("re-checked"),
            said("{issued_at}, signed by key {key}…", issued_at=stated.issued_at, key=signer[:16]),
        ),
        Fact(
            said("standard"),
            said("{indication}, pack {pack}", indication=stated.indication, pack=stated.pack),
        ),
        Fact(said("size class"), stated.tolerance_class),
        *(
            Fact(row.kind, listed([listed(pair, " ") for pair in row.says]))
            for row in stated.records
        ),
        *(Fact(name, value) for name, value in stated.measured),
        Fact(
            said("rules about the whole program"),
            said("{count}, each as it had to be", count=len(whole)),
        ),
    ]
    return (
        *rows,
        *(
            Fact(rule, listed((status.value, message), "  "))
            for rule, status, message in stated.rows
            if message
        ),
    )
