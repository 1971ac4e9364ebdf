"""Bambu Lab printers in their own network: MQTT and FTPS, both in TLS with a pinned certificate.

No printer was at hand: proven on the wire only, against an MQTT broker and an FTPS server that are
real. Since the firmware of January 2025 a printer takes orders from others only in LAN-only mode
with Developer Mode; without it a start is dropped, as a rule without a word.
"""

from __future__ import annotations

import hashlib
import io
import json
import ssl
import threading
import time
import zipfile
from collections.abc import Callable, Mapping
from typing import Any, Final

from printstd.adapters.hosts.bambu_ftps import USER, Store, not_the_printer, pinned, silent
from printstd.adapters.hosts.calling import CONNECT_S, refused, shortened
from printstd.adapters.hosts.names import stored_name
from printstd.artifacts.host import (
    Heater,
    HostAbilities,
    HostFile,
    HostRun,
    HostState,
    HostStatus,
    RunOutcome,
)
from printstd.errors import HostRefused, HostUnsure, UsageError
from printstd.words import said

ENDING: Final = ".gcode.3mf"
PLATE: Final = "Metadata/plate_1.gcode"
DEVELOPER_MODE: Final = said(
    "switch on LAN-only mode and Developer Mode on the printer's screen: without them it takes "
    "no start from other programs, and does not say so"
)
ABILITIES: Final = HostAbilities(
    history=False,
    downloads=True,
    digests=None,
    pausing=True,
    factors=False,
    fan=True,
    z_offset=False,
    excluded=False,
    carrier="gcode.3mf",
    proven="wire",
    history_lag_s=10.0,
    notice=DEVELOPER_MODE,
)
_REPORT_S: Final = 8.0
_ACT_S: Final = 20.0
_SILENCE_S: Final = 20.0
_EVERYTHING: Final = {"pushing": {"command": "pushall", "sequence_id": "0"}}
_SIGNED_ORDERS_ONLY: Final = 0x20000000
"""Bit of ``fun`` in its reports: it wants orders that its maker's programs have signed."""


