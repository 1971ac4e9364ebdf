"""The certificates of a program, as they lie in files: beside it, in it, in a folder of them.

What `verify` and the gates on printers' hosts look for: the standard library and cryptography are
all that is imported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from printstd.adapters.names import shown
from printstd.words import said

if TYPE_CHECKING:
    from printstd.certify.beside import Beside, Named
    from printstd.certify.carriers.carried import Carried
    from printstd.certify.cosign import Plugin
    from printstd.certify.inclusion import CheckInclusion
    from printstd.certify.log.entry import Entry
    from printstd.certify.log.store import LogStore
    from printstd.certify.policy import TrustPolicy

Bundles = dict[str, tuple[str, bytes] | None]
"""``cert`` and ``recheck`` -> (display name, bundle) where there is one."""

PROOF_ENDING: Final = ".tlog-proof"
_RECHECK_ENDING: Final = ".recheck.json"
_MAX_CO_SIGNATURES: Final = 99


def sidecar(program: Path, kind: str) -> Path:
    """``OUT.gcode`` -> ``OUT.gcode.cert.json`` or ``OUT.gcode.recheck.json``."""
    # Not `with_name`, which takes no path that names nothing: `.` is a folder like another.
    return program.parent / f"{program.name}.{kind}.json"


def stem_of(bundle: Path) -> Path:
    """``OUT.gcode.recheck.json`` -> ``OUT.gcode.recheck``: what is beside a statement starts so."""
    return bundle.with_name(bundle.name.removesuffix(".json"))


def proof_place(statement: Path) -> Path:
    """``OUT.gcode.cert.json`` -> ``OUT.gcode.cert.json.tlog-proof``."""
    return statement.with_name(statement.name + PROOF_ENDING)


def write_proofs(log: LogStore, entries: Mapping[Path, Entry]) -> None:
    """Beside each statement, all or none, for the newest checkpoint that the log keeps."""
    from printstd.adapters.files import write_all
    from printstd.certify.log.store import prove

    with log.reading() as rows:
        proofs = {path: prove(rows, entry) for path, entry in entries.items()}
    write_all({proof_place(path): str(proof).encode("utf-8") for path, proof in proofs.items()})


def co_signature_paths(bundle: Path) -> list[Path]:
    """The co-signatures beside a statement: ``OUT.gcode.recheck.p7s``, ``….2.p7s`` and so on, as
    far as they go without a gap."""
    found = []
    for number in range(1, _MAX_CO_SIGNATURES + 1):
        path = co_signature_path(bundle, number)
        if not path.exists():
            break
        found.append(path)
    return found


def co_signature_path(bundle: Path, number: int) -> Path:
    stem = stem_of(bundle)
    return stem.with_name(f"{stem.name}.p7s" if number == 1 else f"{stem.name}.{number}.p7s")


def outdated(products: Mapping[Path, bytes]) -> list[Path]:
    """Files beside statements that these products replace, and that are of the old ones: a log's
    proof of another bundle, co-signatures of another payload, a result of another re-check. Left
    there, whoever verifies would take them for lies. To be asked before the products stand."""
    statements = {path: data for path, data in products.items() if path.suffix == ".json"}
    if not statements:
        return []
    from printstd.adapters.files import read_if_present
    from printstd.certify.dsse import MAX_BUNDLE_BYTES, read_bundle
    from printstd.errors import PrintstdError

    found: list[Path] = []
    for path, data in statements.items():
        try:
            old = read_if_present(path, max_bytes=MAX_BUNDLE_BYTES)
            if old is None or old == data:
                continue
            payloads = {read_bundle(one, path.name).payload for one in (old, data)}
        except PrintstdError:
            continue  # no statement, or none before: nothing is known to be of it
        beside = [proof_place(path)]
        if len(payloads) > 1:
            beside += co_signature_paths(path)
            if path.name.endswith(_RECHECK_ENDING):
                program = path.with_name(path.name.removesuffix(_RECHECK_ENDING))
                beside.append(sidecar(program, "svr"))
        found += [one for one in beside if one not in products and one.is_file()]
    return found


def revocation_files(sources: Sequence[Path]) -> list[Path]:
    """Files as they are; of folders their ``*.json``, in the order of their names."""
    found: list[Path] = []
    for path in sources:
        found += sorted(path.glob("*.json")) if path.is_dir() else [path]
    return found


def bundles_beside(path: Path) -> Bundles:
    """The sidecars that are there. VerificationError for one that is none: what stands at a
    certificate's place is judged as one."""
    from printstd.adapters.files import read_if_present
    from printstd.certify.dsse import MAX_BUNDLE_BYTES
    from printstd.errors import InputError, VerificationError

    found: Bundles = {}
    for kind in ("cert", "recheck"):
        file = sidecar(path, kind)
        try:
            bundle = read_if_present(file, max_bytes=MAX_BUNDLE_BYTES)
        except InputError as error:
            raise VerificationError(
                said("the certificate cannot be read"),
                where=shown(file.name),
                got=error.got or error.what,
                wanted=said(
                    "a Sigstore bundle of at most {most} bytes",
                    most=MAX_BUNDLE_BYTES,
                ),
                hint=said("ask for the certificate again; this one was damaged or is not ours"),
            ) from error
        found[kind] = (shown(file.name), bundle) if bundle is not None else None
    return found


