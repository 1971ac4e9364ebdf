"""Packages that are made to harm."""

from __future__ import annotations

import io
import zipfile
from typing import Final

from tests.conformance.threemf.makers import (
    MODEL,
    Case,
    Rule,
    component,
    file,
    package,
    root,
    thing,
)
from tests.meshes import relationships_xml


def _bomb() -> bytes:
    """20 MB of blanks in 20 kB."""
    buffer = io.BytesIO(file())
    with zipfile.ZipFile(buffer, "a") as archive:
        name = zipfile.ZipInfo("3D/a.bin", (1980, 1, 1, 0, 0, 0))
        archive.writestr(name, b" " * 20_000_000, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _multiplied() -> bytes:
    """Ten of ten of ten of ...: 10^19 copies in two kilobytes."""
    levels = "".join(thing(component(*[n - 1] * 10), number=n) for n in range(2, 21))
    return file(thing() + levels, '<item objectid="20"/>')


SECURITY: Final = (
    Rule(
        "Facts 2.6",
        "A hostile package is refused before it is inflated, followed or run.",
        (
            Case("parts that compress well", package({"Metadata/a.txt": "a" * 60_000})),
            Case("ZIP bomb", _bomb(), "3MF-007"),
            Case("copies without end", _multiplied(), "3MF-008"),
            Case(
                "entities that multiply",
                root(
                    MODEL.replace(
                        "?><model", '?><!DOCTYPE a [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><model'
                    )
                ),
                "3MF-015",
            ),
            Case(
                "entity of a file",
                root(
                    MODEL.replace(
                        "?><model", '?><!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><model'
                    )
                ),
                "3MF-015",
            ),
            Case(
                "target outside",
                package({"_rels/.rels": relationships_xml("file:///etc/passwd")}),
                "3MF-006",
            ),
            Case("a model of another package", package({"3D/3dmodel.model": file()}), "3MF-016"),
        ),
    ),
)
