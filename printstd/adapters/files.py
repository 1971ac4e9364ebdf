"""Reading inputs and writing products: whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from printstd.errors import InputError, OutsideError
from printstd.words import said

MAX_INPUT_BYTES = 2 << 30
_LFS_HEAD = b"version https://git-lfs.github.com/spec/"
_LFS_MOST_BYTES = 1024
"""A pointer is shorter than this, by its specification."""


def read_file(path: Path, *, max_bytes: int = MAX_INPUT_BYTES) -> bytes:
    """A file's bytes; InputError where there is none, OutsideError where the disk refuses.

    A pipe tells no size before it is read, so the limit is held while reading.
    """
    try:
        with path.open("rb") as stream:
            status = os.fstat(stream.fileno())
            if stat.S_ISREG(status.st_mode) and status.st_size > max_bytes:
                raise _too_large(path, said("{st_size} bytes", st_size=status.st_size), max_bytes)
            data = stream.read(max_bytes + 1)
    except FileNotFoundError as error:
        raise InputError(
            said("there is no such file"),
            where=str(path),
            wanted=said("a file that can be read"),
            hint=said("check the path and its spelling"),
        ) from error
    except (IsADirectoryError, PermissionError) as error:
        if path.is_dir():  # opening a folder is a question of rights on Windows
            raise InputError(
                said("this is a folder"),
                where=str(path),
                wanted=said("a file"),
                hint=said("name a file in it"),
            ) from error
        raise _unreadable(path, error) from error
    except OSError as error:
        raise _unreadable(path, error) from error
    if len(data) > max_bytes:
        raise _too_large(path, said("more than {max_bytes} bytes", max_bytes=max_bytes), max_bytes)
    if data.startswith(_LFS_HEAD) and len(data) < _LFS_MOST_BYTES:
        raise InputError(
            said("this is a Git LFS pointer, not the file itself"),
            where=str(path),
            got=said("{count} bytes that say where the file is kept", count=len(data)),
            wanted=said("the file that it stands for"),
            hint=said("run `git lfs pull`; in GitHub Actions, check out with `lfs: true`"),
        )
    return data


def read_head(path: Path, size: int = 4096) -> bytes:
    """The first bytes of a file, fewer where it is shorter; none where it cannot be read: whoever
    reads it whole says why."""
    try:
        with path.open("rb") as stream:
            return stream.read(size)
    except OSError:
        return b""


def _too_large(path: Path, got: str, max_bytes: int) -> InputError:
    return InputError(
        said("the file is too large"),
        where=str(path),
        got=got,
        wanted=said("at most {max_bytes} bytes", max_bytes=max_bytes),
        hint=said("check that it is the right file; a model can be split or simplified"),
    )


def _unreadable(path: Path, error: OSError) -> OutsideError:
    return OutsideError(
        said("the file cannot be read"),
        where=str(path),
        got=error.strerror or str(error),
        wanted=said("a file that can be read"),
        hint=said("check its rights and the disk"),
    )


def read_if_present(path: Path, *, max_bytes: int) -> bytes | None:
    """A file's bytes, or None where there is nothing of that name."""
    return read_file(path, max_bytes=max_bytes) if os.path.lexists(path) else None


def write_all(products: Mapping[Path, bytes], *, mode: int | None = None) -> None:
    """Write every product or none; see `staged`."""
    with staged(products, mode=mode) as commit:
        commit()


@contextmanager
def staged(
    products: Mapping[Path, bytes], *, mode: int | None = None
) -> Iterator[Callable[[], None]]:
    """Write every product beside its place, synced; the block calls what it is given to move
    them in, in order. Left without that call, or by any error, nothing has changed.

    A stop between two moves leaves some old and some new files, each whole: put the file that
    the others vouch for last. Raises OutsideError; no temporary file is left behind.
    """
    waiting: list[tuple[Path, Path]] = []

    def commit() -> None:
        while waiting:
            temporary, place = waiting[0]
            with _writing(place):
                temporary.replace(place)
                waiting.pop(0)
                _sync_folder(place.parent)

    try:
        for path, data in products.items():
            with _writing(path):
                _stage(path, data, mode, waiting)
        yield commit
    finally:
        for temporary, _ in waiting:
            temporary.unlink(missing_ok=True)


def leave(path: Path, data: bytes, *, is_durable: bool) -> None:
    """Write a file of one's own folder, for somebody who looks at its digest. OutsideError.

    is_durable : its bytes are on the disk when this returns; its name becomes so with `move`."""
    with _writing(path), path.open("wb") as stream:
        stream.write(data)
        stream.flush()
        if is_durable:
            os.fsync(stream.fileno())


def make_folder(path: Path) -> None:
    """A folder and those above it that are missing, durably; one that is there is left as it is.
    OutsideError."""
    with _writing(path):
        missing = [one for one in (path, *path.parents) if not one.exists()]
        path.mkdir(parents=True, exist_ok=True)
        for one in missing:
            _sync_folder(one.parent)


def move(path: Path, place: Path) -> None:
    """A file that was written and synced on the same disk, to its place, durably. OutsideError."""
    with _writing(place):
        path.replace(place)
        _sync_folder(place.parent)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutsideError(
            said("the file cannot be written"),
            where=str(path),
            got=error.strerror or str(error),
            wanted=said("a folder that can be written to, with enough space"),
            hint=said("nothing was written here; check the folder, its rights and the disk"),
        ) from error


def _stage(path: Path, data: bytes, mode: int | None, waiting: list[tuple[Path, Path]]) -> None:
    """One temporary file beside the place it is for; a link's target is written, not the link."""
    place = Path(os.path.realpath(path))
    if place.exists() and not place.is_file():
        # Renaming over a device or a folder would take it away from everybody else.
        raise OSError(None, "there is something at this path that is no file")
    descriptor, name = tempfile.mkstemp(prefix=".printstd.", suffix=".part", dir=place.parent)
    waiting.append((Path(name), place))
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    os.chmod(name, mode if mode is not None else _default_mode(place))


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
