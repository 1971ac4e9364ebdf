"""The answerer of `printstd.certify.inclusion`: what a log's proof shows of one statement."""

from __future__ import annotations

from printstd.certify.dates import utc_text
from printstd.certify.inclusion import Inclusion, LogAnswer, LogTrust
from printstd.certify.log.inclusion import included
from printstd.certify.log.notes import NoteError
from printstd.certify.log.quorum import read_policy
from printstd.certify.strict_json import StrictJsonError
from printstd.words import said


def check_inclusion(_: bytes, bundle: bytes, proof: bytes, trust: LogTrust) -> LogAnswer:
    """bundle : whose signature holds; the statement's payload is in it."""
    try:
        policy = read_policy(trust.text)
    except NoteError as error:
        reason = said("{name}: {error}", name=trust.name, error=str(error))
        return LogAnswer(Inclusion.REFUSED, reason)
    try:
        found = included(bundle, proof, policy, trust.name)
    except (NoteError, StrictJsonError) as error:
        return LogAnswer(Inclusion.REFUSED, str(error))
    latest = max((seconds for _, seconds in found.seen), default=None)
    return LogAnswer(
        Inclusion.INCLUDED,
        said(
            "entry {index} of {size} in {origin}",
            index=found.index,
            size=found.size,
            origin=found.origin,
        ),
        log=found.origin,
        witnesses=tuple(witness for witness, _ in found.seen),
        is_witnessed=found.is_witnessed,
        time=None if latest is None else utc_text(latest),
    )
