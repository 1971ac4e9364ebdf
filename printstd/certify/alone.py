"""Statements that come without a program's own two: about a part, a passport, the record of a
machine or of a run.

They are held to a policy as a certificate is: who signed, age, pack, standard and profiles,
revocations, co-signatures, proofs of a log. What a policy demands and such a statement cannot show
is NOT_EVALUATED, and that is a no: a demand is never dropped because nobody can answer it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from printstd.certify.beside import (
    Beside,
    CoSignatureSeen,
    check_co_signer,
    check_revoked,
    co_signatures_of,
)
from printstd.certify.demands import check_age, check_demands
from printstd.certify.inclusion import Inclusion, LogAnswer, ask_log, check_logged
from printstd.certify.levels import Reached
from printstd.certify.policy import LEVELS, TrustPolicy
from printstd.errors import VerificationError
from printstd.words import listed, said

if TYPE_CHECKING:
    from printstd.certify.reading import ProfileRow
    from printstd.certify.signers import Signatory

REACHES: Final = "C2"
"""What one signature of the re-checker can show, without a program to hold it against or a log."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a statement tells of what policies ask.

    kind : its predicate type. sha256 : of its payload. pack : None where it names none. quoted_at :
    when what it repeats was issued. profiles : those that it names. has_all_profiles : all that
    took part are among them, so one that is missing took no part. rests_on : digests of the
    payloads that it repeats. is_traced : all of them. asks_run : a run of its program may be asked
    for. first_hand : who signed a statement that is of no program and repeats none: levels and the
    co-signatures of a re-checker are asked of it itself.
    """

    kind: str
    sha256: str
    issued_at: str
    pack: str | None
    profiles: tuple[ProfileRow, ...] = ()
    has_all_profiles: bool = False
    expires_at: str | None = None
    quoted_at: str | None = None
    rests_on: tuple[str, ...] = ()
    is_traced: bool = True
    asks_run: bool = True
    first_hand: Signatory | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What was found with a statement that a policy accepts. revocations_at : see `Verified`."""

    logged: LogAnswer
    co_signatures: tuple[CoSignatureSeen, ...] = ()
    revocations_at: str | None = None


def hold(
    told: Told,
    payload: bytes,
    bundle: bytes,
    beside: Beside | None,
    policy: TrustPolicy,
    now: str,
) -> Held:
    """VerificationError with what the policy does not accept, or cannot be told of such a
    statement. bundle : whose signature was verified, and holds `payload`. beside : None where
    nobody looked."""
    named = {row.role for row in told.profiles}

    def tells(role: str) -> bool:
        return told.has_all_profiles or role in named

    decidable = replace(
        policy,
        packs=policy.packs if told.pack is not None else (),
        standards=policy.standards if tells("standard") else (),
        profiles={role: rows for role, rows in policy.profiles.items() if tells(role)},
    )
    check_demands(told, decidable, now)
    if told.quoted_at is not None:
        check_age(told.quoted_at, policy, now)
    found = beside or Beside()
    logged = ask_log(
        payload, bundle, found.proofs.get(told.kind), policy.log, found.check_inclusion
    )
    check_logged([logged], policy.name)
    newest = check_revoked((told.sha256, *told.rests_on), beside, policy, now)
    # A demand on a generation statement is of programs, and says nothing of what has none.
    own = [one for one in policy.co_signers if told.first_hand and one.statement == "recheck"]
    seen = co_signatures_of(payload, told.kind, found, own, now)
    _check_decided(told, named, policy, logged)
    for wanted in own:
        check_co_signer(wanted, [(payload, told.kind)], found, policy.name, now)
    return Held(logged, seen, newest)


def _check_decided(
    told: Told, named: Collection[str], policy: TrustPolicy, logged: LogAnswer
) -> None:
    open_ = list(_undecided(told, named, policy, logged))
    if open_:
        raise VerificationError(
            said("the policy demands what this statement alone cannot show"),
            where=policy.name,
            got=listed([listed(("NOT_EVALUATED", one), ": ") for one in open_], "; "),
            wanted=said("the program with its own statements, or a policy without these demands"),
            hint=said(
                "docs/certificates.md says what can be told of each kind of statement; nothing of "
                "a policy is left out"
            ),
        )


def _reached(by: Signatory, policy: TrustPolicy, logged: LogAnswer) -> Reached:
    """The level of a first-hand statement. C3 : by somebody who may not generate, and in a log. C4
    : under a head that witnesses cosigned; there is nothing that could be made again."""
    missing = []
    may_generate = by.key_id in {key.key_id for key in policy.generator_keys} or (
        by.identity is not None and by.identity in {one.uri for one in policy.generator_identities}
    )
    if may_generate:
        missing.append(said("it was signed by somebody who may also sign generation statements"))
    if logged.inclusion is not Inclusion.INCLUDED:
        missing.append(said("the log: {reason}", reason=logged.reason))
    if missing:
        return Reached(REACHES, tuple(missing))
    if not logged.is_witnessed:
        return Reached("C3", (said("no quorum of witnesses has cosigned the log"),))
    return Reached("C4", ())


def _undecided(
    told: Told, named: Collection[str], policy: TrustPolicy, logged: LogAnswer
) -> Iterator[str]:
    """Each demand that nobody can decide, and why."""
    wanted = LEVELS.index(policy.minimum_level)
    if told.first_hand is not None:
        found = _reached(told.first_hand, policy, logged)
        if wanted > LEVELS.index(found.level):
            yield said(
                "level {level}: {missing}",
                level=policy.minimum_level,
                missing=listed(found.missing, "; "),
            )
    elif wanted > LEVELS.index(REACHES):
        yield said(
            "level {level} takes a program and its two statements; this one reaches {reached}",
            level=policy.minimum_level,
            reached=REACHES,
        )
    if policy.packs and told.pack is None:
        yield said("it names no pack")
    roles = [*policy.profiles, *(["standard"] if policy.standards else [])]
    for role in dict.fromkeys(roles):
        if not told.has_all_profiles and role not in named:
            yield said("it does not name its {role} profile", role=role)
    if policy.revocations is not None and not told.is_traced:
        yield said("it does not name all statements that it rests on, so one may be revoked")
    elsewhere = () if told.first_hand is not None else policy.co_signers
    for kind in dict.fromkeys(one.statement for one in elsewhere):
        yield said("a co-signature of the {kind} statement, which is not here", kind=kind)
    if policy.as_run.is_required and told.asks_run:
        yield said("an as-run record, which is held against a program")
