"""A program's parts: every setting that concerns the output is in it, where it belongs."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest

from printstd.artifacts.toolpath import MoveKind, Role
from printstd.errors import InternalError, ProfileError
from printstd.gcode.comments import duration_text
from tests.oracles.gcode_reader import read
from tests.toolpaths import Pen, solid_block
from tests.unit.gcode.round_trip import check_moves, fan_step, layer_blocks
from tests.unit.gcode.writing import PRINTERS, between, lines_of, resolved_for, written
from tests.unit.profiles.sources import text_of

BLOCK = solid_block(
    Pen(), n_layers=3, half_um=2_000, wipe=True, accelerations=(300, 500, 400)
).toolpath()
FOUR = PRINTERS[:4]
ENDER = text_of("printers", "ender3-v2")


# ------------------------------------------------------------------------------ the whole


@pytest.mark.parametrize("printer", PRINTERS)
def test_the_block_reads_back_as_it_was_drawn(printer: str) -> None:
    resolved = resolved_for(printer)
    reading = read(written(BLOCK, resolved).data)
    assert resolved.printer is not None
    check_moves(
        BLOCK,
        reading,
        resolved.printer.firmware,
        has_labels=resolved.printer.has_object_labels,
    )


@pytest.mark.parametrize("printer", PRINTERS)
def test_every_line_is_a_comment_or_one_command_in_plain_form(printer: str) -> None:
    classic = re.compile(r"[GMT](0|[1-9][0-9]*)( [A-Z](-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?)?)*")
    label = re.compile(r'M486( [ST]-?[0-9]+)?( A("[A-Za-z0-9_]+"|[A-Za-z0-9_]+))?')
    extended = re.compile(r"[A-Z][A-Z_]+( [A-Z_]+=[A-Za-z0-9_.,\[\]-]+)*")
    for line in lines_of(written(BLOCK, resolved_for(printer))):
        if not line.startswith(";"):
            assert classic.fullmatch(line) or label.fullmatch(line) or extended.fullmatch(line)
            assert len(line) <= (95 if classic.fullmatch(line) else 2048)
        else:
            assert line == ";" or line[1] == " " or re.fullmatch(r";[A-Z_]+(:.*)?|;[0-9.]+", line)


@pytest.mark.parametrize("printer", PRINTERS)
def test_a_move_has_the_words_it_needs_and_a_feed_where_it_changes(printer: str) -> None:
    moves = read(written(BLOCK, resolved_for(printer)).data).body()
    feeds = [move.state.feed_mm_min for move in moves]
    named_feed = ["F" in move.named for move in moves]
    assert named_feed == [True, *(a != b for a, b in pairwise(feeds))]
    for move, row in zip(moves, range(BLOCK.n_moves), strict=True):
        kind = BLOCK.kind[row]
        goes = kind in (MoveKind.EXTRUDE, MoveKind.TRAVEL, MoveKind.WIPE)
        assert ("XY" in move.named) is goes
        assert ("E" in move.named) is bool(BLOCK.e_e5[row])
        assert not goes or row == 0 or "Z" not in move.named


def test_an_empty_toolpath_is_a_program_without_layers() -> None:
    program = written(Pen().toolpath(), resolved_for("mk4s"))
    assert ";LAYER_CHANGE" not in lines_of(program)
    assert program.totals.filament_um == program.totals.print_time_ms == 0
    assert lines_of(program).count(";TYPE:Custom") == 2


def test_layers_without_moves_keep_their_place() -> None:
    """Layer 2 of 4 is empty, and so is the last: their blocks stand between their neighbours'."""
    pen = Pen()
    for layer in (0, 1, 3):
        pen.go((50_000 + layer, 50_000), z_um=200 * (layer + 1), layer=layer)
        pen.lay((60_000, 50_000), 1_500, Role.PERIMETER, 450_000)
    toolpath = pen.toolpath(n_layers=5)
    reading = read(written(toolpath, resolved_for("peer")).data)
    assert [block[1] for block in layer_blocks(reading)] == [
        f";Z:{z}" for z in ("0.2", "0.4", "0.6", "0.8", "1.0")
    ]
    assert [move.state.layer for move in reading.body() if move.e_e5] == [0, 1, 3]


# ------------------------------------------------------------------------------ between moves


