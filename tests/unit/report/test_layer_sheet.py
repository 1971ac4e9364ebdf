from __future__ import annotations

import hashlib
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely

from printstd.audit import read_motion
from printstd.report import layer_sheet as sheets
from printstd.report.bitmap_font import text_points
from printstd.report.laid import laid_by_layer
from printstd.report.role_colours import COLOURS, NAMES
from tests import small_part, tagged
from tests.oracles.png_reader import read_png

ROOT = Path(__file__).parents[3]


def laid_of(data: bytes):
    return laid_by_layer(read_motion(data))


def pixel_areas_mm2(laid, layer):
    """Area of each role in a layer's picture."""
    frame = sheets.frame_of(laid.box_um, 1)
    role, covered = sheets.cover_of(sheets.draw_layer(laid, layer, frame))
    pixel = (frame.um_across / frame.width_px / 1000) ** 2
    count = np.bincount(role[role >= 0], covered[role >= 0], len(NAMES))
    return count / sheets.COVERS * pixel


def test_each_role_takes_as_much_of_the_picture_as_its_beads_of_the_bed():
    lines = tagged.one_of_each()
    areas = pixel_areas_mm2(laid_of(tagged.program(lines)), 0)
    for role in tagged.TAGS:
        if role in (3, 7, 8):
            continue  # these may hang as threads: their width is tested with the audit
        want = sum(line.area_mm2 for line in lines if line.role == role)
        assert areas[role] == pytest.approx(want, rel=0.03), NAMES[role]
    assert areas[0] == 0


def test_together_they_take_the_union_of_the_beads():
    laid = laid_of(small_part.program())
    for layer in (0, 5, len(laid) - 1):
        own = laid.of_layer(layer)
        is_bead = laid.width_um[own] > 0
        ends = np.stack([laid.start_um[own], laid.end_um[own]], axis=1)[is_bead] / 1000
        beads = shapely.buffer(
            shapely.linestrings(ends), laid.width_um[own][is_bead] / 2000, quad_segs=32
        )
        union = shapely.union_all(beads).area
        assert pixel_areas_mm2(laid, layer).sum() == pytest.approx(union, rel=0.01)


def test_a_later_bead_covers_an_earlier_one_and_middles_cover_sides():
    cross = [tagged.Line(1, 10, 10, 30, 10), tagged.Line(4, 20, 0, 20, 20)]
    for lines in (cross, cross[::-1]):
        laid = laid_of(tagged.program(lines))
        frame = sheets.frame_of(laid.box_um, 1)
        role, _ = sheets.cover_of(sheets.draw_layer(laid, 0, frame))
        row = frame.height_px - 1 - frame.pixel(10_000 - frame.y_um)
        assert role[row, frame.pixel(20_000 - frame.x_um)] == lines[1].role
        # Off the crossing's middle, where one is a side and the other a middle.
        assert role[row, frame.pixel(20_200 - frame.x_um)] == 1


@pytest.mark.parametrize("dialect", tagged.DIALECTS)
def test_the_picture_is_the_same_whichever_dialect_names_the_roles(dialect):
    lines = tagged.one_of_each([1, 2, 4, 5, 10, 11, 12, 14])
    lines += tagged.one_of_each([1, 2, 4], z=0.4)
    theirs = sheets.sheet_png(laid_of(tagged.program(lines, dialect)))
    assert theirs == sheets.sheet_png(laid_of(tagged.program(lines, "prusa")))
    silent = laid_of(tagged.program(lines, None))
    assert theirs != sheets.sheet_png(silent)
    assert [role.name for role in silent.roles] == ["UNKNOWN"]


def test_what_no_comment_names_is_grey_and_does_not_make_the_part_small():
    part = tagged.one_of_each([1, 4])
    laid = laid_of(tagged.program([tagged.Line(0, 0, 1, 200, 1), *part]))
    assert laid.box_um == laid_of(tagged.program(part)).box_um
    r, g, b = COLOURS[laid.roles[0]]
    assert r == g == b
    assert len(set(COLOURS.values())) == len(NAMES) == len(COLOURS)


