"""Files of a folder that many runs may use at once, each under a key and with its own digest.

    magic       a word for the kind of file, its version, and a newline
    key         64 hexadecimal digits, and a newline
    digest      SHA-256 of all that follows, hexadecimal, and a newline
    content

Whoever reads checks key and digest, so a file that was cut, changed or moved is as good as none.
That is a guard against accidents: who can write in the folder can make files, as they could change
the programs themselves. So a folder in which everybody may write is refused.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from printstd.errors import OutsideError
from printstd.words import said

_KEY_AND_DIGEST_BYTES: Final = 65 + 65


def own_folder(folder: Path, unusable: Callable[[Path, str], OutsideError]) -> Path:
    """Its real path; made where there is none. Raises `unusable` of it and what is wrong."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = Path(os.path.realpath(folder))
        mode = found.stat().st_mode
        is_usable = os.access(found, os.R_OK | os.W_OK | os.X_OK)
    except OSError as error:
        raise unusable(folder, error.strerror or str(error)) from error
    if not is_usable:
        raise unusable(folder, said("a folder that this user may not write in"))
    if os.name == "posix" and mode & stat.S_IWOTH:
        raise unusable(folder, said("a folder in which everybody may write"))
    return found


def head_bytes(magic: bytes) -> int:
    """What stands before the content."""
    return len(magic) + _KEY_AND_DIGEST_BYTES


def head(magic: bytes, key: str, pieces: Iterable[bytes | memoryview]) -> bytes:
    """key : 64 hexadecimal digits. pieces : the content."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return b"%b%b\n%b\n" % (magic, key.encode("ascii"), digest.hexdigest().encode("ascii"))


def content_of(path: Path, magic: bytes, key: str, max_bytes: int) -> memoryview | None:
    """Whole and unchanged; None where there is nothing of it."""
    try:
        if path.stat().st_size > max_bytes:
            return None
        data = path.read_bytes()
    except OSError:
        return None
    begin = head_bytes(magic)
    content = memoryview(data)[begin:]
    return content if data[:begin] == head(magic, key, [content]) else None
