"""PrusaLink: ``/api/v1`` of Prusa's own server, on a Raspberry Pi or in the printer's firmware.

It keeps no history. `runs` tells of the job that it has now, and of how the last one ended while
its state still says so and this driver saw it run.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final
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
from printstd.words import said

ABILITIES: Final = HostAbilities(
    history=False,
    downloads=True,
    digests=None,
    pausing=True,
    factors=True,
    fan=False,
    z_offset=False,
    excluded=False,
    carrier="gcode",
    proven="real",
    history_lag_s=5.0,
)
_STATES: Final = {
    "IDLE": HostState.IDLE,
    "READY": HostState.IDLE,
    # The print has ended; its picture stays on the screen.
    "FINISHED": HostState.IDLE,
    "STOPPED": HostState.IDLE,
    "BUSY": HostState.BUSY,
    "PRINTING": HostState.PRINTING,
    "PAUSED": HostState.PAUSED,
    # It waits for a person, in the middle of a print as a rule.
    "ATTENTION": HostState.PAUSED,
    "ERROR": HostState.ERROR,
}
_ENDS: Final = {
    "FINISHED": RunOutcome.COMPLETED,
    "STOPPED": RunOutcome.CANCELLED,
    "ERROR": RunOutcome.FAILED,
}
_SEEN_S: Final = 15.0
_ENDING_S: Final = 20.0


def _words(answer: httpx.Response) -> str:
    try:
        told = answer.json()
        return str(told.get("message") or told.get("title") or told.get("text") or "")
    except ValueError:
        # Some of its refusals are a line of plain text, others a page.
        text = answer.text
        return "" if "<" in text else text


class PrusaLink:
    """secrets : ``key`` (its API key), or ``user`` and ``password`` (digest)."""

    abilities = ABILITIES

    def __init__(self, url: str, secrets: Mapping[str, str]) -> None:
        headers, auth = {}, None
        if secrets.get("key"):
            headers = {"X-Api-Key": secrets["key"]}
        elif secrets.get("password"):
            auth = httpx.DigestAuth(secrets.get("user") or "maker", secrets["password"])
        self._url, self._is_digest = url, auth is not None
        self._caller = Caller(
            url,
            words_of=_words,
            headers=headers,
            auth=auth,
            certificate=secrets.get("certificate"),
        )
        self._storage: str | None = None
        self._last: tuple[str, str] | None = None
        """Run id and file of the job that was seen last."""

    def close(self) -> None:
        self._caller.close()

    # What it says of itself.

    def _look(self) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """Status, and the job where there is one."""
        told: dict[str, Any] = self._caller.read("/api/v1/status").json()
        job: dict[str, Any] | None = None
        if told.get("job"):
            answer = self._caller.read("/api/v1/job")
            job = answer.json() if answer.status_code != 204 else None
        if job is not None:
            self._last = (str(job["id"]), _job_file(job) or "")
        return told, job

    def status(self) -> HostStatus:
        return status_of(*self._look())

    def runs(self) -> tuple[HostRun, ...]:
        told, job = self._look()
        state = str(told["printer"]["state"])
        if job is not None:
            return (run_of(job, state),)
        if self._last is not None and state in _ENDS:
            run_id, file = self._last
            return (HostRun(run_id, file, _ENDS[state], None, None),)
        return ()

    # Files.

    def _path(self, name: str) -> str:
        stored_name(name, host=self._url)
        if self._storage is None:
            told = self._caller.read("/api/v1/storage").json()
            self._storage = storage_of(told["storage_list"])
        if self._storage is None:
            raise refused(self._url, said("it has no storage that takes files"))
        return f"/api/v1/files/{self._storage}/{name}"

    def _change(self, method: str, path: str, **options: Any) -> httpx.Response:
        if self._is_digest:
            # A fresh challenge, so that a body is not sent once in vain.
            self._caller.read("/api/version")
        return self._caller.change(method, path, **options)

    def upload(self, name: str, data: bytes) -> None:
        path = self._path(name)
        now = self.status()
        if now.file == name and now.state in (HostState.PRINTING, HostState.PAUSED):
            # It would replace it.
            raise refused(self._url, said("it prints {name} now", name=name))
        headers = {
            "Content-Type": "text/x.gcode",
            "Overwrite": "?1",
            "Print-After-Upload": "?0",
        }
        self._change("PUT", path, content=data, headers=headers, answer_s=120.0)

        # It lists what it has stored a moment later, and prints only what it lists.
        def is_listed() -> bool:
            entry = self._entry(name)
            return entry is not None and entry.get("size", len(data)) == len(data)

        shown(self._url, is_listed, seconds=_SEEN_S, every_s=0.2)

    def _entry(self, name: str) -> dict[str, Any] | None:
        answer = self._caller.read(self._path(name), accepted=(404,))
        told: dict[str, Any] | None = answer.json() if answer.is_success else None
        return told

    def file(self, name: str) -> HostFile | None:
        entry = self._entry(name)
        return None if entry is None else HostFile(name, entry.get("size"), None)

    def download(self, name: str) -> bytes:
        entry = self._entry(name)
        if entry is None:
            raise refused(self._url, said("it has no file {name}", name=name))
        place = (entry.get("refs") or {}).get("download")
        if not isinstance(place, str) or not place.startswith("/"):
            raise refused(self._url, said("it does not give {name} back", name=name))
        place = quote(place, safe="/%")
        return self._caller.read(place, max_bytes=MAX_FILE_BYTES, answer_s=60.0).content

    def delete(self, name: str) -> None:
        self._change("DELETE", self._path(name))

    # What it is told to do.

    def start(self, name: str) -> None:
        path = self._path(name)
        told, before = self._look()
        # On a Raspberry Pi the end of a print is shown for some seconds in which nothing begins.
        until = time.monotonic() + _ENDING_S
        while (
            self._storage == "local"
            and str(told["printer"]["state"]) in ("FINISHED", "STOPPED")
            and time.monotonic() < until
        ):
            time.sleep(0.5)
            told, before = self._look()
        self._change("POST", path, answer_s=30.0)

        def prints() -> bool:
            told, job = self._look()
            if job is not None and (before is None or job["id"] != before["id"]):
                return True
            return str(told["printer"]["state"]) == "PRINTING"

        shown(self._url, prints, seconds=_SEEN_S, every_s=0.2)

    def pause(self) -> None:
        self._change("PUT", f"/api/v1/job/{self._job_id()}/pause", answer_s=60.0)

    def resume(self) -> None:
        self._change("PUT", f"/api/v1/job/{self._job_id()}/resume", answer_s=60.0)

    def cancel(self) -> None:
        self._change("DELETE", f"/api/v1/job/{self._job_id()}", answer_s=60.0)

    def _job_id(self) -> int:
        told, job = self._look()
        if job is None:
            raise refused(
                self._url, said("the printer is {state}", state=shortened(told["printer"]["state"]))
            )
        return int(job["id"])


def storage_of(storages: list[dict[str, Any]]) -> str | None:
    """The storage to use: ``local`` on a Raspberry Pi, ``usb`` in a printer's firmware."""
    usable = [
        str(entry["path"]).strip("/")
        for entry in storages
        if entry.get("available") and not entry.get("read_only")
    ]
    return next(
        (name for name in ("local", "usb") if name in usable), usable[0] if usable else None
    )


