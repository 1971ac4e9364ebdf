"""What a line of the history says, in words that catalogues know. The line itself stays as it was
chained: kinds and keys are for programs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from printstd.artifacts.farm import FarmEvent
from printstd.farm.chain import MADE_OF
from printstd.farm.states import Event
from printstd.words import Said, listed, remembered, said

KINDS: Final[Mapping[str, Said]] = MappingProxyType(
    {
        "printer added": said("printer added"),
        "printer changed": said("printer changed"),
        "printer paused": said("printer paused"),
        "printer resumed": said("printer goes on"),
        "calibrated": said("printer calibrated"),
        "bed cleared": said("bed cleared"),
        "spool added": said("spool added"),
        "spool weighed": said("spool weighed"),
        "spool loaded": said("spool loaded"),
        "spool taken off": said("spool taken off"),
        "filament used": said("filament used"),
        "job submitted": said("job submitted"),
        "job reordered": said("job reordered"),
        "copy asked for again": said("copy asked for again"),
        "wish": said("asked of a running print"),
        "as-run": said("record of the print signed"),
        "uncertified print": said("a print that the farm did not begin"),
        "farm restored": said("farm restored from an export"),
        Event.MATCH: said("a printer was chosen"),
        Event.UNMATCH: said("given back to the queue"),
        Event.VERIFY: said("is being verified"),
        Event.VERIFIED: said("verified"),
        Event.NOT_VERIFIED: said("does not verify"),
        Event.STORED_OTHERWISE: said("the host stored something else"),
        Event.INTEND: said("about to be started"),
        Event.RECORDED: said("recorded, lies on the bed"),
        Event.ACCEPTED: said("the host took the start"),
        Event.NEVER_BEGAN: said("never began"),
        Event.SEEN_PRINTING: said("seen printing"),
        Event.SEEN_PAUSED: said("seen paused"),
        Event.SEEN_COMPLETED: said("seen completed"),
        Event.SEEN_CANCELLED: said("seen cancelled"),
        Event.SEEN_FAILED: said("seen failed"),
        Event.INTERRUPTED: said("broken off"),
        Event.SILENT: said("lost sight of"),
        Event.HOLD: said("held"),
        Event.RELEASE: said("let go on"),
        Event.CANCEL: said("cancelled"),
        Event.CLEARED: said("taken off the bed"),
        Event.REJECTED: said("taken off the bed, not good"),
        Event.GIVEN_UP: said("given up"),
    }
)
"""Of everything that is ever told."""

KEYS: Final[Mapping[str, Said]] = MappingProxyType(
    {
        "job": said("job"),
        "instance": said("print"),
        "instead": said("instead of print"),
        "printer": said("printer"),
        "profile": said("profile"),
        "host": said("host"),
        "serial": said("serial number"),
        "nozzle": said("nozzle"),
        "spool": said("spool"),
        "material": said("material"),
        "tool": said("tool"),
        "name": said("name"),
        "copies": said("copies"),
        "priority": said("priority"),
        "due": said("due"),
        "state": said("now"),
        "was": said("before"),
        "reason": said("reason"),
        "file": said("file"),
        "run": said("run"),
        "wish": said("wish"),
        "verdict": said("verdict"),
        "left_mg": said("left, mg"),
        "was_mg": said("before, mg"),
        "mg": said("mg"),
        "calibration": said("calibration"),
    }
)
"""What is told of, where people read it; other keys are told as they are."""


def kind_in_words(event: FarmEvent) -> str:
    return KINDS.get(event.kind, event.kind)


def about_in_words(event: FarmEvent) -> Said:
    """All that the line is about, in its order."""
    made_of = {key: value for key, value in event.about if key.endswith(MADE_OF)}
    return listed(
        said(
            "{name} {value}",
            name=KEYS.get(key, key),
            value=remembered(value, made_of.get(f"{key}{MADE_OF}", "")),
        )
        for key, value in event.about
        if key not in made_of
    )
