"""A cut through a part on paper: lines, not pixels."""

from __future__ import annotations

from typing import Final

from reportlab.lib.colors import HexColor
from reportlab.platypus import Flowable

from printstd.report.cut_drawing import AXES, FOOT_PX, SIDE_PX, Window, scale_bar_mm, windows
from printstd.report.pdf.faces import LATIN
from printstd.report.pictures import Cut

_FILL: Final = HexColor("#c3d2dd")
_EDGE: Final = HexColor("#243a4a")
_MARK: Final = HexColor("#cc1a72")
_FRAME: Final = HexColor("#d7dce1")


class CutFlowable(Flowable):  # type: ignore[misc]
    """The drawing of `cut_drawing`, `width` points wide at most."""

    def __init__(self, cut: Cut, width: float) -> None:
        super().__init__()
        self._cut, self._views = cut, windows(cut)
        self._scale = width / (2 * SIDE_PX + 12)
        self.width = (self._views[-1].left + SIDE_PX) * self._scale
        self.height = (SIDE_PX + FOOT_PX) * self._scale

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        pen = self.canv
        pen.saveState()
        pen.scale(self._scale, self._scale)
        for view in self._views:
            self._view(view)
        pen.restoreState()

    def _view(self, view: Window) -> None:
        """Points of the drawing, y from its foot upwards."""
        pen, cut = self.canv, self._cut
        pen.saveState()
        clip = pen.beginPath()
        clip.rect(view.left, FOOT_PX, SIDE_PX, SIDE_PX)
        pen.clipPath(clip, stroke=0, fill=0)
        path = pen.beginPath()
        for ring in view.within(cut.rings_mm):
            points = [(round(x, 2), round(y, 2)) for x, y in view.px(ring).tolist()]
            path.moveTo(points[0][0], FOOT_PX + SIDE_PX - points[0][1])
            for x, y in points[1:]:
                path.lineTo(x, FOOT_PX + SIDE_PX - y)
            path.close()
        pen.setFillColor(_FILL)
        pen.setStrokeColor(_EDGE)
        pen.setLineWidth(1)
        pen.drawPath(path, stroke=1, fill=1, fillMode=0)
        x, y = view.mark_px(cut)
        pen.setStrokeColor(_MARK)
        pen.setLineWidth(2)
        pen.circle(x, FOOT_PX + SIDE_PX - y, 9)
        pen.restoreState()
        pen.setStrokeColor(_FRAME)
        pen.rect(view.left, FOOT_PX, SIDE_PX, SIDE_PX)
        long = scale_bar_mm(view)
        x0, x1, y = view.left + 8, view.left + 8 + long * view.px_per_mm, FOOT_PX - 16
        pen.setStrokeColorRGB(0.11, 0.14, 0.16)
        pen.lines([(x0, y, x1, y), (x0, y - 5, x0, y + 5), (x1, y - 5, x1, y + 5)])
        pen.setFont(LATIN, 17)
        pen.setFillColorRGB(0.11, 0.14, 0.16)
        pen.drawString(x1 + 6, y - 6, f"{long:g} mm")
        right, up = AXES[cut.axis]
        x, y = view.left + SIDE_PX - 40, FOOT_PX - 32
        pen.lines([(x, y + 22, x, y + 4), (x, y + 4, x + 18, y + 4)])
        pen.drawString(x + 21, y - 2, right)
        pen.drawString(x - 16, y + 10, up)
