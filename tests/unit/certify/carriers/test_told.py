"""What a program tells about itself, whatever stands in its comments."""

from __future__ import annotations

import time

from printstd.certify.carriers.told import told_by

BEGIN, END = b"; prusaslicer_config = begin\n", b"; prusaslicer_config = end\n"


def test_the_settings_are_those_of_the_first_block_to_its_end() -> None:
    text = BEGIN + b"; a = 1\n" + BEGIN + b"; b = 2\n" + END + b"; c = 3\n" + END
    own = (("a", "1"), ("prusaslicer_config", "begin"), ("b", "2"))
    assert told_by(b"G28\n" + text).config == own
    assert told_by(END + b"; a = 1\n" + BEGIN).config == ()


def test_a_program_of_settings_that_never_end_is_read_once() -> None:
    """It was read again from every line that begins some: 30 s for these 240 KB."""
    start = time.process_time()
    assert told_by(BEGIN * 8000).config == ()
    assert time.process_time() - start < 5
