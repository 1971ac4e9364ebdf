"""What all profiles are made of: kinds of numbers, and tables that take nothing unknown."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Ratio = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Date = date
"""The type of a day, as TOML writes it: 2026-09-25."""
Celsius = Annotated[int, Field(ge=0, le=500)]


class Strict(BaseModel):
    """Unknown keys are errors, values are not converted across types, models are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class Confidence(StrEnum):
    """How sure the number is (facts of standards, confidence tags); never claim more."""

    VERIFIED = "verified"
    DERIVED = "derived"
    KNOWLEDGE_HIGH = "knowledge, high"
    KNOWLEDGE_MEDIUM = "knowledge, medium"
    KNOWLEDGE_LOW = "knowledge, low"
    IMPORTED = "imported"
    """As another slicer's file says; nobody has looked whether it is so."""


class Provenance(Strict):
    """Where a file's numbers come from; `by_key` where one differs from the rest."""

    source: str
    confidence: Confidence
    by_key: dict[str, str] = {}
