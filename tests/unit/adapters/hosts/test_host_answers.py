"""What each kind of host says, in the vocabulary of `artifacts.host`; answers as the servers gave
them."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printstd.adapters.hosts import bambu, duet, moonraker, octoprint, prusalink
from printstd.artifacts.host import Heater, HostState, RunOutcome


def octoprint_file(path: str, success: int = 0, failure: int = 0, last: Any = None) -> Any:
    entry: dict[str, Any] = {"path": path, "type": "machinecode"}
    if success or failure:
        entry["prints"] = {"success": success, "failure": failure, "last": last}
    return entry


LAST_GOOD = {"date": 2000.0, "printTime": 500.0, "success": True}
LAST_BAD = {"date": 2000.0, "success": False}


@pytest.mark.parametrize(
    ("success", "failure", "last", "wanted"),
    [
        (0, 0, None, []),
        (1, 0, LAST_GOOD, ["completed"]),
        (0, 1, LAST_BAD, ["stopped"]),
        (3, 0, LAST_GOOD, ["completed"] * 3),
        (0, 2, LAST_BAD, ["stopped"] * 2),
        (1, 1, LAST_GOOD, ["stopped", "completed"]),
        (1, 1, LAST_BAD, ["completed", "stopped"]),
        # Two of three are earlier ones, and nobody says which of them ended how.
        (2, 1, LAST_GOOD, ["unknown", "unknown", "completed"]),
        (2, 1, None, ["unknown", "unknown", "unknown"]),
    ],
)
def test_octoprint_s_counts_are_runs_whose_end_is_told_only_where_it_is_known(
    success: int, failure: int, last: Any, wanted: list[str]
):
    files = [octoprint_file("a.gcode", success, failure, last)]
    runs = octoprint.runs_of(files, printing=None)
    assert [run.outcome.value for run in runs] == wanted
    assert [run.run_id for run in runs] == [f"a.gcode#{n + 1}" for n in range(len(wanted))]
    going_on = octoprint.runs_of(files, printing="a.gcode")
    assert going_on[:-1] == runs
    assert going_on[-1].run_id == f"a.gcode#{len(wanted) + 1}"
    assert going_on[-1].outcome is RunOutcome.RUNNING


def test_octoprint_s_runs_are_in_the_order_of_their_ends():
    files = [
        octoprint_file("new.gcode", 1, 0, {**LAST_GOOD, "date": 3000.0}),
        octoprint_file("old.gcode", 1, 0, LAST_GOOD),
    ]
    runs = octoprint.runs_of(files, printing=None)
    assert [(run.file, run.began_utc_s, run.ended_utc_s) for run in runs] == [
        ("old.gcode", 1500.0, 2000.0),
        ("new.gcode", 2500.0, 3000.0),
    ]


def octoprint_job(state: str, completion: float | None = None, **more: Any) -> Any:
    file = {"origin": "local", "path": "a.gcode"}
    return {"state": state, "job": {"file": file}, "progress": {"completion": completion}, **more}


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Operational", HostState.IDLE),
        ("Starting", HostState.PRINTING),
        ("Printing", HostState.PRINTING),
        ("Printing from SD", HostState.PRINTING),
        ("Pausing", HostState.PRINTING),
        ("Paused", HostState.PAUSED),
        ("Cancelling", HostState.PRINTING),
        ("Finishing", HostState.PRINTING),
        ("Offline after error", HostState.OFFLINE),
        ("Opening serial connection", HostState.OFFLINE),
        ("Error", HostState.OFFLINE),
        ("Transferring file to SD", HostState.BUSY),
        ("Sending file to SD", HostState.BUSY),
    ],
)
def test_octoprint_s_states(text: str, state: HostState):
    assert octoprint.status_of(octoprint_job(text), {}).state is state


def test_octoprint_without_a_printer_is_offline_with_the_board_s_last_words():
    job = octoprint_job("Offline after error", 40.0, error="Thermal Runaway, system\x1b stopped!")
    status = octoprint.status_of(job, None)
    assert (status.state, status.progress_ratio) == (HostState.OFFLINE, None)
    assert status.message == "Thermal Runaway, system stopped!"


def test_octoprint_tells_progress_and_heaters_and_no_factors():
    printer = {"temperature": {"tool0": {"actual": 210.1, "target": 210.0}, "history": []}}
    status = octoprint.status_of(octoprint_job("Printing", 25.0), printer)
    assert status.progress_ratio == 0.25
    assert status.heaters == (Heater("tool0", 210.1, 210.0),)
    assert (status.speed_ratio, status.flow_ratio, status.fan_ratio) == (None, None, None)
    assert not octoprint.ABILITIES.factors


KLIPPER = {
    "webhooks": {"state": "ready", "state_message": "Printer is ready"},
    "print_stats": {
        "state": "printing",
        "filename": "a.gcode",
        "total_duration": 12.5,
        "filament_used": 33.0,
        "message": "",
        "info": {"total_layer": 9, "current_layer": 2},
    },
    "virtual_sdcard": {"progress": 0.25},
    "gcode_move": {
        "speed_factor": 1.1,
        "extrude_factor": 0.95,
        "homing_origin": [0.0, 0.0, 0.05, 0.0],
        "gcode_position": [1.0, 2.0, 3.0, 4.0],
    },
    "fan": {"speed": 0.4},
    "exclude_object": {"excluded_objects": ["B"]},
    "extruder": {"temperature": 209.9, "target": 210.0},
}


def test_klipper_s_objects_as_one_status():
    status = moonraker.status_of(KLIPPER, ("extruder", "heater_bed"))
    assert (status.state, status.file, status.layer) == (HostState.PRINTING, "a.gcode", 2)
    assert (status.speed_ratio, status.flow_ratio, status.fan_ratio) == (1.1, 0.95, 0.4)
    assert (status.z_offset_mm, status.z_mm, status.excluded) == (0.05, 3.0, ("B",))
    assert (status.elapsed_s, status.filament_mm, status.progress_ratio) == (12.5, 33.0, 0.25)
    assert status.heaters == (Heater("extruder", 209.9, 210.0),)


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        ("standby", HostState.IDLE),
        ("complete", HostState.IDLE),
        ("cancelled", HostState.IDLE),
        ("paused", HostState.PAUSED),
        ("error", HostState.ERROR),
    ],
)
def test_klipper_s_states(state: str, wanted: HostState):
    told = {**KLIPPER, "print_stats": {**KLIPPER["print_stats"], "state": state}}
    assert moonraker.status_of(told, ()).state is wanted


def test_klipper_that_is_shut_down_is_offline_whatever_it_did_before():
    halted = {"state": "shutdown", "state_message": "MCU 'mcu' shutdown: Timer too close"}
    status = moonraker.status_of({**KLIPPER, "webhooks": halted}, ())
    assert status.state is HostState.OFFLINE
    assert "Timer too close" in status.message


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("in_progress", RunOutcome.RUNNING),
        ("completed", RunOutcome.COMPLETED),
        ("cancelled", RunOutcome.CANCELLED),
        ("error", RunOutcome.FAILED),
        ("klippy_shutdown", RunOutcome.FAILED),
        ("klippy_disconnect", RunOutcome.STOPPED),
        ("interrupted", RunOutcome.UNKNOWN),
        ("server_exit", RunOutcome.UNKNOWN),
        ("of a later version", RunOutcome.UNKNOWN),
    ],
)
def test_moonraker_s_history(status: str, outcome: RunOutcome):
    run = moonraker.run_of(
        {"job_id": "00001A", "filename": "a.gcode", "status": status, "start_time": 1.0}
    )
    assert (run.run_id, run.outcome, run.ended_utc_s) == ("00001A", outcome, None)


class History:
    """Moonraker's table of jobs, and how many pages of it were asked for."""

    def __init__(self) -> None:
        self.jobs: list[dict[str, Any]] = []
        self.clock, self.pages = 0.0, 0

    def add(self) -> None:
        self.clock += 1
        job_id = f"{len(self.jobs) + 1:06X}"
        self.jobs.append(
            {"job_id": job_id, "filename": "a", "status": "in_progress", "start_time": self.clock}
        )

    def page(self, *, limit: int, order: str, start: int = 0) -> list[dict[str, Any]]:
        assert limit == moonraker._PAGE
        self.pages += 1
        ordered = self.jobs[::-1] if order == "desc" else self.jobs
        return [dict(job) for job in ordered[start : start + limit]]


