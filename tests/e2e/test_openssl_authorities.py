"""What openssl's own CMS and time stamping commands write, `certify` attaches and `verify` checks;
what it writes wrongly, or over other bytes, is refused."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import Encoding

from tests import small_part
from tests.integration.command import in_a_process as printstd
from tests.unit.certify.authority import Authority, named, p256, rsa_key, stamp_certificate
from tests.unit.certify.signing import signer

REQUIRED = os.environ.get("PRINTSTD_PEERS_REQUIRED") == "1"

TSA = """
[tsa]
default_tsa = own
[own]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""

POLICY = """
[keys]
generator = ["k.pub"]
recheck = ["k.pub"]
[timestamps]
roots = ["root.pem"]
[[co_signer]]
statement = "recheck"
roots = ["root.pem"]
subject = ["OU=BIN123456789012"]
"""


def secret(key) -> bytes:
    return key.private_bytes(
        Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.fixture
def bureau(tmp_path: Path) -> Path:
    if shutil.which("openssl") is None:
        if REQUIRED:
            pytest.fail("not installed: openssl")
        pytest.skip("not installed: openssl")
    own, root, stamper = signer(), Authority("root"), p256()
    pair = small_part.pair(own)
    holder = named("Иванов", OU="BIN123456789012")
    person = {"uri": None, "purposes": None, "days": 7300}
    ec_key = p256()
    files = {
        "p.gcode": pair.program,
        "p.gcode.cert.json": pair.generation,
        "p.gcode.recheck.json": pair.recheck,
        "k.pub": own.public.key.public_bytes(
            Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
        "root.pem": root.certificate.public_bytes(Encoding.PEM),
        "rsa.pem": root.issue(rsa_key(), subject=holder, **person).public_bytes(Encoding.PEM),
        "rsa.key": secret(rsa_key()),
        "ec.pem": root.issue(ec_key, subject=holder, **person).public_bytes(Encoding.PEM),
        "ec.key": secret(ec_key),
        "tsa.pem": stamp_certificate(root, stamper, days=7300).public_bytes(Encoding.PEM),
        "tsa.key": secret(stamper),
        "tsa.cnf": TSA.encode(),
        "serial": b"01\n",
        "policy.toml": POLICY.encode(),
        "other.json": b"{}",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


RECHECK = "p.gcode.recheck.json"


@pytest.mark.parametrize(
    ("key", "more"),
    [
        ("rsa", ["-outform", "DER"]),
        ("rsa", ["-outform", "PEM", "-keyopt", "rsa_padding_mode:pss"]),
        ("ec", ["-outform", "DER", "-md", "sha512"]),
        ("ec", ["-outform", "DER", "-nodetach", "-certfile", "root.pem"]),
        ("ec", ["-outform", "DER", "-noattr"]),
    ],
    ids=["rsa", "pss", "sha512", "attached", "no attributes"],
)
def test_a_signature_by_openssl_is_attached_and_checked(bureau, key, more):
    verify = ("verify", "p.gcode", "--policy", "policy.toml")
    assert printstd(*verify, cwd=bureau).code == 6
    assert printstd("certify", RECHECK, "--export", "statement", cwd=bureau).code == 0
    sign = ["cms", "-sign", "-binary", "-signer", f"{key}.pem", "-inkey", f"{key}.key", *more]
    openssl(bureau, *sign, "-in", "p.gcode.recheck.statement.json", "-out", "good.p7s")
    openssl(bureau, *sign, "-in", "other.json", "-out", "bad.p7s")
    refused = printstd("certify", RECHECK, "--co-sign", "bad.p7s", cwd=bureau)
    assert refused.code == 4
    done = printstd("certify", RECHECK, "--co-sign", "good.p7s", cwd=bureau)
    assert done.code == 0, done.err
    assert (bureau / "p.gcode.recheck.p7s").read_bytes() == (bureau / "good.p7s").read_bytes()
    found = printstd(*verify, cwd=bureau)
    assert found.code == 0, found.out
    assert "checked, CN=Иванов,OU=BIN123456789012" in " ".join(found.out.split())


def test_a_stream_of_ber_is_refused_with_a_reason(bureau):
    assert printstd("certify", RECHECK, "--export", "statement", cwd=bureau).code == 0
    sign = ["cms", "-sign", "-binary", "-stream", "-signer", "ec.pem", "-inkey", "ec.key"]
    statement = ["-in", "p.gcode.recheck.statement.json", "-nodetach"]
    openssl(bureau, *sign, *statement, "-outform", "DER", "-out", "s.p7s")
    done = printstd("certify", RECHECK, "--co-sign", "s.p7s", cwd=bureau)
    assert done.code == 4
    assert "BER" in done.err


def test_a_stamp_by_openssl_is_attached_and_told_and_openssl_verifies_it_in_turn(bureau):
    assert printstd("certify", RECHECK, "--export", "stamp-request", cwd=bureau).code == 0
    reply = ["ts", "-reply", "-config", "tsa.cnf", "-section", "own", "-signer", "tsa.pem"]
    query = ["-inkey", "tsa.key", "-queryfile", "p.gcode.recheck.tsq", "-out", "r.tsr"]
    openssl(bureau, *reply, *query)
    wrong = printstd("certify", "p.gcode.cert.json", "--stamp", "r.tsr", cwd=bureau)
    assert wrong.code == 4
    done = printstd("certify", RECHECK, "--stamp", "r.tsr", cwd=bureau)
    assert done.code == 0, done.err
    told = printstd("verify", "p.gcode", "--trust", "k.pub", cwd=bureau)
    assert "present, not trusted" in " ".join(told.out.split())
    plain = POLICY[: POLICY.index("[[co_signer]]")]
    (bureau / "policy.toml").write_text(plain, "utf-8")
    trusted = printstd("verify", "p.gcode", "--policy", "policy.toml", cwd=bureau)
    assert trusted.code == 0
    assert "by CN=time stamps" in trusted.out
