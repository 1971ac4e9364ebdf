"""Which way up: known best ways, the same one however a file has the part, and what it is for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manifold3d import Manifold

from printstd import pipeline
from printstd.kernels.orientation import candidates, standing
from printstd.kernels.placing import IDENTITY_E9, rotation_e9_from_degrees
from printstd.profiles.decision import Outcome, decide
from printstd.profiles.resolved import Request
from tests import meshes
from tests.meshes import Triangles
from tests.plates import audited, made
from tests.stacks import solid_mesh
from tests.unit.profiles.sources import BUNDLED

TEE = solid_mesh(
    Manifold.cube((4, 10, 20)).translate((8, 0, 0))
    + Manifold.cube((20, 10, 4)).translate((0, 0, 20))
)


def turned(mesh: Triangles, degrees: tuple[float, float, float]) -> Triangles:
    matrix = np.array(rotation_e9_from_degrees(*degrees)).reshape(3, 3) / 1e9
    return mesh[0] @ matrix.T, mesh[1]


def prepared(mesh: Triangles, **order: object) -> pipeline.Prepared:
    resolved = pipeline.resolve(Request(printer="mk4s"), BUNDLED)
    model = pipeline.ModelInput(meshes.stl_binary(mesh), "part.stl")
    return pipeline.prepare(model, pipeline.Order(**{"is_oriented": True, **order}), resolved)


def test_a_tee_is_laid_down():
    """Upright its arms hang (two of 8 x 10 mm); upside down and on its side nothing does, and its
    side is lower."""
    found = prepared(TEE).orientation
    assert found is not None
    assert found.as_filed.hanging_mm2 == pytest.approx(160, abs=0.1)
    assert found.chosen.hanging_mm2 == 0
    assert found.chosen.size_mm[2] == pytest.approx(10)


@pytest.mark.parametrize("degrees", [(90, 0, 0), (0, 180, 0), (0, 90, 90), (30, 40, 50), (1, 0, 2)])
def test_the_same_way_up_however_it_was_filed(degrees):
    found = prepared(turned(TEE, degrees)).orientation
    assert found is not None
    assert found.chosen.hanging_mm2 == pytest.approx(0, abs=0.1)
    assert found.chosen.size_mm[2] == pytest.approx(10, abs=0.01)


def test_a_part_that_is_right_stays_as_it_is():
    found = prepared(meshes.box((30, 20, 5)))
    assert found.orientation is not None
    assert found.orientation.rotation_e9 == IDENTITY_E9
    assert (
        found.placement == pipeline.prepare(found.model, pipeline.Order(), found.resolved).placement
    )


def test_what_does_not_fit_the_machine_is_passed_over():
    """Of 300 mm on a bed of 250 x 210: lying down it does not fit, as filed it is too long."""
    post = turned(meshes.box((215, 8, 8)), (0, 0, 90))
    found = prepared(post).orientation
    assert found is not None
    assert found.chosen.size_mm[1] <= 210
    assert found.chosen.size_mm[2] <= 220


def test_a_height_out_of_its_class_is_passed_over():
    """A plate of 2.49 mm: 12 layers of 0.2 miss it by 0.09, class f allows 0.05 to 3 mm."""
    plate = meshes.box((20, 20, 2.49))

    def height(letter: str) -> float:
        request = Request(printer="mk4s", tolerance_class=letter)
        resolved = pipeline.resolve(request, BUNDLED)
        model = pipeline.ModelInput(meshes.stl_binary(plate), "plate.stl")
        found = pipeline.prepare(model, pipeline.Order(is_oriented=True), resolved).orientation
        assert found is not None
        return found.chosen.size_mm[2]

    assert height("m") == pytest.approx(2.49, abs=1e-5)
    assert height("f") == pytest.approx(20)


@settings(max_examples=25, deadline=None)
@given(st.tuples(*[st.floats(-180, 180) for _ in range(3)]))
def test_rotations_turn_and_a_facet_comes_down_flat(degrees):
    """Every candidate is a rotation, to 1e-9, that puts the tetrahedron on one of its facets."""
    vertices, faces = turned(meshes.tetrahedron(10.0), degrees)
    for rotation in candidates(vertices)[6:]:
        matrix = np.array(rotation).reshape(3, 3) / 1e9
        assert np.abs(matrix @ matrix.T - np.eye(3)).max() < 1e-8
        assert np.linalg.det(matrix) == pytest.approx(1)
        z = np.sort((vertices @ matrix.T)[:, 2])
        assert z[2] - z[0] < 1e-6
        assert standing(vertices, faces, rotation, 0.2).contact_mm2 > 49


def test_the_placement_is_declared_and_the_audit_holds_it():
    own = pipeline.plate_of([prepared(turned(TEE, (0, 180, 90)))], copies=2)
    done = made(own)
    place = done.demand.parts[0].placement
    assert place is not None
    assert own.models[0].orientation is not None
    assert place.rotation_e9 == own.models[0].orientation.rotation_e9
    audit = audited(done.program.data, own, done.demand)
    decision = decide(
        audit.findings, rules_run=audit.rules_run, mandatory=done.demand.mandatory_rules
    )
    assert decision.outcome is Outcome.PASSED, [f.message for f in decision.blocking]
