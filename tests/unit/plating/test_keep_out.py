"""Clips on a bed: no part stands there, no move passes, and who does it all the same is found."""

from __future__ import annotations

import functools
import re

import pytest

from printstd import pipeline
from printstd.adapters.executors import SerialExecutor
from printstd.adapters.progress import NoProgress
from printstd.artifacts.finding import Status
from printstd.errors import ProfileError, SlicingError
from printstd.profiles.resolved import Request, Resolved
from printstd.profiles.volume_models import KeepOut, Volume
from tests.meshes import box, stl_binary
from tests.unit.profiles.sources import Overlay, text_of

CLIP = (0.0, 0.0, 40.0, 30.0, 3.0)
FAST = (
    ("infill.density_ratio", "0.0"),
    ("walls.count", "1"),
    ("shells.top_layers", "0"),
    ("shells.bottom_layers", "1"),
    ("shells.top_min_thickness_mm", "0.0"),
    ("shells.bottom_min_thickness_mm", "0.0"),
)


def clip(*box_mm: float) -> str:
    names = ("x_min_mm", "y_min_mm", "x_max_mm", "y_max_mm", "top_mm")
    rows = "".join(f"{name} = {value}\n" for name, value in zip(names, box_mm, strict=True))
    return f'[[volume.keep_out]]\nwhat = "a clip"\n{rows}'


def with_clips(*clips: tuple[float, ...], start_y: int = 40) -> Resolved:
    text = text_of("printers", "ender3-v2").replace("G1 X5 Y3 F6000", f"G1 X50 Y{start_y} F6000")
    text = text.replace("G1 X65 E7", "G1 X110 E7")
    text = text.replace("[chamber]", "\n".join([*(clip(*one) for one in clips), "[chamber]"]))
    return pipeline.resolve(
        Request(printer="ender3-v2", overrides=FAST), Overlay({"printers/ender3-v2": text})
    )


def made(resolved: Resolved, *size_mm: float, copies: int = 1):
    model = pipeline.ModelInput(stl_binary(box(size_mm)), "box.stl")
    prepared = pipeline.prepare(model, pipeline.Order(), resolved)
    plate = pipeline.plate_of([prepared], copies=copies)
    return prepared, pipeline.make_plate(plate, executor=SerialExecutor(), progress=NoProgress())


@functools.cache
def small():
    return made(with_clips(CLIP), 6.0, 6.0, 0.4)


def of_bounds(prepared, own, program: bytes):
    """The auditor's answer on M-03."""
    checked = pipeline.audit(program, [prepared.model], own.demand, executor=SerialExecutor())
    return [f for f in checked.audit.findings if f.rule_id == "M-03" and f.status is Status.FAIL]


def volume(*clips: tuple[float, ...]) -> Volume:
    names = ("x_min_mm", "y_min_mm", "x_max_mm", "y_max_mm", "top_mm")
    zones = tuple(KeepOut(what="a clip", **dict(zip(names, one, strict=True))) for one in clips)
    ends = {"x_min_mm": 0.0, "y_min_mm": 0.0, "x_max_mm": 220.0, "y_max_mm": 220.0}
    travel = {f"travel_{key}": value for key, value in ends.items()}
    return Volume(**ends, **travel, z_max_mm=250.0, keep_out=zones)


def test_rooms_are_the_largest_free_rectangles() -> None:
    assert volume().rooms_mm() == ((0.0, 0.0, 220.0, 220.0),)
    assert volume(CLIP).rooms_mm() == ((0.0, 30.0, 220.0, 220.0), (40.0, 0.0, 220.0, 220.0))
    # One in the middle of a side leaves three.
    found = volume((100.0, 0.0, 120.0, 10.0, 3.0)).rooms_mm()
    assert found == (
        (0.0, 10.0, 220.0, 220.0),
        (0.0, 0.0, 100.0, 220.0),
        (120.0, 0.0, 220.0, 220.0),
    )
    assert volume(CLIP, (-5.0, -5.0, 300.0, 300.0, 3.0)).rooms_mm() == ()


