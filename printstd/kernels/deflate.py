"""A small deflate encoder whose bytes depend on its input alone.

`zlib.compress` gives other bytes with other builds of zlib, and pictures are part of what we
digest. This one is RFC 1951 with one dynamic-Huffman block per stream and matches at a few given
distances only (for a picture: the pixel before, the row above and its neighbours), which flat
shaded pictures hardly notice.
"""

from __future__ import annotations

import heapq
import zlib
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

_MIN_MATCH: Final = 3
_MAX_MATCH: Final = 258
_MAX_DISTANCE: Final = 32_768
_END_OF_BLOCK: Final = 256

# RFC 1951 3.2.5: extra bits and first length or distance of each symbol.
_LENGTH_EXTRA: Final = np.array(
    [0] * 8 + [1] * 4 + [2] * 4 + [3] * 4 + [4] * 4 + [5] * 4 + [0], np.int64
)
_LENGTH_BASE: Final = np.cumsum(np.r_[3, 1 << _LENGTH_EXTRA[:-1]])
_LENGTH_BASE[-1] = _MAX_MATCH  # the longest has a symbol of its own
_DISTANCE_EXTRA: Final = np.array([0, 0, *(i // 2 for i in range(28))], np.int64)
_DISTANCE_BASE: Final = np.cumsum(np.r_[1, 1 << _DISTANCE_EXTRA[:-1]])
# RFC 1951 3.2.7: in which order the lengths of the code-length codes are sent.
_CODE_LENGTH_ORDER: Final = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)


def zlib_stream(data: bytes, distances: Sequence[int]) -> bytes:
    """`data` as a zlib stream (RFC 1950), with matches at the given distances."""
    tokens = _tokens(np.frombuffer(data, np.uint8), distances)
    body = _block(*tokens)
    return b"\x78\x01" + body + zlib.adler32(data).to_bytes(4, "big")


def _match_lengths(data: NDArray[np.uint8], distance: int) -> NDArray[np.int64]:
    """(n,) int64: how many bytes from each position equal those `distance` before."""
    n = len(data)
    if distance >= n:
        return np.zeros(n, np.int64)
    mismatch = np.full(n + 1, n, np.int64)
    mismatch[:distance] = np.arange(distance)
    differs = np.flatnonzero(data[distance:] != data[:-distance]) + distance
    mismatch[differs] = differs
    next_mismatch = np.minimum.accumulate(mismatch[::-1])[::-1][:n]
    return np.minimum(next_mismatch - np.arange(n), _MAX_MATCH)


def _tokens(
    data: NDArray[np.uint8], distances: Sequence[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Greedy parse: (literal byte or length, distance or 0 for a literal) of each token."""
    n = len(data)
    best, at = np.zeros(n, np.int64), np.zeros(n, np.int64)
    for distance in distances:
        if 0 < distance <= _MAX_DISTANCE:
            found = _match_lengths(data, distance)
            longer = found > best
            best[longer], at[longer] = found[longer], distance
    step = np.where(best >= _MIN_MATCH, best, 1).tolist()
    position, taken = 0, []
    while position < n:
        taken.append(position)
        position += step[position]
    index = np.asarray(taken, np.int64)
    is_match = best[index] >= _MIN_MATCH
    value = np.where(is_match, best[index], data[index].astype(np.int64))
    return value, np.where(is_match, at[index], 0)


def _code_lengths(counts: Sequence[int], limit: int) -> list[int]:
    """Huffman code length of each symbol, at most `limit`; ties by symbol number."""
    used = [symbol for symbol, count in enumerate(counts) if count]
    lengths = [0] * len(counts)
    if len(used) < 2:
        # A code of one symbol still needs a bit, and decoders want a complete code of two.
        for symbol in [*used, *(s for s in (0, 1) if s not in used)][:2]:
            lengths[symbol] = 1
        return lengths
    weights = {symbol: counts[symbol] for symbol in used}
    while True:
        heap: list[tuple[int, int, tuple[int, ...]]] = [
            (weight, symbol, (symbol,)) for symbol, weight in weights.items()
        ]
        heapq.heapify(heap)
        depth = dict.fromkeys(used, 0)
        number = len(counts)
        while len(heap) > 1:
            weight_a, _, a = heapq.heappop(heap)
            weight_b, _, b = heapq.heappop(heap)
            for symbol in (*a, *b):
                depth[symbol] += 1
            heapq.heappush(heap, (weight_a + weight_b, number, a + b))
            number += 1
        if max(depth.values()) <= limit:
            for symbol, bits in depth.items():
                lengths[symbol] = bits
            return lengths
        # Flatter counts give a flatter tree: a little longer, and always within the limit.
        weights = {symbol: (weight + 1) // 2 for symbol, weight in weights.items()}


def _codes(lengths: Sequence[int]) -> NDArray[np.int64]:
    """Canonical codes (RFC 1951 3.2.2), bits reversed: they are sent first bit first."""
    codes = np.zeros(len(lengths), np.int64)
    code = 0
    for bits in range(1, max(lengths) + 1):
        code <<= 1
        for symbol, length in enumerate(lengths):
            if length == bits:
                codes[symbol] = int(f"{code:0{bits}b}"[::-1], 2)
                code += 1
    return codes


def _run_lengths(lengths: Sequence[int]) -> list[tuple[int, int, int]]:
    """Code lengths as (symbol, extra value, extra bits): runs of zeros by 17 and 18."""
    out: list[tuple[int, int, int]] = []
    i = 0
    while i < len(lengths):
        run = 1
        while i + run < len(lengths) and lengths[i + run] == lengths[i] and run < 138:
            run += 1
        if lengths[i] == 0 and run >= 3:
            out.append((17, run - 3, 3) if run <= 10 else (18, run - 11, 7))
            i += run
        else:
            out.append((lengths[i], 0, 0))
            i += 1
    return out


def _block(value: NDArray[np.int64], distance: NDArray[np.int64]) -> bytes:
    """The tokens as one final dynamic-Huffman block."""
    is_match = distance > 0
    length_code = np.searchsorted(_LENGTH_BASE, value, side="right") - 1
    symbol = np.where(is_match, 257 + length_code, value)
    distance_code = np.searchsorted(_DISTANCE_BASE, distance, side="right") - 1
    literal_counts = np.bincount(symbol, minlength=286)
    literal_counts[_END_OF_BLOCK] += 1
    distance_counts = np.bincount(distance_code[is_match], minlength=30)
    literal_lengths = _code_lengths(literal_counts.tolist(), 15)
    distance_lengths = _code_lengths(distance_counts.tolist(), 15)

    runs = _run_lengths([*literal_lengths, *distance_lengths])
    meta_counts = np.bincount([run[0] for run in runs], minlength=19)
    meta_lengths = _code_lengths(meta_counts.tolist(), 7)
    meta_codes = _codes(meta_lengths)
    sent = max(4, 1 + max(i for i, s in enumerate(_CODE_LENGTH_ORDER) if meta_lengths[s]))
    fields = [(1, 1), (2, 2), (286 - 257, 5), (30 - 1, 5), (sent - 4, 4)]
    fields += [(meta_lengths[s], 3) for s in _CODE_LENGTH_ORDER[:sent]]
    for meta, extra, bits in runs:
        fields += [(int(meta_codes[meta]), meta_lengths[meta]), (extra, bits)]

    literal_codes, distance_codes = _codes(literal_lengths), _codes(distance_lengths)
    near = np.where(is_match, distance_code, 0)
    columns = (
        (literal_codes[symbol], np.asarray(literal_lengths)[symbol]),
        (value - _LENGTH_BASE[length_code], np.where(is_match, _LENGTH_EXTRA[length_code], 0)),
        (distance_codes[near], np.where(is_match, np.asarray(distance_lengths)[near], 0)),
        (distance - _DISTANCE_BASE[near], np.where(is_match, _DISTANCE_EXTRA[near], 0)),
    )
    head = np.asarray(fields, np.int64)
    end = (literal_codes[_END_OF_BLOCK], literal_lengths[_END_OF_BLOCK])
    values = np.concatenate([head[:, 0], np.stack([c[0] for c in columns], 1).ravel(), [end[0]]])
    widths = np.concatenate([head[:, 1], np.stack([c[1] for c in columns], 1).ravel(), [end[1]]])
    return _packed(values, widths)


def _packed(values: NDArray[np.int64], widths: NDArray[np.int64]) -> bytes:
    """Bit fields one after another, each least significant bit first."""
    starts = np.cumsum(widths) - widths
    within = np.arange(int(widths.sum())) - np.repeat(starts, widths)
    bits = (np.repeat(values, widths) >> within) & 1
    return np.packbits(bits.astype(np.uint8), bitorder="little").tobytes()
