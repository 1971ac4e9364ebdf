"""Every exit code of the contract, with what its message says; and once in a process of its own."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest

from printstd.report.document import overall_exit_code
from tests.integration.command import in_a_process, listing, printstd, says
from tests.small_part import PEER

SLICE = ("--printer", "mk4s")
WORST_FIRST = (70, 7, 4, 3, 5, 6, 1, 8, 0)


def certified(desk: Path) -> None:
    done = printstd(
        "certify", "small.gcode", "--model", "small.stl", *PEER, "--key", "k.key", cwd=desk
    )
    assert done.code == 0, done.err


def test_0_every_check_ran_and_decided(desk):
    done = printstd("validate", "cube.stl", *SLICE, cwd=desk)
    assert (done.code, done.err) == (0, "")
    assert "validate: PASSED" in done.out


def test_1_the_verdict_is_no(desk):
    done = printstd("validate", "open.stl", *SLICE, cwd=desk)
    assert done.code == 1
    assert "validate: FAILED" in done.out
    assert "GEO-02" in done.out
    assert "printstd explain GEO-02" in done.out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "Usage: printstd"),
        (("carve",), "no such command 'carve'"),
        (("validate",), "missing argument"),
        (("validate", "cube.stl", "--colour", "red"), "no such option: --colour"),
        (("validate", "cube.stl", "--format", "docx"), "'docx' is not one of"),
        (("validate", "cube.stl", "--units", "furlong"), "no such unit"),
        (("validate", "cube.stl", "--scale", "0"), "--scale: out of range"),
        (("validate", "cube.stl", "--scale", "nan"), "--scale: out of range"),
        (("validate", "cube.stl", "--rotate", "1,2"), "not three angles"),
        (("validate", "cube.stl", "--set", "walls"), "--set takes an assignment"),
        (("validate", "cube.stl", "--plate", "0"), "'--plate'"),
        (("validate", "cube.stl", "--allow-undecided", "GEO-99"), "no such rule"),
        (("slice", "cube.stl", "-o", "a.gcode"), "no printer was chosen"),
        (("slice", "cube.stl", *SLICE), "say where the program goes"),
        (("slice", "cube.stl", *SLICE, "-o", "a", "--outdir", "."), "say where the program goes"),
        (("slice", "cube.stl", *SLICE, "-o", "a.gcode", "--copies", "0"), "'--copies'"),
        (("slice", "cube.stl", "cube.stl", *SLICE, "--outdir", "."), "named twice"),
        (("slice", "cube.stl", *SLICE, "-o", "cube.stl"), "would overwrite"),
        (("slice", "cube.stl", *SLICE, "-o", "a.gcode", "--workers", "0"), "'--workers'"),
        (("audit", "small.gcode", *PEER), "an audit needs the model"),
        (("certify", "cube.stl", *SLICE, "-o", "a.gcode"), "a certificate needs a key"),
        (("certify", "cube.stl", *SLICE, "--key", "k.key"), "say where the program goes"),
        (("certify", "small.gcode", *PEER, "--key", "k.key", "-o", "a"), "this is a program"),
        (("certify", "cube.stl", *SLICE, "--key", "k.key", "-o", "."), "over a folder"),
        (
            ("certify", "cube.stl", "--model", "small.stl", *PEER, "--key", "k.key"),
            "--model goes with a program",
        ),
        (("verify", "small.gcode", "--trust", "k.pub", "--policy", "p"), "exclude each other"),
        (("explain", "GEO-99"), "no such rule"),
        (("keys", "new", "k"), "never overwritten"),
    ],
)
def test_2_usage_says_what_was_given_and_what_to_do_and_touches_nothing(desk, arguments, complaint):
    before = listing(desk)
    done = printstd(*arguments, cwd=desk)
    assert (done.code, done.out) == (2, ""), done.err
    assert complaint in done.err
    if arguments:
        says(done.err, "what to do")
    assert listing(desk) == before


def test_3_all_problems_of_the_profiles_with_file_and_line(desk):
    folder = desk / "mine" / "materials"
    folder.mkdir(parents=True)
    bad = 'id = "clay"\nname = "Clay"\nflow_ratio = "lots"\ndensty_g_cm3 = 1.2\n'
    (folder / "clay.toml").write_text(bad, encoding="utf-8")
    done = printstd(
        "validate", "cube.stl", "--material", "clay", cwd=desk, PRINTSTD_PROFILES="mine"
    )
    assert (done.code, done.out) == (3, "")
    assert "mine/materials/clay.toml:3" in done.err
    assert "mine/materials/clay.toml:4" in done.err
    assert "did you mean 'density_g_cm3'?" in done.err
    done = printstd("validate", "cube.stl", "--printer", "mk4", cwd=desk)
    assert done.code == 3
    assert "mk4s" in done.err


@pytest.mark.parametrize(
    ("arguments", "labels"),
    [
        (("validate", "nothing.stl"), ("where", "wanted", "what to do")),
        (("validate", "."), ("where", "wanted", "what to do")),
        (("verify", ".", "--trust", "k.pub"), ("where", "wanted", "what to do")),
        (("verify", "/", "--trust", "k.pub"), ("where", "wanted", "what to do")),
        (("qualify", "."), ("where", "wanted", "what to do")),
        (("validate", "cut.stl"), ("got", "wanted", "what to do")),
        (("slice", "cut.stl", *SLICE, "-o", "a.gcode"), ("got", "wanted", "what to do")),
        (("audit", "nothing.gcode", "--model", "cube.stl", *PEER), ("where", "what to do")),
        (("verify", "nothing.gcode", "--trust", "k.pub"), ("where", "what to do")),
        (("verify", "small.gcode", "--trust", "k.key"), ("where", "got", "wanted", "what to do")),
        (("inspect", "nothing"), ("where", "what to do")),
        (("keys", "show", "cube.stl"), ("where", "got", "wanted", "what to do")),
    ],
)
def test_4_unreadable_or_refused_input(desk, arguments, labels):
    before = listing(desk)
    done = printstd(*arguments, cwd=desk)
    assert done.code == 4, done.out + done.err
    says(done.err, *labels)
    assert listing(desk) == before


def test_5_no_program_can_be_made(desk):
    before = listing(desk)
    done = printstd("slice", "open.stl", *SLICE, "-o", "a.gcode", cwd=desk)
    assert done.code == 5
    said = says(done.err, "where", "got", "wanted", "what to do")
    assert said["where"] == "open.stl"
    assert "GEO-02" in said["got"]
    assert listing(desk) == before


def test_certify_of_a_model_that_cannot_be_sliced_is_a_no_not_a_5(desk):
    done = printstd("certify", "open.stl", *SLICE, "--key", "k.key", "-o", "a.gcode", cwd=desk)
    assert done.code == 1
    assert "validate: FAILED" in done.out


def test_6_not_verified(desk):
    certified(desk)
    for arguments, words in (
        (("--trust", "other.pub"), "any trusted key"),
        ((), "you named no key that you trust"),
        (("--model", "cube.stl", "--trust", "k.pub"), "not the model"),
    ):
        done = printstd("verify", "small.gcode", *arguments, cwd=desk)
        assert done.code == 6, done.err
        assert words in done.err
        says(done.err, "where", "got", "wanted", "what to do")
    (desk / "small.gcode").write_bytes((desk / "small.gcode").read_bytes() + b"\n")
    done = printstd("verify", "small.gcode", "--trust", "k.pub", cwd=desk)
    assert done.code == 6
    said = says(done.err, "where", "got", "wanted", "what to do")
    assert said["got"] != said["wanted"]


def test_7_the_outside_world(desk):
    before = listing(desk)
    done = printstd("slice", "cube.stl", *SLICE, "-o", "nowhere/a.gcode", cwd=desk)
    assert done.code == 7
    assert says(done.err, "where", "wanted", "what to do")["where"] == "nowhere"
    done = printstd("validate", "cube.stl", cwd=desk, PRINTSTD_PROFILES="nowhere")
    assert done.code == 7
    assert says(done.err, "where", "wanted")["where"] == "nowhere"
    assert listing(desk) == before


def strict_pack(desk: Path) -> str:
    """A pack that demands the machine check: without a machine undecided, and never a yes."""
    folder = desk / "mine" / "packs"
    folder.mkdir(parents=True)
    source = (Path(__file__).parents[2] / "profiles" / "packs" / "int.toml").read_text("utf-8")
    strict = source.replace('"PAR-01"', '"PRN-07", "PAR-01"').replace('"int"', '"strict"')
    (folder / "strict.toml").write_text(strict, encoding="utf-8")
    return "mine"


def test_8_a_mandatory_check_could_not_decide_unless_that_is_allowed_by_name(desk):
    strict_pack(desk)
    call = ("validate", "cube.stl", "--pack", "strict")
    done = printstd(*call, cwd=desk, PRINTSTD_PROFILES="mine")
    assert done.code == 8, done.err
    assert "validate: UNDECIDED" in done.out
    assert "NOT_EVALUATED (PRN-07)" in done.out
    done = printstd(*call, "--allow-undecided", "prn-07", cwd=desk, PRINTSTD_PROFILES="mine")
    assert done.code == 0
    assert "PRN-07: left undecided by --allow-undecided" in done.out
    done = printstd(*call, *SLICE, cwd=desk, PRINTSTD_PROFILES="mine")
    assert done.code == 0


def test_70_is_our_bug_and_asks_for_a_report(desk):
    fault = """
