"""Where a printer's nozzle may go."""

from typing import Annotated

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from printstd.profiles.kinds import Finite, Positive, Strict

Box = tuple[float, float, float, float]
"""x_min, y_min, x_max, y_max, mm."""


class KeepOut(Strict):
    """Something that stands on the bed, or that the head runs into there: a clip, a lever."""

    what: Annotated[str, Field(min_length=1, max_length=80)]
    """In a noun phrase, for messages."""
    x_min_mm: Finite
    y_min_mm: Finite
    x_max_mm: Finite
    y_max_mm: Finite
    """With room for what of the head is as low as the nozzle."""
    top_mm: Positive
    """The nozzle's tip stays above this height there."""

    @property
    def box_mm(self) -> tuple[float, float, float, float, float]:
        """x_min, y_min, x_max, y_max, top."""
        return (self.x_min_mm, self.y_min_mm, self.x_max_mm, self.y_max_mm, self.top_mm)


class Volume(Strict):
    """What the nozzle can reach, mm, the printer's own coordinates."""

    x_min_mm: Finite
    y_min_mm: Finite
    x_max_mm: Finite
    y_max_mm: Finite
    z_max_mm: Positive
    travel_x_min_mm: Finite
    travel_y_min_mm: Finite
    travel_x_max_mm: Finite
    travel_y_max_mm: Finite
    """Where start and end code may go beyond the printable area."""
    wipe_mm: tuple[Finite, Finite, Finite, Finite, Finite] | None = None
    """x_min, y_min, x_max, y_max beside the printable area, where the nozzle may go as low as the
    last number, below the bed's surface: machines that wipe it on an edge."""
    keep_out: tuple[KeepOut, ...] = ()
    """Where it may not go low. Nothing is placed there, and no move passes."""

    @model_serializer(mode="wrap")
    def _without_unsaid(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        """A machine without such places has the digest that it had before there were any."""
        told: dict[str, object] = handler(self)
        unsaid = [name for name in ("wipe_mm", "keep_out") if not getattr(self, name)]
        return {key: value for key, value in told.items() if key not in unsaid}

    @property
    def bed_mm(self) -> Box:
        return (self.x_min_mm, self.y_min_mm, self.x_max_mm, self.y_max_mm)

    def rooms_mm(self) -> tuple[Box, ...]:
        """The largest rectangles of the printable area without a place to keep out of, by area,
        largest first; the printable area itself where there is none. Between any two points of one
        of them the straight way is free."""
        rooms = {self.bed_mm}
        for zone in self.keep_out:
            rooms = {part for room in rooms for part in _beside(room, zone.box_mm[:4])}
        whole = [one for one in rooms if not any(_holds(other, one) for other in rooms - {one})]
        return tuple(sorted(whole, key=lambda box: (-_area(box), box)))

    def room_for(self, box: Box) -> Box | None:
        """The first room that holds a box, e.g. of a part where it stands; None: none does."""
        return next((room for room in self.rooms_mm() if _holds(room, box)), None)


_SLACK_MM = 1e-6


def _beside(room: Box, zone: Box) -> list[Box]:
    """What is left of a room on each side of a zone; the room itself where they are apart."""
    x0, y0, x1, y1 = room
    if zone[0] >= x1 or zone[2] <= x0 or zone[1] >= y1 or zone[3] <= y0:
        return [room]
    parts = [
        (x0, y0, zone[0], y1),
        (zone[2], y0, x1, y1),
        (x0, y0, x1, zone[1]),
        (x0, zone[3], x1, y1),
    ]
    return [part for part in parts if part[0] < part[2] and part[1] < part[3]]


def _holds(room: Box, box: Box) -> bool:
    return (
        room[0] - _SLACK_MM <= box[0]
        and room[1] - _SLACK_MM <= box[1]
        and box[2] <= room[2] + _SLACK_MM
        and box[3] <= room[3] + _SLACK_MM
    )


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
