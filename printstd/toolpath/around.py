"""What is laid under and around the parts of a plate: raft, skirt, brim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from printstd.kernels import clip
from printstd.kernels.rings import EMPTY, Rings, concat
from printstd.profiles.resolved import Resolved
from printstd.toolpath.adhesion import plan_adhesion
from printstd.toolpath.parts import PlatePart
from printstd.toolpath.paths import join
from printstd.toolpath.plate import everywhere
from printstd.toolpath.ready import ReadyRun, joined, prepare_layers
from printstd.toolpath.spec import LayerSpec
from printstd.toolpath.walled import WalledLayers

if TYPE_CHECKING:
    from printstd.toolpath.supports.raft import RaftLayers
    from printstd.toolpath.supports.together import Kind


def stands(
    parts: Sequence[PlatePart],
    walled: Sequence[WalledLayers],
    kinds: Sequence[Kind],
    resolved: Resolved,
) -> list[Rings]:
    """All that is laid on each of the lowest layers, as many as have a skirt, and one at least."""
    n_layers = max(len(layers) for layers in walled)
    lowest = range(min(max(1, resolved.process.adhesion.skirt_layers), n_layers))
    found = [
        concat(
            [
                everywhere(layers[i].section, part)
                for part, layers in zip(parts, walled, strict=True)
                if i < len(layers)
            ]
        )
        for i in lowest
    ]
    if not kinds:
        return found
    from printstd.toolpath.supports.together import area_of

    return [_laid(section, area_of(kinds, i)) for i, section in zip(lowest, found, strict=True)]


def raft_under(stands: Rings, resolved: Resolved, bed: Rings) -> RaftLayers | None:
    """None where none is asked for."""
    if not resolved.process.raft.layers:
        return None
    from printstd.toolpath.supports.raft import plan_raft

    return plan_raft(stands, resolved, bed)


def _laid(section: Rings, supports: Rings) -> Rings:
    """What of a layer lies there, supports and all."""
    return section if supports.is_empty else clip.union([section, supports])


def adhesion(
    stands: Sequence[Rings],
    specs: Sequence[LayerSpec],
    raft: RaftLayers | None,
    resolved: Resolved,
    is_flat: bool,
) -> ReadyRun | None:
    """Raft, skirt and brim under and around all parts, of the lowest layers that have any.
    is_flat : of the first alone, since the head must pass over it to lay the first layer of other
    parts."""
    if resolved.printer is None:
        return None
    areas, raft_specs, on_bed = raft or ([], [], [])
    around = plan_adhesion(
        [*areas, *stands], [*raft_specs, *specs], resolved, resolved.printer.volume
    )
    around = around[:1] if is_flat else around
    n_layers = max(len(around), len(on_bed))
    paths = [join([*around[i : i + 1], *on_bed[i : i + 1]]) for i in range(n_layers)]
    if not any(own.n_paths for own in paths):
        return None
    return joined(prepare_layers(paths, [EMPTY] * len(paths)))
