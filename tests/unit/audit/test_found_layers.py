from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from printstd.audit.found_layers import find_layers


def found(path):
    """Layers of beads through points (x, y, z) um; None lifts the pen."""
    start, end = [], []
    for a, b in itertools.pairwise(path):
        if a is not None and b is not None:
            start.append(a)
            end.append(b)
    a, b = (np.array(rows, np.float64).reshape(-1, 3) for rows in (start, end))
    return find_layers(a, b, np.hypot(*(b - a)[:, :2].T))


def ring(z, n=40, radius=10_000.0, climb=0.0, x=0.0):
    angles = np.arange(n + 1) * 2 * math.pi / n
    return [
        (x + radius * math.cos(t), radius * math.sin(t), round(z + climb * i / n))
        for i, t in enumerate(angles.tolist())
    ] + [None]


def stack(tops, **how):
    return [point for top in tops for point in ring(top, **how)]


def test_flat_layers_of_any_thickness_are_their_heights():
    tops = [250, 450, 600, 680, 980]
    layers = found(stack(tops))
    assert layers.top_um.tolist() == tops
    assert layers.layer.tolist() == np.repeat(range(5), 40).tolist()
    assert layers.height_um(np.ones(200, bool)).tolist() == [250, 200, 150, 80, 300]


def test_objects_one_after_the_other_share_their_layers():
    tops = [200, 400, 600]
    layers = found(stack([*tops, 800]) + stack(tops, x=40_000.0))
    assert layers.top_um.tolist() == [*tops, 800]
    assert layers.layer.tolist() == np.repeat([0, 1, 2, 3, 0, 1, 2], 40).tolist()


@pytest.mark.parametrize("z", [280, 400, 900])
def test_a_line_that_primes_the_nozzle_is_no_layer_and_lies_on_the_bed(z):
    layers = found([(0, 0, z), (5000, 0, z), None, *stack([200, 400, 600])])
    assert layers.top_um.tolist() == [200, 400, 600]
    assert layers.layer[0] == 0


@pytest.mark.parametrize("n", [4, 40, 700])
def test_a_climb_is_cut_into_layers_of_the_usual_height(n):
    """Coarse and fine: at 700 corners each step is 0.3 um and most beads are flat to the digit."""
    flat = stack([300, 500, 700], n=n)
    rings = 20
    climb = [p for k in range(rings) for p in ring(700 + 200 * k, n=n, climb=200.0)[:-1]]
    layers = found([*flat, *climb])
    assert layers.top_um.tolist() == [300, 500, *(700 + 200 * k for k in range(rings + 1))]
    height = layers.height_um(np.ones(len(layers.layer), bool))
    assert height.tolist() == [300] + [200] * (rings + 2)


def test_a_seam_on_a_slope_belongs_to_the_layer_it_ends_in():
    tops = [200, 400, 600]
    path = []
    for top in tops:
        path += [(0, -9000 + 900 * i, top - 200 + 20 * i) for i in range(11)][1:]
        path += ring(top)
    layers = found(path)
    assert layers.top_um.tolist() == tops
    assert np.bincount(layers.layer).tolist() == [50, 50, 50]


def test_supports_at_heights_of_their_own_do_not_thin_the_part():
    part, support = [200, 400, 600, 800, 1000], [200, 470, 740, 890]
    events = sorted([(z, 0) for z in part] + [(z, 1) for z in support])
    path, kind = [], []
    for z, is_support in events:
        path += ring(z, n=10)
        kind += [is_support] * 10
    layers, own = found(path), np.array(kind, bool)
    heights = {True: layers.height_um(own), False: layers.height_um(~own)}
    for is_support, tops in ((False, part), (True, support)):
        at = np.searchsorted(layers.top_um, tops)
        assert layers.top_um[at].tolist() == tops
        assert heights[is_support][at].tolist() == np.diff([0, *tops]).tolist()


def test_a_part_that_goes_on_far_above_is_as_thick_as_what_lies_between_lets_it():
    part, support = [200, 400, 2000, 2200, 2400, 2600], [200 * k for k in range(1, 10)]
    path, kind = [], []
    for z, is_support in sorted([(z, 0) for z in part] + [(z, 1) for z in support]):
        path += ring(z, n=10)
        kind += [is_support] * 10
    layers, own = found(path), np.array(kind, bool)
    assert layers.height_um(~own)[np.searchsorted(layers.top_um, part)].tolist() == [200] * 6


def test_no_bead_no_layer():
    layers = found([])
    assert len(layers.top_um) == len(layers.layer) == 0
