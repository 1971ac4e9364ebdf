"""Our own sender against two boards: OctoPrint's virtual Marlin, and Kalico's terminal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from printstd.adapters.hosts.serial_marlin import SerialMarlin, open_port
from printstd.artifacts.host import HostState, RunOutcome
from printstd.errors import HostRefused, HostSilent
from tests.e2e.host_contract import ODD, HostContract, Subject, ended, moves, until
from tests.hosts.klipper import klipper
from tests.hosts.serial_line import serial_printer


class Listened:
    """A port that keeps what came through it."""

    def __init__(self, port: Any, heard: list[bytes]) -> None:
        self.port, self.heard = port, heard

    def read(self, size: int) -> bytes:
        data = self.port.read(size)
        self.heard.append(data)
        return data

    def write(self, data: bytes) -> int | None:
        return self.port.write(data)

    def close(self) -> None:
        self.port.close()


class SerialSubject(Subject):
    kind = "serial"
    long = moves(6000)
    short = moves(200)

    def __init__(self, device: Path, folder: Path) -> None:
        self.device, self.folder = device, folder
        self.heard: list[bytes] = []

    def open(self, **_: Any) -> SerialMarlin:
        def listened(device: str, baud: int, reset: str) -> Listened:
            return Listened(open_port(device, baud, reset), self.heard)

        return SerialMarlin(str(self.device), {}, folder=self.folder, opening=listened, stall_s=1.0)

    def counted(self, file: str) -> int:
        """By the journal's lines themselves."""
        journal = self.folder / "journal.jsonl"
        text = journal.read_text() if journal.exists() else ""
        return len(re.findall(rf'"event": "began", "file": "{file}"', text))


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("serial")
    with serial_printer(folder / "board") as device:
        yield SerialSubject(device, folder / "printer")


STEPS = 400
EACH_ONCE = b"G28\nG90\nG1 X0 F6000\nG91\n" + b"G1 X0.25 F6000\n" * STEPS + b"M400\nM114\n"
"""Ends at X100 only where every move was done, and none of them twice."""


def end_x(heard: list[bytes]) -> float:
    found = re.findall(rb"(?:^|\n)(?:ok [^X\n]*)?X:\s*(-?[0-9.]+)", b"".join(heard))
    assert found, b"".join(heard)[-500:]
    return float(found[-1])


class TestVirtualMarlin(HostContract):
    def test_the_board_says_who_it_is_and_how_warm(self, host: SerialMarlin):
        status = host.status()
        assert {heater.name for heater in status.heaters} == {"bed", "tool0"}
        assert host.abilities.proven == "real"

    def test_layers_are_counted_from_the_program(self, host: SerialMarlin):
        host.upload(
            "layers.gcode",
            b"G28\n;LAYER_CHANGE\n" + moves(50) + b";LAYER_CHANGE\n" + moves(4000),
        )
        host.start("layers.gcode")
        until(lambda: host.status().layer == 2)
        assert 0 < host.status().progress_ratio < 1

    def test_a_line_that_is_too_long_for_the_board_is_refused_before_anything(
        self, subject: SerialSubject, host: SerialMarlin
    ):
        host.upload("wide.gcode", b"G28\nM117 " + b"x" * 120 + b"\n")
        with pytest.raises(HostRefused, match="bytes"):
            host.start("wide.gcode")
        assert subject.counted("wide.gcode") == 0

    def test_the_board_s_own_pause_and_cancel_are_followed(self, host: SerialMarlin):
        host.upload("button.gcode", moves(5) + b"!!DEBUG:action_pause\n" + moves(4000))
        host.start("button.gcode")
        until(lambda: host.status().state is HostState.PAUSED)
        host.resume()
        until(lambda: host.status().state is HostState.PRINTING)
        host.cancel()
        assert ended(host, "button.gcode").outcome is RunOutcome.CANCELLED

    def test_a_cancelled_print_leaves_heaters_off_and_the_head_parked(
        self, subject: SerialSubject, host: SerialMarlin
    ):
        host.upload(
            "parted.gcode",
            b"M104 S60\nG28\nG90\nM83\nG1 Z0.3 F600\n"
            + b"G1 X20 Y20 E0.01 F3000\nG1 X60 Y60 E0.01\n" * 3000
            + b"G1 E-1 F1800\nG1 Z24 F600\nG1 X3 Y180 F6000\nM104 S0\nM140 S0\nM107\nM84\n",
        )
        host.start("parted.gcode")
        until(lambda: (host.status().progress_ratio or 0) > 0.02)
        host.cancel()
        assert ended(host, "parted.gcode").outcome is RunOutcome.CANCELLED
        subject.heard.clear()
        host.upload("where.gcode", b"M114\nM105\n")
        host.start("where.gcode")
        assert ended(host, "where.gcode").outcome is RunOutcome.COMPLETED
        heard = b"".join(subject.heard)
        assert re.search(rb"X: ?3(\.0+)? Y: ?180(\.0+)? Z: ?24", heard), heard
        until(lambda: all(heater.target_c == 0 for heater in host.status().heaters))


