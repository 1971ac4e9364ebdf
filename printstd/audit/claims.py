"""What a program's comments claim, for pictures: roles of beads, and the machine it was made for.

No rule reads a claim (an import contract holds that): a picture may believe what a verdict may not.
Tags as facts of slicers 3.3 list them.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.audit import ClaimedRole
from printstd.artifacts.demand import (
    AuditDemand,
    Compensations,
    IntegrityLimits,
    MachineLimits,
    MaterialWindow,
)
from printstd.artifacts.layer_plan import LayerPlan

_TAGS: Final = (b"TYPE:", b"FEATURE:")
_ROLES: Final = {
    "external perimeter": ClaimedRole.EXTERNAL_PERIMETER,
    "outer wall": ClaimedRole.EXTERNAL_PERIMETER,
    "wall-outer": ClaimedRole.EXTERNAL_PERIMETER,
    "perimeter": ClaimedRole.PERIMETER,
    "inner wall": ClaimedRole.PERIMETER,
    "wall-inner": ClaimedRole.PERIMETER,
    "overhang perimeter": ClaimedRole.OVERHANG_PERIMETER,
    "overhang wall": ClaimedRole.OVERHANG_PERIMETER,
    "internal infill": ClaimedRole.INTERNAL_INFILL,
    "sparse infill": ClaimedRole.INTERNAL_INFILL,
    "fill": ClaimedRole.INTERNAL_INFILL,
    "solid infill": ClaimedRole.SOLID_INFILL,
    "internal solid infill": ClaimedRole.SOLID_INFILL,
    "bottom surface": ClaimedRole.SOLID_INFILL,
    "floating vertical shell": ClaimedRole.SOLID_INFILL,
    "skin": ClaimedRole.SOLID_INFILL,
    "top solid infill": ClaimedRole.TOP_SOLID_INFILL,
    "top surface": ClaimedRole.TOP_SOLID_INFILL,
    "bridge infill": ClaimedRole.BRIDGE_INFILL,
    "bridge": ClaimedRole.BRIDGE_INFILL,
    "internal bridge infill": ClaimedRole.INTERNAL_BRIDGE_INFILL,
    "internal bridge": ClaimedRole.INTERNAL_BRIDGE_INFILL,
    "gap fill": ClaimedRole.GAP_FILL,
    "gap infill": ClaimedRole.GAP_FILL,
    "skirt/brim": ClaimedRole.SKIRT_BRIM,
    "skirt": ClaimedRole.SKIRT_BRIM,
    "brim": ClaimedRole.SKIRT_BRIM,
    "support material": ClaimedRole.SUPPORT,
    "support": ClaimedRole.SUPPORT,
    "support transition": ClaimedRole.SUPPORT,
    "support material interface": ClaimedRole.SUPPORT_INTERFACE,
    "support interface": ClaimedRole.SUPPORT_INTERFACE,
    "support-interface": ClaimedRole.SUPPORT_INTERFACE,
    "ironing": ClaimedRole.IRONING,
    "wipe tower": ClaimedRole.WIPE_TOWER,
    "prime tower": ClaimedRole.WIPE_TOWER,
    "prime-tower": ClaimedRole.WIPE_TOWER,
}

# The machine and material that a program names for itself; what it does not say is the usual.
_SETTINGS: Final = {
    "filament_um": (1750, rb"; ?filament_diameter ?[=:] ?"),
    "nozzle_um": (400, rb"; ?nozzle_diameter ?= ?"),
    "flow_permille": (1000, rb"; ?(?:extrusion_multiplier|filament_flow_ratio) ?= ?"),
}
_FLAVOR: Final = re.compile(rb"^; ?(?:gcode_flavor ?= ?|FLAVOR:)([A-Za-z0-9 _()-]{1,40})", re.M)
_NUMBER: Final = rb"([0-9]{1,3}(?:\.[0-9]{1,6})?)"
_ENDS_BYTES: Final = 1 << 20
"""Slicers keep their settings in a header or a footer (facts of slicers 3.2: the last MiB)."""


def claimed_roles(line: NDArray[np.int64], data: bytes) -> NDArray[np.uint8]:
    """(m,) uint8, `ClaimedRole` of the last tag before each move's 1-based line."""
    found: dict[int, ClaimedRole] = {}
    for tag in _TAGS:
        at = data.find(tag)
        while at >= 0:
            head = data.rfind(b"\n", 0, at) + 1
            if data[head:at] in (b";", b"; "):
                name = data[at + len(tag) : at + len(tag) + 64].partition(b"\n")[0]
                text = name.decode("latin-1").strip().lower()
                found[at] = _ROLES.get(text, ClaimedRole.UNKNOWN)
            at = data.find(tag, at + len(tag))
    lines, roles = [0], [int(ClaimedRole.UNKNOWN)]
    seen, number = 0, 1
    for at in sorted(found):
        number += data.count(b"\n", seen, at)
        seen = at
        lines.append(number)
        roles.append(found[at])
    return np.array(roles, np.uint8)[np.searchsorted(lines, line, side="right") - 1]


def claimed_demand(data: bytes) -> AuditDemand:
    """A demand that demands nothing: enough to follow a program whose printer nobody named.

    Filament, nozzle, flow and firmware are what the program says of itself. Without them
    1.75 mm, 0.4 mm, 1 and Marlin; a firmware decides whether G90 sets E too.
    """
    ends = data if len(data) <= 2 * _ENDS_BYTES else data[:_ENDS_BYTES] + data[-_ENDS_BYTES:]
    value = {name: _setting(ends, key, usual) for name, (usual, key) in _SETTINGS.items()}
    flavor = _FLAVOR.search(ends)
    dialect = flavor.group(1).decode("ascii").lower() if flavor else ""
    whole = (-(10**9), -(10**9), 10**9, 10**9)
    return AuditDemand(
        dialect=dialect,
        machine=MachineLimits(
            name="",
            bed_um=whole,
            travel_um=(0, 0, 0, 10**9, 10**9, 10**9),
            max_feed_um_s=(10**9, 10**9, 10**9, 10**9),
            max_nozzle_mc=10**9,
            max_bed_mc=10**9,
            max_retract_um=10**9,
            nozzle_um=value["nozzle_um"],
            filament_um=value["filament_um"],
        ),
        material=MaterialWindow(
            name="",
            nozzle_mc=(0, 10**9),
            bed_mc=(0, 10**9),
            max_flow_mm3_s_e3=10**9,
            fan_off_layers=0,
            min_fan_permille=0,
            full_fan_layer=0,
            flow_permille=value["flow_permille"],
        ),
        commands=(),
        layers=LayerPlan(first_um=200, height_um=200, count=None),
        compensations=Compensations(),
        placement=None,
        model_unit_nm=1_000_000,
        model_plate=None,
        integrity=IntegrityLimits(
            outward_um=10**9,
            inward_um=10**9,
            contiguous_um=10**9,
            solid_fill_permille=(0, 10**9),
            infill_permille=None,
            infill_shows="middle",
            infill_every_layers=1,
            min_wall_count=0,
            solid_layers=(0, 0),
            volume_permille=(0, 10**9),
            air_um=10**9,
            supports_allowed=True,
            adhesion_allowed=True,
        ),
        tolerance_class="",
        tolerance_rows=(),
    )


def _setting(text: bytes, key: bytes, usual: int) -> int:
    """A claimed number in thousandths; the usual one where none is claimed or it cannot be."""
    match = re.search(rb"^" + key + _NUMBER, text, re.MULTILINE)
    value = round(float(match.group(1)) * 1000) if match else usual
    return value if usual // 5 <= value <= usual * 5 else usual
