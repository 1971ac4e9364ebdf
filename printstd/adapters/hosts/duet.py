"""Duet boards by their published HTTP interfaces: ``rr_...`` of a board by itself, ``/machine/...``
of one with a single-board computer. No runnable peer exists: proven on the wire only.

Boards have few sessions, so each call opens one and gives it back. A board keeps no history but how
the last job ended.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final, Protocol
from urllib.parse import quote

import httpx

from printstd.adapters.hosts.calling import MAX_FILE_BYTES, Caller, refused, shortened, shown
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
from printstd.errors import OutsideError
from printstd.words import said

ABILITIES: Final = HostAbilities(
    history=False,
    downloads=True,
    digests=None,
    pausing=True,
    factors=True,
    fan=True,
    z_offset=True,
    excluded=True,
    carrier="gcode",
    proven="wire",
    history_lag_s=5.0,
)
_FOLDER: Final = "0:/gcodes/"
_SEEN_S: Final = 8.0
_PAUSE_S: Final = 60.0
_KEYS: Final = ("state", "job", "move", "heat", "fans", "tools")


def _words(answer: httpx.Response) -> str:
    return "" if "<" in answer.text else answer.text


class _Session(Protocol):
    def model(self) -> dict[str, Any]:
        """The object model: `_KEYS` of it."""
        ...

    def code(self, gcode: str) -> str:
        """What the board replied, empty where it said nothing."""
        ...

    def size(self, path: str) -> int | None: ...

    def store(self, path: str, data: bytes) -> None: ...

    def fetch(self, path: str) -> bytes: ...

    def remove(self, path: str) -> None: ...

    def leave(self) -> None: ...


class _Standalone:
    """A session with a board by itself (RepRapFirmware 3)."""

    def __init__(self, caller: Caller, told: Mapping[str, Any]) -> None:
        key = told.get("sessionKey")
        self._caller = caller
        # Older firmware knows its sessions by address.
        self._headers = {"X-Session-Key": str(key)} if key is not None else {}

    def _read(self, path: str, **params: str) -> httpx.Response:
        return self._caller.read(path, params=params, headers=self._headers)

    def model(self) -> dict[str, Any]:
        return {
            key: self._read("/rr_model", key=key, flags="d99vn").json()["result"] for key in _KEYS
        }

    def code(self, gcode: str) -> str:
        self._caller.change("GET", "/rr_gcode", params={"gcode": gcode}, headers=self._headers)
        time.sleep(0.1)
        with suppress(OutsideError):
            return self._read("/rr_reply").text.strip()
        return ""

    def size(self, path: str) -> int | None:
        told = self._read("/rr_fileinfo", name=path).json()
        return int(told["size"]) if told.get("err") == 0 else None

    def store(self, path: str, data: bytes) -> None:
        params = {"name": path, "crc32": f"{zlib.crc32(data):08x}"}
        answer = self._caller.change(
            "POST",
            "/rr_upload",
            params=params,
            content=data,
            headers={**self._headers, "Content-Type": "application/octet-stream"},
            answer_s=120.0,
        )
        if answer.json().get("err") != 0:
            raise refused(self._caller.base_url, said("the board could not store the program"))

    def fetch(self, path: str) -> bytes:
        return self._caller.read(
            "/rr_download",
            params={"name": path},
            headers=self._headers,
            max_bytes=MAX_FILE_BYTES,
            answer_s=60.0,
        ).content

    def remove(self, path: str) -> None:
        answer = self._caller.change(
            "GET", "/rr_delete", params={"name": path}, headers=self._headers
        )
        if answer.json().get("err") != 0:
            raise refused(self._caller.base_url, said("the board did not delete {path}", path=path))

    def leave(self) -> None:
        self._read("/rr_disconnect")


class _OnComputer:
    """A session with Duet's server on a single-board computer."""

    def __init__(self, caller: Caller, told: Mapping[str, Any]) -> None:
        self._caller = caller
        self._headers = {"X-Session-Key": str(told.get("sessionKey", ""))}

    def _file(self, path: str) -> str:
        return f"/machine/file/{quote(path, safe='')}"

    def model(self) -> dict[str, Any]:
        answer = self._caller.read("/machine/model", headers=self._headers, accepted=(404,))
        if answer.status_code == 404:
            # Its name before 3.4.6.
            answer = self._caller.read("/machine/status", headers=self._headers)
        told: dict[str, Any] = answer.json()
        return told

    def code(self, gcode: str) -> str:
        return self._caller.change(
            "POST",
            "/machine/code",
            content=gcode.encode(),
            headers={**self._headers, "Content-Type": "text/plain"},
            answer_s=60.0,
        ).text.strip()

    def size(self, path: str) -> int | None:
        answer = self._caller.read(
            f"/machine/fileinfo/{quote(path, safe='')}", headers=self._headers, accepted=(404,)
        )
        return int(answer.json()["size"]) if answer.is_success else None

    def store(self, path: str, data: bytes) -> None:
        headers = {**self._headers, "Content-Type": "application/octet-stream"}
        self._caller.change("PUT", self._file(path), content=data, headers=headers, answer_s=120.0)

    def fetch(self, path: str) -> bytes:
        return self._caller.read(
            self._file(path), headers=self._headers, max_bytes=MAX_FILE_BYTES, answer_s=60.0
        ).content

    def remove(self, path: str) -> None:
        self._caller.change("DELETE", self._file(path), headers=self._headers)

    def leave(self) -> None:
        self._caller.read("/machine/disconnect", headers=self._headers)


