"""Heatshrink and MeatPack give back what was packed, and nothing for what stands for nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.certify.c14n import canonical_commands
from printstd.certify.carriers import heatshrink, meatpack
from tests.unit.certify.carriers import packers

TEXTS = st.text("G1X0 .\n;aE", max_size=200).map(str.encode)


@pytest.mark.parametrize("window_bits", [11, 12])
@settings(max_examples=40)
@given(data=st.one_of(TEXTS, st.binary(max_size=120)))
def test_heatshrink_gives_back_what_was_packed(window_bits, data):
    packed = packers.heatshrink(data, window_bits, 4)
    given_back = heatshrink.decompress(
        packed, window_bits=window_bits, lookahead_bits=4, size=len(data)
    )
    assert given_back == data
    for size in {0, len(data) // 2, len(data) + 1} - {len(data)}:
        with pytest.raises(ValueError, match="heatshrink"):
            heatshrink.decompress(packed, window_bits=window_bits, lookahead_bits=4, size=size)


def test_a_reference_may_overlap_what_it_makes_and_reach_before_the_start():
    # Literal "a", then 16 bytes from one back: a run.
    bits = "1" + f"{ord('a'):08b}" + "0" + f"{0:011b}" + f"{15:04b}"
    data = int(bits.ljust(32, "0"), 2).to_bytes(4, "big")
    assert heatshrink.decompress(data, window_bits=11, lookahead_bits=4, size=17) == b"a" * 17
    # Four bytes from three back, before anything was written: three zeros, then the first again.
    bits = "0" + f"{2:011b}" + f"{3:04b}"
    data = int(bits, 2).to_bytes(2, "big")
    assert heatshrink.decompress(data, window_bits=11, lookahead_bits=4, size=4) == bytes(4)


@pytest.mark.parametrize("no_spaces", [False, True])
def test_a_packed_program_has_the_words_that_were_packed(no_spaces):
    text = b'M862.3 P "MK4S"\nG1 X10.5 Y-20 E.3 F9000\nG28\nM117 a G of X\nG4 S1\nT0\n'
    back = meatpack.unpack(packers.meatpack(text, no_spaces=no_spaces))
    assert canonical_commands(back) == canonical_commands(text)


def test_comment_lines_stand_between_packed_ones_as_they_are():
    packed = (
        b"\xff\xff\xfa;TYPE: G X\n" + packers.meatpack(b"G1 X1\n", no_spaces=False) + b"; end\n"
    )
    assert meatpack.unpack(packed) == b";TYPE: G X\nG1 X1\n; end\n"


@pytest.mark.parametrize(
    "data",
    [b"\xff\xff\xfb\x0f", b"\xff\xff\xfb\xff\xff\xff", b"\xff\xff\x01", b"a\xff", b"\xff\xff"],
)
def test_what_ends_within_a_character_or_commands_nothing_known_is_refused(data):
    with pytest.raises(ValueError, match="meatpack"):
        meatpack.unpack(data)
