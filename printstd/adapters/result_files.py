"""Results of a batch as files of one folder, which several runs may use at once.

    magic       "printstd batch 1\\n"
    key         64 hexadecimal digits, and a newline
    digest      SHA-256 of all that follows, hexadecimal, and a newline
    content

A result is durable when `put` returns: written beside its place, synced, renamed, the folder
synced. So a run that was stopped at any moment has done what is there, and a file that was cut or
moved is as good as none. Unlike a cache it never forgets: removing the folder makes all anew. Who
can write in it can make results, so a folder in which everybody may write is refused.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from printstd.adapters.files import write_all
from printstd.errors import OutsideError
from printstd.words import said

_MAGIC: Final = b"printstd batch 1\n"
_HEAD_BYTES: Final = len(_MAGIC) + 65 + 65
_MAX_BYTES: Final = 64 << 20
_STAGING: Final = ".printstd-batch-"
_ABANDONED_S: Final = 86400.0


class ResultFolder:
    """See the module. folder : made where there is none; OutsideError where it cannot be used."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._folder = Path(os.path.realpath(folder))
            mode = self._folder.stat().st_mode
            is_usable = os.access(self._folder, os.R_OK | os.W_OK | os.X_OK)
        except OSError as error:
            raise _unusable(folder, error.strerror or str(error)) from error
        if not is_usable:
            raise _unusable(folder, said("a folder that this user may not write in"))
        if os.name == "posix" and mode & stat.S_IWOTH:
            raise _unusable(folder, said("a folder in which everybody may write"))

    def get(self, key: str) -> memoryview | None:
        """What was put under this key, whole and unchanged; None where there is nothing of it."""
        path = self._path(key)
        try:
            if path.stat().st_size > _MAX_BYTES:
                return None
            data = path.read_bytes()
        except OSError:
            return None
        content = memoryview(data)[_HEAD_BYTES:]
        return content if data[:_HEAD_BYTES] == _head(key, [content]) else None

    def put(self, key: str, pieces: Sequence[bytes | memoryview]) -> None:
        """Durable when it returns. OutsideError where the disk refuses."""
        path = self._path(key)
        try:
            path.parent.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise _unusable(path.parent, error.strerror or str(error)) from error
        write_all({path: b"".join([_head(key, pieces), *pieces])})

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.result"


@contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """A new folder in `folder` for what workers make, so that moving it to its place copies
    nothing. Those of runs that were killed are removed a day later."""
    now = time.time()
    try:
        for left in folder.glob(f"{_STAGING}*"):
            if now - left.stat().st_mtime > _ABANDONED_S:
                shutil.rmtree(left, ignore_errors=True)
        made = Path(tempfile.mkdtemp(prefix=_STAGING, dir=folder))
    except OSError as error:
        raise _unusable(folder, error.strerror or str(error)) from error
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _head(key: str, pieces: Iterable[bytes | memoryview]) -> bytes:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return b"%b%b\n%b\n" % (_MAGIC, key.encode("ascii"), digest.hexdigest().encode("ascii"))


def _unusable(folder: Path, got: str) -> OutsideError:
    return OutsideError(
        said("the folder of results cannot be used"),
        where=str(folder),
        got=got,
        wanted=said("a folder of your own that can be written in"),
        hint=said("name another one"),
    )