@contextmanager
def board(tmp_path: Path, **settings: Any) -> Iterator[tuple[SerialSubject, SerialMarlin]]:
    with serial_printer(tmp_path / "board", **settings) as device:
        subject = SerialSubject(device, tmp_path / "printer")
        host = subject.open()
        try:
            yield subject, host
        finally:
            host.close()


GARBLED = ["100:resend", "110:missing_lineno", "115:checksum_mismatch"]


@pytest.mark.parametrize(
    "settings",
    [
        {"simulated_errors": GARBLED, "okFormatString": "ok N{lastN} P{buffer} B{buffer}"},
        {"forceChecksum": True, "sendWait": True, "sendBusy": True},
    ],
    ids=["garbled", "talkative"],
)
def test_every_line_is_done_once_whatever_happens_to_it(tmp_path: Path, settings: dict[str, Any]):
    with board(tmp_path, **settings) as (subject, host):
        host.upload("each.gcode", EACH_ONCE)
        host.start("each.gcode")
        assert ended(host, "each.gcode", 60).outcome is RunOutcome.COMPLETED
        assert end_x(subject.heard) == pytest.approx(STEPS * 0.25)


def test_a_request_that_is_then_forgotten_does_not_hang(tmp_path: Path):
    # This board counts the line as done, and drops what comes next.
    with board(tmp_path, simulated_errors=["105:resend_with_timeout"]) as (_, host):
        host.upload("forgotten.gcode", EACH_ONCE)
        host.start("forgotten.gcode")
        assert ended(host, "forgotten.gcode", 60).outcome is RunOutcome.COMPLETED


def test_faults_in_the_middle_lose_and_double_nothing(tmp_path: Path):
    faults = (b"trigger_missing_lineno", b"dont_answer", b"prepare_ok o", b"send wait")
    lines = EACH_ONCE.splitlines(keepends=True)
    for number, fault in enumerate(faults, 1):
        lines.insert(60 * number, b"!!DEBUG:" + fault + b"\n")
    with board(tmp_path) as (subject, host):
        host.upload("fault.gcode", b"".join(lines))
        host.start("fault.gcode")
        assert ended(host, "fault.gcode", 60).outcome is RunOutcome.COMPLETED
        assert end_x(subject.heard) == pytest.approx(STEPS * 0.25)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("trigger_fatal_error_marlin", "Thermal Runaway"),
        ("go_awol", "does not answer"),
        ("drop_connection", ""),
    ],
)
def test_a_board_that_dies_fails_the_print(tmp_path: Path, fault: str, words: str):
    with board(tmp_path) as (_, host):
        host.upload("dies.gcode", moves(50) + b"!!DEBUG:" + fault.encode() + b"\n" + moves(500))
        host.start("dies.gcode")
        assert ended(host, "dies.gcode", 60).outcome is RunOutcome.FAILED
        until(lambda: host.status().state is HostState.ERROR)
        assert words in host.status().message


