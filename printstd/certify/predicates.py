"""The types of statement that printstd signs, and what a verifier must understand of them.

Apart from `statement`, so that verifying needs neither NumPy nor the profiles.
"""

from __future__ import annotations

from dataclasses import dataclass

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
GENERATION = "https://printstd.example/gcode-certificate/v1"
RECHECK = "https://printstd.example/gcode-recheck/v1"
CAPABILITY = "https://printstd.example/machine-capability/v1"
REVOCATION = "https://printstd.example/revocation/v1"
REVOCATION_LIST = "https://printstd.example/revocation-list/v1"
SVR = "https://in-toto.io/attestation/svr/v0.2"
"""Not ours: what engines that know nothing of printstd read."""
PASSPORT = "https://printstd.example/part-passport/v1"
PART = "https://printstd.example/gcode-part/v1"
AS_RUN = "https://printstd.example/as-run/v1"

UNDERSTOOD_CRITICAL = frozenset({"demand", "model", "models", "parts", "verdict", "recipe"})
"""Critical predicate fields that this verifier knows the meaning of."""


@dataclass(frozen=True, slots=True)
class ToolFacts:
    """What ran: enough to run it again."""

    version: str
    sha256: str
    """Of the package's own files: two installations of one version may still differ."""
    python: str
    platform: str
    dependencies: tuple[tuple[str, str], ...]
    """(distribution, version) of every wheel on the geometry path."""
