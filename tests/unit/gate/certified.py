"""Programs with certificates that a test's own key signed, and a gate that trusts it."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from printstd.adapters.keys import FileSigner
from printstd.certify.c14n import commands_sha256
from printstd.certify.carriers import tail
from printstd.certify.dsse import sign_bundle
from printstd.certify.keys import public_pem
from printstd.certify.strict_json import canonical
from tests import small_part
from tests.unit.certify.signing import signer

Change = Callable[[dict[str, Any]], object]


@functools.cache
def key() -> FileSigner:
    return signer()


def certificates(
    program: bytes, change: Change | None = None, by: FileSigner | None = None
) -> tuple[bytes, bytes]:
    """Generation and re-check over any program: real statements over a small part, with this
    program as their subject. change : made to each of the two before it is signed."""
    bundles: list[bytes] = []
    link = None
    for payload in small_part.statements(small_part.program()):
        statement = json.loads(payload)
        statement["subject"][0]["digest"]["sha256"] = hashlib.sha256(program).hexdigest()
        statement["subject"][1]["digest"]["sha256"] = commands_sha256(program)
        if link is not None:
            statement["predicate"]["certificate"] = {"sha256": link}
        if change is not None:
            change(statement)
        made = canonical(statement)
        link = hashlib.sha256(made).hexdigest()
        bundles.append(sign_bundle(made, by or key()))
    return bundles[0], bundles[1]


def carried(program: bytes, change: Change | None = None, by: FileSigner | None = None) -> bytes:
    """The program with its certificates at its tail."""
    return tail.append(program, certificates(program, change, by))


def payload_of(bundle: bytes) -> dict[str, Any]:
    envelope = json.loads(bundle)["dsseEnvelope"]
    found: dict[str, Any] = json.loads(base64.b64decode(envelope["payload"]))
    return found


def long_program(lines: int = 40_000) -> bytes:
    """Moves to and fro that any machine of the tests can make."""
    moves = "".join(
        f"G1 X{20 + n % 100}.{n % 10} Y{30 + n % 90} E0.01000 F3000\n" for n in range(lines)
    )
    head = "G21\nG90\nM83\nG28\nG1 Z5 F600\nG92 E0\n"
    return (head + moves + "M107\nM84\n").encode("ascii")


def write_gate(folder: Path, *, more: str = "", printer: str = "", verified: str = "") -> Path:
    """gate.toml, its policy and key in a folder; the settings file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "maker.pub").write_bytes(public_pem(key().public))
    (folder / "policy.toml").write_text(
        'minimum_level = "C2"\n[keys]\ngenerator = ["maker.pub"]\nrecheck = ["maker.pub"]\n'
    )
    (folder / "certificates").mkdir(exist_ok=True)
    settings = folder / "gate.toml"
    settings.write_text(
        'policy = "policy.toml"\n'
        'certificates = ["certificates"]\n'
        + (f'verified = "{verified}"\n' if verified else "")
        + more
        + '\n[printer]\nid = "p-1"\nprofile = "peer"\nnozzle_mm = 0.4\n'
        'materials = ["peer"]\n' + printer
    )
    return settings


def store(folder: Path, program: bytes, bundles: tuple[bytes, bytes]) -> None:
    """Certificates into a folder of them, by the program's digest."""
    sha256 = hashlib.sha256(program).hexdigest()
    (folder / f"{sha256}.cert.json").write_bytes(bundles[0])
    (folder / f"{sha256}.recheck.json").write_bytes(bundles[1])
