"""A farm on an MQTT broker: retained JSON by printer, and a last will.

Topics, under one of the farm's own (``printstd/farm``):

    status              "online", retained; the broker itself says "offline" when we are gone
    printers/NAME       the printer as it stands, retained; emptied when it is retired
    queue               prints by state, retained
    events              each line of the farm's history, as it is written; not retained
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from printstd.adapters.telemetry.prometheus import printer_state
from printstd.artifacts.farm import FarmEvent
from printstd.artifacts.farm_now import FarmNow, PrinterNow
from printstd.artifacts.job import JobState
from printstd.errors import UsageError
from printstd.words import said

_QOS: Final = 1
_KEEPALIVE_S: Final = 20
_WAIT_S: Final = 5.0
_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class Broker:
    """address : ``mqtt://HOST[:PORT]`` or ``mqtts://``. topic : the farm's own. user, password :
    where the broker wants them."""

    address: str
    topic: str = "printstd/farm"
    user: str = ""
    password: str = ""


class MqttTelemetry:
    """Connects in the background and again after every loss; then everything is told anew."""

    def __init__(self, broker: Broker) -> None:
        parts = urlsplit(broker.address)
        try:
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:
            port = 0
        if not port or not parts.hostname or parts.username or any(c in broker.topic for c in "#+"):
            raise UsageError(
                said("this is no MQTT broker's address and topic"),
                got=f"{broker.address} {broker.topic}",
                wanted="mqtt://HOST[:PORT] | mqtts://HOST[:PORT], printstd/farm",
                hint=said("user and password go into the farm's secrets"),
            )
        self._topic = broker.topic.rstrip("/")
        self._told: dict[str, bytes] = {}
        self._lock = threading.Lock()
        self._connected = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        if parts.scheme == "mqtts":
            self._client.tls_set()
        if broker.user:
            self._client.username_pw_set(broker.user, broker.password)
        self._client.will_set(self._of("status"), b"offline", qos=_QOS, retain=True)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.reconnect_delay_set(1, 60)
        self._client.connect_async(parts.hostname, port, _KEEPALIVE_S)
        self._client.loop_start()

    @property
    def is_connected(self) -> bool:
        return self._connected.is_set()

    def wait(self, timeout_s: float) -> bool:
        return self._connected.wait(timeout_s)

    def tell(self, now: FarmNow, events: Iterable[FarmEvent] = ()) -> bool:
        """What has changed since it was told last; False, and nothing told, while the broker is not
        there."""
        if not self.is_connected:
            return False
        topics = {f"printers/{_level(one.printer.name)}": printer_json(one) for one in now.printers}
        # Emptied once after each connection, whoever told of them before: a printer may have been
        # retired while nothing ran here.
        topics |= {f"printers/{_level(name)}": b"" for name in now.retired}
        topics["queue"] = _json({state.value: now.counts.get(state, 0) for state in JobState})
        with self._lock:
            gone = [topic for topic in self._told if topic not in topics]
            for topic in gone:
                self._publish(topic, b"", retain=True)
                del self._told[topic]
            for topic, payload in topics.items():
                if self._told.get(topic) != payload:
                    self._publish(topic, payload, retain=True)
                    self._told[topic] = payload
        for event in events:
            self._publish("events", event_json(event), retain=False)
        return True

    def close(self) -> None:
        """Says that it goes; the last will is for when it cannot."""
        if self.is_connected:
            info = self._client.publish(self._of("status"), b"offline", qos=_QOS, retain=True)
            if info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS:
                info.wait_for_publish(_WAIT_S)
        self._client.disconnect()
        self._client.loop_stop()

    def _of(self, name: str) -> str:
        return f"{self._topic}/{name}"

    def _publish(self, name: str, payload: bytes, *, retain: bool) -> None:
        self._client.publish(self._of(name), payload, qos=_QOS, retain=retain)

    def _on_connect(
        self, client: mqtt.Client, userdata: Any, flags: Any, reason: Any, properties: Any
    ) -> None:
        if reason.is_failure:
            return
        with self._lock:
            self._told.clear()
        client.publish(self._of("status"), b"online", qos=_QOS, retain=True)
        self._connected.set()

    def _on_disconnect(
        self, client: mqtt.Client, userdata: Any, flags: Any, reason: Any, properties: Any
    ) -> None:
        self._connected.clear()


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode("utf-8")


def _level(name: str) -> str:
    """A name as one level of a topic."""
    return "".join("_" if c in "/+#\0" else c for c in name)


def printer_json(now: PrinterNow) -> bytes:
    """One printer; what is not known is null."""
    seen, one = now.seen, now.one
    return _json(
        {
            "name": now.printer.name,
            "profile": now.printer.profile,
            "state": printer_state(now),
            "seen_utc_ms": None if seen is None else seen.at_utc_ms,
            "message": "" if seen is None else seen.message,
            "nozzle_c": _degrees(None if seen is None else seen.nozzle_mc),
            "bed_c": _degrees(None if seen is None else seen.bed_mc),
            "needs_clear": now.printer.needs_clear,
            "paused": now.printer.is_paused,
            "print": None
            if one is None
            else {
                "job": one.job,
                "instance": one.number,
                "copy": one.copy,
                "state": one.state.value,
                "progress": one.progress_permille / 1000,
                "layer": one.layer,
            },
        }
    )


def _degrees(mc: int | None) -> float | None:
    return None if mc is None else mc / 1000


def event_json(event: FarmEvent) -> bytes:
    """A line of the history, with the digest that chains it to the one before."""
    return _json(
        {
            "number": event.number,
            "at_utc_ms": event.at_utc_ms,
            "by": event.by,
            "kind": event.kind,
            "about": dict(event.about),
            "sha256": event.sha256,
        }
    )
