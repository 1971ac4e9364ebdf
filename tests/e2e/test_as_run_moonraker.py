"""As-run records of prints on Moonraker with Kalico, each with one change made while it printed.

Kalico without a board prints as fast as it plans, so a macro of its own makes each layer last a
little; and it measures 0.0 at every sensor, which the record tells as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from printstd.artifacts.as_run import Aspect, AsRun, Conformance, Source
from tests.e2e import as_run
from tests.hosts import board
from tests.hosts.klipper import Klipper, klipper

_CODE = """
[gcode_shell_command layer]
command: sleep 0.01
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
    change: Callable[[], Any] | None,
    *,
    is_true_material: bool = False,
) -> tuple[AsRun, as_run.Change | None]:
    what = certified.what if is_true_material else as_run.of_any_temperature(certified.what)
    record, made = as_run.run(
        what,
        f"moonraker+{host.url}",
        {},
        position=lambda: position(host),
        changes=[(8, change)] if change is not None else [],
        folder=tmp_path,
    )
    return record, made[0] if made else None


def test_a_print_as_certified(host: Klipper, certified: as_run.Certified, tmp_path: Any) -> None:
    record, _ = printed(host, certified, tmp_path, None)
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


def test_what_its_sensors_say_is_told(
    host: Klipper, certified: as_run.Certified, tmp_path: Any
) -> None:
    """It says 0.0 while 210 are commanded: that is no part of PLA."""
    record, _ = printed(host, certified, tmp_path, None, is_true_material=True)
    assert {one.aspect for one in record.departures} == {Aspect.NOZZLE, Aspect.BED}
    (nozzle,) = as_run.departures(record, Aspect.NOZZLE)
    assert (nozzle.got, nozzle.until_ms) == ("extruder 0.0 °C", None)
    assert nozzle.wanted == "185.0 °C to 235.0 °C"


_COMMANDS = [
    ("M220 S150", Aspect.SPEED, "150 %", "100 %"),
    ("M221 S110", Aspect.FLOW, "110 %", "100 %"),
    ("M106 S64", Aspect.FAN, "25.1 %", "100 %"),
    ("SET_GCODE_OFFSET Z_ADJUST=0.05", Aspect.Z_OFFSET, "+0.050 mm", "+0.000 mm"),
    ("M104 S231", Aspect.NOZZLE, "extruder target 231.0 °C", "210.0 °C"),
    ("M140 S51", Aspect.BED, "heater_bed target 51.0 °C", "60.0 °C"),
]


@pytest.mark.parametrize(("command", "aspect", "got", "wanted"), _COMMANDS)
def test_a_value_that_was_changed(
    host: Klipper,
    certified: as_run.Certified,
    tmp_path: Any,
    command: str,
    aspect: Aspect,
    got: str,
    wanted: str,
) -> None:
    reset = "SET_GCODE_OFFSET Z=0"
    try:
        record, made = printed(host, certified, tmp_path, lambda: gcode(host, command))
    finally:
        gcode(host, f"M220 S100\nM221 S100\n{reset}")
    assert record.verdict is Conformance.DEVIATES
    # Nothing else is drawn into it.
    assert {one.aspect for one in record.departures} == {aspect}
    by_state = next(one for one in as_run.departures(record, aspect) if one.got == got)
    given = next(one for one in as_run.departures(record, aspect) if one.got == command)
    assert wanted in by_state.wanted.split(" or ")
    assert made is not None
    first, last = made.layers
    # A look shows it a quarter of a second later at the latest: some layers here.
    assert first - 1 <= by_state.layer <= last + 5
    assert first - 4 <= given.layer <= last + 4
    assert made.ms[0] - 1000 <= by_state.at_ms <= made.ms[1] + 700
    assert by_state.until_ms is None


def test_an_object_that_was_left_out(
    host: Klipper, certified: as_run.Certified, tmp_path: Any
) -> None:
    found = re.search(rb"EXCLUDE_OBJECT_DEFINE NAME=(\S+)", certified.data)
    assert found is not None
    name = found[1].decode()
    record, made = printed(
        host, certified, tmp_path, lambda: gcode(host, f"EXCLUDE_OBJECT NAME={name}")
    )
    assert {one.aspect for one in record.departures} == {Aspect.OBJECTS}
    by_state = next(o for o in record.departures if o.got.endswith("excluded"))
    assert by_state.got.lower() == f"{name} excluded".lower()
    assert made is not None
    assert by_state.layer >= made.layers[0] - 1


def test_a_pause(host: Klipper, certified: as_run.Certified, tmp_path: Any) -> None:
    def pause() -> None:
        host.ask("/printer/print/pause", method="POST")
        as_run.time.sleep(1.0)
        host.ask("/printer/print/resume", method="POST")

    record, made = printed(host, certified, tmp_path, pause)
    assert {one.aspect for one in record.departures} == {Aspect.PAUSES}
    (pause_told,) = record.pauses
    assert not pause_told.is_programmed
    assert pause_told.until_ms is not None
    assert 600 <= pause_told.until_ms - pause_told.at_ms <= 1800
    assert made is not None
    assert made.layers[0] - 1 <= pause_told.layer <= made.layers[1] + 1
    (departure,) = record.departures
    assert (departure.at_ms, departure.until_ms) == (pause_told.at_ms, pause_told.until_ms)
    assert record.outcome == "completed"


def test_another_filament(host: Klipper, certified: as_run.Certified, tmp_path: Any) -> None:
    def change() -> None:
        gcode(host, "M600")
        as_run.time.sleep(0.5)
        host.ask("/printer/print/resume", method="POST")

    record, made = printed(host, certified, tmp_path, change)
    assert {one.aspect for one in record.departures} == {Aspect.FILAMENT, Aspect.PAUSES}
    (filament,) = as_run.departures(record, Aspect.FILAMENT)
    assert filament.got == "M600"
    assert made is not None
    assert made.layers[0] - 4 <= filament.layer <= made.layers[1] + 1


def test_a_byte_that_was_replaced_in_the_stored_file(
    host: Klipper, certified: as_run.Certified, tmp_path: Any
) -> None:
    stored = host.folder / "gcodes" / "cube.gcode"

    def replace() -> None:
        with stored.open("r+b") as file:
            file.seek(-10, 2)
            was = file.read(1)
            file.seek(-10, 2)
            file.write(b"x" if was != b"x" else b"y")

    record, made = printed(host, certified, tmp_path, replace)
    assert {one.aspect for one in record.departures} == {Aspect.PROGRAM}
    assert record.reread_sha256 != record.run.program_sha256
    written = next(one for one in record.departures if one.got == "modify_file cube.gcode")
    assert made is not None
    assert written.layer is not None
    assert written.layer >= made.layers[0]
    assert any(one.got == f"sha256 {record.reread_sha256}" for one in record.departures)


def test_a_print_that_was_cancelled(
    host: Klipper, certified: as_run.Certified, tmp_path: Any
) -> None:
    record, made = printed(
        host, certified, tmp_path, lambda: host.ask("/printer/print/cancel", method="POST")
    )
    assert record.outcome == "cancelled"
    (departure,) = as_run.departures(record, Aspect.COMPLETION)
    assert made is not None
    assert departure.layer is not None
    assert departure.layer >= made.layers[0] - 3