def _job_file(job: Mapping[str, Any]) -> str | None:
    """Firmware calls the file by its short name, and displays the long one."""
    file = job.get("file") or {}
    name = file.get("display_name") or file.get("name")
    return str(name) if name else None


def run_of(job: Mapping[str, Any], state: str) -> HostRun:
    outcome = _ENDS.get(state, RunOutcome.RUNNING)
    return HostRun(str(job["id"]), _job_file(job) or "", outcome, None, None)


def status_of(told: Mapping[str, Any], job: Mapping[str, Any] | None) -> HostStatus:
    """told, job : what ``/api/v1/status`` and ``/api/v1/job`` said. Progress is the share of its
    estimate of time. Its fan is in revolutions, of which the ratio does not follow."""
    printer = told["printer"]
    state = _STATES.get(str(printer["state"]), HostState.BUSY)
    link = printer.get("status_printer") or {}
    message = link.get("message", "") if not link.get("ok", True) else ""
    if str(printer["state"]) in ("ATTENTION", "ERROR", "FINISHED", "STOPPED") and not message:
        message = printer["state"]
    return HostStatus(
        state,
        file=_job_file(job) if job else None,
        run_id=str(job["id"]) if job else None,
        progress_ratio=_ratio(job.get("progress")) if job else None,
        elapsed_s=job.get("time_printing") if job else None,
        heaters=tuple(
            Heater(name, float(printer[actual]), float(printer.get(target) or 0.0))
            for name, actual, target in (
                ("bed", "temp_bed", "target_bed"),
                ("tool0", "temp_nozzle", "target_nozzle"),
            )
            if printer.get(actual) is not None
        ),
        speed_ratio=_ratio(printer.get("speed")),
        flow_ratio=_ratio(printer.get("flow")),
        z_mm=printer.get("axis_z"),
        message=shortened(message),
    )


def _ratio(percent: float | None) -> float | None:
    return None if percent is None else float(percent) / 100.0