@pytest.mark.parametrize("printer", PRINTERS)
def test_each_layer_begins_with_its_tags(printer: str) -> None:
    resolved = resolved_for(printer, ("printer.layer_change_code", '["G92 E0", "G90"]'))
    blocks = layer_blocks(read(written(BLOCK, resolved).data))
    assert len(blocks) == 3
    for number, block in enumerate(blocks):
        z = str(Decimal(200 * (number + 1)).scaleb(-3).normalize())
        tags = [line for line in block if line.startswith((";", "G9"))]
        assert tags == [
            ";LAYER_CHANGE",
            f";Z:{z}",
            ";HEIGHT:0.2",
            ";BEFORE_LAYER_CHANGE",
            "G92 E0",
            f";{z}",
            "G90",
            ";AFTER_LAYER_CHANGE",
            f";{z}",
        ]


def test_a_whole_height_keeps_its_point() -> None:
    """PrusaLink knows layers by digits on both sides of one."""
    pen = Pen(layer_um=1_000)
    pen.go((50_000, 50_000), z_um=1_000)
    pen.lay((60_000, 50_000), 1_500, Role.PERIMETER, 1_200_000)
    assert ";Z:1.0" in lines_of(written(pen.toolpath(), resolved_for("peer")))


def test_klipper_counts_layers_if_its_list_lets_it() -> None:
    lines = lines_of(written(BLOCK, resolved_for("voron-2.4-350")))
    told = [line.split(" ")[1] for line in lines if line.startswith("SET_PRINT_STATS_INFO")]
    assert told == ["TOTAL_LAYER=3", "CURRENT_LAYER=1", "CURRENT_LAYER=2", "CURRENT_LAYER=3"]
    strict = "\n".join(
        line
        for line in text_of("allowlists", "klipper").splitlines()
        if "SET_PRINT_STATS_INFO" not in line
    )
    resolved = resolved_for("voron-2.4-350", files={"allowlists/klipper": strict})
    assert not re.search(rb"^SET_PRINT_STATS", written(BLOCK, resolved).data, re.MULTILINE)


@pytest.mark.parametrize("printer", PRINTERS)
def test_temperatures_change_once_with_the_second_layer(printer: str) -> None:
    pairs = (
        ("material.nozzle_c", "205"),
        ("material.first_layer_nozzle_c", "215"),
        ("material.bed_c", "55"),
        ("material.first_layer_bed_c", "60"),
    )
    moves = read(written(BLOCK, resolved_for(printer, *pairs)).data).body()
    for layer in range(3):
        seen = {
            (move.state.nozzle_c, move.state.bed_c) for move in moves if move.state.layer == layer
        }
        assert seen == {(215, 60) if layer == 0 else (205, 55)}
    same = (("material.nozzle_c", "215"), *pairs[1:2], ("material.bed_c", "60"), *pairs[3:])
    lines = lines_of(written(BLOCK, resolved_for(printer, *same)))
    body = between(lines, ";LAYER_CHANGE", ";TYPE:Custom")
    assert not [line for line in body if re.match(r"M1[0149]0|M10[49]", line)]


def test_the_fans_steps_never_say_all_where_little_is_meant() -> None:
    """Every thousandth: the nearest of 255 steps, none at 0, all at 1000, and never the S1 that
    RepRapFirmware takes for full speed."""
    pen = Pen()
    for ratio in range(1_001):
        pen.move(MoveKind.TRAVEL, 6_000, xy_um=(ratio, 0), fan_ratio_e3=ratio)
    for printer in FOUR:
        moves = read(written(pen.toolpath(), resolved_for(printer)).data).body()
        steps = [move.state.fan_step for move in moves]
        assert steps == [fan_step(ratio) for ratio in range(1_001)]
        assert (steps[0], steps[-1]) == (0, 255)
        assert steps == sorted(steps)
        assert 1 not in steps
    words = {
        line.split(" S")[0]
        for line in lines_of(written(pen.toolpath(), resolved_for("railcore-ii-300zl")))
        if line.startswith("M10") and not line.startswith(("M104", "M109"))
    }
    assert words == {"M106 P0"}


