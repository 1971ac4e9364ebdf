"""The service's process: the page, and beside it the coordinator."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import uvicorn

from printstd.cli.farm_place import Farm, coordinator_of
from printstd.cli.farm_telemetry import telling
from printstd.errors import OutsideError
from printstd.service.access import Access
from printstd.service.app import Desk, make_app
from printstd.service.making import Workshop
from printstd.words import said

_STOPS: Final = (signal.SIGTERM, signal.SIGINT)


def run_service(
    farm: Farm,
    *,
    host: str,
    port: int,
    key: Path | None,
    tls: tuple[Path, Path] | None,
    is_secure: bool,
    is_coordinator: bool,
    ready: Callable[[str], None],
) -> int:
    """Until it is stopped. ready : told the page's address once it listens; port 0 takes a free
    one."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    listening = _listen(host, port)
    number = listening.getsockname()[1]
    workshop = Workshop(farm.folder.path, key=key, at_once=max(1, (os.cpu_count() or 2) // 2))
    desk = Desk(farm, Access(farm.folder.path, time.time), workshop, is_secure)
    stop = threading.Event()
    coordinator = threading.Thread(
        target=lambda: coordinator_of(farm).run(stop), name="coordinator"
    )
    config = uvicorn.Config(
        make_app(desk),
        log_level="warning",
        # An access log would hold names of parts.
        access_log=False,
        server_header=False,
        ws="websockets-sansio",
        ws_max_size=1 << 16,
        timeout_graceful_shutdown=5,
        ssl_certfile=str(tls[0]) if tls else None,
        ssl_keyfile=str(tls[1]) if tls else None,
    )
    if is_coordinator:
        coordinator.start()
    try:
        shown = f"[{host}]" if ":" in host else host
        ready(f"{'https' if tls else 'http'}://{shown}:{number}/")
        with telling(farm):
            _Server(config).run(sockets=[listening])
    finally:
        stop.set()
        if is_coordinator:
            coordinator.join()
        listening.close()
    return 0


class _Server(uvicorn.Server):
    """Ends at a signal and is done with it: uvicorn's own would raise it again afterwards, in the
    middle of what still has to be closed."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        ours = {sign: signal.signal(sign, self.handle_exit) for sign in _STOPS}
        try:
            yield
        finally:
            for sign, before in ours.items():
                signal.signal(sign, before)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    own = socket.socket(family, socket.SOCK_STREAM)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        own.bind((host, port))
    except OSError as error:
        own.close()
        raise OutsideError(
            said("this address cannot be listened on"),
            where=f"{host}:{port}",
            got=str(error),
            wanted=said("an address of this machine and a free port"),
            hint=said("--port 0 takes any free one"),
        ) from error
    return own
