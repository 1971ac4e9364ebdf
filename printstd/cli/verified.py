"""What `verify` tells of what it found: the level and why not a higher one, who signed, which
stamps and co-signatures were checked and which are only there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from printstd.words import said

if TYPE_CHECKING:
    from printstd.certify.alone import Held
    from printstd.certify.signers import Signatory, StampSeen
    from printstd.certify.verify import Verified
    from printstd.report.document import Fact, Section


def shown_rows(verified: Verified) -> Iterator[Fact]:
    """In the order in which a person asks."""
    from printstd.certify.policy import LEVELS
    from printstd.report.document import Fact

    yield Fact(said("level"), verified.level)
    if verified.missing and verified.level in LEVELS[:-1]:
        higher = LEVELS[LEVELS.index(verified.level) + 1]
        yield Fact(said("not {level}", level=higher), "; ".join(verified.missing))
    if not verified.is_same_file:
        yield Fact(
            said("program"), said("the same program in another file, which the policy accepts")
        )
    for label, statement in (("generated", verified.generation), ("re-checked", verified.recheck)):
        if statement is not None:
            yield Fact(label, signed_by(statement.by, statement.said.issued_at))
            yield from _stamps(statement.stamps)
    if verified.co_signatures:
        from printstd.cli.co_signatures import co_signature_fact

        for seen in verified.co_signatures:
            yield co_signature_fact(seen.name, seen.answer)
    for answer in verified.logged.values():
        if answer.log is not None:
            yield Fact(said("log"), said("{log}: {reason}", log=answer.log, reason=answer.reason))
    if verified.revocations_at is not None:
        yield Fact(said("revocations"), said("list of {at}", at=verified.revocations_at))
    if verified.properties:
        yield Fact(said("properties"), ", ".join(verified.properties))
    if verified.rebuilt is not None:
        yield Fact(
            said("made again"),
            said(
                "{sameness}: {reason}",
                sameness=verified.rebuilt.sameness.value,
                reason=verified.rebuilt.reason,
            ),
        )


def alone_rows(
    by: Signatory | None, issued_at: str, stamps: Sequence[StampSeen], held: Held | None
) -> Iterator[Fact]:
    """What was found with a statement that no program lies with."""
    from printstd.report.document import Fact

    if by is not None and by.identity is not None:
        yield Fact(said("signed"), signed_by(by, issued_at))
    yield from _stamps(stamps)
    if held is None:
        return
    if held.co_signatures:
        from printstd.cli.co_signatures import co_signature_fact

        for seen in held.co_signatures:
            yield co_signature_fact(seen.name, seen.answer)
    if held.logged.log is not None:
        yield Fact(
            said("log"),
            said("{log}: {reason}", log=held.logged.log, reason=held.logged.reason),
        )
    if held.revocations_at is not None:
        yield Fact(said("revocations"), said("list of {at}", at=held.revocations_at))


def signed_by(by: Signatory, issued_at: str) -> str:
    key = by.key_id[:16]
    if by.identity is None:
        return said("{issued_at}, signed by key {key}…", issued_at=issued_at, key=key)
    if by.stamped_at is None:
        return said(
            "{issued_at}, signed by {identity} with key {key}…",
            issued_at=issued_at,
            identity=by.identity,
            key=key,
        )
    return said(
        "{issued_at}, signed by {identity} with key {key}…, whose certificate was valid when it "
        "was stamped",
        issued_at=issued_at,
        identity=by.identity,
        key=key,
    )


def _stamps(stamps: Sequence[StampSeen]) -> Iterator[Fact]:
    from printstd.report.document import Fact

    for stamp in stamps:
        if stamp.by is not None:
            yield Fact(said("time stamp"), said("{time}, by {by}", time=stamp.time, by=stamp.by))
        else:
            yield Fact(
                said("time stamp"),
                said(
                    "{time}, present, not trusted ({reason})", time=stamp.time, reason=stamp.reason
                ),
            )


def rebuilt_section(verified: Verified) -> Section:
    """Of a program that was to be made again: PASSED where it came out the same, else undecided (a
    difference on the statement's own platform ends in an error)."""
    from printstd.certify.levels import Sameness
    from printstd.profiles.decision import Outcome
    from printstd.report.document import Section

    rebuilt = verified.rebuilt
    is_same = rebuilt is not None and rebuilt.sameness is Sameness.IDENTICAL
    outcome = Outcome.PASSED if is_same else Outcome.UNDECIDED
    return Section("rebuild", outcome, (), (), (), ())
