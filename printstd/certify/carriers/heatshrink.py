"""Reading heatshrink, the LZSS of small firmwares: one bit says literal byte or back-reference.

A literal is 8 bits; a reference is (distance - 1) in `window_bits` and (length - 1) in
`lookahead_bits`, most significant bit first. What lies before the first byte counts as zeros.
Format: facts of certification 4.1 (bgcode), and the library's own description.
"""

from __future__ import annotations


def decompress(data: bytes, *, window_bits: int, lookahead_bits: int, size: int) -> bytes:
    """The `size` bytes that `data` stands for; ValueError where it stands for fewer or more."""
    out = bytearray()
    held = n_held = at = 0
    end = len(data)
    reference_bits = window_bits + lookahead_bits
    while len(out) < size:
        while n_held < 1 + reference_bits and at < end:
            held = (held << 8) | data[at]
            at += 1
            n_held += 8
        if n_held < 9:
            raise ValueError("heatshrink: the data end too early")
        n_held -= 1
        if (held >> n_held) & 1:
            n_held -= 8
            out.append((held >> n_held) & 0xFF)
        else:
            if n_held < reference_bits:
                raise ValueError("heatshrink: the data end too early")
            n_held -= reference_bits
            pair = (held >> n_held) & ((1 << reference_bits) - 1)
            back = (pair >> lookahead_bits) + 1
            count = (pair & ((1 << lookahead_bits) - 1)) + 1
            start = len(out) - back
            if start < 0:
                zeros = min(count, -start)
                out += bytes(zeros)
                start += zeros
                count -= zeros
            if count:
                piece = bytes(out[start : start + min(back, count)])
                out += (piece * (count // len(piece) + 1))[:count]
        held &= (1 << n_held) - 1
    if len(out) != size or at != end or n_held > 7 or held:
        raise ValueError("heatshrink: more data than they should stand for")
    return bytes(out)
