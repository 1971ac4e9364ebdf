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

_SIDE_PX: Final = 300
_FOOT_PX: Final = 38
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


class _Window:
    """A square of the plane, drawn `_SIDE_PX` wide."""

    __slots__ = ("left", "px_per_mm", "side_mm", "x", "y")

    def __init__(self, centre: Sequence[float], side_mm: float, left: float) -> None:
        self.side_mm = side_mm
        self.px_per_mm = _SIDE_PX / side_mm
        self.x, self.y = centre[0] - side_mm / 2, centre[1] - side_mm / 2
        self.left = left

    def px(self, xy_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 2): to the right, and down."""
        out = (xy_mm - (self.x, self.y)) * self.px_per_mm
        out[:, 1] = _SIDE_PX - out[:, 1]
        out[:, 0] += self.left
        return out


def drawing(cut: Cut, identity: str, speech: Speech) -> Markup:
    """identity : of its clipping paths, different for every drawing of a page."""
    points = np.concatenate(cut.rings_mm)
    low, high = points.min(axis=0), points.max(axis=0)
    whole_mm = float((high - low).max()) * (1 + 2 * _MARGIN) or 1.0
    limit = cut.finding.limit if cut.finding.unit == "mm" else None
    close_mm = min(max(_CLOSE_MM, _LIMITS_ACROSS * (limit or 0.0)), whole_mm)
    views = [_Window((low + high) / 2, whole_mm, 0.0)]
    if close_mm < 0.6 * whole_mm:
        views.append(_Window(cut.mark_mm, close_mm, _SIDE_PX + 12))
    width = views[-1].left + _SIDE_PX
    title = said("section across {axis} at {at:.3f} mm", axis="XYZ"[cut.axis], at=cut.at_mm)
    return el(
        "svg",
        el("title", speech.say(title)),
        [_view(cut, view, f"{identity}-{n}") for n, view in enumerate(views)],
        _frame_of_close_up(views),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {_SIDE_PX + _FOOT_PX}",
        role="img",
        font_size="19",
    )


def _view(cut: Cut, view: _Window, identity: str) -> Markup:
    path = "".join(
        "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in view.px(ring).tolist()) + "Z"
        for ring in _within(cut.rings_mm, view)
    )
    x, y = view.px(np.array([cut.mark_mm]))[0]
    frame = {"x": view.left, "y": 0, "width": _SIDE_PX, "height": _SIDE_PX}
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


def _within(rings_mm: Sequence[NDArray[np.float64]], view: _Window) -> list[NDArray[np.float64]]:
    """The outlines that touch the window; the drawing clips the rest of them."""
    low, high = np.array([view.x, view.y]), np.array([view.x, view.y]) + view.side_mm
    return [r for r in rings_mm if (r.min(axis=0) <= high).all() and (r.max(axis=0) >= low).all()]


def _scale_bar(view: _Window) -> Markup:
    most = view.side_mm / 3
    long = max((step for step in _STEPS_MM if step <= most), default=_STEPS_MM[0])
    x0, x1, y = view.left + 8, view.left + 8 + long * view.px_per_mm, _SIDE_PX + 16
    path = f"M{x0:.1f} {y - 4}V{y + 4}M{x0:.1f} {y}H{x1:.1f}M{x1:.1f} {y - 4}V{y + 4}"
    return joined(
        el("path", d=path, stroke="#1d2329", fill="none"),
        el("text", f"{long:g} mm", x=f"{x1 + 6:.1f}", y=y + 6),
    )


def _axes(cut: Cut, view: _Window) -> Markup:
    right, up = AXES[cut.axis]
    x, y = view.left + _SIDE_PX - 40, _SIDE_PX + 32
    return joined(
        el("path", d=f"M{x} {y - 22}V{y - 4}H{x + 18}", stroke="#56606a", fill="none"),
        el("text", right, x=x + 21, y=y + 3, fill="#56606a"),
        el("text", up, x=x - 16, y=y - 10, fill="#56606a"),
    )


def _frame_of_close_up(views: Sequence[_Window]) -> Markup | None:
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
