"""A farm on a real mosquitto, seen by another client: what is retained, what is new, the last will;
and its text file."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from prometheus_client.parser import text_string_to_metric_families

from printstd.artifacts.job import JobState
from printstd.cli.farm_place import now_ms
from tests.e2e import farms
from tests.hosts.running import Running, free_port, wait_for

ROOT = Path(__file__).parents[2]
MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")


class Listener:
    """Another client: the last message of each topic, and all events."""

    def __init__(self, port: int, **secrets: str) -> None:
        self.last: dict[str, bytes] = {}
        self.events: list[Any] = []
        self.retained: set[str] = set()
        self._is_there = threading.Event()
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2)
        if secrets:
            self.client.username_pw_set(secrets["user"], secrets["password"])
        self.client.on_message = self._take
        self.client.on_subscribe = lambda *_: self._is_there.set()
        self.client.connect("127.0.0.1", port)
        self.client.subscribe("printstd/#", qos=1)
        self.client.loop_start()
        assert self._is_there.wait(10)

    def _take(self, client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:
        topic = message.topic.removeprefix("printstd/hall/")
        if topic == "events":
            self.events.append(json.loads(message.payload))
        self.last[topic] = message.payload
        if message.retain:
            self.retained.add(topic)

    def until(self, is_so: Callable[[], bool]) -> None:
        end = time.monotonic() + 60
        while not is_so():
            assert time.monotonic() < end, self.last
            time.sleep(0.05)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[int]:
    if MOSQUITTO is None:
        if os.environ.get("PRINTSTD_PEERS_REQUIRED"):
            pytest.fail("mosquitto is not installed")
        pytest.skip("mosquitto is not installed")
    port = free_port()
    passwords = tmp_path / "passwords"
    tool = Path(MOSQUITTO).with_name("mosquitto_passwd")
    tool = tool if tool.exists() else Path("/usr/bin/mosquitto_passwd")
    subprocess.run([tool, "-b", "-c", passwords, "farm", "s3cret"], check=True)
    passwords.chmod(0o644)
    config = tmp_path / "mosquitto.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\n"
        "persistence false\nuser root\n"
    )
    process = Running([MOSQUITTO, "-c", config], tmp_path / "mosquitto.log")
    try:
        wait_for("mosquitto listens", lambda: _listens(port), process)
        yield port
    finally:
        process.stop()


def _listens(port: int) -> bool:
    import socket

    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True


def test_a_farm_on_a_broker(broker: int, tmp_path: Path) -> None:
    """`farm run` as users have it; no printer answers, and that is what is told."""
    closed = free_port()
    made = farms.begin_farm(
        tmp_path / "farm", [("bench", f"octoprint+http://127.0.0.1:{closed}", "")]
    )
    settings = made.folder / "farm.toml"
    settings.write_text(
        f"{settings.read_text()}\n[patience]\npoll_s = 0.3\n[telemetry]\n"
        f'mqtt = "mqtt://127.0.0.1:{broker}"\ntopic = "printstd/hall"\nsecret = "mqtt"\n'
        'textfile = "farm.prom"\nevery_s = 0.3\n'
    )
    secrets = made.folder / "secrets.toml"
    secrets.write_text('[mqtt]\nuser = "farm"\npassword = "s3cret"\n')
    secrets.chmod(0o600)
    with made.store.writing("somebody") as rows:
        rows.add_printer(replace(rows.printer("bench"), name="gone", is_retired=True), now_ms())
    listener = Listener(broker, user="farm", password="s3cret")
    # What was told of it before it was retired, while nothing of the farm ran.
    listener.client.publish("printstd/hall/printers/gone", b'{"state": "idle"}', 1, retain=True)
    listener.until(lambda: bool(listener.last.get("printers/gone")))
    command = [sys.executable, ROOT / "cli.py", "farm", "run", "--farm", made.folder]
    process = Running(command, tmp_path / "farm.log", env={"PYTHONPATH": str(ROOT)})
    try:
        listener.until(lambda: listener.last.get("status") == b"online")
        listener.until(
            lambda: json.loads(listener.last.get("printers/bench", b"{}")).get("state") == "silent"
        )
        listener.until(lambda: listener.last.get("printers/gone") == b"")
        queue = json.loads(listener.last["queue"])
        assert queue == {state.value: 0 for state in JobState}
        with made.store.writing("somebody") as rows:
            rows.set_printer(rows.printer("bench"))
            rows.tell("note", now_ms(), printer="bench", text="привет")
        listener.until(lambda: bool(listener.events))
        (event,) = listener.events
        assert (event["by"], event["kind"], event["about"]["text"]) == (
            "somebody",
            "note",
            "привет",
        )
        with made.store.reading() as rows:
            assert event["sha256"] == rows.end_of_history()[1]
        # Who comes later finds what holds, and not what has passed.
        late = Listener(broker, user="farm", password="s3cret")
        late.until(lambda: {"status", "printers/bench", "queue"} <= late.retained)
        assert not late.events
        assert "printers/gone" not in late.last
        late.close()
        text = (made.folder / "farm.prom").read_text()
        states = {
            sample.labels["state"]: sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == "printstd_farm_printer_state"
        }
        assert states["silent"] == 1
        # Its machine loses its power: the broker says so by itself.
        process.stop(signal.SIGKILL)
        listener.until(lambda: listener.last["status"] == b"offline")
        process.start()
        listener.until(lambda: listener.last["status"] == b"online")
        process.stop(signal.SIGTERM)
        listener.until(lambda: listener.last["status"] == b"offline")
    finally:
        process.stop()
        listener.close()
        made.store.close()
