"""What may lie beside a program apart from its two statements, and what is made of it: revocations,
national co-signatures, a verification result for other engines, proofs of a log."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from printstd.certify.dates import days_between
from printstd.certify.inclusion import CheckInclusion
from printstd.certify.opening import Statement, not_understood, open_envelope
from printstd.certify.predicates import GENERATION, REVOCATION, SVR
from printstd.certify.strict_json import StrictJsonError
from printstd.errors import VerificationError
from printstd.words import said

if TYPE_CHECKING:
    from printstd.certify.cosign import Answer, Plugin
    from printstd.certify.cosign_trust import CoSigner
    from printstd.certify.policy import TrustPolicy
    from printstd.certify.revocation import Revocation, RevocationList

Named = tuple[str, bytes]
"""A file's display name and its bytes."""


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """Files that were found with a program. co_signatures, proofs : by predicate type of the
    statement that they are of. plugins : for families of signatures that are not known here."""

    revocations: tuple[Named, ...] = ()
    co_signatures: Mapping[str, tuple[Named, ...]] = field(default_factory=dict)
    proofs: Mapping[str, bytes] = field(default_factory=dict)
    svr: Named | None = None
    plugins: tuple[Plugin, ...] = ()
    check_inclusion: CheckInclusion | None = None


@dataclass(frozen=True, slots=True)
class CoSignatureSeen:
    """One signer of one file. statement : predicate type of the one that it is of."""

    name: str
    statement: str
    answer: Answer


def check_revoked(
    own: Collection[str],
    beside: Beside | None,
    policy: TrustPolicy,
    now: str,
) -> str | None:
    """VerificationError where one of the statements is revoked by somebody who may, where a listed
    revocation is missing, or where the policy wants a fresher list. The time of the newest list.

    own : digests of the statements' payloads. beside : None where nobody looked, which is a no
    where the policy wants it."""
    if beside is None and policy.revocations is not None:
        raise VerificationError(
            said("the policy demands that revocations are looked for"),
            where=policy.name,
            got=said("nobody looked"),
            wanted=said("the policy's folder of revocations"),
            hint=said("get it from whoever publishes revocations"),
        )
    files = beside.revocations if beside is not None else ()
    if not files and policy.revocations is None:
        return None
    from printstd.certify.revocation import Revocation

    revocations: list[Revocation] = []
    lists: list[RevocationList] = []
    for name, data in files:
        found = _revocation(name, data, policy, now)
        if isinstance(found, Revocation):
            revocations.append(found)
        else:
            lists.append(found)
    for revocation in revocations:
        if not set(own).isdisjoint(revocation.revoked):
            raise VerificationError(
                said("the certificate was revoked"),
                where=policy.name,
                got=said(
                    "revoked {issued_at}: {reason}",
                    issued_at=revocation.issued_at,
                    reason=revocation.reason,
                ),
                wanted=said("a statement that still counts")
                if revocation.superseded_by is None
                else said("its successor, sha256 {sha256}", sha256=revocation.superseded_by),
                hint=said("do not print this one; ask its maker for the program that counts"),
            )
    known = {revocation.sha256 for revocation in revocations}
    for listed in lists:
        absent = [digest for digest in listed.revocations if digest not in known]
        if absent:
            raise VerificationError(
                said("a revocation that the list names is not here"),
                where=policy.name,
                got=said("nothing with statement sha256 {sha256}", sha256=absent[0]),
                wanted=said(
                    "every revocation of the list of {issued_at}", issued_at=listed.issued_at
                ),
                hint=said("get the folder of revocations again, whole"),
            )
    newest = max((listed.issued_at for listed in lists), default=None)
    _check_fresh(newest, policy, now)
    return newest


def _check_fresh(newest: str | None, policy: TrustPolicy, now: str) -> None:
    demand = policy.revocations
    if demand is None or demand.max_age_days is None:
        return
    age = days_between(newest, now) if newest is not None else None
    if age is None or not 0 <= age <= demand.max_age_days:
        raise VerificationError(
            said("the list of revocations is older than the policy allows"),
            where=policy.name,
            got=said("a list of {newest}", newest=newest) if newest else said("no trusted list"),
            wanted=said(
                "at most {max_age_days} days before {now}",
                max_age_days=demand.max_age_days,
                now=now,
            ),
            hint=said("get the newest folder of revocations from whoever publishes it"),
        )


def _revocation(
    name: str, data: bytes, policy: TrustPolicy, now: str
) -> Revocation | RevocationList:
    """Somebody who may revoke must have signed it: a folder with a file that nobody vouches for may
    have lost the one that it stands for."""
    from printstd.certify.revocation import read_revocation

    envelope, _, _ = open_envelope(data, name, policy.revoke, now, policy.stamps)
    try:
        return read_revocation(envelope.payload)
    except StrictJsonError as error:
        raise not_understood(name, str(error), REVOCATION) from error


