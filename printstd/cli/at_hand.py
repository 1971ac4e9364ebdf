"""The certificates of a program that are at hand: beside it, and in its own file.

Only what `verify` may import: the standard library and cryptography.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from printstd.words import listed, said

if TYPE_CHECKING:
    from printstd.certify.carriers.carried import Carried
    from printstd.certify.policy import TrustPolicy
    from printstd.certify.verify import Verified
    from printstd.errors import VerificationError
    from printstd.report.document import Subject

    Bundles = dict[str, tuple[str, bytes] | None]


def program_of(path: Path) -> Path:
    """The program that is meant: a statement's own name stands for the program beside it."""
    for ending in (".cert.json", ".recheck.json"):
        if path.name.endswith(ending) and len(path.name) > len(ending):
            return path.with_name(path.name.removesuffix(ending))
    return path


def bundles_beside(path: Path) -> Bundles:
    """The sidecars that are there. VerificationError for one that is none: what stands at a
    certificate's place is judged as one."""
    from printstd.adapters.files import read_if_present
    from printstd.certify.dsse import MAX_BUNDLE_BYTES
    from printstd.cli.commands.certify import sidecar
    from printstd.cli.running import shown
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


def with_those_inside(bundles: Bundles, held: Carried, path: Path) -> Bundles:
    """Sidecars are normative: what came inside counts where no sidecar of its kind stands."""
    import hashlib

    from printstd.certify.carriers.chosen import chosen
    from printstd.cli.running import shown

    if not held.bundles:
        return bundles
    inside = chosen(held.bundles, shown(path.name), hashlib.sha256(held.program).hexdigest())
    return {role: bundle or inside.get(role) for role, bundle in bundles.items()}


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
