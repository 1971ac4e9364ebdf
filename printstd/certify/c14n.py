"""c14n-v1, the canonical command stream: the same program in another file.

Each line cut at its first ``;``, split on spaces, joined by one space; empty lines dropped,
LF ends; numbers untouched. Only for programs that the strict lexer accepted (facts of
certification 4.2): before it, comment and quote differentials would be attacks.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from printstd.words import said

_COMMENT: Final = re.compile(rb";[^\n]*")
_EMPTY_LINES: Final = re.compile(rb"\n{2,}")
_SPACES: Final = bytes.maketrans(b"\t\v\f\r", b"    ")


def canonical_commands(program: bytes) -> bytes:
    """The commands alone, one a line."""
    text = _COMMENT.sub(b"", program).translate(_SPACES)
    # Whole programs at a time: there are hundreds of thousands of lines, and few to be changed.
    while b"  " in text:
        text = text.replace(b"  ", b" ")
    text = text.replace(b" \n", b"\n").replace(b"\n ", b"\n")
    text = _EMPTY_LINES.sub(b"\n", text).strip(b" \n")
    return text + b"\n" if text else b""


def commands_sha256(program: bytes) -> str:
    return hashlib.sha256(canonical_commands(program)).hexdigest()


_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)")
_QUOTED_COMMENT: Final = re.compile(rb'^[^;"\n]*"[^;\n]*;', re.MULTILINE)


def second_reading(program: bytes) -> str | None:
    """Why a machine might read other commands in these bytes than c14n-v1 does; None where it
    cannot.

    Firmwares end lines at a lone CR, stop at NUL, and take a semicolon within quotes for text
    (facts of certification 7.3): bytes of a comment would then be commands. Asked only where the
    same commands in another file are accepted; the file that was signed was read by the audit.
    """
    if found := _CONTROL.search(program):
        return said(
            "a control byte {byte} in line {line}, which machines read in different ways",
            byte=f"0x{program[found.start()]:02x}",
            line=program.count(b"\n", 0, found.start()) + 1,
        )
    if found := _QUOTED_COMMENT.search(program):
        return said(
            "quotes before a semicolon in line {line}, which machines read in different ways",
            line=program.count(b"\n", 0, found.start()) + 1,
        )
    try:
        program.decode("utf-8")
    except UnicodeDecodeError:
        return said("bytes that are no UTF-8 text")
    return None
