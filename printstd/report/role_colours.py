"""Names and colours of roles in pictures: distinct for all, also where red and green look alike."""

from __future__ import annotations

from typing import Final

from printstd.artifacts.audit import ClaimedRole

NAMES: Final = {
    ClaimedRole.UNKNOWN: "Not named",
    ClaimedRole.EXTERNAL_PERIMETER: "External perimeter",
    ClaimedRole.PERIMETER: "Perimeter",
    ClaimedRole.OVERHANG_PERIMETER: "Overhang perimeter",
    ClaimedRole.INTERNAL_INFILL: "Internal infill",
    ClaimedRole.SOLID_INFILL: "Solid infill",
    ClaimedRole.TOP_SOLID_INFILL: "Top solid infill",
    ClaimedRole.BRIDGE_INFILL: "Bridge infill",
    ClaimedRole.INTERNAL_BRIDGE_INFILL: "Internal bridge",
    ClaimedRole.GAP_FILL: "Gap fill",
    ClaimedRole.SKIRT_BRIM: "Skirt, brim",
    ClaimedRole.SUPPORT: "Support",
    ClaimedRole.SUPPORT_INTERFACE: "Support interface",
    ClaimedRole.IRONING: "Ironing",
    ClaimedRole.WIPE_TOWER: "Wipe tower",
}

COLOURS: Final = {
    ClaimedRole.UNKNOWN: (154, 154, 154),
    ClaimedRole.EXTERNAL_PERIMETER: (230, 120, 20),
    ClaimedRole.PERIMETER: (246, 204, 74),
    ClaimedRole.OVERHANG_PERIMETER: (30, 60, 200),
    ClaimedRole.INTERNAL_INFILL: (170, 50, 50),
    ClaimedRole.SOLID_INFILL: (136, 84, 190),
    ClaimedRole.TOP_SOLID_INFILL: (232, 90, 130),
    ClaimedRole.BRIDGE_INFILL: (60, 130, 220),
    ClaimedRole.INTERNAL_BRIDGE_INFILL: (130, 180, 235),
    ClaimedRole.GAP_FILL: (70, 220, 230),
    ClaimedRole.SKIRT_BRIM: (0, 120, 100),
    ClaimedRole.SUPPORT: (70, 190, 70),
    ClaimedRole.SUPPORT_INTERFACE: (0, 110, 30),
    ClaimedRole.IRONING: (250, 170, 200),
    ClaimedRole.WIPE_TOWER: (160, 210, 180),
}
"""sRGB. No value is the paper's: a bead never looks like nothing."""
