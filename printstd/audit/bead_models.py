"""Three models of a bead, and how far apart they put its sides.

From filament and layer height alone nobody knows how a bead's sides lie. The auditor takes the
stadium, by which most slicers lay their lines, and asks every question about sides of beads again
where another model could change the answer (docs/decisions/0008-three-bead-models.md):

- stadium: A = h (w - h k), k = 1 - pi/4, so w = A/h + h k; what would not fill a circle of the
  layer's height is a round thread;
- rectangle: w = A/h. Its sides lie where those of the stadium lie on the mean over their height;
- the stadium with 3 % less and 3 % more plastic, everywhere alike.

All of them leave the middle line where it is, so each point's distance from a bead's side changes
by half the difference of the widths and nothing else: what narrower beads reach wider ones do too.
Between the narrowest and the widest of the models every answer is monotone, and two questions
bracket all four.

A rule says FAIL where every model does, PASS where the usual one does with its flow a little lower
and higher, and INDETERMINATE between. So no program passes by one model and fails by another: what
passes passes by its own, and what fails would have to fail by that, too. Flat sides lie further in
than round ones by the same on all walls of a height; that is judged on the whole (G-04) and in
sizes (G-05, G-16), and is no hole in any one place.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from printstd.words import said

ROUND_LOSS: Final = 1.0 - np.pi / 4
FLOW_RATIO: Final = 0.03
"""By how much a bead may hold less or more than is commanded: what diameters of good filament and
calibrated feeding leave open."""

Floats = NDArray[np.float64]


class BeadModel(StrEnum):
    STADIUM = "stadium"
    RECTANGLE = "rectangle"
    LEAN = "stadium, 3 % less"
    RICH = "stadium, 3 % more"


_FLOW: Final = {BeadModel.LEAN: 1.0 - FLOW_RATIO, BeadModel.RICH: 1.0 + FLOW_RATIO}

T = TypeVar("T")


class Bracket(NamedTuple, Generic[T]):
    """One figure as it comes out where flow is worst for the program, as the usual model has it,
    and where the models are best. What `worst` passes passes; what `best` fails all fail."""

    worst: T
    usual: T
    best: T


class Spread(NamedTuple):
    """By how much a bead's side may lie further in or further out than the usual model has it,
    um."""

    inwards: float
    outwards: float

    @property
    def expanded_um(self) -> float:
        """U (k = 2) of one side: all places between the outermost models are alike likely, so the
        standard uncertainty is half of the range over the root of 3 (GUM 4.3.7). Twice this is more
        than the whole range: no two models can say PASS and FAIL."""
        return float((self.inwards + self.outwards) / np.sqrt(3.0))

    @property
    def told(self) -> str:
        return said(
            "-{inwards:.1f}/+{outwards:.1f} um a side", inwards=self.inwards, outwards=self.outwards
        )


def width_under(model: BeadModel, thread_um: Floats, height_um: Floats | float) -> Floats:
    """(n,) um, of beads whose plastic would make round threads of such diameters."""
    area = thread_um * thread_um * (np.pi / 4 * _FLOW.get(model, 1.0))
    flat = area / height_um
    if model is BeadModel.RECTANGLE:
        return np.asarray(flat)
    round_ = thread_um * np.sqrt(_FLOW.get(model, 1.0))
    return np.where(round_ < height_um, round_, flat + np.multiply(height_um, ROUND_LOSS))


def narrowest(thread_um: Floats, height_um: Floats | float) -> Floats:
    """(n,) um, under whichever of the models makes each bead narrowest."""
    return np.minimum(
        width_under(BeadModel.RECTANGLE, thread_um, height_um),
        width_under(BeadModel.LEAN, thread_um, height_um),
    )


def leanest(thread_um: Floats, height_um: Floats | float) -> Floats:
    """(n,) um, with round sides and the least flow."""
    return width_under(BeadModel.LEAN, thread_um, height_um)


def widest(thread_um: Floats, height_um: Floats | float) -> Floats:
    """(n,) um, under whichever of the models makes each bead widest."""
    return width_under(BeadModel.RICH, thread_um, height_um)


def thinnest(thread_um: Floats) -> Floats:
    """(n,) um, of threads that hang in air and are round whatever the model."""
    return np.asarray(thread_um * np.sqrt(1.0 - FLOW_RATIO))


def thickest(thread_um: Floats) -> Floats:
    return np.asarray(thread_um * np.sqrt(1.0 + FLOW_RATIO))
