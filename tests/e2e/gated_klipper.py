"""Moonraker and Kalico with the gate before them, in both layouts: the printer's card holds all
files, or the gate's own folder alone.

Counted is what Kalico's own log says: each time that it begins to print a file.
"""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from printstd.gate.commands import main
from printstd.gate.journal import read_journal
from tests.e2e import gated
from tests.hosts import board
from tests.hosts.klipper import Klipper, klipper
from tests.hosts.running import wait_for
from tests.unit.gate.certified import long_program, write_gate

PROGRAM = long_program(2_000)
QUIET_S = 0.6
MACROS = '\n[klipper]\nmacros = "macros.json"\n'
EXTRA = "\n[gcode_macro START_PRINT]\ngcode:\n  G28\n\n[gcode_macro UNUSED]\ngcode:\n  M84\n"


class Gated:
    """A server with its gate."""

    def __init__(self, server: Klipper, settings: Path, libraries: Path) -> None:
        self.server, self.settings, self.libraries = server, settings, libraries
        self.gate, self.files = settings.parent, server.folder / "gcodes"
        self.printer_cfg = server.folder / "config" / "printer.cfg"
        self.conf = server.folder / "config" / "moonraker.conf"
        self.component = libraries / "moonraker" / "components" / "printstd_gate.py"
        self.kept: dict[Path, bytes] = {}

    def keep(self) -> None:
        """How it is set up now."""
        files = (self.printer_cfg, self.conf, self.component, self.settings)
        self.kept = {file: file.read_bytes() for file in files}

    def restore(self) -> None:
        """A test that failed half-way leaves nothing to the next."""
        changed = [
            file
            for file, data in self.kept.items()
            if not file.exists() or file.read_bytes() != data
        ]
        for file in changed:
            file.write_bytes(self.kept[file])
        if changed:
            self.server.restart_klippy(signal.SIGTERM)
            self.server.restart_moonraker()

    def log(self) -> str:
        return (self.server.folder / "logs" / "klippy.log").read_text(errors="replace")

    def begun(self) -> int:
        log = self.log()
        # Asked to go on with no file it says the one, then the other.
        return log.count("Starting SD card print") - log.count("virtual_sdcard seek")

    def status(self) -> dict[str, Any]:
        path = "/printer/objects/query?print_stats&virtual_sdcard&pause_resume"
        code, told = self.server.ask(path)
        assert code == 200, told
        found: dict[str, Any] = told["result"]["status"]
        return found

    def state(self) -> str:
        return str(self.status()["print_stats"]["state"])

    def until(self, *states: str) -> None:
        wait_for(f"the print is {states}", lambda: self.state() in states, seconds=20)

    def script(self, text: str) -> tuple[int, Any]:
        return self.server.ask(f"/printer/gcode/script?script={quote(text)}", method="POST")

    def start(self, name: str) -> tuple[int, Any]:
        return self.server.ask(f"/printer/print/start?filename={quote(name)}", method="POST")

    def upload(self, name: str, data: bytes, **fields: str) -> tuple[int, Any]:
        return gated.upload(f"{self.server.url}/server/files/upload", name, data, **fields)

    def journal(self) -> tuple[dict[str, Any], ...]:
        file = self.gate / "journal.jsonl"
        return read_journal(file.read_bytes(), file.name).records

    def direct(self, method: str, **params: Any) -> dict[str, Any]:
        """Klippy's own socket, as a screen that goes around Moonraker uses it."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(10)
            line.connect(str(self.server.folder / "comms" / "klippy.sock"))
            line.sendall(json.dumps({"id": 1, "method": method, "params": params}).encode() + b"\3")
            data = b""
            while b"\3" not in data:
                data += line.recv(65536)
        answer: dict[str, Any] = json.loads(data.split(b"\3")[0])
        return answer

    def approve(self) -> None:
        arguments = ["approve-macros", "--settings", str(self.settings)]
        assert main([*arguments, "--moonraker", self.server.url]) == 0

    @contextlib.contextmanager
    def nothing_begins(self) -> Iterator[None]:
        before, filament = self.begun(), self.status()["print_stats"]["filament_used"]
        yield
        time.sleep(QUIET_S)
        assert self.begun() == before
        assert self.status()["print_stats"]["filament_used"] == filament

    def prints(self, start: Callable[[], Any]) -> None:
        """It begins once, and ends complete."""
        before = self.begun()
        start()
        wait_for("a print begins", lambda: self.begun() > before, seconds=20)
        self.until("complete")
        wait_for("the gate saw its end", lambda: self.journal()[-1]["event"] == "ended", seconds=10)
        assert self.begun() == before + 1
        assert self.journal()[-1]["is_same"] is True


@contextlib.contextmanager
def gated_klipper(folder: Path, *, is_locked: bool = False) -> Iterator[Gated]:
    """is_locked : the printer's card is the gate's own folder."""
    libraries = gated.libraries(folder / "libraries")
    moonraker = gated.own_moonraker(libraries)
    assert main(["install-moonraker", str(moonraker), "--config", str(folder)]) == 0
    verified = folder / "printer" / ("verified" if is_locked else "gcodes/.printstd")
    verified.mkdir(parents=True)
    settings = write_gate(folder / "gate", verified=str(verified), printer=MACROS)
    macros = (folder / "printstd_gate.cfg").read_text()
    config = board.sections()
    with klipper(
        folder / "printer",
        config=config,
        moonraker=f"[printstd_gate]\nsettings: {settings}\n",
        include=EXTRA + macros,
        env={"PYTHONPATH": str(libraries)},
    ) as server:
        found = Gated(server, settings, libraries)
        if is_locked:
            text = found.printer_cfg.read_text()
            changed = text.replace(f"path: {found.files}\n", f"path: {verified}\n")
            assert changed != text
            found.printer_cfg.write_text(changed)
            server.restart_klippy(signal.SIGTERM)
        found.approve()
        found.keep()
        yield found


def queue(found: Gated, name: str) -> None:
    found.server.ask("/server/job_queue/job", method="POST", json_body={"filenames": [name]})
    found.server.ask("/server/job_queue/start", method="POST")


WAYS: dict[str, Callable[[Gated, str], Any]] = {
    "the API": lambda found, name: found.start(name),
    "the console": lambda found, name: found.script(f"SDCARD_PRINT_FILE FILENAME={name}"),
    "the console, otherwise": lambda found, name: found.script(
        f'sdcard_print_file filename="/{name}"'
    ),
    "the queue": queue,
    "Klippy's socket": lambda found, name: found.direct(
        "gcode/script", script=f"SDCARD_PRINT_FILE FILENAME={name}"
    ),
    "an upload": lambda found, name: found.upload(
        name, (found.files / name).read_bytes(), print="true"
    ),
}


BYPASSES = {
    "M23 and M24": ["M23 bad.gcode", "M24"],
    "M23 of a copy, M24": ["M23 good.gcode", "M24"],
    "M24 of nothing": ["M24"],
    "skip and start": ["M26 S100", "M24"],
    "reset and resume": ["SDCARD_RESET_FILE", "RESUME"],
    "resume of nothing": ["RESUME"],
    "out of the folder": ["SDCARD_PRINT_FILE FILENAME=../../../../etc/passwd"],
    "no name": ["SDCARD_PRINT_FILE"],
    "odd names": ['SDCARD_PRINT_FILE FILENAME="bad.gcode\\" X=\\"1"'],
    "the old names": ["M9923 bad.gcode\nM9924"],
}
