"""Makes tests/golden/bundles anew: one program, certified by every kind of key and by a chain whose
certificate has expired since and was stamped before. `python -m tests.golden.make_bundles`.

Signatures by ECDSA and RSA's key differ each time; what must hold is that every verifier accepts
them, so the files are made once and kept.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from printstd.adapters.keys import FileSigner
from printstd.certify.dsse import read_bundle, sign_bundle, with_stamp
from printstd.certify.keys import public_key_of, public_pem
from printstd.certify.predicates import GENERATION, RECHECK
from tests import small_part
from tests.unit.certify.authority import URI, Authority, stamp, stamp_certificate

FOLDER = Path(__file__).parent / "bundles"
PROGRAM = "part.gcode"


def number(label: str) -> int:
    return int.from_bytes(hashlib.sha256(label.encode()).digest(), "big") >> 1


def p256(label: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(number(label), ec.SECP256R1())


def edwards(label: str) -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.from_private_bytes(hashlib.sha256(label.encode()).digest())


def signer(private, certificate=None) -> FileSigner:
    der = certificate.public_bytes(Encoding.DER) if certificate is not None else None
    return FileSigner(private, public_key_of(private.public_key(), "golden"), der)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    program = small_part.program()
    statements = dict(zip(("cert", "recheck"), small_part.statements(program), strict=True))
    files = {PROGRAM: program}
    cases = []
    keys = {
        "p256": p256("golden p256"),
        "ed25519": edwards("golden ed25519"),
        "rsa": rsa.generate_private_key(65537, 3072),
    }
    for name, private in keys.items():
        own = signer(private)
        files[f"{name}.pub"] = public_pem(own.public)
        for kind, payload in statements.items():
            files[f"{name}.{kind}.json"] = sign_bundle(payload, own)
            cases.append({"bundle": f"{name}.{kind}.json", "key": f"{name}.pub"})
    root = Authority("golden root", key=p256("golden root"))
    middle = Authority("golden middle", root, key=p256("golden middle"))
    stamp_root = Authority("golden stamps", key=p256("golden stamps"))
    stamper = p256("golden stamper")
    stamping = stamp_certificate(stamp_root, stamper)
    files["stamper.pem"] = stamping.public_bytes(Encoding.PEM)
    own = signer(p256("golden leaf"), middle.issue(p256("golden leaf"), days=180))
    for kind, payload in statements.items():
        bundle = sign_bundle(payload, own)
        reply = stamp(
            read_bundle(bundle, kind).signature,
            stamping,
            stamper,
            "20260301120000Z",
        )
        files[f"chain.{kind}.json"] = with_stamp(bundle, kind, reply)
        cases.append(
            {
                "bundle": f"chain.{kind}.json",
                "roots": "roots.pem",
                "stamps": "stamps.pem",
                "stamper": "stamper.pem",
                "uri": URI,
            }
        )
    files["roots.pem"] = b"".join(
        one.certificate.public_bytes(Encoding.PEM) for one in (middle, root)
    )
    files["stamps.pem"] = stamp_root.certificate.public_bytes(Encoding.PEM)
    for case in cases:
        case["type"] = GENERATION if ".cert." in case["bundle"] else RECHECK
    files["index.json"] = json.dumps(
        {"program": PROGRAM, "now": "2026-12-01T00:00:00Z", "cases": cases}, indent=1
    ).encode()
    for name, data in files.items():
        (FOLDER / name).write_bytes(data)


if __name__ == "__main__":
    main()
