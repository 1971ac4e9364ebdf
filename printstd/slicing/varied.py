"""Layers that are not all of one height: bounded surface error, ranges, an exact top.

The part is divided at the borders of its ranges, and each piece gets its layers: in a range of its
own height, and everywhere where no error is bounded, layers of that height whose uppermost share
what is over; elsewhere as few layers as keep the bound. Every piece ends exactly at its border, so
a layer never lies in two ranges. A piece too thin for that ends as near to its border as whole
layers come, and the next one begins there.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.errors import SlicingError
from printstd.kernels.layer_heights import (
    Facets,
    Levels,
    between_levels,
    ceilings_um,
    even_layers,
    facets_along_z,
    highest_layers,
    levels_of,
)
from printstd.slicing.plan import (
    HEIGHT_NOISE_NM,
    LayerHeights,
    LayerThickness,
    heights_of,
    layer_plan,
)
from printstd.slicing.remaining import remaining_top_nm
from printstd.units import NM_PER_UM
from printstd.words import said

SHARING: Final = 5
"""Layers under a border that share what is over: a fifth of half a layer each shows on no wall."""


class _Piece(NamedTuple):
    """height_um : None where the surface decides. has_border : its end is to be hit if it can be;
    must_end : or else there is no program."""

    stop_um: int
    height_um: int | None
    has_border: bool
    must_end: bool = False


def varied_plan(
    vertices_nm: NDArray[np.int64],
    faces: NDArray[np.int32],
    thickness: LayerThickness,
    gone: tuple[NDArray[np.int64], NDArray[np.int32]] | None = None,
    is_healed: bool = False,
) -> LayerHeights:
    """The layers of a part that stands on the bed.

    vertices_nm : (v, 3), bed frame. faces : (f, 3). gone : the same of what is cut out of the part,
    whose facets bound its layers as those of the part do, as far up as something is left. is_healed
    : the part may be open. The first layer keeps its height, unless the part is so low that no
    other could follow it exactly.
    """
    part_top_nm = int(vertices_nm[faces.reshape(-1), 2].max())
    if gone is not None:
        step_nm = thickness.window.least_um * NM_PER_UM // 2
        part_top_nm = remaining_top_nm((vertices_nm, faces), gone, step_nm, is_healed=is_healed)
    top_um = (part_top_nm + NM_PER_UM // 2) // NM_PER_UM
    if thickness.is_uniform or top_um < 1:
        return layer_plan(part_top_nm, thickness)
    is_exact = thickness.is_top_exact or bool(thickness.max_error_um)
    first_um = thickness.first_um
    least_um = thickness.window.least_um
    if is_exact and least_um <= top_um < first_um + least_um and top_um != first_um:
        return heights_of(np.array(_low_part(top_um, thickness), np.int64))
    if 2 * (part_top_nm - HEIGHT_NOISE_NM) <= first_um * NM_PER_UM:
        return layer_plan(part_top_nm, thickness)
    tops = [first_um]
    ceiling = levels = None
    if thickness.max_error_um:
        facets = facets_along_z(vertices_nm, faces)
        if gone is not None:
            facets = _up_to(part_top_nm, facets, facets_along_z(*gone))
        ceiling = ceilings_um(facets, thickness.max_error_um, thickness.window, top_um + 1)
        levels = levels_of(facets)
    for piece in _pieces(top_um, thickness):
        if piece.stop_um > tops[-1]:
            tops += _layers_of(piece, tops[-1], part_top_nm, ceiling, levels, thickness)
    return heights_of(np.array(tops, np.int64))


def _up_to(top_nm: int, *several: Facets) -> Facets:
    """The facets of all that reach above the bed and below the top."""
    kept = []
    for facets in several:
        reaches = (facets.high_nm > 0) & (facets.low_nm < top_nm)
        kept.append([column[reaches] for column in facets])
    return Facets(*(np.concatenate(columns) for columns in zip(*kept, strict=True)))


def _low_part(top_um: int, thickness: LayerThickness) -> list[int]:
    """A part that ends within the least layer above the first one: its first layer gives way."""
    least, most = thickness.window
    if top_um <= most:
        return [top_um]
    first = min(most, top_um - least)
    return [first, top_um]


def _pieces(top_um: int, thickness: LayerThickness) -> list[_Piece]:
    """From the first layer up to the part's top."""
    usual = None if thickness.max_error_um else thickness.height_um
    is_top_exact = thickness.is_top_exact
    # No layer fits between the part's top and a border so near under it.
    last_border_um = top_um - thickness.window.least_um
    pieces = []
    for one in thickness.ranges:
        if one.from_um > last_border_um:
            break
        pieces.append(_Piece(one.from_um, usual, True))
        if one.to_um > last_border_um:
            return [*pieces, _Piece(top_um, one.height_um, is_top_exact, is_top_exact)]
        pieces.append(_Piece(one.to_um, one.height_um, True))
    return [*pieces, _Piece(top_um, usual, is_top_exact or usual is None, is_top_exact)]


def _layers_of(
    piece: _Piece,
    start_um: int,
    part_top_nm: int,
    ceiling_um: NDArray[np.int64] | None,
    levels: Levels | None,
    thickness: LayerThickness,
) -> list[int]:
    """Tops of the layers of one piece."""
    window, height_um = thickness.window, piece.height_um
    found = None
    if height_um is not None:
        if piece.has_border:
            found = even_layers(start_um, piece.stop_um, height_um, window, SHARING)
    elif ceiling_um is not None and levels is not None:
        found = between_levels(ceiling_um, start_um, piece.stop_um, levels, window)
        if found is None and not piece.must_end:
            found = highest_layers(ceiling_um, start_um, piece.stop_um, window)
    if found is not None:
        return found
    if piece.must_end or height_um is None:
        raise _no_exact_top(start_um, piece, thickness)
    if piece.has_border:
        count = (2 * (piece.stop_um - start_um) + height_um - 1) // (2 * height_um)
    else:
        # The rule of `layer_plan`: as long as the layer's middle lies inside the part.
        inside_nm = 2 * (part_top_nm - HEIGHT_NOISE_NM - start_um * NM_PER_UM)
        height_nm = height_um * NM_PER_UM
        count = max(0, -(-(inside_nm + height_nm) // (2 * height_nm)) - 1)
    return [start_um + height_um * (i + 1) for i in range(count)]


def _no_exact_top(start_um: int, piece: _Piece, thickness: LayerThickness) -> SlicingError:
    least, most = (height / 1000 for height in thickness.window)
    return SlicingError(
        said("no layers end exactly at the part's top"),
        where=said(
            "from Z {start_mm:.3f} to {stop_mm:.3f} mm",
            start_mm=start_um / 1000,
            stop_mm=piece.stop_um / 1000,
        ),
        got=said(
            "layers of {least:g} to {most:g} mm with stairs within {bound_um} um of the surface, "
            "of which no number is so high",
            least=least,
            most=most,
            bound_um=thickness.max_error_um,
        )
        if piece.height_um is None
        else said(
            "layers of {least:g} to {most:g} mm, of which no number is so high",
            least=least,
            most=most,
        ),
        wanted="layers.exact_top",
        hint=said(
            "set layers.exact_top=false, another first_layer_height_mm, or a larger "
            "layers.max_surface_error_um"
        ),
        code="SLICE-05",
    )
