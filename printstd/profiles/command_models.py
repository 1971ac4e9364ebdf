"""What a firmware is told: dialects, lists of commands, macros of a machine."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from printstd.profiles.kinds import Confidence, Provenance, Strict


class Firmware(StrEnum):
    MARLIN2 = "marlin2"
    PRUSA_BUDDY = "prusa-buddy"
    KLIPPER = "klipper"
    REPRAPFIRMWARE = "reprapfirmware"
    BAMBU = "bambu"


class Macro(Strict):
    """A host or firmware macro that the program may call, and what it does: the audit
    executes `expansion`. Placeholders ``{KEY}`` are the call's own parameters, ``{KEY=60}`` ones
    that it may leave out. It may call other macros of the table."""

    name: str
    parameters: tuple[str, ...]
    expansion: tuple[str, ...]


class Dialect(Strict):
    """How a firmware wants to be spoken to: facts that writer and auditor must agree on."""

    id: Firmware
    title: str
    line_length_max: Annotated[int, Field(ge=40)]
    source: str


class AllowedCommand(Strict):
    """See `artifacts.demand.CommandRule`, whose fields the first five become.

    `command` may name a variant: ``M106 P2`` is M106 with P2, ``M400 S`` one with an S, ``M221 S!``
    one whose S has no number, ``M1002 judge_flag`` one whose text begins so.
    """

    command: str
    letters: str
    meaning: str
    max_count: Annotated[int, Field(ge=0)] = 0
    where: Literal["any", "before", "after"] = "any"
    does: str = ""
    """In a sentence, where the command is a firmware's own."""
    effects: tuple[Literal["moves", "extrudes", "heats"], ...] = ()
    """What it does to the machine besides telling it something."""
    source: str = ""
    confidence: Confidence | None = None

    @model_serializer(mode="wrap")
    def _without_unsaid(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Lists that do not say what a command does keep the digests that they had."""
        told: dict[str, object] = handler(self)
        unsaid = [name for name in ("does", "effects", "confidence") if not getattr(self, name)]
        return {key: value for key, value in told.items() if key not in unsaid}


class Allowlist(Strict):
    """Own data, never derived from the writer's templates."""

    id: str
    firmware: Firmware
    commands: tuple[AllowedCommand, ...]
    provenance: Provenance