class Bambu:
    """secrets : ``access_code`` of the printer's screen; ``certificate``, PEM of its own
    certificate (``openssl s_client -connect IP:8883``) or of the authority that signed it, in which
    its name is `serial`. trays : of the filament changer, for the program's tools in order; none
    prints from the spool holder."""

    abilities = ABILITIES

    def __init__(
        self,
        host: str,
        serial: str,
        secrets: Mapping[str, str],
        *,
        mqtt_port: int = 8883,
        ftps_port: int = 990,
        trays: tuple[int, ...] = (),
        act_s: float = _ACT_S,
    ) -> None:
        for name in ("access_code", "certificate"):
            if not secrets.get(name):
                raise UsageError(
                    said("this printer's secrets have no {name}", name=name),
                    where=host,
                    hint=said("docs/hosts.md says where it comes from"),
                )
        context = pinned(secrets["certificate"], serial)
        self._where, self._serial, self._act_s = f"{host}:{mqtt_port}", serial, act_s
        self._trays, self._context = trays, context
        self._address, self._code = (host, mqtt_port), secrets["access_code"]
        self._store = Store(host, ftps_port, secrets["access_code"], context)
        self._changed = threading.Condition()
        self._client: Any = None
        self._told: dict[str, Any] = {}
        self._answers: dict[str, dict[str, Any]] = {}
        self._failure: Exception | None = None
        self._number, self._heard_s = 0, 0.0

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.disconnect()
            client.loop_stop()

    # The wire.

    def _connect(self) -> None:
        """Connected, subscribed, told everything once, and not long ago."""
        if self._client is not None and self._client.is_connected():
            asked_s = time.monotonic()
            if asked_s - self._heard_s < _SILENCE_S:
                return
            self._publish(self._client, _EVERYTHING)
            if self._wait(lambda: self._heard_s > asked_s, _REPORT_S):
                return
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion

        self.close()
        self._told, self._failure = {}, None
        client = Client(CallbackAPIVersion.VERSION2, client_id=f"printstd-{id(self):x}")
        client.username_pw_set(USER, self._code)
        client.tls_set_context(self._context)
        client.connect_timeout = CONNECT_S
        client.on_connect, client.on_message = self._on_connect, self._on_message
        try:
            client.connect(*self._address, keepalive=30)
        except ssl.SSLCertVerificationError as error:
            raise not_the_printer(self._where, error) from error
        except (OSError, ValueError) as error:
            raise silent(self._where, error) from error
        self._client = client
        client.loop_start()
        if not self._wait(lambda: bool(self._failure or self._told.get("gcode_state")), _REPORT_S):
            self.close()
            raise silent(self._where, TimeoutError(said("it reports nothing")))
        if self._failure is not None:
            self.close()
            raise self._failure

    def _on_connect(self, client: Any, _: Any, __: Any, reason: Any, ___: Any) -> None:
        if reason.is_failure:
            with self._changed:
                self._failure = refused(
                    self._where,
                    shortened(reason),
                    hint=said("see that the access code is the one on the printer's screen"),
                )
                self._changed.notify_all()
            return
        client.subscribe(f"device/{self._serial}/report", qos=1)
        self._publish(client, _EVERYTHING)

    def _on_message(self, _: Any, __: Any, message: Any) -> None:
        try:
            told = json.loads(message.payload)["print"]
            command = told.get("command")
        except (ValueError, KeyError, TypeError, AttributeError):
            return
        with self._changed:
            self._heard_s = time.monotonic()
            if command == "push_status" or "gcode_state" in told:
                # Some models report only what changed.
                self._told.update(told)
            if command != "push_status" and "result" in told:
                self._answers[str(told.get("sequence_id"))] = told
            self._changed.notify_all()

    def _publish(self, client: Any, order: Mapping[str, Any]) -> Any:
        return client.publish(f"device/{self._serial}/request", json.dumps(order), qos=1)

    def _wait(self, is_so: Callable[[], bool], seconds: float) -> bool:
        until = time.monotonic() + seconds
        with self._changed:
            while not is_so():
                left = until - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(left)
            return True

    def _order(self, command: str, done: Callable[[], bool], **fields: Any) -> None:
        """Sent once. Done is when the printer's reports say so."""
        self._number += 1
        number = f"{int(time.time()) % 100000}{self._number:03d}"
        order = {"print": {"sequence_id": number, "command": command, **fields}}
        sent = self._publish(self._client, order)

        def is_over() -> bool:
            answer = self._answers.get(number, {})
            return done() or str(answer.get("result", "success")).lower() != "success"

        if self._wait(is_over, self._act_s):
            answer = self._answers.pop(number, {})
            if done():
                return
            words = shortened(answer.get("reason") or answer.get("result"))
            raise refused(self._where, words, hint=DEVELOPER_MODE)
        if not sent.is_published():
            got = said("the order did not arrive, or its receipt did not")
        else:
            got = said("the order arrived, and nothing followed from it")
        raise HostUnsure(
            said("the printer was told and does not show that it did it"),
            where=self._where,
            got=got,
            hint=DEVELOPER_MODE,
        )

    # What it says of itself.

    def status(self) -> HostStatus:
        self._connect()
        with self._changed:
            return status_of(self._told)

    def runs(self) -> tuple[HostRun, ...]:
        self._connect()
        with self._changed:
            return runs_of(self._told)

    # Files.

    def upload(self, name: str, data: bytes) -> None:
        stored_name(name, host=self._where, ending=ENDING)
        if not _has_plate(data):
            raise refused(
                self._where,
                said("{name} is not a 3MF file with {plate} in it", name=name, plate=PLATE),
            )
        self._refuse_without_developer_mode()
        status = self.status()
        if status.file == name and status.state in (HostState.PRINTING, HostState.PAUSED):
            raise refused(self._where, said("it prints {name} now", name=name))
        self._store.store(name, data)

    def _refuse_without_developer_mode(self) -> None:
        self._connect()
        if is_closed(self._told):
            raise HostRefused(
                said("the printer says that it takes no orders from other programs"),
                where=self._where,
                hint=DEVELOPER_MODE,
            )

    def file(self, name: str) -> HostFile | None:
        size = self._store.size(stored_name(name, host=self._where, ending=ENDING))
        return None if size is None else HostFile(name, size, None)

    def download(self, name: str) -> bytes:
        return self._store.fetch(stored_name(name, host=self._where, ending=ENDING))

    def delete(self, name: str) -> None:
        self._store.remove(stored_name(name, host=self._where, ending=ENDING))

    # What it is told to do.

    def start(self, name: str) -> None:
        self._refuse_without_developer_mode()
        state = self.status().state
        if state not in (HostState.IDLE, HostState.ERROR):
            raise refused(self._where, said("the printer is {state}", state=state.value))
        stored = self.download(name)

        def prints() -> bool:
            status = status_of(self._told)
            return status.file == name and status.state is HostState.PRINTING

        self._order(
            "project_file",
            prints,
            param=PLATE,
            url=f"ftp:///{name}",
            file=name,
            md5=hashlib.md5(stored, usedforsecurity=False).hexdigest().upper(),
            subtask_name=name,
            project_id="0",
            profile_id="0",
            task_id="0",
            subtask_id="0",
            bed_type="auto",
            # A certified program says itself what is levelled and calibrated.
            bed_leveling=False,
            bed_levelling=False,
            flow_cali=False,
            vibration_cali=False,
            layer_inspect=False,
            timelapse=False,
            use_ams=bool(self._trays),
            ams_mapping=list(self._trays),
        )

    def pause(self) -> None:
        self._act("pause", (HostState.PRINTING,), (HostState.PAUSED,))

    def resume(self) -> None:
        self._act("resume", (HostState.PAUSED,), (HostState.PRINTING,))

    def cancel(self) -> None:
        ended = (HostState.IDLE, HostState.ERROR)
        self._act("stop", (HostState.PRINTING, HostState.PAUSED), ended)

    def _act(
        self, command: str, wanted: tuple[HostState, ...], then: tuple[HostState, ...]
    ) -> None:
        state = self.status().state
        if state not in wanted:
            raise refused(self._where, said("the printer is {state}", state=state.value))
        self._order(command, lambda: status_of(self._told).state in then, param="")


