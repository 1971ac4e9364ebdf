"""What neighbouring layers leave of each other uncovered, against the plain differences."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from printstd.kernels import clip
from printstd.kernels.rings import EMPTY, area_mm2, canonical, from_list
from printstd.toolpath import exposure
from tests.layer_specs import layer_spec
from tests.oracles.areas import area_of, rectangle, rings_of, star
from tests.oracles.effort import few


@given(seed=st.integers(0, 2**31))
@few(15)
def test_is_the_opened_difference_both_ways(seed: int) -> None:
    rng = np.random.default_rng(seed)
    spec = layer_spec()
    layers = [clip.clean(star(rng, 8.0, 14)) for _ in range(3)]
    found = exposure.along([*layers, layers[-1]], [spec] * 4)
    assert found[0] == exposure.NOTHING_EXPOSED
    assert found[3].come.is_empty
    assert found[3].gone.is_empty
    half = exposure.sliver_nm(spec)
    for i in (1, 2):
        for mine, a, b in (
            (found[i].come, layers[i], layers[i - 1]),
            (found[i].gone, layers[i - 1], layers[i]),
        ):
            want = clip.difference(a, b, -half, half)
            assert abs(area_mm2(mine) - area_mm2(want)) < 1e-3
            assert (area_of(mine) ^ area_of(want)).area < 1e-3


def test_steep_walls_expose_nothing_and_a_step_does() -> None:
    spec = layer_spec()
    sliver = 2 * exposure.sliver_nm(spec) / 1e6
    base = canonical(rings_of(rectangle(0, 0, 10, 10)))
    steep = canonical(rings_of(rectangle(0, 0, 10 + 0.9 * sliver, 10)))
    step = canonical(rings_of(rectangle(0, 0, 10 + 1.1 * sliver, 10)))
    empty = from_list([])
    found = exposure.along([base, steep, base, step, empty], [spec] * 5)
    assert [own.come.is_empty for own in found] == [True, True, True, False, True]
    assert [own.gone.is_empty for own in found] == [True, True, True, True, False]
    assert area_mm2(found[3].come) > 0.99 * 11 * sliver
    assert found[4].gone.xy_nm.tobytes() == step.xy_nm.tobytes()
    assert found[0] == exposure.Exposed(EMPTY, EMPTY)
