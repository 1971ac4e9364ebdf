"""The transparency log: what was certified can be hidden or told twice from nobody.

A Merkle tree as in RFC 6962 and RFC 9162, told of in the formats of C2SP: signed notes,
checkpoints, cosignatures of witnesses, proofs for one entry, static tiles.
"""
