"""What `certify` does to statements that are there already: co-signatures and time stamps attached,
what is to be signed or stamped exported, statements revoked, revocations listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from printstd.adapters.certificate_files import (
    co_signature_path,
    co_signature_paths,
    revocation_files,
    stem_of,
)
from printstd.cli.options import Export
from printstd.words import said

if TYPE_CHECKING:
    from printstd.adapters.signing import KeptSigner
    from printstd.certify.dsse import Envelope
    from printstd.ports import Clock
    from printstd.report.document import Fact, Subject


@dataclass(frozen=True, slots=True)
class Attaching:
    """The options of `certify` that are about statements; at most one of them is a task."""

    co_sign: Path | None = None
    stamp: Path | None = None
    export: Export | None = None
    revoke: str | None = None
    superseded_by: Path | None = None
    list_revocations: bool = False

    @property
    def tasks(self) -> list[str]:
        """The options that were given, as the user wrote them."""
        given: Mapping[str, object] = {
            "--co-sign": self.co_sign,
            "--stamp": self.stamp,
            "--export": self.export,
            "--revoke": self.revoke,
            "--list-revocations": self.list_revocations or None,
        }
        return [name for name, value in given.items() if value is not None]

    @property
    def signs(self) -> bool:
        """Is what is written a signed statement?"""
        return self.co_sign is None and self.export is None


@dataclass(frozen=True, slots=True)
class _Done:
    """What a task gave: facts to tell and files to write."""

    facts: tuple[Fact, ...]
    products: dict[Path, bytes]


def attached(
    sources: Sequence[Path],
    asked: Attaching,
    *,
    key: Path | None,
    chain: Path | None,
    output: Path | None,
    clock: Clock,
) -> tuple[tuple[Subject, ...], dict[Path, bytes]]:
    """The one task over the statements; what is to be told of it and what is to be written."""
    from printstd.cli.places import settle
    from printstd.cli.running import over_inputs, shown
    from printstd.errors import UsageError
    from printstd.report.document import Subject

    if len(asked.tasks) > 1:
        raise UsageError(
            said("one thing is done to a statement at a time"),
            got=", ".join(asked.tasks),
            wanted=said("one of them"),
            hint=said("call certify once for each"),
        )
    if asked.superseded_by is not None and asked.revoke is None:
        raise UsageError(
            said("--superseded-by goes with a revocation"),
            got=said("no --revoke"),
            wanted=said("--revoke REASON with it"),
            hint=said("a statement that replaces another needs no word of its own"),
        )
    takes_several = asked.revoke is not None or asked.list_revocations
    if len(sources) > 1 and not takes_several:
        raise UsageError(
            said("one statement at a time"),
            got=said("{count} files", count=len(sources)),
            wanted="OUT.gcode.recheck.json",
            hint=said("call certify once for each"),
        )
    products: dict[Path, bytes] = {}

    def one(source: Path) -> Subject:
        done = _task(sources, asked, key, chain, output, clock)
        given = [one for one in (asked.co_sign, asked.superseded_by, key, chain) if one is not None]
        own = [] if asked.stamp is not None and output is None else list(sources)
        settle(done.products, inputs=[*given, *own])
        products.update(done.products)
        names = tuple(shown(path) for path in done.products)
        return Subject(shown(source.name), None, done.facts, (), names, None, 0)

    return over_inputs(sources[:1], one), products


def _task(
    sources: Sequence[Path],
    asked: Attaching,
    key: Path | None,
    chain: Path | None,
    output: Path | None,
    clock: Clock,
) -> _Done:
    if asked.co_sign is not None:
        return _co_sign(sources[0], asked.co_sign, output, clock.now_utc())
    if asked.stamp is not None:
        return _stamp(sources[0], asked.stamp, output)
    if asked.export is not None:
        return _export(sources[0], asked.export, output)
    if asked.revoke is not None:
        return _revoke(sources, asked, key, chain, output, clock)
    return _list(sources, key, chain, output, clock)


def _bundle(path: Path) -> tuple[bytes, Envelope]:
    from printstd.adapters.files import read_file
    from printstd.certify.dsse import MAX_BUNDLE_BYTES, read_bundle
    from printstd.cli.running import shown
    from printstd.errors import InputError, VerificationError

    data = read_file(path, max_bytes=MAX_BUNDLE_BYTES)
    try:
        return data, read_bundle(data, shown(path.name))
    except VerificationError as error:
        raise InputError(
            said("this is no signed statement"),
            where=shown(path.name),
            got=error.got or error.what,
            wanted=said("OUT.gcode.cert.json or OUT.gcode.recheck.json"),
            hint=said("`printstd inspect` says what a file is"),
        ) from error


def _co_sign(source: Path, file: Path, output: Path | None, now: str) -> _Done:
    """The file beside the statement, once it is known to be over its bytes, or not to be known."""
    from printstd.adapters.files import read_file
    from printstd.adapters.plugins import co_signature_plugins
    from printstd.certify.cms import MAX_CMS_BYTES
    from printstd.certify.cosign import Invalid, Roots, check_co_signature
    from printstd.cli.co_signatures import co_signature_fact
    from printstd.cli.running import shown
    from printstd.errors import InputError

    _, envelope = _bundle(source)
    blob = read_file(file, max_bytes=MAX_CMS_BYTES)
    answers = check_co_signature(
        envelope.payload, blob, now=now, trusted=Roots(), plugins=co_signature_plugins()
    )
    for answer in answers:
        if isinstance(answer, Invalid):
            raise InputError(
                said("this is no signature over the statement"),
                where=shown(file.name),
                got=answer.reason,
                wanted=said("a CMS signature (DER or PEM) over the exact bytes of the statement"),
                hint=said(
                    "`printstd certify STATEMENT.json --export statement` writes them; sign that "
                    "file, detached"
                ),
            )
    facts = tuple(co_signature_fact(shown(file.name), answer) for answer in answers)
    taken = co_signature_paths(source)
    if any(read_file(path, max_bytes=MAX_CMS_BYTES) == blob for path in taken):
        return _Done(facts, {})
    return _Done(facts, {output or co_signature_path(source, len(taken) + 1): blob})


def _stamp(source: Path, file: Path, output: Path | None) -> _Done:
    from printstd.adapters.files import read_file
    from printstd.certify.cms import MAX_CMS_BYTES
    from printstd.certify.dsse import MAX_BUNDLE_BYTES, with_stamp
    from printstd.certify.stamps import StampError, check_imprint, read_stamp
    from printstd.cli.running import shown
    from printstd.errors import InputError
    from printstd.report.document import Fact

    data, envelope = _bundle(source)
    reply = read_file(file, max_bytes=MAX_CMS_BYTES)
    try:
        stamp = read_stamp(reply)
        check_imprint(stamp, envelope.signature)
        if stamp.token.signers[0].certificate is None:
            raise StampError(said("the authority's certificate is not in it"))
    except StampError as error:
        raise InputError(
            said("this is no time stamp of the statement's signature"),
            where=shown(file.name),
            got=str(error),
            wanted=said("an RFC 3161 reply (DER) over the signature, with the certificate in it"),
            hint=said(
                "`printstd certify STATEMENT.json --export stamp-request` writes the request"
            ),
        ) from error
    bundle = with_stamp(data, shown(source.name), reply)
    if len(bundle) > MAX_BUNDLE_BYTES:
        raise InputError(
            said("the bundle with this stamp is larger than verifiers read"),
            where=shown(file.name),
            got=said("{bytes} bytes", bytes=len(bundle)),
            wanted=said("at most {most}", most=MAX_BUNDLE_BYTES),
            hint=said("ask for a reply with fewer certificates in it"),
        )
    told = said("{time}, {by}; not verified here", time=stamp.time, by=stamp.by)
    return _Done((Fact(said("time stamp"), told),), {output or source: bundle})


def _export(source: Path, what: Export, output: Path | None) -> _Done:
    import hashlib

    from printstd.certify.stamps import stamp_request
    from printstd.report.document import Fact

    _, envelope = _bundle(source)
    stem = stem_of(source)
    if what is Export.STATEMENT:
        data, place = envelope.payload, stem.with_name(f"{stem.name}.statement.json")
    else:
        data, place = stamp_request(envelope.signature), stem.with_name(f"{stem.name}.tsq")
    fact = Fact(said("exported"), said("sha256 {sha256}", sha256=hashlib.sha256(data).hexdigest()))
    return _Done((fact,), {output or place: data})


def _revoke(
    sources: Sequence[Path],
    asked: Attaching,
    key: Path | None,
    chain: Path | None,
    output: Path | None,
    clock: Clock,
) -> _Done:
    from printstd.certify.dsse import sign_bundle
    from printstd.certify.revocation import MAX_SUBJECTS, revocation_statement
    from printstd.cli.running import shown
    from printstd.errors import UsageError

    reason = (asked.revoke or "").strip()
    if not reason:
        raise UsageError(
            said("a revocation says why"),
            got=said("an empty reason"),
            wanted="--revoke REASON",
            hint=said('e.g. --revoke "wrong material in the order"'),
        )
    if len(sources) > MAX_SUBJECTS:
        raise UsageError(
            said("too many statements in one revocation"),
            got=said("{count} files", count=len(sources)),
            wanted=said("at most {most}", most=MAX_SUBJECTS),
            hint=said("revoke them in several calls"),
        )
    revoked = [(shown(path.name), _bundle(path)[1].payload) for path in sources]
    instead = _bundle(asked.superseded_by)[1].payload if asked.superseded_by is not None else None
    payload = revocation_statement(
        revoked, reason=reason, superseded_by=instead, issued_at=clock.now_utc()
    )
    stem = stem_of(sources[0])
    place = output or stem.with_name(f"{stem.name}.revocation.json")
    with _signer(key, chain, clock) as signer:
        return _Done(_signed_by(signer.key_id), {place: sign_bundle(payload, signer)})


def _list(
    sources: Sequence[Path],
    key: Path | None,
    chain: Path | None,
    output: Path | None,
    clock: Clock,
) -> _Done:
    from printstd.certify.dsse import sign_bundle
    from printstd.certify.revocation import Revocation, list_statement, read_revocation
    from printstd.certify.strict_json import StrictJsonError
    from printstd.cli.running import shown
    from printstd.errors import InputError, UsageError

    folders = [path for path in sources if path.is_dir()]
    place = output or (folders[0] / "list.json" if len(folders) == 1 else None)
    if place is None:
        raise UsageError(
            said("say where the list goes"),
            got=said("no -o"),
            wanted=said("-o FOLDER/list.json, or one folder of revocations"),
            hint=said("it belongs into the folder that verifiers get"),
        )
    payloads = []
    for path in revocation_files(sources):
        payload = _bundle(path)[1].payload
        try:
            found = read_revocation(payload)
        except StrictJsonError as error:
            raise InputError(
                said("this is no revocation"),
                where=shown(path.name),
                got=str(error),
                wanted=said("what `certify --revoke` writes"),
                hint=said("move it out of the folder"),
            ) from error
        if isinstance(found, Revocation):
            payloads.append(payload)
    payload = list_statement(payloads, issued_at=clock.now_utc())
    with _signer(key, chain, clock) as signer:
        return _Done(_signed_by(signer.key_id), {place: sign_bundle(payload, signer)})


def _signer(key: Path | None, chain: Path | None, clock: Clock) -> KeptSigner:
    from printstd.adapters.signing import open_signer
    from printstd.errors import UsageError

    if key is None:
        raise UsageError(
            said("a revocation needs a key"),
            got=said("no --key"),
            wanted=said("--key KEY"),
            hint=said("one that verifiers trust to revoke: their policy names it"),
        )
    return open_signer(key, chain, clock.now_utc())


def _signed_by(key_id: str) -> tuple[Fact, ...]:
    from printstd.report.document import Fact

    return (Fact(said("signed"), said("key {key_id}", key_id=key_id)),)
