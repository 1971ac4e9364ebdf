"""The package: a ZIP with content types and relationships (Open Packaging Conventions).

Everything is checked before a byte is inflated: names that lead out of the package or meet
each other, encryption, sizes that a bomb would have, relationships to the outside.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import Final, NoReturn

from printstd.errors import InputError
from printstd.intake.limits import Limits
from printstd.intake.threemf import names
from printstd.intake.threemf.names import refuse
from printstd.intake.threemf.xml_events import as_dict, parse_xml
from printstd.words import said

_SMALL_PART_BYTES: Final = 1 << 16
"""Parts below this may be as repetitive as they like."""
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    IndexError,
)
"""What zipfile and zlib raise on hostile archives, besides BadZipFile."""


@dataclass(frozen=True, slots=True)
class Relationship:
    id: str
    type: str
    target: str
    """Part name without its leading slash, as written in the package."""


class Package:
    """Parts by name; part names compare without regard to ASCII case, as OPC demands."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._limits = limits
        self._archive = self._opened(data)
        self._entries = self._checked_entries()
        self._check_derived_names()
        self._types = self._content_types()
        self._relationships = {
            name: self._read_relationships(name)
            for name in sorted(self._entries)
            if name.endswith(".rels")
        }

    @property
    def names(self) -> list[str]:
        """Part names as written, sorted."""
        return sorted(entry.filename for entry in self._entries.values())

    def has(self, name: str) -> bool:
        return name.lower() in self._entries

    def read(self, name: str) -> bytes:
        """The bytes of a part; InputError 3MF-003 where its checksum or its data is wrong."""
        entry = self._entries.get(name.lower())
        if entry is None:
            refuse(20, said("the package lacks a part"), "package", wanted=name)
        try:
            with self._archive.open(entry) as stream:
                # No more than was declared and checked: what inflates further is not asked for.
                data = stream.read(entry.file_size)
        except _BROKEN as error:
            self._refuse_broken(entry.filename, error)
        if len(data) != entry.file_size:
            self._refuse_broken(entry.filename, EOFError(f"{len(data)} of {entry.file_size} bytes"))
        return data

    def relationships(self, part: str = "") -> tuple[Relationship, ...]:
        """Those of a part, or of the package itself."""
        folder, _, base = part.rpartition("/")
        name = f"{folder}/_rels/{base}.rels" if folder else f"_rels/{base}.rels"
        return self._relationships.get(name.lower(), ())

    def content_type(self, part: str) -> str | None:
        extension = part.rpartition(".")[2].lower()
        return self._types.get("/" + part.lower()) or self._types.get(extension)

    def _opened(self, data: bytes) -> zipfile.ZipFile:
        try:
            return zipfile.ZipFile(io.BytesIO(data))
        except _BROKEN as error:
            self._refuse_broken(said("the archive"), error)

    def _refuse_broken(self, where: str, error: Exception) -> NoReturn:
        raise InputError(
            said("the package is damaged"),
            where=where,
            got=str(error)[:200],
            wanted=said("a whole ZIP archive"),
            hint=said("copy or download the file again"),
            code="3MF-003",
        ) from error

    def _checked_entries(self) -> dict[str, zipfile.ZipInfo]:
        entries: dict[str, zipfile.ZipInfo] = {}
        infos = self._archive.infolist()
        if len(infos) > self._limits.package_parts:
            refuse(
                8,
                said("too many parts"),
                "package",
                str(len(infos)),
                f"{self._limits.package_parts}",
            )
        inflated = 0
        for info in infos:
            _check_name(info.filename)
            if info.flag_bits & 0x41:
                refuse(
                    4,
                    said("an encrypted part"),
                    info.filename,
                    hint=said("save it without a password"),
                )
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                refuse(
                    4,
                    said("a compression that OPC does not know"),
                    info.filename,
                    wanted=said("store or deflate"),
                )
            inflated += info.file_size
            self._check_size(info, inflated)
            if info.filename.endswith("/"):
                continue
            if info.filename.lower() in entries:
                refuse(5, said("two parts with the same name"), info.filename)
            entries[info.filename.lower()] = info
        return entries

    def _check_derived_names(self) -> None:
        """No part's name begins with another part's (Open Packaging Conventions, M1.11)."""
        for name in self._entries:
            steps = name.split("/")
            for i in range(1, len(steps)):
                if "/".join(steps[:i]) in self._entries:
                    refuse(
                        5,
                        said("a part whose name is also a folder of others"),
                        name,
                        "/".join(steps[:i]),
                    )

    def _check_size(self, info: zipfile.ZipInfo, inflated: int) -> None:
        if inflated > self._limits.inflated_bytes:
            refuse(
                7,
                said("the package is larger than is read"),
                info.filename,
                said("{inflated} bytes inflated so far", inflated=inflated),
                said("at most {inflated_bytes}", inflated_bytes=self._limits.inflated_bytes),
            )
        most = self._limits.compression_ratio * max(info.compress_size, 1)
        if info.file_size > _SMALL_PART_BYTES and info.file_size > most:
            refuse(
                7,
                said("a part that inflates as a ZIP bomb does"),
                info.filename,
                said(
                    "{file_size} bytes from {compress_size}",
                    file_size=info.file_size,
                    compress_size=info.compress_size,
                ),
                said(
                    "at most {compression_ratio} to 1",
                    compression_ratio=self._limits.compression_ratio,
                ),
            )

    def _content_types(self) -> dict[str, str]:
        if not self.has("[Content_Types].xml"):
            others = ", ".join(entry.filename for entry in list(self._entries.values())[:5])
            refuse(
                1,
                said("this is a ZIP archive and no 3MF package"),
                "package",
                others or said("no files"),
                "[Content_Types].xml",
                said("unpack it and give the model that is inside"),
            )
        handler = _Rows(names.CONTENT_TYPES, ("Types", "Default", "Override"))
        part = "[Content_Types].xml"
        parse_xml(self.read(part), part, handler, self._limits.xml_depth)
        types: dict[str, str] = {}
        for kind, row in handler.rows:
            key = row.get("Extension") if kind == "Default" else row.get("PartName")
            if key is None or "ContentType" not in row:
                refuse(21, said("an incomplete {kind} element", kind=kind), part)
            key = key.lower()
            if "/" not in row["ContentType"] or (kind == "Override") is not key.startswith("/"):
                refuse(21, said("an incomplete {kind} element", kind=kind), part, str(row))
            if key in types:
                refuse(21, said("a content type stated twice"), part, key)
            types[key] = row["ContentType"]
        return types

    def _read_relationships(self, name: str) -> tuple[Relationship, ...]:
        handler = _Rows(names.RELATIONSHIPS, ("Relationships", "Relationship"))
        parse_xml(self.read(name), name, handler, self._limits.xml_depth)
        folder = name.rpartition("_rels/")[0]
        if self.content_type(name) != names.RELATIONSHIPS_TYPE:
            refuse(
                21,
                said("a part of relationships of another content type"),
                name,
                str(self.content_type(name)),
                names.RELATIONSHIPS_TYPE,
            )
        found: dict[str, Relationship] = {}
        ends: set[tuple[str, str]] = set()
        for _, row in handler.rows:
            if not {"Id", "Type", "Target"} <= row.keys():
                refuse(20, said("an incomplete relationship"), name, str(row))
            if row.get("TargetMode", "Internal") != "Internal":
                refuse(
                    6,
                    said("a relationship to something outside of the package"),
                    name,
                    row["Target"],
                    said("parts of this package only"),
                    said("the file may be hostile; ask where it comes from"),
                )
            if row["Id"] in found:
                refuse(20, said("two relationships with one Id"), name, row["Id"])
            target = resolved_target(row["Target"], folder, name)
            if not row["Id"].strip():
                refuse(20, said("an incomplete relationship"), name, str(row))
            if target.lower().endswith(".rels"):
                refuse(20, said("a relationship to a part of relationships"), name, target)
            if (row["Type"], target.lower()) in ends:
                refuse(20, said("one relationship stated twice"), name, target)
            ends.add((row["Type"], target.lower()))
            found[row["Id"]] = Relationship(row["Id"], row["Type"], target)
        return tuple(found.values())


