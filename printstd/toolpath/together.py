"""What several parts of one plate cannot have."""

from __future__ import annotations

from collections.abc import Sequence

from printstd.errors import SlicingError
from printstd.profiles.resolved import Resolved
from printstd.toolpath.parts import PlatePart


def check_together(parts: Sequence[PlatePart], resolved: Resolved) -> None:
    """Raises SlicingError where several parts are asked for what is made of one."""
    n_objects, process = sum(part.n_copies for part in parts), resolved.process
    if n_objects < 2:
        return
    if len({part.resolved.tool for part in parts}) > 1 and (
        process.plate.by_object or process.raft.layers
    ):
        raise SlicingError(
            "parts of several tools are printed together, layer by layer, from the bed on",
            got="plate.by_object" if process.plate.by_object else "a raft",
            wanted="neither plate.by_object nor a raft",
            hint="set plate.by_object=false and raft.layers=0, or make the parts by one tool "
            "(--extruder)",
            code="SLICE-13",
        )
    got, hint = f"{n_objects} parts on one plate", "make each its own program (--outdir), or set "
    if process.spiral_vase.is_on:
        raise SlicingError(
            "a spiral vase is one line without a break, and these are several parts",
            got=got,
            wanted="one part",
            hint=f"{hint}spiral_vase.is_on=false",
            code="SLICE-11",
        )
    if process.supports.enabled or process.raft.layers:
        raise SlicingError(
            "supports and rafts are laid for one part at a time",
            got=got,
            wanted="one part",
            hint=f"{hint}supports.enabled=false and raft.layers=0",
            code="SLICE-12",
        )
