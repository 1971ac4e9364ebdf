"""Which part stands where, and under which name."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from printstd.errors import SlicingError
from printstd.kernels.placing import place_vertices
from printstd.pipeline import plate_of
from printstd.plates import Plate
from tests.plates import PARTS, part, plate


def boxes_mm(own: Plate) -> list[np.ndarray]:
    """(2, 3) of every stand, as it lies on the bed."""
    found = []
    for stand in own.stands:
        mesh = own.models[stand.model].file.mesh
        place = stand.placement
        placed = place_vertices(
            mesh.vertices_mm,
            rotation_e9=place.rotation_e9,
            translation_um=place.translation_um,
            scale_e6=place.scale_e6,
        )
        found.append(np.stack([placed.min(axis=0), placed.max(axis=0)]) / 1e6)
    return found


def test_the_order_of_the_models_decides_nothing():
    wanted = plate("block", "low", "post", "angle")
    for names in itertools.permutations(PARTS):
        assert plate(*names).stands == wanted.stands


def test_the_largest_first_and_every_part_on_the_bed():
    own = plate("low", "post", "block", "angle", copies=2)
    assert [own.models[stand.model].model.name for stand in own.stands][::2] == [
        "angle.stl",
        "block.stl",
        "low.stl",
        "post.stl",
    ]
    low, high = (np.array(ends) for ends in zip(*boxes_mm(own), strict=True))
    assert np.abs(low[:, 2]).max() < 1e-3
    assert np.abs(low[:, :2].min(axis=0) + high[:, :2].max(axis=0) - [250, 210]).max() < 0.01


def test_labels_are_the_models_digests_and_the_number_of_the_copy():
    sha256 = part("block").file.mesh.source.sha256
    assert [stand.label for stand in plate("block").stands] == [f"part_{sha256[:8]}"]
    twice = [stand.label for stand in plate("block", "block").stands]
    assert twice == [f"part_{sha256[:8]}_1", f"part_{sha256[:8]}_2"]
    assert twice == [stand.label for stand in plate("block", copies=2).stands]


def test_one_part_stands_where_it_did():
    assert plate("angle").stands[0].placement == part("angle").placement


def test_brims_have_room_and_the_spacing_is_a_setting():
    def gap(*overrides: tuple[str, str]) -> float:
        first, second = boxes_mm(plate_of([part("block", *overrides)], copies=2))
        return float(np.maximum(first[0] - second[1], second[0] - first[1])[:2].max())

    assert gap() == pytest.approx(6.0, abs=0.01)
    assert gap(("plate.spacing_mm", "1.5")) == pytest.approx(1.5, abs=0.01)
    assert gap(("adhesion.brim_width_mm", "4.0")) == pytest.approx(6.0 + 2 * 4.1, abs=0.01)


def test_what_has_no_room_is_named():
    with pytest.raises(SlicingError) as refused:
        plate("block", "low", copies=60)
    assert refused.value.exit_code == 5
    assert refused.value.where in ("low.stl", "block.stl")
    assert "part" in (refused.value.got or "")
