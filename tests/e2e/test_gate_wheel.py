"""The gate from the wheel, in an environment with nothing else but cryptography: what a small
computer at a printer has, arm64 or not (there is no other code in it than Python's)."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
import venv
from pathlib import Path

import pytest

from tests.e2e.test_wheel import ROOT, run
from tests.unit.gate.certified import carried, long_program, write_gate

PROGRAM = long_program(50)


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gate")
    pip = ("-m", "pip", "-q", "--disable-pip-version-check")
    made = run(sys.executable, *pip, "wheel", "--no-deps", "-w", folder, ROOT, cwd=folder)
    assert made.returncode == 0, made.stderr
    (wheel,) = folder.glob("printstd-*.whl")
    assert wheel.name.endswith("-py3-none-any.whl")
    venv.create(folder / "venv")
    found = folder / "venv" / "bin" / "python"
    for what in (("--no-deps", wheel), ("-c", ROOT / "constraints.txt", "cryptography")):
        done = run(sys.executable, *pip, "--python", found, "install", *what, cwd=folder)
        assert done.returncode == 0, done.stderr
    return found


def test_a_gate_runs_from_the_wheel_and_cryptography(python: Path, tmp_path: Path) -> None:
    settings = write_gate(tmp_path)
    whole = carried(PROGRAM)
    (tmp_path / "good.gcode").write_bytes(whole)
    (tmp_path / "bad.gcode").write_bytes(PROGRAM)
    gate = (python, "-m", "printstd.gate")
    for name, code in (("good", 0), ("bad", 6), ("none", 6)):
        done = run(*gate, "check", f"{name}.gcode", "--settings", settings, cwd=tmp_path)
        assert done.returncode == code, done.stderr
        told = json.loads(done.stdout)
        assert told["verdict"] == ("refused" if code else "allowed")
    free = ("--policy", "policy.toml", "--printer", "peer", "--material", "peer", "--nozzle")
    assert run(*gate, "check", "good.gcode", *free, "0.4", cwd=tmp_path).returncode == 0
    assert run(*gate, "check", "good.gcode", *free, "0.6", cwd=tmp_path).returncode == 6
    assert (
        run(*gate, "check", "good.gcode", "--policy", "policy.toml", cwd=tmp_path).returncode == 2
    )
    assert run(*gate, "journal", cwd=tmp_path).returncode == 0


def test_the_service_runs_from_the_wheel_and_cryptography(python: Path, tmp_path: Path) -> None:
    settings = write_gate(tmp_path)
    (tmp_path / "key").write_text("0123456789abcdef")
    command = [python, "-m", "printstd.gate", "serve", "--settings", settings, "--port", "0"]
    process = subprocess.Popen(
        [str(part) for part in [*command, "--api-key-file", tmp_path / "key"]],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        headers = {"X-Api-Key": "0123456789abcdef", "Content-Type": "application/octet-stream"}
        whole = carried(PROGRAM)
        request = urllib.request.Request(f"{url}/verify", data=whole, headers=headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            told = json.loads(answer.read())
        assert told["file_sha256"] == hashlib.sha256(whole).hexdigest()
        request = urllib.request.Request(f"{url}/verify", data=PROGRAM, headers=headers)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=20)
        with refused.value as answer:
            assert answer.code == 403
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.communicate()
