"""Golden bundles and damaged ones, judged by software that is not ours: openssl by the published
recipe, and sigstore-js. (`make e2e` installs the latter.)"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from printstd.certify.openssl_recipe import RECIPE
from tests.golden import bundles

SIGSTORE = Path(__file__).parent / "sigstore"
REQUIRED = os.environ.get("PRINTSTD_PEERS_REQUIRED") == "1"


def needed(present: bool, what: str) -> None:
    if present:
        return
    if REQUIRED:
        pytest.fail(f"not installed: {what}")
    pytest.skip(f"not installed: {what}")


def by_openssl(folder: Path, case: bundles.Case) -> bool:
    folder.mkdir()
    files = {
        "b.json": case.bundle,
        "p.gcode": case.program,
        "trust.pem": case.key or case.roots,
        "stamps.pem": case.stamps,
        "recipe.sh": RECIPE.encode(),
    }
    for name, data in files.items():
        if data is not None:
            (folder / name).write_bytes(data)
    call = ["sh", "recipe.sh", "b.json", "p.gcode", "trust.pem", case.type]
    if case.stamps is not None:
        call.append("stamps.pem")
    done = subprocess.run(call, cwd=folder, capture_output=True, timeout=60)
    return done.returncode == 0


def by_sigstore(cases: list[bundles.Case]) -> list[dict[str, object]]:
    def text(data: bytes | None) -> str | None:
        return data.decode() if data is not None else None

    asked = [
        {
            "bundle": case.bundle.decode(),
            "program": base64.b64encode(case.program).decode(),
            "type": case.type,
            "key": text(case.key),
            "roots": text(case.roots),
            "stamps": text(case.stamps),
            "stamper": text(case.stamper),
            "uri": case.uri,
        }
        for case in cases
    ]
    done = subprocess.run(
        ["node", "verify.js"],
        cwd=SIGSTORE,
        input=json.dumps(asked).encode(),
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def test_openssl_accepts_every_golden_bundle_and_no_damaged_one(tmp_path):
    tools = ("sh", "jq", "base64", "openssl", "sha256sum")
    needed(all(shutil.which(tool) for tool in tools), ", ".join(tools))
    damaged = bundles.all_damaged()
    every = [(case.name, case) for case in bundles.cases()] + damaged
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda pair: by_openssl(tmp_path / str(pair[0]), pair[1][1]), enumerate(every))
        )
    n_good = len(every) - len(damaged)
    assert [name for (name, _), ok in zip(every[:n_good], answers, strict=False) if not ok] == []
    assert [name for (name, _), ok in zip(damaged, answers[n_good:], strict=True) if ok] == []


def test_sigstore_js_accepts_every_golden_bundle_and_no_damaged_one():
    needed(shutil.which("node") is not None, "node")
    needed((SIGSTORE / "node_modules").is_dir(), "npm ci --prefix tests/e2e/sigstore")
    good, damaged = bundles.cases(), bundles.all_damaged()
    answers = by_sigstore([*good, *(case for _, case in damaged)])
    refused = [
        (case.name, answer["why"])
        for case, answer in zip(good, answers, strict=False)
        if not answer["ok"]
    ]
    assert refused == []
    accepted = [
        name
        for (name, _), answer in zip(damaged, answers[len(good) :], strict=True)
        if answer["ok"]
    ]
    assert accepted == []
