"""Parts beside the model: thumbnails, print tickets, properties of the package, textures.

None is used; each must be what it is said to be (3MF Core 2.1 and chapter 6; Materials and
Properties, chapter 6).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from printstd.intake.threemf import names
from printstd.intake.threemf.names import refuse
from printstd.intake.threemf.package import Package
from printstd.intake.threemf.properties import Texture
from printstd.words import said

_AT_MOST_ONE: Final = {
    names.THUMBNAIL_RELATIONSHIP: (said("several thumbnails of one part"), names.PICTURE_TYPES),
    names.TICKET_RELATIONSHIP: (said("several print tickets of one part"), (names.TICKET_TYPE,)),
    names.CORE_PROPERTIES_RELATIONSHIP: (said("several parts of core properties"), ()),
}
_TEXTURE_TYPES: Final = (*names.PICTURE_TYPES, names.TEXTURE_TYPE)


def check_attachments(package: Package, sources: Iterable[str]) -> None:
    """Of model parts, by name, and of the package, whose name is empty; 3MF-020, -021."""
    for source in sources:
        found = package.relationships(source)
        for kind, (several, types) in _AT_MOST_ONE.items():
            own = [one for one in found if one.type == kind]
            if len(own) > 1:
                refuse(20, several, source or "package", ", ".join(one.target for one in own))
            for one in own:
                _check_type(package, one.target, types)


def check_textures(package: Package, model: str, textures: Iterable[Texture]) -> None:
    """Each is a picture in the package that the model part has a relationship to; 3MF-020, -021."""
    targets = {
        one.target.lower()
        for one in package.relationships(model)
        if one.type == names.TEXTURE_RELATIONSHIP
    }
    for one in textures:
        name = one.path[1:]
        if not package.has(name):
            refuse(20, said("a texture that is not in the package"), one.at, one.path)
        if name.lower() not in targets:
            refuse(
                20,
                said("a texture that the model part has no relationship to"),
                one.at,
                one.path,
                names.TEXTURE_RELATIONSHIP,
            )
        _check_type(package, name, _TEXTURE_TYPES)


def check_thumbnails(package: Package, thumbnails: Iterable[tuple[str, str]]) -> None:
    """Of objects (Core 4.1): each is a picture in the package; 3MF-020, -021."""
    for path, at in thumbnails:
        if not path.startswith("/") or not package.has(path[1:]):
            refuse(20, said("a thumbnail that is not in the package"), at, path)
        _check_type(package, path[1:], names.PICTURE_TYPES)


def _check_type(package: Package, name: str, wanted: tuple[str, ...]) -> None:
    kind = package.content_type(name)
    if wanted and package.has(name) and (kind or "").lower() not in wanted:
        refuse(21, said("a part of another content type"), name, str(kind), ", ".join(wanted))
