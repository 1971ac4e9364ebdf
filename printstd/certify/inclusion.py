"""The port to a transparency log: was this statement entered into a log that the policy trusts.

`verify` asks it of every statement that a proof lies beside; who can answer is given to it. Without
an answerer nothing is claimed: NOT_EVALUATED, and level C3 is not reached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from printstd.errors import VerificationError
from printstd.words import said


class Inclusion(StrEnum):
    INCLUDED = "INCLUDED"
    REFUSED = "REFUSED"
    """The proof, the checkpoint or a signature on it does not hold."""
    NOT_EVALUATED = "NOT_EVALUATED"


@dataclass(frozen=True, slots=True)
class LogTrust:
    """The policy's log table: which logs and witnesses count. text : the tlog-policy file that it
    names, as it is (facts of certification 5.1)."""

    name: str
    text: bytes


@dataclass(frozen=True, slots=True)
class LogAnswer:
    """What a proof shows. log : the log's origin. witnesses : those whose cosignatures hold and
    count; `is_witnessed` : they are as many as the policy's quorum wants. time : of the latest
    cosignature, UTC."""

    inclusion: Inclusion
    reason: str
    log: str | None = None
    witnesses: tuple[str, ...] = ()
    is_witnessed: bool = False
    time: str | None = None


CheckInclusion = Callable[[bytes, bytes, bytes, LogTrust], LogAnswer]
"""(statement's payload, its bundle file, proof file, trust) -> answer."""


def ask_log(
    payload: bytes,
    bundle: bytes,
    proof: bytes | None,
    trust: LogTrust | None,
    check: CheckInclusion | None,
) -> LogAnswer:
    """The answer where everything that it takes is there, or what is missing."""
    if proof is None:
        return LogAnswer(
            Inclusion.NOT_EVALUATED, said("no proof of inclusion in a log is beside it")
        )
    if trust is None:
        return LogAnswer(Inclusion.NOT_EVALUATED, said("the policy names no log"))
    if check is None:
        return LogAnswer(
            Inclusion.NOT_EVALUATED, said("this version of printstd cannot check a log's proof")
        )
    return check(payload, bundle, proof, trust)


def check_logged(answers: Iterable[LogAnswer], policy: str) -> None:
    """A proof that does not hold is a lie that somebody told, whatever level is wanted. policy :
    its name."""
    for answer in answers:
        if answer.inclusion is Inclusion.REFUSED:
            raise VerificationError(
                said("the log's proof does not hold"),
                where=policy,
                got=answer.reason,
                wanted=said("a proof of this very statement in a trusted log"),
                hint=said("get the proof again from the log; do not print this one"),
            )
