"""What `printstd profiles` prints as JSON, by its published schema."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

SCHEMA_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class ProfileList:
    """`profiles list`: kind -> name -> title of everything that may be asked for."""

    schema_version: str
    profiles: dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class ProfileValue:
    """One value that a request resolves to."""

    key: str
    value: str
    """As the profile would write it, with its unit."""
    origin: str
    """File and line, ``--set``, or what capped it."""


@dataclass(frozen=True, slots=True)
class ProfileValues:
    """`profiles show`: every value of a request, and a digest per profile."""

    schema_version: str
    digests: dict[str, str]
    values: tuple[ProfileValue, ...]


@dataclass(frozen=True, slots=True)
class ImportedProfile:
    """One profile that was written."""

    kind: str
    """``process``, ``material`` or ``printer``."""
    name: str
    preset: str
    """What it was called where it comes from."""
    file: str


@dataclass(frozen=True, slots=True)
class ImportedSetting:
    """One setting of another slicer's presets, and what became of it."""

    key: str
    value: str
    fate: str
    """``carried``; ``lost``: it changes programs and printstd's do not follow; ``idle``: a detail
    of what is off; ``about``: a name or a note."""
    note: str
    origin: str | None
    """File and line; null where the slicer's default stands for it."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`profiles import`: what was written, and the account of every setting."""

    schema_version: str
    profiles: tuple[ImportedProfile, ...]
    carried: int
    lost: int
    settings: tuple[ImportedSetting, ...]


@dataclass(frozen=True, slots=True)
class ProfileProof:
    """One thing that was looked at in a pack."""

    pack: str
    subject: str
    verdict: str
    """``PASS``, ``WARN`` or ``FAIL``."""
    text: str


@dataclass(frozen=True, slots=True)
class ProfileProofs:
    """`profiles check`: every proof of every pack that was asked for."""

    schema_version: str
    files: int
    """Profile files that were read."""
    proofs: tuple[ProfileProof, ...]
    exit_code: int


@dataclass(frozen=True, slots=True)
class ChangedValue:
    """A value that the two profiles do not share; empty texts where one has no such key."""

    key: str
    first: str
    first_origin: str
    second: str
    second_origin: str


@dataclass(frozen=True, slots=True)
class ChangedVerdict:
    """What a rule, or the whole run (``outcome``), says of a part under each of the two."""

    part: str
    rule: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class ProfileDiff:
    """`profiles diff`: what one profile in the place of another does."""

    schema_version: str
    kind: str
    first: str
    second: str
    values: tuple[ChangedValue, ...]
    parts: tuple[str, ...]
    """Parts that were judged under both."""
    verdicts: tuple[ChangedVerdict, ...]


Document = ProfileList | ProfileValues | ImportReport | ProfileProofs | ProfileDiff


def render(document: Document) -> str:
    return json.dumps(asdict(document), ensure_ascii=False, indent=2) + "\n"


def schema(record: type[Any], name: str) -> dict[str, Any]:
    """JSON Schema (2020-12) of what `render` writes."""
    from pydantic import TypeAdapter

    made: dict[str, Any] = TypeAdapter(record).json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://printstd.example/schema/{name}/1.0",
        **made,
    }
