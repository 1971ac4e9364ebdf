"""The farm's history as a chain: each line holds the digest of the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from printstd.artifacts.farm import FarmEvent
from printstd.words import Said, kept, said

GENESIS = "0" * 64
MADE_OF = ".said"


def event_after(
    previous: tuple[int, str], *, at_utc_ms: int, by: str, kind: str, about: Mapping[str, object]
) -> FarmEvent:
    """The next line. previous : number and digest of the last one, (0, `GENESIS`) at first.

    A sentence among the values has a pair of its own behind it, what it was made of
    (``reason.said``): so it can be told in other languages, and is chained with the rest. Lines
    from before there were such pairs stay as they are.
    """
    number, digest = previous
    told = []
    for key in sorted(about):
        value = about[key]
        if value in ("", None):
            continue
        told.append((key, str(value)))
        if isinstance(value, Said):
            told.append((f"{key}{MADE_OF}", kept(value)))
    pairs = tuple(told)
    text = _digest_of(number + 1, at_utc_ms, by, kind, pairs, digest)
    return FarmEvent(number + 1, at_utc_ms, by, kind, pairs, digest, text)


def _digest_of(
    number: int,
    at_utc_ms: int,
    by: str,
    kind: str,
    about: tuple[tuple[str, str], ...],
    previous: str,
) -> str:
    line = [number, at_utc_ms, by, kind, [list(pair) for pair in about], previous]
    text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def broken(events: Iterable[FarmEvent], previous: tuple[int, str] = (0, GENESIS)) -> str:
    """What is wrong with the chain, the first of it; empty where nothing is."""
    number, digest = previous
    for event in events:
        if event.number != number + 1:
            return said("line {number} is followed by {next}", number=number, next=event.number)
        if event.previous_sha256 != digest:
            return said("line {number} does not continue the one before it", number=event.number)
        found = _digest_of(event.number, event.at_utc_ms, event.by, event.kind, event.about, digest)
        if found != event.sha256:
            return said("line {number} was changed", number=event.number)
        number, digest = event.number, event.sha256
    return ""
