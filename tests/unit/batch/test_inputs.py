"""Which files a batch is of, and where their programs go."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from printstd.batch.inputs import (
    MODELS,
    PROGRAMS,
    InputFile,
    find_inputs,
    is_template,
    place_beside,
    program_places,
    read_list,
)
from printstd.errors import InputError, UsageError


def touch(folder: Path, *names: str) -> None:
    for name in names:
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(name.encode())


def test_every_model_of_a_tree_once_in_the_order_of_names(tmp_path: Path) -> None:
    touch(tmp_path, "b.STL", "a/c.3mf", "a/b/d.step", "Кронштейн №4.obj", "a/readme.txt")
    touch(tmp_path, ".hidden/e.stl", "a/.f.stl", "out.gcode", "packed.gcode.3mf")
    names = [one.name for one in find_inputs([tmp_path], [], MODELS)]
    assert names == sorted(["b.STL", "a/c.3mf", "a/b/d.step", "Кронштейн №4.obj"])
    names = [one.name for one in find_inputs([tmp_path], [], PROGRAMS)]
    assert names == ["out.gcode", "packed.gcode.3mf"]


def test_a_link_to_a_folder_is_not_followed_and_a_file_named_twice_is_one(tmp_path: Path) -> None:
    touch(tmp_path, "x/a.stl")
    os.symlink(tmp_path, tmp_path / "x" / "loop")
    found = find_inputs([tmp_path, tmp_path / "x"], [str(tmp_path / "x" / "a.stl")], MODELS)
    assert [one.name for one in found] == ["x/a.stl"]


def test_a_link_to_nothing_is_a_file_that_is_missing_and_not_passed_over(tmp_path: Path) -> None:
    touch(tmp_path, "a.stl")
    os.symlink(tmp_path / "gone.stl", tmp_path / "b.stl")
    os.mkfifo(tmp_path / "pipe.stl")
    os.symlink(tmp_path / "pipe.stl", tmp_path / "c.stl")
    assert [one.name for one in find_inputs([tmp_path], [], MODELS)] == ["a.stl", "b.stl"]


def test_a_file_that_is_named_is_taken_whatever_it_is_called(tmp_path: Path) -> None:
    touch(tmp_path, "part.bin")
    found = find_inputs([tmp_path / "part.bin"], [], MODELS)
    assert [one.name for one in found] == ["part.bin"]


def test_what_cannot_be_told_apart_or_is_not_there_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "x/a.stl", "y/a.stl", "y/a.3mf")
    with pytest.raises(UsageError, match="one name"):
        find_inputs([tmp_path / "x", tmp_path / "y"], [], MODELS)
    with pytest.raises(InputError, match="no such file"):
        find_inputs([tmp_path / "z"], [], MODELS)
    with pytest.raises(UsageError, match="nothing to work on"):
        find_inputs([tmp_path], [], (".ply",))
    with pytest.raises(UsageError, match="one program"):
        program_places(find_inputs([tmp_path / "y"], [], MODELS), tmp_path / "out")


def test_programs_lie_in_the_same_tree(tmp_path: Path) -> None:
    touch(tmp_path, "x/a.stl", "y/a.stl", "b.v2.3mf")
    places = program_places(find_inputs([tmp_path], [], MODELS), Path("out"))
    assert places == [os.path.join("out", n) for n in ("b.v2.gcode", "x/a.gcode", "y/a.gcode")]


def test_carriers_lie_there_under_their_own_endings(tmp_path: Path) -> None:
    touch(tmp_path, "x/a.stl")
    places = program_places(find_inputs([tmp_path], [], MODELS), Path("out"), ".gcode.3mf")
    assert places == [os.path.join("out", "x/a.gcode.3mf")]


def test_records_beside_each_file_and_one_for_all() -> None:
    file = InputFile("parts/x/arm.v2.stl", "x/arm.v2.stl")
    assert place_beside("{folder}/{stem}.order.toml", file) == "parts/x/arm.v2.order.toml"
    assert place_beside("orders/{name}.toml", file) == "orders/arm.v2.stl.toml"
    assert place_beside("{folder}/a", InputFile("arm.stl", "arm.stl")) == "./a"
    assert place_beside("one.toml", file) == "one.toml"
    # What a name holds is no template again.
    assert place_beside("{stem}.toml", InputFile("{name}.stl", "{name}.stl")) == "{name}.toml"
    assert is_template("{stem}.toml")
    assert not is_template("order.toml")
    with pytest.raises(UsageError, match="by its folder and its name"):
        place_beside("{part}.toml", file)


def test_lists_of_lines_and_of_names_ended_by_nul() -> None:
    assert read_list(b"a.stl\r\nb c.stl\n\n", "l") == ["a.stl", "b c.stl"]
    assert read_list(b"a\nb.stl\0c.stl\0", "l") == ["a\nb.stl", "c.stl"]
    with pytest.raises(InputError, match="empty"):
        read_list(b"\n", "l")
