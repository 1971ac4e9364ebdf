"""The part in a report's page: the 3D view with its controls and legends, and the sections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from printstd.artifacts.finding import Status
from printstd.artifacts.surface_field import SurfaceField
from printstd.report import wording
from printstd.report.cut_drawing import drawing
from printstd.report.labels import STATUSES
from printstd.report.legend import legend_words, ticks_of
from printstd.report.markup import Markup, el
from printstd.report.pictures import PartPicture
from printstd.report.scene import RAMP, Scale, Scene
from printstd.report.speech import Speech
from printstd.words import said


def status_mark(status: Status, speech: Speech) -> Markup:
    return el("span", speech.say(STATUSES[status]), class_=f"status {status.value}")


def surface(parts: Sequence[PartPicture], scene: Scene, speech: Speech) -> Markup:
    """The 3D view, its controls and legends."""
    return el(
        "section",
        el("h2", speech.say(wording.SURFACE)),
        el(
            "div",
            el("canvas", id="view", tabindex="0", aria_label=speech.say(wording.SURFACE)),
            el("div", id="bar"),
            class_="stage",
        ),
        el("p", speech.say(said("This browser draws no WebGL.")), id="no-webgl", hidden=True),
        _controls(parts, speech),
        [
            _legend(field, scene.scales[n][m], n, m, speech)
            for n, part in enumerate(parts)
            for m, field in enumerate(part.fields)
        ],
        [_coarseness(n, cell, speech) for n, cell in enumerate(scene.cells_mm) if cell],
    )


def _controls(parts: Sequence[PartPicture], speech: Speech) -> Markup:
    fields = [field.name for field in parts[0].fields]
    whole, axes = speech.say(said("none")), ("X", "Y", "Z")
    turn_round = speech.say(said("other side"))
    return el(
        "div",
        _choice("part", said("part"), [(str(n), p.name) for n, p in enumerate(parts)], speech)
        if len(parts) > 1
        else None,
        _choice("field", said("colour"), [*((str(n), name) for n, name in enumerate(fields)),
                                          ("-1", said("none"))], speech),
        el(
            "label",
            speech.say(said("section across")),
            " ",
            el(
                "select",
                el("option", whole, value="-1"),
                [el("option", axis, value=str(n)) for n, axis in enumerate(axes)],
                id="axis",
            ),
        ),
        el("input", type="range", id="at", min="0", max="1000", value="1000",
           aria_label=speech.say(said("place of the section"))),
        el("label", el("input", type="checkbox", id="side"), " ", turn_round),
        el("button", speech.say(said("reset")), type="button", id="reset"),
        el("span", speech.say(said("drag to turn, wheel to zoom, shift and drag to move")),
           class_="other"),
        class_="controls",
    )  # fmt: skip


def _choice(
    identity: str, label: str, options: Sequence[tuple[str, str]], speech: Speech
) -> Markup:
    chosen = [el("option", speech.say(text), value=value) for value, text in options]
    return el("label", speech.say(label), " ", el("select", chosen, id=identity))


def _legend(field: SurfaceField, scale: Scale, part: int, index: int, speech: Speech) -> Markup:
    """The ramp with figures, the limit on it, and what the other colours mean."""
    left, width, name = 10, 460, f"ramp{part}-{index}"
    stops = [
        el("stop", offset=f"{n / (len(RAMP) - 1):.4f}", stop_color=f"rgb({r},{g},{b})")
        for n, (r, g, b) in enumerate(RAMP)
    ]
    marks = [
        el(
            "text",
            speech.figure(value, field.unit),
            x=left + share * width,
            y=44,
            text_anchor={0.0: "start", 1.0: "end"}.get(share, "middle"),
        )
        for share, value in ticks_of(scale)
    ]
    limit = []
    if field.limit is not None:
        x = left + width * (field.limit - scale.low) / (scale.high - scale.low)
        hatch = el("path", d="M0 9L9 0", stroke="#d55e00", stroke_width="3.5")
        pattern = el(
            "pattern",
            hatch,
            id=f"hatch{name}",
            width="9",
            height="9",
            patternUnits="userSpaceOnUse",
        )
        limit = [
            el("defs", pattern),
            el("rect", x=left, y=8, width=f"{x - left:.1f}", height=20, fill=f"url(#hatch{name})"),
            el("path", d=f"M{x:.1f} 4V32", stroke="#1d2329", stroke_width="1.5"),
        ]
    picture = el(
        "svg",
        el("defs", el("linearGradient", stops, id=name)),
        el("rect", x=left, y=8, width=width, height=20, fill=f"url(#{name})"),
        limit,
        marks,
        viewBox="0 0 480 50",
        font_size="12",
        role="img",
        aria_label=speech.say(field.name),
    )
    return el(
        "div",
        el("strong", speech.say(field.name)),
        picture,
        el("span", legend_words(field, speech), class_="other"),
        class_="legend",
        data_part=str(part),
        data_field=str(index),
    )


def _coarseness(part: int, cell_mm: float, speech: Speech) -> Markup:
    told = said(
        "Drawn coarser than it was measured: shapes below {cell:.3f} mm may be missing here, the "
        "least figure near by is shown instead.",
        cell=cell_mm,
    )
    return el("p", speech.say(told), class_="other coarse", data_part=str(part))


def cuts(parts: Sequence[PartPicture], speech: Speech) -> Markup | None:
    figures = list(_figures(parts, speech))
    if not figures:
        return None
    return el("section", el("h2", speech.say(wording.SECTIONS)), el("div", figures, class_="cuts"))


def _figures(parts: Sequence[PartPicture], speech: Speech) -> Iterator[Markup]:
    for n, part in enumerate(parts):
        for m, cut in enumerate(part.cuts):
            finding = cut.finding
            figures = [
                f"{speech.say(head)} {speech.figure(value, finding.unit)}"
                for head, value in zip(
                    wording.HEADS[2:4], (finding.measured, finding.limit), strict=True
                )
                if value is not None
            ]
            across = said(
                "section across {axis} at {at:.3f} mm", axis="XYZ"[cut.axis], at=cut.at_mm
            )
            yield el(
                "figure",
                drawing(cut, f"cut{n}-{m}", speech),
                el(
                    "figcaption",
                    el("strong", finding.rule_id),
                    " ",
                    status_mark(finding.status, speech),
                    f" {part.name} " if len(parts) > 1 else " ",
                    speech.say(finding.message),
                    el("span", "; ".join([speech.say(across), *figures]), class_="place"),
                    el("button", speech.say(said("show in 3D")), type="button", hidden=True,
                       data_cut=str(m), data_of=str(n)),
                ),
            )  # fmt: skip
