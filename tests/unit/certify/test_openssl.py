"""Plain openssl, jq and sha256sum verify a bundle, by the recipe that is published for them."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from printstd.certify.keys import public_pem
from printstd.certify.predicates import GENERATION, RECHECK
from tests import small_part
from tests.unit.certify.signing import signer

TOOLS = ("sh", "jq", "base64", "openssl", "sha256sum")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")

# $1 bundle, $2 program, $3 public key, $4 predicate type, $5 a folder to work in.
RECIPE = r"""
set -eu
jq .dsseEnvelope "$1" > "$5/dsse"
jq -r .payload "$5/dsse" | base64 -d > "$5/p"
PT=$(jq -r .payloadType "$5/dsse"); [ "$PT" = application/vnd.in-toto+json ]
{ printf 'DSSEv1 %d %s %d ' ${#PT} "$PT" $(wc -c < "$5/p"); cat "$5/p"; } > "$5/pae"
jq -r '.signatures[0].sig' "$5/dsse" | base64 -d > "$5/sig"
if openssl pkey -pubin -in "$3" -noout -text | head -1 | grep -qi ED25519
then openssl pkeyutl -verify -pubin -inkey "$3" -rawin -in "$5/pae" -sigfile "$5/sig"
else openssl dgst -sha256 -verify "$3" -signature "$5/sig" "$5/pae"; fi
jq -e '._type == "https://in-toto.io/Statement/v1"' "$5/p" >/dev/null
jq -e --arg t "$4" '.predicateType == $t' "$5/p" >/dev/null
echo "$(jq -r '.subject[0].digest.sha256' "$5/p")  $2" | sha256sum -c -
"""


def by_openssl(folder: Path, bundle: bytes, program: bytes, pem: bytes, kind: str) -> bool:
    files = {"bundle.json": bundle, "p.gcode": program, "k.pub": pem}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    paths = [str(folder / name) for name in files]
    done = subprocess.run(
        ["sh", "-c", RECIPE, "recipe", *paths, kind, str(folder)], capture_output=True, text=True
    )
    return done.returncode == 0


@pytest.mark.parametrize("algorithm", ["p256", "ed25519", "rsa"])
def test_openssl_verifies_both_bundles_and_refuses_what_was_changed(tmp_path, algorithm):
    key = signer(algorithm)
    pem = public_pem(key.public)
    pair = small_part.pair(key)
    assert by_openssl(tmp_path, pair.generation, pair.program, pem, GENERATION)
    assert by_openssl(tmp_path, pair.recheck, pair.program, pem, RECHECK)

    stranger = public_pem(signer(algorithm).public)
    program = pair.program.replace(b"E0.0", b"E0.1", 1)
    bundle = json.loads(pair.recheck)
    envelope = bundle["dsseEnvelope"]
    payload = base64.b64decode(envelope["payload"])
    envelope["payload"] = base64.b64encode(payload.replace(b"PASSED", b"FAILED")).decode()
    changed = json.dumps(bundle).encode()
    assert not by_openssl(tmp_path, pair.recheck, program, pem, RECHECK)
    assert not by_openssl(tmp_path, changed, pair.program, pem, RECHECK)
    assert not by_openssl(tmp_path, pair.recheck, pair.program, stranger, RECHECK)
    assert not by_openssl(tmp_path, pair.recheck, pair.program, pem, GENERATION)