import printstd.intake
def fault(*arguments, **options):
    raise ZeroDivisionError("no part of a part")
printstd.intake.read_model = fault
"""
    before = listing(desk)
    done = in_a_process("validate", "cube.stl", cwd=desk, code=fault)
    assert (done.code, done.out) == (70, "")
    assert "ZeroDivisionError: no part of a part" in done.err
    assert "this is our bug" in done.err
    assert "report it" in done.err
    assert listing(desk) == before


@pytest.mark.parametrize("pair", list(itertools.combinations(WORST_FIRST, 2)))
def test_of_two_inputs_the_worse_answer_wins_in_any_order(pair):
    assert overall_exit_code(list(pair)) == overall_exit_code(list(pair)[::-1]) == pair[0]
    assert overall_exit_code([0, *pair, 0]) == pair[0]
    assert overall_exit_code([]) == 0


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (0, ("validate", "cube.stl", *SLICE)),
        (1, ("validate", "open.stl", *SLICE)),
        (2, ("validate", "cube.stl", "--scale", "0")),
        (3, ("validate", "cube.stl", "--printer", "mk4")),
        (4, ("validate", "cut.stl")),
        (5, ("slice", "open.stl", *SLICE, "-o", "a.gcode")),
        (6, ("verify", "small.gcode", "--trust", "other.pub")),
        (7, ("slice", "cube.stl", *SLICE, "-o", "nowhere/a.gcode")),
        (8, ("validate", "cube.stl", "--pack", "strict")),
    ],
)
def test_a_process_of_its_own_ends_with_the_code_and_says_the_same(desk, code, arguments):
    more = {"PRINTSTD_PROFILES": strict_pack(desk)} if code == 8 else {}
    if code == 6:
        certified(desk)
    done = in_a_process(*arguments, cwd=desk, **more)
    assert done.code == code, done.err
    assert done == printstd(*arguments, cwd=desk, **more)


def test_the_worst_of_several_files_wins_and_none_hides_the_others(desk):
    done = printstd("validate", "cube.stl", "open.stl", *SLICE, cwd=desk)
    assert done.code == 1
    done = printstd("validate", "open.stl", "cut.stl", "cube.stl", *SLICE, cwd=desk)
    assert done.code == 4
    assert done.out.count("validate: ") == 2
    if sys.platform == "linux":
        # A file that opens and then fails to be read: the system's fault, not the file's.
        done = printstd("validate", "cut.stl", "/proc/self/mem", "open.stl", cwd=desk)
        assert done.code == 7
        assert "printstd: cut.stl:" in done.err
        assert "printstd: mem: the file cannot be read" in done.err
