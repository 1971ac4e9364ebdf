"""The lexer against the letter of its grammar, and its numbers against Python's own."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.audit.decimals import read_decimals
from printstd.audit.lexer import MOVE_LETTERS, lex
from printstd.audit.slow_lines import Spelling
from printstd.audit.spelling import respaced

quick = settings(max_examples=150, deadline=None, derandomize=True)


def rules(text: str | bytes) -> set[str]:
    data = text.encode() if isinstance(text, str) else text
    return {problem.rule_id for problem in lex(data).problems}


@pytest.mark.parametrize(
    "line",
    [
        "G1 X1 Y2 E.03",
        "G1 X-.5",
        "G1 F1200",
        "G0 X1. Y-0",
        "M104 S210 ; comment",
        "",
        ";only a comment; and another",
        "G28",
        "G28 X Y",
        "T0",
        "G92 E0",
        "EXCLUDE_OBJECT_DEFINE NAME=a CENTER=1,2 POLYGON=[[1,2],[3,4]]",
        "SET_PRESSURE_ADVANCE ADVANCE=0.04",
        "M73 P42 R17 ; Прогресс",
    ],
)
def test_what_honest_slicers_write_is_read(line: str) -> None:
    assert rules(line + "\n") == set()


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("g1 X1", "L-03"),
        ("G1 x1", "L-03"),
        ("G1X1", "L-03"),
        ("G1  X1", "L-03"),
        (" G1 X1", "L-03"),
        ("G1 X1e2", "L-03"),
        ("G1 X+1", "L-03"),
        ("G1 X--1", "L-03"),
        ("G1 X1.2.3", "L-03"),
        ("G1 X.", "L-03"),
        ("G1 X-", "L-03"),
        ("G1 X1 M104", "L-03"),
        ("N1 G1 X1*3", "L-03"),
        ("G1 X1 (c)", "L-03"),
        ('G1 "X1"', "L-03"),
        ("G1 X1 X2", "L-04"),
        ("M104 S1 S2", "L-04"),
        ("G1 X", "L-04"),
        ("G1 X1\t", "L-01"),
        ("G1 X1\r", "L-01"),
        ("G1 X1\0", "L-01"),
        ("G1 " + " ".join(f"{c}{10**12}" for c in "XYZEFIJ"), "L-02"),
        ("SET_X A=1 A=2", "L-04"),
        ('SET_X A="b"', "L-03"),
    ],
)
def test_everything_else_is_a_problem(line: str, rule: str) -> None:
    assert rule in rules(line + "\n")


def test_bytes_that_are_no_text() -> None:
    assert rules(b"") == {"L-01"}
    assert rules(b"G1 X1") == {"L-01"}
    assert rules(b"\xef\xbb\xbfG28\n") == {"L-01", "L-03"}
    assert rules(b"G28 ; \xff\n") == {"L-01"}


def test_lines_that_end_as_windows_has_them_are_read_to_the_last_word() -> None:
    """They are a finding; what they say is followed nevertheless."""
    text = b"G1 X1 Y2\nM104 S200\nG1 X3 E.5 ;c\n\n START\nSTART_PRINT A=1\nG1 X4 \nG1 Y5"
    unix, windows = lex(text), lex(text.replace(b"\n", b"\r\n") + b"\r")
    np.testing.assert_array_equal(windows.moves.words, unix.moves.words)
    np.testing.assert_array_equal(windows.moves.letters, unix.moves.letters)
    assert windows.commands == unix.commands
    assert [p for p in windows.problems if p.rule_id != "L-01"] == [
        replace(p, byte=p.byte + p.line - 1) for p in unix.problems if p.rule_id != "L-01"
    ]
    assert any("carriage return" in p.text for p in windows.problems)
    # One that ends no line is a part of its word.
    assert rules(b"G1 X\r1\n") == rules(b"G1 X1\r\r\n") == {"L-01", "L-03"}


def test_free_text_belongs_to_listed_commands_only() -> None:
    line = b"M117 Layer 3 of 9!\n"
    assert lex(line, spelling=Spelling(free_text=frozenset({"M117"}))).problems == ()
    assert rules(line) == {"L-03"}
    assert lex(b"M117 a\\b\n", spelling=Spelling(free_text=frozenset({"M117"}))).problems != ()


words = st.dictionaries(
    st.sampled_from(MOVE_LETTERS),
    st.decimals(min_value=-9999, max_value=9999, places=5),
    min_size=1,
)


@quick
@given(st.lists(st.tuples(st.integers(0, 3), words), min_size=1, max_size=30))
def test_numbers_are_the_ones_that_strtod_gives(
    moves: list[tuple[int, dict[str, Decimal]]],
) -> None:
    """Every number of every move, to the last bit, whatever stands between the lines."""
    lines = []
    for kind, given_words in moves:
        text = " ".join(f"{letter}{value:f}" for letter, value in given_words.items())
        lines += [f"G{kind} {text}  ; X999 Y999", "", "; G1 X5"]
    lexed = lex("".join(f"{line}\n" for line in lines).encode())
    assert lexed.problems == ()
    assert lexed.moves.line.tolist() == [3 * i + 1 for i in range(len(moves))]
    for row, (kind, given_words) in enumerate(moves):
        assert lexed.moves.kind[row] == kind
        for column, letter in enumerate(MOVE_LETTERS):
            value = lexed.moves.words[row, column]
            if letter in given_words:
                assert value == float(f"{given_words[letter]:f}")
            else:
                assert np.isnan(value)


def test_a_long_program_is_read_as_its_parts_are() -> None:
    """Moves are read in blocks: what stands on either side of a border is the same."""
    n = 40_000
    lines = [f"G1 X{i % 977}.{i % 10} Y-{i}.5 E.{i % 7 + 1}" for i in range(n)]
    for at in (16_383, 16_384, 32_767):
        lines[at] += " ; X5"
    lines[16_385] = "G1 X1 X2"
    lexed = lex("".join(f"{line}\n" for line in lines).encode())
    assert [(p.rule_id, p.line) for p in lexed.problems] == [("L-04", 16_386)]
    kept = np.arange(n) != 16_385
    index = np.arange(n)[kept]
    assert (lexed.moves.words[kept, 0] == index % 977 + (index % 10) / 10).all()
    assert (lexed.moves.words[kept, 1] == -(index + 0.5)).all()
    assert (lexed.moves.line == np.arange(n) + 1).all()
    byte = lexed.problems[0].byte
    assert byte == sum(len(line) + 1 for line in lines[:16_385])


@quick
@given(st.lists(st.text(alphabet="0123456789.-e+ Xx/:\x80\xb0\xff", max_size=18), min_size=1))
def test_a_decimal_is_read_where_the_grammar_has_one(texts: list[str]) -> None:
    import re

    joined = "|".join(texts).encode("latin-1")
    lengths = np.array([len(text) for text in texts])
    start = np.concatenate([[0], np.cumsum(lengths + 1)[:-1]])
    read = read_decimals(np.frombuffer(joined + b"\0", np.uint8), start, start + lengths)
    for text, value, is_number in zip(texts, read.values, read.is_number, strict=True):
        wanted = re.fullmatch(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)", text) is not None and len(text) <= 15
        assert bool(is_number) == wanted
        assert value == float(text) if wanted else np.isnan(value)


@quick
@given(st.binary(max_size=400))
def test_no_bytes_make_the_lexer_fall_over(data: bytes) -> None:
    lexed = lex(data)
    assert lexed.n_lines == data.count(b"\n") + (not data.endswith(b"\n") and bool(data))


@quick
@given(st.text(alphabet="G1X ;\n\r", max_size=60))
def test_runs_of_blanks_become_one_and_each_byte_knows_its_place(text: str) -> None:
    import re

    data = text.encode()
    narrow, origin = respaced(data)
    assert narrow == re.sub(rb" +", b" ", re.sub(rb"(?m)^ +", b"", data))
    assert len(origin) == len(narrow) + 1
    assert bytes(data[i] for i in origin[:-1]) == narrow
    assert origin[-1] == len(data)
    assert (np.diff(origin) > 0).all()


def test_blanks_are_let_through_where_a_firmware_s_own_programs_have_them() -> None:
    loose = Spelling(any_blanks=True)
    text = b"  G1   X1  Y2 ; a  b\n    M400   S3\n\t G1 X1\n"
    narrow = b"G1 X1 Y2 ; a  b\nM400 S3\n"
    read, plain = lex(text, spelling=loose), lex(narrow)
    assert read.commands[:1] == plain.commands
    np.testing.assert_array_equal(read.moves.words[:1], plain.moves.words)
    assert {problem.rule_id for problem in read.problems} == {"L-01", "L-03"}
    assert {problem.line for problem in read.problems} == {3}
    assert {problem.rule_id for problem in lex(text).problems} >= {"L-03"}


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("G2 I1 J0 P1", None),
        ("G3 Z1.2 I1 J0 P1 F600", None),
        ("G2 I1 J0 P2", "L-04"),
        ("G2 I1 J0 P1.0", "L-04"),
        ("G2 X5 I1 J0 P1", "L-04"),
        ("G2 Y5 I1 J0 P1", "L-04"),
        ("G2 I1 J0 P", "L-04"),
        ("SET_X A=1#2", "L-03"),
        ("SET_X A=1*2", "L-03"),
        ("SET_X A='1'", "L-03"),
        ("M620 M", None),
        ("M900 K1 M1", "L-03"),
        ("M104 T", "L-03"),
        ("M104 N", "L-03"),
    ],
)
def test_words_of_other_firmwares(line: str, rule: str | None) -> None:
    assert rules(line + "\n") == ({rule} if rule else set())
    own = Spelling(with_command_letters=frozenset({"M900"}))
    if line.startswith("M900"):
        assert lex(f"{line}\n".encode(), spelling=own).problems == ()