@pytest.mark.parametrize(
    ("printer", "declared", "switches"),
    [
        # No names for Marlin: M486 AC cancels the object, since C is a word of its own there.
        ("ender3-v2", ["M486 T2"], ["M486 S0", "M486 S1", "M486 S-1"]),
        (
            "mk4s",
            ["M486 S0", "M486 ACube_a", "M486 S1", "M486 Apin", "M486 S-1"],
            ["M486 S0", "M486 S1", "M486 S-1"],
        ),
        (
            "railcore-ii-300zl",
            ["M486 T2", 'M486 S0 A"Cube_a"', 'M486 S1 A"pin"', "M486 S-1"],
            ["M486 S0", "M486 S1", "M486 S-1"],
        ),
        (
            "voron-2.4-350",
            ["EXCLUDE_OBJECT_DEFINE NAME=Cube_a", "EXCLUDE_OBJECT_DEFINE NAME=pin"],
            [
                "EXCLUDE_OBJECT_START NAME=Cube_a",
                "EXCLUDE_OBJECT_END NAME=Cube_a",
                "EXCLUDE_OBJECT_START NAME=pin",
                "EXCLUDE_OBJECT_END NAME=pin",
            ],
        ),
    ],
)
def test_objects_are_declared_and_switched_in_each_firmwares_way(
    printer: str, declared: list[str], switches: list[str]
) -> None:
    pen = Pen(names=("Cube-a", "pin"))
    for number in (0, 1):
        pen.go((50_000, 50_000 + number), z_um=200, object_id=number)
        pen.lay((60_000, 50_000), 1_500, Role.PERIMETER, 450_000)
    pen.go((70_000, 70_000), object_id=-1)
    toolpath = pen.toolpath()
    lines = lines_of(written(toolpath, resolved_for(printer)))
    start = lines.index(";LAYER_CHANGE")

    def labels(part: list[str]) -> list[str]:
        return [x.split(" CENTER=")[0] for x in part if x.startswith(("M486", "EXCLUDE"))]

    assert labels(lines[:start]) == declared
    assert labels(lines[start:]) == switches
    off = lines_of(written(toolpath, resolved_for(printer, ("printer.has_object_labels", "false"))))
    assert labels(off) == []
    assert not [line for line in off if "objects_info" in line]


def test_objects_of_one_name_stay_apart() -> None:
    pen = Pen(names=("part", "PART", "pin"))
    pen.move(MoveKind.TRAVEL, 6_000, xy_um=(1, 1))
    lines = lines_of(written(pen.toolpath(), resolved_for("voron-2.4-350")))
    names = [x.split("NAME=")[1] for x in lines if x.startswith("EXCLUDE_OBJECT_DEFINE")]
    assert names == ["part_0", "PART_1", "pin_2"]


def test_progress_goes_from_nothing_to_all_and_never_back() -> None:
    pen = solid_block(Pen(), n_layers=40, half_um=9_000)
    for printer in FOUR:
        program = written(pen.toolpath(), resolved_for(printer))
        told = read(program.data).progress
        percents = [percent for percent, _ in told]
        assert percents[0] == 0
        assert percents[-1] == 100
        assert percents == sorted(percents)
        assert len(set(told)) == len(told)
        minutes = [left for _, left in told]
        if printer == "voron-2.4-350":
            assert set(minutes) == {None}
            continue
        assert minutes == sorted(minutes, reverse=True)
        assert minutes[0] == round(program.totals.print_time_ms / 60_000)
        assert minutes[-1] == 0
        # A step of one per cent or one minute each.
        assert max(np.diff(percents)) == 1
        assert min(np.diff(minutes)) == -1
    off = ("printer.has_m73", "false")
    assert not read(written(pen.toolpath(), resolved_for("mk4s", off)).data).progress


def test_progress_is_where_the_time_is() -> None:
    """Two moves of equal length, the first at a quarter of the speed: the second starts at 80 %."""
    pen = Pen(start_xy_um=(0, 0))
    pen.move(MoveKind.TRAVEL, 1_500, xy_um=(200_000, 0), accel_mm_s2=0)
    pen.move(MoveKind.TRAVEL, 6_000, xy_um=(0, 0))
    moves = read(written(pen.toolpath(), resolved_for("mk4s")).data).body()
    assert [move.state.progress[0] for move in moves] == [0, 79]


# ------------------------------------------------------------------------------ the end


def test_the_end_code_parks_above_the_part_inside_the_machine() -> None:
    for printer in FOUR:
        resolved = resolved_for(printer)
        assert resolved.printer is not None
        volume = resolved.printer.volume
        lines = lines_of(written(BLOCK, resolved))
        code = lines[len(lines) - 1 - lines[::-1].index(";TYPE:Custom") + 1 :]
        code = code[: len(resolved.printer.end_code)]
        assert code[1].startswith("G1 Z10.6 ")
        assert code[2].startswith(f"G1 X{volume.x_min_mm:g} Y{volume.y_max_mm:g} ")
        assert code[-1] == "M84"
    # A part that is nearly as high as the machine leaves no room; nothing goes beyond it.
    pen = Pen(layer_um=249_000)
    pen.go((50_000, 50_000), z_um=249_000)
    pen.lay((60_000, 50_000), 1_500, Role.PERIMETER, 250_000_000)
    assert "G1 Z250 F600" in lines_of(written(pen.toolpath(), resolved_for("ender3-v2")))


