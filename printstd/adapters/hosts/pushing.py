"""What a host pushes over a websocket, as `printstd.farm.looks`: one channel a kind, opened here.

A channel shows; it never tells the host to do anything. What it cannot reach it leaves out, and
says so by what it returns: nothing. Who watches sees the silence.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

from printstd.farm.looks import Seen, Sight

OPEN_S: Final = 10.0
_AGAIN_S: Final = 1.0
_MAX_MESSAGE_BYTES: Final = 16 << 20


class Channel(Protocol):
    """One host, watched. `file` is the program's name there."""

    @property
    def sight(self) -> Sight: ...

    def next(self, timeout_s: float) -> tuple[Seen, ...]:
        """What came since the last call, waited for so long; empty where nothing did."""
        ...

    def close(self) -> None: ...


class Socket:
    """A websocket that is opened again where it was lost; text messages are JSON objects."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        self._url, self._headers = url, dict(headers or {})
        self._open: ClientConnection | None = None
        self._stack = contextlib.ExitStack()
        self._tried_s = float("-inf")

    @property
    def is_open(self) -> bool:
        return self._open is not None

    def open(self) -> bool:
        """Is it open now? Tried at most once a second."""
        if self._open is not None:
            return True
        if time.monotonic() - self._tried_s < _AGAIN_S:
            return False
        self._tried_s = time.monotonic()
        try:
            self._open = self._stack.enter_context(
                connect(
                    self._url,
                    additional_headers=self._headers,
                    open_timeout=OPEN_S,
                    close_timeout=2.0,
                    max_size=_MAX_MESSAGE_BYTES,
                    compression=None,
                    proxy=None,
                )
            )
        except (OSError, TimeoutError, WebSocketException):
            return False
        return True

    def send(self, message: Any) -> None:
        if self._open is None:
            return
        try:
            self._open.send(json.dumps(message))
        except (ConnectionClosed, OSError):
            self.close()

    def receive(self, timeout_s: float) -> Any:
        """One message; None where none came in time, or the connection was lost."""
        if self._open is None:
            return None
        try:
            return json.loads(self._open.recv(timeout=max(0.0, timeout_s)))
        except TimeoutError:
            return None
        except (ConnectionClosed, OSError):
            self.close()
        except ValueError:
            pass
        return None

    def close(self) -> None:
        self._open = None
        with contextlib.suppress(ConnectionClosed, OSError, TimeoutError):
            self._stack.close()


def socket_url(url: str, path: str) -> str:
    """``http://HOST/x`` and ``/websocket`` -> ``ws://HOST/x/websocket``."""
    parts = urlsplit(url)
    scheme = "wss" if parts.scheme == "https" else "ws"
    return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}{path}"


def open_channel(address: str, secrets: Mapping[str, str], *, file: str) -> Channel | None:
    """The channel to what stands at `address` (`printstd.adapters.hosts.opening`); None for a kind
    of host that pushes nothing: it is asked instead."""
    kind, _, rest = address.partition("+")
    if kind == "moonraker":
        from printstd.adapters.hosts.moonraker_push import MoonrakerPush

        return MoonrakerPush(rest, secrets, file=file)
    if kind == "octoprint":
        from printstd.adapters.hosts.octoprint_push import OctoPrintPush

        return OctoPrintPush(rest, secrets, file=file)
    return None
