"""What parts and programs are called where a file's own name cannot be: inside programs, on
machines, in errors about one of several."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from printstd.errors import SlicingError
from printstd.words import listed


def names_of(digests: Iterable[str]) -> list[str]:
    """Labels of models, none like another."""
    known = list(digests)
    for digits in range(8, 65, 8):
        names = [f"part_{sha256[:digits]}"[:50] for sha256 in known]
        if len(set(names)) == len(names):
            break
    return names


@contextmanager
def naming(name: str, of: int) -> Iterator[None]:
    """Errors about one of several parts say which."""
    try:
        yield
    except SlicingError as error:
        if of > 1:
            error.where = listed((name, error.where), ": ") if error.where else name
        raise


def part_label(model_sha256: str) -> str:
    """What the program calls the part. The file's name is not in the program: the same model
    under another name gives the same bytes."""
    return f"part_{model_sha256[:8]}"


def ascii_name(name: str) -> str:
    """A name that every machine takes: the stem's ASCII letters and digits, and a digest
    where that is not all of it (two parts called by other scripts must not collide)."""
    stem = name.rsplit(".", 1)[0] or name
    kept = re.sub(r"[^A-Za-z0-9_-]+", "_", stem).strip("_-")[:40]
    if kept == stem:
        return kept
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{kept}_{digest}" if kept else f"part_{digest}"
