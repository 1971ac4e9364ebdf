"""Keys in a token: SoftHSM signs statements that verify under the token's public keys."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from printstd.certify.dsse import read_bundle, signed_by
from printstd.certify.keys import load_public_key
from tests.golden import bundles
from tests.integration.command import Done, says
from tests.integration.command import in_a_process as printstd

REQUIRED = os.environ.get("PRINTSTD_PEERS_REQUIRED") == "1"
MODULES = [
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib64/pkcs11/libsofthsm2.so"),
    Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
    Path("/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"),
]
PIN = "1234"


def missing() -> str | None:
    if importlib.util.find_spec("pkcs11") is None:
        return "python-pkcs11 (pip install '.[hsm]')"
    if shutil.which("softhsm2-util") is None or not any(path.exists() for path in MODULES):
        return "softhsm2"
    return None if shutil.which("openssl") else "openssl"


KINDS = {
    "p256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "ed25519": ["-algorithm", "ED25519"],
}


@pytest.fixture(scope="module")
def token(tmp_path_factory):
    if (what := missing()) is not None:
        if REQUIRED:
            pytest.fail(f"not installed: {what}")
        pytest.skip(f"not installed: {what}")
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    (folder / "softhsm.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    environment = os.environ | {"SOFTHSM2_CONF": str(folder / "softhsm.conf")}

    def run(*call: str) -> None:
        subprocess.run(call, cwd=folder, env=environment, check=True, capture_output=True)

    run(
        "softhsm2-util",
        "--init-token",
        "--free",
        "--label",
        "Press",
        "--pin",
        PIN,
        "--so-pin",
        "4321",
    )
    for number, (name, options) in enumerate(KINDS.items(), start=1):
        run("openssl", "genpkey", *options, "-out", f"{name}.key")
        run("openssl", "pkey", "-in", f"{name}.key", "-pubout", "-out", f"{name}.pub")
        place = ["--token", "Press", "--label", name, "--id", f"0{number}", "--pin", PIN]
        run("softhsm2-util", "--import", f"{name}.key", *place)
        (folder / f"{name}.key").unlink()  # from here the token alone has it
    shutil.copy(bundles.FOLDER / "p256.cert.json", folder / "s.json")
    return folder


def call(folder: Path, *arguments: str, pin: str | None = PIN) -> Done:
    given = {
        "SOFTHSM2_CONF": str(folder / "softhsm.conf"),
        "PRINTSTD_PKCS11_MODULE": str(next(path for path in MODULES if path.exists())),
    }
    if pin is not None:
        given["PRINTSTD_KEY_PASSPHRASE"] = pin
    extra = {"PYTHONPATH": os.environ["PYTHONPATH"]} if "PYTHONPATH" in os.environ else {}
    return printstd(*arguments, cwd=folder, **given, **extra)


def revoke(folder: Path, uri: str, pin: str | None = PIN) -> Done:
    return call(
        folder, "certify", "s.json", "--revoke", "x", "--key", uri, "-o", "r.json", "-q", pin=pin
    )


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_token_signs_and_its_public_key_verifies(token, kind):
    done = revoke(token, f"pkcs11:token=Press;object={kind}")
    assert done.code == 0, done.err
    envelope = read_bundle((token / "r.json").read_bytes(), "r")
    own = load_public_key((token / f"{kind}.pub").read_bytes(), kind)
    assert signed_by(envelope, (own,)) is own
    shown = call(token, "keys", "show", f"pkcs11:token=Press;object={kind}")
    assert own.key_id in shown.out


def test_a_key_is_found_by_its_id_too(token):
    assert revoke(token, "pkcs11:token=Press;id=%01").code == 0


@pytest.mark.parametrize(
    ("uri", "pin", "code"),
    [
        ("pkcs11:token=Press;object=p256", "0000", 7),
        ("pkcs11:token=Press;object=p256", None, 4),
        ("pkcs11:token=Press;object=nobody", PIN, 4),
        ("pkcs11:token=Elsewhere;object=p256", PIN, 7),
        ("pkcs11:token=Press", PIN, 2),
        ("pkcs11:token=Press;object=p256;pin-value=1234", PIN, 2),
        ("pkcs11:token=Press;object=p256;colour=red", PIN, 2),
        ("pkcs11:token=Press;object=p256?module-path=/nowhere.so", PIN, 7),
    ],
)
def test_what_the_token_refuses_is_told_with_its_exit_code(token, uri, pin, code):
    (token / "r.json").unlink(missing_ok=True)
    done = revoke(token, uri, pin)
    assert done.code == code, done.err
    says(done.err, "got", "wanted", "what to do")
    assert not (token / "r.json").exists()
    assert PIN not in done.err.replace(uri, "")
