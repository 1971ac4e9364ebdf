"""Beads from filament: the inverse of the bead model, whatever the path is cut into."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.audit.beads import Heights, deposit
from printstd.audit.deviation import _without_ends
from printstd.audit.lexer import lex
from printstd.audit.machine import run_machine
from printstd.audit.regions import cover_of_beads
from tests.mutation.demands import plain_demand

FILAMENT_MM2 = np.pi * 1.75**2 / 4
quick = settings(max_examples=60, deadline=None, derandomize=True)


@quick
@given(
    st.floats(0.3, 0.9),
    st.floats(0.1, 0.3),
    st.lists(st.floats(0.02, 20), min_size=1, max_size=12),
)
def test_width_comes_back_from_filament(width: float, height: float, lengths: list[float]) -> None:
    area = height * (width - height * (1 - np.pi / 4))
    lines = ["G21", "G90", "M83", f"G1 X0 Y0 Z{height:.6f} F600"]
    x = 0.0
    for length in lengths:
        x += length
        lines.append(f"G1 X{x:.6f} E{length * area / FILAMENT_MM2:.9f}")
    run = run_machine(lex(("\n".join(lines) + "\n").encode()), plain_demand())
    heights = Heights(np.array([height * 1000]), np.array([height * 1000]))
    beads = deposit(run.track, heights, plain_demand()).planned
    assert len(beads.line) == len(lengths)
    assert beads.width_um / 1000 == pytest.approx(width, abs=2e-4)
    assert (beads.area_um2 * beads.length_um).sum() / 1e9 == pytest.approx(sum(lengths) * area)
    assert len(set(beads.chain.tolist())) == 1


def test_beads_are_sorted_to_layers_and_the_rest_kept() -> None:
    text = "G21\nG90\nM83\nG1 X0 Y0 Z0.2 F600\nG1 X5 E1\nG1 Z0.35\nG1 X0 E1\nG1 Z0.4\nG1 X5 E1\n"
    run = run_machine(lex(text.encode()), plain_demand())
    heights = Heights(np.array([200.0, 400.0]), np.array([200.0, 200.0]))
    found = deposit(run.track, heights, plain_demand())
    assert found.planned.layer_offsets.tolist() == [0, 1, 2]
    assert found.elsewhere.z_um.tolist() == [350.0]
    assert found.visits.tolist() == [0, -1, 1]


points = st.tuples(st.integers(0, 5000), st.integers(0, 5000))


@quick
@given(st.lists(points, min_size=2, max_size=12), st.sampled_from([300.0, 450.0, 670.0]))
def test_cover_is_the_union_of_thickened_moves(path: list[tuple[int, int]], width: float) -> None:
    way = np.array(path, float)
    keep = (np.diff(way, axis=0) != 0).any(axis=1)
    start, end = way[:-1][keep], way[1:][keep]
    n = len(start)
    widths = np.where(np.arange(n) % 3 == 2, width + 100, width)
    cover = cover_of_beads(start, end, widths, np.zeros(n, np.int64))
    if not n:
        assert cover.is_empty
        return
    lines = shapely.linestrings(np.stack([start, end], axis=1))
    exact = shapely.union_all(shapely.buffer(lines, widths / 2, quad_segs=6))
    assert shapely.union_all(cover.parts).area == pytest.approx(exact.area, rel=2e-3)
    square = shapely.box(0, 0, 5000, 5000)
    assert cover.bare(square).area == pytest.approx(
        square.difference(exact).area, rel=1e-2, abs=5e3
    )


@quick
@given(
    st.lists(st.tuples(st.integers(0, 3), st.floats(0.1, 5000)), min_size=1, max_size=20),
    st.floats(1, 400),
)
def test_chains_lose_just_their_ends(steps: list[tuple[int, float]], cut: float) -> None:
    """What is left of a chain is its length less both ends, or nothing."""
    chain = np.sort(np.array([c for c, _ in steps], np.int64))
    length = np.array([step for _, step in steps])
    x = np.concatenate([[0.0], np.cumsum(length)])
    start = np.column_stack([x[:-1], np.zeros(len(length))])
    end = np.column_stack([x[1:], np.zeros(len(length))])
    a, b, kept = _without_ends(start, end, length, chain, np.full(len(length), cut))
    left = np.where(kept, (b - a)[:, 0], 0.0)
    for one in set(chain.tolist()):
        own = chain == one
        wanted = max(length[own].sum() - 2 * cut, 0.0)
        assert left[own].sum() == pytest.approx(wanted, abs=1e-6)
