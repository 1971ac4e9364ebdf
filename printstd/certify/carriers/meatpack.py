"""Reading MeatPack, the packing of G-code's commonest characters into half bytes.

Each half, low one first, is one of fifteen characters or 15 for "a whole byte follows". Two bytes
255 and a third are a command: packing on and off, ``E`` in the place of the blank on and off. The
packer takes the blanks out of G lines; they are put back before each letter, so that the program's
words, and with them its c14n-v1 digest, are those that were packed.
"""

from __future__ import annotations

import re
from typing import Final

_SIGNAL: Final = 0xFF
_PACK_ON, _PACK_OFF, _RESET, _QUERY, _NO_SPACES_ON, _NO_SPACES_OFF = 251, 250, 249, 248, 247, 246
_CHARACTERS: Final = b"0123456789. \nGX"
_WHOLE: Final = 15

_G_LINE: Final = re.compile(rb"^G[^\n;]*", re.MULTILINE)
_BEFORE_LETTER: Final = re.compile(rb"(?<=[^ \n])(?=[A-Z])")


def unpack(data: bytes) -> bytes:
    """The text that `data` stands for; ValueError where it ends within a character or a command,
    or holds a command that there is none of."""
    out = bytearray()
    characters = _CHARACTERS
    is_packed = False
    later: int | None = None  # the second half, while the first half's whole byte is awaited
    n_whole = n_signals = 0
    for byte in data:
        if byte == _SIGNAL:
            n_signals += 1
            if n_signals < 2:
                continue
            if n_signals == 2:
                continue
            raise ValueError("meatpack: three signal bytes")
        if n_signals == 2:
            n_signals = 0
            if byte in (_PACK_ON, _PACK_OFF, _RESET):
                is_packed = byte == _PACK_ON
            elif byte in (_NO_SPACES_ON, _NO_SPACES_OFF):
                characters = _CHARACTERS.replace(b" ", b"E" if byte == _NO_SPACES_ON else b" ")
            elif byte != _QUERY:
                raise ValueError(f"meatpack: command {byte}")
            continue
        # One signal byte alone is data: two whole characters follow.
        for value in (_SIGNAL, byte) if n_signals else (byte,):
            if not is_packed:
                out.append(value)
            elif n_whole:
                out.append(value)
                n_whole -= 1
                if later is not None:
                    out.append(later)
                    later = None
            else:
                low, high = value & 15, value >> 4
                if low == _WHOLE:
                    n_whole = 2 if high == _WHOLE else 1
                    later = None if high == _WHOLE else characters[high]
                else:
                    out.append(characters[low])
                    if characters[low] != 0x0A:
                        if high == _WHOLE:
                            n_whole = 1
                        else:
                            out.append(characters[high])
        n_signals = 0
    if n_whole or n_signals:
        raise ValueError("meatpack: the data end within a character")
    return _G_LINE.sub(lambda line: _BEFORE_LETTER.sub(b" ", line.group()), bytes(out))
