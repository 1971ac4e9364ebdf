"""OctoPrint 1.x: its REST API (docs/hosts.md).

It keeps no record of each print. What it keeps is, per file, how many prints of it ended well and
how many did not, and the last of them; forgotten when the file is deleted or its bytes change, and
not written for a print in whose middle the server ends. `runs` tells that and no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import httpx

from printstd.adapters.hosts.calling import (
    MAX_FILE_BYTES,
    Caller,
    refused,
    shortened,
    shown,
    unsure,
)
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
from printstd.errors import HostSilent
from printstd.words import said

ABILITIES: Final = HostAbilities(
    history=False,
    downloads=True,
    digests="sha1",
    pausing=True,
    factors=False,
    fan=False,
    z_offset=False,
    excluded=False,
    carrier="gcode",
    proven="real",
    # A thread of its own writes the end of a print to its statistics after the state has changed.
    history_lag_s=3.0,
)
_SEEN_S: Final = 10.0


def _words(answer: httpx.Response) -> str:
    words = str(answer.json()["error"])
    if "CSRF" in words:
        # Whoever has no valid key is a browser to it.
        return said("it does not know this API key ({words})", words=words)
    return words


class OctoPrint:
    """secrets : ``key``, an API key of a user who may upload, print and look."""

    abilities = ABILITIES

    def __init__(self, url: str, secrets: Mapping[str, str]) -> None:
        headers = {"X-Api-Key": secrets["key"]} if secrets.get("key") else {}
        self._url = url
        self._caller = Caller(
            url, words_of=_words, headers=headers, certificate=secrets.get("certificate")
        )

    def close(self) -> None:
        self._caller.close()

    # What it says of itself.

    def _job(self) -> dict[str, Any]:
        answer = self._caller.read("/api/job", accepted=(404,))
        if answer.status_code == 404:
            # While it begins, a small server on the same port knows none of its paths.
            raise HostSilent(
                said("OctoPrint is only just starting"),
                where=self._url,
                hint=said("try again in some seconds"),
            )
        told: dict[str, Any] = answer.json()
        return told

    def status(self) -> HostStatus:
        job = self._job()
        answer = self._caller.read("/api/printer", params={"exclude": "sd"}, accepted=(409,))
        printer = answer.json() if answer.is_success else None
        status = status_of(job, printer)
        if status.state in (HostState.PRINTING, HostState.PAUSED) and status.file:
            entry = self._entry(status.file)
            if entry is not None:
                return status_of(job, printer, run_id=_run_id(status.file, _count(entry) + 1))
        return status

    def runs(self) -> tuple[HostRun, ...]:
        while True:
            job = self._job()
            files = self._files()
            printing = _path(job) if _is_on(job) else None
            if printing is None:
                return runs_of(files, printing=None)
            # A print that ended between two answers must not be told twice: its count stands still
            # while the job is looked at.
            after = self._job()
            if _is_on(after) and _path(after) == printing:
                again = self._entry(printing)
                before = next((f for f in files if f["path"] == printing), None)
                if again is None or before is None or _count(again) == _count(before):
                    return runs_of(files, printing=printing)

    def _files(self) -> list[dict[str, Any]]:
        answer = self._caller.read(
            "/api/files/local", params={"recursive": "true", "force": "true"}
        )
        return list(_flat(answer.json()["files"]))

    def _entry(self, name: str) -> dict[str, Any] | None:
        answer = self._caller.read(
            f"/api/files/local/{name}", params={"force": "true"}, accepted=(404,)
        )
        told: dict[str, Any] | None = answer.json() if answer.is_success else None
        return told

    # Files.

    def upload(self, name: str, data: bytes) -> None:
        stored_name(name, host=self._url)
        answer = self._caller.change(
            "POST",
            "/api/files/local",
            files={"file": (name, data, "application/octet-stream")},
            answer_s=60.0,
        )
        stored = answer.json()["files"]["local"]["path"]
        if stored != name:
            raise unsure(self._url, said("it stored the program as {name!r}", name=stored))

    def file(self, name: str) -> HostFile | None:
        entry = self._entry(stored_name(name, host=self._url))
        if entry is None:
            return None
        digest = entry.get("hash")
        return HostFile(name, entry.get("size"), f"sha1:{digest}" if digest else None)

    def download(self, name: str) -> bytes:
        stored_name(name, host=self._url)
        return self._caller.read(
            f"/downloads/files/local/{name}", max_bytes=MAX_FILE_BYTES, answer_s=60.0
        ).content

    def delete(self, name: str) -> None:
        stored_name(name, host=self._url)
        self._caller.change("DELETE", f"/api/files/local/{name}")

    # What it is told to do.

    def start(self, name: str) -> None:
        before = self._entry(stored_name(name, host=self._url))
        if before is None:
            raise refused(self._url, said("it has no file {name}", name=name))
        self._caller.change(
            "POST", f"/api/files/local/{name}", json={"command": "select", "print": True}
        )

        def prints() -> bool:
            job = self._job()
            if _is_on(job) and _path(job) == name:
                return True
            now = self._entry(name)
            return now is not None and _count(now) > _count(before)

        shown(self._url, prints, seconds=_SEEN_S)

    def pause(self) -> None:
        self._command("pause", wanted=HostState.PRINTING)

    def resume(self) -> None:
        self._command("resume", wanted=HostState.PAUSED)

    def cancel(self) -> None:
        self._caller.change("POST", "/api/job", json={"command": "cancel"})

    def _command(self, action: str, *, wanted: HostState) -> None:
        """It says yes to a pause of what is paused, and to a resume of what prints."""
        job = self._job()
        state = _state(str(job["state"]))
        if state is not wanted:
            raise refused(self._url, shortened(job["state"]))
        self._caller.change("POST", "/api/job", json={"command": "pause", "action": action})


_STATES: Final = {
    "Operational": HostState.IDLE,
    "Starting": HostState.PRINTING,
    "Printing": HostState.PRINTING,
    "Pausing": HostState.PRINTING,
    "Resuming": HostState.PRINTING,
    "Cancelling": HostState.PRINTING,
    "Finishing": HostState.PRINTING,
    "Paused": HostState.PAUSED,
    "Error": HostState.OFFLINE,
}


def _state(text: str) -> HostState:
    """Of ``Printing from SD``, ``Offline after error`` and the like the first word counts."""
    first = text.split(" ", 1)[0].rstrip(":") if text else ""
    if first in ("Transferring", "Sending"):
        return HostState.BUSY
    return _STATES.get(first, HostState.OFFLINE)


def _is_on(job: Mapping[str, Any]) -> bool:
    return _state(str(job["state"])) in (HostState.PRINTING, HostState.PAUSED)


def _path(job: Mapping[str, Any]) -> str | None:
    """Of the file that is selected, where it is one of its own storage (not of an SD card)."""
    file = job["job"]["file"]
    return file.get("path") if file.get("origin") == "local" else None


def status_of(
    job: Mapping[str, Any], printer: Mapping[str, Any] | None, *, run_id: str | None = None
) -> HostStatus:
    """job, printer : what ``/api/job`` and ``/api/printer`` said, None where the latter has none
    because no printer is connected."""
    state = _state(str(job["state"])) if printer is not None else HostState.OFFLINE
    is_on = state in (HostState.PRINTING, HostState.PAUSED)
    completion = job["progress"].get("completion")
    temperatures = (printer or {}).get("temperature", {})
    words = job.get("error") or ("" if state is HostState.IDLE else job["state"])
    return HostStatus(
        state,
        file=_path(job),
        run_id=run_id,
        progress_ratio=completion / 100.0 if is_on and completion is not None else None,
        heaters=tuple(
            Heater(name, float(values["actual"]), float(values.get("target") or 0.0))
            for name, values in sorted(temperatures.items())
            if isinstance(values, dict) and values.get("actual") is not None
        ),
        message=shortened(words),
    )


def _flat(entries: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for entry in entries:
        if entry.get("type") == "folder":
            yield from _flat(entry.get("children", ()))
        elif entry.get("type") == "machinecode":
            yield dict(entry)


def _counts(entry: Mapping[str, Any]) -> tuple[int, int]:
    prints = entry.get("prints") or {}
    return int(prints.get("success") or 0), int(prints.get("failure") or 0)


def _count(entry: Mapping[str, Any]) -> int:
    return sum(_counts(entry))


def _run_id(path: str, number: int) -> str:
    return f"{path}#{number}"


def runs_of(files: Iterable[Mapping[str, Any]], *, printing: str | None) -> tuple[HostRun, ...]:
    """A run for each print that its statistics count: the file's n-th is ``path#n``.

    Only of the last one is it told when it ended and how; where the earlier ones ended in both ways
    it is not told which ended how. A cancelled print counts as a failure.
    """
    runs = []
    for entry in files:
        path, (success, failure) = str(entry["path"]), _counts(entry)
        number = success + failure
        last = (entry.get("prints") or {}).get("last") if number else None
        if last is not None:
            success -= bool(last.get("success"))
            failure -= not last.get("success")
        earlier = RunOutcome.UNKNOWN
        if not success or not failure:
            earlier = RunOutcome.COMPLETED if success else RunOutcome.STOPPED
        for n in range(1, success + failure + 1):
            runs.append(HostRun(_run_id(path, n), path, earlier, None, None))
        if last is not None:
            ended, lasted = last.get("date"), last.get("printTime")
            began = ended - lasted if ended is not None and lasted is not None else None
            outcome = RunOutcome.COMPLETED if last.get("success") else RunOutcome.STOPPED
            runs.append(HostRun(_run_id(path, number), path, outcome, began, ended))
        if path == printing:
            runs.append(HostRun(_run_id(path, number + 1), path, RunOutcome.RUNNING, None, None))
    return tuple(sorted(runs, key=_when))


def _when(run: HostRun) -> float:
    """Those of which no time is told are earlier than those with one, and what runs is last."""
    if run.outcome is RunOutcome.RUNNING:
        return float("inf")
    return run.ended_utc_s or 0.0
