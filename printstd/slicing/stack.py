"""slice_mesh: a placed mesh cut into the clean contours of its layers."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.layers import Healed, LayerStack
from printstd.artifacts.mesh import Mesh, Placement
from printstd.errors import SlicingError
from printstd.kernels import clip
from printstd.kernels.facets import used_vertices
from printstd.kernels.placing import place_vertices
from printstd.kernels.rings import Rings, canonical_by_group, concat
from printstd.kernels.sections import Sections, section_rings
from printstd.kernels.simplify import simplified, without_straight
from printstd.named_tuple import NamedTuple
from printstd.ports import Executor, Progress
from printstd.profiles.raft import raft_plan
from printstd.profiles.resolved import Resolved
from printstd.slicing.plan import LayerHeights, LayerThickness, layer_plan, layer_thickness
from printstd.units import NM_PER_UM, nm
from printstd.words import said

_BELOW_BED_NM: Final = -1_000
"""Placement is in whole micrometres: a part that stands on the bed may dip half of one into it."""
_STRAIGHT_NM: Final = 20
"""What rounding to nm, and a flat face whose corners were float32, do to points on one line."""
_MS_PER_VERTEX: Final = 0.0006
"""What cleaning takes for each raw section vertex."""


class Contours(NamedTuple):
    """How raw sections become contours. closing_nm : gaps narrower than twice this are closed.
    tolerance_nm : how far a simplified contour may stray from the section."""

    closing_nm: int
    tolerance_nm: int


def shrinkage_scale_e6(resolved: Resolved) -> tuple[int, int]:
    """(xy, z): by how much the part is printed larger than nominal, in 1e-6."""
    material = resolved.material
    return (
        round(1e6 / (1.0 - material.shrinkage_xy_ratio)),
        round(1e6 / (1.0 - material.shrinkage_z_ratio)),
    )


def slice_mesh(
    mesh: Mesh,
    placement: Placement,
    resolved: Resolved,
    *,
    is_healed: bool = False,
    executor: Executor,
    progress: Progress,
    cut: Mesh | None = None,
) -> LayerStack:
    """The layers of `mesh` as it stands on the bed, less those of `cut` (negative volumes, in the
    same frame).

    is_healed : open sections are closed and facets that face the wrong way turned over, instead
    of refused.

    Raises SlicingError: a coordinate out of range, the part below the bed, an open section,
    nothing printable.
    """
    process = resolved.process
    contours = Contours(nm(process.slice_closing_mm), nm(process.resolution_mm))
    gone = None if cut is None else (_placed_nm(cut, placement, resolved), cut.faces)
    stack = slice_placed(
        _placed_nm(mesh, placement, resolved),
        mesh.faces,
        layer_thickness(resolved),
        contours,
        is_healed=is_healed,
        floor_um=raft_plan(resolved).floor_um,
        executor=executor,
        progress=progress,
        gone=gone,
    )
    return stack if gone is None else _without(stack, *gone, contours, executor)


def slice_region(
    mesh: Mesh, placement: Placement, resolved: Resolved, stack: LayerStack, *, executor: Executor
) -> list[Rings]:
    """The sections of a volume that is not printed itself, in the layers of the part that it
    belongs to and in the same frame. Raises SlicingError where it is open."""
    process = resolved.process
    contours = Contours(nm(process.slice_closing_mm), nm(process.resolution_mm))
    placed = _placed_nm(mesh, placement, resolved)
    return _sections_in(stack, placed, mesh.faces, contours, executor)


def _placed_nm(mesh: Mesh, placement: Placement, resolved: Resolved) -> NDArray[np.int64]:
    """(v, 3) where the part stands, as large as it is printed."""
    scale_xy_e6, scale_z_e6 = shrinkage_scale_e6(resolved)
    return place_vertices(
        mesh.vertices_mm,
        rotation_e9=placement.rotation_e9,
        translation_um=placement.translation_um,
        scale_e6=placement.scale_e6,
        shrink_xy_e6=scale_xy_e6,
        shrink_z_e6=scale_z_e6,
    )


def _without(
    stack: LayerStack,
    vertices_nm: NDArray[np.int64],
    faces: NDArray[np.int32],
    contours: Contours,
    executor: Executor,
) -> LayerStack:
    """The layers less the sections of what is cut out; layers that are empty then are dropped from
    the top.

    Raises SlicingError where the cut is open, or leaves nothing.
    """
    rings, counts = [], []
    for layer, gone in enumerate(_sections_in(stack, vertices_nm, faces, contours, executor)):
        own = Rings(*stack.rings_of(layer))
        if not gone.is_empty and not own.is_empty:
            own = (clip.Area.of(own) - clip.Area.of(gone)).rings()
        rings.append(own)
        counts.append(own.n_rings)
    kept = max((layer + 1 for layer, count in enumerate(counts) if count), default=0)
    if not kept:
        raise SlicingError(
            said("nothing printable: the negative volumes leave nothing of the part"),
            hint=said("look at the project in the slicer that made it"),
            code="SLICE-02",
        )
    whole = concat(rings[:kept])
    return LayerStack(
        top_um=stack.top_um[:kept],
        height_um=stack.height_um[:kept],
        slice_z_nm=stack.slice_z_nm[:kept],
        xy_nm=whole.xy_nm,
        ring_offsets=whole.offsets,
        layer_offsets=np.concatenate([np.zeros(1, np.int64), np.cumsum(counts[:kept])]),
        healed=stack.healed,
    )


def _sections_in(
    stack: LayerStack,
    vertices_nm: NDArray[np.int64],
    faces: NDArray[np.int32],
    contours: Contours,
    executor: Executor,
) -> list[Rings]:
    """Of another mesh, in the layers of a stack. Raises SlicingError where it is open."""
    raw = section_rings(vertices_nm, faces, stack.slice_z_nm)
    if len(raw.gap_layer):
        heights = LayerHeights(stack.top_um, stack.height_um, stack.slice_z_nm)
        raise _open_section(raw, heights)
    rings, layer_offsets = _clean(raw, contours, executor)
    found = []
    for first, last in pairwise(layer_offsets.tolist()):
        borders = rings.offsets[first : last + 1]
        found.append(Rings(rings.xy_nm[borders[0] : borders[-1]], borders - borders[0]))
    return found


def slice_placed(
    vertices_nm: NDArray[np.int64],
    faces: NDArray[np.int32],
    thickness: LayerThickness,
    contours: Contours,
    *,
    is_healed: bool = False,
    floor_um: int = 0,
    executor: Executor,
    progress: Progress,
    gone: tuple[NDArray[np.int64], NDArray[np.int32]] | None = None,
) -> LayerStack:
    """`slice_mesh` with plain numbers: (v, 3) int64, nm, bed frame, and (f, 3) int32.

    floor_um : where the part begins, above the bed: over a raft, if there is one. gone : the mesh
    of what will be cut out: its surface has a say in the heights of layers.
    """
    heights = _heights(vertices_nm, faces, thickness, floor_um, gone, is_healed)
    progress.stage(said("slicing"), len(heights.top_um))
    turned = 0
    if is_healed:
        from printstd.kernels.healing import facing_alike

        faces, turned = facing_alike(faces)
    raw = section_rings(vertices_nm, faces, heights.slice_z_nm, is_healed=is_healed)
    if len(raw.gap_layer) and not is_healed:
        raise _open_section(raw, heights)
    rings, layer_offsets = _clean(raw, contours, executor)
    if rings.is_empty:
        raise SlicingError(
            said("nothing printable: no layer has any area"),
            hint=said(
                "see `printstd validate`; perhaps the shells are flat or --scale is too small"
            ),
            code="SLICE-02",
        )
    progress.advance(len(heights.top_um))
    return LayerStack(
        top_um=heights.top_um,
        height_um=heights.height_um,
        slice_z_nm=heights.slice_z_nm,
        xy_nm=rings.xy_nm,
        ring_offsets=rings.offsets,
        layer_offsets=layer_offsets,
        healed=Healed(raw.gap_layer, raw.gap_xy_nm, raw.gap_nm, turned) if is_healed else None,
    )


def _heights(
    vertices_nm: NDArray[np.int64],
    faces: NDArray[np.int32],
    thickness: LayerThickness,
    floor_um: int,
    gone: tuple[NDArray[np.int64], NDArray[np.int32]] | None,
    is_healed: bool,
) -> LayerHeights:
    z = vertices_nm[used_vertices(len(vertices_nm), faces), 2]
    low, high = (int(z.min()), int(z.max())) if len(z) else (0, 0)
    floor_nm = floor_um * NM_PER_UM
    if low - floor_nm < _BELOW_BED_NM:
        raise SlicingError(
            said("the part reaches below the raft")
            if floor_um
            else said("the part reaches below the bed"),
            got=said("lowest point at Z {low:.3f} mm", low=low / 1000000.0),
            wanted=said("Z {floor_mm:.3f} or above", floor_mm=floor_um / 1000)
            if floor_um
            else said("Z 0 or above"),
            hint=said("leave the placement out and the part is stood on the bed"),
            code="SLICE-03",
        )
    if thickness.is_uniform:
        heights = layer_plan(high, thickness, floor_um)
    else:
        from printstd.slicing.varied import varied_plan

        heights = varied_plan(vertices_nm, faces, thickness, gone, is_healed)
    if not len(heights.top_um):
        raise SlicingError(
            said("nothing printable: the part is thinner than half the first layer"),
            got=said("{high:.4f} mm high", high=(high - floor_nm) / 1000000.0),
            wanted=said("more than {first_mm:.4f} mm", first_mm=thickness.first_um / 2000),
            hint=said("check the unit of the file (--units) and --scale"),
            code="SLICE-02",
        )
    return heights


def _open_section(raw: Sections, heights: LayerHeights) -> SlicingError:
    worst = int(np.argmax(raw.gap_nm))
    layer = int(raw.gap_layer[worst])
    x, y = (raw.gap_xy_nm[worst] / 1e6).tolist()
    z = int(heights.slice_z_nm[layer]) / 1e6
    n_layers = len(np.flatnonzero(np.bincount(raw.gap_layer)))
    gap_mm = float(raw.gap_nm[worst]) / 1e6
    return SlicingError(
        said("the surface is open: sections do not close"),
        where=said(
            "layer {layer} (Z {z:.3f} mm), X {x:.3f} Y {y:.3f} mm on the bed",
            layer=layer,
            z=z,
            x=x,
            y=y,
        ),
        got=(
            said(
                "{count} open ends on {n_layers} of {layers} layers, the widest gap "
                "{gap_mm:.3f} mm",
                count=len(raw.gap_layer),
                n_layers=n_layers,
                layers=len(heights.top_um),
                gap_mm=gap_mm,
            )
        ),
        wanted=said("every section a set of closed loops"),
        hint=said(
            "close the model in the CAD system (`printstd validate` shows where), or let "
            "--heal close each layer as best it can"
        ),
        code="SLICE-01",
    )


class _Raw(NamedTuple):
    rings: Rings
    layer_offsets: NDArray[np.int64]
    contours: Contours


def _clean(
    raw: Sections, contours: Contours, executor: Executor
) -> tuple[Rings, NDArray[np.int64]]:
    n_layers = len(raw.layer_offsets) - 1
    shared = _Raw(Rings(raw.xy_nm, raw.ring_offsets), raw.layer_offsets, contours)
    vertices = np.diff(raw.ring_offsets[raw.layer_offsets])
    tasks = executor.chunks((vertices * _MS_PER_VERTEX).tolist())
    parts = executor.map(_clean_layers, tasks, shared=shared)
    counts = np.concatenate([np.diff(offsets) for _, offsets in parts])
    layer_offsets = np.zeros(n_layers + 1, np.int64)
    np.cumsum(counts, out=layer_offsets[1:])
    ring_sizes = np.concatenate([np.diff(rings.offsets) for rings, _ in parts])
    offsets = np.zeros(len(ring_sizes) + 1, np.int64)
    np.cumsum(ring_sizes, out=offsets[1:])
    return Rings(np.concatenate([rings.xy_nm for rings, _ in parts]), offsets), layer_offsets


def _clean_layers(shared: _Raw, layers: range) -> tuple[Rings, NDArray[np.int64]]:
    """Clean contours of a run of layers; their layer offsets start at 0.

    Simplified before they are united, not after: only then do the rings that leave never cross.
    """
    borders = shared.layer_offsets[layers.start : layers.stop + 1]
    ring_borders = shared.rings.offsets[borders[0] : borders[-1] + 1]
    run = Rings(
        shared.rings.xy_nm[ring_borders[0] : ring_borders[-1]], ring_borders - ring_borders[0]
    )
    layer = np.repeat(np.arange(len(layers)), np.diff(borders))
    run = without_straight(run, _STRAIGHT_NM)
    run, layer = canonical_by_group(run, layer)
    run = simplified(run, shared.contours.tolerance_nm)
    borders = np.searchsorted(layer, np.arange(len(layers) + 1))
    return clip.close_each(run, borders, shared.contours.closing_nm)
