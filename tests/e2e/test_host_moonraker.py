"""Moonraker's driver against Moonraker and Kalico."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from printstd.artifacts.host import HostState, RunOutcome
from printstd.errors import HostRefused, HostSilent, HostUnsure
from printstd.farm.host import Host
from tests.e2e.host_contract import ODD, NetworkContract, Subject, ended, moves, until
from tests.hosts.klipper import Klipper, klipper

WAIT = """
[gcode_macro WAIT]
gcode:
    !sleep(8)
"""


class MoonrakerSubject(Subject):
    kind = "moonraker"
    long = moves(250_000)
    # Less than a quarter of a second is not seen by its history.
    short = moves(20_000)

    def __init__(self, server: Klipper) -> None:
        self.server, self.port, self.secrets = server, server.port, {}

    def counted(self, file: str) -> int:
        status, told = self.server.ask("/server/history/list?limit=1000")
        assert status == 200
        return sum(job["filename"] == file for job in told["result"]["jobs"])

    def kill(self) -> None:
        self.server.moonraker.stop(signal.SIGKILL)

    def begin(self) -> None:
        self.server.moonraker.start()
        self.server.wait()

    def is_start(self, request: bytes) -> bool:
        return request.startswith(b"POST /printer/print/start")

    def is_upload(self, request: bytes) -> bool:
        return request.startswith(b"POST /server/files/upload")


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory):
    with klipper(tmp_path_factory.mktemp("klipper"), include=WAIT) as server:
        yield MoonrakerSubject(server)


class TestMoonraker(NetworkContract):
    def test_an_error_of_the_planner_ends_the_print_and_is_told(
        self, subject: MoonrakerSubject, host: Host
    ):
        host.upload("dies.gcode", moves(20_000) + b"G1 X9999\n" + moves(10))
        host.start("dies.gcode")
        assert ended(host, "dies.gcode").outcome is RunOutcome.FAILED
        status = host.status()
        assert status.state is HostState.ERROR
        assert "Move out of range" in status.message
        # It keeps saying so, and takes the next one.
        host.upload("next.gcode", subject.short)
        host.start("next.gcode")
        assert ended(host, "next.gcode").outcome is RunOutcome.COMPLETED

    def test_what_people_change_while_it_prints_is_told(
        self, subject: MoonrakerSubject, host: Host
    ):
        host.upload(
            "changed.gcode",
            b"EXCLUDE_OBJECT_DEFINE NAME=a CENTER=1,1\nEXCLUDE_OBJECT_DEFINE NAME=b CENTER=9,9\n"
            b"SET_PRINT_STATS_INFO TOTAL_LAYER=9 CURRENT_LAYER=3\n" + subject.long,
        )
        host.start("changed.gcode")
        plain = host.status()
        assert (plain.speed_ratio, plain.flow_ratio, plain.z_offset_mm) == (1.0, 1.0, 0.0)
        assert plain.excluded == ()
        script = "M220 S110\nM221 S95\nM106 S51\nSET_GCODE_OFFSET Z=0.05\nEXCLUDE_OBJECT NAME=b"
        status, _ = subject.server.ask(
            "/printer/gcode/script", method="POST", json_body={"script": script}
        )
        assert status == 200
        seen = host.status()
        assert seen.speed_ratio == pytest.approx(1.1)
        assert seen.flow_ratio == pytest.approx(0.95)
        assert seen.fan_ratio == pytest.approx(0.2)
        assert seen.z_offset_mm == pytest.approx(0.05)
        assert seen.excluded in (("b",), ("B",))
        assert seen.layer == 3
        assert {heater.name for heater in seen.heaters} == {"extruder", "heater_bed"}
        subject.server.ask(
            "/printer/gcode/script",
            method="POST",
            json_body={"script": "M220 S100\nM221 S100\nM107\nSET_GCODE_OFFSET Z=0"},
        )

    def test_no_order_waits_in_a_busy_klipper(self, subject: MoonrakerSubject, host: Host):
        host.upload("late.gcode", subject.short)
        before = subject.counted("late.gcode")
        script = {"script": "WAIT"}
        busy = threading.Thread(
            target=subject.server.ask,
            args=("/printer/gcode/script",),
            kwargs={"method": "POST", "json_body": script, "timeout_s": 60},
        )
        busy.start()
        time.sleep(2)  # Klipper then has the order, and is away for eight seconds.
        with pytest.raises(HostRefused, match="busy"):
            host.start("late.gcode")
        busy.join()
        time.sleep(1)
        assert host.status().state is HostState.IDLE
        assert subject.counted("late.gcode") == before

    def test_a_server_that_rewrites_programs_gets_none(self, subject: MoonrakerSubject, host: Host):
        conf = subject.server.folder / "config" / "moonraker.conf"
        plain = conf.read_text()
        conf.write_text(plain + "[file_manager]\nenable_object_processing: True\n")
        subject.server.restart_moonraker()
        try:
            with pytest.raises(HostRefused, match="rewrites"):
                host.upload("rewritten.gcode", ODD)
            assert host.file("rewritten.gcode") is None
        finally:
            conf.write_text(plain)
            subject.server.restart_moonraker()

    def test_a_key_is_needed_where_its_address_is_not_trusted(
        self, subject: MoonrakerSubject, host: Host
    ):
        _, told = subject.server.ask("/access/api_key")
        conf = subject.server.folder / "config" / "moonraker.conf"
        plain = conf.read_text()
        conf.write_text(plain.replace("trusted_clients: 127.0.0.1", "trusted_clients: 192.0.2.1"))
        subject.kill()
        subject.server.moonraker.start()
        friend = subject.open(secrets={"key": told["result"]})
        try:
            until(lambda: _is_up(friend))
            for secrets in ({}, {"key": "0" * 32}):
                stranger = subject.open(secrets=secrets)
                with pytest.raises(HostRefused, match="key or password"):
                    stranger.status()
                with pytest.raises(HostRefused):
                    stranger.upload("stranger.gcode", ODD)
                stranger.close()
            friend.upload("friend.gcode", ODD)
            assert friend.download("friend.gcode") == ODD
        finally:
            friend.close()
            conf.write_text(plain)
            subject.server.restart_moonraker()

    def test_klipper_killed_in_a_print_is_offline_and_the_print_did_not_complete(
        self, subject: MoonrakerSubject, host: Host
    ):
        host.upload("killed.gcode", subject.long)
        host.start("killed.gcode")
        subject.server.klippy.stop(signal.SIGKILL)
        until(lambda: host.status().state is HostState.OFFLINE)
        assert ended(host, "killed.gcode").outcome is RunOutcome.STOPPED
        with pytest.raises((HostRefused, HostUnsure)):
            host.start("killed.gcode")
        subject.server.klippy.start()
        subject.server.wait()
        until(lambda: host.status().state is HostState.IDLE)
        assert subject.counted("killed.gcode") == 1

    def test_moonraker_killed_in_a_print_loses_its_end_but_klipper_tells_it(
        self, subject: MoonrakerSubject, host: Host
    ):
        host.upload("on.gcode", moves(120_000))
        host.start("on.gcode")
        run_id = host.status().run_id
        subject.kill()
        subject.begin()
        status = host.status()
        assert (status.state, status.run_id) == (HostState.PRINTING, run_id)
        assert host.runs()[-1].outcome is RunOutcome.RUNNING
        run = ended(host, "on.gcode", 60)
        assert (run.run_id, run.outcome) == (run_id, RunOutcome.COMPLETED)
        assert subject.counted("on.gcode") == 1


def _is_up(host: Host) -> bool:
    try:
        return host.status().state is HostState.IDLE
    except HostSilent:
        return False
