"""Rings out of successors: by pointer jumping as by walking."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.audit.sections import _cycles


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.integers(1, 40), max_size=12), st.integers(0, 9), st.randoms())
def test_every_ring_from_its_lowest_row_on(sizes: list[int], others: int, random) -> None:
    """Among rows that lie on no ring."""
    rows = list(range(sum(sizes) + others))
    random.shuffle(rows)
    successor = np.full(len(rows), -1, np.int64)
    at = 0
    for size in sizes:
        ring = rows[at : at + size]
        successor[ring] = ring[1:] + ring[:1]
        at += size
    expected = []
    for head in range(len(rows)):
        ring, row = [head], int(successor[head])
        while row > head:
            ring.append(row)
            row = int(successor[row])
        if row == head:
            expected.append(ring)
    order, found = _cycles(successor, np.flatnonzero(successor >= 0))
    assert [ring.tolist() for ring in np.split(order, np.cumsum(found))[:-1]] == expected
