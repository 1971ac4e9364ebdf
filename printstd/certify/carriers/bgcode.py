"""Prusa's binary G-code: a header and blocks, each with its kind, packing and CRC32.

The blocks are kept as they were read. The certificate is the key `KEY` of the slicer metadata, last
of its lines. A CRC is no protection: what is signed is `blocks_sha256`, over every block unpacked,
without that one line, so that packing and certificate may differ and nothing else may. Format: its
published specification, version 1.
"""

from __future__ import annotations

import base64
import hashlib
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from printstd.certify.carriers import heatshrink, jsonl, meatpack
from printstd.certify.carriers.refusal import refused
from printstd.certify.carriers.zips import inflated
from printstd.words import said

MAGIC: Final = b"GCDE"
KEY: Final = b"printstd_certificate"
MAX_BLOCKS: Final = 1 << 17
MAX_BYTES: Final = 1 << 30
"""Of all blocks together, unpacked."""
_HEADER: Final = struct.Struct("<4sIH")
_NO_CHECKSUM, _CRC32 = 0, 1
_GCODE_BLOCK_BYTES: Final = 65536
"""As large as Prusa's own writer makes them; printers read block by block."""


class Kind(IntEnum):
    FILE = 0
    GCODE = 1
    SLICER = 2
    PRINTER = 3
    PRINT = 4
    THUMBNAIL = 5


_ORDER: Final = {
    Kind.FILE: 0,
    Kind.PRINTER: 1,
    Kind.THUMBNAIL: 2,
    Kind.PRINT: 3,
    Kind.SLICER: 4,
    Kind.GCODE: 5,
}
_SEVERAL: Final = (Kind.THUMBNAIL, Kind.GCODE)
_PLAIN, _MEATPACK, _MEATPACK_COMMENTS = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Block:
    """One block. parameters : as they stand in the file. data : unpacked."""

    kind: Kind
    parameters: bytes
    data: bytes


def is_bgcode(data: bytes) -> bool:
    return data[:4] == MAGIC


def read(data: bytes, name: str) -> tuple[Block, ...]:
    """The blocks of a file; InputError where it keeps not to the specification's version 1."""
    if len(data) < _HEADER.size:
        raise _broken(name, said("{count} bytes", count=len(data)))
    magic, version, checksum = _HEADER.unpack_from(data)
    if magic != MAGIC or version != 1 or checksum not in (_NO_CHECKSUM, _CRC32):
        raise _broken(
            name, said("version {version}, checksum {sum}", version=version, sum=checksum)
        )
    blocks: list[Block] = []
    at, total = _HEADER.size, 0
    while at < len(data):
        block, at = _block(
            data, at, name, len(blocks), has_crc=checksum == _CRC32, room=MAX_BYTES - total
        )
        total += len(block.data)
        blocks.append(block)
        if len(blocks) > MAX_BLOCKS:
            raise _broken(name, said("more than {most} blocks", most=MAX_BLOCKS))
    _check_order(blocks, name)
    return tuple(blocks)


def _broken(name: str, got: str) -> Exception:
    return refused(
        said("the binary G-code cannot be read"),
        name,
        got,
        said("a .bgcode file of version 1, whole, its blocks in their order"),
    )


def _block(
    data: bytes, start: int, name: str, number: int, *, has_crc: bool, room: int
) -> tuple[Block, int]:
    """The block at `start`, and where the next begins."""

    def broken(why: str) -> Exception:
        return _broken(name, said("block {number}: {why}", number=number, why=why))

    if start + 8 > len(data):
        raise broken(said("it is cut"))
    kind, packing, size = struct.unpack_from("<HHI", data, start)
    if kind > max(Kind) or packing > 3:
        raise broken(said("kind {kind}, packing {packing}", kind=kind, packing=packing))
    at = start + (8 if packing == 0 else 12)
    n_parameters = 6 if kind == Kind.THUMBNAIL else 2
    if at + n_parameters > len(data):
        raise broken(said("it is cut"))
    packed = size if packing == 0 else struct.unpack_from("<I", data, start + 8)[0]
    parameters = data[at : at + n_parameters]
    at += n_parameters
    end = at + packed
    after = end + (4 if has_crc else 0)
    if after > len(data):
        raise broken(said("it is cut"))
    if has_crc and zlib.crc32(data[start:end]) != struct.unpack_from("<I", data, end)[0]:
        raise broken(said("its checksum is another"))
    if size > room:
        raise broken(said("{size} bytes are too many", size=size))
    format_ = struct.unpack_from("<H", parameters)[0]
    if format_ > (2 if kind in _SEVERAL else 0):
        raise broken(said("encoding {number}", number=format_))
    try:
        unpacked = _unpacked(data[at:end], packing, size)
    except ValueError as error:
        raise broken(str(error)) from error
    return Block(Kind(kind), parameters, unpacked), after