class Duet:
    """secrets : ``password`` where the board has one (M551)."""

    abilities = ABILITIES

    def __init__(self, url: str, secrets: Mapping[str, str]) -> None:
        self._url, self._password = url, secrets.get("password") or "reprap"
        self._caller = Caller(url, words_of=_words, certificate=secrets.get("certificate"))
        self._is_standalone: bool | None = None

    def close(self) -> None:
        self._caller.close()

    @contextmanager
    def _session(self) -> Iterator[_Session]:
        session = self._enter()
        try:
            yield session
        finally:
            with suppress(OutsideError):
                session.leave()

    def _enter(self) -> _Session:
        if self._is_standalone is not False:
            params = {"password": self._password, "sessionKey": "yes"}
            answer = self._caller.read("/rr_connect", params=params, accepted=(404,))
            if answer.is_success:
                self._is_standalone = True
                told = answer.json()
                if told["err"] == 1:
                    raise refused(
                        self._url,
                        said("the board does not know this password"),
                        hint=said("see what M551 in its config.g sets"),
                    )
                if told["err"]:
                    raise refused(self._url, said("all sessions of the board are taken"))
                return _Standalone(self._caller, told)
        answer = self._caller.read("/machine/connect", params={"password": self._password})
        self._is_standalone = False
        return _OnComputer(self._caller, answer.json())

    # What it says of itself.

    def status(self) -> HostStatus:
        with self._session() as session:
            return status_of(session.model())

    def runs(self) -> tuple[HostRun, ...]:
        with self._session() as session:
            return runs_of(session.model())

    # Files.

    def upload(self, name: str, data: bytes) -> None:
        stored_name(name, host=self._url)
        with self._session() as session:
            status = status_of(session.model())
            if status.file == name and status.state in (HostState.PRINTING, HostState.PAUSED):
                raise refused(self._url, said("it prints {name} now", name=name))
            session.store(_FOLDER + name, data)

    def file(self, name: str) -> HostFile | None:
        stored_name(name, host=self._url)
        with self._session() as session:
            size = session.size(_FOLDER + name)
        return None if size is None else HostFile(name, size, None)

    def download(self, name: str) -> bytes:
        stored_name(name, host=self._url)
        with self._session() as session:
            return session.fetch(_FOLDER + name)

    def delete(self, name: str) -> None:
        stored_name(name, host=self._url)
        with self._session() as session:
            session.remove(_FOLDER + name)

    # What it is told to do.

    def start(self, name: str) -> None:
        stored_name(name, host=self._url)
        with self._session() as session:
            before = session.model()
            state = status_of(before).state
            if state is not HostState.IDLE:
                raise refused(self._url, said("the printer is {state}", state=state.value))
            if session.size(_FOLDER + name) is None:
                raise refused(self._url, said("it has no file {name}", name=name))
            reply = session.code(f'M32 "{_FOLDER}{name}"')
            if reply.startswith("Error"):
                raise refused(self._url, shortened(reply))

            def prints() -> bool:
                now = session.model()
                status = status_of(now)
                if status.file == name and status.state is not HostState.IDLE:
                    return True
                return _last(now) != _last(before) and _name(now["job"]["lastFileName"]) == name

            shown(self._url, prints, seconds=_SEEN_S, every_s=0.2)

    def pause(self) -> None:
        with self._session() as session:
            self._want(session, HostState.PRINTING)
            session.code("M25")

    def resume(self) -> None:
        with self._session() as session:
            self._want(session, HostState.PAUSED)
            session.code("M24")

    def cancel(self) -> None:
        """A board cancels what is paused, so it is paused first."""
        with self._session() as session:
            if self._want(session, HostState.PRINTING, HostState.PAUSED) is HostState.PRINTING:
                session.code("M25")
                shown(
                    self._url,
                    lambda: status_of(session.model()).state is HostState.PAUSED,
                    seconds=_PAUSE_S,
                    every_s=0.2,
                )
            session.code("M0")

    def _want(self, session: _Session, *wanted: HostState) -> HostState:
        state = status_of(session.model()).state
        if state not in wanted:
            raise refused(self._url, said("the printer is {state}", state=state.value))
        return state


