"""Reading inputs and writing products: whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

from printstd.errors import InputError, OutsideError

MAX_INPUT_BYTES = 2 << 30


def read_file(path: Path, *, max_bytes: int = MAX_INPUT_BYTES) -> bytes:
    """A file's bytes; InputError where there is none, OutsideError where the disk refuses."""
    try:
        size = path.stat().st_size
        if stat.S_ISDIR(path.stat().st_mode):
            raise InputError(
                "this is a folder", where=str(path), wanted="a file", hint="name a file in it"
            )
        if size > max_bytes:
            raise InputError(
                "the file is too large",
                where=str(path),
                got=f"{size} bytes",
                wanted=f"at most {max_bytes} bytes",
                hint="split or simplify the model",
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(
            "there is no such file", where=str(path), hint="check the path and its spelling"
        ) from error
    except OSError as error:
        raise OutsideError(
            "the file cannot be read", where=str(path), got=error.strerror or str(error)
        ) from error


def read_if_present(path: Path, *, max_bytes: int) -> bytes | None:
    return read_file(path, max_bytes=max_bytes) if path.exists() else None


def write_all(products: Mapping[Path, bytes], *, mode: int | None = None) -> None:
    """Write every product or none: temporary files beside them, fsync, then rename in order.

    A stop between two renames leaves some old and some new files, each whole; put the file
    that the others vouch for last. Raises OutsideError; no temporary file is left behind.
    """
    staged: list[tuple[Path, Path]] = []
    where = ""
    try:
        for path, data in products.items():
            where = str(path)
            descriptor, name = tempfile.mkstemp(
                prefix=f".{path.name[:32]}.", suffix=".part", dir=path.parent
            )
            staged.append((Path(name), path))
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            os.chmod(name, mode if mode is not None else _default_mode(path))
        while staged:
            temporary, path = staged[0]
            where = str(path)
            temporary.replace(path)
            staged.pop(0)
            _sync_folder(path.parent)
    except OSError as error:
        raise OutsideError(
            "the file cannot be written",
            where=where,
            got=error.strerror or str(error),
            hint="nothing was left half-written; check the folder, its rights and its space",
        ) from error
    finally:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)


def _default_mode(path: Path) -> int:
    """The mode of the file that is replaced, or what the user's umask leaves of 0666."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
    """Make the rename durable where the system can sync a folder (not on Windows)."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
