"""Spellings that the grammar refuses and some firmware reads all the same: lower case, line numbers
with their checksums. They are findings, and what the lines say is followed nevertheless: a
finding about the spelling must not hide what the machine would do.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

_NUMBER: Final = re.compile(rb"[Nn] ?\d+ *")
_CHECKSUM: Final = re.compile(rb"\*(\d{1,3})\Z")
_LONGEST_CHECKSUM: Final = 4
_CASED: Final = re.compile(rb"[gmtGMT]\d")
_BLANK: Final = 32
_NEWLINE: Final = 10
_N: Final = (ord("N"), ord("n"))


def unnumbered(
    data: bytes, start: NDArray[np.int64], stop: NDArray[np.int64]
) -> list[tuple[int, str]]:
    """Take line number and checksum off the executable parts data[start:stop], in place.

    Gives (row, what is wrong with it) for each line that has them.
    """
    found = []
    first = np.frombuffer(data + b"\0", np.uint8)[np.minimum(start, len(data))]
    for row in np.flatnonzero(np.isin(first, _N) & (stop > start)).tolist():
        begin, end = int(start[row]), int(stop[row])
        whole = data[begin:end]
        number = _NUMBER.match(whole)
        if number is None:
            continue
        command = whole[number.end() :].rstrip(b" ")
        checksum = _CHECKSUM.search(command[-_LONGEST_CHECKSUM:])
        what = "a line number, which only a host sends"
        if checksum is not None:
            command = command[: -len(checksum.group(0))].rstrip(b" ")
            said, covered = int(checksum.group(1)), whole[: whole.index(b"*")]
            if said != int(np.bitwise_xor.reduce(np.frombuffer(covered, np.uint8))):
                what = f"the checksum {said} is wrong: a firmware refuses the line"
        start[row] = begin + number.end()
        stop[row] = start[row] + len(command)
        found.append((row, what))
    return found


def respaced(data: bytes) -> tuple[bytes, NDArray[np.int64]]:
    """(the text with one blank for each run of blanks and none before a line's first word, where
    each of its bytes and its end stood)."""
    body = np.frombuffer(data, np.uint8)
    is_blank = body == _BLANK
    first = is_blank & ~np.append(False, is_blank[:-1])
    at_start = np.append(True, body[:-1] == _NEWLINE)[: len(body)]
    # Of a run the last blank stays, and not even that one at the start of a line.
    run = np.cumsum(first)
    leads = np.append(False, at_start[first])
    dropped = is_blank & (np.append(is_blank[1:], False)[: len(body)] | leads[run])
    kept = np.flatnonzero(~dropped)
    return body[kept].tobytes(), np.append(kept, len(data))


def upper(text: bytes) -> bytes | None:
    """The executable part of a command in lower case as firmwares read it; None where it is none
    or has nothing in lower case."""
    if not _CASED.match(text) or text == text.upper():
        return None
    return text.upper()
