"""Heights of layers as a program must have them."""

from __future__ import annotations

from dataclasses import field

from printstd.artifacts.codec import absent_means
from printstd.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class LayerPlan:
    """Heights the program must have."""

    first_um: int
    height_um: int
    count: int | None
    """None where it was not declared (other slicers' programs): then the model's height rules."""
    top_um: tuple[int, ...] = ()
    """Every layer's Z where they are not uniform; empty = floor_um + first_um + i * height_um."""
    is_varied: bool = field(default=False, metadata=absent_means(False))
    """Layers above the first may be of other heights than `height_um`, within `window_um`."""
    window_um: tuple[int, int] = field(default=(0, 0), metadata=absent_means((0, 0)))
    """The least and the greatest height that the nozzle can lay."""
    max_error_um: int = field(default=0, metadata=absent_means(0))
    """How far the corners of a layer's stairs may be off the facets that it meets, unless it is of
    the least height; 0 = any."""
    is_top_exact: bool = field(default=False, metadata=absent_means(False))
    """The last layer ends at the part's top."""
    given_um: tuple[tuple[int, int], ...] = field(default=(), metadata=absent_means(()))
    """(from, to) of ranges with a layer height of their own, to which no bound applies."""
    spiral_from: int = field(default=0, metadata=absent_means(0))
    """The lowest layer that is a turn of a spiral vase: one bead that rises all the way from the
    layer below; 0 = all are flat."""
    is_smooth: bool = field(default=False, metadata=absent_means(False))
    """Turns come from the outline of the layer below to their own as they rise."""
    floor_um: int = field(default=0, metadata=absent_means(0))
    """Z on which the part's first layer is laid: over a raft, if it has one."""
