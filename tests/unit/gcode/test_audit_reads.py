"""The auditor reads every dialect's program of a small honest print, and finds nothing in it."""

from __future__ import annotations

import re

import pytest
import shapely

from printstd.artifacts.finding import Finding, Status
from printstd.artifacts.layer_plan import LayerPlan
from printstd.artifacts.mesh import Placement
from printstd.audit import audit_program
from printstd.errors import ProfileError
from printstd.profiles.demand import audit_demand
from printstd.profiles.resolved import Resolved
from tests.mutation.demands import IDENTITY_E9
from tests.mutation.tiny_slicer import prism_stl
from tests.toolpaths import Pen, solid_block
from tests.unit.gcode.writing import PRINTERS, resolved_for, written

LAYERS = 6
MODEL = prism_stl(shapely.box(-4, -4, 4, 4), LAYERS * 0.2)
QUIET = (Status.PASS, Status.NOT_APPLICABLE)
SOLID = (("compensation.elephant_foot_mm", "0"), ("infill.density_ratio", "1"))
ADVANCE = (
    ("printer.uses_pressure_advance", "true"),
    ("material.pressure_advance_s", "0.04"),
)


def audited(program: bytes, resolved: Resolved) -> list[Finding]:
    demand = audit_demand(
        resolved,
        placement=Placement(IDENTITY_E9, (110_000, 110_000, 0), 1_000_000),
        layers=LayerPlan(first_um=200, height_um=200, count=LAYERS),
        model_unit_nm=1_000_000,
        model_plate=None,
        supports_allowed=False,
    )
    return list(audit_program(program, MODEL, demand).findings)


@pytest.mark.parametrize("material", ["pla", "petg", "abs"])
@pytest.mark.parametrize("printer", PRINTERS[:4])
def test_nothing_is_wrong_with_an_honest_print(printer: str, material: str) -> None:
    """Every rule passes: lexical, machine and geometry."""
    resolved = resolved_for(printer, *SOLID, *ADVANCE, material=material)
    pen = solid_block(
        Pen(),
        n_layers=LAYERS,
        wipe=True,
        accelerations=(300, 500, 400),
        fan_off_layers=resolved.material.fan.off_layers,
    )
    found = audited(written(pen.toolpath(), resolved).data, resolved)
    assert [f for f in found if f.status not in QUIET] == []
    assert {f.rule_id[0] for f in found} == {"L", "M", "G"}


def test_the_machine_of_comparisons_is_read_too() -> None:
    """Its Z moves as fast as the peers' settings ask, which is a warning by design."""
    resolved = resolved_for("peer", *SOLID, process="peer-0.20", material="peer")
    pen = solid_block(Pen(), n_layers=LAYERS)
    found = audited(written(pen.toolpath(), resolved).data, resolved)
    assert [(f.rule_id, f.status) for f in found if f.status not in QUIET] == [
        ("M-04", Status.WARN)
    ]


@pytest.mark.parametrize("printer", PRINTERS[:4])
def test_a_wrong_pressure_advance_is_found(printer: str) -> None:
    resolved = resolved_for(printer, *SOLID, *ADVANCE)
    data = written(solid_block(Pen(), n_layers=LAYERS).toolpath(), resolved).data
    wrong, count = re.subn(
        rb"^(M900 K|M572 D0 S|M572 S|SET_PRESSURE_ADVANCE ADVANCE=)0.04$",
        rb"\g<1>4.0",
        data,
        flags=re.MULTILINE,
    )
    assert count == 1
    assert "M-14" in {f.rule_id for f in audited(wrong, resolved) if f.status is Status.FAIL}
    with pytest.raises(ProfileError, match="pressure_advance_s"):
        resolved_for(printer, ("material.pressure_advance_s", "2.5"))


@pytest.mark.parametrize(
    ("find", "put", "rule"),
    [
        (b"\nG90\n", b"\nG91\n", "M-02"),
        (b"\nM221 S100\n", b"\nM221 S90\n", "M-14"),
        (b"\nG21\n", b"\ng21\n", "L-03"),
        (b"\nM84\n", b"\n", "M-12"),
        (b"\n;LAYER_CHANGE\n", b"\nM999\n", "L-05"),
    ],
)
def test_the_audit_would_have_found_it(find: bytes, put: bytes, rule: str) -> None:
    """The test above cannot pass by the auditor's looking away."""
    resolved = resolved_for("ender3-v2", *SOLID)
    data = written(solid_block(Pen(), n_layers=LAYERS).toolpath(), resolved).data
    assert find in data
    found = audited(data.replace(find, put), resolved)
    assert rule in {f.rule_id for f in found if f.status is Status.FAIL}
