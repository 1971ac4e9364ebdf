"""Moonraker, the server of Klipper: its HTTP API (docs/hosts.md).

What its answers mean is read from its own behaviour: 503 ``Klippy Host not connected`` comes
before anything went to Klipper, any other 503 after it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from itertools import takewhile
from typing import Any, Final

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
from printstd.errors import HostRefused, HostUnsure
from printstd.words import said

ABILITIES: Final = HostAbilities(
    history=True,
    downloads=True,
    digests=None,
    pausing=True,
    factors=True,
    fan=True,
    z_offset=True,
    excluded=True,
    carrier="gcode",
    proven="real",
    # Its picture of Klipper is renewed four times a second.
    history_lag_s=2.0,
)
_OBJECTS: Final = (
    "webhooks",
    "print_stats",
    "virtual_sdcard",
    "gcode_move",
    "fan",
    "heaters",
    "exclude_object",
    "pause_resume",
    "display_status",
)
_OUTCOMES: Final = {
    "in_progress": RunOutcome.RUNNING,
    "completed": RunOutcome.COMPLETED,
    "cancelled": RunOutcome.CANCELLED,
    "error": RunOutcome.FAILED,
    "klippy_shutdown": RunOutcome.FAILED,
    # It lost Klipper from sight, as a rule because that ended.
    "klippy_disconnect": RunOutcome.STOPPED,
    # The server itself ended in the middle; Klipper may have printed on.
    "server_exit": RunOutcome.UNKNOWN,
    "interrupted": RunOutcome.UNKNOWN,
}
_LOST: Final = ("interrupted", "server_exit")
_MACRO_S: Final = 120.0
"""Pause, resume and cancel answer when the printer's macros have run, moves and all."""
_FREE_S: Final = 3.0
_SEEN_S: Final = 5.0
_PAGE: Final = 50


def _words(answer: httpx.Response) -> str:
    """Only ``error.message``: the rest is a traceback."""
    words = str(answer.json()["error"]["message"])
    if answer.status_code == 403 and words == "Forbidden":
        return said("the file is in use, or it is forbidden")
    return words


def _was_passed_on(answer: httpx.Response) -> bool:
    if answer.status_code != 503:
        return True
    try:
        return "not connected" not in _words(answer)
    except (ValueError, KeyError, TypeError):
        return False


