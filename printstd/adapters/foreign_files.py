"""Other slicers' files on disk, and the profiles made of them: all are written, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from printstd.adapters.files import read_file, staged
from printstd.errors import InputError, OutsideError, UsageError
from printstd.importing.build import MadeProfile, is_imported
from printstd.importing.foreign import SourceFile
from printstd.words import said

MAX_FILE_BYTES: Final = 1 << 30
MAX_FILES: Final = 20_000
_ENDINGS: Final = (".ini", ".json")
"""What is looked for in a folder."""


def read_sources(paths: Sequence[Path]) -> list[SourceFile]:
    """Every file named, and all presets in every folder named, each once, under names as short
    as tell them apart. InputError where there is none, OutsideError where the disk refuses."""
    found: dict[Path, str] = {}
    for path in paths:
        if path.is_dir():
            for inner in _presets_in(path):
                found.setdefault(inner, inner.relative_to(path).as_posix())
        else:
            found.setdefault(path, path.name)
    files = [SourceFile(name, read_file(p, max_bytes=MAX_FILE_BYTES)) for p, name in found.items()]
    names = [file.name for file in files]
    return [
        file if names.count(file.name) == 1 else SourceFile(path.as_posix(), file.data)
        for file, path in zip(files, found, strict=True)
    ]


def _presets_in(folder: Path) -> list[Path]:
    try:
        inner = sorted(p for p in folder.rglob("*") if p.suffix.lower() in _ENDINGS and p.is_file())
    except OSError as error:
        raise OutsideError(
            said("the folder cannot be read"), where=str(folder), got=error.strerror or str(error)
        ) from error
    if not inner or len(inner) > MAX_FILES:
        raise InputError(
            said("this folder holds no presets")
            if not inner
            else said("this folder holds too much"),
            where=str(folder),
            got=said("{count} files", count=len(inner)),
            wanted=said("1 to {most} .ini or .json files", most=MAX_FILES),
            hint=said("name the folder of one vendor"),
        )
    return inner


@contextmanager
def write_profiles(outdir: Path, profiles: Sequence[MadeProfile]) -> Iterator[Callable[[], None]]:
    """Write the profiles into the folders that printstd looks in; the block calls what it is
    given to move them in. Folders that were made for nothing are taken away again.

    UsageError where a file that is there is no import: somebody wrote it by hand.
    """
    places = {outdir / profile.folder / f"{profile.name}.toml": profile for profile in profiles}
    for place in places:
        if place.exists() and not is_imported(read_file(place, max_bytes=MAX_FILE_BYTES)):
            raise UsageError(
                said("a profile that was not imported would be overwritten"),
                where=str(place),
                got=said("a file that somebody wrote"),
                wanted=said("a free name, or an earlier import"),
                hint=said("choose another folder, or move the file away"),
            )
    made: list[Path] = []
    is_done = False
    try:
        for place in places:
            _make(place.parent, made)
        with staged({place: p.text.encode() for place, p in places.items()}) as commit:

            def finish() -> None:
                nonlocal is_done
                commit()
                is_done = True

            yield finish
    finally:
        if not is_done:
            for folder in reversed(made):
                folder.rmdir()


def _make(folder: Path, made: list[Path]) -> None:
    if folder.is_dir():
        return
    if folder.parent != folder:
        _make(folder.parent, made)
    try:
        folder.mkdir()
    except OSError as error:
        raise OutsideError(
            said("the folder cannot be made"),
            where=str(folder),
            got=error.strerror or str(error),
            wanted=said("a folder that can be written to"),
            hint=said("choose another --outdir"),
        ) from error
    made.append(folder)
