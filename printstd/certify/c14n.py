"""c14n-v1, the canonical command stream: the same program in another file.

Each line cut at its first ``;``, split on spaces, joined by one space; empty lines dropped,
LF ends; numbers untouched. Only for programs that the strict lexer accepted (facts of
certification 4.2): before it, comment and quote differentials would be attacks.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

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