# ------------------------------------------------------------------------------ what is refused


def test_a_machine_whose_list_lacks_what_its_profile_asks_for_is_refused_by_name() -> None:
    strict = "\n".join(
        line
        for line in text_of("allowlists", "marlin2").splitlines()
        if '"M73"' not in line and '"M486"' not in line
    )
    with pytest.raises(ProfileError) as caught:
        written(BLOCK, resolved_for(files={"allowlists/marlin2": strict}))
    problems = caught.value.problems
    assert {problem.file for problem in problems} == {"allowlists/marlin2.toml"}
    # Each once, however often the program would say it.
    assert sorted(problem.got for problem in problems) == ["no M486", "no M73"]
    off = (("printer.has_m73", "false"), ("printer.has_object_labels", "false"))
    written(BLOCK, resolved_for("ender3-v2", *off, files={"allowlists/marlin2": strict}))


def test_a_letter_that_the_list_lacks_is_refused_too() -> None:
    strict = text_of("allowlists", "marlin2").replace(
        '"M204", letters = "PRTS"', '"M204", letters = "PS"'
    )
    with pytest.raises(ProfileError) as caught:
        written(BLOCK, resolved_for(files={"allowlists/marlin2": strict}))
    found = sorted(problem.got for problem in caught.value.problems)
    assert found == ["M204 without R", "M204 without T"]


def test_a_line_that_marlin_would_cut_is_refused() -> None:
    long = "M117 " + " ".join(["P"] * 46)
    text = ENDER.replace('    "G28",\n', f'    "G28",\n    "{long}",\n', 1)
    listed = text_of("allowlists", "marlin2").replace(
        '"M117", letters = ""', '"M117", letters = "P"'
    )
    files = {"printers/ender3-v2": text, "allowlists/marlin2": listed}
    with pytest.raises(ProfileError) as caught:
        written(BLOCK, resolved_for(files=files))
    (problem,) = caught.value.problems
    assert problem.key == "line_length_max"
    assert "96 bytes" in problem.got
    # A comment does not count, and 95 bytes do.
    short = text.replace(long, f"{long[:95]} ; {'x' * 60}")
    written(BLOCK, resolved_for(files=files | {"printers/ender3-v2": short}))


def test_classic_commands_are_as_short_on_klipper_and_extended_ones_need_not_be() -> None:
    klipper, voron = text_of("allowlists", "klipper"), text_of("printers", "voron-2.4-350")
    listed = klipper.replace('"M117", letters = ""', '"M117", letters = "P"')

    def started_by(line: str) -> dict[str, str]:
        text = voron.replace('    "G28",\n', f'    "G28",\n    "{line}",\n', 1)
        return {"printers/voron-2.4-350": text, "allowlists/klipper": listed}

    extended = "SET_VELOCITY_LIMIT ACCEL=" + "1" * 80
    written(BLOCK, resolved_for("voron-2.4-350", files=started_by(extended)))
    for line in ("M117 " + " ".join(["P"] * 46), "SET_VELOCITY_LIMIT ACCEL=" + "1" * 2_030):
        with pytest.raises(ProfileError):
            written(BLOCK, resolved_for("voron-2.4-350", files=started_by(line)))


@pytest.mark.parametrize(
    "name", ["", "a b", "Кронштейн", "x\n;TYPE:Custom", "a;b", "x" * 61, "a=b"]
)
def test_names_that_could_be_more_than_names_are_refused(name: str) -> None:
    with pytest.raises(InternalError, match="name"):
        written(BLOCK, resolved_for(), name=name)
    pen = Pen(names=(name,))
    with pytest.raises(InternalError, match="name"):
        written(pen.toolpath(), resolved_for())


def test_no_printer_no_program() -> None:
    with pytest.raises(InternalError):
        written(BLOCK, resolved_for(None))  # type: ignore[arg-type]


# ------------------------------------------------------------------------------ durations


@pytest.mark.parametrize(
    ("time_ms", "text"),
    [
        (0, "0s"),
        (499, "0s"),
        (500, "1s"),
        (59_499, "59s"),
        (59_500, "1m 0s"),
        (3_600_000, "1h 0m 0s"),
        (86_400_000, "1d 0h 0m 0s"),
        (180_122_000, "2d 2h 2m 2s"),
    ],
)
def test_durations(time_ms: int, text: str) -> None:
    assert duration_text(time_ms) == text
