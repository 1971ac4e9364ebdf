"""Which beads below the floor are the raft's."""

from __future__ import annotations

import numpy as np

from printstd.audit.beads import Beads
from printstd.audit.raft import raft_layers

FOOT = (9_000.0, 9_000.0, 11_000.0, 11_000.0)


def beads(*rows: tuple[float, float, float, float, float]) -> Beads:
    """x0, y0, x1, y1, z of each, mm."""
    table = np.array(rows, np.float64) * 1000
    start, end = table[:, :2], table[:, 2:4]
    n = len(rows)
    one, count = np.full(n, 400.0), np.arange(n)
    return Beads(
        start_um=start,
        end_um=end,
        middle_um=(start + end) / 2,
        width_um=one,
        thread_um=one,
        area_um2=one,
        length_um=np.hypot(*(end - start).T),
        z_um=table[:, 4],
        line=count,
        seq=count,
        chain=count,
        layer_offsets=np.array([0, n], np.int64),
    )


def found(laid: Beads, floor_um: float = 700.0) -> list[list[int]]:
    return [rows.tolist() for rows in raft_layers(laid, floor_um, FOOT)]


def test_layers_come_bottom_up_in_time_and_without_a_floor_there_are_none() -> None:
    laid = beads((8, 10, 12, 10, 0.5), (8, 9, 12, 9, 0.2), (8, 11, 12, 11, 0.5), (8, 9, 8, 9, 1.0))
    assert found(laid) == [[1], [0, 2]]
    assert found(laid, 0.0) == []


def test_a_line_lies_under_the_part_wherever_its_middle_is() -> None:
    """Long lines that cross under a small foot near their ends."""
    assert found(beads((0, 10, 9.5, 10, 0.2), (10.5, 10, 60, 10, 0.5))) == [[0], [1]]


def test_what_is_purged_elsewhere_is_no_layer() -> None:
    assert found(beads((0, 1, 60, 1, 0.3), (8, 10, 12, 10, 0.2))) == [[1]]
