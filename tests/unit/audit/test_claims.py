from __future__ import annotations

import numpy as np
import pytest

from printstd.artifacts.audit import ClaimedRole
from printstd.artifacts.toolpath import Role
from printstd.audit import read_motion
from printstd.audit.arcs import with_chords
from printstd.audit.beads import Heights, deposit
from printstd.audit.claims import claimed_demand, claimed_roles
from printstd.audit.lexer import lex
from printstd.audit.machine import run_machine
from printstd.gcode.between import TYPE_NAMES
from tests import small_part, tagged


def beads(motion):
    return motion.width_um > 0


@pytest.mark.parametrize("dialect", tagged.DIALECTS)
def test_every_tag_of_every_dialect_names_its_role(dialect):
    column = tagged.DIALECTS[dialect][1]
    lines = tagged.one_of_each([role for role, tags in tagged.TAGS.items() if tags[column]])
    motion = read_motion(tagged.program(lines, dialect))
    assert motion.claimed_role[beads(motion)].tolist() == [line.role for line in lines]


def test_claimed_roles_are_numbered_as_the_toolpath_s():
    theirs = {role.name: role.value for role in ClaimedRole}
    assert {name: theirs.get(name) for name in Role.__members__ if name != "NONE"} == {
        role.name: role.value for role in Role if role is not Role.NONE
    }


def test_every_tag_that_our_own_programs_have_names_its_role():
    merged = {Role.INTERNAL_BRIDGE_INFILL: Role.BRIDGE_INFILL}
    for role, name in TYPE_NAMES.items():
        found = claimed_roles(np.array([2]), f";TYPE:{name}\nG1 X1\n".encode())
        assert found.tolist() == [merged.get(role, role)], name


def test_a_tag_is_a_comment_of_its_own_and_nothing_else():
    text = (
        b";TYPE:Perimeter\nG1 X1\n;TYPE:no such role\nG1 X2\nG1 X3 ;TYPE:Perimeter\n"
        b"M117 TYPE:Perimeter\nG1 X4\n ;TYPE:Perimeter\n;TYPE:\nG1 X5\n; FEATURE: Brim\r\nG1 X6\n"
    )
    rows = np.array([2, 4, 5, 7, 10, 12])
    assert claimed_roles(rows, text).tolist() == [2, 0, 0, 0, 0, 10]
    assert claimed_roles(rows, b"").tolist() == [0] * 6


def test_widths_are_those_that_the_audit_lays():
    data = small_part.program()
    motion = read_motion(data)
    demand = claimed_demand(data)
    track, _ = with_chords(run_machine(lex(data), demand).track)
    laid = deposit(track, Heights(motion.layer_top_um, motion.layer_height_um), demand)
    assert len(laid.elsewhere.line) == 0
    order = np.argsort(motion.layer[beads(motion)], kind="stable")
    for own, theirs in (
        (motion.width_um, laid.planned.width_um),
        (motion.start_um[:, :2], laid.planned.start_um),
        (motion.end_um[:, :2], laid.planned.end_um),
        (motion.line, laid.planned.line),
    ):
        assert np.array_equal(own[beads(motion)][order], theirs)
    assert len(motion.layer_top_um) == small_part.LAYERS


@pytest.mark.parametrize("height", [0.1, 0.2, 0.35])
def test_widths_are_those_that_were_meant(height):
    lines = [
        tagged.Line(
            1 + row % 2, 10, row, 40, row + 1, height * (1 + row // 5), height, 0.4 + row / 50
        )
        for row in range(10)
    ]
    motion = read_motion(tagged.program(lines))
    want = [line.width * 1000 for line in lines]
    assert motion.width_um[beads(motion)] == pytest.approx(want, abs=0.2)


def test_what_the_program_says_of_its_filament_and_firmware_is_believed():
    lines = [tagged.Line(1, 10, 10, 40, 10)]
    thick = read_motion(tagged.program(lines, head="; filament_diameter = 2.85"))
    plain = read_motion(tagged.program(lines, head="; filament_diameter = 0"))
    ratio = (thick.width_um.max() - 200 * tagged.ROUND_LOSS) / (
        plain.width_um.max() - 200 * tagged.ROUND_LOSS
    )
    assert ratio == pytest.approx((2.85 / 1.75) ** 2)
    # G90 sets E too, but not in Klipper and RepRapFirmware.
    text = tagged.program(lines * 2).replace(b"G28\n", b"G28\nG90\n")
    assert beads(read_motion(text)).sum() == 1
    for flavor in (b"; gcode_flavor = klipper\n", b";FLAVOR:RepRap\n"):
        assert beads(read_motion(flavor + text)).sum() == 2


def test_lines_that_end_as_windows_ends_them_are_read_too():
    data = tagged.program(tagged.one_of_each())
    unix, windows = read_motion(data), read_motion(data.replace(b"\n", b"\r\n"))
    for name in unix.__dataclass_fields__:
        assert np.array_equal(getattr(unix, name), getattr(windows, name))


def test_a_bridge_hangs_as_a_round_thread():
    flat = tagged.Line(7, 10, 10, 40, 10, width=0.67)
    usual = [tagged.Line(1, 10, 20 + row, 40, 20 + row) for row in range(4)]
    motion = read_motion(tagged.program([flat, *usual]))
    section = 0.2 * (0.67 - 0.2 * tagged.ROUND_LOSS)
    assert motion.width_um[beads(motion)][0] == pytest.approx(
        1000 * (4 * section / np.pi) ** 0.5, abs=0.2
    )


def test_what_is_no_program_has_no_layers():
    for data in (b"", b"\0\xff" * 500, b"solid cube\n", b"G28\nG1 X10 F600\n"):
        motion = read_motion(data)
        assert len(motion.layer_top_um) == 0
        assert (motion.layer == -1).all()