def is_closed(told: Mapping[str, Any]) -> bool:
    """Whether its reports say that it wants signed orders; False where they do not tell."""
    try:
        return bool(int(str(told.get("fun", "0")), 16) & _SIGNED_ORDERS_ONLY)
    except ValueError:
        return False


def _has_plate(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return PLATE in archive.namelist()
    except zipfile.BadZipFile:
        return False


_STATES: Final = {
    "IDLE": HostState.IDLE,
    "FINISH": HostState.IDLE,
    "SLICING": HostState.BUSY,
    "PREPARE": HostState.PRINTING,
    "RUNNING": HostState.PRINTING,
    "PAUSE": HostState.PAUSED,
    "FAILED": HostState.ERROR,
}


def status_of(told: Mapping[str, Any]) -> HostStatus:
    """told : all that its reports said, later ones over earlier ones. Progress is the share of its
    estimate of time."""
    state = _STATES.get(str(told.get("gcode_state")), HostState.OFFLINE)
    is_on = state in (HostState.PRINTING, HostState.PAUSED)
    percent, layer, speed = told.get("mc_percent"), told.get("layer_num"), told.get("spd_mag")
    error = told.get("print_error") or 0
    fan = told.get("cooling_fan_speed")
    return HostStatus(
        state,
        file=told.get("subtask_name") or None,
        progress_ratio=float(percent) / 100.0 if is_on and percent is not None else None,
        layer=int(layer) if is_on and layer else None,
        heaters=tuple(
            Heater(name, float(told[f"{key}_temper"]), float(told.get(f"{key}_target_temper") or 0))
            for name, key in (("bed", "bed"), ("tool0", "nozzle"))
            if told.get(f"{key}_temper") is not None
        ),
        speed_ratio=float(speed) / 100.0 if speed is not None else None,
        # In fifteenths, as a text.
        fan_ratio=float(fan) / 15.0 if fan not in (None, "") else None,
        message=f"print_error {int(error):08X}" if error else "",
    )


def runs_of(told: Mapping[str, Any]) -> tuple[HostRun, ...]:
    """The print that is on, or how the last one ended: a cancelled one is a failed one to it."""
    status, gcode_state = status_of(told), str(told.get("gcode_state"))
    if not status.file:
        return ()
    outcome = {
        "PREPARE": RunOutcome.RUNNING,
        "RUNNING": RunOutcome.RUNNING,
        "PAUSE": RunOutcome.RUNNING,
        "FINISH": RunOutcome.COMPLETED,
        "FAILED": RunOutcome.STOPPED,
    }.get(gcode_state)
    if outcome is None:
        return ()
    when = "now" if outcome is RunOutcome.RUNNING else "last"
    return (HostRun(f"{when}:{status.file}", status.file, outcome, None, None),)
