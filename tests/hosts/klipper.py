"""Kalico's real planner with Moonraker's real server before it; or alone over one program.

Steps go to a file instead of a board, so a print runs as fast as it is planned, and every heater is
always hot.
"""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.hosts import board
from tests.hosts.asking import ask
from tests.hosts.installed import program
from tests.hosts.running import Running, free_port, wait_for

_PRINTING = {"pause_resume": {}, "display_status": {}, "exclude_object": {}}


@dataclass(frozen=True, slots=True)
class Batch:
    """What Kalico made of a program. error : its last words where it stopped. print_time_s : as its
    planner counts. unknown : commands that it does not know, once each."""

    is_done: bool
    error: str
    print_time_s: float
    unknown: tuple[str, ...]
    log: str


def batch(
    gcode: Path, folder: Path, config: Mapping[str, Mapping[str, Any]] | None = None
) -> Batch:
    """Run a program through the planner to its end, without a server."""
    executable = program("kalico")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "batch.dict").write_text(board.dictionary())
    # Where a server would keep its programs: commands about a print need it.
    whole = {"virtual_sdcard": {"path": folder}, **(config or board.sections())}
    (folder / "printer.cfg").write_text(board.printer_cfg(whole))
    log = folder / "klippy.log"
    log.unlink(missing_ok=True)
    command = [executable, folder / "printer.cfg", "-i", gcode, "-o", "/dev/null"]
    command += ["-d", folder / "batch.dict", "-l", log]
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=600, check=False
    )
    text = log.read_text(errors="replace") if log.exists() else done.stderr
    time_s = re.findall(r"Exiting \(print time ([0-9.]+)s\)", text)
    words = [line for line in text.splitlines() if line.strip()]
    return Batch(
        is_done=done.returncode == 0,
        error="" if done.returncode == 0 else (words[-1] if words else done.stderr),
        print_time_s=float(time_s[-1]) if time_s else 0.0,
        unknown=tuple(dict.fromkeys(re.findall(r'Unknown command:"([^"]*)"', text))),
        log=text,
    )


class Klipper:
    """Kalico and Moonraker. url : Moonraker's. folder : their printer_data."""

    def __init__(
        self,
        folder: Path,
        *,
        config: Mapping[str, Mapping[str, Any]],
        moonraker: str,
        include: str,
        env: Mapping[str, str],
    ) -> None:
        kalico, self._moonraker = program("kalico"), program("moonraker")
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        for name in ("config", "gcodes", "logs", "comms", "misc"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        # Without it Moonraker fetches the list.
        (folder / "misc" / "usb.ids").write_text("# none\n")
        (folder / "batch.dict").write_text(board.dictionary())
        whole = {**config, "virtual_sdcard": {"path": folder / "gcodes"}, **_PRINTING}
        (folder / "config" / "printer.cfg").write_text(board.printer_cfg(whole) + include)
        (folder / "config" / "moonraker.conf").write_text(
            f"[server]\nhost: 127.0.0.1\nport: {self.port}\n"
            f"klippy_uds_address: {folder}/comms/klippy.sock\n"
            "[authorization]\ntrusted_clients: 127.0.0.1\n"
            "[machine]\nprovider: none\nvalidate_service: False\n"
            "[announcements]\nenable_moonlight: False\n[history]\n[job_queue]\n" + moonraker
        )
        self.klippy = Running(
            [
                kalico,
                folder / "config" / "printer.cfg",
                "-o",
                "/dev/null",
                "-d",
                folder / "batch.dict",
                "-I",
                folder / "comms" / "tty",
                "-a",
                folder / "comms" / "klippy.sock",
                "-l",
                folder / "logs" / "klippy.log",
            ],
            folder / "logs" / "kalico.out",
        )
        self.moonraker = Running(
            [self._moonraker, "-d", folder, "-n"], folder / "logs" / "moonraker.out", env=dict(env)
        )

    def ask(self, path: str, **options: Any) -> tuple[int, Any]:
        return ask(self.url + path, **options)

    def is_ready(self) -> bool:
        status, told = self.ask("/server/info")
        if status != 200 or told["result"]["klippy_state"] != "ready":
            return False
        # Asked through to Klipper: Moonraker takes a moment to see that it was ended.
        status, told = self.ask("/printer/info")
        return status == 200 and told["result"]["state"] == "ready"

    def wait(self) -> None:
        wait_for("Klipper is ready", self.is_ready, self.klippy, self.moonraker)

    def restart_moonraker(
        self, how: signal.Signals = signal.SIGKILL, *, away_s: float = 0.0
    ) -> None:
        """away_s : how long nobody answers before it begins again."""
        self.moonraker.stop(how)
        time.sleep(away_s)
        self.moonraker.start()
        self.wait()

    def restart_klippy(self, how: signal.Signals = signal.SIGKILL) -> None:
        self.klippy.stop(how)
        self.klippy.start()
        self.wait()

    def stop(self) -> None:
        self.moonraker.stop()
        self.klippy.stop()


@contextmanager
def klipper(
    folder: Path,
    *,
    config: Mapping[str, Mapping[str, Any]] | None = None,
    moonraker: str = "",
    include: str = "",
    env: Mapping[str, str] | None = None,
) -> Iterator[Klipper]:
    """config : sections of printer.cfg. moonraker, include : more text for moonraker.conf and
    printer.cfg. env : of Moonraker, e.g. a PYTHONPATH for a component."""
    server = Klipper(
        folder,
        config=config or board.sections(),
        moonraker=moonraker,
        include=include,
        env=env or {},
    )
    try:
        server.wait()
        yield server
    finally:
        server.stop()
