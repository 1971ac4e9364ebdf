"""The part of a process that holds for some layers only."""

from typing import Annotated, Any

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from printstd.profiles.infill_models import InfillPattern
from printstd.profiles.kinds import Finite, NonNegative, Positive, Ratio, Strict


class Partial(Strict):
    """Some keys of another table: what is left out is not said, in digests and lists neither."""

    @model_serializer(mode="wrap")
    def _said(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        said: dict[str, Any] = handler(self)
        return {key: value for key, value in said.items() if value is not None and value != {}}


class RangeWalls(Partial):
    """See `Walls`."""

    count: Annotated[int, Field(ge=1, le=20)] | None = None
    thin_walls: bool | None = None
    gap_fill: bool | None = None


class RangeShells(Partial):
    """See `Shells`."""

    top_layers: Annotated[int, Field(ge=0)] | None = None
    bottom_layers: Annotated[int, Field(ge=0)] | None = None
    top_min_thickness_mm: NonNegative | None = None
    bottom_min_thickness_mm: NonNegative | None = None


class RangeInfill(Partial):
    """See `Infill`."""

    density_ratio: Ratio | None = None
    pattern: InfillPattern | None = None
    angle_deg: Finite | None = None


class RangeSpeeds(Partial):
    """See `Speeds`."""

    external_perimeter_mm_s: Positive | None = None
    perimeter_mm_s: Positive | None = None
    small_perimeter_mm_s: Positive | None = None
    infill_mm_s: Positive | None = None
    solid_infill_mm_s: Positive | None = None
    top_infill_mm_s: Positive | None = None
    gap_fill_mm_s: Positive | None = None
    bridge_mm_s: Positive | None = None


class Range(Partial):
    """Layers whose middle lies from `from_mm` up to `to_mm` above the bed are made by the settings
    given here, otherwise as the rest of the part."""

    from_mm: NonNegative
    to_mm: Positive
    layer_height_mm: Positive | None = None
    walls: RangeWalls = RangeWalls.model_construct()
    shells: RangeShells = RangeShells.model_construct()
    infill: RangeInfill = RangeInfill.model_construct()
    speeds: RangeSpeeds = RangeSpeeds.model_construct()
