"""What a coordinator asks of a worker, and what comes back: small, whatever the file's size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from printstd.report.document import Subject

FILE: Final = "file"
STATEMENT: Final = "statement"
"""Bytes to be signed: what is written at the place is the bundle."""


class Ask(NamedTuple):
    """One file to be worked on. path : as every machine of the run finds it. name : in reports.
    sha256 : its bytes'. product : where its program goes. staging : the folder that a worker
    leaves in what it makes. now : the time to reckon with."""

    path: str
    name: str
    sha256: str
    product: str | None
    staging: str | None
    now: str


@dataclass(frozen=True, slots=True)
class Product:
    """A file that was made. place : where it goes. sha256 : of the bytes that lie in the staging
    folder under that name; of one in its place, its own. role : `FILE`, or `STATEMENT`."""

    place: str
    sha256: str
    role: str = FILE


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker found. input_sha256 : of the bytes that it worked on. tool_sha256 : of the
    modules that it ran (`adapters.surroundings.sources_sha256`). products : in the order in which
    they are to be put in their places."""

    subject: Subject
    input_sha256: str
    tool_sha256: str
    products: tuple[Product, ...] = ()
