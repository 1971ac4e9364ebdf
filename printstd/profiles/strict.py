"""What every typed profile is made of: a strict model, and numbers with their bounds."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Ratio = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Celsius = Annotated[int, Field(ge=0, le=500)]


class Strict(BaseModel):
    """Unknown keys are errors, values are not converted across types, models are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
