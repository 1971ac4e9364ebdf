"""Small files over which readers took minutes, found by repeating what a file holds; kept."""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd import toml_text
from printstd.audit.lexer import lex
from printstd.audit.spelling import unnumbered
from printstd.certify.c14n import second_reading
from printstd.errors import InputError, ProfileProblem
from printstd.farm.sent_lines import Unnumbered
from printstd.intake.sniff import sniff
from printstd.profiles.load import MODELS, typed
from printstd.profiles.raw import parse

MOST_S = 2.0


def _sniffed(data: bytes) -> object:
    try:
        return sniff(data, "part.3mf")
    except InputError as error:
        return error


def _profile(data: bytes) -> None:
    problems: list[ProfileProblem] = []
    assert parse("material", "m", "m.toml", data, problems) is None
    assert problems


@pytest.mark.parametrize(
    ("read", "data"),
    [
        # 12 s, a square of the blanks.
        (lex, b"N1 X" + b" " * 30_000 + b"X1\n"),
        # One more comment took twice the time.
        (_sniffed, b"<!---->" * 500),
        (_sniffed, b'<?xml version="1.0"?>' + b"<!-- a --> " * 300),
        # 300 s, a square of the quotes.
        (second_reading, b"M117 " + b'"' * 1_000_000 + b"\nG1 X1\n"),
        # 5 s and 1.8 GB, a square of the parts.
        (_profile, b"A." * 20_000 + b"A = 1\n"),
        (_profile, b'"a" . ' * 20_000 + b"A = 1\n"),
        (_profile, b"a" * 60_000 + b"." + b"'" * 60_000),
        # Neither was refused: they ended the program.
        (_profile, b"a = " + b"[" * 50_000),
        (_profile, b"a = " + b"1" * 5_000),
        # Of the blanks the third power.
        (lambda text: Unnumbered().take(text.decode()), b"N1 X" + b" " * 30_000 + b"X"),
    ],
)
def test_a_small_file_takes_a_short_time(read: Callable[[bytes], object], data: bytes) -> None:
    start = time.process_time()
    read(data)
    assert time.process_time() - start < MOST_S


def test_every_wrong_item_of_a_list_is_told_once_in_a_short_time() -> None:
    """10 s: all problems were gone through again for each one more."""
    problems: list[ProfileProblem] = []
    data = b'id = "a"\nfirmware = "marlin2"\ncommands = [' + b"[]," * 8_000 + b"]\n"
    raw = parse("allowlist", "a", "a.toml", data, problems)
    assert raw is not None
    start = time.process_time()
    assert typed(raw, MODELS["allowlist"], problems) is None
    assert time.process_time() - start < MOST_S
    keys = [problem.key for problem in problems]
    assert len(set(keys)) == len(keys) >= 8_000


def test_keys_of_as_many_parts_as_anybody_writes_are_read() -> None:
    most = ".".join(["a"] * toml_text.MOST_PARTS)
    assert toml_text.loads(f"{most} = 1\nb = '1.2.3'\n[c . \"d.e\"]\nf = 1.5\n") == (
        tomllib.loads(f"{most} = 1\nb = '1.2.3'\n[c . \"d.e\"]\nf = 1.5\n")
    )
    with pytest.raises(tomllib.TOMLDecodeError, match="line 2"):
        toml_text.loads(f"b = 1\na.{most} = 1\n")


def test_comments_before_the_root_do_not_hide_what_it_is() -> None:
    for text, what in ((b"<amf unit='mm'>", "AMF"), (b"<model unit='mm'>", "3MF model")):
        data = b"<?xml version='1.0'?>\n<!-- a --> <!-- b -- c -->\n" + text
        assert what in str(_sniffed(data))


NUMBERED = re.compile(rb"[Nn] ?\d+ *(.*?) *(?:\*(\d{1,3}) *)?$", re.DOTALL)
"""As it was; right, and slow."""


@settings(max_examples=300, derandomize=True)
@given(st.text("N1 2*X*", max_size=12).map(lambda text: b"N1" + text.encode()))
def test_numbers_of_lines_are_taken_off_as_before(line: bytes) -> None:
    start, stop = np.array([0]), np.array([len(line)])
    unnumbered(line, start, stop)
    found = NUMBERED.match(line)
    assert found is not None
    assert line[start[0] : stop[0]] == found[1]
    taken = Unnumbered().take(line.decode())
    old = re.match(r"N(\d+)\s*(.*?)\s*(?:\*\d+)?\s*\Z", line.decode().strip())
    assert old is not None
    assert taken == old[2]


@settings(max_examples=300, derandomize=True)
@given(st.text('a";\n', max_size=12).map(str.encode))
def test_quotes_before_a_semicolon_are_seen_as_before(program: bytes) -> None:
    old = re.compile(rb'^[^;\n]*"[^\n]*;', re.MULTILINE).search(program)
    assert (second_reading(program) is None) == (old is None)
