"""Static tiles (C2SP tlog-tiles): a log as plain files, for any web host, stick or repository.

``checkpoint``; ``tile/<L>/<N>[.p/<W>]``: up to 256 hashes of level 8 L;
``tile/entries/<N>[.p/<W>]``:
up to 256 entries, each after its length in two bytes. A full tile never changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from printstd.certify.log.merkle import HASH_BYTES, node_hash
from printstd.certify.log.notes import NoteError

WIDTH: Final = 256
LEVELS: Final = 8
"""Of the tree in one tile."""
CHECKPOINT: Final = "checkpoint"


class Tile(NamedTuple):
    """level : of tiles (times `LEVELS` that of its hashes), or -1 for entries. width : hashes or
    entries in it, 1 to `WIDTH`."""

    level: int
    number: int
    width: int

    @property
    def path(self) -> str:
        """With slashes, below the log's folder."""
        groups = [f"{self.number % 1000:03d}"]
        rest = self.number // 1000
        while rest:
            groups.insert(0, f"x{rest % 1000:03d}")
            rest //= 1000
        level = "entries" if self.level < 0 else str(self.level)
        part = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(groups)}{part}"


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile of a tree of `size` leaves: entries first, then hashes from the leaves up."""
    yield from _row(-1, size)
    level, count = 0, size
    while count:
        yield from _row(level, count)
        level, count = level + 1, count >> LEVELS


def _row(level: int, count: int) -> Iterator[Tile]:
    for index in range(-(-count // WIDTH)):
        yield Tile(level, index, min(WIDTH, count - index * WIDTH))


def entries_bytes(entries: Sequence[bytes]) -> bytes:
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def read_entries(data: bytes, width: int) -> list[bytes]:
    found, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        entry = data[at + 2 : at + 2 + length]
        if len(entry) != length or at + 2 > len(data):
            raise NoteError("a tile of entries is cut short")
        found.append(entry)
        at += 2 + length
    if len(found) != width:
        raise NoteError(f"a tile of {len(found)} entries, {width} are wanted")
    return found


class TileTree:
    """Nodes and entries of a published log, read from its tiles as they are asked for.

    read : path below the log's folder -> bytes; NoteError where there is no such file.
    """

    def __init__(self, read: Callable[[str], bytes], size: int) -> None:
        self._read, self.size = read, size
        self._kept: dict[Tile, list[bytes]] = {}

    def node_at(self, level: int, index: int) -> bytes:
        """Hash of the complete node (level, index)."""
        row, above = divmod(level, LEVELS)
        start, end = index << above, (index + 1) << above
        hashes: list[bytes] = []
        while start < end:
            tile, at = self._tile(row, start // WIDTH), start % WIDTH
            took = tile[at : at + end - start]
            if not took:
                raise NoteError(f"the tiles hold no node {index} of level {level}")
            hashes += took
            start += len(took)
        while len(hashes) > 1:
            hashes = [node_hash(*hashes[i : i + 2]) for i in range(0, len(hashes), 2)]
        return hashes[0]

    def entries(self) -> Iterator[bytes]:
        for tile in _row(-1, self.size):
            yield from self._tile(-1, tile.number)

    def _tile(self, level: int, index: int) -> list[bytes]:
        count = self.size >> (LEVELS * max(level, 0))
        width = min(WIDTH, count - index * WIDTH)
        if width < 1:
            raise NoteError(f"there is no tile {index} of level {level}")
        tile = Tile(level, index, width)
        if tile not in self._kept:
            data = self._read(tile.path)
            if level < 0:
                self._kept[tile] = read_entries(data, width)
            elif len(data) != width * HASH_BYTES:
                raise NoteError(f"{tile.path}: {len(data)} bytes, {width * HASH_BYTES} are wanted")
            else:
                cuts = range(0, len(data), HASH_BYTES)
                self._kept[tile] = [data[at : at + HASH_BYTES] for at in cuts]
        return self._kept[tile]
