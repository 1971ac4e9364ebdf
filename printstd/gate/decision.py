"""May this program be printed here: yes or no, with one reason and what to do.

`decide` reads no file and no clock; `printstd.gate.gate` brings it what lies at hand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from printstd.certify.verify import verify_program
from printstd.errors import PrintstdError, ProfileError, VerificationError
from printstd.gate.binding import check_binding
from printstd.profiles.decision import Outcome
from printstd.words import listed, said

if TYPE_CHECKING:
    from printstd.certify.beside import Beside
    from printstd.certify.carriers.carried import Carried
    from printstd.certify.policy import TrustPolicy
    from printstd.certify.verify import Verified
    from printstd.gate.settings import ThisPrinter

Bundles = dict[str, tuple[str, bytes] | None]


@dataclass(frozen=True, slots=True)
class GateDecision:
    """file : as the host calls it. file_sha256 : of the file as it is, with what it carries.
    program : the bytes that may be printed; None where the answer is no. program_sha256 : of what
    was signed. level, keys : of the certificates that verified. reason, advice : empty where it is
    allowed.
    """

    is_allowed: bool
    printer: str
    file: str
    file_sha256: str
    program_sha256: str
    reason: str
    advice: str
    level: str = ""
    keys: tuple[str, ...] = ()
    policy_sha256: str = ""
    program: bytes | None = field(default=None, repr=False, compare=False)
    macros: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False)
    """By name in upper case, the lines that the machine's macros run as the certificate has it."""

    def record(self) -> dict[str, Any]:
        """As it stands in the journal."""
        return {
            "event": "decision",
            "verdict": "allowed" if self.is_allowed else "refused",
            "printer": self.printer,
            "file": self.file,
            "file_sha256": self.file_sha256,
            "program_sha256": self.program_sha256,
            "reason": str(self.reason),
            "advice": str(self.advice),
            "level": self.level,
            "keys": list(self.keys),
            "policy_sha256": self.policy_sha256,
        }


def refused_by(
    error: PrintstdError, *, printer: str, file: str, data: bytes = b"", policy_sha256: str = ""
) -> GateDecision:
    """No, because of this."""
    sha256 = hashlib.sha256(data).hexdigest() if data else ""
    got = (said("got: {got}", got=error.got),) if error.got else ()
    wanted = (said("wanted: {wanted}", wanted=error.wanted),) if error.wanted else ()
    problems = error.problems if isinstance(error, ProfileError) else ()
    told = (error.what, *(problem.in_full() for problem in problems), *got, *wanted)
    reason = listed(told, "; ")
    return GateDecision(
        False, printer, file, sha256, "", reason, error.hint or "", policy_sha256=policy_sha256
    )


def decide(
    held: Carried,
    bundles: Bundles,
    *,
    file: str,
    data: bytes,
    beside: Beside,
    policy: TrustPolicy,
    policy_sha256: str,
    printer: ThisPrinter,
    now: str,
) -> GateDecision:
    """held, bundles : what `look` found in the file's `data`. now : UTC time.

    Every failure to verify is a refusal; errors of other kinds are the caller's, and no start."""
    try:
        verified = verify_program(
            held.program,
            generation=bundles["cert"],
            recheck=bundles["recheck"],
            policy=policy,
            now=now,
            container_sha256=held.container_sha256,
            beside=beside,
        )
        _check_verdict(verified, printer)
        statements = [s.said for s in (verified.generation, verified.recheck) if s is not None]
        check_binding(statements, printer, now)
    except VerificationError as error:
        return refused_by(
            error, printer=printer.id, file=file, data=data, policy_sha256=policy_sha256
        )
    return GateDecision(
        True,
        printer.id,
        file,
        hashlib.sha256(data).hexdigest(),
        hashlib.sha256(held.program).hexdigest(),
        "",
        "",
        verified.level,
        tuple(s.by.key_id for s in (verified.generation, verified.recheck) if s is not None),
        policy_sha256,
        held.program,
        {
            rule.command.upper(): rule.expansion
            for stated in statements
            if stated.demand is not None
            for rule in stated.demand.commands
            if rule.expansion
        },
    )


def _check_verdict(verified: Verified, printer: ThisPrinter) -> None:
    """A signed verdict that is not PASSED verifies well, and is a no."""
    if verified.outcome is Outcome.PASSED and (
        verified.program is not None or verified.generation is not None
    ):
        return
    raise VerificationError(
        said("the certificate says no: its verdict is {verdict}", verdict=verified.outcome.value)
        if verified.outcome is not Outcome.PASSED
        else said("nothing was certified"),
        where=printer.id,
        got=verified.outcome.value,
        wanted=Outcome.PASSED.value,
        hint=said("do not print it; `printstd verify` shows what failed"),
    )