def test_the_sheet_is_a_png_with_every_layer_s_number_and_height_on_it():
    laid = laid_of(small_part.program())
    chosen = laid.chosen([0, 7, 15])
    indices, palette = read_png(sheets.sheet_png(chosen))
    assert (palette == sheets.palette()[:, :3]).all()
    ink = indices == sheets.INK
    for text in ("LAYER 7  Z 1.600  H 0.200", "LAYER 15  Z 3.200  H 0.200", "EXTERNAL PERIMETER"):
        if text == "EXTERNAL PERIMETER" and text not in [NAMES[r].upper() for r in chosen.roles]:
            continue
        assert any(holds(ink, text_points(text, scale)) for scale in (1, 2)), text
    assert not holds(ink, text_points("LAYER 8", 2))


def holds(picture, points) -> bool:
    """Whether the picture has these points somewhere, and none between them."""
    height, width = points.shape
    windows = np.lib.stride_tricks.sliding_window_view(picture, (height, width))
    heads = np.argwhere(windows[:, :, 0, 0] == points[0, 0])
    first = points[:, : min(12, width)]
    for row, column in heads.tolist():
        if (windows[row, column][:, : first.shape[1]] == first).all() and (
            windows[row, column] == points
        ).all():
            return True
    return False


@pytest.mark.parametrize("n", [1, 2, 4, 5, 9, 10, 16])
def test_a_sheet_of_any_number_of_layers_shows_each_once(n):
    laid = laid_of(small_part.program()).chosen(list(range(n)))
    indices, _ = read_png(sheets.sheet_png(laid))
    frame = sheets.frame_of(laid.box_um, n)
    drawn = (indices >= sheets.FIRST_ROLE).sum()
    want = sum((sheets.draw_layer(laid, i, frame) >= sheets.FIRST_ROLE).sum() for i in range(n))
    swatches = len(laid.roles) * 14 * 18
    assert drawn == want + swatches


@pytest.mark.parametrize(
    "box", [(0, 0, 1, 1), (0, 0, 300_000, 1), (5, -7, 5, 90_000), (-10, -20, 30_000, 20_000)]
)
@pytest.mark.parametrize("n", [1, 9, 64])
def test_a_frame_shows_its_box_whole_and_not_distorted(box, n):
    frame = sheets.frame_of(box, n)
    high = frame.um_across * frame.height_px / frame.width_px
    assert frame.x_um <= box[0]
    assert frame.x_um + frame.um_across >= box[2]
    assert frame.y_um <= box[1]
    assert frame.y_um + math.ceil(high) >= box[3]
    assert max(frame.width_px, frame.height_px) <= 901


@pytest.mark.parametrize(
    "line",
    [
        "G1 X999999999999 Y-5 E1",
        "G1 X0.001 E99999999",
        "G1 X20.5 Y20 Z-400 E1",
        "G1 X1 Y1 Z999999999999 E1",
        "G20\nG1 X5000 Y3 E1",
        "G2 X30 Y20 I5000000 J1 E1",
        "M83\nG92 X-100000 Y7\nG1 X0 Y0 E1",
    ],
)
def test_what_no_machine_can_do_is_drawn_all_the_same(line):
    part = tagged.program(tagged.one_of_each([1, 4]))
    for data in (part + line.encode() + b"\n", line.encode() + b"\n" + part, line.encode()):
        laid = laid_of(data)
        if not len(laid):
            continue
        indices, _ = read_png(sheets.sheet_png(laid.chosen(list(range(min(len(laid), 9))))))
        assert (indices >= sheets.FIRST_ROLE).any()


def test_bytes_are_the_same_in_every_process(tmp_path):
    (tmp_path / "p.gcode").write_bytes(small_part.program())
    code = (
        "import hashlib, pathlib\n"
        "from printstd.audit import read_motion\n"
        "from printstd.report.laid import laid_by_layer\n"
        "from printstd.report.layer_sheet import sheet_png\n"
        "laid = laid_by_layer(read_motion(pathlib.Path('p.gcode').read_bytes()))\n"
        "print(hashlib.sha256(sheet_png(laid)).hexdigest())"
    )
    found = set()
    for seed in ("0", "1", "4711"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(done.stdout.strip())
    assert len(found) == 1
    own = sheets.sheet_png(laid_of(small_part.program()))
    assert found == {hashlib.sha256(own).hexdigest()}
