"""Repair mends what it says, proves what it claims, and refuses what would be a guess."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.artifacts.finding import Status
from printstd.artifacts.repair import RepairPolicy
from printstd.errors import UsageError
from printstd.intake import read_model
from printstd.kernels.edges import edge_table
from printstd.kernels.facets import facet_shapes
from printstd.kernels.shape_digest import surface_sha256
from printstd.kernels.solid import signed_volume_mm3
from printstd.mending import mended, policy_of
from printstd.repair.encode import encoded
from printstd.repair.proof import proved
from printstd.repair.run import repaired
from samples.make_samples import samples
from samples.making.files import stl_bytes
from tests import meshes
from tests.conformance.checks.judging import resolved

POLICY = RepairPolicy(0.01, "a test", 0.4)
CORPUS = os.environ.get("PRINTSTD_CORPUS")


def _repair(vertices, faces, policy=POLICY):
    return repaired(np.asarray(vertices, float), np.asarray(faces, np.int32), policy)


def _prove(source, result, record=None, bound=0.01):
    n, m = len(source[1]), len(result[1])
    return proved(
        source,
        result,
        is_fill=np.zeros(m, bool) if record is None else record.source_facet < 0,
        is_dust=np.zeros(n, bool) if record is None else record.is_dust,
        bound_mm=bound,
    )


def _codes(record):
    return [action.code for action in record.actions]


def _is_sound(vertices, faces):
    edges = edge_table(faces)
    return bool((edges.counts == 2).all() and edges.is_balanced.all())


def _soup(vertices, faces):
    """Every facet with corners of its own, then welded as reading does."""
    data = stl_bytes((vertices, faces), "a test")
    mesh = read_model(data, name="a.stl").mesh
    return mesh.vertices_mm, mesh.faces


def _mended(data, name="a.stl", *, is_3mf=False):
    request = resolved()
    file = read_model(data, name=name)
    return file, mended(file, request, policy_of(request, None), is_3mf=is_3mf)


# --- samples ---------------------------------------------------------------------------------

MENDED = {
    "cracked_box.stl": ["REP-03"],
    "pinhole.stl": ["REP-05"],
    "passed_vertex.stl": ["REP-04"],
    "one_side_flipped.stl": ["REP-06"],
    "inside_out.stl": ["REP-06"],
    "body_twice.stl": ["REP-02"],
    "crossing_bodies.stl": ["REP-08"],
}
REFUSED = {
    "open_box.stl": "REP-05",
    "open_corner.stl": "REP-05",
    "clip_arms_overlap.stl": "REP-10",
}


@pytest.mark.parametrize("name", MENDED)
@pytest.mark.parametrize("is_3mf", [False, True])
def test_a_broken_sample_is_mended_within_the_bound_and_then_left_alone(name, is_3mf):
    data = samples()[name]
    _, found = _mended(data, name, is_3mf=is_3mf)
    assert [f for f in found.findings if f.status is Status.FAIL] == []
    assert found.decision.exit_code == 0
    assert _codes(found.record) == MENDED[name]
    assert found.proof.upper_mm <= 0.01
    assert found.proof.wrong_points == 0
    mesh = found.after.mesh
    assert _is_sound(mesh.vertices_mm, mesh.faces)
    assert signed_volume_mm3(mesh.vertices_mm, mesh.faces) > 0
    assert hashlib.sha256(data).hexdigest().encode() in found.product
    again_file, again = _mended(found.product, "b.3mf" if is_3mf else "b.stl", is_3mf=is_3mf)
    assert _codes(again.record) == []
    assert (again.proof.removed, again.proof.added) == (0, 0)
    digests = [surface_sha256(m.vertices_mm, m.faces) for m in (again_file.mesh, again.after.mesh)]
    assert digests[0] == digests[1]


@pytest.mark.parametrize("name", REFUSED)
def test_a_guess_is_refused_with_its_place_and_nothing_is_made(name):
    _, found = _mended(samples()[name], name)
    assert found.product is None
    assert found.decision.exit_code == 1
    told = [f for f in found.findings if f.rule_id == REFUSED[name] and f.status is Status.FAIL]
    assert told
    assert told[0].where


def test_what_is_done_is_told_with_facets_region_and_changes():
    _, found = _mended(samples()["one_side_flipped.stl"])
    (told,) = [f for f in found.findings if f.rule_id == "REP-06"]
    details = dict(told.details)
    assert details["facets of the source"] == "4-5"
    assert details["change of volume"] == "+2000.000000 mm3"
    assert details["change of area"] == "+0.000000 mm2"
    assert details["a verdict depends on it"].startswith("yes: GEO-03 FAIL -> PASS")
    assert told.where[0].box_mm == (0.0, 0.0, 0.0, 20.0, 0.0, 10.0)


def test_a_united_body_holds_what_both_held_together():
    file, found = _mended(samples()["crossing_bodies.stl"])
    mesh = found.after.mesh
    assert _codes(found.record) == ["REP-08"]
    # Two bars of 40 x 10 x 10 and 10 x 30 x 8, say the sample's numbers; what both fill is once.
    before = signed_volume_mm3(file.mesh.vertices_mm, file.mesh.faces)
    after = signed_volume_mm3(mesh.vertices_mm, mesh.faces)
    assert before - after == pytest.approx(800.0)
    assert found.proof.inside_points > 0


# --- steps -----------------------------------------------------------------------------------


def test_a_sound_model_comes_back_as_it_is():
    vertices, faces = meshes.cylinder(n_sides=40)
    record = _repair(vertices, faces)
    assert record.actions == record.refusals == ()
    assert np.array_equal(record.faces, faces)
    assert np.array_equal(record.vertices_mm, vertices)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(2e-4, 0.004))
def test_cracks_up_to_the_bound_close_and_the_proof_covers_the_move(seed, gap):
    rng = np.random.default_rng(seed)
    vertices, faces = meshes.cylinder(radius=6.0, height=9.0, n_sides=16)
    corners = vertices[faces] + rng.uniform(-gap, gap, (len(faces), 3, 3)) / np.sqrt(3)
    source = _soup(corners.reshape(-1, 3), np.arange(3 * len(faces)).reshape(-1, 3))
    record = _repair(*source)
    result = record.vertices_mm, record.faces
    if edge_table(record.faces).counts.min() == 2:
        assert _is_sound(*result)
    proof = _prove(source, result, record)
    told = max((action.displacement_mm for action in record.actions), default=0.0)
    assert proof.lower_mm <= told + 1e-9
    assert told <= 0.01


@pytest.mark.parametrize("facet", range(0, 100, 9))
def test_a_lost_facet_comes_back_and_with_it_the_volume(facet):
    turns = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    outline = [(0.8 * np.cos(t), 0.8 * np.sin(t)) for t in turns]
    vertices, faces = meshes.prism(outline, 0.3)
    source = vertices, np.delete(faces, facet, axis=0)
    record = _repair(*source)
    assert _codes(record) == ["REP-05"]
    assert _is_sound(record.vertices_mm, record.faces)
    whole = signed_volume_mm3(vertices, faces)
    assert signed_volume_mm3(record.vertices_mm, record.faces) == pytest.approx(whole, abs=1e-12)
    proof = _prove(source, (record.vertices_mm, record.faces), record)
    assert proof.upper_mm == 0.0
    assert proof.fill_mm == pytest.approx(record.actions[0].displacement_mm)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_any_winding_of_a_closed_body_ends_up_outwards(seed):
    rng = np.random.default_rng(seed)
    vertices, faces = meshes.cylinder(n_sides=14)
    turned = np.where(rng.random(len(faces))[:, None] < rng.random(), faces[:, ::-1], faces)
    record = _repair(vertices, turned)
    assert _is_sound(record.vertices_mm, record.faces)
    whole = signed_volume_mm3(vertices, faces)
    assert signed_volume_mm3(record.vertices_mm, record.faces) == pytest.approx(whole)
    proof = _prove((vertices, turned), (record.vertices_mm, record.faces), record)
    assert (proof.removed, proof.added, proof.wrong_points) == (0, 0, 0)


def test_a_cavity_of_a_part_that_is_inside_out_stays_a_cavity():
    outer, inner = meshes.cube(20.0), meshes.cube(8.0, (6.0, 6.0, 6.0))
    vertices = np.concatenate([outer[0], inner[0]])
    sound = np.concatenate([outer[1], inner[1][:, ::-1] + 8])
    record = _repair(vertices, sound[:, ::-1])
    assert _codes(record) == ["REP-06"]
    volume = signed_volume_mm3(record.vertices_mm, record.faces)
    assert volume == pytest.approx(8000 - 512)


def test_dust_goes_and_a_speck_that_could_be_printed_stays():
    part = meshes.cube(20.0)
    for size, codes in ((0.002, ["REP-07"]), (0.5, [])):
        speck = meshes.tetrahedron(size)
        vertices = np.concatenate([part[0], speck[0] + 30.0])
        record = _repair(vertices, np.concatenate([part[1], speck[1] + 8]))
        assert _codes(record) == codes
        assert len(record.faces) == 12 + 4 * (not codes)


def test_a_cap_without_area_goes_and_its_neighbour_takes_its_corner():
    vertices, faces = meshes.cube(20.0)
    # Edge 4-5 of the top: its side facet meets vertex 8 on it through a facet that is a line.
    vertices = np.concatenate([vertices, [(10.0, 0.0, 20.0)]])
    side = [(4, 8, 5), *[tuple(f) for f in faces.tolist()]]
    side.remove((4, 5, 6))
    side += [(4, 8, 6), (8, 5, 6)]
    flat = np.array([f for f in side if f != (4, 8, 5)] + [(4, 5, 8)], np.int32)
    source = vertices, flat
    assert (facet_shapes(*source).area == 0).any()
    record = _repair(*source)
    assert "REP-01" in _codes(record)
    assert _is_sound(record.vertices_mm, record.faces)
    assert signed_volume_mm3(record.vertices_mm, record.faces) == pytest.approx(8000.0)


def test_loose_facets_are_not_given_a_back():
    vertices = np.array([(0.0, 0, 0), (0.2, 0, 0), (0, 0.2, 0)])
    record = _repair(vertices, [(0, 1, 2)])
    assert record.actions == ()
    assert [refusal.code for refusal in record.refusals] == ["REP-05"]


def test_bodies_with_a_cavity_where_they_cross_are_not_united():
    outer, inner = meshes.cube(20.0), meshes.cube(8.0, (6.0, 6.0, 6.0))
    bar = meshes.box((30.0, 4.0, 4.0), (10.0, 8.0, 8.0))
    vertices = np.concatenate([outer[0], inner[0], bar[0]])
    faces = np.concatenate([outer[1], inner[1][:, ::-1] + 8, bar[1] + 16])
    record = _repair(vertices, faces)
    assert record.actions == ()
    assert [refusal.code for refusal in record.refusals] == ["REP-08"]


# --- proof -----------------------------------------------------------------------------------


def test_a_repair_that_moves_the_surface_by_two_and_a_half_millimetres_is_not_proved():
    """What a well-known repair did to a production part, while its volume changed by 0.5 %."""
    vertices, faces = meshes.cylinder(radius=40.0, height=20.0, n_sides=256)
    moved = vertices.copy()
    rim = np.argmax(moved[:, 0] + moved[:, 2] * 1e-6)
    moved[rim, 0] -= 2.5
    volume = [signed_volume_mm3(v, faces) for v in (vertices, moved)]
    assert abs(volume[1] / volume[0] - 1) < 0.005
    proof = _prove((vertices, faces), (moved, faces))
    assert proof.lower_mm > 0.05
    assert proof.upper_mm > 1.0


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.02, 3.0))
def test_nothing_that_moves_a_vertex_out_of_the_surface_beyond_the_bound_passes(seed, amount):
    rng = np.random.default_rng(seed)
    vertices, faces = meshes.cylinder(radius=10.0, height=20.0, n_sides=24)
    moved = vertices.copy()
    number = int(rng.integers(len(vertices)))
    outwards = vertices[number] - vertices.mean(axis=0)
    moved[number] += amount * outwards / np.linalg.norm(outwards)
    proof = _prove((vertices, faces), (moved, faces))
    assert proof.upper_mm > 0.01


def test_a_part_that_is_turned_inside_out_has_its_points_on_the_wrong_side():
    vertices, faces = meshes.cube(20.0)
    proof = _prove((vertices, faces), (vertices, faces[:, ::-1].copy()))
    assert proof.upper_mm == 0.0
    assert proof.wrong_points > 0


def test_a_shell_that_is_left_out_is_no_dust_to_the_proof():
    part, lump = meshes.cube(20.0), meshes.cube(3.0, (30.0, 0.0, 0.0))
    both = np.concatenate([part[0], lump[0]]), np.concatenate([part[1], lump[1] + 8])
    proof = _prove(both, part)
    assert proof.lower_mm > 5.0


def test_a_cavity_that_was_filled_is_not_taken_for_a_union():
    outer, inner = meshes.cube(20.0), meshes.cube(8.0, (6.0, 6.0, 6.0))
    source = (
        np.concatenate([outer[0], inner[0]]),
        np.concatenate([outer[1], inner[1][:, ::-1] + 8]),
    )
    proof = _prove(source, outer)
    assert proof.inside_points == 0
    assert proof.upper_mm > 1.0


# --- policy and files --------------------------------------------------------------------------


def test_the_bound_is_a_tenth_of_the_class_and_no_more():
    medium, fine = resolved(), resolved(tolerance_class="f")
    assert policy_of(medium, None).bound_mm == pytest.approx(0.01)
    assert policy_of(fine, None).bound_mm == pytest.approx(0.005)
    assert policy_of(medium, 0.002).bound_mm == 0.002
    for wrong in (0.0, -1.0, 0.011):
        with pytest.raises(UsageError):
            policy_of(medium, wrong)


def test_both_files_read_back_as_the_same_facets():
    vertices, faces = meshes.cylinder(n_sides=20)
    vertices = vertices.astype(np.float32).astype(float)
    digest = "ab" * 32
    want = surface_sha256(vertices, faces)
    for is_3mf, name in ((False, "a.stl"), (True, "a.3mf")):
        data = encoded(vertices, faces, is_3mf=is_3mf, source_sha256=digest)
        file = read_model(data, name=name)
        assert file.findings == ()
        assert surface_sha256(file.mesh.vertices_mm, file.mesh.faces) == want
        assert digest.encode() in data


@pytest.mark.skipif(not CORPUS, reason="PRINTSTD_CORPUS names no folder of real models")
def test_real_broken_models_are_mended_within_the_bound_or_refused_with_a_reason():
    for path in sorted((Path(str(CORPUS)) / "bad").iterdir()):
        if path.suffix.lower() not in (".stl", ".ply", ".obj") or path.name == "empty.stl":
            continue
        _, found = _mended(path.read_bytes(), path.name)
        if found.product is None:
            reasons = [f for f in found.findings if f.status is Status.FAIL]
            assert reasons, path.name
        else:
            assert found.proof.upper_mm <= 0.01, path.name
            assert found.proof.wrong_points == 0, path.name


# --- what the printer sees -----------------------------------------------------------------------


def _section(vertices, faces, z):
    """The area within the cut, by another library; for parts without holes."""
    import shapely
    import trimesh

    cut = trimesh.intersections.mesh_plane(
        trimesh.Trimesh(vertices, faces, process=False), (0, 0, 1), (0, 0, z)
    )
    lines = shapely.union_all(shapely.linestrings(np.round(cut[:, :, :2], 9)))
    return shapely.union_all(list(shapely.polygonize([lines]).geoms))


@pytest.mark.parametrize("name", ["crossing_bodies.stl", "cracked_box.stl", "pinhole.stl"])
def test_layers_are_the_same_outside_the_repaired_places(name):
    """Of bodies that were united every layer is the union of theirs; of the others the faults lie
    at the lid, and layers below it are as they were."""
    file, found = _mended(samples()[name], name)
    after = found.after.mesh
    source = [file.mesh.faces]
    if name == "crossing_bodies.stl":
        source = [file.mesh.faces[:12], file.mesh.faces[12:]]
    for z in (0.35, 2.1, 5.0, 8.9, 9.93):
        now = _section(after.vertices_mm, after.faces, z)
        then = None
        for faces in source:
            heights = file.mesh.vertices_mm[faces][:, :, 2]
            if heights.min() < z < heights.max():
                own = _section(file.mesh.vertices_mm, faces, z)
                then = own if then is None else then.union(own)
        assert now.symmetric_difference(then).area == pytest.approx(0.0, abs=1e-6), z
