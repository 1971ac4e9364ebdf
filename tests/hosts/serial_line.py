"""OctoPrint's virtual printer as a device: a Marlin board on a serial line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.hosts.installed import program
from tests.hosts.running import Running, wait_for


class Board:
    """The printer behind the line. device : the line's path."""

    def __init__(self, device: Path, process: Running) -> None:
        self.device, self.process = device, process

    def wait(self) -> None:
        wait_for("the virtual printer is there", self.device.exists, self.process)

    def reset(self) -> None:
        """As a board that restarts when its port is opened: it forgets what it was told, and
        nothing that it said before is still on the line."""
        self.process.stop()
        self.device.unlink(missing_ok=True)
        self.process.start()
        self.wait()


@contextmanager
def serial_board(
    folder: Path, *, is_prusa: bool = False, is_quick: bool = False, **settings: Any
) -> Iterator[Board]:
    """is_quick : it moves and heats in no time. settings : of the virtual printer, e.g.
    ``simulated_errors``."""
    python = program("octoprint", "python")
    folder.mkdir(parents=True, exist_ok=True)
    device = folder / "printer"
    told = [f"{name}={json.dumps(value)}" for name, value in settings.items()]
    process = Running(
        [python, "-P", Path(__file__).with_name("virtual_printer.py"), device, *told],
        folder / "virtual_printer.log",
        env={
            **({"PERSONALITY": "prusa"} if is_prusa else {}),
            **({"IS_QUICK": "1"} if is_quick else {}),
        },
    )
    board = Board(device, process)
    try:
        board.wait()
        yield board
    finally:
        process.stop()


@contextmanager
def serial_printer(folder: Path, **settings: Any) -> Iterator[Path]:
    """The device's path of a ``serial_board``."""
    with serial_board(folder, **settings) as board:
        yield board.device