class Moonraker:
    """secrets : ``key`` where its address is not a trusted one (its ``[authorization]``)."""

    abilities = ABILITIES

    def __init__(self, url: str, secrets: Mapping[str, str]) -> None:
        headers = {"X-Api-Key": secrets["key"]} if secrets.get("key") else {}
        self._url = url
        self._caller = Caller(
            url,
            words_of=_words,
            headers=headers,
            was_passed_on=_was_passed_on,
            about_keys=(401,),
            certificate=secrets.get("certificate"),
        )
        self._ended: dict[int, dict[str, Any]] = {}
        self._heaters: tuple[str, ...] = ("extruder", "heater_bed")

    def close(self) -> None:
        self._caller.close()

    # What it says of itself.

    def _objects(self) -> dict[str, Any] | None:
        """Klipper's objects; None where Klipper itself is not there to answer."""
        while True:
            wanted = [*_OBJECTS, *self._heaters]
            answer = self._caller.read(
                "/printer/objects/query?" + "&".join(name.replace(" ", "%20") for name in wanted),
                accepted=(400, 404, 503),
            )
            if not answer.is_success:
                return None
            told: dict[str, Any] = answer.json()["result"]["status"]
            heaters = tuple(told.get("heaters", {}).get("available_heaters", ()))
            if heaters == self._heaters or not heaters:
                return told
            self._heaters = heaters

    def status(self) -> HostStatus:
        told = self._objects()
        if told is None:
            info = self._caller.read("/server/info").json()["result"]
            words = str(info.get("klippy_state", "disconnected"))
            detail = self._caller.read("/printer/info", accepted=(400, 404, 503))
            if detail.is_success:
                words = str(detail.json()["result"].get("state_message", words))
            return HostStatus(HostState.OFFLINE, message=shortened(words))
        status = status_of(told, self._heaters)
        if status.state in (HostState.PRINTING, HostState.PAUSED):
            last = self._jobs(limit=1, order="desc")
            if last and _is_of(last[0], status):
                return replace(status, run_id=str(last[0]["job_id"]))
        return status

    def _jobs(self, *, limit: int, order: str, start: int = 0) -> list[dict[str, Any]]:
        answer = self._caller.read(
            "/server/history/list", params={"limit": limit, "order": order, "start": start}
        )
        found: list[dict[str, Any]] = answer.json()["result"]["jobs"]
        return found

    def runs(self) -> tuple[HostRun, ...]:
        jobs = self._all_jobs()
        runs = [run_of(job) for job in jobs]
        if jobs and jobs[-1]["status"] in _LOST:
            # The server began anew in the middle of a print: nothing will be written of its end,
            # but Klipper knows it until the next one.
            told = self._objects()
            if told is not None:
                runs[-1] = _told_since(runs[-1], told)
        return tuple(runs)

    def _all_jobs(self) -> list[dict[str, Any]]:
        """Oldest first. What has ended does not change, so only what is newer is asked for; a
        history that was wiped numbers anew, which is seen by when its jobs began."""
        found: dict[int, dict[str, Any]] = {}
        asked = 0
        while True:
            page = self._jobs(limit=_PAGE, order="desc", start=asked)
            asked += len(page)
            for job in page:
                number = int(job["job_id"], 16)
                known = self._ended.get(number)
                if known is not None and _same(known, job):
                    found |= {n: old for n, old in self._ended.items() if n <= number}
                    break
                found.setdefault(number, job)
            else:
                if len(page) == _PAGE:
                    continue
            break
        numbers = sorted(found)
        is_over = takewhile(lambda n: found[n]["status"] != "in_progress", numbers)
        self._ended = {number: found[number] for number in is_over}
        return [found[number] for number in numbers]

    # Files.

    def upload(self, name: str, data: bytes) -> None:
        stored_name(name, host=self._url)
        self._refuse_processing()
        self._caller.change(
            "POST",
            "/server/files/upload",
            data={"root": "gcodes", "checksum": hashlib.sha256(data).hexdigest()},
            files={"file": (name, data, "application/octet-stream")},
            answer_s=60.0,
        )

    def _refuse_processing(self) -> None:
        config = self._caller.read("/server/config").json()["result"]["config"]
        if config.get("file_manager", {}).get("enable_object_processing"):
            raise HostRefused(
                said("this Moonraker rewrites programs that come in; nothing was sent"),
                where=self._url,
                got="file_manager.enable_object_processing: True",
                wanted=said("a server that stores what it is given"),
                hint=said("set it to False in moonraker.conf: objects are marked already"),
            )

    def file(self, name: str) -> HostFile | None:
        stored_name(name, host=self._url)
        answer = self._caller.read(f"/server/files/gcodes/{name}", method="HEAD", accepted=(404,))
        if answer.status_code == 404:
            return None
        size = answer.headers.get("content-length")
        return HostFile(name, int(size) if size else None, None)

    def download(self, name: str) -> bytes:
        stored_name(name, host=self._url)
        return self._caller.read(
            f"/server/files/gcodes/{name}", max_bytes=MAX_FILE_BYTES, answer_s=60.0
        ).content

    def delete(self, name: str) -> None:
        stored_name(name, host=self._url)
        self._caller.change("DELETE", f"/server/files/gcodes/{name}")

    # What it is told to do.

    def start(self, name: str) -> None:
        stored_name(name, host=self._url)
        before = self._jobs(limit=1, order="desc")
        told = self._objects()
        if told is None:
            raise refused(self._url, said("Klipper is not ready"))
        self._refuse_if_busy()
        self._caller.change("POST", "/printer/print/start", json={"filename": name}, answer_s=30.0)

        def prints() -> bool:
            now = self._objects()
            if now and _filename(now) == name and _print_state(now) in ("printing", "paused"):
                return True
            last = self._jobs(limit=1, order="desc")
            return bool(last) and last != before and last[0]["filename"] == name

        shown(self._url, prints, seconds=_SEEN_S)

    def _refuse_if_busy(self) -> None:
        """A start given while a macro runs or heats would wait in Klipper and begin after we have
        given up on it. A script of nothing waits likewise, and does nothing."""
        try:
            self._caller.change(
                "POST", "/printer/gcode/script", json={"script": ""}, answer_s=_FREE_S
            )
        except HostUnsure as error:
            raise refused(self._url, said("Klipper is busy with something else")) from error

    def pause(self) -> None:
        self._job("pause")

    def resume(self) -> None:
        self._job("resume")

    def cancel(self) -> None:
        self._job("cancel")

    def _job(self, verb: str) -> None:
        """Klipper's macros say yes to a pause of nothing; so it is asked before."""
        state = self.status().state
        wanted = {
            "pause": (HostState.PRINTING,),
            "resume": (HostState.PAUSED,),
            "cancel": (HostState.PRINTING, HostState.PAUSED),
        }[verb]
        if state not in wanted:
            raise refused(self._url, said("the printer is {state}", state=state.value))
        self._caller.change("POST", f"/printer/print/{verb}", answer_s=_MACRO_S)