def test_a_part_keeps_to_the_middle_where_nothing_is_in_its_way() -> None:
    prepared, _ = small()
    assert prepared.placement.translation_um[:2] == (107_000, 107_000)


@pytest.mark.parametrize("size", [(218.0, 180.0), (178.0, 218.0)])
def test_a_large_part_stands_beside_the_clip_whichever_way_it_lies(size) -> None:
    resolved = with_clips(CLIP)
    prepared, own = made(resolved, *size, 0.2)
    x, y, _ = (value / 1000 for value in prepared.placement.translation_um)
    assert x >= CLIP[2] - 0.01 or y >= CLIP[3] - 0.01
    assert not of_bounds(prepared, own, own.program.data)


def test_copies_stand_beside_it_too() -> None:
    prepared, own = made(with_clips(CLIP), 60.0, 60.0, 0.2, copies=6)
    assert not of_bounds(prepared, own, own.program.data)
    for stand in own.plate.stands:
        x, y, _ = (value / 1000 for value in stand.placement.translation_um)
        assert x >= CLIP[2] or y >= CLIP[3]


def test_where_no_room_is_left_it_says_what_is_in_the_way() -> None:
    with pytest.raises(SlicingError, match=r"PRN-07.*a clip.*220 x 190 mm"):
        made(with_clips(CLIP), 200.0, 200.0, 0.4)


@pytest.mark.parametrize(
    ("line", "is_caught"),
    [
        ("G1 X10 Y60 Z2", False),  # beside it
        ("G1 X60 Y10 Z2", False),
        ("G1 X10 Y10 Z2", True),  # into it
        ("G1 X10 Y10 Z3", False),  # over it
        ("G1 X10 Y100 Z2\nG1 X60 Y10 Z2", False),  # past its corner
        ("G1 X10 Y32 Z2\nG1 X42 Y5 Z2", True),  # both ends beside it, the way is not
        ("G1 X10 Y10 Z4\nG1 X60 Y10 Z2", True),  # down too early
        ("G1 X10 Y10 Z9\nG1 X60 Y10 Z2", False),  # down in time
        ("G1 X42 Y20 Z2\nG2 X42 Y21 I-5 J0.5", True),  # an arc into it
    ],
)
def test_the_audit_sees_every_way_through_it(line: str, is_caught: bool) -> None:
    prepared, own = small()
    text = own.program.data.decode()
    # Before the first layer, from a place that is known.
    at = text.index(";LAYER_CHANGE")
    wrong = f"{text[:at]}G1 X60 Y60 Z9 F3000\n{line}\nG1 Z20\nG1 X60 Y60\nG1 Z2\n{text[at:]}"
    found = of_bounds(prepared, own, wrong.encode())
    assert bool(found) == is_caught
    if is_caught:
        assert re.search(r"below 3 mm .* X 0 to 40, Y 0 to 30 mm", str(found[0].message))


def test_start_code_that_purges_on_the_clip_is_found() -> None:
    prepared, own = made(with_clips((60.0, 0.0, 90.0, 30.0, 3.0), start_y=10), 6.0, 6.0, 0.4)
    assert of_bounds(prepared, own, own.program.data)


@pytest.mark.parametrize(
    ("zones", "key"),
    [
        (((40.0, 0.0, 0.0, 30.0, 3.0),), "volume.keep_out[0]"),
        (((-1.0, -1.0, 221.0, 221.0, 3.0),), "volume.keep_out"),
    ],
)
def test_a_clip_that_is_none_is_a_profile_error(zones, key: str) -> None:
    with pytest.raises(ProfileError) as caught:
        with_clips(*zones)
    assert [problem.key for problem in caught.value.problems] == [key]


def test_a_machine_without_clips_keeps_its_digest() -> None:
    assert "keep_out" not in volume().model_dump()
