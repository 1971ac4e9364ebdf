"""One part after the other: in which order, and where no order will do.

The head keeps its distance from finished parts because they stand that far apart (`arrange`). The
beam that carries it spans the bed: every part but the last must stay under it. So the lowest come
first, and of two parts that are both too high for the beam neither can be first.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from printstd.artifacts.mesh import ModelFile
from printstd.artifacts.plate import Stand
from printstd.errors import InternalError, SlicingError
from printstd.plating.arrange import standing_nm
from printstd.profiles.resolved import Resolved
from printstd.units import NM_PER_MM, nm
from printstd.words import said


def printing_order(
    files: Sequence[ModelFile], stands: Sequence[Stand], resolved: Resolved
) -> list[int] | None:
    """Indices of the stands, the lowest part first; None where all are printed together.

    Raises SlicingError naming the two parts of which neither can be printed before the other.
    """
    if not resolved.process.plate.by_object or len(stands) == 1:
        return None
    if resolved.printer is None:
        raise InternalError("parts are printed on a printer")
    tops: dict[int, int] = {}
    for stand in stands:
        if stand.model not in tops:
            vertices = standing_nm(files[stand.model], stand.placement, resolved)
            tops[stand.model] = int(vertices[:, 2].max())
    height = np.array([tops[stand.model] for stand in stands], np.int64)
    order: list[int] = np.argsort(height, kind="stable").tolist()
    beam_mm = resolved.printer.clearance.gantry_mm
    lower, last = order[-2:]
    # The first layer is laid with the nozzle's tip at its own height.
    if height[lower] > nm(beam_mm) + nm(resolved.process.first_layer_height_mm):
        names = [files[stands[i].model].mesh.source.name for i in (lower, last)]
        raise SlicingError(
            said("these parts cannot be printed one after the other"),
            where=" and ".join(dict.fromkeys(names)),
            got=said(
                "{height_mm:.2f} and {other_mm:.2f} mm high",
                height_mm=height[lower] / NM_PER_MM,
                other_mm=height[last] / NM_PER_MM,
            ),
            wanted=said(
                "all but one at most {beam_mm:g} mm, where the beam passes over them",
                beam_mm=beam_mm,
            ),
            hint=said(
                "print them together (process.plate.by_object=false), or one per plate (--outdir)"
            ),
            code="SLICE-10",
        )
    return order