def _print_state(told: Mapping[str, Any]) -> str:
    return str(told.get("print_stats", {}).get("state", ""))


def _filename(told: Mapping[str, Any]) -> str | None:
    return told.get("print_stats", {}).get("filename") or None


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one[key] == other[key] for key in ("start_time", "status"))


def _is_of(job: Mapping[str, Any], status: HostStatus) -> bool:
    return job["filename"] == status.file and job["status"] in ("in_progress", *_LOST)


def run_of(job: Mapping[str, Any]) -> HostRun:
    """A row of its history. A status of a later version is an end that we do not understand."""
    return HostRun(
        run_id=str(job["job_id"]),
        file=str(job["filename"]),
        outcome=_OUTCOMES.get(str(job["status"]), RunOutcome.UNKNOWN),
        began_utc_s=job.get("start_time"),
        ended_utc_s=job.get("end_time"),
        filament_mm=job.get("filament_used"),
    )


def _told_since(run: HostRun, told: Mapping[str, Any]) -> HostRun:
    outcome = {
        "printing": RunOutcome.RUNNING,
        "paused": RunOutcome.RUNNING,
        "complete": RunOutcome.COMPLETED,
        "cancelled": RunOutcome.CANCELLED,
        "error": RunOutcome.FAILED,
    }.get(_print_state(told))
    if outcome is None or _filename(told) != run.file:
        return run
    return replace(run, outcome=outcome)


def status_of(told: Mapping[str, Any], heaters: tuple[str, ...]) -> HostStatus:
    """told : Klipper's objects by name, an empty one where the printer has none of that name."""
    webhooks, stats = told.get("webhooks", {}), told.get("print_stats", {})
    if webhooks.get("state", "ready") != "ready":
        # Shut down or halted: what the other objects hold is of before.
        return HostStatus(
            HostState.OFFLINE,
            file=stats.get("filename") or None,
            message=shortened(webhooks.get("state_message", "")),
        )
    state = {
        "printing": HostState.PRINTING,
        "paused": HostState.PAUSED,
        "error": HostState.ERROR,
    }.get(str(stats.get("state", "")), HostState.IDLE)
    move, excluding = told.get("gcode_move", {}), told.get("exclude_object")
    origin, position = move.get("homing_origin"), move.get("gcode_position")
    is_on = state in (HostState.PRINTING, HostState.PAUSED)
    return HostStatus(
        state,
        file=stats.get("filename") or None,
        progress_ratio=told.get("virtual_sdcard", {}).get("progress") if is_on else None,
        layer=(stats.get("info") or {}).get("current_layer"),
        elapsed_s=stats.get("total_duration") if is_on else None,
        heaters=tuple(
            Heater(name, float(values["temperature"]), float(values.get("target") or 0.0))
            for name in heaters
            if (values := told.get(name)) and values.get("temperature") is not None
        ),
        speed_ratio=move.get("speed_factor"),
        flow_ratio=move.get("extrude_factor"),
        fan_ratio=told.get("fan", {}).get("speed"),
        z_offset_mm=origin[2] if origin else None,
        z_mm=position[2] if position else None,
        # Without [exclude_object] Klipper can leave no object out.
        excluded=tuple(excluding.get("excluded_objects", ())) if excluding is not None else None,
        filament_mm=stats.get("filament_used") if is_on else None,
        message=shortened(
            stats.get("message") or told.get("display_status", {}).get("message") or ""
        ),
    )
