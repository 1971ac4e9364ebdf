"""A cut through a part as SVG: the whole section with the place in it, and the place close up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.report.markup import Markup, el, joined
from printstd.report.pictures import Cut
from printstd.report.speech import Speech
from printstd.words import said

SIDE_PX: Final = 300
FOOT_PX: Final = 38
_MARGIN: Final = 0.06
_CLOSE_MM: Final = 6.0
"""Width of the close-up, unless the limit asks for more, or the part is no larger."""
_LIMITS_ACROSS: Final = 8.0
_FILL: Final = "#c3d2dd"
_EDGE: Final = "#243a4a"
_MARK: Final = "#cc1a72"
AXES: Final = (("Y", "Z"), ("X", "Z"), ("X", "Y"))
"""Of the plane across X, Y, Z: to the right and up."""
_STEPS_MM: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0)


class Window:
    """A square of the plane, drawn `SIDE_PX` wide."""

    __slots__ = ("left", "px_per_mm", "side_mm", "x", "y")

    def __init__(self, centre: Sequence[float], side_mm: float, left: float) -> None:
        self.side_mm = side_mm
        self.px_per_mm = SIDE_PX / side_mm
        self.x, self.y = centre[0] - side_mm / 2, centre[1] - side_mm / 2
        self.left = left

    def px(self, xy_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 2): to the right, and down."""
        out = (xy_mm - (self.x, self.y)) * self.px_per_mm
        out[:, 1] = SIDE_PX - out[:, 1]
        out[:, 0] += self.left
        return out

    def mark_px(self, cut: Cut) -> tuple[float, float]:
        x, y = self.px(np.array([cut.mark_mm]))[0].tolist()
        return x, y

    def within(self, rings_mm: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
        """The outlines that touch the window; a drawing clips the rest of them."""
        low = np.array([self.x, self.y])
        high = low + self.side_mm
        return [
            ring
            for ring in rings_mm
            if (ring.min(axis=0) <= high).all() and (ring.max(axis=0) >= low).all()
        ]


def windows(cut: Cut) -> list[Window]:
    """The whole section, and the place close up where that shows more."""
    points = np.concatenate(cut.rings_mm)
    low, high = points.min(axis=0), points.max(axis=0)
    whole_mm = float((high - low).max()) * (1 + 2 * _MARGIN) or 1.0
    limit = cut.finding.limit if cut.finding.unit == "mm" else None
    close_mm = min(max(_CLOSE_MM, _LIMITS_ACROSS * (limit or 0.0)), whole_mm)
    views = [Window((low + high) / 2, whole_mm, 0.0)]
    if close_mm < 0.6 * whole_mm:
        views.append(Window(cut.mark_mm, close_mm, SIDE_PX + 12))
    return views


def drawing(cut: Cut, identity: str, speech: Speech) -> Markup:
    """identity : of its clipping paths, different for every drawing of a page."""
    views = windows(cut)
    width = views[-1].left + SIDE_PX
    title = said("section across {axis} at {at:.3f} mm", axis="XYZ"[cut.axis], at=cut.at_mm)
    return el(
        "svg",
        el("title", speech.say(title)),
        [_view(cut, view, f"{identity}-{n}") for n, view in enumerate(views)],
        _frame_of_close_up(views),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {SIDE_PX + FOOT_PX}",
        role="img",
        font_size="19",
    )


def _view(cut: Cut, view: Window, identity: str) -> Markup:
    path = "".join(
        "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in view.px(ring).tolist()) + "Z"
        for ring in view.within(cut.rings_mm)
    )
    x, y = view.mark_px(cut)
    frame = {"x": view.left, "y": 0, "width": SIDE_PX, "height": SIDE_PX}
    return joined(
        el("clipPath", el("rect", **frame), id=identity),
        el("rect", **frame, fill="#fbfcfc", stroke="#d7dce1"),
        el(
            "g",
            el("path", d=path, fill=_FILL, stroke=_EDGE, stroke_width="1", fill_rule="evenodd"),
            el(
                "circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=9, fill="none", stroke=_MARK,
                stroke_width="2",
            ),
            clip_path=f"url(#{identity})",
        ),
        _scale_bar(view),
        _axes(cut, view),
    )  # fmt: skip


def scale_bar_mm(view: Window) -> float:
    """The largest round length that a third of the window has room for."""
    most = view.side_mm / 3
    return max((step for step in _STEPS_MM if step <= most), default=_STEPS_MM[0])


def _scale_bar(view: Window) -> Markup:
    long = scale_bar_mm(view)
    x0, x1, y = view.left + 8, view.left + 8 + long * view.px_per_mm, SIDE_PX + 16
    path = f"M{x0:.1f} {y - 4}V{y + 4}M{x0:.1f} {y}H{x1:.1f}M{x1:.1f} {y - 4}V{y + 4}"
    return joined(
        el("path", d=path, stroke="#1d2329", fill="none"),
        el("text", f"{long:g} mm", x=f"{x1 + 6:.1f}", y=y + 6),
    )


def _axes(cut: Cut, view: Window) -> Markup:
    right, up = AXES[cut.axis]
    x, y = view.left + SIDE_PX - 40, SIDE_PX + 32
    return joined(
        el("path", d=f"M{x} {y - 22}V{y - 4}H{x + 18}", stroke="#56606a", fill="none"),
        el("text", right, x=x + 21, y=y + 3, fill="#56606a"),
        el("text", up, x=x - 16, y=y - 10, fill="#56606a"),
    )


def _frame_of_close_up(views: Sequence[Window]) -> Markup | None:
    """Where in the whole section the close-up lies."""
    if len(views) < 2:
        return None
    whole, close = views
    corner = whole.px(np.array([[close.x, close.y + close.side_mm]]))[0]
    side = close.side_mm * whole.px_per_mm
    return el(
        "rect", x=f"{corner[0]:.1f}", y=f"{corner[1]:.1f}", width=f"{side:.1f}",
        height=f"{side:.1f}", fill="none", stroke=_MARK, stroke_dasharray="3 2",
    )  # fmt: skip
