"""The wheel in a new environment, far from the checkout: what a user has."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

from tests.unit.gate.certified import carried, long_program, write_gate

ROOT = Path(__file__).parents[2]
GATED = long_program(50)
CYRILLIC = "Кронштейн №4 (изм. 2).stl"


def run(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        key: value
        for key, value in os.environ.items()
        if key != "PYTHONPATH" and not key.startswith("PRINTSTD_")
    }
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment | {"XDG_CONFIG_HOME": str(cwd / "nothing")},
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    made = run(
        sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, ROOT, cwd=folder
    )
    assert made.returncode == 0, made.stderr
    (found,) = folder.glob("printstd-*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of a new environment with nothing but the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    done = run(
        python, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", wheel, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    return folder / "venv" / "bin" / "printstd"


def test_the_wheel_carries_every_profile_and_no_test(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    for path in (ROOT / "profiles").rglob("*.toml"):
        assert f"printstd/_bundled/profiles/{path.relative_to(ROOT / 'profiles')}" in inside
    assert not [name for name in inside if name.startswith(("tests/", "benchmarks/", "samples/"))]


def test_the_wheel_carries_what_reports_are_made_with(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("fonts", "page", "viewer"):
        files = list((ROOT / "printstd" / "report" / folder).iterdir())
        assert len(files) > 2
        for path in files:
            assert f"printstd/report/{folder}/{path.name}" in inside


def test_a_printed_report_needs_no_font_of_the_machine(installed: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "samples" / "bracket.stl", tmp_path / "支架 부품 Ғ.stl")
    for form, head in (
        ("pdf", b"%PDF"),
        ("html", b"<!DOCTYPE"),
        ("sarif", b"{"),
        ("junit", b"<?xml"),
    ):
        call = ("validate", "支架 부품 Ғ.stl", "--pack", "kz", "--format", form, "--report", form)
        done = run(installed, *call, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / form).read_bytes().startswith(head)


def test_the_whole_line_from_the_wheel_alone(installed: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "samples" / "bracket.stl", tmp_path / CYRILLIC)
    listed = run(installed, "profiles", "list", cwd=tmp_path)
    assert listed.returncode == 0, listed.stderr
    for name in ("kz", "pla", "mk4s", "standard-0.20"):
        assert name in listed.stdout
    assert run(installed, "keys", "new", "ключ", cwd=tmp_path).returncode == 0
    request = ("--pack", "kz", "--class", "m", "--printer", "ender3-v2", "--key", "ключ.key")
    made = run(installed, "certify", CYRILLIC, *request, "-o", "деталь.gcode", cwd=tmp_path)
    assert made.returncode == 0, made.stdout + made.stderr
    trusted = ("--trust", "ключ.pub")
    alone = run(installed, "verify", "деталь.gcode", *trusted, cwd=tmp_path)
    assert alone.returncode == 0, alone.stdout + alone.stderr
    again = run(installed, "verify", "деталь.gcode", "--model", CYRILLIC, *trusted, cwd=tmp_path)
    assert again.returncode == 0, again.stdout + again.stderr
    program = tmp_path / "деталь.gcode"
    program.write_bytes(program.read_bytes().replace(b"G28", b"G29", 1))
    assert run(installed, "verify", "деталь.gcode", *trusted, cwd=tmp_path).returncode == 6


def test_the_wheel_makes_the_checkout_s_bytes(installed: Path, tmp_path: Path) -> None:
    for command, out in (
        ((installed,), "wheel.gcode"),
        ((sys.executable, ROOT / "cli.py"), "checkout.gcode"),
    ):
        model = ROOT / "samples" / "bracket.stl"
        done = run(*command, "slice", model, "--printer", "mk4s", "-o", out, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "wheel.gcode").read_bytes() == (tmp_path / "checkout.gcode").read_bytes()


@pytest.fixture(scope="module")
def gate_python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a small computer at a printer has, arm64 or not: the wheel, which has no code but
    Python's in it, and cryptography."""
    assert wheel.name.endswith("-py3-none-any.whl")
    folder = tmp_path_factory.mktemp("gate")
    venv.create(folder / "venv")
    found = folder / "venv" / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", "--python", found)
    for what in (("--no-deps", wheel), ("-c", ROOT / "constraints.txt", "cryptography")):
        done = run(*pip, "install", *what, cwd=folder)
        assert done.returncode == 0, done.stderr
    return found


def test_a_gate_runs_from_the_wheel_and_cryptography(gate_python: Path, tmp_path: Path) -> None:
    settings = write_gate(tmp_path)
    whole = carried(GATED)
    (tmp_path / "good.gcode").write_bytes(whole)
    (tmp_path / "bad.gcode").write_bytes(GATED)
    gate = (gate_python, "-m", "printstd.gate")
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


def test_the_service_runs_from_the_wheel_and_cryptography(
    gate_python: Path, tmp_path: Path
) -> None:
    settings = write_gate(tmp_path)
    (tmp_path / "key").write_text("0123456789abcdef")
    command = [gate_python, "-m", "printstd.gate", "serve", "--settings", settings, "--port", "0"]
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
        whole = carried(GATED)
        request = urllib.request.Request(f"{url}/verify", data=whole, headers=headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            told = json.loads(answer.read())
        assert told["file_sha256"] == hashlib.sha256(whole).hexdigest()
        request = urllib.request.Request(f"{url}/verify", data=GATED, headers=headers)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=20)
        with refused.value as answer:
            assert answer.code == 403
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.communicate()
