"""Any toolpath, written for any machine, reads back as itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.artifacts.toolpath import MoveKind, Role, Toolpath
from tests.dispatch import DISPATCHED
from tests.oracles.gcode_reader import read
from tests.toolpaths import Pen
from tests.unit.gcode.round_trip import check_moves
from tests.unit.gcode.writing import PRINTERS, resolved_for, written

quick = settings(max_examples=60, deadline=None, derandomize=True)
RESOLVED = {printer: resolved_for(printer) for printer in PRINTERS}

PLACE = st.tuples(st.integers(0, 220_000), st.integers(-4_000, 220_000))
ANY_MOVE = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(list(MoveKind)),
        "feed": st.sampled_from([60, 1_500, 2_700, 12_345]),
        "step": st.booleans(),
        "xy_um": st.none() | PLACE,
        "z_um": st.none() | st.integers(0, 250_000),
        "e_e5": st.integers(-800_000, 800_000) | st.just(0),
        "accel_mm_s2": st.sampled_from([0, 500, 800, 1_000]),
        "fan_ratio_e3": st.integers(0, 1_000) | st.sampled_from([0, 2, 3, 4, 5, 1_000]),
        "role": st.sampled_from(list(Role)),
        "object_id": st.sampled_from([-1, 0, 1]),
        "width_nm": st.sampled_from([450_000, 449_999, 1_000_000]),
        "height_nm": st.sampled_from([200_000, 355_000]),
    }
)


def drawn(moves: list[dict[str, object]]) -> Toolpath:
    """What each kind of move may change, it changes; the rest stays."""
    pen = Pen(names=("part-a", "B7"))
    for move in moves:
        kind, feed = move["kind"], move["feed"]
        changes = {key: move[key] for key in ("accel_mm_s2", "fan_ratio_e3", "object_id")}
        if move["step"]:
            changes["layer"] = pen.state["layer"] + 1
        if kind in (MoveKind.EXTRUDE, MoveKind.TRAVEL, MoveKind.WIPE) and move["xy_um"]:
            changes["xy_um"] = move["xy_um"]
        if kind in (MoveKind.LIFT, MoveKind.TRAVEL) and move["z_um"] is not None:
            changes["z_um"] = move["z_um"]
        if kind not in (MoveKind.LIFT, MoveKind.TRAVEL):
            changes["e_e5"] = move["e_e5"]
        if kind == MoveKind.EXTRUDE:
            changes |= {key: move[key] for key in ("role", "width_nm", "height_nm")}
        pen.move(kind, feed, **changes)  # type: ignore[arg-type]
    return pen.toolpath()


@pytest.mark.parametrize("printer", PRINTERS)
@given(st.lists(ANY_MOVE, max_size=30))
@quick
def test_a_program_reads_back_as_its_toolpath(printer: str, moves: list[dict[str, object]]) -> None:
    toolpath, resolved = drawn(moves), RESOLVED[printer]
    assert resolved.printer is not None
    program = written(toolpath, resolved)
    reading = read(program.data)
    if toolpath.n_moves:
        check_moves(
            toolpath,
            reading,
            resolved.printer.firmware,
            has_labels=resolved.printer.has_object_labels,
        )
    assert len(reading.lines) == len(program.line_offsets()) - 1
    ends = [program.data[end - 1 : end] for end in program.line_offsets()[1:].tolist()]
    assert set(ends) == {b"\n"}
    assert program.line_offsets()[-1] == len(program.data)


PROBE = """
import hashlib, locale
from tests.toolpaths import Pen, solid_block
from tests.unit.gcode.writing import resolved_for, written
locale.setlocale(locale.LC_ALL, "")
toolpath = solid_block(Pen(), n_layers=3, accelerations=(500, 400, 300)).toolpath()
for printer in ("ender3-v2", "mk4s", "voron-2.4-350", "railcore-ii-300zl"):
    print(hashlib.sha256(written(toolpath, resolved_for(printer)).data).hexdigest())
"""


def locales() -> list[str]:
    done = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False)
    known = done.stdout.split() if done.returncode == 0 else []
    # One that writes a comma into numbers, where there is any.
    commas = [name for name in known if name.startswith(("de_", "fr_", "kk_", "ru_"))]
    return ["C", *commas[:1]]


def test_the_bytes_know_no_hash_seed_locale_clock_or_zone() -> None:
    root = Path(__file__).parents[2]
    outputs = set()
    for seed, zone, features in (
        ("0", "UTC", ""),
        ("1", "Asia/Almaty", ""),
        ("4711", "America/New_York", DISPATCHED),
    ):
        for name in locales():
            environment = dict(
                os.environ,
                PYTHONHASHSEED=seed,
                TZ=zone,
                LC_ALL=name,
                NPY_DISABLE_CPU_FEATURES=features,
                PYTHONPATH=str(root),
            )
            done = subprocess.run(
                [sys.executable, "-W", "ignore", "-c", PROBE],
                env=environment,
                cwd=root,
                capture_output=True,
                text=True,
                check=True,
            )
            outputs.add(done.stdout)
    assert len(outputs) == 1
    assert len(set(outputs.pop().split())) == 4