def co_signatures_seen(
    statements: Sequence[Statement], found: Beside, policy: TrustPolicy, now: str
) -> tuple[CoSignatureSeen, ...]:
    """What is to be said of each co-signature. VerificationError where one does not hold over the
    very bytes of its statement."""
    seen: list[CoSignatureSeen] = []
    for statement in statements:
        certificate = statement.certificate
        wanted = [one for one in policy.co_signers if one.statement == _kind(statement)]
        seen += co_signatures_of(
            certificate.payload, certificate.predicate_type, found, wanted, now
        )
    return tuple(seen)


def co_signatures_of(
    payload: bytes, kind: str, found: Beside, wanted: Sequence[CoSigner], now: str
) -> tuple[CoSignatureSeen, ...]:
    """The same of one statement. kind : its predicate type. wanted : whose roots count."""
    files = found.co_signatures.get(kind, ())
    if not files:
        return ()
    from printstd.certify.cosign import Invalid, Roots, check_co_signature

    trusted = Roots(
        tuple(root for one in wanted for root in one.roots),
        tuple(other for one in wanted for other in one.intermediates),
    )
    seen = []
    for name, blob in files:
        answers = check_co_signature(payload, blob, now=now, trusted=trusted, plugins=found.plugins)
        for answer in answers:
            if isinstance(answer, Invalid):
                raise VerificationError(
                    said("the co-signature does not hold"),
                    where=name,
                    got=answer.reason,
                    wanted=said("a CMS signature over the exact bytes of the statement"),
                    hint=said("ask for it again, or move the file away: it proves nothing"),
                )
            seen.append(CoSignatureSeen(name, kind, answer))
    return tuple(seen)


def _kind(statement: Statement) -> str:
    return "generation" if statement.certificate.predicate_type == GENERATION else "recheck"


def check_co_signers(
    statements: Sequence[Statement], found: Beside, policy: TrustPolicy, now: str
) -> None:
    """VerificationError where a co-signature that the policy demands is not there or was not
    checked. Each demand is held against its own roots alone."""
    for wanted in policy.co_signers:
        own = [one.certificate for one in statements if _kind(one) == wanted.statement]
        of = [(one.payload, one.predicate_type) for one in own]
        check_co_signer(wanted, of, found, policy.name, now)


def check_co_signer(
    wanted: CoSigner, of: Sequence[tuple[bytes, str]], found: Beside, policy: str, now: str
) -> None:
    """The same of one demand. of : payload and predicate type of the statements that it is of.
    policy : its name."""
    from printstd.certify.cosign import Identity, NotChecked, Roots, check_co_signature

    answers = [
        answer
        for payload, predicate_type in of
        for _, blob in found.co_signatures.get(predicate_type, ())
        for answer in check_co_signature(
            payload,
            blob,
            now=now,
            trusted=Roots(wanted.roots, wanted.intermediates, wanted.subject),
            plugins=found.plugins,
        )
    ]
    if any(
        isinstance(one, Identity) and one.vouched_for and set(wanted.subject) <= set(one.parts)
        for one in answers
    ):
        return
    told = [
        said("{claims}, not checked: {reason}", claims=one.claims, reason=one.reason)
        if isinstance(one, NotChecked)
        else said("{subject}: {reason}", subject=one.subject, reason=one.reason)
        if one.reason
        else one.subject
        for one in answers
        if isinstance(one, (Identity, NotChecked))
    ]
    raise VerificationError(
        said("the policy demands a co-signature of the {kind} statement", kind=wanted.statement),
        where=policy,
        got="; ".join(told) or said("none"),
        wanted=", ".join(wanted.subject) or said("anybody's under the policy's roots"),
        hint=said("`printstd certify STATEMENT.json --co-sign FILE.p7s` attaches one"),
    )


def check_svr(
    file: Named | None,
    program: bytes | None,
    policy: TrustPolicy,
    now: str,
    checked: Statement | None,
) -> tuple[str, ...]:
    """The properties that a verification result beside the program claims; VerificationError where
    the re-checker did not sign it, it is of another program, or it claims what no re-check said."""
    if file is None:
        return ()
    from printstd.certify.svr import read_svr
    from printstd.profiles.decision import Outcome

    name, data = file
    envelope, _, _ = open_envelope(data, name, policy.recheck, now, policy.stamps)
    try:
        result = read_svr(envelope.payload)
    except StrictJsonError as error:
        raise not_understood(name, str(error), SVR) from error
    subject = checked.said.subject_sha256 if checked is not None else None
    is_backed = checked is not None and checked.said.verdict is Outcome.PASSED
    if not is_backed or subject not in result.subjects:
        raise VerificationError(
            said("the verification result is not of this program's re-check"),
            where=name,
            got=said("sha256 {subjects}", subjects=", ".join(result.subjects)),
            wanted=said("sha256 {subject}, of a re-check with the verdict PASSED", subject=subject)
            if subject
            else said("a re-check with the verdict PASSED"),
            hint=said("`printstd certify --svr` makes it together with the re-check"),
        )
    return result.properties
