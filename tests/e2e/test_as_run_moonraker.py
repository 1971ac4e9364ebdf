"""As-run records of prints on Moonraker with Kalico, each with one change made while it printed.

Kalico without a board prints as fast as it plans, so a macro of its own makes each layer last a
little; and it measures 0.0 at every sensor, which the record tells as it is.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from printstd.artifacts.as_run import Aspect, AsRun, Conformance, Source
from tests.e2e import as_run
from tests.hosts import board
from tests.hosts.klipper import Klipper, klipper

_CODE = """
[gcode_shell_command layer]
command: sleep 0.12
verbose: False
[gcode_macro SET_PRINT_STATS_INFO]
rename_existing: _SET_PRINT_STATS_INFO
gcode:
  _SET_PRINT_STATS_INFO {rawparams}
  RUN_SHELL_COMMAND CMD=layer
[gcode_macro M600]
gcode:
  PAUSE
"""
_TOLD = {
    Aspect.SPEED,
    Aspect.FLOW,
    Aspect.FAN,
    Aspect.Z_OFFSET,
    Aspect.OBJECTS,
    Aspect.PAUSES,
    Aspect.NOZZLE,
    Aspect.BED,
}


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> as_run.Certified:
    return as_run.certified(
        tmp_path_factory.mktemp("certified"),
        printer="voron-2.4-350",
        host_kind="moonraker",
        options=("--scale", "0.35"),
    )


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Klipper]:
    folder = tmp_path_factory.mktemp("klipper")
    config = board.sections(size_mm=(350, 350, 350))
    # At S255 this fan gets 0.8 of its power, and that is what Klipper tells.
    config["fan"]["max_power"] = 0.8
    with klipper(folder, config=config, include=_CODE) as server:
        yield server


def position(host: Klipper) -> int:
    _, told = host.ask("/printer/objects/query?virtual_sdcard")
    found: int = told["result"]["status"]["virtual_sdcard"]["file_position"]
    return found


def gcode(host: Klipper, script: str) -> Any:
    return host.ask("/printer/gcode/script", method="POST", json_body={"script": script})


def printed(
    host: Klipper,
    certified: as_run.Certified,
    tmp_path: Any,
    *changes: tuple[int, Callable[[], Any]],
    is_true_material: bool = False,
) -> tuple[AsRun, list[as_run.Change]]:
    what = certified.what if is_true_material else as_run.of_any_temperature(certified.what)
    return as_run.run(
        what,
        f"moonraker+{host.url}",
        {},
        position=lambda: position(host),
        changes=changes,
        folder=tmp_path,
    )


def test_a_print_as_certified(host: Klipper, certified: as_run.Certified, tmp_path: Any) -> None:
    record, _ = printed(host, certified, tmp_path)
    assert record.verdict is Conformance.CONFORMS
    assert not record.departures
    assert record.reread_sha256 == record.run.program_sha256
    assert (record.outcome, record.watched, record.interval_ms) == ("completed", "pushed", 250)
    conforming = {one.aspect for one in record.observations} - {
        one.aspect for one in record.not_evaluated
    }
    assert conforming == _TOLD | {Aspect.PROGRAM, Aspect.COMPLETION, Aspect.PANEL}
    # No sensor, and Klipper's own lines are not told.
    assert {one.aspect for one in record.not_evaluated} == {Aspect.COMMANDS, Aspect.FILAMENT}
    for aspect in _TOLD:
        assert record.of(aspect).source is Source.STATE
        assert record.of(aspect).looks >= 4


_COMMANDS = {
    "M220 S150": (Aspect.SPEED, "150 %", "100 %"),
    "M221 S110": (Aspect.FLOW, "110 %", "100 %"),
    "M106 S64": (Aspect.FAN, "25.1 %", "100 %"),
    "SET_GCODE_OFFSET Z_ADJUST=0.05": (Aspect.Z_OFFSET, "+0.050 mm", "+0.000 mm"),
    "M104 S231": (Aspect.NOZZLE, "extruder target 231.0 °C", "210.0 °C"),
    "M140 S51": (Aspect.BED, "heater_bed target 51.0 °C", "60.0 °C"),
}


def test_values_that_were_changed(
    host: Klipper, certified: as_run.Certified, tmp_path: Any
) -> None:
    changes = [
        (4 + 4 * number, lambda command=command: gcode(host, command))
        for number, command in enumerate(_COMMANDS)
    ]
    try:
        record, made = printed(host, certified, tmp_path, *changes)
    finally:
        gcode(host, "M220 S100\nM221 S100\nSET_GCODE_OFFSET Z=0")
    assert record.verdict is Conformance.DEVIATES
    assert len(record.departures) == 2 * len(_COMMANDS)
    for (command, (aspect, got, wanted)), change in zip(_COMMANDS.items(), made, strict=True):
        by_state = next(one for one in as_run.departures(record, aspect) if one.got == got)
        given = next(one for one in as_run.departures(record, aspect) if one.got == command)
        assert wanted in by_state.wanted.split(" or ")
        first, last = change.layers
        # A look shows it a quarter of a second later at the latest: some layers here.
        assert by_state.layer is not None
        assert given.layer is not None
        assert first - 1 <= by_state.layer <= last + 6
        assert first - 5 <= given.layer <= last + 5
        assert change.ms[0] - 2000 <= by_state.at_ms <= change.ms[1] + 700
        assert by_state.until_ms is None


def test_what_its_sensors_say_an_object_left_out_and_a_byte_of_the_stored_file(
    host: Klipper, certified: as_run.Certified, tmp_path: Any
) -> None:
    stored = host.folder / "gcodes" / "cube.gcode"
    found = re.search(rb"EXCLUDE_OBJECT_DEFINE NAME=(\S+)", certified.data)
    assert found is not None
    name = found[1].decode()

    def replace() -> None:
        with stored.open("r+b") as file:
            file.seek(-10, 2)
            was = file.read(1)
            file.seek(-10, 2)
            file.write(b"x" if was != b"x" else b"y")

    record, (replaced, excluded) = printed(
        host,
        certified,
        tmp_path,
        (6, replace),
        (14, lambda: gcode(host, f"EXCLUDE_OBJECT NAME={name}")),
        is_true_material=True,
    )
    assert {one.aspect for one in record.departures} == {
        Aspect.PROGRAM,
        Aspect.OBJECTS,
        Aspect.NOZZLE,
        Aspect.BED,
    }
    # It says 0.0 while 210 are commanded: that is no part of PLA.
    (nozzle,) = as_run.departures(record, Aspect.NOZZLE)
    assert (nozzle.got, nozzle.until_ms) == ("extruder 0.0 °C", None)
    assert nozzle.wanted == "185.0 °C to 235.0 °C"
    assert record.reread_sha256 != record.run.program_sha256
    written = next(one for one in record.departures if one.got == "modify_file cube.gcode")
    assert written.layer is not None
    assert written.layer >= replaced.layers[0] - 1
    assert any(one.got == f"sha256 {record.reread_sha256}" for one in record.departures)
    by_state = next(one for one in record.departures if one.got.endswith("excluded"))
    assert by_state.got.lower() == f"{name} excluded".lower()
    assert by_state.layer is not None
    assert by_state.layer >= excluded.layers[0] - 1


def test_a_pause_and_another_filament(
    host: Klipper, certified: as_run.Certified, tmp_path: Any
) -> None:
    def pause() -> None:
        host.ask("/printer/print/pause", method="POST")
        time.sleep(1.5)
        host.ask("/printer/print/resume", method="POST")

    def filament() -> None:
        gcode(host, "M600")
        time.sleep(0.6)
        host.ask("/printer/print/resume", method="POST")

    record, (paused, changed) = printed(host, certified, tmp_path, (8, pause), (18, filament))
    assert {one.aspect for one in record.departures} == {Aspect.FILAMENT, Aspect.PAUSES}
    first, second = record.pauses
    assert not first.is_programmed
    assert first.until_ms is not None
    assert second.until_ms is not None
    # As long as it took to say both, and Moonraker tells of it four times a second.
    assert 600 <= first.until_ms - first.at_ms <= paused.ms[1] - paused.ms[0] + 1000
    assert first.layer is not None
    assert paused.layers[0] - 1 <= first.layer <= paused.layers[1] + 1
    departures = as_run.departures(record, Aspect.PAUSES)
    assert [(one.at_ms, one.until_ms) for one in departures] == [
        (one.at_ms, one.until_ms) for one in record.pauses
    ]
    (given,) = as_run.departures(record, Aspect.FILAMENT)
    assert given.got == "M600"
    assert given.layer is not None
    assert changed.layers[0] - 5 <= given.layer <= changed.layers[1] + 1
    assert record.outcome == "completed"


def test_moonraker_that_is_killed_while_it_prints(
    host: Klipper, certified: as_run.Certified, tmp_path: Any
) -> None:
    """Klipper prints on, unseen: what was not looked at is not said to conform."""

    def kill() -> None:
        # Longer than the watcher is patient, also where everything is fast.
        host.restart_moonraker(away_s=5.0)

    record, _ = printed(host, certified, tmp_path, (8, kill))
    assert record.silences
    assert record.silences[0].at_ms > 0
    unseen = {one.aspect for one in record.not_evaluated}
    assert {Aspect.SPEED, Aspect.FLOW, Aspect.FAN, Aspect.Z_OFFSET, Aspect.PAUSES} <= unseen
    assert "the host told nothing from" in record.of(Aspect.FLOW).reason
    assert record.of(Aspect.PROGRAM).result is Conformance.CONFORMS


def test_klipper_that_is_lost_while_it_prints(
    host: Klipper, certified: as_run.Certified, tmp_path: Any
) -> None:
    record, (stopped,) = printed(
        host,
        certified,
        tmp_path,
        (8, lambda: host.ask("/printer/emergency_stop", method="POST")),
    )
    host.ask("/printer/firmware_restart", method="POST")
    host.wait()
    assert record.verdict is Conformance.DEVIATES
    assert record.outcome == "failed"
    layers = [one.layer for one in as_run.departures(record, Aspect.COMPLETION)]
    assert layers
    assert all(layer is not None and layer >= stopped.layers[0] - 5 for layer in layers)
    # The stored bytes are what they were.
    assert record.of(Aspect.PROGRAM).result is Conformance.CONFORMS


def test_a_print_that_was_cancelled(
    host: Klipper, certified: as_run.Certified, tmp_path: Any
) -> None:
    record, (made,) = printed(
        host,
        certified,
        tmp_path,
        (8, lambda: host.ask("/printer/print/cancel", method="POST")),
    )
    assert record.outcome == "cancelled"
    (departure,) = as_run.departures(record, Aspect.COMPLETION)
    assert departure.layer is not None
    assert departure.layer >= made.layers[0] - 3
