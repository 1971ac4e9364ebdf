"""The patterns of sparse infill: a closed registry, one entry each.

To add one: a member of `profiles.models.InfillPattern`, a function here that lays it, an entry in
`PATTERNS`. The tests of all patterns (density, containment, anchors, certificates) run over the
registry. A pattern gets the sparse areas of several layers at once and lays each of them as if it
were alone; what it must know of other layers comes with the survey (`infill.survey`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from printstd.profiles.models import InfillPattern
from printstd.toolpath.infill.connect import Laid
from printstd.toolpath.infill.jobs import Job, Sparse
from printstd.toolpath.infill.patterns import concentric, crossed, parallel, waves

Lay = Callable[[Sequence[Sparse]], tuple[Sequence[Job], Laid]]

PATTERNS: Final[Mapping[InfillPattern, Lay]] = {
    InfillPattern.RECTILINEAR: parallel.rectilinear,
    InfillPattern.ALIGNED_RECTILINEAR: parallel.aligned_rectilinear,
    InfillPattern.ZIGZAG: parallel.zigzag,
    InfillPattern.GRID: parallel.grid,
    InfillPattern.TRIANGLES: crossed.triangles,
    InfillPattern.STARS: crossed.stars,
    InfillPattern.CUBIC: crossed.cubic,
    InfillPattern.HONEYCOMB: waves.honeycomb,
    InfillPattern.GYROID: waves.gyroid,
    InfillPattern.CONCENTRIC: concentric.concentric,
}
