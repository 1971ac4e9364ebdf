"""Output epochs: which bytes the same request gives.

A change of the generator that moves a byte of any program begins a new epoch, or joins one that is
still open; ``--epoch N`` gives the bytes of an earlier one. What such a change does differently
stands behind a switch here, so that both ways stay in the code, and are tested, as long as the
epoch is known.

To add a change: a field of `Switches`, off by default; its reading where the behaviour is (stages
find it as ``resolved.epoch.switches``, kernels are given a plain argument); and the field on in the
newest epoch, if that is open, or else in a new row of `EPOCHS`. `make golden` then writes the
digests, and the changelog names the samples that differ (tests/golden/test_epochs.py says which).

Outside of epochs are the two places of a program that repeat its inputs: the line that names the
tool's version, and the block of settings at its end (which names the epoch).
"""

from __future__ import annotations

from typing import Final

from printstd.dataclass import dataclass
from printstd.errors import UsageError
from printstd.words import said


@dataclass(frozen=True, slots=True)
class Switches:
    """What is done otherwise than in the first epoch. Off: as it was."""

    lays_third_wall_first: bool = False
    """Walls in the order `inner_outer_inner` are laid from the third one inwards before the outer
    one, and the second one last, as in the slicers that the order is known from; not the second,
    the outer and then the others."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """number : as ``--epoch`` takes it. is_closed : its bytes are promised, so no switch of it
    changes any more."""

    number: int
    switches: Switches
    is_closed: bool


EPOCHS: Final = (
    Epoch(1, Switches(), is_closed=True),
    Epoch(2, Switches(lays_third_wall_first=True), is_closed=False),
)
"""All that are known, oldest first. The last is what is made unless another is asked for."""
NEWEST: Final = EPOCHS[-1]


def epoch_of(number: int | None) -> Epoch:
    """The epoch of that number, or the newest; UsageError where it is not known."""
    if number is None:
        return NEWEST
    for epoch in EPOCHS:
        if epoch.number == number:
            return epoch
    raise UsageError(
        said("--epoch: no such output epoch"),
        got=str(number),
        wanted=said("one of {values}", values=", ".join(str(epoch.number) for epoch in EPOCHS)),
        hint=said(
            "leave it out for the newest; a later printstd may know more. The clock of a "
            "statement is set by --time"
        ),
    )
