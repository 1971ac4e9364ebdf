"""What a board is sent when a print on it is cancelled: off, up and away, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printstd.adapters.hosts.serial_lines import program_of
from printstd.adapters.hosts.serial_parting import parting

START = b"M140 S60\nM190 S60\nG28\nG90\nM83\nM109 S215\n"
PART = b"".join(
    b"G1 Z%.1f F600\nG1 X20 Y20 E1 F1800\nG1 X40 Y20 E1\nG1 X40 Y22 E-0.5\n" % (0.2 * (n + 1))
    for n in range(50)
)
END = b"""G1 X38 Y20 E-0.4
G1 E-1 F1800
G1 Z20.5 F600
G1 X0 Y220 F6000
M104 S0
M104 T1 S0
M140 S0
M107
M84
"""
COMMANDS = program_of(START + PART + END).commands
OFF = (b"M104 S0", b"M140 S0", b"M107", b"M104 T1 S0")
PARKED = (b"G90", b"G1 Z20.5 F600", b"G90", b"G1 X0 Y220 F6000", b"M400", b"M84")


def test_in_the_middle_it_goes_up_and_to_its_place() -> None:
    assert parting(COMMANDS, len(COMMANDS) // 2) == (*OFF, *PARKED)
    assert parting(COMMANDS, len(COMMANDS)) == (*OFF, *PARKED)


@pytest.mark.parametrize("done", [0, 1, 2])
def test_a_machine_that_was_not_homed_is_not_moved(done: int) -> None:
    assert parting(COMMANDS, done) == OFF
    assert parting(COMMANDS, 3) == (*OFF, *PARKED)


def test_an_end_that_lifts_from_where_it_stands() -> None:
    end = (
        b"G91\nG1 E-2 F2700\nG1 E-2 Z0.2 F2400\nG1 X5 Y5 F3000\nG90\nG1 X0 Y200 F3000\nM84 X Y E\n"
    )
    commands = program_of(START + PART + end).commands
    assert parting(commands, 100)[3:] == (
        b"G91",
        b"G1 Z0.2 F2400",
        b"G90",
        b"G1 X0 Y200 F3000",
        b"M400",
        b"M84 X Y E",
    )


@pytest.mark.parametrize(
    "end",
    [
        b"",
        b"M84\n",
        b"G1 X0 Y200 F3000\nM84\n",  # Through the part.
        b"G1 Z5 F600\nG1 X0 Y200 F3000\n",  # Lower than what is printed.
        b"G91\nG1 Z-5\nG90\nG1 X0 Y200\n",
    ],
)
def test_an_end_that_does_not_lift_the_head_leaves_it_where_it_is(end: bytes) -> None:
    assert parting(program_of(START + PART + end).commands, 200) == OFF[:3]


@given(st.integers(0, len(COMMANDS)))
def test_wherever_it_is_cancelled_nothing_is_fed_heated_or_lowered(done: int) -> None:
    sent = parting(COMMANDS, done)
    assert sent[:3] == OFF[:3]
    for line in sent:
        assert b" E" not in line
        assert line in COMMANDS or line in (b"G90", b"M400")
        assert not line.startswith((b"M104", b"M140")) or line.endswith(b"S0")
        assert not line.startswith(b"G1 Z") or float(line.split()[1][1:]) >= 0.2 * 50
