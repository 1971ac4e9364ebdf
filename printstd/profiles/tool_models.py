"""Profiles of machines with several extruders, and of the tower that they purge on."""

from typing import Annotated

from pydantic import Field

from printstd.profiles.kinds import NonNegative, Positive, Strict


class Tools(Strict):
    """The extruders of a machine that has several; a printer without has one. All have nozzles of
    `nozzle_mm`, and where they stand beside each other is the firmware's affair (facts of slicers
    K4)."""

    count: Annotated[int, Field(ge=2, le=16)]
    shares_nozzle: bool
    """All feed one nozzle: a change exchanges the filament in it, and there is one temperature."""
    retract_mm: NonNegative
    """Drawn back by the tool that leaves, and pushed forward when it comes again."""
    standby_drop_c: Annotated[int, Field(ge=0, le=250)]
    """How much cooler a tool waits than it prints."""
    preheat_s: NonNegative
    """So long before it comes a tool that has waited in the cool is told to heat."""
    change_s: NonNegative
    """What a change takes, heating apart."""
    purge_mm3: Positive
    """Laid on the prime tower by the tool that has come, before it lays anything of a part."""
    purge_matrix_mm3: tuple[tuple[NonNegative, ...], ...] = ()
    """Instead, by the tool that leaves (row) and the one that comes (column), where what is left of
    one filament shows in the other; empty: `purge_mm3` always. The diagonal says nothing."""
    before_change_code: tuple[str, ...] = ()
    after_change_code: tuple[str, ...] = ()
    """Our own lines around the command that changes the tool, with ``{tool} {previous_tool}``
    beside the placeholders of `start_code`."""

    def purged_mm3(self, leaves: int, comes: int) -> float:
        """After a change from one tool to the other, from 0."""
        return self.purge_matrix_mm3[leaves][comes] if self.purge_matrix_mm3 else self.purge_mm3


class PrimeTower(Strict):
    """Where tools purge after a change (facts of slicers K5). It stands on the bed like a part and
    is laid in every layer up to that of the last change."""

    enabled: bool
    """False: tools go on where they come, whatever hangs on their nozzles."""
    width_mm: Annotated[float, Field(ge=10, le=200, allow_inf_nan=False)]
    """Along X; how deep it is follows from what is purged in one layer."""
    brim_width_mm: Annotated[float, Field(ge=0, le=50, allow_inf_nan=False)]
    speed_mm_s: Positive
