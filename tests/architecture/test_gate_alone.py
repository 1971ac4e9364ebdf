"""A gate runs where nothing but Python and ``cryptography`` is installed, on whatever machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.unit.gate.certified import carried, long_program, write_gate

ROOT = Path(__file__).parents[2]
PROBE = """
import sys

class Blocked:
    allowed = {"printstd", "cryptography", "cffi", "_cffi_backend", "pycparser"}
    allowed |= sys.stdlib_module_names

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in self.allowed:
            raise ModuleNotFoundError(f"blocked: {name}", name=name)
        return None

sys.meta_path.insert(0, Blocked())
import importlib
for module in (
    "approving", "asking", "commands", "installing", "macros", "moonraker", "octoprint.lines",
    "octoprint.server", "service", "watching",
):
    importlib.import_module("printstd.gate." + module)
from printstd.gate.commands import main
sys.exit(main(sys.argv[1:]))
"""


def gate(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROBE, *(str(argument) for argument in arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )


def test_a_gate_needs_the_standard_library_and_cryptography_alone(tmp_path: Path) -> None:
    settings = write_gate(tmp_path)
    program = long_program(20)
    (tmp_path / "good.gcode").write_bytes(carried(program))
    (tmp_path / "bad.gcode").write_bytes(program)
    for name, code in (("good", 0), ("bad", 6)):
        done = gate("check", tmp_path / f"{name}.gcode", "--settings", settings)
        assert done.returncode == code, done.stderr
    done = gate("journal", "--settings", settings)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 2
