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

from printstd.certify.beside import Beside, CoSignatureSeen, check_revoked, co_signatures_of
from printstd.certify.demands import check_age, check_demands
from printstd.certify.inclusion import LogAnswer, ask_log, check_logged
from printstd.certify.policy import LEVELS, TrustPolicy
from printstd.errors import VerificationError
from printstd.words import listed, said

if TYPE_CHECKING:
    from printstd.certify.reading import ProfileRow

REACHES: Final = "C2"
"""What one signature of the re-checker can show, without a program to hold it against."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a statement tells of what policies ask.

    kind : its predicate type. sha256 : of its payload. pack : None where it names none. quoted_at :
    when what it repeats was issued. profiles : those that it names. has_all_profiles : all that
    took part are among them, so one that is missing took no part. rests_on : digests of the
    payloads that it repeats. is_traced : all of them. asks_run : a run of its program may be asked
    for.
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
    seen = co_signatures_of(payload, told.kind, found, (), now)
    _check_decided(told, named, policy)
    return Held(logged, seen, newest)


def _check_decided(told: Told, named: Collection[str], policy: TrustPolicy) -> None:
    open_ = list(_undecided(told, named, policy))
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


def _undecided(told: Told, named: Collection[str], policy: TrustPolicy) -> Iterator[str]:
    """Each demand that nobody can decide, and why."""
    if LEVELS.index(policy.minimum_level) > LEVELS.index(REACHES):
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
    for kind in dict.fromkeys(one.statement for one in policy.co_signers):
        yield said("a co-signature of the {kind} statement, which is not here", kind=kind)
    if policy.as_run.is_required and told.asks_run:
        yield said("an as-run record, which is held against a program")
