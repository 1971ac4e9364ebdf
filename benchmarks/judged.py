"""What decides an answer of the auditor: kept answers hold while that is the same."""

from __future__ import annotations

import hashlib
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_OF_THE_AUDIT = ("printstd/audit", "printstd/profiles", "printstd/artifacts", "profiles")


def auditor_sha256(*others: Path) -> str:
    """Digest of the auditor, the profiles, what makes demands of them, and of `others`."""
    files = [
        path
        for folder in _OF_THE_AUDIT
        for path in (_ROOT / folder).rglob("*")
        if path.suffix in (".py", ".toml")
    ]
    digest = hashlib.sha256()
    for path in sorted({*files, *others}):
        digest.update(str(path.relative_to(_ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
