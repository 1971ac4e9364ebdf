"""OctoPrint's virtual printer as a device: a Marlin board on a serial line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.hosts.installed import program
from tests.hosts.running import Running, wait_for


@contextmanager
def serial_printer(
    folder: Path, *, is_prusa: bool = False, is_quick: bool = False, **settings: Any
) -> Iterator[Path]:
    """The device's path. is_quick : it moves and heats in no time. settings : of the virtual
    printer, e.g. ``simulated_errors``."""
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
    try:
        wait_for("the virtual printer is there", device.exists, process)
        yield device
    finally:
        process.stop()
