"""A witness: what it cosigns continues what it cosigned before.

It keeps, for each log, the newest checkpoint that it signed, and signs a newer one only with proof
that it continues that one. Source: C2SP tlog-witness (facts of certification 5.1).
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from printstd.certify.log.checkpoint import Checkpoint, cosign, verified_checkpoint
from printstd.certify.log.merkle import HASH_BYTES, is_consistent
from printstd.certify.log.notes import Note, NoteError, SignatureLine, Verifier, base64_bytes
from printstd.certify.strict_json import canonical, parse
from printstd.ports import Signer

MAX_STATE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Witnessed:
    """The newest checkpoint of each log that was cosigned: origin -> (size, root)."""

    logs: dict[str, tuple[int, bytes]]

    @property
    def data(self) -> bytes:
        """As it is kept in a file."""
        told = {
            origin: {"size": size, "root": base64.b64encode(root).decode("ascii")}
            for origin, (size, root) in self.logs.items()
        }
        return canonical({"kind": "printstd-witness/v1", "logs": told}) + b"\n"


def read_state(data: bytes) -> Witnessed:
    """StrictJsonError or NoteError where it is not a witness's state: it is never begun anew, for a
    witness that forgot what it signed may sign a fork."""
    told = parse(data, max_bytes=MAX_STATE_BYTES, what="the state")
    if not isinstance(told, dict) or told.get("kind") != "printstd-witness/v1":
        raise NoteError("not the state of a witness")
    logs = told.get("logs")
    if not isinstance(logs, dict):
        raise NoteError("no logs in the state")
    found: dict[str, tuple[int, bytes]] = {}
    for origin, row in logs.items():
        size = row.get("size") if isinstance(row, dict) else None
        root = base64_bytes(row["root"], "root") if isinstance(row, dict) else b""
        if type(size) is not int or size < 0 or len(root) != HASH_BYTES:
            raise NoteError(f"{origin}: size and root are wanted")
        found[origin] = size, root
    return Witnessed(found)


def witnessed(
    state: Witnessed,
    note: Note,
    proof: Sequence[bytes],
    log: Verifier,
    key: Verifier,
    signer: Signer,
    seconds: int,
) -> tuple[Witnessed, SignatureLine]:
    """(the state to keep before the line is given away, the line).

    proof : consistency from the size in `state` (none of a log seen for the first time, which is
    trusted as it stands). NoteError where the log does not continue what was signed.
    """
    new: Checkpoint = verified_checkpoint(note, log)
    old = state.logs.get(new.origin)
    if old is not None:
        size, root = old
        if new.size < size:
            raise NoteError(f"a checkpoint of {new.size} entries after one of {size}")
        if not is_consistent(size, root, new.size, new.root, proof):
            raise NoteError(
                f"the log of {new.size} entries does not continue the one of {size}: a fork"
            )
    line = cosign(note, key, signer, seconds)
    return Witnessed({**state.logs, new.origin: (new.size, new.root)}), line