@patch.object(moonraker, "_PAGE", 4)
@given(st.lists(st.sampled_from(["add", "finish", "many", "wipe", "look"]), max_size=30))
def test_moonraker_s_history_is_told_whole_though_only_its_end_is_asked_for(steps: list[str]):
    host, history = moonraker.Moonraker("http://192.0.2.1", {}), History()
    host._jobs = history.page  # type: ignore[method-assign]
    for step in [*steps, "look"]:
        if step == "add":
            history.add()
        elif step == "many":
            for _ in range(9):
                history.add()
                history.jobs[-1]["status"] = "completed"
        elif step == "finish" and history.jobs:
            history.jobs[-1]["status"] = "cancelled"
        elif step == "wipe":
            history.jobs = []
        elif step == "look":
            assert host._all_jobs() == history.jobs
    host.close()


def test_a_long_history_is_read_once():
    host, history = moonraker.Moonraker("http://192.0.2.1", {}), History()
    host._jobs = history.page  # type: ignore[method-assign]
    for _ in range(2000):
        history.add()
        history.jobs[-1]["status"] = "completed"
    assert host._all_jobs() == history.jobs
    history.pages = 0
    for _ in range(20):
        history.add()
        assert host._all_jobs() == history.jobs
        history.jobs[-1]["status"] = "completed"
    assert history.pages == 20
    host.close()


