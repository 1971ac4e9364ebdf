"""The tail block: certificates as comment lines after the last byte of a program.

    ; printstd-certificate-begin v1
    ; <base64, 76 columns>
    ; printstd-certificate-end

Exactly one begin marker, nothing after the end marker's newline. The program is all bytes before
the begin marker, so ``head -c N FILE | sha256sum`` still works for anybody. Source: facts of
certification 4.1.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Final

from printstd.certify.carriers import jsonl
from printstd.certify.carriers.refusal import refused
from printstd.words import said

BEGIN: Final = b"; printstd-certificate-begin v1\n"
END: Final = b"; printstd-certificate-end\n"
MARK: Final = b"printstd-certificate-begin"
"""Wherever it stands, whatever the blanks around it and the version behind it."""
_COLUMNS: Final = 76


def has_block(data: bytes) -> bool:
    """Is there anything that a reader could take for a block?"""
    return MARK in data


def append(program: bytes, bundles: Sequence[bytes]) -> bytes:
    """The program with its certificates behind it. InputError for one that has a block already, or
    whose last line does not end: a line that grows would be another program."""
    if has_block(program):
        raise refused(
            said("the program carries a certificate already"),
            "",
            said("a begin marker"),
            said("a program without one"),
        )
    if program[-1:] != b"\n":
        raise refused(
            said("nothing can be written behind this program"),
            "",
            said("a last line without its end"),
            said("a program whose last byte is a newline"),
        )
    text = base64.b64encode(jsonl.joined(bundles))
    lines = [b"; " + text[at : at + _COLUMNS] + b"\n" for at in range(0, len(text), _COLUMNS)]
    return b"".join([program, BEGIN, *lines, END])


def split(data: bytes, name: str) -> tuple[bytes, bytes]:
    """(program, certificates as lines of JSON); InputError where a rule of the block is broken."""
    wanted = said("one block of certificates, the last thing in the file")
    if data.count(MARK) != 1:
        raise refused(
            said("there are several begin markers of certificates"),
            name,
            said("{count} of them", count=data.count(MARK)),
            wanted,
        )
    start = data.find(BEGIN)
    if start < 0 or (start and data[start - 1 : start] != b"\n"):
        raise refused(
            said("the begin marker of the certificates is not one that this version knows"),
            name,
            said("the marker with other blanks, another version or in the middle of a line"),
            said("the line {line}", line=BEGIN.decode("ascii").rstrip()),
        )
    lines = data[start + len(BEGIN) :].split(b"\n")
    if lines[-1] != b"" or lines[-2:-1] != [END.rstrip(b"\n")]:
        raise refused(
            said("the file does not end with the end marker of its certificates"),
            name,
            said("something behind it, or the file was cut"),
            wanted,
        )
    body = lines[:-2]
    is_regular = all(len(line) == 2 + _COLUMNS for line in body[:-1]) and all(
        line.startswith(b"; ") and 2 < len(line) <= 2 + _COLUMNS for line in body
    )
    if not body or not is_regular or len(data) - start > 2 * jsonl.MAX_BYTES:
        raise refused(
            said("the block of certificates is not written as it should be"),
            name,
            said("{count} lines of it", count=len(body)),
            said("lines of a semicolon, a space and 76 columns of base64"),
        )
    return data[:start], jsonl.from_base64(b"".join(line[2:] for line in body), name)
