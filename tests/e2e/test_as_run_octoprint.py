"""As-run records of prints on OctoPrint with its virtual printer, with changes made meanwhile.

The oracle for layers is the virtual board's own log: which of the program's lines it had got when
the change came.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from printstd.artifacts.as_run import Aspect, AsRun, Conformance, Source
from printstd.coordinator.as_run import RunRecorder
from tests.e2e import as_run
from tests.hosts.octoprint import OctoPrint, octoprint

_SENT = {
    Aspect.COMMANDS,
    Aspect.SPEED,
    Aspect.FLOW,
    Aspect.FAN,
    Aspect.Z_OFFSET,
    Aspect.OBJECTS,
    Aspect.FILAMENT,
}
_TOLD = {Aspect.PAUSES, Aspect.NOZZLE, Aspect.BED}


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OctoPrint]:
    with octoprint(tmp_path_factory.mktemp("octoprint")) as server:
        # It heats 10 degrees a second: meanwhile the part is certified.
        gcode(server, "M104 S215")
        gcode(server, "M140 S60")
        yield server


@pytest.fixture(scope="module")
def certified(host: OctoPrint, tmp_path_factory: pytest.TempPathFactory) -> as_run.Certified:
    return as_run.certified(
        tmp_path_factory.mktemp("certified"),
        printer="ender3-v2",
        host_kind="octoprint",
        options=("--scale", "0.25"),
    )


def gcode(host: OctoPrint, command: str) -> Any:
    return host.ask("/api/printer/command", method="POST", json_body={"command": command})


def printed(
    host: OctoPrint,
    certified: as_run.Certified,
    tmp_path: Any,
    *changes: tuple[int, Callable[[], Any]],
    **options: Any,
) -> tuple[AsRun, list[as_run.Change]]:
    def position() -> int | None:
        _, told = host.ask("/api/job")
        found: int | None = told["progress"]["filepos"]
        return found

    found = as_run.run(
        certified.what,
        f"octoprint+{host.url}",
        {"key": host.key},
        position=position,
        changes=changes,
        folder=tmp_path,
        **options,
    )
    # The program ends with heaters off; the next one follows at once.
    gcode(host, "M104 S215")
    gcode(host, "M140 S60")
    return found


def layers_by_the_board(host: OctoPrint, program: bytes, commands: Sequence[str]) -> list[int]:
    """The program's layer when the board got each of the commands, in the last print."""
    got = re.findall(r"<<< N?\d* ?(.*?)(?:\*\d+)?$", host.serial_log(), re.MULTILINE)
    lines = [(m.start(), m[1]) for m in re.finditer(rb"^([^;\s][^;\n]*)", program, re.MULTILINE)]
    own = [text.strip().decode() for _, text in lines]
    begun = max(i for i, text in enumerate(got) if text == own[0] and own[1] in got[i : i + 12])
    layers, at = [], 0
    wanted = list(commands)
    for text in got[begun:]:
        if wanted and text == wanted[0]:
            layers.append(program.count(b";LAYER_CHANGE", 0, lines[at][0]))
            wanted.pop(0)
        elif at < len(own) and text == own[at]:
            at += 1
    assert not wanted
    return layers


def test_a_print_as_certified(host: OctoPrint, certified: as_run.Certified, tmp_path: Any) -> None:
    record, _ = printed(host, certified, tmp_path)
    assert not record.departures
    assert record.verdict is Conformance.CONFORMS
    assert record.reread_sha256 == record.run.program_sha256
    assert (record.outcome, record.watched) == ("completed", "pushed")
    # The board's own panel is nothing that OctoPrint knows of.
    assert {one.aspect for one in record.not_evaluated} == {Aspect.PANEL}
    lines = len(re.findall(rb"^[^;\s]", certified.data, re.MULTILINE))
    for aspect in _SENT:
        assert record.of(aspect).source is Source.SENT
        assert record.of(aspect).looks == lines
    for aspect in _TOLD:
        assert record.of(aspect).source is Source.STATE


def test_values_that_were_changed(
    host: OctoPrint, certified: as_run.Certified, tmp_path: Any
) -> None:
    commands = {
        "M220 S150": Aspect.SPEED,
        "M221 S110": Aspect.FLOW,
        "M106 S64": Aspect.FAN,
        "M290 Z0.05": Aspect.Z_OFFSET,
        "M104 S231": Aspect.NOZZLE,
    }
    changes = [
        (5 + 3 * number, lambda command=command: gcode(host, command))
        for number, command in enumerate(commands)
    ]
    record, made = printed(host, certified, tmp_path, *changes)
    assert record.verdict is Conformance.DEVIATES
    assert {one.aspect for one in record.departures} == set(commands.values())
    given = [one for one in record.departures if one.got in commands]
    assert {one.got: one.aspect for one in given} == commands
    by_board = layers_by_the_board(host, certified.data, list(commands))
    for command, layer, change in zip(commands, by_board, made, strict=True):
        (one,) = (one for one in given if one.got == command)
        assert one.layer in (layer - 1, layer)
        assert change.ms[0] - 2000 <= one.at_ms <= change.ms[1] + 4000
        assert one.until_ms is None
    # What the board says of its target is told as well, where a report came before the end.
    others = [one for one in record.departures if one not in given]
    assert all(one.aspect is Aspect.NOZZLE for one in others)
    gcode(host, "M220 S100")
    gcode(host, "M221 S100")
    gcode(host, "M290 Z-0.05")


