"""Verifying: bundles and a program in, a `CertifiedProgram` out, or the reason why not.

The order matters: signature first, then the signed bytes are parsed, then what they say is
held against the file, then against the policy. Source: facts of certification 1 (parser rules),
3, 4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from printstd.artifacts.certificate import CertifiedProgram
from printstd.certify.beside import (
    Beside,
    CoSignatureSeen,
    check_co_signers,
    check_revoked,
    check_svr,
    co_signatures_seen,
)
from printstd.certify.demands import check_demands
from printstd.certify.inclusion import Inclusion, LogAnswer, ask_log, check_logged
from printstd.certify.levels import Rebuilt, Sameness, reached
from printstd.certify.opening import Statement, open_statement
from printstd.certify.policy import LEVELS, TrustPolicy
from printstd.certify.predicates import GENERATION, RECHECK
from printstd.errors import VerificationError
from printstd.profiles.decision import Outcome
from printstd.words import said

__all__ = ["Beside", "Statement", "Verified", "open_statement", "verify_program"]

Rebuild = Callable[[Statement], Rebuilt]
"""Makes the program again from its generation statement; see `Rebuilt`."""


@dataclass(frozen=True, slots=True, eq=False)
class Verified:
    """Everything that verified. `program` is None where the signed verdict is not PASSED, and
    where the policy is content without a re-check. missing : what the next level would take."""

    outcome: Outcome
    level: str
    program: CertifiedProgram | None
    generation: Statement | None
    recheck: Statement | None
    missing: tuple[str, ...] = ()
    logged: Mapping[str, LogAnswer] = field(default_factory=dict)
    """By predicate type."""
    co_signatures: tuple[CoSignatureSeen, ...] = ()
    properties: tuple[str, ...] = ()
    """Of a Simple Verification Result beside the program."""
    rebuilt: Rebuilt | None = None
    revocations_at: str | None = None
    """When the newest trusted list of revocations was made."""

    @property
    def is_same_file(self) -> bool:
        """False where the policy accepts the same commands in another file, and this is one."""
        return all(s.is_same_file for s in (self.generation, self.recheck) if s is not None)


def _fail(what: str, name: str, got: str, wanted: str, hint: str) -> VerificationError:
    return VerificationError(what, where=name, got=got, wanted=wanted, hint=hint)


def verify_program(
    program: bytes | None,
    *,
    generation: tuple[str, bytes] | None,
    recheck: tuple[str, bytes] | None,
    policy: TrustPolicy,
    now: str,
    beside: Beside | None = None,
    rebuild: Rebuild | None = None,
    container_sha256: str | None = None,
) -> Verified:
    """Hold a program against its certificates under a policy.

    program : None where the file is not there: then only a verdict of FAILED can be had.
    container_sha256 : see `open_statement`.
    generation, recheck : (display name, bundle bytes) where such a file was found.
    now : UTC time ``YYYY-MM-DDTHH:MM:SSZ``.
    beside : what else lies there: revocations, co-signatures, proofs of a log.
    rebuild : asked where a generation statement verified.

    Raises VerificationError where a digest, signature or the policy does not hold. A signed
    verdict that is not PASSED is no error: it comes back as the outcome.
    """
    found = beside or Beside()
    made = checked = None
    if generation is not None:
        made = open_statement(
            generation[1],
            generation[0],
            kind=GENERATION,
            program=program,
            trusted=policy.generator,
            now=now,
            stamps=policy.stamps,
            same_program=policy.same_program,
            container_sha256=container_sha256,
        )
    if recheck is not None:
        checked = open_statement(
            recheck[1],
            recheck[0],
            kind=RECHECK,
            program=program,
            trusted=policy.recheck,
            now=now,
            stamps=policy.stamps,
            same_program=policy.same_program,
            container_sha256=container_sha256,
        )
        _check_link(checked, made, recheck[0])
    statements = [one for one in (made, checked) if one is not None]
    logged = {
        one.certificate.predicate_type: ask_log(
            one.certificate.payload,
            one.certificate.bundle,
            found.proofs.get(one.certificate.predicate_type),
            policy.log,
            found.check_inclusion,
        )
        for one in statements
    }
    check_logged(logged.values(), policy.name)
    # What is cheap and refuses comes before the program is made again.
    if LEVELS.index("C2" if checked else "C1" if made else "C0") < min(
        LEVELS.index(policy.minimum_level), 2
    ):
        _check_level(reached(made, checked, _NOT_LOGGED, None).level, (), policy, made)
    for statement in statements:
        check_demands(statement.said, policy, now)
    own = [hashlib.sha256(one.certificate.payload).hexdigest() for one in statements]
    revocations_at = check_revoked(own, beside, policy, now)
    seen = co_signatures_seen(statements, found, policy, now)
    check_co_signers(statements, found, policy, now)
    properties = check_svr(found.svr, program, policy, now, checked)
    rebuilt = rebuild(made) if rebuild is not None and made is not None else None
    if rebuilt is not None and rebuilt.sameness is Sameness.DIFFERENT:
        raise _fail(
            said("the program made again is not the one that was certified"),
            generation[0] if generation is not None else policy.name,
            rebuilt.reason,
            said("the same bytes: the statement's tool and platform are those of this run"),
            said("do not print it, and tell its maker"),
        )
    level = reached(made, checked, logged.get(RECHECK, _NOT_LOGGED), rebuilt)
    _check_level(level.level, level.missing, policy, made)
    outcome = (checked.said.verdict if checked else None) or Outcome.PASSED
    certified = None
    if program is not None and checked is not None and outcome is Outcome.PASSED:
        certified = CertifiedProgram(
            data=program,
            generation=made.certificate if made else None,
            recheck=checked.certificate,
            level=level.level,
        )
    return Verified(
        outcome,
        level.level,
        certified,
        made,
        checked,
        level.missing,
        logged,
        seen,
        properties,
        rebuilt,
        revocations_at,
    )


_NOT_LOGGED = LogAnswer(Inclusion.NOT_EVALUATED, "")


def _check_level(
    level: str, missing: tuple[str, ...], policy: TrustPolicy, made: Statement | None
) -> None:
    if LEVELS.index(level) >= LEVELS.index(policy.minimum_level):
        return
    if level == "C0":
        got, wanted = said("level {level}: no certificate at all", level=level), _RECHECK_FILE
    elif level == "C1":
        got, wanted = said("level {level}: no re-check", level=level), _RECHECK_FILE
    else:
        got = said("level {level}: {missing}", level=level, missing="; ".join(missing))
        wanted = said("level {level}", level=policy.minimum_level)
    raise _fail(
        said("the policy demands level {minimum_level}", minimum_level=policy.minimum_level),
        policy.name,
        got,
        wanted,
        said("`printstd certify OUT.gcode --model MODEL` makes one")
        if level in ("C0", "C1")
        else said("docs/certificates.md says what each level takes"),
    )


_RECHECK_FILE = said("OUT.gcode.recheck.json beside the program")


def _check_link(checked: Statement, made: Statement | None, name: str) -> None:
    """A re-check belongs to the generation certificate that it names, or to none."""
    claimed = checked.said.generation_sha256
    actual = hashlib.sha256(made.certificate.payload).hexdigest() if made is not None else None
    if claimed != actual:
        raise _fail(
            said("the re-check was made for another generation certificate"),
            name,
            said("statement sha256 {actual}", actual=actual)
            if actual
            else said("no OUT.gcode.cert.json"),
            said("statement sha256 {claimed}", claimed=claimed)
            if claimed
            else said("none: it was made without one"),
            said("keep OUT.gcode.cert.json and OUT.gcode.recheck.json together as they were made"),
        )
    if made is not None and (
        made.said.demand != checked.said.demand or made.said.digests != checked.said.digests
    ):
        raise _fail(
            said("generation and re-check speak of different models or demands"),
            name,
            said("model sha256 {digests}", digests=", ".join(checked.said.digests)),
            said(
                "model sha256 {digests}, under the same demand",
                digests=", ".join(made.said.digests),
            ),
            said("certify the program again"),
        )
