"""What a coordinator asks of a worker, and what comes back: small, whatever the file's size."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from printstd.report.document import Subject

FILE: Final = "file"
STATEMENT: Final = "statement"
"""Bytes to be signed: what is written at the place is the bundle. Of a product in its place, that
it is one."""
CARRIER: Final = "carrier"
"""A program in the file that it travels in: what is written has the certificates in it, too."""


class Ask(NamedTuple):
    """One file to be worked on. path : as every machine of the run finds it. name : in reports.
    sha256 : its bytes'. product : where its program goes. staging : the folder that a worker
    leaves in what it makes. now : the time to reckon with. own : what is asked of this file alone;
    None where it is what is asked of all."""

    path: str
    name: str
    sha256: str
    product: str | None
    staging: str | None
    now: str
    own: Any = None


@dataclass(frozen=True, slots=True)
class Product:
    """A file that was made. place : where it goes. sha256 : of the bytes that lie in the staging
    folder (`staged_name`); of one in its place, its own. role : `FILE`, `STATEMENT`, `CARRIER`."""

    place: str
    sha256: str
    role: str = FILE


def staged_name(place: str, sha256: str) -> str:
    """What a product is called in the staging folder. Models that are alike make programs that are
    alike: each has its own."""
    return hashlib.sha256(f"{place}\0{sha256}".encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker found. input_sha256 : of the bytes that it worked on. tool_sha256 : of the
    modules that it ran (`adapters.surroundings.sources_sha256`). products : in the order in which
    they are to be put in their places."""

    subject: Subject
    input_sha256: str
    tool_sha256: str
    products: tuple[Product, ...] = ()