def with_those_inside(bundles: Bundles, held: Carried, path: Path) -> Bundles:
    """Sidecars are normative: what came inside counts where no sidecar of its kind stands."""
    from printstd.certify.carriers.chosen import chosen

    if not held.bundles:
        return bundles
    inside = chosen(held.bundles, shown(path.name), hashlib.sha256(held.program).hexdigest())
    return {role: bundle or inside.get(role) for role, bundle in bundles.items()}


def gather(program: Path, policy: TrustPolicy, policy_file: Path | None) -> Beside:
    """Revocations (beside, and in the policy's folder), co-signatures, proofs of a log and the
    verification result; nothing is opened that is not there."""
    from printstd.adapters.files import read_if_present
    from printstd.certify.dsse import MAX_BUNDLE_BYTES
    from printstd.certify.predicates import GENERATION, RECHECK

    statements = {GENERATION: sidecar(program, "cert"), RECHECK: sidecar(program, "recheck")}
    svr_file = sidecar(program, "svr")
    svr = read_if_present(svr_file, max_bytes=MAX_BUNDLE_BYTES)
    found = _beside(statements, policy, policy_file)
    return replace(found, svr=(shown(svr_file.name), svr) if svr is not None else None)


def gather_alone(
    statement: Path, predicate: str, policy: TrustPolicy, policy_file: Path | None
) -> Beside:
    """The same of a statement that no program lies with. predicate : its type."""
    return _beside({predicate: statement}, policy, policy_file)


def _beside(
    statements: Mapping[str, Path], policy: TrustPolicy, policy_file: Path | None
) -> Beside:
    """statements : their places, by predicate type."""
    from printstd.adapters.files import read_file, read_if_present
    from printstd.certify.beside import Beside
    from printstd.certify.cms import MAX_CMS_BYTES
    from printstd.certify.log.proof import MAX_PROOF_BYTES

    revocations = revocations_beside(list(statements.values()))
    co_signatures: dict[str, tuple[Named, ...]] = {}
    proofs: dict[str, bytes] = {}
    for predicate, statement in statements.items():
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
    revocations += revocations_of_policy(policy, policy_file)
    return Beside(
        tuple(revocations),
        co_signatures,
        proofs,
        None,
        _plugins() if co_signatures else (),
        _answerer() if proofs else None,
    )


def revocations_beside(statements: Sequence[Path]) -> list[Named]:
    """``OUT.gcode.recheck.revocation.json`` of ``OUT.gcode.recheck.json``, where it is there."""
    from printstd.adapters.files import read_if_present
    from printstd.certify.dsse import MAX_BUNDLE_BYTES

    found: list[Named] = []
    for statement in statements:
        stem = stem_of(statement)
        file = stem.with_name(f"{stem.name}.revocation.json")
        data = read_if_present(file, max_bytes=MAX_BUNDLE_BYTES)
        if data is not None:
            found.append((shown(file.name), data))
    return found


def revocations_of_policy(policy: TrustPolicy, policy_file: Path | None) -> list[Named]:
    """The policy's folder of revocations; VerificationError where it is not there: nobody can
    tell then what was revoked."""
    from printstd.adapters.files import read_file
    from printstd.certify.dsse import MAX_BUNDLE_BYTES
    from printstd.errors import VerificationError

    if policy.revocations is None:
        return []
    folder = (policy_file.parent if policy_file is not None else Path()) / policy.revocations.folder
    if policy_file is None or not folder.is_dir():
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
