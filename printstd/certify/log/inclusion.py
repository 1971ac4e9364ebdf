"""Is this certificate in a log that is trusted, seen by the witnesses that are asked for?

What is known is the bundle that was verified; what is believed of the proof is only what a key of
the policy signed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from printstd.certify.log.checkpoint import verified_checkpoint
from printstd.certify.log.entry import entry_of, read_entry
from printstd.certify.log.merkle import includes, leaf_hash
from printstd.certify.log.notes import NoteError, cosigned_at
from printstd.certify.log.proof import read_proof
from printstd.certify.log.quorum import LogPolicy
from printstd.certify.strict_json import StrictJsonError


@dataclass(frozen=True, slots=True)
class Inclusion:
    """origin : of the log. seen : (witness as the policy names it, Unix seconds) of each that
    cosigned. is_witnessed : the policy's quorum is met, and it asks for one."""

    origin: str
    index: int
    size: int
    seen: tuple[tuple[str, int], ...]
    is_witnessed: bool


def included(bundle: bytes, proof: bytes, policy: LogPolicy, name: str) -> Inclusion:
    """NoteError where the proof does not show that the bundle is logged as the policy wants.

    bundle : whose signature was verified. name : for messages.
    """
    told = read_proof(proof)
    entry = entry_of(bundle, name)
    _check_extra(told.extra, entry.data)
    problems = []
    for key in policy.logs:
        try:
            checkpoint = verified_checkpoint(told.checkpoint, key)
            break
        except NoteError as error:
            problems.append(str(error))
    else:
        raise NoteError("; ".join(problems))
    if not includes(checkpoint.root, checkpoint.size, told.index, leaf_hash(entry.data), told.path):
        raise NoteError("the path does not lead from this certificate to the checkpoint's root")
    times = {w: cosigned_at(told.checkpoint, key) for w, key in policy.witnesses.items()}
    seen = tuple((witness, at) for witness, at in times.items() if at is not None)
    if not policy.is_met(witness for witness, _ in seen):
        raise NoteError(
            f"the witnesses that cosigned ({', '.join(w for w, _ in seen) or 'none'}) "
            f"do not make the quorum {policy.quorum}"
        )
    return Inclusion(
        checkpoint.origin, told.index, checkpoint.size, seen, policy.quorum is not None
    )


def _check_extra(extra: bytes | None, wanted: bytes) -> None:
    """What a proof carries along is for people; it must not tell them of something else."""
    if extra is None or extra == wanted:
        return
    try:
        other = read_entry(extra)
    except StrictJsonError as error:
        raise NoteError(f"extra: {error}") from error
    mine = hashlib.sha256(wanted).hexdigest()[:16]
    raise NoteError(f"the proof is of payload {other.payload[:16]}, not of entry {mine}")