def _unpacked(data: bytes, packing: int, size: int) -> bytes:
    if packing == 0:
        return data
    if packing == 1:
        found = inflated(data, size, wbits=15)
        if found is None or len(found) != size:
            raise ValueError("deflate: not the data that it should stand for")
        return found
    return heatshrink.decompress(
        data, window_bits=11 if packing == 2 else 12, lookahead_bits=4, size=size
    )


def _check_order(blocks: Sequence[Block], name: str) -> None:
    kinds = [block.kind for block in blocks]
    places = [_ORDER[kind] for kind in kinds]
    once = [kind for kind in kinds if kind not in _SEVERAL]
    needed = (Kind.PRINTER, Kind.PRINT, Kind.SLICER, Kind.GCODE)
    if places != sorted(places) or len(set(once)) != len(once) or not set(needed) <= set(kinds):
        raise _broken(
            name, said("blocks {kinds}", kinds=", ".join(dict.fromkeys(k.name for k in kinds)))
        )


def program_of(blocks: Sequence[Block], name: str) -> bytes:
    """The text of the program."""
    parts = []
    for number, block in enumerate(blocks):
        if block.kind is not Kind.GCODE:
            continue
        try:
            is_plain = block.parameters == struct.pack("<H", _PLAIN)
            parts.append(block.data if is_plain else meatpack.unpack(block.data))
        except ValueError as error:
            raise _broken(
                name, said("block {number}: {why}", number=number, why=str(error))
            ) from error
    return b"".join(parts)


def _lines(block: Block) -> list[bytes]:
    return block.data.split(b"\n")


def _is_certificate(line: bytes) -> bool:
    return line.partition(b"=")[0].strip() == KEY


def certificates_of(blocks: Sequence[Block], name: str) -> bytes | None:
    """What the slicer metadata carries, as lines of JSON; None where they carry none."""
    found = [
        line
        for block in blocks
        if block.kind in (Kind.FILE, Kind.PRINTER, Kind.PRINT, Kind.SLICER)
        for line in _lines(block)
        if _is_certificate(line)
    ]
    if not found:
        return None
    own = [line for block in blocks if block.kind is Kind.SLICER for line in _lines(block)[-2:]]
    is_last = own == [found[0], b""] or own[-1:] == [found[0]]
    if len(found) > 1 or not is_last or not found[0].startswith(KEY + b"="):
        raise refused(
            said("the certificates inside are not where they belong"),
            name,
            said("{count} lines of {key}", count=len(found), key=KEY.decode("ascii")),
            said("one, the last line of the slicer metadata"),
        )
    return jsonl.from_base64(found[0][len(KEY) + 1 :], name)


def without_certificates(blocks: Sequence[Block]) -> tuple[Block, ...]:
    return tuple(
        replace(
            block,
            data=b"\n".join(line for line in _lines(block) if not _is_certificate(line)),
        )
        if block.kind is Kind.SLICER
        else block
        for block in blocks
    )


def blocks_sha256(blocks: Sequence[Block]) -> str:
    """The digest that is signed (``#bgcode-v1``): SHA-256 over ``printstd-bgcode-v1``, a newline,
    and of each block in order, without certificates: kind (u16), length of its parameters (u16),
    the parameters, length of its data (u32), the unpacked data; integers little-endian."""
    digest = hashlib.sha256(b"printstd-bgcode-v1\n")
    for block in without_certificates(blocks):
        digest.update(struct.pack("<HH", block.kind, len(block.parameters)) + block.parameters)
        digest.update(struct.pack("<I", len(block.data)) + block.data)
    return digest.hexdigest()


def with_certificates(blocks: Sequence[Block], bundles: Sequence[bytes]) -> tuple[Block, ...]:
    """The blocks with the certificates in their slicer metadata, in the place of any there.

    Where another maker's last line has no end, the certificates' line has none either: taken out
    again, the metadata are what they were, and so is `blocks_sha256`.
    """
    line = KEY + b"=" + base64.b64encode(jsonl.joined(bundles))
    made = []
    for block in without_certificates(blocks):
        if block.kind is Kind.SLICER:
            ends = block.data[-1:] in (b"", b"\n")
            text = block.data + line + b"\n" if ends else block.data + b"\n" + line
            block = replace(block, data=text)
        made.append(block)
    return tuple(made)


def write(blocks: Sequence[Block]) -> bytes:
    """A file of the blocks, unpacked: the bytes do not depend on anybody's packer."""
    parts = [_HEADER.pack(MAGIC, 1, _CRC32)]
    for block in blocks:
        body = struct.pack("<HHI", block.kind, 0, len(block.data)) + block.parameters + block.data
        parts += [body, struct.pack("<I", zlib.crc32(body))]
    return b"".join(parts)


def text_blocks(program: bytes) -> list[Block]:
    """A program's text as G-code blocks that end at the ends of lines."""
    blocks, at = [], 0
    while at < len(program):
        end = min(at + _GCODE_BLOCK_BYTES, len(program))
        if end < len(program):
            end = program.rfind(b"\n", at, end) + 1 or end
        blocks.append(Block(Kind.GCODE, struct.pack("<H", _PLAIN), program[at:end]))
        at = end
    return blocks
