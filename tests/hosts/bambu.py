"""The wire of a Bambu Lab printer: a real MQTT broker and a real FTPS server, and between them a
client that answers orders as a printer would. Not a printer.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from tests.hosts.installed import program
from tests.hosts.running import Running, free_port, wait_for

SERIAL, CODE, USER = "01S00C123456789", "12345678", "bblp"


def certificate(folder: Path, name: str) -> Path:
    """A self-signed one, with its key, in one PEM file; its text alone beside it (.crt)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    text = made.public_bytes(serialization.Encoding.PEM)
    path = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + text)
    path.with_suffix(".crt").write_bytes(text)
    return path


class Wire:
    """is_open : Developer Mode. answers : whether it says no aloud where that is off. begun : names
    of the files whose print it began."""

    def __init__(self, folder: Path) -> None:
        broker = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        if not Path(broker).exists():
            pytest.skip("no MQTT broker is installed (Debian: mosquitto)")
        self.folder, self.mqtt_port, self.ftps_port = folder, free_port(), free_port()
        (folder / "files").mkdir(parents=True)
        self.pem = certificate(folder, SERIAL)
        self.certificate = self.pem.with_suffix(".crt").read_text()
        subprocess.run(
            ["mosquitto_passwd", "-b", "-c", str(folder / "users"), USER, CODE], check=True
        )
        (folder / "mosquitto.conf").write_text(
            f"user root\npersistence false\nallow_anonymous false\npassword_file {folder}/users\n"
            f"listener {self.mqtt_port} 127.0.0.1\ncertfile {self.pem.with_suffix('.crt')}\n"
            f"keyfile {self.pem}\n"
        )
        python = program("pyftpdlib", "python")
        self.broker = Running([broker, "-c", folder / "mosquitto.conf"], folder / "broker.log")
        self.ftps = Running(
            [
                python,
                "-P",
                Path(__file__).with_name("implicit_ftps.py"),
                str(self.ftps_port),
                folder / "files",
                self.pem,
                USER,
                CODE,
            ],
            folder / "ftps.log",
        )
        self.is_open, self.answers, self.lasts_s = True, False, 1.0
        self.begun: list[str] = []
        self.state: dict[str, Any] = {
            "gcode_state": "IDLE",
            "subtask_name": "",
            "mc_percent": 0,
            "layer_num": 0,
            "nozzle_temper": 25.5,
            "nozzle_target_temper": 0,
            "bed_temper": 24.0,
            "bed_target_temper": 0,
            "spd_mag": 100,
            "cooling_fan_speed": "15",
            "print_error": 0,
            "fun": "0",
        }
        self._lock = threading.RLock()
        self._job: dict[str, float] | None = None
        self._client: Client | None = None
        self._stopped = threading.Event()
        wait_for("the broker is there", self._connect, self.broker)
        wait_for("the FTPS server is there", self._greets, self.ftps)
        self._ticking = threading.Thread(target=self._tick, daemon=True)
        self._ticking.start()

    def _greets(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.ftps_port)):
            return True

    def _connect(self) -> bool:
        client = Client(CallbackAPIVersion.VERSION2)
        client.username_pw_set(USER, CODE)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        client.tls_set_context(context)
        client.on_connect = lambda client, *_: client.subscribe(f"device/{SERIAL}/request", qos=1)
        client.on_message = lambda _, __, message: self._heard(json.loads(message.payload))
        client.reconnect_delay_set(1, 1)
        client.connect("127.0.0.1", self.mqtt_port)
        client.loop_start()
        self._client = client
        return True

    def _say(self, told: dict[str, Any]) -> None:
        assert self._client is not None
        self._client.publish(f"device/{SERIAL}/report", json.dumps({"print": told}))

    def report(self, **changed: Any) -> None:
        """Only what changed, as the smaller models do."""
        self.state.update(changed)
        self._say({"command": "push_status", "msg": 1, **changed})

    def _heard(self, order: dict[str, Any]) -> None:
        with self._lock:
            if order.get("pushing", {}).get("command") == "pushall":
                self._say({"command": "push_status", "msg": 0, **self.state})
            told = order.get("print")
            if told is None:
                return
            if not self.is_open:
                if self.answers:
                    reason = "mqtt message verify failed"
                    self._say({**told, "result": "failed", "reason": reason})
                return
            self._say({**told, "result": "success"})
            match told["command"]:
                case "project_file":
                    self._begin(told)
                case "pause" if self.state["gcode_state"] == "RUNNING":
                    self.report(gcode_state="PAUSE")
                case "resume" if self.state["gcode_state"] == "PAUSE":
                    self.report(gcode_state="RUNNING")
                case "stop":
                    self._job = None
                    self.report(gcode_state="FAILED", print_error=0x0300400C)

    def _begin(self, told: dict[str, Any]) -> None:
        name = told["url"].removeprefix("ftp:///")
        data = (self.folder / "files" / name).read_bytes()
        self.report(
            gcode_state="PREPARE", subtask_name=told["subtask_name"], mc_percent=0, print_error=0
        )
        if hashlib.md5(data).hexdigest().upper() != told["md5"]:
            self.report(gcode_state="FAILED", print_error=0x0500C010)
            return
        self.begun.append(name)
        # The size of the file stands for its time.
        self._job = {"done_s": 0.0, "lasts_s": 20.0 if b"long" in data else 0.5}
        self.report(gcode_state="RUNNING", layer_num=1)

    def _tick(self) -> None:
        while not self._stopped.wait(0.05):
            with self._lock:
                if self._job is None or self.state["gcode_state"] != "RUNNING":
                    continue
                self._job["done_s"] += 0.05
                ratio = self._job["done_s"] / self._job["lasts_s"]
                if ratio >= 1:
                    self._job = None
                    self.report(gcode_state="FINISH", mc_percent=100)
                elif int(ratio * 100) != self.state["mc_percent"]:
                    self.report(mc_percent=int(ratio * 100))

    def kill(self) -> None:
        for server in (self.broker, self.ftps):
            server.stop(signal.SIGKILL)

    def begin(self) -> None:
        for server in (self.broker, self.ftps):
            server.start()
        assert self._client is not None
        wait_for("the printer is back", self._client.is_connected, self.broker)
        wait_for("the FTPS server is there", self._greets, self.ftps)
        time.sleep(0.2)

    def stop(self) -> None:
        self._stopped.set()
        self._ticking.join()
        if self._client is not None:
            self._client.disconnect()
            self._client.loop_stop()
        self.broker.stop()
        self.ftps.stop()


@contextmanager
def bambu(folder: Path) -> Iterator[Wire]:
    wire = Wire(folder)
    try:
        yield wire
    finally:
        wire.stop()
