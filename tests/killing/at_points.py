"""A process of ours that names its durable operations and waits before each, killed at one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def was_killed(module: str, *arguments: object, at: int) -> bool:
    """Was `python -m module` killed (SIGKILL, from outside) at this operation of it, from 0? Else
    it came to its end, with 0."""
    with subprocess.Popen(
        [sys.executable, "-m", module, *(str(own) for own in arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        points = (line for line in process.stdout if line.startswith("POINT"))
        for point, _ in enumerate(points):
            if point == at:
                process.send_signal(signal.SIGKILL)
                break
            process.stdin.write("go\n")
            process.stdin.flush()
        process.wait()
    assert process.returncode in (0, -signal.SIGKILL), process.returncode
    return process.returncode != 0
