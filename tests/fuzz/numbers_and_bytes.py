"""Mutations of bytes that know nothing of a format, and the words that parsers get wrong.

Every mutation is a function of the bytes and of a generator, so that a case is its seed.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from random import Random

Mutation = Callable[[bytes, Random], bytes]

WORDS = (
    *(b"nan", b"-nan", b"inf", b"-Infinity", b"1.#QNAN", b"1e999", b"1e-999", b"-0", b"1e38"),
    *(b"0x1p3", b"1_000", "\u22121".encode(), b"1" * 400, b"1,5", b"1.5.5", b"+-1", b"e5", b"."),
    *(b"-1", b"0", b"99999999999", b"4294967295", b"2147483648", "\u0661".encode()),
    *(
        b"\0",
        b"\r",
        b"\n",
        b"\r\n",
        b"\t",
        b"\xff\xff\xff\xff",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\x1a",
    ),
)
"""Numbers and bytes that some reader is known to take for something else (facts, 7)."""

FLOATS = tuple(
    struct.pack("<I", bits)
    for bits in (
        *(0x7FC00000, 0xFFC00000, 0x7F800001, 0x7F800000, 0xFF800000),  # NaN, infinities
        *(0x7E967699, 0x7F7FFFFF, 0x00000001, 0x00800000, 0x80000000, 0x4F000000, 0x5D5E0B6B),
    )
)
"""1e38, the largest, a denormal, the smallest normal, -0, 2^31, 1e18."""


def flip(data: bytes, random: Random) -> bytes:
    at = random.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << random.randrange(8))]) + data[at + 1 :]


def interesting(data: bytes, random: Random) -> bytes:
    at = random.randrange(len(data))
    return (
        data[:at] + random.choice((b"\0", b"\xff", b"\x7f", b"\x80", b" ", b"0")) + data[at + 1 :]
    )


def delete(data: bytes, random: Random) -> bytes:
    at = random.randrange(len(data))
    return data[:at] + data[at + random.choice((1, 2, 4, 12, 50)) :]


def insert_word(data: bytes, random: Random) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + random.choice(WORDS) + data[at:]


def replace_word(data: bytes, random: Random) -> bytes:
    """One word between blanks or quotes, as a text has numbers."""
    at = random.randrange(len(data))
    start = max(data.rfind(mark, 0, at) for mark in (b" ", b"\n", b'"')) + 1
    ends = [end for mark in (b" ", b"\n", b'"') if (end := data.find(mark, at)) >= 0]
    return data[:start] + random.choice(WORDS) + data[min(ends, default=len(data)) :]


def truncate(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data))]


def splice(data: bytes, random: Random) -> bytes:
    """A stretch of the file again, somewhere else."""
    start, size, at = (
        random.randrange(len(data)),
        random.randrange(1, 200),
        random.randrange(len(data)),
    )
    return data[:at] + data[start : start + size] + data[at:]


def line_ends(data: bytes, random: Random) -> bytes:
    """Some lines end in another way than the others."""
    lines = data.split(b"\n")
    ends = (b"\n", b"\r", b"\r\n", b"\n\n", b" \n", b"\x0b", b" ", b"")
    return b"".join(
        line + random.choice(ends) if random.random() < 0.2 else line + b"\n" for line in lines
    )


def swap_lines(data: bytes, random: Random) -> bytes:
    lines = data.split(b"\n")
    a, b = random.randrange(len(lines)), random.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines)


def glue(data: bytes, random: Random) -> bytes:
    """A blank between two words is lost."""
    blanks = [i for i, byte in enumerate(data[:8000]) if byte == 32]
    if not blanks:
        return delete(data, random)
    at = random.choice(blanks)
    return data[:at] + data[at + 1 :]


OF_BYTES: tuple[Mutation, ...] = (flip, interesting, delete, insert_word, truncate, splice)
OF_TEXT: tuple[Mutation, ...] = (*OF_BYTES, replace_word, replace_word, line_ends, swap_lines, glue)


REPEATED = (
    *(b" ", b"\n", b"\r", b"\t", b"(", b"[", b"{", b'"', b"'", b"\\", b"*", b"-", b"0", b"e", b";"),
    *(
        b"<!---->",
        b"<a>",
        b"<?a?>",
        b"[[",
        b"{}",
        b"[],",
        b"//",
        b"/*",
        b"a=",
        b"=\n",
        b"; a = 1\n",
    ),
    *(b" X1", b" *", b"\xff", b"\0", b"A.", b"a b ", b"- ", b"\n\n", b"f 1 2 3\n", b"v 0 0 0\n"),
)
_LONG = (20_000, 60_000)
"""Bytes: a square of them is seen, and what takes as long as them is quick."""


def repeated(data: bytes, random: Random) -> bytes:
    """A stretch of the file, or something short, very often somewhere in it."""
    start = random.randrange(len(data) + 1)
    own = data[start : start + random.randrange(1, 30)]
    what = random.choice(REPEATED) if random.random() < 0.5 or not own else own
    at = random.randrange(len(data) + 1)
    return data[:at] + what * (random.randrange(*_LONG) // len(what)) + data[at:]
