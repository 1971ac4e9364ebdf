"""The certificates of a program that are at hand: beside it, and in its own file.

Only what `verify` may import: the standard library and cryptography.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from printstd.adapters.certificate_files import Bundles as Bundles
from printstd.adapters.certificate_files import bundles_beside as bundles_beside
from printstd.adapters.certificate_files import with_those_inside as with_those_inside
from printstd.words import listed, said

if TYPE_CHECKING:
    from printstd.certify.policy import TrustPolicy
    from printstd.certify.verify import Verified
    from printstd.errors import VerificationError
    from printstd.report.document import Subject


def program_of(path: Path) -> Path:
    """The program that is meant: a statement's own name stands for the program beside it."""
    for ending in (".cert.json", ".recheck.json"):
        if path.name.endswith(ending) and len(path.name) > len(ending):
            return path.with_name(path.name.removesuffix(ending))
    return path


def verified_of(
    path: Path, policy: TrustPolicy, now: str, policy_file: Path | None = None
) -> Verified:
    """A program and its certificates, verified; VerificationError or InputError if not."""
    from printstd.certify.verify import verify_program
    from printstd.cli.carriers import read_carried
    from printstd.cli.sidecars import gather

    held = read_carried(path)
    bundles = with_those_inside(bundles_beside(path), held, path)
    return verify_program(
        held.program,
        generation=bundles["cert"],
        recheck=bundles["recheck"],
        policy=policy,
        now=now,
        beside=gather(path, policy, policy_file),
        container_sha256=held.container_sha256,
    )


def nobody_trusted(name: str, found: str) -> VerificationError:
    """A signature by nobody who is trusted proves nothing. found : what lies there."""
    from printstd.errors import VerificationError

    return VerificationError(
        said("nothing was verified: you named no key that you trust"),
        where=name,
        got=said("found {facts}", facts=found),
        wanted=said("--trust KEY_OR_FOLDER or --policy FILE"),
        hint=said(
            "get the signer's public key from the signer, not from where the program came from"
        ),
    )


def untrusted(path: Path, data: bytes | None, bundles: Bundles) -> Subject:
    """What lies there, by its own claim, and that nothing of it was verified."""
    import hashlib

    from printstd.cli.running import shown
    from printstd.report.document import Fact, Problem, Subject

    actual = hashlib.sha256(data).hexdigest() if data is not None else None
    facts = []
    for entry in bundles.values():
        if entry is not None:
            facts.append(Fact(entry[0], said("claims: {claims}", claims=_claims(*entry, actual))))
    error = nobody_trusted(
        shown(path.name), ", ".join(fact.name for fact in facts) or said("no certificate")
    )
    problem = Problem(error.in_full(), error.exit_code)
    return Subject(shown(path.name), actual, tuple(facts), (), (), problem, error.exit_code)


def _claims(name: str, bundle: bytes, actual: str | None) -> str:
    from printstd.certify.dsse import read_bundle
    from printstd.certify.reading import read_statement
    from printstd.certify.strict_json import StrictJsonError
    from printstd.errors import VerificationError

    try:
        envelope = read_bundle(bundle, name)
        stated = read_statement(envelope.payload)
    except (VerificationError, StrictJsonError) as error:
        return said("nothing that can be read ({error})", error=str(error).replace("\n", "; "))
    told: list[str] = []
    if stated.verdict:
        told.append(said("verdict {verdict}", verdict=stated.verdict.value))
    is_own = stated.subject_sha256 == actual
    told.append(said("this program") if is_own else said("another program"))
    told += [stated.issued_at, said("key {key_id}…", key_id=envelope.key_id[:16])]
    return listed(told)
