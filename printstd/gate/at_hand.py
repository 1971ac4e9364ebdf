"""What lies at hand about a program: beside it, in it, in folders of certificates by its digest.

A folder of certificates holds ``SHA256.cert.json``, ``SHA256.recheck.json`` and what else `verify`
knows under such names (``SHA256.recheck.p7s``, ``SHA256.recheck.json.tlog-proof``), where SHA256 is
of the program as it was signed. Hosts that take no other files than programs (OctoPrint) are served
so, or by a block at the program's tail.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from printstd.adapters.certificate_files import (
    Bundles,
    bundles_beside,
    gather,
    revocations_beside,
    sidecar,
    with_those_inside,
)
from printstd.adapters.names import shown

if TYPE_CHECKING:
    from printstd.certify.beside import Beside
    from printstd.certify.carriers.carried import Carried
    from printstd.certify.policy import TrustPolicy

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, eq=False)
class AtHand:
    """place : the path beside which what counts was found. stored : the program's name in each of
    the gate's folders: what revokes it there counts, wherever its certificates came from."""

    held: Carried
    bundles: Bundles
    place: Path
    stored: tuple[Path, ...] = ()


def look(data: bytes, place: Path, folders: Sequence[Path]) -> AtHand:
    """The program in these bytes, and its certificates. place : where the program lies, or would
    lie: no file has to be there. Sidecars count first, then what is inside, then the folders.

    InputError and VerificationError as from `open_carrier` and `bundles_beside`."""
    from printstd.certify.carriers.carried import open_carrier

    held = open_carrier(data, shown(place.name))
    bundles = with_those_inside(bundles_beside(place), held, place)
    sha256 = hashlib.sha256(held.program).hexdigest()
    stored = tuple(folder / sha256 for folder in folders)
    if any(bundles.values()):
        return AtHand(held, bundles, place, stored)
    for one in stored:
        found = bundles_beside(one)
        if any(found.values()):
            return AtHand(held, found, one, stored)
    return AtHand(held, bundles, place, stored)


def gathered(found: AtHand, policy: TrustPolicy, policy_file: Path) -> Beside:
    """Revocations, co-signatures and proofs beside what counts, and the revocations in the gate's
    folders: whoever hands in a certificate must not choose what is known of it."""
    beside = gather(found.place, policy, policy_file)
    more = [
        one
        for place in found.stored
        if place != found.place
        for one in revocations_beside([sidecar(place, "cert"), sidecar(place, "recheck")])
    ]
    return replace(beside, revocations=(*beside.revocations, *more))


def stored_program(folder: Path, sha256: str) -> Path | None:
    """``SHA256.gcode`` in a folder; None where it is not there or the digest is none. The name is
    made from hexadecimal digits alone, so nothing outside the folder can be meant."""
    if not _SHA256.fullmatch(sha256):
        return None
    path = folder / f"{sha256}.gcode"
    return path if path.is_file() else None


def certificate_path(folder: Path, sha256: str, kind: str) -> Path:
    """Where a folder of certificates keeps one. kind : ``cert`` or ``recheck``."""
    if not _SHA256.fullmatch(sha256):
        raise ValueError(sha256)
    return sidecar(folder / sha256, kind)