_STATES: Final = {
    "idle": HostState.IDLE,
    "processing": HostState.PRINTING,
    "pausing": HostState.PRINTING,
    "resuming": HostState.PRINTING,
    "cancelling": HostState.PRINTING,
    "paused": HostState.PAUSED,
    "simulating": HostState.BUSY,
    "busy": HostState.BUSY,
    "changingTool": HostState.BUSY,
}


def _name(path: str | None) -> str | None:
    return path.rsplit("/", 1)[-1] if path else None


def _last(model: Mapping[str, Any]) -> tuple[Any, ...]:
    job = model["job"]
    return (job.get("lastFileName"), job.get("lastDuration"), job.get("lastFileAborted"))


def status_of(model: Mapping[str, Any]) -> HostStatus:
    """Of the object model; what of it a firmware lacks is None."""
    job, move = model["job"], model.get("move") or {}
    file = job.get("file") or {}
    name = _name(file.get("fileName"))
    state = _STATES.get(str(model["state"].get("status")), HostState.OFFLINE)
    if state is HostState.BUSY and name and model["state"].get("status") != "simulating":
        # A macro or a change of tool in the middle of a print.
        state = HostState.PRINTING
    is_on = state in (HostState.PRINTING, HostState.PAUSED)
    size, position = file.get("size"), job.get("filePosition")
    extruders = move.get("extruders") or ()
    vertical: Mapping[str, Any] = next(
        (a for a in move.get("axes") or () if a.get("letter") == "Z"), {}
    )
    fans = [fan for fan in model.get("fans") or () if fan]
    build = job.get("build")
    objects = (build or {}).get("objects") or ()
    message = model["state"].get("displayMessage") or (model["state"].get("messageBox") or {}).get(
        "message", ""
    )
    return HostStatus(
        state,
        file=name if is_on else _name(job.get("lastFileName")),
        progress_ratio=position / size if is_on and size and position is not None else None,
        layer=job.get("layer") if is_on else None,
        elapsed_s=job.get("duration") if is_on else None,
        heaters=_heaters(model),
        speed_ratio=move.get("speedFactor"),
        flow_ratio=extruders[0].get("factor") if extruders else None,
        fan_ratio=fans[0].get("actualValue") if fans else None,
        z_offset_mm=vertical.get("babystep"),
        z_mm=vertical.get("userPosition"),
        excluded=tuple(str(o.get("name")) for o in objects if o.get("cancelled")),
        filament_mm=job.get("rawExtrusion") if is_on else None,
        message=shortened(message or ""),
    )


def _heaters(model: Mapping[str, Any]) -> tuple[Heater, ...]:
    heat = model.get("heat") or {}
    heaters = heat.get("heaters") or []
    names: dict[int, str] = {}
    for kind, key in (("bed", "bedHeaters"), ("chamber", "chamberHeaters")):
        for index in heat.get(key) or ():
            names.setdefault(index, kind)
    for tool in model.get("tools") or ():
        for index in (tool or {}).get("heaters") or ():
            names.setdefault(index, f"tool{tool.get('number', 0)}")
    return tuple(
        Heater(
            names.get(index, f"heater{index}"),
            float(heater["current"]),
            float(heater.get("active") or 0.0) if heater.get("state") == "active" else 0.0,
        )
        for index, heater in enumerate(heaters)
        if heater and heater.get("current") is not None
    )


def runs_of(model: Mapping[str, Any]) -> tuple[HostRun, ...]:
    """The last job and the one that is on: all that a board remembers."""
    job, runs = model["job"], []
    last = _name(job.get("lastFileName"))
    if last and not job.get("lastFileSimulated"):
        outcome = RunOutcome.COMPLETED
        if job.get("lastFileAborted"):
            outcome = RunOutcome.FAILED
        if job.get("lastFileCancelled"):
            outcome = RunOutcome.CANCELLED
        runs.append(HostRun(f"last:{last}", last, outcome, None, None))
    status = status_of(model)
    if status.state in (HostState.PRINTING, HostState.PAUSED) and status.file:
        runs.append(HostRun(f"now:{status.file}", status.file, RunOutcome.RUNNING, None, None))
    return tuple(runs)
