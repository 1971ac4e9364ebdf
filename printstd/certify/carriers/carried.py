"""A program and its certificates in any carrier, told from the content; and into one.

The program inside is what is audited and signed. c14n-v1 says whether two carriers hold the same
program; of a ``.bgcode`` file the metadata around it are signed too, by a digest of their own.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from printstd.certify.carriers import bambu, bgcode, jsonl, tail
from printstd.certify.carriers.forms import Form
from printstd.words import said


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """What a file holds. member : what the program is called inside; empty where it is the file.
    container_sha256 : the signed digest of the file around it (``#bgcode-v1``); None where the
    program's own says all that is signed."""

    form: Form
    program: bytes
    member: str
    container_sha256: str | None
    bundles: tuple[bytes, ...]

    def subject_name(self, file: str) -> str:
        """For display: what the program is called in a statement."""
        return f"{file}#{self.member}" if self.member else file


def is_container(data: bytes) -> bool:
    """Is this a file that holds a program and is none itself?"""
    return bgcode.is_bgcode(data) or bambu.holds_program(data)


def open_carrier(data: bytes, name: str, *, plate: int | None = None) -> Carried:
    """What a file holds; bytes of no container are a program. InputError for containers that are
    damaged or made to be read in two ways."""
    if bgcode.is_bgcode(data):
        blocks = bgcode.read(data, name)
        inside = bgcode.certificates_of(blocks, name)
        return Carried(
            Form.BGCODE,
            bgcode.program_of(blocks, name),
            "gcode",
            bgcode.blocks_sha256(blocks),
            jsonl.split(inside, name) if inside is not None else (),
        )
    if bambu.is_archive(data):
        member, program, inside = bambu.read(data, name, plate)
        bundles = jsonl.split(inside, name) if inside is not None else ()
        return Carried(Form.BAMBU, program, member, None, bundles)
    if tail.has_block(data):
        program, inside = tail.split(data, name)
        return Carried(Form.TAIL, program, "", None, jsonl.split(inside, name))
    return Carried(Form.GCODE, data, "", None, ())


def wrapped(program: bytes, form: Form) -> bytes:
    """A new file of this form around the program, without certificates."""
    from printstd.certify.carriers.told import told_by

    if form is Form.BAMBU:
        return bambu.package(program, told_by(program))
    if form is Form.BGCODE:
        return bgcode.write(_blocks(program))
    return program


def _blocks(program: bytes) -> Sequence[bgcode.Block]:
    """Metadata as the program's comments tell them, and its whole text: taken out again, it is
    byte for byte what was signed."""
    from printstd.certify.carriers.told import told_by

    told = told_by(program)
    produced = {
        "Producer": told.producer,
        **({"Produced on": told.produced_on} if told.produced_on else {}),
    }
    blocks = [
        _pairs(bgcode.Kind.FILE, tuple(produced.items())),
        _pairs(bgcode.Kind.PRINTER, told.printer),
    ]
    blocks += [
        bgcode.Block(bgcode.Kind.THUMBNAIL, struct.pack("<HHH", 0, width, height), png)
        for width, height, png in told.thumbnails
    ]
    blocks += [_pairs(bgcode.Kind.PRINT, told.prints), _pairs(bgcode.Kind.SLICER, told.config)]
    return [*blocks, *bgcode.text_blocks(program)]


def _pairs(kind: bgcode.Kind, pairs: Sequence[tuple[str, str]]) -> bgcode.Block:
    text = "".join(f"{key}={value}\n" for key, value in pairs)
    return bgcode.Block(kind, struct.pack("<H", 0), text.encode("utf-8"))


def with_certificates(container: bytes, name: str, form: Form, bundles: Sequence[bytes]) -> bytes:
    """The file of `wrapped`, or one of another maker, with the certificates in it."""
    if form is Form.BAMBU:
        return bambu.with_certificates(container, name, bundles)
    if form is Form.BGCODE:
        return bgcode.write(bgcode.with_certificates(bgcode.read(container, name), bundles))
    if form is Form.TAIL:
        return tail.append(container, bundles)
    raise AssertionError(said("a program alone carries nothing"))