def test_a_pause_another_filament_an_object_left_out_and_a_move_by_hand(
    host: OctoPrint, certified: as_run.Certified, tmp_path: Any
) -> None:
    def job(action: str) -> None:
        host.ask("/api/job", method="POST", json_body={"command": "pause", "action": action})

    def pause() -> None:
        job("pause")
        time.sleep(1.5)
        job("resume")

    def pause_shortly() -> None:
        """Less than the half second in which OctoPrint tells its state."""
        job("pause")
        end = time.monotonic() + 60
        while host.ask("/api/job")[1]["state"] != "Paused":
            assert time.monotonic() < end
        job("resume")

    def change_filament() -> None:
        gcode(host, "M600")
        time.sleep(1.5)
        # Somebody pushes the board's button, and OctoPrint's.
        gcode(host, "M876 S0")
        time.sleep(0.5)
        job("resume")

    record, (first, *_) = printed(
        host,
        certified,
        tmp_path,
        (5, pause),
        (9, pause_shortly),
        (12, change_filament),
        (15, lambda: gcode(host, "M486 P0")),
        (18, lambda: gcode(host, "G1 X50 F3000")),
    )
    told = {(one.aspect, one.got) for one in record.departures}
    assert told == {
        (Aspect.PAUSES, "paused"),
        (Aspect.FILAMENT, "M600"),
        (Aspect.OBJECTS, "M486 P0"),
        (Aspect.COMMANDS, "G1 X50 F3000"),
    }
    # M600 is a pause of the board, too.
    assert len(record.pauses) == 3
    paused = record.pauses[0]
    assert not paused.is_programmed
    assert paused.until_ms is not None
    # As long as it took to say both, and OctoPrint tells of it twice a second.
    assert 700 <= paused.until_ms - paused.at_ms <= first.ms[1] - first.ms[0] + 1500
    layers = layers_by_the_board(host, certified.data, ["M600", "M486 P0", "G1 X50 F3000"])
    told_layers = [one.layer for one in record.departures if one.aspect is not Aspect.PAUSES]
    assert all(a in (b - 1, b) for a, b in zip(told_layers, layers, strict=True))


def test_a_cold_bed_and_a_byte_that_was_replaced_in_the_stored_file(
    host: OctoPrint, certified: as_run.Certified, tmp_path: Any
) -> None:
    stored = host.folder / "uploads" / "cube.gcode"

    def replace() -> None:
        data = stored.read_bytes()
        stored.write_bytes(data[:-10] + b"~" + data[-9:])

    def wait_cold() -> None:
        host.ask("/api/job", method="POST", json_body={"command": "pause", "action": "pause"})
        gcode(host, "M140 S30")
        time.sleep(5.5)
        host.ask("/api/job", method="POST", json_body={"command": "pause", "action": "resume"})

    record, _ = printed(host, certified, tmp_path, (5, replace), (8, wait_cold))
    assert {one.aspect for one in record.departures} == {
        Aspect.PROGRAM,
        Aspect.BED,
        Aspect.PAUSES,
    }
    (program,) = as_run.departures(record, Aspect.PROGRAM)
    assert program.got == f"sha256 {record.reread_sha256}" != program.wanted
    bed = {one.got: one for one in as_run.departures(record, Aspect.BED)}
    assert bed["M140 S30"].wanted == "nothing but the program"
    assert bed["bed target 30.0 °C"].wanted == "60.0 °C"
    (measured,) = (one for one in bed.values() if one.wanted == "40.0 °C to 65.0 °C")
    assert float(measured.got.split()[1]) < 40.0


def test_a_connection_that_was_cut_meanwhile(
    host: OctoPrint, certified: as_run.Certified, tmp_path: Any
) -> None:
    """What may have been sent in that time is not known; what comes after it is followed again."""
    watching: list[RunRecorder] = []

    def cut() -> None:
        (recorder,) = watching
        recorder._channel._socket._open.socket.shutdown(socket.SHUT_RDWR)

    record, _ = printed(
        host,
        certified,
        tmp_path,
        (6, cut),
        (16, lambda: gcode(host, "M221 S95")),
        watched_by=watching.append,
    )
    (departure,) = record.departures
    assert (departure.aspect, departure.got) == (Aspect.FLOW, "M221 S95")
    (layer,) = layers_by_the_board(host, certified.data, ["M221 S95"])
    assert departure.layer in (layer - 1, layer)
    for aspect in _SENT - {Aspect.FLOW}:
        assert record.of(aspect).reason == "lines may have been sent that were not told"
    gcode(host, "M221 S100")


def test_a_print_that_was_cancelled(
    host: OctoPrint, certified: as_run.Certified, tmp_path: Any
) -> None:
    record, _ = printed(
        host,
        certified,
        tmp_path,
        (6, lambda: host.ask("/api/job", method="POST", json_body={"command": "cancel"})),
    )
    assert Aspect.COMPLETION in {one.aspect for one in record.departures}
    assert record.outcome in ("stopped", "cancelled")
