"""Pictures of the models of a run, made only for a report that shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from printstd.words import said

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from printstd.artifacts.finding import Finding
    from printstd.artifacts.surface_field import SurfaceField
    from printstd.pipeline import Order, Prepared
    from printstd.profiles.resolved import Resolved
    from printstd.report.document import ReportDocument
    from printstd.report.pictures import PartPicture, Pictures
    from printstd.validate.context import CheckContext

Draw = Callable[["ReportDocument"], "Pictures"]
"""From what a run found to its pictures."""


def drawing_each(models: Sequence[Path], orders: Sequence[Order], resolved: Resolved) -> Draw:
    """One subject for each model, in their order."""

    def draw(document: ReportDocument) -> Pictures:
        from printstd import pipeline
        from printstd.cli.running import read_model_file

        found = {}
        for index, (path, order) in enumerate(zip(models, orders, strict=True)):
            subject = document.subjects[index]
            if subject.problem is not None or not _can_be_read_again(path):
                continue
            prepared = pipeline.prepare(read_model_file(path), order, resolved)
            # A file that was replaced since is not the one that was judged.
            if subject.sha256 in (None, prepared.source.file_sha256):
                found[index] = (_part(prepared, _findings(document, index)),)
        return found

    return draw


def drawing_together(models: Sequence[Path], orders: Sequence[Order], resolved: Resolved) -> Draw:
    """All models are the first subject's: a plate, or what a program is for."""

    def draw(document: ReportDocument) -> Pictures:
        from printstd import pipeline
        from printstd.cli.running import read_model_file

        once = dict(zip(models, orders, strict=True))
        is_whole = len(document.subjects) == 1 and document.subjects[0].problem is None
        if not is_whole or not all(_can_be_read_again(path) for path in once):
            return {}
        parts = [
            part
            for path, order in once.items()
            for part in pipeline.prepare_all(read_model_file(path), order, resolved)
        ]
        # Findings of a plate tell places on the plate, where each part is not drawn.
        findings = _findings(document, 0) if len(parts) == 1 else []
        return {0: tuple(_part(part, findings) for part in parts)}

    return draw


def _can_be_read_again(path: Path) -> bool:
    """A pipe has said what it had to say; its model is reported without a picture."""
    return path.is_file()


def _findings(document: ReportDocument, index: int) -> list[Finding]:
    return [f for section in document.subjects[index].sections for f in section.findings]


def _part(prepared: Prepared, findings: Sequence[Finding]) -> PartPicture:
    import numpy as np

    from printstd.report.pictures import PartPicture, Stance, cuts_of
    from printstd.validate.context import CheckContext

    context = CheckContext(prepared.file, prepared.resolved, prepared.placement)
    shift = np.zeros(3)
    if prepared.placement is not None:
        shift = np.array(prepared.placement.translation_um) / 1e3
    stance = Stance(context.rotation, context.scale, shift)
    standing = context.standing_mm + shift
    return PartPicture(
        prepared.model.name,
        standing,
        context.faces,
        (_thickness(context, findings), _overhang(standing, context.faces)),
        cuts_of(findings, stance, standing, context.faces),
    )


_WALLS = "THK-01"
"""The check whose limit the thickness is seen against."""


def _thickness(context: CheckContext, findings: Sequence[Finding]) -> SurfaceField:
    from printstd.artifacts.surface_field import SurfaceField
    from printstd.validate.thickness import facet_thickness_mm, watched_mm

    limit, source = context.line_width_mm, said("process: widths.external_perimeter_mm")
    for finding in findings:
        if finding.rule_id == _WALLS and finding.limit is not None and finding.unit == "mm":
            limit = finding.limit
            source = said("{rule}: {source}", rule=_WALLS, source=finding.source)
            break
    watched = watched_mm(context)
    return SurfaceField(
        said("material behind the surface"),
        "mm",
        facet_thickness_mm(context),
        watched,
        limit,
        source,
        said("more than {watched:g} mm, or nothing opposed behind it", watched=watched),
    )


def _overhang(standing_mm: NDArray[np.float64], faces: NDArray[np.int32]) -> SurfaceField:
    """Degrees from the build plate of facets that look down: 0 for a ceiling, 90 for a wall."""
    import numpy as np

    from printstd.artifacts.surface_field import SurfaceField

    a, b, c = np.moveaxis(standing_mm[faces], 1, 0)
    normal = np.cross(b - a, c - a)
    length = np.linalg.norm(normal, axis=1)
    down = -normal[:, 2]
    looks_down = (length > 0) & (down > 1e-6 * length)
    lowest = standing_mm[faces.reshape(-1), 2].min() if len(faces) else 0.0
    on_plate = np.maximum(np.maximum(a[:, 2], b[:, 2]), c[:, 2]) <= lowest + _ON_PLATE_MM
    share = np.divide(down, length, out=np.ones_like(down), where=length > 0)
    angle = np.degrees(np.arccos(share.clip(-1.0, 1.0)))
    return SurfaceField(
        said("overhang, angle from the build plate"),
        "deg",
        np.where(looks_down & ~on_plate, angle, np.nan),
        90.0,
        None,
        "",
        said("looks up or to the side, or lies on the plate"),
    )


_ON_PLATE_MM = 0.05
