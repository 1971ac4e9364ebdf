"""Which of the certificates in a carrier is which: by what each says of itself, unverified.

Choosing proves nothing: whoever verifies holds the chosen ones against keys, digests and policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from printstd.certify.dsse import MAX_PAYLOAD_BYTES, read_bundle
from printstd.certify.predicates import GENERATION, RECHECK
from printstd.certify.strict_json import StrictJsonError, parse
from printstd.errors import VerificationError
from printstd.words import said

ROLES: Final = {GENERATION: "cert", RECHECK: "recheck"}


def chosen(
    bundles: Sequence[bytes], name: str, program_sha256: str | None
) -> dict[str, tuple[str, bytes]]:
    """``cert`` and ``recheck`` -> (display name, bundle), as far as they are there. Of several of
    one role (a package of several plates) the one about this program counts; VerificationError
    where two of them are, or where a bundle cannot be read."""
    found: dict[str, list[tuple[str | None, bytes]]] = {}
    for bundle in bundles:
        kind, subject = _told(bundle, name)
        if kind in ROLES:
            found.setdefault(ROLES[kind], []).append((subject, bundle))
    picked: dict[str, tuple[str, bytes]] = {}
    for role, rows in found.items():
        own = [bundle for subject, bundle in rows if subject == program_sha256]
        if len(own) > 1:
            raise VerificationError(
                said("the file carries two certificates of one kind about one program"),
                where=name,
                got=said("{count} of kind {role}", count=len(own), role=role),
                wanted=said("one of each kind"),
                hint=said("get the file again from its maker"),
            )
        inside = said("{name} (inside, {role})", name=name, role=role)
        picked[role] = (inside, own[0] if own else rows[0][1])
    return picked


def _told(bundle: bytes, name: str) -> tuple[str | None, str | None]:
    """(predicate type, digest of the first subject), by the statement's own words."""
    payload = read_bundle(bundle, name).payload
    try:
        statement = parse(payload, max_bytes=MAX_PAYLOAD_BYTES, what="the statement")
        kind, subject = statement["predicateType"], statement["subject"][0]["digest"]["sha256"]
    except (StrictJsonError, TypeError, KeyError, IndexError):
        return None, None
    return (
        kind if isinstance(kind, str) else None,
        subject if isinstance(subject, str) else None,
    )
