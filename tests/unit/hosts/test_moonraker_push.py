"""What Moonraker pushes that no Kalico without a board can: filament sensors, spools, a fan of less
than full power. Its messages are played by a server of the websockets library; all else is tested
on the real one (tests/e2e/test_as_run_moonraker.py)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from printstd.adapters.hosts.moonraker_push import MoonrakerPush
from printstd.adapters.hosts.pushing import socket_url
from printstd.artifacts.host import HostState
from printstd.farm.looks import Event, Happening, Look, Seen

SENSOR = "filament_switch_sensor runout"
OBJECTS = ["webhooks", "print_stats", "virtual_sdcard", "fan", "extruder", "heaters", SENSOR]
STATUS = {
    "print_stats": {"state": "printing", "filename": "part.gcode", "total_duration": 4.0},
    "virtual_sdcard": {"progress": 0.25, "file_position": 250},
    "fan": {"speed": 0.4},
    "extruder": {"temperature": 209.5, "target": 210.0},
    SENSOR: {"filament_detected": True, "enabled": True},
}
ANSWERS: dict[str, Any] = {
    "printer.objects.list": {"objects": OBJECTS},
    "heaters": {"status": {"heaters": {"available_heaters": ["extruder"]}}},
    "configfile": {"status": {"configfile": {"settings": {"fan": {"max_power": 0.8}}}}},
    "printer.objects.subscribe": {"status": STATUS},
    "server.files.metadata": {"modified": 17.5},
    "server.gcode_store": {"gcode_store": []},
}


@contextmanager
def moonraker(*pushed: dict[str, Any]) -> Iterator[str]:
    """Its address; `pushed` follows the answer to the first question for commands."""

    def talk(connection: ServerConnection) -> None:
        try:
            for text in connection:
                asked = json.loads(text)
                names = asked["params"].get("objects", {})
                key = next((name for name in names if name in ANSWERS), asked["method"])
                if asked["method"] == "printer.objects.subscribe":
                    key = asked["method"]
                connection.send(json.dumps({"id": asked["id"], "result": ANSWERS[key]}))
                if asked["method"] == "server.gcode_store":
                    for message in pushed:
                        connection.send(json.dumps(message))
        except ConnectionClosed:
            pass

    with serve(talk, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        finally:
            server.shutdown()
            thread.join()


def told(*pushed: dict[str, Any], count: int) -> list[Seen]:
    with moonraker(*pushed) as url:
        push = MoonrakerPush(url, {}, file="part.gcode")
        assert push.sight.tells_filament
        found: list[Seen] = []
        while len(found) < count:
            found += push.next(5.0)
        push.close()
    return found


def changed(**status: Any) -> dict[str, Any]:
    return {"method": "notify_status_update", "params": [status]}


def test_the_state_as_it_is_when_it_begins_to_watch() -> None:
    (look,) = told(count=1)
    assert isinstance(look, Look)
    assert (look.position, look.status.state, look.status.elapsed_s) == (250, HostState.PRINTING, 4)
    # Klipper tells 0.4 of a fan that gets 0.8 at most: that is half of what a program can ask.
    assert look.status.fan_ratio == 0.5


def test_filament_that_ran_out_is_told_once() -> None:
    gone = {SENSOR: {"filament_detected": False}}
    seen = told(changed(**gone), changed(**gone), changed(fan={"speed": 0.8}), count=5)
    events = [one for one in seen if isinstance(one, Event)]
    assert [(one.happening, one.detail) for one in events] == [
        (Happening.FILAMENT_OUT, f"{SENSOR}: no filament")
    ]
    # A sensor that is switched off says nothing.
    off = told(changed(**{SENSOR: {"filament_detected": False, "enabled": False}}), count=2)
    assert not any(isinstance(one, Event) for one in off)


def test_spools_files_and_a_klipper_that_is_lost() -> None:
    def file(action: str, modified: float | None, path: str = "part.gcode") -> dict[str, Any]:
        item = {"root": "gcodes", "path": path, "modified": modified}
        return {"method": "notify_filelist_changed", "params": [{"action": action, "item": item}]}

    seen = told(
        file("create_file", 17.5),
        file("modify_file", 18.0, "other.gcode"),
        file("modify_file", 18.0),
        {"method": "notify_active_spool_set", "params": [{"spool_id": 4}]},
        {"method": "notify_klippy_shutdown", "params": []},
        count=4,
    )
    events = [(one.happening, one.detail) for one in seen if isinstance(one, Event)]
    # What it tells of our own upload, late, is no news.
    assert events == [
        (Happening.FILE_WRITTEN, "modify_file part.gcode"),
        (Happening.FILAMENT_SELECTED, "spool 4"),
        (Happening.PRINTER_LOST, "klippy_shutdown"),
    ]


def test_addresses_of_sockets() -> None:
    assert socket_url("http://h:7125", "/websocket") == "ws://h:7125/websocket"
    assert socket_url("https://h/printer/", "/sockjs/websocket") == (
        "wss://h/printer/sockjs/websocket"
    )
