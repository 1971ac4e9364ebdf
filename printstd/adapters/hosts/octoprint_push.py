"""What OctoPrint pushes of a print: its terminal, that is each line that it sends to the printer.

The board itself tells OctoPrint its temperatures and nothing of factors, fan or Z offset. What
OctoPrint sends is known to the line, so whatever is changed through OctoPrint is seen; what is
changed at the printer's own panel is not. The terminal wants a user who may see it
(``MONITOR_TERMINAL``); without that permission lines are not told.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import httpx

from printstd.adapters.hosts.octoprint import status_of
from printstd.adapters.hosts.pushing import Socket, socket_url
from printstd.artifacts.host import HostState, HostStatus
from printstd.farm.looks import Event, Happening, Look, Seen, Sent, Sight

_LOST: Final = ("Disconnected", "Error", "PrinterReset")
_WRITTEN: Final = ("FileAdded", "FileRemoved", "FileMoved")
_CHANGING: Final = "Changing monitoring state from "
"""Its terminal has every change of state in its place between the lines, however short it was."""
_FIRST_S: Final = 5.0


class OctoPrintPush:
    def __init__(self, url: str, secrets: Mapping[str, str], *, file: str) -> None:
        self._url, self._key, self._file = url, secrets.get("key", ""), file
        self._socket = Socket(socket_url(url, "/sockjs/websocket"))
        self._is_known = False
        self._tells_lines = False
        self._temperatures: dict[str, Any] = {}
        self._status: HostStatus | None = None
        self._early: list[Seen] = []
        self._greet()
        until = time.monotonic() + _FIRST_S
        while self._is_known and not self._tells_lines and time.monotonic() < until:
            self._early += self._received(until - time.monotonic())

    @property
    def sight(self) -> Sight:
        return Sight(
            "octoprint",
            is_pushed=True,
            interval_s=0.5,
            sends_lines=self._tells_lines,
            tells_commands=False,
            tells_files=True,
        )

    def close(self) -> None:
        self._socket.close()

    def next(self, timeout_s: float) -> tuple[Seen, ...]:
        found, self._early = self._early, []
        if found:
            return tuple(found)
        if not (self._socket.is_open and self._is_known):
            self._greet()
            if not self._is_known:
                time.sleep(min(timeout_s, 0.2))
                return ()
            return (Event(time.monotonic(), Happening.LINES_LOST),)
        return tuple(self._received(timeout_s))

    def _greet(self) -> None:
        """Say who we are: without that nothing but its version is told."""
        self._is_known = False
        try:
            with httpx.Client(trust_env=False, timeout=10.0) as client:
                answer = client.post(
                    f"{self._url}/api/login",
                    headers={"X-Api-Key": self._key},
                    json={"passive": True},
                )
            told = answer.json() if answer.is_success else {}
        except (httpx.HTTPError, ValueError):
            return
        if told.get("name") and told.get("session") and self._socket.open():
            self._socket.send({"auth": f"{told['name']}:{told['session']}"})
            self._is_known = True

    def _received(self, timeout_s: float) -> list[Seen]:
        message = self._socket.receive(timeout_s)
        if not isinstance(message, dict):
            return []
        now = time.monotonic()
        found: list[Seen] = []
        for kind, payload in message.items():
            if kind in ("current", "history") and isinstance(payload, dict):
                found += self._current(payload, now, is_new=kind == "current")
            elif kind == "event" and isinstance(payload, dict):
                found += self._event(str(payload.get("type")), payload.get("payload") or {}, now)
            elif kind == "reauthRequired":
                self._socket.close()
        return found

    def _current(self, told: Mapping[str, Any], now: float, *, is_new: bool) -> list[Seen]:
        """Lines come before the state: what was sent is older than what it made of the job. What
        is history was sent before we came."""
        found: list[Seen] = []
        if "logs" in told:
            self._tells_lines = True
        if is_new:
            for text in told.get("logs") or ():
                for line in str(text).splitlines():
                    if line.startswith("Send: "):
                        found.append(Sent(now, line.removeprefix("Send: ")))
                    elif line.startswith(_CHANGING):
                        found += self._changing(line.rsplit('"', 2)[-2], now)
        temperatures = told.get("temps") or ()
        if temperatures:
            self._temperatures = dict(temperatures[-1])
        if told.get("state") and told.get("job") and told.get("progress"):
            job = {
                "state": str(told["state"].get("text", "")),
                "error": told["state"].get("error"),
                "job": told["job"],
                "progress": told["progress"],
            }
            status = self._status = status_of(job, {"temperature": self._temperatures})
            position = told["progress"].get("filepos")
            is_on = status.state in (HostState.PRINTING, HostState.PAUSED)
            found.append(
                Look(
                    now,
                    status,
                    int(position) if is_on and position is not None else None,
                    has_heaters=bool(temperatures),
                )
            )
        return found

    def _changing(self, to: str, now: float) -> list[Seen]:
        if to == "Starting":
            return [Event(now, Happening.STARTED)]
        if to not in ("Paused", "Printing") or self._status is None:
            return []
        state = HostState.PAUSED if to == "Paused" else HostState.PRINTING
        return [Look(now, replace(self._status, state=state), has_heaters=False)]

    def _event(self, kind: str, payload: Mapping[str, Any], now: float) -> list[Seen]:
        if kind in _LOST:
            words = payload.get("error") or ""
            return [Event(now, Happening.PRINTER_LOST, f"{kind} {words}".strip()[:120])]
        names = (payload.get("path"), payload.get("destination_path"))
        if kind in _WRITTEN and self._file in names:
            return [Event(now, Happening.FILE_WRITTEN, f"{kind} {self._file}")]
        return []
