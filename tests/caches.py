"""A cache that forgets nothing, and can be made to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from printstd.reuse.packed import pack


def packed_bytes(kind: type, record: Any) -> bytes:
    return b"".join(pack(kind, record))


class MemoryCache:
    """asked, found : keys, in the order in which they were asked for."""

    def __init__(self) -> None:
        self.entries: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.found: list[str] = []

    def get(self, key: str) -> bytes | None:
        self.asked.append(key)
        if key in self.entries:
            self.found.append(key)
        return self.entries.get(key)

    def put(self, key: str, pieces: Sequence[bytes | memoryview]) -> None:
        self.entries[key] = b"".join(pieces)
