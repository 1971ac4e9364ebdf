"""The Merkle tree of RFC 6962 section 2.1 (RFC 9162 section 2.1): roots and proofs.

An entry is a leaf SHA-256(0x00 || entry), a node SHA-256(0x01 || left || right), and a tree of n
leaves splits at the largest power of two below n. A *complete* node (level, index) stands over the
2^level leaves from index * 2^level; those never change, so a log keeps them and every root and
proof is made of about log2(n) of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()

NodeAt = Callable[[int, int], bytes]
"""(level, index) -> hash of a complete node."""


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier(NamedTuple):
    """The right edge of a tree: the hashes of the complete nodes that it is made of, widest first
    (one for each bit of `size`). Enough to append and to know the root."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def added(self, leaf: bytes) -> tuple[Frontier, tuple[tuple[int, int, bytes], ...]]:
        """(frontier with one more leaf, the nodes that became complete as (level, index, hash)),
        the leaf itself first. leaf : its hash."""
        level, found, left = 0, leaf, list(self.hashes)
        complete = [(0, self.size, leaf)]
        rest = self.size
        while rest & 1:
            found = node_hash(left.pop(), found)
            level, rest = level + 1, rest >> 1
            complete.append((level, self.size >> level, found))
        return Frontier(self.size + 1, (*left, found)), tuple(complete)

    def root(self) -> bytes:
        if not self.hashes:
            return EMPTY_ROOT
        found = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            found = node_hash(left, found)
        return found


def root_of(node_at: NodeAt, size: int) -> bytes:
    """Root of the first `size` leaves."""
    return EMPTY_ROOT if size == 0 else _over(node_at, 0, size)


def inclusion_proof(node_at: NodeAt, index: int, size: int) -> list[bytes]:
    """Audit path of leaf `index` in the tree of `size` leaves, from the leaf up (2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} of {size}")
    start, end, path = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_over(node_at, middle, end))
            end = middle
        else:
            path.append(_over(node_at, start, middle))
            start = middle
    return path[::-1]


def consistency_proof(node_at: NodeAt, old: int, new: int) -> list[bytes]:
    """That the tree of `old` leaves is the beginning of the one of `new` (2.1.4.1)."""
    if not 0 <= old <= new:
        raise ValueError(f"from {old} to {new} leaves")
    if old in (0, new):
        return []
    start, end, path, is_whole = 0, new, [], True
    while end - start > 1 and end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_over(node_at, middle, end))
            end = middle
        else:
            path.append(_over(node_at, start, middle))
            start, is_whole = middle, False
    if not is_whole:
        path.append(_over(node_at, start, end))
    return path[::-1]


def includes(root: bytes, size: int, index: int, leaf: bytes, path: Sequence[bytes]) -> bool:
    """Does `path` prove that the leaf hash stands at `index` under `root` (2.1.3.2)?"""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(step, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(
    old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Does `path` prove that the older tree is the beginning of the newer one (2.1.4.2)?

    Of an empty older tree there is nothing to prove, but that its root is the empty one."""
    if not 0 <= old <= new:
        return False
    if old == new:
        return not path and old_root == new_root and (old > 0 or old_root == EMPTY_ROOT)
    if old == 0:
        return not path and old_root == EMPTY_ROOT
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not steps:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, step)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def _over(node_at: NodeAt, start: int, end: int) -> bytes:
    """Hash over leaves start to end, where `start` is a multiple of the power of two at which the
    range splits (as every range of a tree is)."""
    count = end - start
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return node_at(level, start >> level)
    middle = start + _split(count)
    return node_hash(_over(node_at, start, middle), _over(node_at, middle, end))