class _Rows:
    """The children of a root element, each with its attributes."""

    def __init__(self, namespace: str, elements: tuple[str, ...]) -> None:
        """elements : the root's name, then those of its children."""
        self.rows: list[tuple[str, dict[str, str]]] = []
        self._namespace = namespace
        self._root, self._children = elements[0], elements[1:]
        self._depth = 0

    def start(self, name: str, attributes: list[str], line: int) -> None:
        self._depth += 1
        namespace, _, local = name.rpartition("}")
        if namespace != self._namespace:
            refuse(
                16,
                said("an element of another namespace"),
                said("line {line}", line=line),
                name,
                self._namespace,
            )
        if self._depth > 2 or local not in ((self._root,), self._children)[self._depth - 1]:
            refuse(
                16,
                said("an element that cannot stand here"),
                said("line {line}", line=line),
                local,
                ", ".join((self._root, *self._children)),
            )
        if self._depth == 2:
            self.rows.append((local, as_dict(attributes)))

    def end(self, name: str, line: int) -> None:
        self._depth -= 1

    def text(self, text: str) -> None:
        return

    def prefix(self, prefix: str | None, namespace: str) -> None:
        return


def resolved_target(target: str, folder: str, where: str) -> str:
    """Part name (no leading slash) that a target means, seen from a folder of the package."""
    from urllib.parse import unquote

    if ":" in target.partition("/")[0] or target.startswith("//"):
        refuse(
            6,
            said("a target outside of the package"),
            where,
            target,
            said("a part of this package"),
        )
    path = unquote(target.partition("#")[0].partition("?")[0])
    steps = [] if path.startswith("/") else [step for step in folder.split("/") if step]
    for step in path.split("/"):
        if step == "..":
            if not steps:
                refuse(5, said("a target that leads out of the package"), where, target)
            steps.pop()
        elif step not in ("", "."):
            steps.append(step)
    name = "/".join(steps)
    if not name:
        refuse(20, said("an empty target"), where, target)
    return name


def _check_name(name: str) -> None:
    steps = name.rstrip("/").split("/")
    is_unsafe = (
        not name.rstrip("/")
        or name.startswith("/")
        or "\\" in name
        or ":" in steps[0]
        or any(step in ("", ".", "..") for step in steps)
        # Open Packaging Conventions, M1.7 to M1.9: what some reader would take for another name.
        or any(mark in name.lower() for mark in ("%2f", "%5c", "%2e"))
        or any(step.endswith(".") for step in steps)
        or any(ord(char) < 32 for char in name)
    )
    if is_unsafe:
        refuse(
            5,
            said("a part name that leads out of the package"),
            "package",
            repr(name),
            said("plain names, such as 3D/3dmodel.model"),
            said("the file may be hostile; ask where it comes from"),
        )