def test_a_board_that_begins_anew_fails_the_print(tmp_path: Path):
    with board(tmp_path) as (_, host):
        host.upload("reset.gcode", moves(50) + b"!!DEBUG:send start\n" + moves(500))
        host.start("reset.gcode")
        assert ended(host, "reset.gcode", 60).outcome is RunOutcome.FAILED
        assert "anew" in host.status().message


def test_no_device_is_offline_and_a_start_is_told_to_nobody(tmp_path: Path):
    host = SerialSubject(tmp_path / "none", tmp_path / "printer").open()
    assert host.status().state is HostState.OFFLINE
    host.upload("kept.gcode", ODD)
    with pytest.raises(HostSilent):
        host.start("kept.gcode")
    assert host.runs() == ()
    assert host.download("kept.gcode") == ODD


_OTHER_PROCESS = """
import sys, time
from pathlib import Path
from printstd.adapters.hosts.opening import open_host
host = open_host("serial://" + sys.argv[1], {}, folder=Path(sys.argv[2]))
host.start("long.gcode")
print("printing", flush=True)
time.sleep(60)
"""


def test_a_process_killed_in_the_middle_leaves_a_failed_run(tmp_path: Path):
    with board(tmp_path) as (subject, host):
        host.upload("long.gcode", subject.long)
        process = subprocess.Popen(
            [sys.executable, "-c", _OTHER_PROCESS, subject.device, subject.folder],
            stdout=subprocess.PIPE,
            env=dict(os.environ),
        )
        assert process.stdout is not None
        with process.stdout:
            assert process.stdout.readline() == b"printing\n"
            # Another process prints: this one sees it, and cannot take the line.
            assert [run.outcome for run in host.runs()] == [RunOutcome.RUNNING]
            assert host.status().state is HostState.OFFLINE
            with pytest.raises(HostSilent, match="another program"):
                host.start("long.gcode")
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert [run.outcome for run in host.runs()] == [RunOutcome.FAILED]
        # The board is free again, and the history goes on.
        host.upload("short.gcode", subject.short)
        host.start("short.gcode")
        assert ended(host, "short.gcode").outcome is RunOutcome.COMPLETED
        assert [run.run_id for run in host.runs()] == ["1", "2"]


@pytest.fixture(scope="module")
def kalico(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("kalico")
    with klipper(folder / "server") as server:
        yield SerialSubject(server.folder / "comms" / "tty", folder / "printer")


class TestKalicoTerminal:
    """It checks neither numbers nor sums, and says ``ok`` after an error."""

    @pytest.fixture
    def subject(self, kalico: SerialSubject) -> SerialSubject:
        return kalico

    @pytest.fixture
    def host(self, subject: SerialSubject):
        host = subject.open()
        yield host
        host.close()

    def test_every_line_is_done_once(self, subject: SerialSubject, host: SerialMarlin):
        host.upload("each.gcode", EACH_ONCE)
        host.start("each.gcode")
        assert ended(host, "each.gcode").outcome is RunOutcome.COMPLETED
        assert end_x(subject.heard) == pytest.approx(STEPS * 0.25)

    def test_an_ok_after_an_error_is_no_success(self, subject: SerialSubject, host: SerialMarlin):
        host.upload("beyond.gcode", b"G28\nG1 X9999 F6000\n" + moves(100))
        host.start("beyond.gcode")
        assert ended(host, "beyond.gcode").outcome is RunOutcome.FAILED
        until(lambda: host.status().state is HostState.ERROR)
        assert "Move out of range" in host.status().message
        time.sleep(0.2)
        host.start("beyond.gcode")
        assert ended(host, "beyond.gcode").outcome is RunOutcome.FAILED
