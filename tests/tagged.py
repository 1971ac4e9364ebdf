"""Programs whose every bead is known: lines of given role, width and place, in any tag dialect."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

ROUND_LOSS = 1 - math.pi / 4
FILAMENT_MM2 = math.pi * 1.75**2 / 4

# Facts of slicers 3.3, one column each; None where the dialect has no such tag.
DIALECTS = {
    "prusa": (";TYPE:", 0),
    "orca": (";TYPE:", 1),
    "bambu": ("; FEATURE: ", 1),
    "cura": (";TYPE:", 2),
}
TAGS = {
    1: ("External perimeter", "Outer wall", "WALL-OUTER"),
    2: ("Perimeter", "Inner wall", "WALL-INNER"),
    3: ("Overhang perimeter", "Overhang wall", None),
    4: ("Internal infill", "Sparse infill", "FILL"),
    5: ("Solid infill", "Internal solid infill", "SKIN"),
    6: ("Top solid infill", "Top surface", None),
    7: ("Bridge infill", "Bridge", None),
    8: ("Internal bridge infill", "Internal Bridge", None),
    9: ("Gap fill", "Gap infill", None),
    10: ("Skirt/Brim", "Skirt", "SKIRT"),
    11: ("Support material", "Support", "SUPPORT"),
    12: ("Support material interface", "Support interface", "SUPPORT-INTERFACE"),
    13: ("Ironing", "Ironing", None),
    14: ("Wipe tower", "Prime tower", "PRIME-TOWER"),
}


@dataclass(frozen=True)
class Line:
    """A bead in mm, on a layer's top z."""

    role: int
    x0: float
    y0: float
    x1: float
    y1: float
    z: float = 0.2
    height: float = 0.2
    width: float = 0.45

    @property
    def length(self) -> float:
        return math.hypot(self.x1 - self.x0, self.y1 - self.y0)

    @property
    def area_mm2(self) -> float:
        """Seen from above."""
        return self.length * self.width + math.pi * self.width**2 / 4


def program(lines: Sequence[Line], dialect: str | None = "prusa", head: str = "") -> bytes:
    """Relative E; each line reached by a travel move. None: no tags at all."""
    text = [head, "G21", "G90", "M83", "G28"]
    for line in lines:
        if dialect is not None:
            prefix, column = DIALECTS[dialect]
            text.append(prefix + str(TAGS[line.role][column] if line.role else "Custom"))
        section = line.height * (line.width - line.height * ROUND_LOSS)
        fed = section * line.length / FILAMENT_MM2
        text.append(f"G1 X{line.x0:.3f} Y{line.y0:.3f} Z{line.z:.3f} F9000")
        text.append(f"G1 X{line.x1:.3f} Y{line.y1:.3f} E{fed:.6f} F1800")
    return ("\n".join(text) + "\n").encode()


def one_of_each(roles: Sequence[int] = tuple(TAGS), z: float = 0.2) -> list[Line]:
    """Three lines of each role, far from one another, at several angles."""
    lines = []
    for row, role in enumerate(roles):
        y = 20 + 4 * row
        for x, dy in ((20, 0.0), (33, 1.5), (46, -1.1)):
            lines.append(Line(role, x, y, x + 10, y + dy, z, width=0.4 + 0.02 * row))
    return lines
