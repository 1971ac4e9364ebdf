"""ORD-05: Part stands as ordered

What it demands
    The part is placed the way up that the order asks for.

Why
    Strength across the layers, stairs on slopes and the place of supports follow from the direction
    of build: a part that stands otherwise is another part.

How it is measured
    The notation of ISO 17295 names the axes of the machine along which the part is longest, second
    longest and shortest; the box of the part as placed is held against it. Sizes that differ by no
    more than 0.01 mm tie: the notation then says less than one way up, which warns unless the
    angles are given too. Angles (`rotate_deg`) are held against the rotation of the placement, to
    1e-9. A shortened notation (`Z`, `XY`) says what it says. An order that names an orientation
    turns the part by itself; this says whether that could be done.

Example
    `notation = "ZXY"` and `rotate_deg = [0, 0, 0]` on a plate that lies flat contradict: fails.

Standard and clause
    ISO 17295:2023 (ISO/ASTM 52921), orthogonal orientation notation (preview, verified); tie
    tolerance: ours
"""

from __future__ import annotations

from printstd.artifacts.finding import Finding, Status, Where
from printstd.kernels.build_axes import TIE_MM, notation, stands_as
from printstd.kernels.facets import used_vertices
from printstd.kernels.placing import rotation_e9_from_degrees
from printstd.validate.check import Check, Reason
from printstd.validate.context import CheckContext
from printstd.validate.needs import facets, printer
from printstd.validate.recorded import in_record, order_of, order_record
from printstd.words import said


def oriented(context: CheckContext) -> Reason | None:
    """A need: the order says how the part stands."""
    ordered = order_of(context).says.part.orientation
    if ordered is None:
        return Status.NOT_APPLICABLE, said("the order says nothing of the orientation (ORD-01)")
    if ordered.delegated:
        return Status.NOT_APPLICABLE, said("the order leaves the orientation to the supplier")
    return None


def run(context: CheckContext) -> tuple[Finding, ...]:
    held = order_of(context)
    ordered = held.says.part.orientation
    assert ordered is not None  # `needs` has seen to it
    findings = []
    if ordered.rotate_deg is not None and context.placement is not None:
        findings.append(_turned(context, ordered.rotate_deg))
    if ordered.notation is not None:
        findings.append(_named(context, ordered.notation, ordered.rotate_deg is not None))
    return tuple(findings)


def _turned(context: CheckContext, angles: tuple[float, float, float]) -> Finding:
    wanted = rotation_e9_from_degrees(*angles)
    found = context.placement.rotation_e9 if context.placement else wanted
    off = max(abs(a - b) for a, b in zip(found, wanted, strict=True))
    text = ", ".join(f"{angle:g}" for angle in angles)
    if off == 0:
        message = said("the part is turned by {angles} degrees, as ordered", angles=text)
    else:
        message = said("the part is not turned by {angles} degrees, as ordered", angles=text)
    return CHECK.says(
        Status.PASS if off == 0 else Status.FAIL,
        message,
        measured=off,
        limit=0,
        unit="1e-9 of the rotation",
        where=in_record(order_of(context), "part.orientation.rotate_deg"),
    )


def _named(context: CheckContext, wanted: str, is_turn_given: bool) -> Finding:
    used = used_vertices(len(context.standing_mm), context.faces)
    corners = context.standing_mm[used]
    extents = corners.max(axis=0) - corners.min(axis=0)
    found = notation(extents)
    x, y, z = (f"{size:.2f}" for size in extents)
    where: tuple[Where, ...] = in_record(order_of(context), "part.orientation.notation")
    details = ((said("size as placed"), said("{size} mm", size=f"{x} x {y} x {z}")),)
    if not stands_as(extents, wanted):
        return CHECK.says(
            Status.FAIL,
            said(
                "the part stands {found}, and {wanted} is ordered",
                found=found.letters,
                wanted=wanted,
            ),
            measured=1,
            limit=0,
            unit="differences",
            where=where,
            details=details,
        )
    ties = [pair for pair in found.ties if set(pair) & set(wanted)]
    if ties and not is_turn_given:
        return CHECK.says(
            Status.WARN,
            said(
                "the part stands {wanted}, and so it would turned: its sizes along {first} and "
                "{second} are alike; give part.orientation.rotate_deg too",
                wanted=wanted,
                first=ties[0][0],
                second=ties[0][1],
            ),
            measured=abs(
                float(extents["XYZ".index(ties[0][0])] - extents["XYZ".index(ties[0][1])])
            ),
            limit=TIE_MM,
            unit="mm",
            where=where,
            details=details,
        )
    return CHECK.says(
        Status.PASS,
        said("the part stands {wanted}, as ordered", wanted=wanted),
        measured=0,
        limit=0,
        unit="differences",
        details=details,
    )


CHECK = Check(
    "ORD-05",
    said("Part stands as ordered"),
    said("ISO 17295; the order: part.orientation"),
    run,
    (order_record, oriented, facets, printer),
)
