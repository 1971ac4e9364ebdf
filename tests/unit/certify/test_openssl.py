"""Plain openssl, jq and sha256sum verify a bundle, by the recipe that is published for them."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from printstd.certify.keys import public_pem
from printstd.certify.openssl_recipe import RECIPE
from printstd.certify.predicates import GENERATION, RECHECK
from tests import small_part
from tests.unit.certify.signing import signer

TOOLS = ("sh", "jq", "base64", "openssl", "sha256sum")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")

GUIDE = Path(__file__).parents[3] / "docs" / "certificates.md"


def by_openssl(folder: Path, bundle: bytes, program: bytes, pem: bytes, kind: str) -> bool:
    files = {"bundle.json": bundle, "p.gcode": program, "k.pub": pem}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    paths = [str(folder / name) for name in files]
    done = subprocess.run(
        ["sh", "-c", RECIPE, "recipe", *paths, kind], capture_output=True, text=True
    )
    return done.returncode == 0


def test_the_guide_shows_the_recipe_that_is_printed_and_tested():
    (script,) = re.findall(r"```sh\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert script == RECIPE


def test_the_guide_names_both_types_of_statement():
    assert GENERATION in GUIDE.read_text("utf-8")
    assert RECHECK in GUIDE.read_text("utf-8")


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
