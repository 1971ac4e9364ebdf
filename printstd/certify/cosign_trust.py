"""Whose co-signatures a policy wants, apart from how they are checked: most policies want none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509


@dataclass(frozen=True, slots=True, eq=False)
class CoSigner:
    """A co-signature that must stand beside a statement: under one of these roots, by somebody
    whose name holds every one of these parts (``OU=BIN123456789012``). statement :
    ``generation`` or ``recheck``."""

    statement: str
    roots: tuple[x509.Certificate, ...]
    intermediates: tuple[x509.Certificate, ...] = ()
    subject: tuple[str, ...] = ()
