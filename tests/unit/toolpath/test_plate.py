"""Several parts in one toolpath: nothing lost, nothing mixed up, nothing too near."""

from __future__ import annotations

import re

import numpy as np
import pytest
import shapely

from printstd.adapters.executors import ProcessExecutor
from printstd.artifacts.toolpath import MoveKind, Role, Toolpath
from printstd.errors import SlicingError
from printstd.toolpath.parts import PlatePart, alone
from printstd.toolpath.plan import plan_plate
from tests.plates import made, made_of, plate
from tests.stacks import Silent, box, stack_of
from tests.unit.toolpath.planning import SERIAL, profiles

NAMES = ("block", "low", "post", "angle")
BARE = (("adhesion.skirt_loops", "0"),)


def row_of_boxes(*sizes: tuple[float, float, float]) -> list[PlatePart]:
    """Blocks 10 mm apart."""
    found, x = [], 20.0
    for number, size in enumerate(sizes):
        centre = (round((x + size[0] / 2) * 1000), 60_000)
        stack = stack_of(*box(size), bed_centre_um=centre)
        found.append(alone(stack, profiles(*BARE), f"part_{number}"))
        x += size[0] + 10.0
    return found


def planned(parts: list[PlatePart]) -> Toolpath:
    return plan_plate(parts, profiles(*BARE), executor=SERIAL, progress=Silent())


def test_a_plate_holds_what_its_parts_hold():
    """Each part's beads are those that it has alone: filament, moves and places."""
    parts = row_of_boxes((20, 20, 4), (12, 30, 6), (25, 8, 2))
    whole = planned(parts)
    for number, part in enumerate(parts):
        single = planned([part])
        for role in (role for role in Role if role is not Role.NONE):
            own = whole.object_id == number
            together = int(whole.e_e5[own & (whole.role == role)].sum())
            assert together == pytest.approx(
                int(single.e_e5[single.role == role].sum()), rel=2e-3, abs=100
            )
    assert int(whole.layer.max()) + 1 == 30
    assert int(whole.layer[whole.object_id == 2].max()) + 1 == 10


def test_copies_are_the_part_moved():
    (part,) = row_of_boxes((20, 14, 3))
    shift = np.array([[0, 0], [40_000_000, 0], [0, 30_000_000]], np.int64)
    whole = planned([PlatePart(part.sections, part.resolved, ("a", "b", "c"), shift)])
    laid = np.flatnonzero(whole.kind == MoveKind.EXTRUDE)
    # Which way round a line is laid depends on where the nozzle comes from.
    steps = []
    for k in range(3):
        rows = laid[whole.object_id[laid] == k]
        ends = np.stack([whole.xy_um[rows - 1], whole.xy_um[rows]], axis=1) - shift[k] // 1000
        steps.append(
            {
                (frozenset(map(tuple, pair)), int(z))
                for pair, z in zip(ends.tolist(), whole.z_um[rows], strict=True)
            }
        )
    assert steps[0] == steps[1] == steps[2]
    assert len(steps[0]) > 100


def test_every_bead_lies_in_its_own_object_and_skirts_belong_to_nobody():
    own = plate(*NAMES, copies=2)
    done = made(own)
    assert len(done.demand.parts) == 8
    program = done.program.data.decode("ascii")
    outlines = dict(re.findall(r'"name":"(\w+)","polygon":(\[\[.*?\]\])', program))
    assert list(outlines) == [stand.label for stand in own.stands]
    hulls = [shapely.Polygon(eval(text)) for text in outlines.values()]  # numbers of our own
    for number, hull in enumerate(hulls):
        for other in hulls[:number]:
            # Outlines of beads are boxes' corners around them: a little wider than the parts.
            assert hull.distance(other) > 5.5
    current, open_labels, at, laid_by = -1, 0, (0.0, 0.0), set()
    kind = ""
    for line in program.splitlines():
        if line.startswith("M486 S"):
            number = int(line.removeprefix("M486 S"))
            open_labels += (number >= 0) - (current >= 0)
            current = number
        elif line.startswith(";TYPE:"):
            kind = line
        elif match := re.match(r"G1 X([-\d.]+) Y([-\d.]+)(?: E([\d.]+))?", line):
            there = (float(match[1]), float(match[2]))
            if match[3]:
                if kind == ";TYPE:Skirt/Brim":
                    assert current == -1
                elif kind != ";TYPE:Custom":
                    laid_by.add(current)
                    assert hulls[current].covers(shapely.LineString([at, there]))
            at = there
    assert laid_by == set(range(8))
    assert current == -1
    assert open_labels == 0


@pytest.mark.parametrize("printer", ["voron-2.4-350", "railcore-ii-300zl", "ender3-v2"])
def test_other_firmwares_open_and_close_every_object(printer):
    program = made_of("block", "post", printer=printer).program.data.decode("ascii")
    labels = [stand.label for stand in plate("block", "post", printer=printer).stands]
    if printer == "voron-2.4-350":
        begun = re.findall(r"^EXCLUDE_OBJECT_START NAME=(\w+)$", program, re.M)
        ended = re.findall(r"^EXCLUDE_OBJECT_END NAME=(\w+)$", program, re.M)
        defined = re.findall(
            r"^EXCLUDE_OBJECT_DEFINE NAME=(\w+) CENTER=\S+ POLYGON=\S+$", program, re.M
        )
        assert begun == ended
        assert set(begun) == set(labels)
        assert defined == labels
    else:
        said = [int(n) for n in re.findall(r"^M486 S(-?\d+)", program, re.M)]
        assert {0, 1, -1} == set(said)
        assert said[-1] == -1
        assert "M486 T2" in program


def test_the_same_bytes_from_any_number_of_processes():
    own = plate("block", "low", "post", copies=2)
    whole = made(own).program.data
    shuffled = ProcessExecutor(2, chunk_size=7, submit_order=lambda n: list(range(n))[::-1])
    assert made(own, shuffled).program.data == whole


def test_parts_of_other_layers_are_refused_by_name():
    tall, other = row_of_boxes((20, 20, 4), (20, 20, 2))
    stack = stack_of(*box((20, 20, 2)), layer_um=150, bed_centre_um=(80_000, 60_000))
    with pytest.raises(SlicingError) as refused:
        planned([tall, alone(stack, other.resolved, "odd")])
    assert refused.value.where == "odd"
