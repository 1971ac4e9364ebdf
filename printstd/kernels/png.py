"""Palette PNGs (W3C PNG, colour type 3, 8 bits) whose bytes depend on the picture alone."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from printstd.kernels.deflate import zlib_stream


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def encode_palette_png(indices: NDArray[np.uint8], palette: NDArray[np.uint8]) -> bytes:
    """A PNG file. indices : (h, w) uint8 into palette. palette : (n, 4) uint8, RGBA, n <= 256."""
    if indices.ndim != 2 or indices.dtype != np.uint8 or not indices.size:
        raise ValueError("indices: wanted (h, w) uint8")
    if palette.ndim != 2 or palette.shape[1] != 4 or not 0 < len(palette) <= 256:
        raise ValueError("palette: wanted (n, 4), n from 1 to 256")
    if int(indices.max()) >= len(palette):
        raise ValueError(f"index {int(indices.max())} of {len(palette)} colours")
    height, width = indices.shape
    rows = np.zeros((height, width + 1), np.uint8)  # filter 0: colours are no quantities
    rows[:, 1:] = indices
    stride = width + 1
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((8, 3, 0, 0, 0))
    distances = (1, stride, stride - 1, stride + 1, stride - 2, stride + 2, 2 * stride, 2)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", palette[:, :3].tobytes()),
            _chunk(b"tRNS", palette[:, 3].tobytes()),
            _chunk(b"IDAT", zlib_stream(rows.tobytes(), distances)),
            _chunk(b"IEND", b""),
        )
    )
