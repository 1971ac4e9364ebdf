"""What lies beside a program apart from its two statements, as `verify` looks for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from printstd.certify.beside import Beside, Named
    from printstd.certify.cosign import Plugin
    from printstd.certify.inclusion import CheckInclusion
    from printstd.certify.policy import TrustPolicy

PROOF_ENDING = ".tlog-proof"


def gather(program: Path, policy: TrustPolicy, policy_file: Path | None) -> Beside:
    """Revocations (beside, and in the policy's folder), co-signatures, proofs of a log and the
    verification result; nothing is opened that is not there."""
    from printstd.adapters.files import read_file, read_if_present
    from printstd.certify.beside import Beside
    from printstd.certify.cms import MAX_CMS_BYTES
    from printstd.certify.dsse import MAX_BUNDLE_BYTES
    from printstd.certify.log.proof import MAX_PROOF_BYTES
    from printstd.certify.predicates import GENERATION, RECHECK
    from printstd.cli.attaching import co_signature_paths, stem_of
    from printstd.cli.commands.certify import sidecar
    from printstd.cli.running import shown

    revocations: list[Named] = []
    co_signatures: dict[str, tuple[Named, ...]] = {}
    proofs: dict[str, bytes] = {}
    for kind, predicate in (("cert", GENERATION), ("recheck", RECHECK)):
        statement = sidecar(program, kind)
        stem = stem_of(statement)
        revocation = stem.with_name(f"{stem.name}.revocation.json")
        data = read_if_present(revocation, max_bytes=MAX_BUNDLE_BYTES)
        if data is not None:
            revocations.append((shown(revocation.name), data))
        files = co_signature_paths(statement)
        if files:
            co_signatures[predicate] = tuple(
                (shown(file.name), read_file(file, max_bytes=MAX_CMS_BYTES)) for file in files
            )
        proof = read_if_present(
            statement.with_name(statement.name + PROOF_ENDING), max_bytes=MAX_PROOF_BYTES
        )
        if proof is not None:
            proofs[predicate] = proof
    revocations += _of_policy(policy, policy_file)
    svr_file = sidecar(program, "svr")
    svr = read_if_present(svr_file, max_bytes=MAX_BUNDLE_BYTES)
    return Beside(
        tuple(revocations),
        co_signatures,
        proofs,
        (shown(svr_file.name), svr) if svr is not None else None,
        _plugins() if co_signatures else (),
        _answerer() if proofs else None,
    )


def _of_policy(policy: TrustPolicy, policy_file: Path | None) -> list[Named]:
    """The policy's folder of revocations; VerificationError where it is not there: nobody can
    tell then what was revoked."""
    from printstd.adapters.files import read_file
    from printstd.certify.dsse import MAX_BUNDLE_BYTES
    from printstd.cli.attaching import revocation_files
    from printstd.cli.running import shown
    from printstd.errors import VerificationError
    from printstd.words import said

    if policy.revocations is None or policy_file is None:
        return []
    folder = policy_file.parent / policy.revocations.folder
    if not folder.is_dir():
        raise VerificationError(
            said("the policy's folder of revocations is not there"),
            where=policy.name,
            got=str(folder),
            wanted=said("a folder; an empty one where nothing was ever revoked"),
            hint=said("get it from whoever publishes revocations"),
        )
    return [
        (shown(file.name), read_file(file, max_bytes=MAX_BUNDLE_BYTES))
        for file in revocation_files([folder])
    ]


def _answerer() -> CheckInclusion:
    from printstd.certify.log.answer import check_inclusion

    return check_inclusion


def _plugins() -> tuple[Plugin, ...]:
    from printstd.adapters.plugins import co_signature_plugins

    return co_signature_plugins()
