"""Which files a batch is of: those that are named, and those in folders that are named."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from printstd.errors import InputError, OutsideError, UsageError
from printstd.words import said

MODELS: Final = (".stl", ".3mf", ".obj", ".ply", ".step", ".stp")
PROGRAMS: Final = (".gcode", ".bgcode", ".gcode.3mf")


_HOLDER: Final = re.compile(r"\{(\w*)\}")


class InputFile(NamedTuple):
    """path : as it was found. name : its place within the folder that was named, with slashes, or
    the file's name."""

    path: str
    name: str


def find_inputs(
    places: Sequence[Path], listed: Sequence[str], suffixes: Sequence[str]
) -> list[InputFile]:
    """Every file once, in the order of its name. listed : paths of a list of files.

    Of folders, the files with these suffixes in any depth; hidden ones and links to folders are
    passed over. A file that is named is taken whatever it is called. UsageError where there is none
    at all, or two would have one name; InputError where something that is named is not there.
    """
    found: dict[str, InputFile] = {}
    for place in [*map(os.fspath, places), *listed]:
        if os.path.isdir(place):
            own: Iterable[InputFile] = _in_folder(place, suffixes)
        elif os.path.lexists(place):
            own = [InputFile(place, os.path.basename(place))]
        else:
            raise InputError(
                said("there is no such file or folder"),
                where=place,
                wanted=said("files, or folders of files"),
                hint=said("check the path and its spelling"),
            )
        for one in own:
            found.setdefault(os.path.realpath(one.path), one)
    if not found:
        raise UsageError(
            said("there is nothing to work on"),
            got=", ".join(map(os.fspath, places)) or said("an empty list"),
            wanted=said("a folder with files called *{suffixes}", suffixes=", *".join(suffixes)),
            hint=said("name files of other names one by one, or with --files-from"),
        )
    files = sorted(found.values(), key=lambda one: one.name)
    _check_names(files)
    return files


def _check_names(files: Sequence[InputFile]) -> None:
    for one, other in pairwise(files):
        if one.name == other.name:
            raise UsageError(
                said("two files would have one name in the report"),
                got=said("{one} and {other}", one=one.path, other=other.path),
                wanted=said("files of one name in different folders of one folder"),
                hint=said("name the folder that holds both"),
            )


def _in_folder(folder: str, suffixes: Sequence[str]) -> Iterator[InputFile]:
    waiting = [""]
    while waiting:
        below = waiting.pop()
        try:
            entries = list(os.scandir(os.path.join(folder, below)))
        except OSError as error:
            raise OutsideError(
                said("the folder cannot be read"),
                where=os.path.join(folder, below),
                got=error.strerror or str(error),
                wanted=said("a folder that can be read"),
                hint=said("check its rights"),
            ) from error
        for entry in entries:
            name = f"{below}{entry.name}"
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(f"{name}/")
            elif _is_of(entry.name, suffixes) and (entry.is_file() or _leads_nowhere(entry)):
                yield InputFile(os.path.join(folder, name), name)


def _leads_nowhere(entry: os.DirEntry[str]) -> bool:
    """A link to nothing is a file that is missing, to be told of and not passed over."""
    return entry.is_symlink() and not os.path.exists(entry.path)


def _is_of(name: str, suffixes: Iterable[str]) -> bool:
    lower = name.lower()
    if lower.endswith(".gcode.3mf") and ".gcode.3mf" not in suffixes:
        return False  # a program in a container, no model
    return lower.endswith(tuple(suffixes))


def read_list(text: bytes, name: str) -> list[str]:
    """Paths of a list: one a line, or each ended by NUL. InputError where it names nothing."""
    separator = b"\0" if b"\0" in text else b"\n"
    paths = [
        os.fsdecode(line.rstrip(b"\r") if separator == b"\n" else line)
        for line in text.split(separator)
    ]
    paths = [path for path in paths if path]
    if not paths:
        raise InputError(
            said("the list of files is empty"),
            where=name,
            wanted=said("a path a line, or paths ended by NUL"),
            hint=said("e.g. `find parts -name '*.stl' -print0` makes one"),
        )
    return paths


def is_template(place: str) -> bool:
    """Does each file have a place of its own here (`place_beside`)?"""
    return _HOLDER.search(place) is not None


def place_beside(place: str, file: InputFile) -> str:
    """``{folder}/{stem}.csv`` for ``parts/arm.stl`` -> ``parts/arm.csv``; a place without braces is
    itself. UsageError where braces hold something else."""
    folder, name = os.path.split(file.path)
    values = {"folder": folder or ".", "stem": os.path.splitext(name)[0] or name, "name": name}
    strange = [holder for holder in _HOLDER.findall(place) if holder not in values]
    if strange:
        raise UsageError(
            said("a place for each file is told by its folder and its name"),
            got=place,
            wanted=said("{{folder}}, {{stem}} and {{name}} in it, and no other braces"),
            hint=said("e.g. {{folder}}/{{stem}}.toml is arm.toml beside arm.stl"),
        )
    return _HOLDER.sub(lambda found: values[found[1]], place)


def program_places(files: Sequence[InputFile], outdir: Path, suffix: str = ".gcode") -> list[str]:
    """Where the program of each goes: the same tree under `outdir`, with this suffix for the
    model's. UsageError where two models would make one file."""
    places: dict[str, str] = {}
    for one in files:
        stem, _ = os.path.splitext(one.name)
        place = os.path.join(os.fspath(outdir), f"{stem}{suffix}")
        other = places.setdefault(place, one.name)
        if other != one.name:
            raise UsageError(
                said("two models would make one program"),
                where=place,
                got=said("{one} and {other}", one=other, other=one.name),
                wanted=said("one model of a name in each folder"),
                hint=said("rename one of them, or make them in two batches"),
            )
    return list(places)
