"""expat, hardened: no document type, no entities, bounded depth, names with namespaces.

Without a DTD there is nothing to expand and nothing to fetch; expat itself opens no files.
"""

from __future__ import annotations

from typing import Final, Protocol
from xml.parsers import expat

from printstd.intake.threemf.names import refuse
from printstd.words import said

_ENCODINGS: Final = ("utf-8", "utf-16")
"""3MF Core 2.3.1 and Open Packaging Conventions alike."""


class Handler(Protocol):
    def start(self, name: str, attributes: list[str], line: int) -> None:
        """`name` is ``namespace}local``; attributes are name, value, name, value, ..."""
        ...

    def end(self, name: str, line: int) -> None: ...

    def text(self, text: str) -> None: ...

    def prefix(self, prefix: str | None, namespace: str) -> None: ...


def parse_xml(data: bytes, part: str, handler: Handler, max_depth: int) -> None:
    """Feed a whole part to `handler`; InputError 3MF-015 or -016."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.ordered_attributes = True
    parser.buffer_text = True
    depth = 0

    def start(name: str, attributes: list[str]) -> None:
        nonlocal depth
        depth += 1
        if depth > max_depth:
            where = said("{name}, line {line}", name=part, line=parser.CurrentLineNumber)
            refuse(
                16,
                said("elements nested too deep"),
                where,
                str(depth),
                said("at most {max_depth}", max_depth=max_depth),
            )
        handler.start(name, attributes, parser.CurrentLineNumber)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        handler.end(name, parser.CurrentLineNumber)

    def doctype(*_: object) -> None:
        where = said("{name}, line {line}", name=part, line=parser.CurrentLineNumber)
        refuse(
            15,
            said("a document type declaration"),
            where,
            "<!DOCTYPE",
            said("none (3MF Core, XML requirements)"),
            said("do not open this file elsewhere: 3MF writers never make one"),
        )

    def declaration(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in _ENCODINGS:
            refuse(16, said("XML in another encoding"), part, encoding, said("UTF-8 or UTF-16"))

    parser.XmlDeclHandler = declaration
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = handler.text
    parser.StartNamespaceDeclHandler = handler.prefix
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        message = expat.errors.messages[error.code] if error.code else str(error)
        refuse(
            16,
            said("this is no well-formed XML: {message}", message=message),
            said("{part}, line {lineno}", part=part, lineno=error.lineno),
        )
    except (ValueError, LookupError) as error:
        refuse(
            16,
            said("its encoding is not read: {error}", error=error),
            part,
            wanted=said("UTF-8 or UTF-16"),
        )


def as_dict(attributes: list[str]) -> dict[str, str]:
    return dict(zip(attributes[::2], attributes[1::2], strict=True))
