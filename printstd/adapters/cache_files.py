"""Cache: entries as sealed files of one folder, which many runs may use at once.

An entry is written beside its place, then renamed, so nobody reads half of one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from printstd.adapters.sealed_files import content_of, head, head_bytes, own_folder
from printstd.errors import OutsideError
from printstd.words import said

MAX_BYTES: Final = 4 << 30
"""What a folder may hold, unless it is said otherwise."""
MAX_ENTRY_BYTES: Final = 2 << 30
_MAGIC: Final = b"printstd kept 1\n"
_SUFFIX: Final = ".kept"
_PART: Final = ".part"
_KEPT_SHARE: Final = 0.8
"""Of the bound, after the oldest entries were removed: so that not every run removes some."""
_ABANDONED_S: Final = 3600.0
"""Files of runs that were stopped while they wrote are removed after this."""


class FolderCache:
    """See the module. folder : made where there is none. made_by : tool, versions and machine,
    whatever the same inputs may give other results with. max_bytes : the entries that nobody has
    used for longest are removed when there are more.

    OutsideError where the folder cannot be used. Later trouble (a full disk) costs time, not the
    run.
    """

    def __init__(self, folder: Path, made_by: str, *, max_bytes: int = MAX_BYTES) -> None:
        self._made_by = made_by
        self._max_bytes = max_bytes
        self._total: int | None = None
        self._folder = own_folder(folder, _unusable)

    def get(self, key: str) -> memoryview | None:
        name = self._name(key)
        path = self._path(name)
        content = content_of(path, _MAGIC, name, MAX_ENTRY_BYTES)
        if content is None:
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return content

    def put(self, key: str, pieces: Sequence[bytes | memoryview]) -> None:
        size = head_bytes(_MAGIC) + sum(map(len, pieces))
        if size > min(self._max_bytes, MAX_ENTRY_BYTES):
            return
        name = self._name(key)
        with contextlib.suppress(OSError):
            self._write(self._path(name), name, pieces)
            self._make_room(size)

    def _write(self, path: Path, name: str, pieces: Sequence[bytes | memoryview]) -> None:
        path.parent.mkdir(exist_ok=True, mode=0o700)
        descriptor, temporary = tempfile.mkstemp(suffix=_PART, dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(head(_MAGIC, name, pieces))
                stream.writelines(pieces)
            os.replace(temporary, path)
        finally:
            # Where it was renamed, it is not there any more.
            with contextlib.suppress(OSError):
                os.unlink(temporary)

    def _make_room(self, added: int) -> None:
        """Others add entries, too: what there is is counted at the first one that this run adds,
        and when that count comes to the bound."""
        if self._total is None:
            self._total = sum(entry.size for entry in self._entries())
        else:
            self._total += added
        if self._total <= self._max_bytes:
            return
        entries = sorted(self._entries(), key=lambda entry: entry.used_ns)
        self._total = sum(entry.size for entry in entries)
        if self._total <= self._max_bytes:
            return
        for entry in entries:
            if self._total <= self._max_bytes * _KEPT_SHARE:
                break
            # Whoever reads it just now has it open; whoever comes later makes it again.
            with contextlib.suppress(OSError):
                os.unlink(entry.path)
            self._total -= entry.size

    def _entries(self) -> Iterator[_Entry]:
        now = time.time()
        for path in self._folder.glob("??/*"):
            try:
                found = path.stat()
                if path.suffix == _PART and now - found.st_mtime > _ABANDONED_S:
                    path.unlink()
            except OSError:
                continue
            if path.suffix == _SUFFIX:
                yield _Entry(found.st_mtime_ns, found.st_size, path)

    def _name(self, key: str) -> str:
        return hashlib.sha256(f"{self._made_by}\n{key}".encode()).hexdigest()

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / f"{name}{_SUFFIX}"


class _Entry(NamedTuple):
    used_ns: int
    size: int
    path: Path


def _unusable(folder: Path, got: str) -> OutsideError:
    return OutsideError(
        said("the cache cannot be used"),
        where=str(folder),
        got=got,
        wanted=said("a folder of your own that can be written in"),
        hint=said("name another one with --cache (PRINTSTD_CACHE), or leave it out"),
    )


def folder_cache(folder: Path) -> FolderCache:
    """A cache for this tool, these wheels and this kind of machine."""
    from printstd.adapters.surroundings import tool_facts

    return FolderCache(folder, repr(tool_facts()))
