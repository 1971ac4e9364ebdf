"""Programs for filaments with a flow ratio of their own, and of nozzles wider than the usual, pass
the audit as they are; fed otherwise than declared they do not."""

from __future__ import annotations

import random

import numpy as np
import pytest
from manifold3d import Manifold

from printstd import pipeline
from printstd.adapters.profile_files import default_source
from printstd.audit import audit_program
from printstd.profiles.resolved import Request
from tests.meshes import stl_binary
from tests.mutation.operators import moved, scaled_e
from tests.mutation.own_programs import OwnCase, made, prepared, tagged
from tests.mutation.test_mutants import failed_rules

ROLES = (
    "external_perimeter", "perimeter", "infill", "solid_infill", "top_infill", "first_layer",
    "support",
)  # fmt: skip
WIDE = (
    ("printer.nozzle_mm", "0.8"),
    ("layer_height_mm", "0.3"),
    *((f"widths.{role}_mm", "1.1") for role in ROLES),
    ("material.max_flow_mm3_s", "9.0"),
)


def crescents() -> bytes:
    """Rings with a hole beside their middle: beads between loops change their width fast."""
    part = Manifold()
    for number, off in enumerate((0.6, 1.2, 1.8)):
        hole = Manifold.cylinder(9, 4.5, 4.5, 48, True).translate((off, 0, 0))
        part += (Manifold.cylinder(2.6, 7, 7, 48) - hole).translate((16.0 * number, 0, 0))
    mesh = part.to_mesh()
    return stl_binary((np.asarray(mesh.vert_properties, float)[:, :3], np.asarray(mesh.tri_verts)))


def case(*overrides: tuple[str, str], model: bytes | None = None) -> OwnCase:
    part = prepared("peer", "pla", "peer-0.20", *overrides)
    if model is not None:
        request = Request(printer="peer", material="pla", process="peer-0.20", overrides=overrides)
        resolved = pipeline.resolve(request, default_source())
        part = pipeline.prepare(
            pipeline.ModelInput(model, "crescents.stl"), pipeline.Order(), resolved
        )
    done = made(part)
    return OwnCase(tagged(done.program.data), done.program.data, part.model.data, done.demand)


@pytest.mark.parametrize("ratio", [0.88, 1.12])
def test_a_declared_flow_ratio_is_what_beads_are_measured_by(ratio: float) -> None:
    this = case(("material.flow_ratio", f"{ratio}"))
    assert not failed_rules(audit_program(this.program, this.model, this.demand))
    assert not failed_rules(this.audit(this.lines))
    for factor in (0.9, 1.0 / ratio, 1.12):
        spoiled = scaled_e(factor)(list(this.lines), random.Random(1))
        assert "G-06" in failed_rules(this.audit(spoiled)), factor


def test_beads_of_a_wide_nozzle_pass_and_must_reach_the_outline() -> None:
    this = case(*WIDE)
    assert not failed_rules(audit_program(this.program, this.model, this.demand))
    x, _ = this.centre_mm

    def inwards(px: float, py: float) -> tuple[float, float]:
        return px - 0.15 * (1 if px > x else -1), py

    spoil = moved(inwards, lambda row: row.kind == "outer" and row.layer == 4)
    assert "G-04" in failed_rules(this.audit(spoil(list(this.lines), random.Random(1))))


def test_beads_that_change_their_width_at_the_most_flow_pass_and_a_tenth_more_does_not() -> None:
    """What follows one another at most 0.1 mm long is measured together, but not with one speed
    where each has its own."""
    flow = ("material.max_flow_mm3_s", "4.0"), ("walls.gap_fill", "true")
    this = case(*WIDE[:-1], *flow, model=crescents())
    assert not failed_rules(audit_program(this.program, this.model, this.demand))
    spoiled = scaled_e(1.01)(list(this.lines), random.Random(1))
    assert "M-05" in failed_rules(this.audit(spoiled))
