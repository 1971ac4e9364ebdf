"""Results of a batch as sealed files of one folder, which several runs may use at once.

A result is durable when `put` returns: written beside its place, synced, renamed, the folder
synced. So a run that was stopped at any moment has done what is there. Unlike a cache it never
forgets: removing the folder makes all anew.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from printstd.adapters.files import write_all
from printstd.adapters.sealed_files import content_of, head, own_folder
from printstd.errors import OutsideError
from printstd.words import said

_MAGIC: Final = b"printstd batch 1\n"
_MAX_BYTES: Final = 64 << 20
_STAGING: Final = ".printstd-batch-"
_ABANDONED_S: Final = 86400.0


class ResultFolder:
    """See the module. folder : made where there is none; OutsideError where it cannot be used."""

    def __init__(self, folder: Path) -> None:
        self._folder = own_folder(folder, _unusable)

    def get(self, key: str) -> memoryview | None:
        """What was put under this key, whole and unchanged; None where there is nothing of it."""
        return content_of(self._path(key), _MAGIC, key, _MAX_BYTES)

    def put(self, key: str, pieces: Sequence[bytes | memoryview]) -> None:
        """Durable when it returns. OutsideError where the disk refuses."""
        path = self._path(key)
        try:
            path.parent.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise _unusable(path.parent, error.strerror or str(error)) from error
        write_all({path: b"".join([head(_MAGIC, key, pieces), *pieces])})

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


def _unusable(folder: Path, got: str) -> OutsideError:
    return OutsideError(
        said("the folder of results cannot be used"),
        where=str(folder),
        got=got,
        wanted=said("a folder of your own that can be written in"),
        hint=said("name another one"),
    )
