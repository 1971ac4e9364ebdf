"""Palette PNGs read by the standard's words and zlib, independent of what wrote them."""

from __future__ import annotations

import zlib

import numpy as np


def read_png(data: bytes) -> tuple[np.ndarray, np.ndarray]:
    """(indices (h, w), palette (n, 3)); AssertionError where the file is not one."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, chunks = 8, {}
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        assert int.from_bytes(data[at + 8 + size : at + 12 + size], "big") == zlib.crc32(
            kind + body
        )
        chunks[kind] = body
        at += 12 + size
    width, height = (int.from_bytes(chunks[b"IHDR"][i : i + 4], "big") for i in (0, 4))
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, width + 1)
    assert not rows[:, 0].any()
    return rows[:, 1:], np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)
