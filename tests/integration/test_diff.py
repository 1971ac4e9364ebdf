"""`printstd diff`: what moved between two models is told, and nothing else is."""

from __future__ import annotations

import json
import sys

import jsonschema
import numpy as np
import pytest

from printstd.cli.main import run
from tests import meshes
from tests.integration.check.parts import EXAMPLE, ROOT
from tests.repositories import Repository

sys.path.append(str(EXAMPLE))
from make_parts import plate, stl, tray

SCHEMA = json.loads((ROOT / "docs" / "schema" / "model-diff.schema.json").read_text("utf-8"))


@pytest.fixture
def diff(tmp_path, monkeypatch, capfd):
    """(exit code, record) of two models given as bytes."""
    monkeypatch.chdir(tmp_path)

    def call(old: bytes, new: bytes, *arguments: str, names=("a.stl", "b.stl")):
        for name, data in zip(names, (old, new), strict=True):
            (tmp_path / name).write_bytes(data)
        capfd.readouterr()
        code = run(["diff", *names, "--format", "json", *arguments])
        out, err = capfd.readouterr()
        assert out, err
        found = json.loads(out)
        jsonschema.validate(found, SCHEMA, cls=jsonschema.Draft202012Validator)
        assert found["is_same"] == (code == 0)
        return code, found

    return call


def changes(found) -> list[tuple]:
    return [(f["change"], f["kind"], f["before"], f["after"]) for f in found["features"]]


def test_the_same_part_in_other_words_is_the_same(diff):
    part = stl(plate(6.0))
    code, found = diff(part, part)
    assert (code, found["features"], found["verdicts"]) == (0, [], [])
    vertices, faces = meshes.cube(20.0)
    one = meshes.stl_binary((vertices, faces))
    other = meshes.stl_ascii((vertices, np.roll(faces[::-1], 1, axis=1)))
    code, found = diff(one, other)
    assert code == 0
    assert found["before"]["geometry_sha256"] == found["after"]["geometry_sha256"]
    finer = meshes.three_mf(subdivided(vertices, faces))
    code, found = diff(one, finer, names=("a.stl", "b.3mf"))
    assert code == 0
    assert found["after"]["triangles"] == 48
    assert found["apart_most_mm"] <= 0.001


def subdivided(vertices, faces):
    """Each facet in four, the surface as it was."""
    corners = vertices[faces]
    middles = (corners + np.roll(corners, -1, axis=1)) / 2
    a, b, c = (corners[:, k] for k in range(3))
    ab, bc, ca = (middles[:, k] for k in range(3))
    four = np.concatenate([np.stack(t, axis=1) for t in ((a, ab, ca), (ab, b, bc), (ca, bc, c),
                                                          (ab, bc, ca))])  # fmt: skip
    points, index = np.unique(four.reshape(-1, 3), axis=0, return_inverse=True)
    return points, index.reshape(-1, 3).astype(np.int32)


def test_a_hole_that_grew_is_the_one_thing_that_changed(diff):
    code, found = diff(stl(plate(6.0)), stl(plate(6.5)))
    assert code == 1
    (one,) = found["features"]
    assert (one["change"], one["kind"], one["unit"]) == ("resized", "hole", "mm")
    assert one["after"] - one["before"] == pytest.approx(0.5, abs=0.002)
    assert one["point_after_mm"][:2] == pytest.approx([12, 15], abs=0.001)
    assert found["unchanged_features"] == 6
    # No more than the radius differs, and that is bounded on both sides.
    assert found["apart_least_mm"] <= 0.25 + 1e-4
    assert 0.249 <= found["apart_most_mm"] <= 0.265
    assert found["after"]["volume_mm3"] < found["before"]["volume_mm3"]


def test_a_part_that_was_only_moved_has_no_feature_that_did(diff):
    vertices, faces = meshes.cube(20.0)
    code, found = diff(
        meshes.stl_binary((vertices, faces)),
        meshes.stl_binary((vertices + np.array([5.0, 0.0, -2.0]), faces)),
    )
    assert code == 1
    assert found["shift_mm"] == [5.0, 0.0, -2.0]
    assert found["features"] == []
    assert found["apart_most_mm"] <= 0.001


def test_a_thinner_wall_is_told_with_the_verdicts_that_it_changes(diff, capfd):
    code, found = diff(stl(tray(1.6)), stl(tray(0.3)), "--printer", "mk4s")
    assert code == 1
    walls = [f for f in found["features"] if f["before"] == pytest.approx(1.6, abs=1e-3)]
    assert [(w["kind"], round(w["after"], 3)) for w in walls] == [("thickness", 0.3)]
    assert all(f["change"] == "resized" for f in found["features"])
    rows = {row["rule"]: (row["before"], row["after"]) for row in found["verdicts"]}
    assert rows["outcome"] == ("PASSED", "FAILED")
    assert rows["THK-01"] == ("PASS", "FAIL")
    assert run(["diff", "a.stl", "b.stl"]) == 1
    out, _ = capfd.readouterr()
    assert "1.6 mm   0.3 mm" in out
    assert "-1.3" in out


def test_what_came_and_what_went(diff):
    bare = meshes.stl_binary(meshes.box((40.0, 30.0, 6.0)))
    assert changes(diff(bare, stl(plate(6.0)))[1]) == [
        ("added", "hole", None, pytest.approx(6, abs=0.01))
    ]
    assert changes(diff(stl(plate(6.0)), bare)[1]) == [
        ("removed", "hole", pytest.approx(6, abs=0.01), None)
    ]


def test_a_change_that_no_dimension_shows_is_found_by_the_surface(diff):
    vertices, faces = subdivided(*meshes.cube(20.0))
    dented = vertices.copy()
    centre = np.flatnonzero((vertices == [10.0, 10.0, 20.0]).all(axis=1))
    dented[centre, 2] -= 0.05
    code, found = diff(meshes.stl_binary((vertices, faces)), meshes.stl_binary((dented, faces)))
    assert code == 1
    assert found["apart_least_mm"] <= 0.05 <= found["apart_most_mm"] + 1e-6
    assert found["apart_most_mm"] <= 0.0535


def test_two_revisions_of_one_file(tmp_path, monkeypatch, capfd):
    made = Repository(tmp_path / "repo")
    made.commit({"parts/plate.stl": stl(plate(6.0))})
    made.commit({"parts/plate.stl": stl(plate(7.0))})
    monkeypatch.chdir(made.folder / "parts")
    assert run(["diff", "--rev", "HEAD~1", "plate.stl"]) == 1
    out, _ = capfd.readouterr()
    assert out.startswith("plate.stl at HEAD~1 -> plate.stl\n")
    assert "+1" in out
    assert run(["diff", "--rev", "HEAD", "plate.stl"]) == 0
    for call, code, words in (
        (["--rev", "nowhere", "plate.stl"], 2, "no such commit"),
        (["plate.stl"], 2, "two models are compared"),
        (["--rev", "HEAD", "plate.stl", "x.stl"], 2, "two models are compared"),
        (["plate.stl", "nothing.stl"], 4, "no such file"),
    ):
        capfd.readouterr()
        assert run(["diff", *call]) == code
        out, err = capfd.readouterr()
        assert out == ""
        assert words in err
