"""What Moonraker pushes of a print: Klipper's state as it changes, files, spools, commands.

Klipper tells a subscriber what changed, four times a second at most: what changes and changes back
between is not told. Commands that others give through Moonraker are kept by it with their time
(``server.gcode_store``), so a change that lasted less is seen there; what a macro or a serial line
did in that time is not.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from printstd.adapters.hosts.moonraker import status_of
from printstd.adapters.hosts.pushing import Socket, socket_url
from printstd.farm.looks import Event, Happening, Look, Seen, Sight

_OBJECTS: Final = (
    "webhooks",
    "print_stats",
    "virtual_sdcard",
    "gcode_move",
    "fan",
    "exclude_object",
    "pause_resume",
    "display_status",
    "heaters",
)
_FILAMENT: Final = ("filament_switch_sensor ", "filament_motion_sensor ")
_ANSWER_S: Final = 10.0
_COMMANDS_EVERY_S: Final = 1.0
_COMMANDS: Final = 200
_CHANGES_FILES: Final = ("create_file", "modify_file", "delete_file", "move_file")


class MoonrakerPush:
    def __init__(self, url: str, secrets: Mapping[str, str], *, file: str) -> None:
        headers = {"X-Api-Key": secrets["key"]} if secrets.get("key") else {}
        self._socket = Socket(socket_url(url, "/websocket"), headers)
        self._file = file
        self._number = 0
        self._told: dict[str, dict[str, Any]] = {}
        self._full_fan = 1.0
        self._heaters: tuple[str, ...] = ()
        self._sensors: tuple[str, ...] = ()
        self._filament_there: dict[str, bool] = {}
        self._is_subscribed = False
        self._stored: Any = None
        """When the file was written, as far as we know: what is told of that is no news."""
        self._asked_s = 0.0
        self._store_id: int | None = None
        self._commands_until: float | None = None
        self._early: list[Seen] = []
        self._subscribe()

    @property
    def sight(self) -> Sight:
        return Sight(
            "moonraker",
            is_pushed=True,
            interval_s=0.25,
            tells_commands=True,
            tells_files=True,
            tells_filament=bool(self._sensors),
            tells_panel=True,
        )

    def close(self) -> None:
        self._socket.close()

    def next(self, timeout_s: float) -> tuple[Seen, ...]:
        if not (self._socket.is_open and self._is_subscribed):
            self._subscribe()
            if not self._is_subscribed:
                time.sleep(min(timeout_s, 0.2))
        found, self._early = self._early, []
        if found:
            return tuple(found)
        if time.monotonic() - self._asked_s > _COMMANDS_EVERY_S and self._store_id is None:
            self._store_id = self._send("server.gcode_store", {"count": _COMMANDS})
            self._asked_s = time.monotonic()
        message = self._socket.receive(timeout_s)
        if message is None:
            if not self._socket.is_open:
                self._is_subscribed, self._store_id = False, None
            return ()
        return tuple(self._read(message))

    # What it is asked.

    def _send(self, method: str, params: Mapping[str, Any]) -> int:
        self._number += 1
        self._socket.send(
            {"jsonrpc": "2.0", "method": method, "params": dict(params), "id": self._number}
        )
        return self._number

    def _ask(self, method: str, params: Mapping[str, Any] | None = None) -> Any:
        """The answer; what is told in between is kept. None where it was refused or none came."""
        number = self._send(method, params or {})
        until = time.monotonic() + _ANSWER_S
        while (left := until - time.monotonic()) > 0 and self._socket.is_open:
            message = self._socket.receive(left)
            if not isinstance(message, dict):
                continue
            if message.get("id") == number:
                return message.get("result")
            self._early += self._read(message)
        return None

    def _subscribe(self) -> None:
        self._is_subscribed = False
        if not self._socket.open():
            return
        listed = self._ask("printer.objects.list")
        if not isinstance(listed, dict):
            return
        names = [str(name) for name in listed.get("objects", ())]
        self._sensors = tuple(name for name in names if name.startswith(_FILAMENT))
        heaters = self._ask("printer.objects.query", {"objects": {"heaters": None}}) or {}
        available = heaters.get("status", {}).get("heaters", {}).get("available_heaters", ())
        self._heaters = tuple(str(name) for name in available)
        wanted = [name for name in (*_OBJECTS, *self._heaters, *self._sensors) if name in names]
        self._full_fan = self._max_power()
        answer = self._ask("printer.objects.subscribe", {"objects": dict.fromkeys(wanted)})
        if not isinstance(answer, dict):
            return
        self._told = {}
        if self._stored is None:
            about = self._ask("server.files.metadata", {"filename": self._file}) or {}
            self._stored = about.get("modified")
        if self._commands_until is None:
            kept = self._ask("server.gcode_store", {"count": 1}) or {}
            self._commands_until = max(
                (row["time"] for row in kept.get("gcode_store", ())), default=0
            )
        self._is_subscribed = True
        self._early += self._status(answer.get("status", {}))

    def _max_power(self) -> float:
        """What the part fan is told when the program says S255: Klipper tells that, not the 255."""
        told = self._ask("printer.objects.query", {"objects": {"configfile": ["settings"]}}) or {}
        settings = told.get("status", {}).get("configfile", {}).get("settings", {})
        found = settings.get("fan", {}).get("max_power", 1.0)
        return float(found) if isinstance(found, int | float) and found > 0 else 1.0

    # What it tells.

    def _read(self, message: Any) -> list[Seen]:
        if not isinstance(message, dict):
            return []
        if self._store_id is not None and message.get("id") == self._store_id:
            self._store_id = None
            return self._commands(message.get("result") or {})
        method, params = message.get("method"), message.get("params") or []
        now = time.monotonic()
        if method == "notify_status_update" and params:
            return self._status(params[0])
        if method == "notify_filelist_changed" and params:
            return self._files(params[0], now)
        if method in ("notify_klippy_shutdown", "notify_klippy_disconnected"):
            return [Event(now, Happening.PRINTER_LOST, str(method).removeprefix("notify_"))]
        if method == "notify_klippy_ready":
            # Klipper began anew: it knows nothing of our subscription.
            self._is_subscribed = False
        if method == "notify_active_spool_set" and params:
            return [Event(now, Happening.FILAMENT_SELECTED, f"spool {params[0].get('spool_id')}")]
        return []

    def _status(self, changed: Mapping[str, Any]) -> list[Seen]:
        now = time.monotonic()
        for name, values in changed.items():
            if isinstance(values, dict):
                self._told.setdefault(name, {}).update(values)
        found: list[Seen] = []
        for sensor in self._sensors:
            told = self._told.get(sensor, {})
            is_there = bool(told.get("filament_detected")) or not told.get("enabled", True)
            if self._filament_there.get(sensor, True) and not is_there:
                found.append(Event(now, Happening.FILAMENT_OUT, f"{sensor}: no filament"))
            self._filament_there[sensor] = is_there
        card = self._told.get("virtual_sdcard", {})
        position = card.get("file_position")
        status = status_of(self._told, self._heaters)
        if status.fan_ratio is not None:
            status = replace(status, fan_ratio=status.fan_ratio / self._full_fan)
        found.append(Look(now, status, int(position) if position is not None else None))
        return found

    def _files(self, told: Mapping[str, Any], now: float) -> list[Seen]:
        action, item = str(told.get("action", "")), told.get("item") or {}
        source = told.get("source_item") or {}
        names = {item.get("path"), source.get("path")} if item.get("root") == "gcodes" else set()
        if action not in _CHANGES_FILES or self._file not in names:
            return []
        modified = item.get("modified")
        if modified is not None and modified == self._stored:
            return []
        self._stored = modified
        return [Event(now, Happening.FILE_WRITTEN, f"{action} {self._file}")]

    def _commands(self, told: Mapping[str, Any]) -> list[Seen]:
        """Commands that were given since the last look at what is kept of them."""
        rows = [row for row in told.get("gcode_store", ()) if row.get("type") == "command"]
        since = self._commands_until or 0.0
        fresh = [row for row in rows if row["time"] > since]
        if fresh:
            self._commands_until = max(row["time"] for row in fresh)
        # Its clock is another one: how long ago is told by both ends.
        now, wall = time.monotonic(), time.time()
        return [
            Event(
                now - min(max(wall - row["time"], 0.0), 2 * _COMMANDS_EVERY_S),
                Happening.COMMAND,
                str(row["message"]),
            )
            for row in fresh
        ]
