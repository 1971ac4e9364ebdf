"""PrusaLink, Prusa's own server, on a virtual printer that answers like a MK3S."""

from __future__ import annotations

import hashlib
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.hosts.asking import ask
from tests.hosts.installed import folder as environments
from tests.hosts.installed import program
from tests.hosts.running import Running, free_port, wait_for
from tests.hosts.serial_line import Board, serial_board

KEY, USER, PASSWORD = "ABCDEFGHIJKLMNOP", "maker", "secret123"
_IDLE = "PrusaLink's printer is idle"
_STARTS, _START_S = 3, 40.0


class PrusaLink:
    """One server; `user` and `password` for digest authentication, or `key`."""

    def __init__(self, folder: Path, board: Board) -> None:
        self.folder, self.board, self.port = folder, board, free_port()
        self.url, self.key = f"http://127.0.0.1:{self.port}", KEY
        self.user, self.password = USER, PASSWORD
        (folder / "prusalink.ini").write_text(
            f"[daemon]\ndata_dir = {folder}\n[http]\naddress = 127.0.0.1\nport = {self.port}\n"
            f"[printer]\nport = {board.device}\n[cameras]\nauto_detect = False\n[log]\n"
        )
        digest = hashlib.md5(f"{USER}:Administrator:{PASSWORD}".encode()).hexdigest()
        (folder / "prusa_printer_settings.ini").write_text(
            "[printer]\ntype = MK3S\nname = test\nlocation = lab\n"
            # A closed port: nothing is told to the cloud.
            "[service::connect]\nhostname = 127.0.0.1\ntls = False\nport = 9\ntoken =\n"
            f"[service::local]\nenable = 1\nusername = {USER}\napi_key = {KEY}\ndigest = {digest}\n"
        )
        self.process = Running(
            [
                program("prusalink"),
                "-f",
                "-c",
                folder / "prusalink.ini",
                "-p",
                folder / "prusalink.pid",
                "-a",
                "127.0.0.1",
                "-t",
                str(self.port),
                "start",
            ],
            folder / "said.log",
        )

    def ask(self, path: str, **options: Any) -> tuple[int, Any]:
        headers = {"X-Api-Key": KEY, **options.pop("headers", {})}
        return ask(self.url + path, headers=headers, **options)

    def is_idle(self) -> bool:
        status, told = self.ask("/api/v1/status")
        return status == 200 and told["printer"]["state"] == "IDLE"

    def wait(self) -> None:
        """Rarely, on a busy machine, PrusaLink never finds its printer idle: probably where a
        confirmation left over from finding it is taken for its first command's. It takes 10 s
        to begin; what does not is begun again, as its users do."""
        for _ in range(_STARTS - 1):
            try:
                wait_for(_IDLE, self.is_idle, self.process, seconds=_START_S)
            except AssertionError:
                self.process.stop(signal.SIGKILL)
                self._start()
            else:
                return
        wait_for(_IDLE, self.is_idle, self.process)

    def restart(self, how: signal.Signals = signal.SIGKILL) -> None:
        self.process.stop(how)
        self.begin()

    def begin(self) -> None:
        """After it was stopped."""
        self._start()
        self.wait()

    def _start(self) -> None:
        """The board is reset, as a MK3S is by the port that is opened."""
        (self.folder / "prusalink.pid").unlink(missing_ok=True)
        self.board.reset()
        self.process.start()


def _room() -> Path:
    """With the environments, unless they are under /tmp too."""
    own = environments().resolve()
    return Path.home() if own.is_relative_to("/tmp") else own


@contextmanager
def prusalink(**settings: Any) -> Iterator[PrusaLink]:
    """settings : of the virtual printer. Its folder is not under /tmp, where it stores nothing."""
    program("prusalink")
    with tempfile.TemporaryDirectory(dir=_room(), prefix="printstd-prusalink-") as name:
        folder = Path(name)
        quiet = {"sendWait": False, **settings}
        with serial_board(folder / "serial", is_prusa=True, **quiet) as board:
            server = PrusaLink(folder, board)
            try:
                server.wait()
                yield server
            finally:
                server.process.stop()
