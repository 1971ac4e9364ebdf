"""What several parts of one plate cannot have."""

from __future__ import annotations

from collections.abc import Sequence

from printstd.errors import SlicingError
from printstd.profiles.resolved import Resolved
from printstd.toolpath.parts import PlatePart
from printstd.words import counted, listed, said


def check_together(parts: Sequence[PlatePart], resolved: Resolved, *, is_one_by_one: bool) -> None:
    """Raises SlicingError where several parts are asked for what is made of one."""
    n_objects, process = sum(part.n_copies for part in parts), resolved.process
    if n_objects < 2:
        return
    has_supports = any(part.resolved.process.supports.enabled for part in parts)
    has_several_tools = len({part.resolved.tool for part in parts}) > 1
    asked = {
        "plate.by_object": process.plate.by_object,
        said("a raft"): process.raft.layers > 0,
        said("supports"): has_supports,
    }
    if has_several_tools and any(asked.values()):
        raise SlicingError(
            said("parts of several tools are printed together, layer by layer, from the bed on"),
            got=listed(name for name, is_asked in asked.items() if is_asked),
            wanted=said("neither plate.by_object nor a raft nor supports"),
            hint=said(
                "set plate.by_object=false, raft.layers=0 and supports.enabled=false, or "
                "make the parts by one tool (--extruder)"
            ),
            code="SLICE-15",
        )
    got = counted("{count} part on one plate", "{count} parts on one plate", count=n_objects)
    if process.spiral_vase.is_on:
        raise SlicingError(
            said("a spiral vase is one line without a break, and these are several parts"),
            got=got,
            wanted=said("one part"),
            hint=said(
                "make each its own program (--outdir), or set {setting}",
                setting="spiral_vase.is_on=false",
            ),
            code="SLICE-11",
        )
    if is_one_by_one and (has_supports or process.raft.layers):
        raise SlicingError(
            said("supports and rafts are not laid for parts one after the other"),
            got=said("{got}, and process.plate.by_object", got=got),
            wanted=said("parts printed together"),
            hint=said(
                "make each its own program (--outdir), or set {setting}",
                setting="plate.by_object=false",
            ),
            code="SLICE-12",
        )
