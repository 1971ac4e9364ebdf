"""What the first pass leaves of every layer, as it travels to the second.

Layers that are alike share one record. Between processes a run of layers goes as a few large
arrays (`toolpath.packing`), and a layer is cut out of them where it is first looked at.
"""

from __future__ import annotations

from collections.abc import Sequence

from printstd.kernels.hanging import Hanging
from printstd.kernels.rings import EMPTY, Rings
from printstd.named_tuple import NamedTuple
from printstd.toolpath.exposure import NOTHING_EXPOSED, Exposed
from printstd.toolpath.packing import Packed, Row, pack
from printstd.toolpath.paths import PathSet


class Walled(NamedTuple):
    """One layer. section : compensated. fill : what its walls leave. exposed : against the layer
    below. in_air : what hangs unless it lies on a support, where supports are laid
    (`walling.hanging_beside_supports`)."""

    section: Rings
    fill: Rings
    walls: PathSet
    exposed: Exposed = NOTHING_EXPOSED
    in_air: Rings = EMPTY


class WalledRun:
    """A run of layers. kind : which of the `kinds` each layer is. hanging : of all of them."""

    __slots__ = ("_found", "_kind", "_packed", "hanging")

    def __init__(
        self, kinds: Sequence[Walled], kind: Sequence[int], hanging: Sequence[Hanging]
    ) -> None:
        self._found: list[Walled | None] = list(kinds)
        self._packed: Packed | None = None
        self._kind = tuple(kind)
        self.hanging = tuple(hanging)

    def __len__(self) -> int:
        return len(self._kind)

    def __getitem__(self, nth: int) -> Walled:
        return self._of_kind(self._kind[nth])

    def _of_kind(self, number: int) -> Walled:
        found = self._found[number]
        if found is None:
            if self._packed is None:
                raise AssertionError("a kind is either here or packed")
            found = self._found[number] = _layer(self._packed.row(number))
        return found

    def __getstate__(self) -> tuple[Packed, tuple[int, ...], tuple[Hanging, ...]]:
        rows = [_row(self._of_kind(number)) for number in range(len(self._found))]
        return pack(rows), self._kind, self.hanging

    def __setstate__(self, state: tuple[Packed, tuple[int, ...], tuple[Hanging, ...]]) -> None:
        self._packed, self._kind, self.hanging = state
        self._found = [None] * (max(self._kind) + 1)


def _row(layer: Walled) -> Row:
    return (
        *layer.section,
        *layer.fill,
        *layer.exposed.come,
        *layer.exposed.gone,
        *layer.in_air,
        *layer.walls.arrays(),
    )


def _layer(row: Row) -> Walled:
    section, fill, come, gone, in_air = (Rings(*row[k : k + 2]) for k in range(0, 10, 2))
    return Walled(section, fill, PathSet(*row[10:]), Exposed(come, gone), in_air)


class WalledLayers:
    """The layers of a whole print, bottom up."""

    def __init__(self, runs: Sequence[WalledRun]) -> None:
        self._place = [(run, nth) for run in runs for nth in range(len(run))]

    def __len__(self) -> int:
        return len(self._place)

    def __getitem__(self, layer: int) -> Walled:
        run, nth = self._place[layer]
        return run[nth]
