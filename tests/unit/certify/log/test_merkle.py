"""Roots and proofs against the definition of RFC 6962 2.1, worked out leaf by leaf."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.certify.log.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    includes,
    inclusion_proof,
    is_consistent,
    leaf_hash,
    root_of,
)

# RFC 6962's reference inputs, as certificate-transparency's own tests have them.
INPUTS = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "60616263" * 4)
]
ROOT_OF_ONE = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


def tree_hash(leaves: list[bytes]) -> bytes:
    """The definition, as it stands in the RFC."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = tree_hash(leaves[:split]), tree_hash(leaves[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    def __init__(self, leaves: list[bytes]) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.roots = [EMPTY_ROOT]
        frontier = Frontier()
        for leaf in leaves:
            frontier, complete = frontier.added(leaf_hash(leaf))
            self.nodes |= {(level, place): found for level, place, found in complete}
            self.roots.append(frontier.root())

    def node_at(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]


LEAVES = [bytes([n]) * (n % 5) for n in range(70)]
TREE = Tree(LEAVES)


def test_the_first_root_is_that_of_the_standard():
    assert Tree(INPUTS[:1]).roots[1].hex() == ROOT_OF_ONE


@pytest.mark.parametrize("leaves", [INPUTS, LEAVES])
def test_roots_are_those_of_the_definition(leaves):
    tree = Tree(leaves)
    for size in range(len(leaves) + 1):
        assert tree.roots[size] == tree_hash(leaves[:size])
        assert root_of(tree.node_at, size) == tree.roots[size]


def test_every_leaf_is_proved_in_every_tree_and_in_no_other_place():
    for size in range(1, len(LEAVES) + 1):
        root = TREE.roots[size]
        for index in range(size):
            path = inclusion_proof(TREE.node_at, index, size)
            assert len(path) <= (size - 1).bit_length()
            leaf = leaf_hash(LEAVES[index])
            assert includes(root, size, index, leaf, path)
            assert not includes(root, size, (index + 1) % size, leaf, path) or size == 1
            assert not includes(root, size, index, leaf_hash(b"another"), path)
            assert not includes(root, size, index, leaf, [*path, bytes(32)])
            if path:
                assert not includes(root, size, index, leaf, path[:-1])


def test_every_tree_continues_every_smaller_one():
    for new in range(len(LEAVES) + 1):
        for old in range(new + 1):
            path = consistency_proof(TREE.node_at, old, new)
            assert is_consistent(old, TREE.roots[old], new, TREE.roots[new], path)
            if 0 < old < new:
                assert not is_consistent(old, TREE.roots[old - 1], new, TREE.roots[new], path)
                assert not is_consistent(old, TREE.roots[old], new, TREE.roots[new - 1], path)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_forked_tree_passes(data):
    """A leaf changed below the older size: no proof that the forked log can make will do."""
    size = data.draw(st.integers(2, 40))
    old = data.draw(st.integers(1, size - 1))
    changed = data.draw(st.integers(0, old - 1))
    forked = list(LEAVES[:size])
    forked[changed] = b"forked"
    other = Tree(forked)
    path = consistency_proof(other.node_at, old, size)
    assert not is_consistent(old, TREE.roots[old], size, other.roots[size], path)
    honest = consistency_proof(TREE.node_at, old, size)
    assert not is_consistent(old, TREE.roots[old], size, other.roots[size], honest)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 70), st.data())
def test_a_changed_step_proves_nothing(size, data):
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_proof(TREE.node_at, index, size)
    if not path:
        return
    at = data.draw(st.integers(0, len(path) - 1))
    bit = data.draw(st.integers(0, 255))
    step = bytearray(path[at])
    step[bit // 8] ^= 1 << bit % 8
    broken = [*path[:at], bytes(step), *path[at + 1 :]]
    assert not includes(TREE.roots[size], size, index, leaf_hash(LEAVES[index]), broken)
