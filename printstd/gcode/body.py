"""All of a program between its head and its foot, but for the fan."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.program import Totals
from printstd.dataclass import dataclass
from printstd.gcode.dialects import Label


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """text : (n,) uint8, moves and what stands between them. fan_at : (k,) int64, the byte before
    which the fan is spoken of that runs from the first move of each run on. last_z_um : where the
    last move ends. commands : a line for each command and set of letters in the text. long_lines :
    those that may be too long for the machine. has_arcs : G2 or G3 are among the commands.
    first_tool : that begins, from 0. tools : those that lay anything, rising. waiting : lines that
    stand after the start code, which has heated the first tool, and heat those that wait.
    """

    text: NDArray[np.uint8]
    fan_at: NDArray[np.int64]
    totals: Totals
    labels: tuple[Label, ...]
    last_z_um: int
    commands: tuple[str, ...]
    long_lines: tuple[str, ...]
    has_arcs: bool
    first_tool: int
    tools: tuple[int, ...]
    waiting: tuple[str, ...]
