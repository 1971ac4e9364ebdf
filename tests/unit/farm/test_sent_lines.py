"""Lines that were sent, followed along the program: what is its own and what is not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from printstd.farm.sent_lines import Following, Outside, Own, Unnumbered
from tests import small_part
from tests.unit.farm.runs import program_lines

PROGRAM = b"; a comment\nG28\nG1 X1 ; there\n\n  G1 X2\nM106 S255\nG1 X3\nG1 X4\nM107\nG1 X5\n"
OFFSETS = {b: PROGRAM.index(b) for b in (b"G28", b"G1 X1", b"M107")}


def followed(lines: list[str], program: bytes = PROGRAM) -> list[object]:
    following = Following(program)
    return [one for line in lines for one in following.take(line)] + list(following.settle())


def own_lines() -> list[str]:
    return [text for _, _, text in Following(PROGRAM).lines_from(0)]


def test_the_program_alone_is_its_own() -> None:
    found = followed(own_lines())
    assert all(isinstance(one, Own) and not one.left_out for one in found)
    assert [one.offset for one in found if isinstance(one, Own)][:2] == [
        OFFSETS[b"G28"],
        OFFSETS[b"G1 X1"],
    ]


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from(["M220 S150", "M105", "G1 X77", "M106 S12"])),
        max_size=6,
    )
)
def test_whatever_is_sent_between_is_outside(between: list[tuple[int, str]]) -> None:
    lines = own_lines()
    for place, text in sorted(between, reverse=True):
        lines.insert(place, text)
    found = followed(lines)
    outside = sorted(one.line for one in found if isinstance(one, Outside))
    assert outside == sorted(text for _, text in between)
    assert sum(isinstance(one, Own) for one in found) == len(own_lines())
    assert not any(one.left_out for one in found if isinstance(one, Own))


def test_a_line_that_comes_again_later_is_outside_all_the_same() -> None:
    """By hand just what the program says three lines on: not taken for it."""
    lines = own_lines()
    lines.insert(1, "M106 S255")
    found = followed(lines)
    assert [one.line for one in found if isinstance(one, Outside)] == ["M106 S255"]
    assert sum(isinstance(one, Own) for one in found) == len(own_lines())


def test_a_line_that_was_not_sent_is_told() -> None:
    lines = [line for line in own_lines() if line != "M107"]
    found = followed(lines)
    assert not any(isinstance(one, Outside) for one in found)
    (left,) = (one.left_out for one in found if isinstance(one, Own) and one.left_out)
    assert left == ((OFFSETS[b"M107"], "M107"),)


def test_after_an_interruption_the_place_is_found_again() -> None:
    """Layers are alike: only what differs between them names the place."""
    program = small_part.program()
    lines = program_lines()
    following = Following(program)
    for line in lines[:100]:
        following.take(line)
    following.lose()
    found = [one for line in ["M105", *lines[400:]] for one in following.take(line)]
    assert [one.line for one in found if isinstance(one, Outside)] == ["M105"]
    assert following.is_done
    own = [one.offset for one in found if isinstance(one, Own)]
    offsets = [start for start, _, _ in Following(program).lines_from(0)]
    assert own == offsets[-len(own) :]
    assert len(own) > len(lines) // 2


def test_a_line_that_is_sent_again_under_its_number_counts_once() -> None:
    numbers = Unnumbered()
    sent = ["N0 M110 N0*125", "N1 G28*18", "N2 G1 X1*5", "N2 G1 X1*5", "M105", "N3 M106 S255*1"]
    assert [numbers.take(line) for line in sent] == [
        "M110 N0",
        "G28",
        "G1 X1",
        None,
        "M105",
        "M106 S255",
    ]
    assert numbers.take("N7 M110 N0*9") == "M110 N0"
    assert numbers.take("N1 G28*18") == "G28"
