"""PNGs read back by an independent reader: zlib and a few lines."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.kernels.deflate import zlib_stream
from printstd.kernels.png import encode_palette_png

quick = settings(max_examples=60, deadline=None, derandomize=True)
DISTANCES = (1, 7, 6, 8, 50, 32_768, 40_000)


def chunks(png: bytes) -> dict[bytes, bytes]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, found = 8, {}
    while at < len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        assert int.from_bytes(png[at + 8 + size : at + 12 + size], "big") == zlib.crc32(kind + body)
        found[kind] = body
        at += 12 + size
    assert list(found) == [b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"]
    return found


def decoded(png: bytes) -> tuple[np.ndarray, np.ndarray]:
    part = chunks(png)
    width, height = (int.from_bytes(part[b"IHDR"][i : i + 4], "big") for i in (0, 4))
    assert part[b"IHDR"][8:] == bytes((8, 3, 0, 0, 0))
    rows = np.frombuffer(zlib.decompress(part[b"IDAT"]), np.uint8).reshape(height, width + 1)
    assert not rows[:, 0].any()
    colours = np.frombuffer(part[b"PLTE"], np.uint8).reshape(-1, 3)
    alpha = np.frombuffer(part[b"tRNS"], np.uint8)
    return rows[:, 1:], np.column_stack([colours, alpha])


@given(st.binary(max_size=3000), st.integers(1, 30))
@quick
def test_what_zlib_reads_is_what_went_in(data: bytes, repeat: int) -> None:
    data = data * repeat
    assert zlib.decompress(zlib_stream(data, DISTANCES)) == data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a",
        b"ab",
        b"a" * 100_000,
        bytes(range(256)) * 400,
        # Counts that grow like Fibonacci numbers ask for codes longer than 15 bits.
        b"".join(bytes([i]) * int(1.6180339887**i) for i in range(24))[::-1],
    ],
)
@pytest.mark.parametrize("distances", [DISTANCES, ()])
def test_hard_cases_of_deflate(data: bytes, distances: tuple[int, ...]) -> None:
    assert zlib.decompress(zlib_stream(data, distances)) == data


@given(st.integers(0, 2**31), st.integers(1, 40), st.integers(1, 40), st.integers(1, 256))
@quick
def test_pictures_come_back(seed: int, width: int, height: int, colours: int) -> None:
    rng = np.random.default_rng(seed)
    indices = rng.integers(0, colours, (height, width)).astype(np.uint8)
    palette = rng.integers(0, 256, (colours, 4)).astype(np.uint8)
    png = encode_palette_png(indices, palette)
    got, got_palette = decoded(png)
    assert (got == indices).all()
    assert (got_palette == palette).all()
    assert encode_palette_png(indices.copy(), palette.copy()) == png


def test_flat_pictures_are_small() -> None:
    indices = np.zeros((300, 300), np.uint8)
    indices[100:200, 50:250] = 3
    assert len(encode_palette_png(indices, np.zeros((4, 4), np.uint8))) < 400


@pytest.mark.parametrize(
    ("indices", "palette"),
    [
        (np.zeros((2, 2), np.int64), np.zeros((1, 4), np.uint8)),
        (np.zeros((0, 2), np.uint8), np.zeros((1, 4), np.uint8)),
        (np.ones((2, 2), np.uint8), np.zeros((1, 4), np.uint8)),
        (np.zeros((2, 2), np.uint8), np.zeros((257, 4), np.uint8)),
        (np.zeros((2, 2), np.uint8), np.zeros((1, 3), np.uint8)),
    ],
)
def test_what_is_no_palette_picture_is_refused(indices, palette) -> None:
    with pytest.raises(ValueError, match=r"indices|palette|index"):
        encode_palette_png(indices, palette)