def test_prusalink_s_firmware_calls_files_by_short_names_and_shows_the_long_one():
    told = {"printer": {"state": "PRINTING", "speed": 90, "flow": 100, "axis_z": 0.4}}
    job = {"id": 7, "progress": 25.0, "file": {"name": "A~1.GCO", "display_name": "a.gcode"}}
    status = prusalink.status_of(told, job)
    assert (status.file, status.run_id, status.progress_ratio) == ("a.gcode", "7", 0.25)
    assert (status.speed_ratio, status.flow_ratio, status.fan_ratio) == (0.9, 1.0, None)


@pytest.mark.parametrize(
    ("state", "wanted", "outcome"),
    [
        ("IDLE", HostState.IDLE, RunOutcome.RUNNING),
        ("FINISHED", HostState.IDLE, RunOutcome.COMPLETED),
        ("STOPPED", HostState.IDLE, RunOutcome.CANCELLED),
        ("ATTENTION", HostState.PAUSED, RunOutcome.RUNNING),
        ("ERROR", HostState.ERROR, RunOutcome.FAILED),
        ("OF_A_LATER_VERSION", HostState.BUSY, RunOutcome.RUNNING),
    ],
)
def test_prusalink_s_states(state: str, wanted: HostState, outcome: RunOutcome):
    assert prusalink.status_of({"printer": {"state": state}}, None).state is wanted
    assert prusalink.run_of({"id": 1}, state).outcome is outcome


def storage(path: str, **more: Any) -> dict[str, Any]:
    return {"path": path, "available": True, "read_only": False, **more}


def test_prusalink_s_storage_is_what_can_be_written():
    raspberry = [storage("/local"), storage("/sdcard", read_only=True)]
    assert prusalink.storage_of(raspberry) == "local"
    assert prusalink.storage_of([storage("/usb/")]) == "usb"
    assert prusalink.storage_of([storage("/usb/", available=False)]) is None


def duet_model(status: str, **job: Any) -> dict[str, Any]:
    file = {"fileName": job.pop("fileName", None), "size": 1000}
    return {"state": {"status": status}, "job": {"file": file, "filePosition": 250, **job}}


@pytest.mark.parametrize(
    ("status", "file", "state"),
    [
        ("idle", None, HostState.IDLE),
        ("processing", "0:/gcodes/a.gcode", HostState.PRINTING),
        ("busy", "0:/gcodes/a.gcode", HostState.PRINTING),
        ("changingTool", "0:/gcodes/a.gcode", HostState.PRINTING),
        ("busy", None, HostState.BUSY),
        ("simulating", "0:/gcodes/a.gcode", HostState.BUSY),
        ("paused", "0:/gcodes/a.gcode", HostState.PAUSED),
        ("halted", None, HostState.OFFLINE),
        ("updating", None, HostState.OFFLINE),
    ],
)
def test_duet_s_states(status: str, file: str | None, state: HostState):
    told = duet.status_of(duet_model(status, fileName=file))
    assert told.state is state
    if state is HostState.PRINTING:
        assert (told.file, told.progress_ratio) == ("a.gcode", 0.25)


@pytest.mark.parametrize(
    ("ends", "outcome"),
    [
        ({}, RunOutcome.COMPLETED),
        ({"lastFileAborted": True}, RunOutcome.FAILED),
        ({"lastFileCancelled": True, "lastFileAborted": False}, RunOutcome.CANCELLED),
    ],
)
def test_duet_remembers_the_last_job(ends: dict[str, Any], outcome: RunOutcome):
    model = duet_model("idle", lastFileName="0:/gcodes/a.gcode", **ends)
    assert [(run.file, run.outcome) for run in duet.runs_of(model)] == [("a.gcode", outcome)]


def test_duet_s_simulations_are_no_prints():
    model = duet_model("idle", lastFileName="0:/gcodes/a.gcode", lastFileSimulated=True)
    assert duet.runs_of(model) == ()


@pytest.mark.parametrize(
    ("fun", "closed"),
    [({}, False), ({"fun": "0"}, False), ({"fun": "3EC18FFF"}, True), ({"fun": "nonsense"}, False)],
)
def test_bambu_says_whether_it_wants_signed_orders(fun: dict[str, Any], closed: bool):
    assert bambu.is_closed(fun) is closed


def test_bambu_s_report():
    told = {
        "gcode_state": "RUNNING",
        "subtask_name": "a.gcode.3mf",
        "mc_percent": 25,
        "layer_num": 3,
        "spd_mag": 124,
        "cooling_fan_speed": "3",
        "nozzle_temper": 219.9,
        "nozzle_target_temper": 220,
    }
    status = bambu.status_of(told)
    assert (status.state, status.file, status.layer) == (HostState.PRINTING, "a.gcode.3mf", 3)
    assert (status.progress_ratio, status.speed_ratio, status.fan_ratio) == (0.25, 1.24, 0.2)
    assert status.heaters == (Heater("tool0", 219.9, 220.0),)
    ended = {**told, "gcode_state": "FAILED", "print_error": 50348044}
    assert bambu.status_of(ended).message == "print_error 0300400C"
    # It tells a cancelled print and a failed one alike.
    assert [run.outcome for run in bambu.runs_of(ended)] == [RunOutcome.STOPPED]
