"""Which elements and attributes stand where in a model part (3MF Core, appendix B: the schema that
the XML of a 3MF document must be valid against, chapter 2.3).

Attributes of other namespaces may stand anywhere. A few without a namespace are no part of the
schema and still written by slicers that many use; those are known by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from printstd.intake.threemf.names import refuse
from printstd.words import said

CHILDREN: Final[dict[str, frozenset[str]]] = {
    "": frozenset({"model"}),
    "model": frozenset({"metadata", "resources", "build"}),
    "resources": frozenset({"basematerials", "object"}),
    "basematerials": frozenset({"base"}),
    "object": frozenset({"metadatagroup", "mesh", "components"}),
    "metadatagroup": frozenset({"metadata"}),
    "mesh": frozenset({"vertices", "triangles"}),
    "vertices": frozenset({"vertex"}),
    "triangles": frozenset({"triangle"}),
    "components": frozenset({"component"}),
    "build": frozenset({"item"}),
    "item": frozenset({"metadatagroup"}),
}

XML: Final = "http://www.w3.org/XML/1998/namespace"
_ATTRIBUTES: Final[dict[str, frozenset[str]]] = {
    "model": frozenset({"unit", "requiredextensions", "recommendedextensions", "thumbnail"}),
    "metadata": frozenset({"name", "preserve", "type"}),
    "metadatagroup": frozenset(),
    "resources": frozenset(),
    "basematerials": frozenset({"id"}),
    "base": frozenset({"name", "displaycolor"}),
    "object": frozenset(
        {"id", "type", "thumbnail", "partnumber", "name", "pid", "pindex", "pidx", "printable"}
    ),
    "mesh": frozenset(),
    "vertices": frozenset(),
    "triangles": frozenset(),
    "vertex": frozenset({"x", "y", "z"}),
    "triangle": frozenset({"v1", "v2", "v3", "p1", "p2", "p3", "pid"}),
    "components": frozenset(),
    "component": frozenset({"objectid", "transform", "printable"}),
    "build": frozenset(),
    "item": frozenset({"objectid", "transform", "partnumber", "printable"}),
}
_PAINTED: Final = ("paint_", "face_property")
"""What Bambu Studio and OrcaSlicer write at triangles, without a namespace."""
_LANGUAGE: Final = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*\Z")

_WELL_KNOWN: Final = frozenset(
    (
        *("Title", "Designer", "Description", "Copyright", "LicenseTerms", "Rating"),
        *("CreationDate", "ModificationDate", "Application"),
    )
)
_OF_SLICERS: Final = frozenset(
    (
        *("CopyRight", "DesignerCover", "DesignerUserId", "DesignModelId", "DesignProfileId"),
        *("DesignRegion", "License", "MakerLab", "MakerLabRegion", "MakerLabFileId", "Origin"),
        *("ProfileCover", "ProfileDescription", "ProfileTitle", "ProfileUserId"),
        *("ProfileUserName", "Region", "Thumbnail_Middle", "Thumbnail_Small"),
    )
)
"""Without a namespace in projects of Bambu Studio and OrcaSlicer."""


def check_attributes(element: str, keys: Iterable[str], values: dict[str, str], at: str) -> None:
    """InputError 3MF-016 at one that the schema does not have."""
    known = _ATTRIBUTES.get(element)
    if known is None:
        return
    for key in keys:
        if key in known:
            continue
        namespace, _, local = key.rpartition("}")
        if namespace == XML and local == "space":
            refuse(16, said("xml:space in a 3MF document"), at, wanted=said("no such attribute"))
        if namespace or (element == "triangle" and key.startswith(_PAINTED)):
            continue
        refuse(
            16,
            said("an attribute that <{element}> does not have", element=element),
            at,
            key,
            ", ".join(sorted(known)) or said("no attribute without a namespace"),
        )
    if element == "model":
        language = values.get(XML + "}lang")
        if language and not _LANGUAGE.match(language):
            refuse(16, said("xml:lang that is no language"), at, language, said("such as en-US"))


def check_metadata(
    values: dict[str, str], prefixes: Iterable[str | None], seen: set[str], at: str
) -> None:
    """Known names, or names of a declared namespace, each once (Core 3.4.1); 3MF-028."""
    name = values.get("name", "")
    prefix, colon, local = name.partition(":")
    if not name or (colon and not (prefix and local)):
        refuse(28, said("metadata without a name"), at, name)
    if colon and prefix not in prefixes:
        refuse(
            28,
            said("a name of metadata whose namespace is not declared"),
            at,
            name,
            said("a prefix that the model declares"),
        )
    if not colon and name not in _WELL_KNOWN and name not in _OF_SLICERS:
        refuse(
            28,
            said("a name of metadata that 3MF does not know"),
            at,
            name,
            said(
                "a name with the prefix of a namespace, or one of {some}",
                some=", ".join(sorted(_WELL_KNOWN)),
            ),
        )
    if name in seen:
        refuse(28, said("two entries of metadata with one name"), at, name)
    seen.add(name)
