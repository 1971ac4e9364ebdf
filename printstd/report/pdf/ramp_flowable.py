"""The legend of a field on paper."""

from __future__ import annotations

from typing import Final

from reportlab.lib.colors import Color
from reportlab.platypus import Flowable

from printstd.artifacts.surface_field import SurfaceField
from printstd.report.as_text import number
from printstd.report.legend import ticks_of
from printstd.report.pdf.faces import LATIN
from printstd.report.scene import RAMP, scale_of

_HIGH: Final = 8.0
_ROOM: Final = 20.0


class RampFlowable(Flowable):  # type: ignore[misc]
    """The ramp with figures under it and the limit on it."""

    def __init__(self, field: SurfaceField, width: float) -> None:
        super().__init__()
        self._field, self.width, self.height = field, width, _ROOM

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        pen, scale = self.canv, scale_of(self._field)
        bottom = _ROOM - _HIGH
        colours = [Color(r / 255, g / 255, b / 255) for r, g, b in RAMP]
        pen.saveState()
        ramp = pen.beginPath()
        ramp.rect(0, bottom, self.width, _HIGH)
        pen.clipPath(ramp, stroke=0, fill=0)
        pen.linearGradient(0, 0, self.width, 0, colours, extend=False)
        if self._field.limit is not None:
            end = self.width * (self._field.limit - scale.low) / (scale.high - scale.low)
            hatch = pen.beginPath()
            hatch.rect(0, bottom, end, _HIGH)
            pen.clipPath(hatch, stroke=0, fill=0)
            pen.setStrokeColorRGB(0.835, 0.369, 0.0)
            pen.setLineWidth(2)
            x = -_HIGH
            while x < end:
                pen.line(x, bottom, x + _HIGH, _ROOM)
                x += 5
        pen.restoreState()
        pen.setFont(LATIN, 6.5)
        for share, value in ticks_of(scale):
            draw = {0.0: pen.drawString, 1.0: pen.drawRightString}.get(share, pen.drawCentredString)
            draw(share * self.width, 2, number(value, self._field.unit))
