"""c14n-v1, the canonical command stream: the same program in another file.

Each line cut at its first ``;``, split on spaces, joined by one space; empty lines dropped,
LF ends; numbers untouched. Only for programs that the strict lexer accepted (facts of
certification 4.2): before it, comment and quote differentials would be attacks.
"""

from __future__ import annotations

import hashlib


def canonical_commands(program: bytes) -> bytes:
    """The commands alone, one a line."""
    lines = (b" ".join(line.split(b";", 1)[0].split()) for line in program.split(b"\n"))
    kept = [line for line in lines if line]
    return b"\n".join(kept) + b"\n" if kept else b""


def commands_sha256(program: bytes) -> str:
    return hashlib.sha256(canonical_commands(program)).hexdigest()
