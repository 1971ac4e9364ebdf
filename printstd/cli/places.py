"""Where products go, settled before any work: minutes of slicing must not end in a typing slip."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from printstd.errors import OutsideError, UsageError
from printstd.words import said


def given_files(models: Iterable[Path], *records: Path | None) -> list[Path]:
    """All that a run reads: no product may land on any of it."""
    return [*models, *(path for path in records if path is not None)]


def seen_from_here(paths: Iterable[Path]) -> list[str]:
    """Paths as a server that keeps the files calls them: from the folder of the call, with
    slashes; those of other places as they are."""
    from printstd.cli.running import shown

    found = []
    for path in paths:
        whole = os.path.abspath(path)
        inside = os.path.relpath(whole, os.getcwd()) if _is_below(whole, os.getcwd()) else whole
        found.append(shown(inside.replace(os.sep, "/")))
    return found


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(os.path.join(folder, ""))


def settle(products: Iterable[Path], *, inputs: Iterable[Path]) -> None:
    """UsageError where a product would land on a folder, a device, an input or another product;
    OutsideError where its folder is not there or not open to writing."""
    taken = {_real(path): path for path in inputs}
    for path in products:
        real = _real(path)
        if real in taken:
            raise UsageError(
                said("a product would overwrite another file of this run"),
                where=str(path),
                got=said("the same file as {taken}", taken=taken[real]),
                wanted=said("a path of its own"),
                hint=said("choose another -o, --outdir or --report"),
            )
        taken[real] = path
        if os.path.isdir(real):
            raise UsageError(
                said("a product cannot be written over a folder"),
                where=str(path),
                got=said("a folder"),
                wanted=said("the path of a file"),
                hint=said("name a file in it; --outdir takes a folder"),
            )
        if os.path.exists(real) and not os.path.isfile(real):
            raise UsageError(
                said("a product cannot be written over a device or a pipe"),
                where=str(path),
                got=said("something that is no ordinary file"),
                wanted=said("the path of a file"),
                hint=said("name a file; the report goes to standard output by itself"),
            )
        check_folder(Path(real).parent if os.path.islink(path) else path.parent)
        _check_name(path)


def check_folder(folder: Path) -> None:
    """OutsideError where `folder` is none, or not open to writing."""
    if not folder.is_dir():
        raise OutsideError(
            said("there is no such folder"),
            where=str(folder),
            got=said("nothing, or a file"),
            wanted=said("a folder that can be written to"),
            hint=said("make it first"),
        )
    if not os.access(folder, os.W_OK):
        raise OutsideError(
            said("the folder cannot be written to"),
            where=str(folder),
            got=said("no right to write"),
            wanted=said("a folder that can be written to"),
            hint=said("choose another folder, or change its rights"),
        )


def _check_name(path: Path) -> None:
    """OutsideError where the system takes no file of this name (too long, a forbidden sign)."""
    try:
        os.lstat(path)
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        raise OutsideError(
            said("the file cannot be written"),
            where=str(path),
            got=getattr(error, "strerror", None) or str(error),
            wanted=said("a name that this system takes"),
            hint=said("choose another name"),
        ) from error


def _real(path: Path) -> str:
    return os.path.normcase(os.path.realpath(path))
