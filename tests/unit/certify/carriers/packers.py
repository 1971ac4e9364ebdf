"""Packers of the formats that printstd only reads, written from their descriptions: for tests.

They try nothing clever: what a reader must do with their output is all that counts.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

from printstd.certify.carriers.bgcode import Block, Kind

CHARACTERS = b"0123456789. \nGX"


def heatshrink(data: bytes, window_bits: int, lookahead_bits: int) -> bytes:
    """Greedy: the longest match of at least three bytes among the last 300, else a literal."""
    bits: list[str] = []
    at = 0
    while at < len(data):
        best = (0, 0)
        for back in range(1, min(at, 1 << window_bits, 300) + 1):
            length = 0
            while (
                length < 1 << lookahead_bits
                and at + length < len(data)
                and data[at - back + length] == data[at + length]
            ):
                length += 1
            best = max(best, (length, -back))
        length, back = best[0], -best[1]
        if length >= 3:
            bits.append(f"0{back - 1:0{window_bits}b}{length - 1:0{lookahead_bits}b}")
            at += length
        else:
            bits.append(f"1{data[at]:08b}")
            at += 1
    text = "".join(bits)
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big") if text else b""


def meatpack(text: bytes, *, no_spaces: bool) -> bytes:
    """Packed from the first byte to the last; in G lines the blanks are left out."""
    known = CHARACTERS.replace(b" ", b"E") if no_spaces else CHARACTERS
    out = bytearray(b"\xff\xff\xfb" + (b"\xff\xff\xf7" if no_spaces else b""))
    for line in text.splitlines(keepends=True):
        packed = line.replace(b" ", b"") if line.startswith(b"G") else line
        if len(packed) % 2:
            packed += b"\n"
        for low, high in zip(packed[::2], packed[1::2], strict=True):
            halves = [known.find(value) if value in known else 15 for value in (low, high)]
            out.append(halves[1] << 4 | halves[0])
            out += bytes(v for v, half in zip((low, high), halves, strict=True) if half == 15)
    return bytes(out + b"\xff\xff\xf9")


def bgcode(blocks: Sequence[Block], packing: int, encoding: int) -> bytes:
    """A file with every block packed alike; metadata, and programs, as printers get them."""
    out = bytearray(struct.pack("<4sIH", b"GCDE", 1, 1))
    for block in blocks:
        data, parameters = block.data, block.parameters
        if block.kind is Kind.GCODE and encoding:
            data, parameters = meatpack(data, no_spaces=True), struct.pack("<H", encoding)
        if packing == 1:
            packed = zlib.compress(data)
        else:
            packed = heatshrink(data, 9 + packing, 4) if packing else data
        head = struct.pack("<HHI", block.kind, packing, len(data))
        body = head + (struct.pack("<I", len(packed)) if packing else b"") + parameters + packed
        out += body + struct.pack("<I", zlib.crc32(body))
    return bytes(out)
