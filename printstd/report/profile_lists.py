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


def render(document: ProfileList | ProfileValues | ImportReport) -> str:
    return json.dumps(asdict(document), ensure_ascii=False, indent=2) + "\n"


def schema(
    record: type[ProfileList] | type[ProfileValues] | type[ImportReport], name: str
) -> dict[str, Any]:
    """JSON Schema (2020-12) of what `render` writes."""
    from pydantic import TypeAdapter

    made: dict[str, Any] = TypeAdapter(record).json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://printstd.example/schema/{name}/1.0",
        **made,
    }
