"""The canonical command stream forgets comments and spacing, and nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from printstd.certify.c14n import canonical_commands, commands_sha256

PROGRAM = b"; head\nG28 ; home\n\n  G1  X1 Y2   E.03\nM104 S210\n;TYPE:Custom\nM84\n"


def test_comments_blank_lines_and_spacing_go_and_nothing_else():
    assert canonical_commands(PROGRAM) == b"G28\nG1 X1 Y2 E.03\nM104 S210\nM84\n"
    assert canonical_commands(canonical_commands(PROGRAM)) == canonical_commands(PROGRAM)
    assert canonical_commands(b"; only words\n") == b""


def test_the_digest_sees_every_number_and_no_comment():
    same = PROGRAM.replace(b"; home", b"; heim")
    other = PROGRAM.replace(b"E.03", b"E.04")
    assert commands_sha256(same) == commands_sha256(PROGRAM) != commands_sha256(other)


@given(st.lists(st.sampled_from([b"G1", b" ", b"\t", b"\r", b"\n", b";", b"X1", b"\x0b\x0c"])))
def test_is_its_definition_line_by_line(pieces: list[bytes]) -> None:
    program = b"".join(pieces)
    lines = (b" ".join(line.split(b";", 1)[0].split()) for line in program.split(b"\n"))
    assert canonical_commands(program) == b"".join(line + b"\n" for line in lines if line)
