"""Servers as processes of a test: begun, waited for, and ended with all that they began."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from http.client import HTTPException
from pathlib import Path

START_S = 90.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Running:
    """A process and its group; what it says goes to `log`."""

    def __init__(
        self, command: Sequence[str | Path], log: Path, *, env: dict[str, str] | None = None
    ) -> None:
        self.command, self.log, self.env = [str(part) for part in command], log, env
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": "", **(self.env or {})},
            )

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self, how: signal.Signals = signal.SIGTERM, wait_s: float = 10.0) -> None:
        """how : SIGKILL is as if its machine lost its power."""
        process = self.process
        if process is None:
            return
        for sent in (how, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, sent)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(wait_s)
                break
        self.process = None

    def tail(self, lines: int = 30) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


def wait_for(
    what: str, ask: Callable[[], bool], *processes: Running, seconds: float = START_S
) -> None:
    """Ask until the answer is yes; fails with the processes' last words."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(OSError, ValueError, KeyError, HTTPException):
            if ask():
                return
        if processes and not all(process.runs for process in processes):
            break
        time.sleep(0.05)
    words = "\n".join(f"--- {process.command[0]}\n{process.tail()}" for process in processes)
    raise AssertionError(f"{what}: not so within {seconds:g} s, or a process ended\n{words}")
